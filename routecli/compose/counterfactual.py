"""What always using the top tier would have cost: an estimate, and printed as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from routecli.domain.ladder import ModelRef, Route, Tier
from routecli.domain.money import Usage, UsageSource
from routecli.domain.receipt import Attempt, Baseline
from routecli.ports import Pricer


def baseline_of(
    top: Tier | None, route: Route, attempts: Sequence[Attempt], pricer: Pricer, tokens: Callable[[str, int, str], int]
) -> Baseline:
    """One call of the top tier: the first attempt's prompt and the last answer's length, counted by the top tier's
    tokenizer, at its list price without any cache. Where the top tier itself was called, its own bill.

    `tokens(model, count, other)` turns `count` tokens of `model` into tokens of `other`. With no model called (tier 0
    alone), the forecast. It assumes that the top tier would have been right at once: so it errs against us.
    """
    if top is None or not top.models:
        return Baseline("", "", None, "no tier with a model is configured")
    model = top.models[0]
    paid = [a for a in attempts if (a.usage.input_tokens or a.usage.output_tokens) and not a.purpose]
    own = [a for a in paid if a.tier == top.name and not a.repair]
    if own:
        return Baseline(top.name, str(model), own[0].cost_usd, f"{top.name} was called: its own bill", estimated=False)
    if paid:
        asked, answered = paid[0], paid[-1]
        usage = Usage(
            tokens(asked.model, asked.usage.input_tokens, model.model),
            output_tokens=tokens(answered.model, answered.usage.output_tokens, model.model),
            source=UsageSource.ESTIMATED,
        )
        how = "this prompt and this answer's length, once, at its list price"
        return _priced(top, model, usage, pricer, how)
    forecast = next((f for f in route.forecasts if f.tier == top.name), None)
    if forecast is None:
        return Baseline(top.name, str(model), None, "no forecast for this tier")
    usage = Usage(forecast.input_tokens, output_tokens=forecast.output_tokens, source=UsageSource.ESTIMATED)
    return _priced(top, model, usage, pricer, "its forecast for this task, once, at its list price")


def _priced(top: Tier, model: ModelRef, usage: Usage, pricer: Pricer, how: str) -> Baseline:
    cost = pricer.cost(model.provider, model.model, usage)
    return Baseline(top.name, str(model), cost.amount_usd, how if cost.amount_usd is not None else cost.why_unknown)
