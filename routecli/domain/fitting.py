"""Whether a level was the one that a run turned out to need."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from routecli.domain.classified import Level, place_of
from routecli.domain.receipt import Attempt
from routecli.domain.verdict import Accepted


class Fit(StrEnum):
    """What the run said of a level. That a tier was too dear is seen only where a cheaper one was asked."""

    FITS = "fits"
    TOO_LOW = "too-low"
    TOO_HIGH = "too-high"
    UNKNOWN = ""


def fit_of(level: Level, attempts: Sequence[Attempt], tiers: Sequence[str]) -> Fit:
    """Whether the tier whose patch was accepted is the one that `level` leads to, of `tiers` (all, cheapest first).

    UNKNOWN where nothing was accepted by a model tier, and where it fits only because nobody cheaper was asked."""
    tried = [a for a in attempts if not a.purpose and a.tier in tiers]
    accepted = next((a for a in tried if isinstance(a.verdict, Accepted) and a.patch), None)
    if accepted is None:
        return Fit.UNKNOWN
    needed, told = tiers.index(accepted.tier), place_of(level, len(tiers))
    if needed != told:
        return Fit.TOO_LOW if needed > told else Fit.TOO_HIGH
    cheaper_failed = any(tiers.index(a.tier) < needed for a in tried)
    return Fit.FITS if needed == 0 or cheaper_failed else Fit.UNKNOWN
