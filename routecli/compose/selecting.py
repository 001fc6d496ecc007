"""The models of each tier put into the order in which they are to be asked right now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from routecli import routing
from routecli.domain.ladder import ModelRef, Reason, Tier
from routecli.domain.money import Usage
from routecli.domain.settings import Settings
from routecli.domain.task import Kind, Survey
from routecli.ledger.ledger import Ledger
from routecli.pricebook import Pricebook
from routecli.providers.queues import is_own_server, waiting_at
from routecli.survey import tokens as tokenizer

Selected = tuple[tuple[Tier, ...], dict[str, tuple[Reason, ...]]]


def selected(settings: Settings, kind: Kind, found: Survey, prices: Pricebook, ledger: Ledger) -> Selected:
    """The tiers with their models in order, and the reasons by tier. A tier with one model, or with `select = "order"`,
    stays as it is written, and nobody is asked anything for it."""
    tiers, reasons = [], {}
    for tier in settings.tiers:
        if tier.select == "order" or len(tier.models) < 2:
            tiers.append(tier)
            continue
        contenders = [_contender(model, settings, kind, found, prices, ledger) for model in tier.models]
        models, why = routing.select(tier.select, contenders, float(settings.hour_usd))
        tiers.append(replace(tier, models=models))
        reasons[tier.name] = tuple(Reason(one.code, f"{tier.name} {one.text}") for one in why)
    return tuple(tiers), reasons


def _contender(
    model: ModelRef, settings: Settings, kind: Kind, found: Survey, prices: Pricebook, ledger: Ledger
) -> routing.Contender:
    asked = tokenizer.for_model(found.context_tokens + routing.PROMPT_TOKENS, model.model)
    answered = tokenizer.for_model(routing.output_tokens_for(kind, found.context_tokens), model.model)
    cost = prices.cost(model.provider, model.model, Usage(asked, output_tokens=answered)).amount_usd
    first_token_s, total_s = ledger.speed(str(model))
    provider = settings.providers[model.provider]
    waiting = waiting_at(provider, model.model)
    silent = waiting is None and is_own_server(provider) and settings.ledger_url is None
    since = datetime.now(UTC) - timedelta(seconds=settings.request_timeout_s)
    under_way = ledger.under_way(model.provider, since) if silent else None
    return routing.Contender(model, cost, first_token_s, total_s, waiting, under_way)
