"""What the policy `expected-cost` is worth on recorded outcomes.

    python benchmarks/routing.py OUTCOMES.csv > benchmarks/routing.md

Tuned on one half of the tasks (by a hash of their names), scored on the other; intervals are 95 % over tasks, by
bootstrap. The file of outcomes is taken by path and is no part of this project.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from bisect import bisect_left
from pathlib import Path

from routecli.compose.replaying import Asked, replayed
from routecli.domain.money import Usd
from routecli.routing.alerts import drift
from routecli.routing.beliefs import Belief
from routecli.routing.economics import Power
from routecli.routing.simulation.mixes import drawn, read_mix
from routecli.routing.simulation.outcomes import Outcomes, halves, read_outcomes
from routecli.routing.simulation.replay import over, summed
from routecli.routing.simulation.tuned import Learner, choose_seen
from routecli.routing.standing import share

RATES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.83, 0.9, 1.0)
SEEDS = 10
TASKS = 300
DRIFTS, HEALTHY = 200, 100


def main(path: Path) -> None:
    """Prints the page."""
    print("# Routing on recorded outcomes\n")
    print("`python benchmarks/routing.py OUTCOMES.csv`; see docs/routing.md for what the policy does.\n")
    curve(path)
    learning(path)
    drifting()
    speed()


def short(model: str) -> str:
    return model.split("_", 2)[-1]


def curve(path: Path) -> None:
    found = replayed(Asked(path), RATES)
    top = short(found.rates[0].top.name)
    print(f"Tuned on {found.tuned_on} tasks, scored on {found.scored_on} others. Against `{top}` for everything:\n")
    print("| d | ladder | saved | 95 % | points | 95 % | against a random mix at equal spend | it says |")
    print("|--:|---|--:|---|--:|---|--:|---|")
    for at in found.rates:
        s, p, m = at.against_top.saved, at.against_top.points, at.against_mix.points
        print(
            f"| {at.detection:g} | {' → '.join(short(t) for t in at.ladder)} "
            f"| {s.mean:.0%} | {s.low:.0%} to {s.high:.0%} "
            f"| {p.mean * 100:+.1f} | {p.low * 100:+.1f} to {p.high * 100:+.1f} | {m.mean * 100:+.1f} | {at.said} |"
        )
    print(f"\nThe oracle: ${found.oracle.cost_usd.mean:.3f} a task, {found.oracle.quality.mean:.1%} right.\n")


def learning(path: Path) -> None:
    outcomes = read_outcomes(path)
    tune, score = (outcomes.only(half) for half in halves(outcomes.tasks))
    ranked = sorted(tune.models, key=tune.resolved_share)
    top = ranked[-1]
    cheap = [m for m in tune.models if tune.mean_cost_usd(m) < tune.mean_cost_usd(top)]
    tiers = (*sorted(cheap, key=lambda m: -tune.resolved_share(m) / float(tune.mean_cost_usd(m)))[:2],)
    middle = max((m for m in cheap if m not in tiers), key=tune.resolved_share)
    ladder = tuple(sorted((*tiers, middle, top), key=tune.mean_cost_usd))
    print(f"\n## A wrong prior, {TASKS} tasks later\n")
    print(f"Tiers: {', '.join(short(m) for m in ladder)}. The cost of what it then believes to be best, in shares of")
    print(f"the best fixed ladder's cost, on the scored half; {SEEDS} orders of tasks.\n")
    print("| d | prior | mean | worst |\n|--:|---|--:|--:|")
    priors = {
        "the cheap ones never right": {m: Belief(1, 7) for m in ladder[:2]},
        "the third never right": {ladder[2]: Belief(1, 7)},
        "all nearly always right": {m: Belief(7.6, 0.4) for m in ladder},
    }
    for detection in (0.83, 0.9, 1.0):
        for name, prior in priors.items():
            ratios = [learned(tune, score, ladder, Power(detection), prior, seed) for seed in range(SEEDS)]
            print(f"| {detection:g} | {name} | {statistics.mean(ratios):.2f} | {max(ratios):.2f} |")


def learned(
    tune: Outcomes, score: Outcomes, ladder: tuple[str, ...], power: Power, prior: dict[str, Belief], seed: int
) -> float:
    costs = {m: Usd(tune.mean_cost_usd(m)) for m in ladder}
    learner = Learner(ladder, costs, power, 0.01, prior, 0.1, seed)
    order = random.Random(seed)
    for _ in range(TASKS):
        learner.climb(tune, order.choice(tune.tasks))
    fixed = choose_seen(tune, ladder, power, 0.01).chosen.tiers
    believed = learner.ladder()[1]
    mine, best = (summed("", over(score, some, power)).cost_usd.mean for some in (believed, fixed))
    return mine / best


def drifting() -> None:
    print(f"\n## A tier that gets worse\n\nSimulated: {DRIFTS} tiers, 60 tasks at the first share and then 50 at the")
    print(f"second; and {HEALTHY} that do not change, 1,000 tasks each. Intervals are Wilson's.\n")
    print("| right | then | noticed within 50 tasks | 95 % | after | false alarm in 1,000 tasks | 95 % |")
    print("|--:|--:|--:|---|--:|--:|---|")
    for before, after in ((0.95, 0.65), (0.9, 0.6), (0.8, 0.5), (0.7, 0.4), (0.85, 0.4)):
        lot = random.Random(7)
        delays = [noticed(lot, before, after) for _ in range(DRIFTS)]
        seen = sorted(d for d in delays if d is not None and d > 0)
        timely = share(len(seen), sum(d is None or d > 0 for d in delays))
        false = share(
            sum(drift([lot.random() < before for _ in range(1000)]) is not None for _ in range(HEALTHY)), HEALTHY
        )
        print(
            f"| {before:g} | {after:g} | {timely.value:.0%} | {timely.low:.0%} to {timely.high:.0%} "
            f"| {statistics.median(seen):g} | {false.value:.2f} | {false.low:.2f} to {false.high:.2f} |"
        )


def noticed(lot: random.Random, before: float, after: float) -> int | None:
    """After how many tasks the change is told; 0: before it came; None: not within 50."""
    healthy = [lot.random() < before for _ in range(60)]
    worse = [lot.random() < after for _ in range(50)]
    if drift(healthy) is not None:
        return 0
    if drift(healthy + worse) is None:
        return None
    # What is told once stays told, so that the first time can be found by halving.
    return bisect_left(range(1, 51), True, key=lambda n: drift(healthy + worse[:n]) is not None) + 1


def speed() -> None:
    began = time.perf_counter()
    drawn(read_mix("D"), [0.6, 0.7, 0.8, 0.9], 1_000_000)
    took = time.perf_counter() - began
    print(f"\nA million simulated tasks took {took:.1f} s.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python benchmarks/routing.py OUTCOMES.csv")
    main(Path(sys.argv[1]))
