"""Every policy: where it starts, what it says, and that the configuration knows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routecli.config.keys import BY_NAME
from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.ladder import Forecast
from routecli.domain.money import Usd, usd
from routecli.domain.settings import Thresholds
from routecli.domain.task import Kind
from routecli.routing.economics import Power
from routecli.routing.policies import BY_EVIDENCE, POLICIES, Facts

from .conftest import survey, task, tiers


def facts(words: str = "fix it", kind: Kind = Kind.FIX, count: int = 3, **more: object) -> Facts:
    made = Facts(task(words, kind), survey(100), Thresholds(), tiers(count))
    return replace(made, **more)  # type: ignore[arg-type]


def forecasts(*costs: str | None) -> tuple[Forecast, ...]:
    amounts = [None if c is None else usd(c) for c in costs]
    return tuple(Forecast(f"tier{n}", "p/m", 1, 1, c, c, True) for n, c in enumerate(amounts, start=1))


def seen(tier: str, accepted: int, deferred: int, cost: Usd, *, after: bool = False) -> Tally:
    total = accepted + deferred
    return Tally(tier, Scope.ALL, after, accepted, deferred, 0, 0, total, Usd(cost * total))


EVIDENCE = Evidence(
    (
        seen("tier1", 60, 40, usd("0.01")), seen("tier2", 2, 38, usd("0.20"), after=True),
        seen("tier3", 30, 8, usd("0.40"), after=True),
    )
)  # fmt: skip


def test_the_configuration_offers_exactly_these() -> None:
    assert tuple(POLICIES) == BY_NAME["routing.policy"].choices
    assert set(POLICIES) >= BY_EVIDENCE


@pytest.mark.parametrize("name", list(POLICIES))
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_each_answers_with_a_ladder_and_a_reason(name: str, count: int) -> None:
    costs = forecasts(*(["0.1"] * count))
    advice = POLICIES[name](facts(count=count, forecasts=costs))
    assert advice.places == tuple(sorted(set(advice.places)))
    assert advice.places[-1] == count - 1
    assert advice.reasons


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("add docstrings to a.py", 0), ("write tests for a.py", 0), ("generate boilerplate", 0),
        ("refactor a.py and add docstrings", 1), ("debug it", 1), ("implement discounts", 1),
        ("architect the cache", 2), ("a security review", 2), ("optimize it", 2), ("something else", 1),
    ],
)  # fmt: skip
def test_class_reads_the_published_keywords(words: str, place: int) -> None:
    assert POLICIES["class"](facts(words)).places[0] == place


@pytest.mark.parametrize(
    ("kind", "place"),
    [(Kind.DOCSTRING, 0), (Kind.FORMAT, 0), (Kind.TESTS, 0), (Kind.FIX, 1), (Kind.FEATURE, 1), (Kind.OTHER, 1),
     (Kind.ARCHITECTURE, 2)],
)  # fmt: skip
def test_static_is_a_table_of_kinds(kind: Kind, place: int) -> None:
    assert POLICIES["static"](facts(kind=kind)).places[0] == place


def test_every_kind_has_a_place_in_the_static_table() -> None:
    from routecli.routing.policies.static import STATIC_CLASSES

    assert set(STATIC_CLASSES) == set(Kind)


def test_a_hint_names_its_tier_and_an_unknown_one_falls_back() -> None:
    assert POLICIES["hint"](facts(hint="tier3")).places == (2,)
    assert POLICIES["hint"](facts(hint="nonsense", fallback_tier="tier1")).places == (0, 1, 2)
    advice = POLICIES["hint"](facts())
    assert (advice.places, advice.reasons[0].text) == ((1, 2), "no hint and no fallback tier: the middle")


def test_cascade_begins_at_the_bottom_whatever_the_task() -> None:
    assert POLICIES["cascade"](facts("redesign the architecture")).places == (0, 1, 2)


def test_auto_follows_the_thresholds_until_there_is_evidence() -> None:
    little = Evidence((seen("tier1", 10, 9, usd("0.01")),))
    advice = POLICIES["auto"](facts(evidence=little, forecasts=forecasts("0.01", "0.2", "0.4")))
    assert (advice.places, advice.choice) == ((0, 1, 2), None)
    assert "19 of 30" in advice.reasons[-1].text
    enough = POLICIES["auto"](facts(evidence=EVIDENCE, forecasts=forecasts("0.01", "0.2", "0.4"), power=Power(1.0)))
    assert enough.choice is not None


def test_expected_cost_skips_what_does_not_pay_and_says_so() -> None:
    advice = POLICIES["expected-cost"](
        facts(evidence=EVIDENCE, forecasts=forecasts("0.01", "0.2", "0.4"), power=Power(1.0))
    )
    assert advice.places == (0, 2)
    assert [r.code for r in advice.reasons] == ["expected-cost", "skipped"]
    assert advice.reasons[1].text.startswith("tier2 passed over")


def test_expected_cost_says_when_nothing_is_saved() -> None:
    advice = POLICIES["expected-cost"](
        facts(evidence=EVIDENCE, forecasts=forecasts("0.01", "0.2", "0.4"), power=Power(0.1))
    )
    assert advice.places == (2,)
    assert advice.reasons[0].code == "no-saving"


def test_an_unknown_price_is_weighed_by_nobody() -> None:
    advice = POLICIES["expected-cost"](facts(forecasts=forecasts("0.01", None, "0.4")))
    assert (advice.places, advice.reasons[-1].code) == ((0, 1, 2), "evidence")


def test_trials_are_bounded_by_what_is_left_for_them() -> None:
    top_only = Evidence((Tally("tier3", Scope.ALL, right=90, wrong=5),))
    asked = facts(evidence=top_only, forecasts=forecasts("0.01", "0.2", "0.4"), power=Power(0.2))
    assert not POLICIES["expected-cost"](asked).explores
    tried = [POLICIES["expected-cost"](replace(asked, explore_left_usd=usd("0.05"), seed=n)) for n in range(30)]
    trials = [advice for advice in tried if advice.explores]
    assert trials, "thirty draws and no trial"
    assert POLICIES["expected-cost"](asked).places == (2,)
    added = {place for advice in trials for place in advice.places if place != 2}
    assert added == {0}, "tier2 costs more than what is left"
    assert all(advice.reasons[0].code == "explore" for advice in trials)
