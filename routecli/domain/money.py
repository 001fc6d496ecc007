"""Money and tokens. A price is a rate, a cost is an amount; both are Decimal, never float."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType

from routecli.nouns import dataclass

Usd = NewType("Usd", Decimal)
"""An amount in US dollars. A string in JSON, so that no reader rounds it through a float."""

ZERO_USD = Usd(Decimal(0))


def usd(amount: str | int | Decimal) -> Usd:
    """`amount` as dollars. Floats are refused by the type: 0.1 is not a tenth."""
    return Usd(Decimal(amount))


class UsageSource(StrEnum):
    """Who counted the tokens."""

    REPORTED = "reported"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as billed.

    `input_tokens` is everything in the prompt, cache reads and writes included; `cache_read_tokens` and
    `cache_write_tokens` are the parts of it that have their own price. `output_tokens` includes `reasoning_tokens`.
    `raw` is the provider's own usage object, kept so that a row can be priced again. `service_tier` is what the call
    was served at, in the provider's word (flex, priority, default …); empty: it did not say.
    """

    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    source: UsageSource = UsageSource.REPORTED
    raw: dict[str, Any] = field(default_factory=dict, compare=False)
    service_tier: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost. `amount_usd` is None where no price is known: unknown is never zero. `uncached_usd` is what the
    same tokens would have cost had no cache been read or written; None: not known, or no matter of tokens."""

    amount_usd: Usd | None
    prices_as_of: date | None = None
    why_unknown: str = ""
    uncached_usd: Usd | None = None
