"""The price list that genai-prices carries inside, or a newer one that was fetched: no network here, ever. Imported at
the first price that is asked for."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from routecli.domain.money import Usage, Usd
from routecli.pricebook.rates import Cliff, Rates, parts

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, Provider

    from routecli.pricebook.fetched import Fetched


class NoPrice(LookupError):
    """The list has no such provider or model; the message says which."""


@cache
def models(kept: Fetched | None = None) -> DataSnapshot:
    """The list that was `kept`, else the bundled one. Raises fetched.BadBook."""
    from genai_prices.data_snapshot import DataSnapshot, get_snapshot

    return get_snapshot() if kept is None else DataSnapshot(kept.providers(), from_auto_update=True)


def find(
    provider_id: str | None, model: str, api_url: str | None = None, *, within: Fetched | None = None
) -> tuple[Provider, ModelInfo]:
    """The list's entry. `provider_id` is its own name of the provider; without one, `api_url` decides.

    Raises NoPrice.
    """
    try:
        found: tuple[Provider, ModelInfo] = models(within).find_provider_model(model, None, provider_id, api_url)
    except LookupError as fault:
        raise NoPrice(_missing(provider_id, model, api_url)) from fault
    return found


def vendor(provider_id: str, api_url: str | None = None, *, within: Fetched | None = None) -> Provider | None:
    """The list's provider, by its address or its name; None where it has none."""
    try:
        found: Provider = models(within).find_provider(None, None if api_url else provider_id, api_url)
    except LookupError:
        return None
    return found


def by_the_hour(model: ModelInfo) -> bool:
    """Whether its prices hang on the time of the day."""
    from genai_prices.types import TimeOfDateConstraint

    return isinstance(model.prices, list) and any(isinstance(c.constraint, TimeOfDateConstraint) for c in model.prices)


def _missing(provider_id: str | None, model: str, api_url: str | None) -> str:
    if provider_id is None:
        return f"the price list does not know {model} at {api_url}; `price_as` names a provider of the list"
    return f"the price list has no {model} of {provider_id}"


def _moment(at: datetime | None) -> datetime:
    return at or datetime.now(UTC)


def price(provider: Provider, model: ModelInfo, usage: Usage, at: datetime | None = None, *, served: str = "") -> Usd:
    """What `usage` costs at `at` (now), served at the service tier `served` (empty: as ever). Raises NoPrice where the
    list cannot price this kind of usage."""
    return _price_with(_served(provider, model, _moment(at), served), usage, f"{provider.id}/{model.id}")


DEARER = frozenset({"priority", "fast"})
"""Service tiers that cost more than the usual: where the list has no price for one, there is none. What it does not
know of the others is billed as ever, which may be too high and never too low."""


def _served(provider: Provider, model: ModelInfo, at: datetime, served: str, *, asked: bool = False) -> ModelPrice:
    """Raises NoPrice: the list has no price for a service tier that is asked for, or that costs more."""
    known = any(variant.when.get("service_tier") == served for variant in model.price_variants or ())
    if served and not known and (asked or served in DEARER):
        raise NoPrice(f"the price list has no price of {provider.id}/{model.id} at the service tier {served}")
    return model.get_prices(at, {"service_tier": served} if served and known else None)


def dearest(
    provider: Provider, model: ModelInfo, input_tokens: int, output_tokens: int, *, asked: str | None = None
) -> Usd:
    """The most that a call of this size may cost today: the dearest hour of the day (DeepSeek has two rates),
    the prompt written to the cache or not, whichever is dearer; at the service tier that is asked for, or at the usual
    one, where the server decides for that."""
    prompts = (Usage(input_tokens, output_tokens=output_tokens),
               Usage(input_tokens, cache_write_tokens=input_tokens, output_tokens=output_tokens))  # fmt: skip
    what = f"{provider.id}/{model.id}"
    rates = _hours(model) + ([_served(provider, model, _moment(None), asked, asked=True)] if asked else [])
    return max(_price_with(one, usage, what) for one in rates for usage in prompts)


def _hours(model: ModelInfo) -> list[ModelPrice]:
    """The prices that hold at some hour of today."""
    from genai_prices.types import TimeOfDateConstraint

    now = datetime.now(UTC)
    holding = [model.get_prices(now)]
    if isinstance(model.prices, list):
        holding += [c.prices for c in model.prices if isinstance(c.constraint, TimeOfDateConstraint)]
    return holding


def _price_with(rates: ModelPrice, usage: Usage, what: str) -> Usd:
    from genai_prices.types import Usage as Counted

    plain, read, write, output = parts(usage)
    if rates.input_mtok is None or rates.output_mtok is None:
        raise NoPrice(f"{what} is in the price list without a price per token")
    counted = Counted(
        input_tokens=plain + read + write,
        cache_read_tokens=read or None,
        cache_write_tokens=write or None,
        output_tokens=output,
        output_reasoning_tokens=min(max(0, usage.reasoning_tokens), output) or None,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return Usd(rates.calc_price(counted)["total_price"])
    except (ValueError, UserWarning) as fault:
        raise NoPrice(f"{what} cannot be priced: {fault}") from fault


def rates(
    provider: Provider, model: ModelInfo, at: datetime | None = None, *, source: str = "", asked: str | None = None
) -> Rates:
    """The rates at `at` (now) and at the service tier `asked`, with their cliffs; `source` is whose word it is. Raises
    NoPrice: tokens have none."""
    listed = _served(provider, model, _moment(at), asked or "", asked=True)
    if listed.input_mtok is None or listed.output_mtok is None:
        raise NoPrice(f"{provider.id}/{model.id} is in the price list without a price per token")
    base = [_base(v) for v in (listed.input_mtok, listed.output_mtok, listed.cache_read_mtok, listed.cache_write_mtok)]
    starts = sorted({tier.start for value in (listed.input_mtok, listed.output_mtok) for tier in _tiers(value)})
    cliffs = tuple(
        Cliff(start, _above(listed.input_mtok, start), _above(listed.output_mtok, start)) for start in starts
    )
    assert base[0] is not None
    assert base[1] is not None
    return Rates(base[0], base[1], base[2], base[3], source=source or f"genai-prices {version()}", cliffs=cliffs)


def _base(value: Any) -> Decimal | None:
    rate: Decimal | None = getattr(value, "base", value)
    return rate


def _tiers(value: Any) -> list[Any]:
    return list(getattr(value, "tiers", ()))


def _above(value: Any, start: int) -> Decimal:
    """The rate of a prompt just above `start`."""
    rate: Decimal = getattr(value, "base", value)
    for tier in _tiers(value):
        if tier.start <= start:
            rate = tier.price
    return rate


@cache
def version() -> str:
    """The installed release of the list."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        return distribution("genai-prices").version
    except PackageNotFoundError:  # a frozen build without metadata
        return "of unknown version"
