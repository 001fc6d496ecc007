"""Prices that are other ones than usual, as facts of the route: a longer prompt can make all of it dearer, and a
service tier has its own rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from routecli.domain.ladder import Forecast, ModelRef, Reason, Route
from routecli.domain.settings import ProviderSettings
from routecli.pricebook import Cliff, Pricebook

NEAR = 0.9
"""From this share of a cliff on it is worth a word: an estimate of tokens may be a tenth off."""


def cliff_reasons(route: Route, prices: Pricebook) -> tuple[Reason, ...]:
    """One for each tier of the ladder whose prompt is past a cliff of its first model, or just before one."""
    names = {tier.name for tier in route.ladder}
    return tuple(reason for f in route.forecasts if f.tier in names for reason in _reasons(f, prices))


def service_reasons(route: Route, prices: Pricebook, providers: Mapping[str, ProviderSettings]) -> tuple[Reason, ...]:
    """One for each tier of the ladder whose first model is asked at a service tier of its own."""
    return tuple(
        Reason("service-tier", f"{tier.name}: {model} is asked at {asked}{_rates_text(prices, model)}")
        for tier in route.ladder
        for model in tier.models[:1]
        if (found := providers.get(model.provider)) is not None and (asked := found.service_tier)
    )


def _rates_text(prices: Pricebook, model: ModelRef) -> str:
    rates = prices.rates(model.provider, model.model)
    if rates is None:
        return ", at an unknown price"
    return f", ${rates.input_usd_per_mtok:f} in, ${rates.output_usd_per_mtok:f} out a million"


def _reasons(forecast: Forecast, prices: Pricebook) -> Iterator[Reason]:
    provider, _, model = forecast.model.partition("/")
    rates = prices.rates(ModelRef(provider, model).provider, model)
    past = [c for c in rates.cliffs if forecast.input_tokens > c.above_input_tokens] if rates else []
    ahead = [c for c in rates.cliffs if c not in past] if rates else []
    if past:
        yield Reason("cliff", f"{_told(forecast, past[-1])}, and this one has about {forecast.input_tokens:,}")
    elif ahead and forecast.input_tokens > NEAR * ahead[0].above_input_tokens:
        yield Reason("cliff", f"{_told(forecast, ahead[0])}; this one comes near, with about {forecast.input_tokens:,}")


def _told(forecast: Forecast, cliff: Cliff) -> str:
    rates = f"${cliff.input_usd_per_mtok:f} in, ${cliff.output_usd_per_mtok:f} out"
    return f"{forecast.tier}: a prompt above {cliff.above_input_tokens:,} tokens costs {rates} a million"
