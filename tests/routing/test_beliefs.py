"""Counts become beliefs: through a verdict that may be wrong, from far to near."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.money import usd
from routecli.routing.beliefs import Belief, belief_of, drawn_right, prior_of, rungs_of, updated
from routecli.routing.economics import Power, Rung

SURE = Power(1.0)
FLAT = Belief(1, 1)


def test_with_a_sure_verdict_counts_are_counts() -> None:
    found = updated(FLAT, Tally("t", Scope.ALL, accepted=6, deferred=2), SURE)
    assert (found.right, found.wrong) == (7, 3)


def test_a_verdict_that_misses_half_is_seen_through() -> None:
    """Of 1,000 tasks at p 0.4 and d 0.5, 700 are accepted: 400 right and 300 wrong."""
    found = updated(FLAT, Tally("t", Scope.ALL, accepted=700, deferred=300), Power(0.5))
    assert found.mean == pytest.approx(0.4, abs=0.01)


def test_what_somebody_told_counts_as_it_is() -> None:
    found = updated(FLAT, Tally("t", Scope.ALL, right=1, wrong=9), Power(0.0))
    assert (found.right, found.wrong) == (2, 10)


def test_no_count_changes_nothing() -> None:
    assert updated(FLAT, Tally("t", Scope.ALL), SURE) is FLAT


def test_the_near_overrules_the_far_and_the_far_informs_the_near() -> None:
    everywhere = Tally("t", Scope.ALL, accepted=900, deferred=100)
    here = Tally("t", Scope.HERE, accepted=1, deferred=39)
    kind = Tally("t", Scope.KIND, accepted=1, deferred=39)
    both = belief_of(FLAT, "t", Evidence((everywhere, kind, here)), SURE, after=False)
    assert both.mean < 0.25
    far = belief_of(FLAT, "t", Evidence((everywhere,)), SURE, after=False)
    assert far.mean == pytest.approx(0.9, abs=0.01)
    assert far.right + far.wrong <= 8 + 1e-9


def test_the_dearer_the_better_without_evidence() -> None:
    means = [prior_of(place, 3).mean for place in range(3)]
    assert means == sorted(means)
    assert prior_of(0, 1).mean == pytest.approx(0.73)


def test_a_tier_without_a_price_weighs_nothing() -> None:
    assert rungs_of(["a", "b"], {"a": usd("0.1"), "b": None}, Evidence(), SURE) is None


def test_bills_of_such_tasks_count_more_than_a_forecast() -> None:
    billed = Tally("a", Scope.HERE, accepted=4, priced=4, cost_usd=usd("2"))
    (a, b) = rungs_of(["a", "b"], {"a": usd("0.1"), "b": usd("1")}, Evidence((billed,)), SURE) or ()
    assert (a.cost_usd, b.cost_usd) == (usd("0.5"), usd("1"))
    few = Tally("a", Scope.HERE, accepted=2, priced=2, cost_usd=usd("2"))
    (a, _) = rungs_of(["a", "b"], {"a": usd("0.1"), "b": usd("1")}, Evidence((few,)), SURE) or ()
    assert a.cost_usd == usd("0.1")


def test_attempts_after_failures_speak_of_climbing() -> None:
    after = Tally("top", Scope.ALL, after=True, accepted=45, deferred=55)
    low = Tally("low", Scope.ALL, accepted=57, deferred=43)
    (_, top) = rungs_of(["low", "top"], {"low": usd(1), "top": usd(2)}, Evidence((low, after)), SURE) or ()
    assert top.right == pytest.approx(0.73, abs=0.05)
    assert top.climbing is None
    assert top.attempts == 100


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 9), st.integers(0, 9), st.floats(0, 1), st.floats(0, 1))
def test_a_belief_is_always_one(accepted: int, deferred: int, right: int, wrong: int, d: float, f: float) -> None:
    found = updated(prior_of(0, 3), Tally("t", Scope.ALL, False, accepted, deferred, right, wrong), Power(d, f))
    assert 0 < found.mean < 1
    assert found.right + found.wrong == pytest.approx(8 + accepted + deferred + right + wrong)


@given(st.floats(0, 1), st.integers(0, 500), st.integers(0, 9))
def test_a_draw_is_a_share(right: float, attempts: int, seed: int) -> None:
    assert 0 <= drawn_right(Rung("t", right, usd(1), attempts=attempts), random.Random(seed)) <= 1


def test_arrivals_come_from_who_deferred() -> None:
    """What the dear tier failed at is few: the top is not taken to have met only tasks too hard for it."""
    tallies = (
        Tally("a", Scope.ALL, accepted=60, deferred=40),
        Tally("b", Scope.ALL, accepted=9, deferred=1),
        Tally("c", Scope.ALL, after=True, accepted=17, deferred=24),
    )
    costs = {"a": usd(1), "b": usd(2), "c": usd(3)}
    with_b = rungs_of(["a", "b", "c"], costs, Evidence(tallies), SURE)
    without_b = rungs_of(["a", "c"], costs, Evidence((tallies[0], tallies[2])), SURE)
    assert with_b is not None and without_b is not None
    assert with_b[-1].right == pytest.approx(without_b[-1].right, abs=0.03)


def test_bills_after_failures_take_the_place_of_the_surcharge() -> None:
    def found(bills: int) -> Rung:
        later = Tally("b", Scope.ALL, after=True, accepted=bills, priced=bills, cost_usd=usd(5 * bills))
        rungs = rungs_of(["a", "b"], {"a": usd(1), "b": usd(2)}, Evidence((later,)), SURE)
        assert rungs is not None
        return rungs[-1]

    assert found(2).cost_after_usd is None
    assert found(3).cost_after_usd == usd(5)
