"""What a level, a lane and a failure before do to the ladder: they move its start, and say so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routecli.config.keys import BY_NAME
from routecli.config.keys import LANES as LANE_CHOICES
from routecli.domain.classified import Classified, Level
from routecli.domain.ladder import Reason, Route, Tier
from routecli.domain.task import Kind
from routecli.errors import UsageFault
from routecli.routing import CLASSIFIERS, LANES, POLICIES, UNLEVELLED, Asked, Failed, Known, route
from routecli.routing.lanes import kept

from .conftest import FORECASTER, settings, survey, task, tiers

THREE = tiers(3)
MIXED = (
    replace(THREE[0], name="mine", lane="local"),
    replace(THREE[1], name="slow", lane="background"),
    replace(THREE[2], name="fast"),
)


def found(
    level: Level | None = None,
    *,
    ladder: tuple[Tier, ...] = THREE,
    obeyed: bool = True,
    words: str = "fix it",
    kind: Kind = Kind.FIX,
    asked: Asked | None = None,
    failed: Failed | None = None,
    tools_can: Reason | None = None,
    **more: object,
) -> Route:
    told = Classified(level, "p/m1", "by the words of the task", obeyed) if level else None
    return route(
        task(words, kind), survey(10), settings(ladder, **more), FORECASTER, asked=asked or Asked(),
        known=Known(failed=failed), told=told, tools_can=tools_can,
    )  # fmt: skip


def names(route_: Route) -> list[str]:
    return [tier.name for tier in route_.ladder]


def test_the_tables_are_what_the_configuration_offers() -> None:
    assert BY_NAME["routing.classifier"].choices == CLASSIFIERS
    assert ("auto", *LANES) == LANE_CHOICES
    assert set(POLICIES) > UNLEVELLED


@pytest.mark.parametrize(
    ("level", "ladder"),
    [(Level.LOW, ["tier1", "tier2", "tier3"]), (Level.MEDIUM, ["tier2", "tier3"]), (Level.HIGH, ["tier3"])],
)
def test_a_level_is_where_the_ladder_begins(level: Level, ladder: list[str]) -> None:
    routed = found(level)
    assert names(routed) == ladder
    assert routed.told is not None and routed.told.level is level
    assert f"{level.value} says p/m1" in routed.reasons[-1].text
    assert names(found(level, words="redesign it")) == ladder


def test_a_level_that_is_not_obeyed_is_only_written_down() -> None:
    routed = found(Level.HIGH, obeyed=False)
    assert names(routed) == ["tier1", "tier2", "tier3"]
    assert routed.told is not None
    assert routed.reasons[-1].text.endswith("tier3; not obeyed")


@pytest.mark.parametrize("policy", sorted(UNLEVELLED))
def test_a_policy_that_begins_where_it_says_takes_no_level(policy: str) -> None:
    routed = found(Level.HIGH, policy=policy)
    assert routed.told is None
    assert routed.ladder == found(policy=policy).ladder


def test_who_asks_for_a_tier_gets_it() -> None:
    routed = found(Level.HIGH, asked=Asked("tier2"), failed=Failed("r1", "tier2"), lane="local")
    assert (names(routed), routed.told, routed.lane) == (["tier2", "tier3"], None, "")


def test_what_was_given_up_before_begins_one_above() -> None:
    routed = found(failed=Failed("r1", "tier1"))
    assert names(routed) == ["tier2", "tier3"]
    assert routed.reasons[-1] == Reason("failed-before", "r1 gave this task up at tier1: from tier2")
    assert names(found(failed=Failed("r1", "tier3"))) == ["tier1", "tier2", "tier3"]
    assert names(found(failed=Failed("r1", "gone"))) == ["tier1", "tier2", "tier3"]
    assert names(found(Level.HIGH, failed=Failed("r1", "tier1"))) == ["tier3"]


@pytest.mark.parametrize("policy", ["cascade", "static"])
def test_a_published_rule_without_memory_has_none(policy: str) -> None:
    assert found(failed=Failed("r1", "tier1"), policy=policy).ladder == found(policy=policy).ladder


def test_somebody_waits_so_slow_tiers_are_left_out() -> None:
    routed = found(ladder=MIXED)
    assert (names(routed), routed.lane) == (["mine", "fast"], "real-time")
    assert routed.reasons[0] == Reason("lane", "slow left out: of another lane than real-time")


def test_a_lane_begins_at_its_cheapest_tier() -> None:
    assert names(found(ladder=MIXED, lane="background")) == ["slow", "fast"]
    assert names(found(ladder=MIXED, lane="local", words="redesign it")) == ["mine", "fast"]
    assert names(found(lane="background")) == names(found())


def test_what_is_hard_does_not_begin_at_what_is_slow() -> None:
    assert names(found(Level.HIGH, ladder=MIXED, lane="background")) == ["fast"]


def test_a_kind_has_its_lane() -> None:
    rules = (("docs", "background"),)
    assert found(ladder=MIXED, lanes=rules, kind=Kind.DOCS).lane == "background"
    assert found(ladder=MIXED, lanes=rules).lane == "real-time"
    assert found(ladder=MIXED, lanes=rules, kind=Kind.DOCS, lane="real-time").lane == "real-time"


def test_what_is_low_goes_to_this_machine_where_a_tier_is_local() -> None:
    assert found(Level.LOW, ladder=MIXED).lane == "local"
    assert found(Level.LOW).lane == "real-time"
    assert found(Level.LOW, ladder=MIXED, obeyed=False).lane == "real-time"


def test_the_lane_of_tools_asks_no_model() -> None:
    can = Reason("tools", "ruff does it")
    assert names(found(ladder=MIXED, lane="tools", tools_can=can)) == ["tools"]
    with pytest.raises(UsageFault, match="no tool for this task"):
        found(ladder=MIXED, lane="tools")


def test_a_lane_never_leaves_nobody() -> None:
    slow = tuple(replace(tier, lane="background") for tier in THREE)
    assert kept(LANES["real-time"], slow) == (slow, ())
