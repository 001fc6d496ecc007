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
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from routecli.compose.replaying import Asked, replayed
from routecli.domain.money import Usd
from routecli.routing.alerts import drift
from routecli.routing.beliefs import Belief
from routecli.routing.economics import Power
from routecli.routing.simulation.mixes import drawn, read_mix
from routecli.routing.simulation.outcomes import Outcomes, halves, read_outcomes
from routecli.routing.simulation.replay import over
from routecli.routing.simulation.tuned import Learner
from routecli.routing.standing import share

RATES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.83, 0.9, 1.0)
LEARNT_AT = (0.5, 0.83, 0.9, 1.0)
LINE_UPS, SEEDS, TASKS, TOLERANCE = 24, 10, 300, 0.01
DRIFTS, HEALTHY = 400, 1000


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


@dataclass(frozen=True)
class Learnt:
    """One order of tasks: the expected cost a task of what the learner then believes to be best, in shares of the best
    fixed ladder's, and how much more often it is right than the top tier alone, in points."""

    line_up: int
    cost: float
    points: float


def learning(path: Path) -> None:
    outcomes = read_outcomes(path)
    tune, score = (outcomes.only(half) for half in halves(outcomes.tasks))
    line_ups = [first_line_up(tune), *drawn_line_ups(tune)]
    print(f"\n## A wrong prior, {TASKS} tasks later\n")
    print(
        "The learner sees tasks of the tuned half, and of each only what it tried, through a verdict that lets wrong\n"
        "patches through. The ladder that it then believes to be best is compared with the best fixed one: the\n"
        "cheapest whose true quality on the tuned half is within 1 point of the top tier's. Cost: of the one in\n"
        "shares of the other's, by what was recorded; 1 is as good as knowing everything. Points: how much more\n"
        "often what it accepts is right, against the top tier alone. Intervals: bootstrap over line-ups. Below\n"
        "d = 0.8 it errs to both sides: what the verdict says of 300 tasks does not tell ladders apart whose\n"
        "qualities lie a point from each other.\n"
    )
    print(f"Line-up 1: {', '.join(short(m) for m in line_ups[0])}, {SEEDS} orders of tasks and three wrong priors.")
    print(f"The others: {LINE_UPS} line-ups of four recorded models, drawn: one of the six best, three cheaper ones.\n")
    print("| line-ups | d | half | cost | 95 % | median | worst tenth | points | 95 % |")
    print("|---|--:|---|--:|---|--:|--:|--:|---|")
    for detection in LEARNT_AT:
        for name, some in (("1", line_ups[:1]), (f"{LINE_UPS} drawn", line_ups[1:])):
            seeds = SEEDS if len(some) == 1 else 2
            found = [learnt(tune, score, k, up, Power(detection), seeds) for k, up in enumerate(some)]
            for half, at in (("tuned", 0), ("scored", 1)):
                told(name, detection, half, [one for pair in found for one in pair[at]])


def told(name: str, detection: float, half: str, all_of_them: list[Learnt]) -> None:
    costs = sorted(one.cost for one in all_of_them)
    cost, points = (mean_of(all_of_them, what) for what in ("cost", "points"))
    print(
        f"| {name} | {detection:g} | {half} | {cost[0]:.2f} | {cost[1]:.2f} to {cost[2]:.2f} "
        f"| {statistics.median(costs):.2f} | {costs[int(0.9 * len(costs))]:.2f} "
        f"| {points[0]:+.1f} | {points[1]:+.1f} to {points[2]:+.1f} |"
    )


def mean_of(found: list[Learnt], what: str) -> tuple[float, float, float]:
    """The mean and its 95 % interval; line-ups are drawn again, or orders where there is but one line-up."""
    groups: dict[int, list[float]] = {}
    for number, one in enumerate(found):
        key = one.line_up if found[0].line_up != found[-1].line_up else number
        groups.setdefault(key, []).append(getattr(one, what))
    lot, keys = random.Random(3), list(groups)
    means = sorted(
        statistics.fmean([v for key in lot.choices(keys, k=len(keys)) for v in groups[key]]) for _ in range(1000)
    )
    return statistics.fmean(getattr(one, what) for one in found), means[25], means[974]


def first_line_up(tune: Outcomes) -> tuple[str, ...]:
    """The best model, the two with most right for the money, and the best that is cheaper than the best."""
    top = max(tune.models, key=tune.resolved_share)
    cheap = [m for m in tune.models if tune.mean_cost_usd(m) < tune.mean_cost_usd(top)]
    worth = sorted(cheap, key=lambda m: -tune.resolved_share(m) / float(tune.mean_cost_usd(m)))[:2]
    middle = max((m for m in cheap if m not in worth), key=tune.resolved_share)
    return tuple(sorted((*worth, middle, top), key=tune.mean_cost_usd))


def drawn_line_ups(tune: Outcomes) -> list[tuple[str, ...]]:
    lot = random.Random(1)
    best = sorted(tune.models, key=tune.resolved_share)[-6:]
    found: list[tuple[str, ...]] = []
    while len(found) < LINE_UPS:
        top = lot.choice(best)
        cheaper = [m for m in tune.models if tune.mean_cost_usd(m) < tune.mean_cost_usd(top)]
        if len(cheaper) >= 3:
            found.append((*sorted(lot.sample(cheaper, 3), key=tune.mean_cost_usd), top))
    return found


