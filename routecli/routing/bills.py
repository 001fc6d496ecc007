"""What an attempt of a tier costs, from what was billed: of tasks like this one as soon as a few bills are there."""

from __future__ import annotations

from decimal import Decimal

from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.explained import AttemptCost
from routecli.domain.money import Usd
from routecli.routing.economics import SURCHARGE

ENOUGH_BILLS = 3
"""Below so many bills their mean is not asked."""


def first_cost(tier: str, forecast: Usd | None, evidence: Evidence) -> AttemptCost | None:
    """Of a first attempt: the mean bill of tasks like this one; else of this kind; else the forecast; else the mean of
    all. None: not known at all."""
    for scope in (Scope.HERE, Scope.KIND):
        tally = evidence.of(tier, scope, after=False)
        if tally.priced >= ENOUGH_BILLS:
            return AttemptCost(_mean(tally), scope.value, tally.priced)
    if forecast is not None:
        return AttemptCost(forecast, "forecast")
    tally = evidence.of(tier, Scope.ALL, after=False)
    return AttemptCost(_mean(tally), Scope.ALL.value, tally.priced) if tally.priced else None


def cost_after(tier: str, first: AttemptCost, evidence: Evidence) -> AttemptCost:
    """Of an attempt after a lower tier's failure: the mean bill of such tasks, else of this kind. Else the ledger's own
    surcharge, by how much such bills of the tier are above those of its first attempts, times `first`: a mean over all
    tasks would not be one of this size; and below 1 it tells of other tasks, since the prompt of such an attempt holds
    more. Without first bills to compare with, that mean; without any, SURCHARGE."""
    for scope in (Scope.HERE, Scope.KIND):
        tally = evidence.of(tier, scope, after=True)
        if tally.priced >= ENOUGH_BILLS:
            return AttemptCost(_mean(tally), scope.value, tally.priced)
    later, firsts = (evidence.of(tier, Scope.ALL, after=after) for after in (True, False))
    if later.priced < ENOUGH_BILLS:
        return AttemptCost(Usd(first.usd * SURCHARGE), "surcharge")
    if firsts.priced >= ENOUGH_BILLS and firsts.cost_usd > 0:
        return AttemptCost(Usd(first.usd * max(_mean(later) / _mean(firsts), Decimal(1))), "ratio", later.priced)
    return AttemptCost(_mean(later), Scope.ALL.value, later.priced)


def _mean(tally: Tally) -> Usd:
    return Usd(tally.cost_usd / Decimal(tally.priced))
