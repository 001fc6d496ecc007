"""Rates: what a million tokens costs, with the cliffs where a longer prompt makes all of it dearer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext

from routecli.domain.money import Usage, Usd
from routecli.domain.settings import PriceOverride
from routecli.nouns import dataclass

_PER = 6
"""Rates are per 10⁶ tokens."""


@dataclass(frozen=True, slots=True)
class Cliff:
    """A prompt of more than `above_input_tokens` pays these rates for *every* token, not only for those above."""

    above_input_tokens: int
    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of one model, US dollars a million tokens, at the moment that was asked about.

    A cache rate of None means that the source has none: those tokens then cost the input rate. `source` says whose
    word it is: the bundled price list with its version, or the user's configuration.
    """

    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cache_read_usd_per_mtok: Decimal | None
    cache_write_usd_per_mtok: Decimal | None
    source: str
    cliffs: tuple[Cliff, ...] = ()


def parts(usage: Usage) -> tuple[int, int, int, int]:
    """`(uncached, cache_read, cache_write, output)` tokens, each at least 0.

    Providers have been seen to report more cached than prompt tokens; the larger number is billed then, since a
    receipt may be too high but never too low.
    """
    read, write = max(0, usage.cache_read_tokens), max(0, usage.cache_write_tokens)
    return max(0, usage.input_tokens - read - write), read, write, max(0, usage.output_tokens)


def uncached(usage: Usage) -> Usage:
    """The same tokens as if there had been no cache."""
    return replace(usage, cache_read_tokens=0, cache_write_tokens=0)


def by_override(rates: PriceOverride, usage: Usage) -> Usd:
    """The exact amount: the sum over kinds of tokens × rate ÷ 10⁶, rounded nowhere."""
    plain, read, write, output = parts(usage)
    cache_read = rates.cache_read_usd_per_mtok
    cache_write = rates.cache_write_usd_per_mtok
    with localcontext() as exact:
        exact.prec = 60
        total = (
            rates.input_usd_per_mtok * plain
            + (rates.input_usd_per_mtok if cache_read is None else cache_read) * read
            + (rates.input_usd_per_mtok if cache_write is None else cache_write) * write
            + rates.output_usd_per_mtok * output
        )
        return Usd(total.scaleb(-_PER))


def from_override(rates: PriceOverride) -> Rates:
    """The user's own rates in the shape of everybody else's."""
    return Rates(
        rates.input_usd_per_mtok,
        rates.output_usd_per_mtok,
        rates.cache_read_usd_per_mtok,
        rates.cache_write_usd_per_mtok,
        source="your configuration",
    )
