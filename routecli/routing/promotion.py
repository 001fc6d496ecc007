"""Whether a tier has earned more of the work, or lost it: pure functions; who calls them decides what is written.

The marks are those of a published router: promoted from a pass rate of 0.95 on a held-out suite, which raises the
file threshold by one; below 0.92 its work goes to the stronger model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from routecli.domain.settings import Thresholds
from routecli.nouns import dataclass
from routecli.routing.standing import Share

PROMOTE = 0.95
REGRESS = 0.92
LEAST = 20
"""Tasks below which nothing is advised: 19 of 20 is the first share that reaches 0.95 with a failure in it."""


class Step(StrEnum):
    """What is advised for the first tier."""

    PROMOTE = "promote"
    HOLD = "hold"
    REGRESS = "regress"


@dataclass(frozen=True, slots=True)
class Advice:
    """`thresholds` are those after it; `why` is one line."""

    step: Step
    thresholds: Thresholds
    why: str


def advise(tier: str, passed: Share, thresholds: Thresholds) -> Advice:
    """What the pass rate of the first tier says of the threshold up to which it is asked first."""
    said = f"{tier} solves {passed.part} of {passed.whole} ({passed.value:.1%}, {passed.low:.1%} to {passed.high:.1%})"
    if passed.whole < LEAST:
        return Advice(Step.HOLD, thresholds, f"{said}: fewer than {LEAST} tasks say too little")
    if passed.value >= PROMOTE:
        return promote(said, thresholds)
    if passed.value < REGRESS:
        return regress(said, thresholds)
    return Advice(Step.HOLD, thresholds, f"{said}: between {REGRESS} and {PROMOTE} all stays as it is")


@dataclass(frozen=True, slots=True)
class KindsAdvice:
    """`kinds` are those that the tier should take after it, in order of name; `why` is a line for each kind tried."""

    kinds: tuple[str, ...]
    why: tuple[str, ...]


def advise_kinds(tier: str, passed: Mapping[str, Share], now: Sequence[str]) -> KindsAdvice:
    """What the pass rates by kind say of a tier that takes only some kinds: from PROMOTE over at least LEAST tasks a
    kind is added, below REGRESS it is taken out; what was not tried, or too little, stays as it is."""
    kinds, why = set(now), []
    for kind, rate in sorted(passed.items()):
        said = f"{tier} solves {rate.part} of {rate.whole} of the kind {kind} ({rate.low:.1%} to {rate.high:.1%})"
        if rate.whole < LEAST:
            why.append(f"{said}: fewer than {LEAST} tasks say too little")
        elif rate.value >= PROMOTE:
            kinds.add(kind)
            why.append(f"{said}: promoted")
        elif rate.value < REGRESS:
            kinds.discard(kind)
            why.append(f"{said}: below {REGRESS}, not its own")
        else:
            why.append(f"{said}: stays as it is")
    return KindsAdvice(tuple(sorted(kinds)), tuple(why))


def promote(said: str, thresholds: Thresholds) -> Advice:
    """One file more goes to the first tier, up to where the top tier begins."""
    files = min(thresholds.middle_files + 1, thresholds.top_files)
    if files == thresholds.middle_files:
        return Advice(Step.HOLD, thresholds, f"{said}: promoted as far as routing.top_files allows")
    return Advice(Step.PROMOTE, replace(thresholds, middle_files=files), f"{said}: {PROMOTE} or more, one file more")


def regress(said: str, thresholds: Thresholds) -> Advice:
    """All of its work goes to the next tier."""
    if thresholds.middle_files == 0:
        return Advice(Step.HOLD, thresholds, f"{said}: it is not asked first already")
    return Advice(Step.REGRESS, replace(thresholds, middle_files=0), f"{said}: below {REGRESS}, the next tier begins")
