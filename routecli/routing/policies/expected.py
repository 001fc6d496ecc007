"""The ladder with the least expected cost whose expected quality is the user's: economics over what the ledger saw."""

from __future__ import annotations

import random
from dataclasses import replace

from routecli.domain.ladder import Reason
from routecli.domain.money import ZERO_USD
from routecli.routing.beliefs import drawn_right, priors_of, rungs_of
from routecli.routing.economics import Choice, Power, Rung, Worth, choose, pays, spares, trial, worth
from routecli.routing.policies.facts import Advice, Facts
from routecli.routing.policies.thresholds import thresholds


def expected_cost(facts: Facts) -> Advice:
    """Weighs every ladder that ends at the top. Where a price is unknown nothing can be weighed: the thresholds."""
    costs_usd = {f.tier: f.cost_usd for f in facts.forecasts}
    rungs = rungs_of([t.name for t in facts.tiers], costs_usd, facts.evidence, facts.power, priors_of(facts.tiers))
    if rungs is None:
        advice = thresholds(facts)
        return replace(advice, reasons=(*advice.reasons, Reason("evidence", "a tier has no known price: thresholds")))
    choice = choose(rungs, facts.power, facts.tolerance)
    trial = _trial(rungs, facts, choice)
    if trial is not None:
        return trial
    places = _places(choice.chosen, facts)
    return Advice(places, (_why(choice), *_passed_over(rungs, choice, facts)), choice)


def _places(chosen: Worth, facts: Facts) -> tuple[int, ...]:
    names = [t.name for t in facts.tiers]
    return tuple(names.index(tier) for tier in chosen.tiers)


def _why(choice: Choice) -> Reason:
    chosen, top = choice.chosen, choice.top
    lost = (top.quality - chosen.quality) * 100
    quality = f"{chosen.quality:.0%} right" + (
        f", {lost:.1f} points below {top.tiers[-1]} alone" if lost > 0.05 else ""
    )
    if chosen.tiers == top.tiers:
        text = f"{top.tiers[-1]} alone: no cheaper ladder is within {_points(choice.tolerance)} of its {quality}"
        return Reason("no-saving", text)
    if not choice.saves:
        return Reason("no-saving", f"{' → '.join(chosen.tiers)}: {quality}; it saves nothing against {top.tiers[-1]}")
    saved = 1 - chosen.cost_usd / top.cost_usd
    return Reason("expected-cost", f"{' → '.join(chosen.tiers)}: {saved:.0%} below {top.tiers[-1]} alone, {quality}")


def _points(share: float) -> str:
    points = f"{share * 100:g}"
    return f"{points} point" if points == "1" else f"{points} points"


def _passed_over(rungs: tuple[Rung, ...], choice: Choice, facts: Facts) -> tuple[Reason, ...]:
    """Each tier that is not climbed to, and whether it is its price or its quality that speaks against it."""
    told = []
    for place, rung in enumerate(rungs[:-1]):
        if rung.tier in choice.chosen.tiers:
            continue
        above = worth([r for r in rungs[place + 1 :] if r.tier in choice.chosen.tiers], facts.power)
        why = (
            "its wrong patches would cost quality"
            if pays(rung, above, facts.power)
            else _dear(rung, above, facts.power)
        )
        told.append(Reason("skipped", f"{rung.tier} passed over: right {rung.right:.0%}, {why}"))
    return tuple(told)


def _dear(rung: Rung, above: Worth, power: Power) -> str:
    spared = spares(rung, above, power)
    times = f", it costs {rung.cost_usd / spared:.1f} times what it spares" if spared > 0 else ""
    return f"it does not pay for itself{times}"


def _trial(rungs: tuple[Rung, ...], facts: Facts, choice: Choice) -> Advice | None:
    """Another ladder, to learn, where today's budget for that holds a first attempt of what is tried."""
    if facts.explore_left_usd <= 0:
        return None
    source = random.Random(facts.seed)
    drawn = [replace(rung, right=drawn_right(rung, source)) for rung in rungs]
    other = trial(rungs, drawn, choice.chosen, facts.power, facts.tolerance)
    added = sum((r.cost_usd for r in rungs if r.tier in other.tiers and r.tier not in choice.chosen.tiers), ZERO_USD)
    if other.tiers == choice.chosen.tiers or added > facts.explore_left_usd:
        return None
    text = f"a trial of {' → '.join(other.tiers)} in place of {' → '.join(choice.chosen.tiers)}, to learn"
    return Advice(_places(other, facts), (Reason("explore", text),), choice, explores=True)