def learnt(
    tune: Outcomes, score: Outcomes, number: int, ladder: tuple[str, ...], power: Power, seeds: int
) -> tuple[list[Learnt], list[Learnt]]:
    """Every order and prior of one line-up, on the tuned half and on the scored one."""
    every = [(*some, ladder[-1]) for count in range(4) for some in combinations(ladder[:3], count)]
    halves_of = [{some: true(half, some, power) for some in every} for half in (tune, score)]
    good = [some for some in every if halves_of[0][some][1] >= halves_of[0][ladder[-1:]][1] - TOLERANCE]
    best = min(good, key=lambda some: halves_of[0][some][0])
    believed = [
        believes(tune, ladder, power, prior, 10 * number + seed)
        for prior in wrong_priors(ladder)
        for seed in range(seeds)
    ]
    tuned, scored = (
        [Learnt(number, of[b][0] / of[best][0], 100 * (of[b][1] - of[ladder[-1:]][1])) for b in believed]
        for of in halves_of
    )
    return tuned, scored


def true(half: Outcomes, ladder: tuple[str, ...], power: Power) -> tuple[float, float]:
    """Cost a task and share right of a fixed ladder, by what was recorded."""
    tasks = over(half, ladder, power)
    return float(sum(t.cost_usd for t in tasks)) / len(tasks), statistics.fmean(t.right for t in tasks)


def wrong_priors(ladder: tuple[str, ...]) -> tuple[dict[str, Belief], ...]:
    """The two cheapest never right; the third never right; all nearly always right."""
    return (
        {m: Belief(1, 7) for m in ladder[:2]},
        {ladder[2]: Belief(1, 7)},
        {m: Belief(7.6, 0.4) for m in ladder},
    )


def believes(
    tune: Outcomes, ladder: tuple[str, ...], power: Power, prior: dict[str, Belief], seed: int
) -> tuple[str, ...]:
    costs = {m: Usd(tune.mean_cost_usd(m)) for m in ladder}
    learner = Learner(ladder, costs, power, TOLERANCE, prior, 0.1, seed)
    order = random.Random(seed)
    for _ in range(TASKS):
        learner.climb(tune, order.choice(tune.tasks))
    return learner.ladder()[1]


def drifting() -> None:
    print(
        f"\n## A tier that gets worse\n\nSimulated: {DRIFTS} tiers, 60 or 200 tasks at the first share and then 50 at"
    )
    print("the second. Intervals are Wilson's.\n")
    print("| right | then | after 60 tasks: within 50 | 95 % | after 200: within 50 | 95 % | in the middle after |")
    print("|--:|--:|--:|---|--:|---|--:|")
    for before, after in ((0.95, 0.65), (0.9, 0.6), (0.8, 0.5), (0.7, 0.4), (0.85, 0.4), (0.8, 0.3)):
        row, delays = [], []
        for healthy in (60, 200):
            lot = random.Random(7)
            found = [noticed(lot, before, after, healthy) for _ in range(DRIFTS)]
            delays = [d for d in found if d is not None and d > 0]
            timely = share(len(delays), sum(d is None or d > 0 for d in found))
            row.append(f"{timely.value:.0%} | {timely.low:.0%} to {timely.high:.0%}")
        print(f"| {before:g} | {after:g} | {' | '.join(row)} | {statistics.median(delays):g} |")
    print(
        f"\nFalse alarms in 1,000 tasks of {HEALTHY} tiers that do not change, by the tasks that the tier has seen:\n"
    )
    print("| right | up to 100 | 100 to 300 | 300 to 1,000 |\n|--:|--:|--:|--:|")
    for before in (0.95, 0.9, 0.8, 0.7, 0.5):
        print(f"| {before:g} | {' | '.join(f'{rate:.2f}' for rate in false_alarms(before))} |")


def false_alarms(right: float) -> list[float]:
    lot = random.Random(11)
    told = [first_alarm([lot.random() < right for _ in range(1000)]) for _ in range(HEALTHY)]
    parts = ((30, 100), (100, 300), (300, 1000))
    return [sum(t is not None and low < t <= high for t in told) / HEALTHY * 1000 / (high - low) for low, high in parts]


def first_alarm(outcomes: list[bool]) -> int | None:
    """After how many tasks it is told. What is told once stays told, so that the first time is found by halving."""
    if drift(outcomes, lasting=False) is None:
        return None
    return (
        bisect_left(range(1, len(outcomes) + 1), True, key=lambda n: drift(outcomes[:n], lasting=False) is not None) + 1
    )


def noticed(lot: random.Random, before: float, after: float, healthy: int) -> int | None:
    """After how many tasks the change is told; 0: before it came; None: not within 50."""
    outcomes = [lot.random() < before for _ in range(healthy)] + [lot.random() < after for _ in range(50)]
    told = first_alarm(outcomes)
    return None if told is None else max(told - healthy, 0)


def speed() -> None:
    began = time.perf_counter()
    drawn(read_mix("D"), [0.6, 0.7, 0.8, 0.9], 1_000_000)
    took = time.perf_counter() - began
    print(f"\nA million simulated tasks took {took:.1f} s.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python benchmarks/routing.py OUTCOMES.csv")
    main(Path(sys.argv[1]))
