"""Prices that jump: a longer prompt can make all of a prompt dearer, and that is a fact of the route."""

from __future__ import annotations

from collections.abc import Iterator

from routecli.domain.ladder import Forecast, ModelRef, Reason, Route
from routecli.pricebook import Cliff, Pricebook

NEAR = 0.9
"""From this share of a cliff on it is worth a word: an estimate of tokens may be a tenth off."""


def cliff_reasons(route: Route, prices: Pricebook) -> tuple[Reason, ...]:
    """One for each tier of the ladder whose prompt is past a cliff of its first model, or just before one."""
    names = {tier.name for tier in route.ladder}
    return tuple(reason for f in route.forecasts if f.tier in names for reason in _reasons(f, prices))


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
