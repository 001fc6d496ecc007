"""The ladder of a run."""

from __future__ import annotations

import pytest

from routecli.domain.ladder import Reason, Route, Tier
from routecli.domain.task import Kind
from routecli.errors import ConfigFault, UsageFault
from routecli.routing import Asked, route

from .conftest import FORECASTER, settings, survey, task, tiers

TOOLS_CAN = Reason("tools", "ruff fixes lint errors")


def names(found: Route) -> list[str]:
    return [t.name for t in found.ladder]


def codes(found: Route) -> list[str]:
    return [r.code for r in found.reasons]


def routed(*tokens: int, ladder: tuple[Tier, ...] | None = None, words: str = "fix it", **more: object) -> Route:
    asked = Asked(more.pop("tier", None), more.pop("max_tier", None))  # type: ignore[arg-type]
    can = more.pop("tools_can", None)
    configured = settings(tiers(3) if ladder is None else ladder, **more)
    return route(task(words), survey(*tokens), configured, FORECASTER, asked=asked, tools_can=can)  # type: ignore[arg-type]


def test_a_small_task_starts_at_the_bottom_and_may_climb_to_the_top() -> None:
    found = routed(100)
    assert (found.first, names(found), codes(found)) == ("tier1", ["tier1", "tier2", "tier3"], ["small"])
    assert found.policy == "thresholds"
    assert [f.tier for f in found.forecasts] == ["tier1", "tier2", "tier3"]


def test_the_policy_decides_where_it_starts() -> None:
    assert names(routed(1, 1)) == ["tier2", "tier3"]
    assert names(routed(100, words="redesign it")) == ["tier3"]
    assert names(routed(1, 1, ladder=tiers(5))) == ["tier3", "tier4", "tier5"]
    assert names(routed(1, 1, ladder=tiers(1))) == ["tier1"]


def test_tiers_are_a_ladder_whatever_their_order() -> None:
    assert names(routed(1, ladder=tuple(reversed(tiers(3))))) == ["tier1", "tier2", "tier3"]


def test_the_user_overrules() -> None:
    found = routed(100, tier="tier2")
    assert (names(found), codes(found), found.policy) == (["tier2", "tier3"], ["asked"], "asked")
    assert names(routed(100, max_tier="tier2")) == ["tier1", "tier2"]
    assert names(routed(100, tier="tier2", max_tier="tier2")) == ["tier2"]


def test_a_ceiling_below_the_policy_lowers_the_start_and_says_so() -> None:
    found = routed(100, words="redesign it", max_tier="tier2")
    assert (names(found), codes(found)) == (["tier2"], ["architecture", "max-tier"])


@pytest.mark.parametrize(
    ("flags", "said", "hint"),
    [
        ({"tier": "teir2"}, "--tier: there is no tier 'teir2'", "did you mean tier2?"),
        ({"max_tier": "tier9"}, "--max-tier: there is no tier 'tier9'", "There are: tier1, tier2, tier3"),
        ({"tier": "x\x1b[2J"}, "there is no tier", "there are: tier1, tier2, tier3"),
        ({"tier": "tier3", "max_tier": "tier1"}, "--max-tier tier1 lies below --tier tier3", "--tier tier1"),
        ({"tier": "tools"}, "tier 0 has no tool for this task", "leave --tier away"),
        ({"tier": "tier0", "tools": False, "tools_can": TOOLS_CAN}, "tier 0 is switched off", "tools = true"),
    ],
)
def test_refusals_name_the_next_command(flags: dict[str, object], said: str, hint: str) -> None:
    with pytest.raises(UsageFault) as caught:
        routed(100, **flags)
    assert said in caught.value.what
    assert hint in caught.value.hint
    assert "\x1b" not in caught.value.what


def test_an_unknown_policy_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigFault) as caught:
        routed(100, policy="tresholds")
    assert "did you mean thresholds?" in caught.value.hint


def test_a_tier_whose_context_is_too_small_is_passed_over() -> None:
    small, *rest = tiers(3)
    ladder = (Tier("small", 1, small.models, context_limit_tokens=10_000), *rest)
    found = routed(20_000, ladder=ladder)
    assert (names(found), codes(found)) == (["tier2", "tier3"], ["small", "context"])
    assert "small passed over: about 20,450 tokens and an answer of up to 8,192 do not fit its 10,000" in [
        r.text for r in found.reasons
    ]
    assert found.first == "tier2"


def test_the_answer_needs_room_too() -> None:
    exact = 20_000 + 450 + 8_192
    assert names(routed(20_000, ladder=tiers(1, context_limit_tokens=exact))) == ["tier1"]
    with pytest.raises(UsageFault):
        routed(20_000, ladder=tiers(1, context_limit_tokens=exact - 1))


def test_none_fits_says_what_to_leave_out() -> None:
    with pytest.raises(UsageFault) as caught:
        routed(5_000, 90_000, 1_000, ladder=tiers(3, context_limit_tokens=32_000))
    assert "96,000 tokens of files fit no tier" in caught.value.what
    assert caught.value.hint == "leave out f1.py (90,000 tokens)"


def test_tools_come_first_where_they_can() -> None:
    found = routed(100, tools_can=TOOLS_CAN)
    assert (found.first, names(found)) == ("tools", ["tools", "tier1", "tier2", "tier3"])
    assert found.ladder[0].is_tools
    assert found.reasons[0] == TOOLS_CAN


def test_tools_do_not_where_they_are_off_or_a_tier_was_asked_for() -> None:
    assert names(routed(100, tools_can=TOOLS_CAN, tools=False)) == ["tier1", "tier2", "tier3"]
    assert names(routed(100, tools_can=TOOLS_CAN, tier="tier2")) == ["tier2", "tier3"]


@pytest.mark.parametrize("flags", [{"tier": "tools"}, {"tier": "tier0"}, {"max_tier": "tier0"}, {"ladder": ()}])
def test_tools_alone(flags: dict[str, object]) -> None:
    found = routed(100, tools_can=TOOLS_CAN, **flags)  # type: ignore[arg-type]
    assert (names(found), found.forecasts) == (["tools"], ())


def test_the_forecast_knows_the_kind() -> None:
    found = route(task(kind=Kind.DOCSTRING), survey(10_000), settings(tiers(1)), FORECASTER)
    assert found.forecasts[0].output_tokens == 5_000
