"""What a level, and a failure of the same task before, do to a policy's ladder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routecli.domain.classified import Classified, Level, place_of
from routecli.domain.ladder import Reason, Tier
from routecli.nouns import dataclass
from routecli.routing.lanes import Lane, beginning
from routecli.routing.policies import Advice

CLASSIFIERS = ("words", "complexity", "shadow")
"""`routing.classifier`: the policy's own reading of words and counts; our points; a model's LOW, MEDIUM or HIGH."""
UNLEVELLED = frozenset({"cascade", "hint"})
"""Policies that begin at the cheapest tier or where somebody says: no level is asked for."""
FORGETFUL = frozenset({"cascade", "static"})
"""Policies whose published rule has no memory: a failure before changes nothing."""


@dataclass(frozen=True, slots=True)
class Failed:
    """That the same task was deferred lately: by `run_id`, after `tier` as the dearest."""

    run_id: str
    tier: str


def classed(advice: Advice, told: Classified | None, tiers: Sequence[Tier]) -> Advice:
    """`advice` from the tier that the level leads to. A ladder that was weighed by evidence only loses what lies below:
    a level says nothing of which tiers pay."""
    if told is None:
        return advice
    place = place_of(told.level, len(tiers))
    where = tiers[place].name
    if not told.obeyed:
        reason = Reason("classified", f"{told.level.value} says {told.by} ({told.why}): {where}; not obeyed")
        return replace(advice, reasons=(*advice.reasons, reason))
    reason = Reason("classified", f"{told.level.value} says {told.by} ({told.why}): {where}")
    own = [p for p in advice.places if p >= place] if advice.choice is not None else list(range(place, len(tiers)))
    return replace(advice, places=tuple(own or range(place, len(tiers))), reasons=(*advice.reasons, reason))


def past_failure(advice: Advice, failed: Failed | None, tiers: Sequence[Tier]) -> Advice:
    """`advice` from above the tier at which the same task ended in vain, where there is one above."""
    names = [tier.name for tier in tiers]
    if failed is None or failed.tier not in names:
        return advice
    above = names.index(failed.tier) + 1
    if above >= len(tiers) or advice.places[0] >= above:
        return advice
    left = [p for p in advice.places if p >= above] or list(range(above, len(tiers)))
    text = f"{failed.run_id} gave this task up at {failed.tier}: from {names[left[0]]}"
    return replace(advice, places=tuple(left), reasons=(*advice.reasons, Reason("failed-before", text)))


def laned(advice: Advice, lane: Lane, told: Classified | None, tiers: Sequence[Tier]) -> Advice:
    """`advice` from where the lane begins, unless the task is HIGH: then what is cheap and slow is only slow."""
    place = beginning(lane, tiers)
    hard = told is not None and told.obeyed and told.level is Level.HIGH
    if place is None or hard or place == advice.places[0]:
        return advice
    above = [p for p in advice.places if p > place]
    reason = Reason("lane", f"from {tiers[place].name}, where the lane {lane.name} begins")
    return replace(advice, places=(place, *above), reasons=(*advice.reasons, reason))


__all__ = ["CLASSIFIERS", "FORGETFUL", "UNLEVELLED", "Failed", "classed", "laned", "past_failure"]
