"""Figures that are fair to look at: shares and savings with their intervals, and the published marks beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from routecli.nouns import dataclass
from routecli.routing.alerts import FIRST_TIER_SUCCESS, OVERRIDES, SECOND_TO_THIRD, TOP_REQUESTS, TOP_SPEND

LEAST = 30
"""Runs below which no saving is stated: an interval from fewer says nothing."""
_Z = 1.959963984540054
"""The 97.5 % point of the normal distribution: intervals are 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, and the 95 % interval by Wilson's score (Wilson 1927, JASA 22, p. 209)."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; 0 of nothing."""
        return self.part / self.whole if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class Saving:
    """What was not paid, beside the estimate for the top tier alone. `share` is of that estimate, with its 95 %
    interval (`low`, `high`), all None below LEAST runs or where the estimate is nothing."""

    runs: int
    usd: Decimal
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure that published routers review by. `limit` is theirs (None: they name none), `over` says that it is on
    the wrong side of it."""

    code: str
    text: str
    share: Share
    limit: float | None
    over: bool


def share(part: int, whole: int) -> Share:
    """`part` of `whole` with its interval; of nothing, the interval is everything."""
    if whole <= 0:
        return Share(part, whole, 0.0, 1.0)
    p, zz = part / whole, _Z * _Z
    middle = (p + zz / (2 * whole)) / (1 + zz / whole)
    half = _Z / (1 + zz / whole) * math.sqrt(p * (1 - p) / whole + zz / (4 * whole * whole))
    return Share(part, whole, max(0.0, middle - half), min(1.0, middle + half))


def saving(runs: int, cost_usd: Decimal, baseline_usd: Decimal, dd: float, db: float, bb: float) -> Saving:
    """The ratio of what was saved (d) to the estimate (b) over all runs. `dd`, `db`, `bb` are the sums of d·d, d·b and
    b·b; the interval is that of a ratio estimator by linearisation (Cochran, Sampling Techniques, 3rd ed., 6.4)."""
    saved = baseline_usd - cost_usd
    if runs < LEAST or baseline_usd <= 0:
        return Saving(runs, saved)
    ratio, total = float(saved / baseline_usd), float(baseline_usd)
    residual = max(0.0, dd - 2 * ratio * db + ratio * ratio * bb)
    half = _Z * math.sqrt(runs / (runs - 1) * residual) / total
    return Saving(runs, saved, ratio, ratio - half, ratio + half)


@dataclass(frozen=True, slots=True)
class Work:
    """What a tier did, as `marks` needs it."""

    runs: int
    right: int
    attempts: int
    cost_usd: Decimal


def marks(
    ladder: tuple[str, ...], tiers: Mapping[str, Work], judged: int, wrong: Share, overruled: Share
) -> tuple[Mark, ...]:
    """The published review figures, cheapest tier first in `ladder`; `wrong` are verified patches that were bad after
    all, of those that somebody spoke of; `overruled` the runs in which a person did otherwise than the router or the
    verdict. Without a tier's runs, its figure is left out."""
    known = [name for name in ladder if name in tiers]
    if not known:
        return ()
    first, top = known[0], known[-1]
    work = tiers[first]
    found = [
        _mark("first-tier", f"{first}: its tasks that succeed", work.right, work.runs, FIRST_TIER_SUCCESS, low=True)
    ]
    if len(known) > 2:
        third = known[2]
        found.append(_mark("second-to-third", f"runs that need {third}", tiers[third].runs, judged, SECOND_TO_THIRD))
    if len(known) > 1:
        attempts = sum(work.attempts for work in tiers.values())
        found.append(_mark("top-requests", f"{top}: of all attempts", tiers[top].attempts, attempts, TOP_REQUESTS))
        spent = sum((work.cost_usd for work in tiers.values()), Decimal(0))
        if spent > 0:
            # A share of money has no interval of its own: whole thousandths stand in for counts, without one.
            part = float(tiers[top].cost_usd / spent)
            value = Share(round(part * 1000), 1000, part, part)
            found.append(Mark("top-spend", f"{top}: of all spend", value, TOP_SPEND, part > TOP_SPEND))
    if overruled.whole:
        found.append(Mark("overrides", "runs that you overruled", overruled, OVERRIDES, overruled.value > OVERRIDES))
    if wrong.whole:
        found.append(Mark("regressions", "verified, spoken of, and bad after all", wrong, None, False))
    return tuple(found)


def _mark(code: str, text: str, part: int, whole: int, limit: float, *, low: bool = False) -> Mark:
    value = share(part, whole)
    return Mark(code, text, value, limit, whole > 0 and (value.value < limit if low else value.value > limit))
