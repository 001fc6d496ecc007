"""Ladders over recorded outcomes, by hand and beside what they must be compared with."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from routecli.domain.money import Usd, usd
from routecli.routing.beliefs import Belief
from routecli.routing.economics import Power
from routecli.routing.simulation.outcomes import Outcomes, Trial, halves, read_outcomes
from routecli.routing.simulation.replay import against, climb, oracle, over, random_mix, summed
from routecli.routing.simulation.tuned import Learner, choose_among, choose_seen

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "outcomes.csv"
MADE = Outcomes(
    ("a", "b", "c"),
    {
        "small": {"a": Trial(True, usd(1)), "b": Trial(False, usd(2)), "c": Trial(False, usd(2))},
        "large": {"a": Trial(True, usd(10)), "b": Trial(True, usd(12)), "c": Trial(False, usd(20))},
    },
)


def test_a_task_by_hand() -> None:
    sure = Power(1.0)
    assert climb(MADE, ("small", "large"), "a", sure).cost_usd == 1
    b = climb(MADE, ("small", "large"), "b", Power(0.5))
    assert (b.cost_usd, b.right, b.given_up) == (usd("8.0"), 0.5, 0)
    c = climb(MADE, ("small", "large"), "c", sure)
    assert (c.cost_usd, c.right, c.given_up) == (22, 0, 1)
    refused = climb(MADE, ("small", "large"), "a", Power(1.0, 0.1))
    assert refused.right == pytest.approx(0.9 + 0.1 * 0.9)


def test_the_oracle_takes_the_cheapest_that_solves() -> None:
    assert [(t.cost_usd, t.right) for t in oracle(MADE)] == [(1, 1), (12, 1), (2, 0)]


def test_a_random_mix_spends_what_it_is_given() -> None:
    spend = Decimal("7.5")
    mixed, share = random_mix(MADE, "small", "large", spend, Power(0.0))
    assert sum(t.cost_usd for t in mixed) / 3 == pytest.approx(spend)
    assert 0 < share < 1
    assert random_mix(MADE, "small", "large", Decimal(99), Power(0.0))[1] == 1


def test_a_policy_against_itself_is_nothing_and_means_lie_in_their_intervals() -> None:
    found = summed("x", over(MADE, ("small", "large"), Power(0.7)))
    same = against(found, found)
    assert (same.saved.mean, same.saved.low, same.points.high) == (0, 0, 0)
    assert found.cost_usd.low <= found.cost_usd.mean <= found.cost_usd.high


def test_more_detection_never_costs_quality() -> None:
    example = read_outcomes(EXAMPLE)
    qualities = [summed("x", over(example, ("small", "large"), Power(d / 10))).quality.mean for d in range(11)]
    assert qualities == sorted(qualities)


def test_what_is_chosen_on_one_half_holds_on_the_other() -> None:
    example = read_outcomes(EXAMPLE)
    tune, score = (example.only(half) for half in halves(example.tasks))
    choice = choose_among(tune, "large", Power(1.0), 0.01)
    policy, top = (summed("x", over(score, ladder, Power(1.0))) for ladder in (choice.chosen.tiers, ("large",)))
    beside = against(policy, top)
    assert beside.saved.low > 0.4
    assert beside.points.mean >= 0
    assert choose_seen(tune, ("small", "large"), Power(0.0), 0.0).chosen.tiers == ("large",)


def test_a_wrong_prior_is_unlearned() -> None:
    example = read_outcomes(EXAMPLE)
    tiers = ("small", "middle", "large")
    costs = {m: Usd(example.mean_cost_usd(m)) for m in tiers}
    learner = Learner(tiers, costs, Power(1.0), 0.01, {"small": Belief(1, 7)}, explore_share=0.1, seed=3)
    before = learner.believed()[0].right
    for n in range(300):
        learner.climb(example, example.tasks[n % len(example.tasks)])
    best = choose_seen(example, tiers, Power(1.0), 0.01).chosen
    _, believed = learner.ladder()
    chosen, fixed = (summed("x", over(example, some, Power(1.0))).cost_usd.mean for some in (believed, best.tiers))
    assert before < 0.2 < 0.5 < learner.believed()[0].right
    assert chosen <= fixed * 1.05
