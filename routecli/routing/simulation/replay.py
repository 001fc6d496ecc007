"""Ladders over recorded outcomes: what each task would have cost and whether what was accepted would have been right.

A patch that is wrong is refused with probability d, a right one with f. Nothing is drawn: each task counts with its
expectation, so that two policies differ only by what was recorded.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from routecli.domain.money import Usd
from routecli.nouns import dataclass
from routecli.routing.economics import Power
from routecli.routing.simulation.outcomes import Outcomes

_RESAMPLES = 1000
_LOW, _HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """One task under one policy. `cost_usd` and `right` (the chance that what was accepted is right) are expectations;
    `given_up` is the chance that nothing was accepted."""

    cost_usd: Usd
    right: float
    given_up: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % bootstrap interval over tasks."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One policy over all tasks: mean cost a task in US dollars, share right, share given up."""

    name: str
    cost_usd: Interval
    quality: Interval
    given_up: float
    per_task: tuple[TaskFigures, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """One policy against another on the same tasks: `saved` is the share of cost, `points` of quality, both paired."""

    saved: Interval
    points: Interval


def climb(outcomes: Outcomes, ladder: Sequence[str], task: str, power: Power) -> TaskFigures:
    """`task` climbing `ladder`, cheapest first."""
    arriving, right = 1.0, 0.0
    cost = Decimal(0)
    for model in ladder:
        trial = outcomes.trials[model][task]
        cost += Decimal(str(arriving)) * trial.cost_usd
        if trial.resolved:
            right += arriving * (1 - power.false_alarm)
            arriving *= power.false_alarm
        else:
            arriving *= power.detection
    return TaskFigures(Usd(cost), right, arriving)


def over(outcomes: Outcomes, ladder: Sequence[str], power: Power) -> tuple[TaskFigures, ...]:
    """Every task of `outcomes` under one fixed ladder."""
    return tuple(climb(outcomes, ladder, task, power) for task in outcomes.tasks)


def oracle(outcomes: Outcomes) -> tuple[TaskFigures, ...]:
    """What nobody can have: for each task the cheapest model that solved it, or the cheapest where none did."""
    done = []
    for task in outcomes.tasks:
        trials = [outcomes.trials[model][task] for model in outcomes.models]
        solved = [t for t in trials if t.resolved]
        best = min(solved or trials, key=lambda t: t.cost_usd)
        done.append(TaskFigures(best.cost_usd, float(best.resolved), 0.0))
    return tuple(done)


def random_mix(
    outcomes: Outcomes, cheap: str, dear: str, spend_usd: Decimal, power: Power
) -> tuple[tuple[TaskFigures, ...], float]:
    """Each task to `dear` with the one chance that makes the mean cost `spend_usd`, else to `cheap`, with no look at
    the task: what a router has to beat at equal spend. The chance is the second value, held between 0 and 1."""
    low, high = over(outcomes, (cheap,), power), over(outcomes, (dear,), power)
    count = len(outcomes.tasks)
    cheap_usd = sum((t.cost_usd for t in low), Decimal(0)) / count
    dear_usd = sum((t.cost_usd for t in high), Decimal(0)) / count
    share = float((spend_usd - cheap_usd) / (dear_usd - cheap_usd)) if dear_usd != cheap_usd else 1.0
    share = min(max(share, 0.0), 1.0)
    mixed = tuple(
        TaskFigures(
            Usd(Decimal(str(share)) * b.cost_usd + Decimal(str(1 - share)) * a.cost_usd),
            share * b.right + (1 - share) * a.right,
            share * b.given_up + (1 - share) * a.given_up,
        )
        for a, b in zip(low, high, strict=True)
    )
    return mixed, share


def summed(name: str, tasks: tuple[TaskFigures, ...], seed: int = 0) -> Figures:
    """The means with bootstrap intervals."""
    costs = [float(t.cost_usd) for t in tasks]
    right = [t.right for t in tasks]
    return Figures(
        name, _interval(costs, seed), _interval(right, seed), sum(t.given_up for t in tasks) / len(tasks), tasks
    )


def against(one: Figures, other: Figures, seed: int = 0) -> Against:
    """`one` against `other`, resampled in pairs: the tasks are the same, so their difficulty cancels."""
    a = [float(t.cost_usd) for t in one.per_task]
    b = [float(t.cost_usd) for t in other.per_task]
    gain = [x.right - y.right for x, y in zip(one.per_task, other.per_task, strict=True)]
    drawn = _draws(len(a), seed)
    saved = sorted(1 - sum(a[i] for i in at) / max(sum(b[i] for i in at), 1e-12) for at in drawn)
    points = sorted(sum(gain[i] for i in at) / len(at) for at in drawn)
    return Against(
        Interval(1 - sum(a) / max(sum(b), 1e-12), *_ends(saved)), Interval(sum(gain) / len(gain), *_ends(points))
    )


def _interval(values: Sequence[float], seed: int) -> Interval:
    means = sorted(sum(values[i] for i in at) / len(at) for at in _draws(len(values), seed))
    return Interval(sum(values) / len(values), *_ends(means))


def _draws(count: int, seed: int) -> list[list[int]]:
    drawn = random.Random(seed)
    everything = range(count)
    return [drawn.choices(everything, k=count) for _ in range(_RESAMPLES)]


def _ends(ordered: Sequence[float]) -> tuple[float, float]:
    last = len(ordered) - 1
    return ordered[round(_LOW * last)], ordered[round(_HIGH * last)]
