"""The published thresholds, and a tier that gets worse."""

from __future__ import annotations

import random
from datetime import date

import pytest

from routecli.domain.money import usd
from routecli.routing.alerts import LEAST, Past, Step, alerts, drift

LADDER = ("tier1", "tier2", "tier3")
TODAY = date(2026, 11, 27)


def run(*tiers: str, overruled: bool = False) -> Past:
    """Climbs `tiers`: the last is accepted."""
    costs = {"tier1": "0.01", "tier2": "0.02", "tier3": "0.03"}
    return Past(tuple(Step(t, t == tiers[-1], usd(costs[t])) for t in tiers), overruled)


def codes(runs: list[Past], reviewed: date | None = TODAY) -> set[str]:
    return {a.code for a in alerts(runs, LADDER, reviewed, TODAY)}


def test_nothing_is_said_of_a_healthy_month_and_of_too_few_runs() -> None:
    assert codes(([run("tier1")] * 9 + [run("tier1", "tier2")]) * 10) == set()
    assert codes([run("tier1", "tier2", "tier3")] * (LEAST - 14)) == set()


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ([run("tier1")] * 60 + [run("tier1", "tier2")] * 40, "first-tier"),
        ([run("tier1")] * 80 + [run("tier2", "tier3")] * 20, "second-to-third"),
        ([run("tier1")] * 80 + [run("tier3")] * 20, "top-requests"),
        ([run("tier1")] * 95 + [run("tier3")] * 5, "top-spend"),
        ([run("tier1")] * 70 + [run("tier1", overruled=True)] * 30, "overrides"),
    ],
)
def test_each_threshold(runs: list[Past], code: str) -> None:
    assert code in codes(runs)


def test_a_line_up_of_long_ago() -> None:
    assert codes([], date(2026, 8, 1)) == {"review"}
    assert codes([], date(2026, 9, 1)) == set()
    assert codes([], None) == set()


def test_a_tier_that_gets_worse_is_noticed_within_fifty_tasks_and_seldom_without_reason() -> None:
    """Simulated: p 0.85, then 0.4. False alarms are counted."""
    drawn = random.Random(11)
    late, alarms, healthy = 0, 0, 0
    for _ in range(200):
        good = [drawn.random() < 0.85 for _ in range(100)]
        found = drift(good + [drawn.random() < 0.4 for _ in range(50)])
        late += found is None
        alarms += drift(good, lasting=False) is not None
        healthy += len(good) - 30
    assert late <= 10
    assert alarms / healthy <= 1 / 1000


@pytest.mark.parametrize(("first", "last"), [(30, 100), (100, 300), (300, 1000)])
def test_a_tier_that_does_not_change_alarms_at_most_once_in_a_thousand_tasks(first: int, last: int) -> None:
    """In each part of its life: what a young tier was like is known badly."""
    drawn = random.Random(5)
    alarms = tasks = 0
    for share in (0.95, 0.8, 0.6, 0.4) * 60:
        told = drift([drawn.random() < share for _ in range(last)], lasting=False)
        alarms += told is not None and told >= first
        tasks += last - first
    assert alarms / tasks <= 1 / 1000


def test_the_place_of_the_change_is_found_and_a_small_one_is_left_alone() -> None:
    good = ([True] * 9 + [False]) * 10
    found = drift(good + [True, False] * 20)
    assert found is not None and 90 <= found <= 110
    assert drift(good + ([True] * 8 + [False]) * 8) is None


def test_an_alarm_that_later_tasks_do_not_bear_out_is_taken_back() -> None:
    good, bad = ([True] * 17 + [False] * 3) * 5, [True, False, False] * 10
    assert drift(good + bad) is not None
    assert drift(good + bad + good * 4) is None
    assert drift(good + bad + good * 4, lasting=False) is not None
    drawn = random.Random(3)
    assert sum(drift([drawn.random() < 0.8 for _ in range(8000)]) is not None for _ in range(20)) <= 1


def test_what_never_changes_or_gets_better_is_no_drift() -> None:
    assert drift([True] * 500) is None
    assert drift([False] * 60 + [True] * 60) is None
    assert drift([True] * 20) is None
