"""A policy on recorded outcomes: tuned on one half, scored on the other, with what it has to be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.nouns import dataclass
from routecli.routing.economics import Power, Worth
from routecli.routing.simulation import replay as r
from routecli.routing.simulation.outcomes import Outcomes, halves, read_outcomes
from routecli.routing.simulation.tuned import choose_among, choose_seen, rungs_seen

POLICIES = ("expected-cost", "cascade")


@dataclass(frozen=True, slots=True)
class Asked:
    """`tiers` empty: the ladder is chosen among all recorded models below `top`; `top` empty: the model with the most
    resolved in the tuned half. `tolerance` is a share."""

    outcomes: Path
    policy: str = "expected-cost"
    tiers: tuple[str, ...] = ()
    top: str = ""
    dataset: str = ""
    tolerance: float = 0.01
    false_alarm: float = 0.0


@dataclass(frozen=True, slots=True)
class AtRate:
    """One detection rate. `expected` is what the policy thought on the tuned half; `against_top` and `against_mix` are
    paired on the scored half. `said` is what it says of itself: saves, or not."""

    detection: float
    ladder: tuple[str, ...]
    expected: Worth
    expected_top: Worth
    policy: r.Figures
    top: r.Figures
    mix: r.Figures
    mix_share: float
    against_top: r.Against
    against_mix: r.Against
    said: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """All of it. `single` is each model alone (no verdict: it is taken as it is), `oracle` what nobody can have."""

    tuned_on: int
    scored_on: int
    rates: tuple[AtRate, ...]
    single: tuple[r.Figures, ...]
    oracle: r.Figures


def replayed(asked: Asked, rates: Sequence[float]) -> Replayed:
    """Replays. Raises UsageFault: a file, a model or a policy that is not there."""
    if asked.policy not in POLICIES:
        raise UsageFault(
            f"--policy {one_line(asked.policy)} cannot be replayed: the outcomes hold no task's words or files",
            hint=f"one of {', '.join(POLICIES)}",
        )
    wanted = (*asked.tiers, *((asked.top,) if asked.top else ()))
    outcomes = read_outcomes(asked.outcomes, dataset=asked.dataset, models=asked.tiers or ())
    unknown = [m for m in wanted if m not in outcomes.trials]
    if unknown:
        raise UsageFault(f"no model {one_line(unknown[0])} in the outcomes", hint=", ".join(outcomes.models)[:600])
    tune, score = (outcomes.only(half) for half in halves(outcomes.tasks))
    if not tune.tasks or not score.tasks:
        raise UsageFault(f"{asked.outcomes}: too few tasks to tune on one half and score on the other")
    single = tuple(r.summed(m, r.over(score, (m,), Power(0.0))) for m in outcomes.models)
    return Replayed(
        len(tune.tasks), len(score.tasks), tuple(_at(asked, tune, score, d) for d in rates), single,
        r.summed("oracle", r.oracle(score)),
    )  # fmt: skip


def _at(asked: Asked, tune: Outcomes, score: Outcomes, detection: float) -> AtRate:
    power = Power(detection, asked.false_alarm)
    top = asked.top or (asked.tiers[-1] if asked.tiers else max(tune.models, key=tune.resolved_share))
    ladder, expected, expected_top = _ladder(asked, tune, top, power)
    policy = r.summed(asked.policy, r.over(score, ladder, power))
    alone = r.summed(f"always {top}", r.over(score, (top,), power))
    tasks, share = r.random_mix(score, ladder[0], top, Decimal(str(policy.cost_usd.mean)), power)
    mix = r.summed("random mix at equal spend", tasks)
    beside_top = r.against(policy, alone)
    return AtRate(
        detection, ladder, expected, expected_top, policy, alone, mix, share, beside_top, r.against(policy, mix),
        _said(expected, expected_top),
    )  # fmt: skip


def _ladder(asked: Asked, tune: Outcomes, top: str, power: Power) -> tuple[tuple[str, ...], Worth, Worth]:
    if asked.policy == "cascade":
        from routecli.routing.economics import worth

        rungs = rungs_seen(tune, asked.tiers or (tune.models[0], top))
        return tuple(x.tier for x in rungs), worth(rungs, power), worth(rungs[-1:], power)
    if asked.tiers:
        choice = choose_seen(tune, asked.tiers, power, asked.tolerance)
    else:
        choice = choose_among(tune, top, power, asked.tolerance)
    return choice.chosen.tiers, choice.chosen, choice.top


def _said(expected: Worth, top: Worth) -> str:
    if expected.tiers == top.tiers:
        return "no saving: the top tier alone"
    saved = 1 - expected.cost_usd / top.cost_usd if top.cost_usd else Decimal(0)
    points = (expected.quality - top.quality) * 100
    verb = "saves" if saved > 0 else "costs"
    return f"{verb} {abs(saved):.0%}, {points:+.1f} points (expected)"
