"""A run's calls priced again, off the tokens that the ledger kept: with today's list and today's overrides."""

from __future__ import annotations

import json
from decimal import Decimal

from routecli.domain.money import Cost, Usage, UsageSource, Usd
from routecli.ledger.records import RequestRow, RunRecord
from routecli.nouns import dataclass
from routecli.ports import Pricer


@dataclass(frozen=True, slots=True)
class Repriced:
    """The calls that were billed, each with what it would cost now. A sum of None: one of them has no known price."""

    calls: tuple[tuple[RequestRow, Cost], ...]

    @property
    def was_usd(self) -> Usd | None:
        """What they cost then."""
        return _sum([request.cost_usd for request, _ in self.calls])

    @property
    def now_usd(self) -> Usd | None:
        """What they would cost now."""
        return _sum([cost.amount_usd for _, cost in self.calls])


def reprice(record: RunRecord, prices: Pricer) -> Repriced:
    """Every settled call of `record`. A call of an agent whose requests nobody saw has no tokens, and no new price."""
    calls = []
    for request in record.requests:
        if request.state == "settled" and request.input_tokens is not None:
            provider, _, model = request.model.partition("/")
            calls.append((request, prices.cost(provider, model, usage_of(request))))
    return Repriced(tuple(calls))


def usage_of(request: RequestRow) -> Usage:
    """The tokens of a call as they were billed."""
    return Usage(
        request.input_tokens or 0,
        request.cache_read_tokens or 0,
        request.cache_write_tokens or 0,
        request.output_tokens or 0,
        request.reasoning_tokens or 0,
        UsageSource.ESTIMATED if request.usage_source == UsageSource.ESTIMATED.value else UsageSource.REPORTED,
        service_tier=_served(request.usage_raw),
    )


def _served(usage_raw: str) -> str:
    """The service tier of a call, kept beside its usage."""
    try:
        raw = json.loads(usage_raw or "{}")
    except ValueError:
        return ""
    return str(raw.get("service_tier") or "") if isinstance(raw, dict) else ""


def _sum(amounts: list[Usd | None]) -> Usd | None:
    known = [amount for amount in amounts if amount is not None]
    return Usd(sum(known, Decimal(0))) if len(known) == len(amounts) else None
