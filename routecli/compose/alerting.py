"""Everything that speaks against the rules or the line-up: the thresholds over the last runs, and prices that moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from routecli.compose.repricing import usage_of
from routecli.config.load import Loaded
from routecli.domain.ladder import ModelRef
from routecli.domain.settings import Quirk
from routecli.ledger.ledger import Ledger
from routecli.ledger.records import RequestRow
from routecli.ledger.steps import Climbed
from routecli.nouns import dataclass
from routecli.pricebook import Pricebook
from routecli.routing.alerts import Alert, Past, Step, alerts, drifts, price_moved


@dataclass(frozen=True, slots=True)
class Alerted:
    """What was found, over how many runs."""

    alerts: tuple[Alert, ...]
    runs: int


def alerted(loaded: Loaded, ledger: Ledger, now: datetime, days: int) -> Alerted:
    """Over the last `days` before `now` (UTC-aware). Calls nobody."""
    since = now - timedelta(days=days)
    settings = loaded.settings
    runs = _pasts(ledger.climbed(since))
    found = alerts(runs, _ladder(loaded), settings.lineup_reviewed, now.date())
    return Alerted((*found, *_prices_moved(loaded, ledger, since)), len(runs))


NEWEST = 2_000
"""So many runs are looked at for a drift beside `stats`: older ones say nothing of a tier as it is."""


def beside_stats(loaded: Loaded, ledger: Ledger, since: datetime, repo_root: Path | None) -> tuple[Alert, ...]:
    """What the sums of `stats` do not show: a tier that got worse, a model whose price moved. Since then (UTC-aware);
    prices only where all repositories are looked at. Calls nobody."""
    runs = _pasts(ledger.climbed(since, repo_root=repo_root, most=NEWEST))
    return (*drifts(runs, _ladder(loaded)), *(() if repo_root else _prices_moved(loaded, ledger, since)))


def _pasts(runs: Sequence[Climbed]) -> list[Past]:
    return [
        Past(tuple(Step(one.tier, one.accepted, one.cost_usd) for one in run.tried), bool(run.overruled))
        for run in runs
    ]


def _ladder(loaded: Loaded) -> list[str]:
    return [tier.name for tier in loaded.settings.tiers]


def _prices_moved(loaded: Loaded, ledger: Ledger, since: datetime) -> tuple[Alert, ...]:
    settings = loaded.settings
    prices = Pricebook(settings.prices, settings.providers, loaded.price_list)
    models = dict.fromkeys(model for tier in settings.tiers for model in tier.models)
    moved = (_moved(model, loaded, ledger, prices, since) for model in models)
    return tuple(alert for alert in moved if alert is not None)


def _moved(model: ModelRef, loaded: Loaded, ledger: Ledger, prices: Pricebook, since: datetime) -> Alert | None:
    """What the oldest call cost, beside what it would cost now. Where the service itself states the bill, now is its
    newest bill. A price that goes by the hour moves every day, and is left out."""
    bills = ledger.bills(str(model), since)
    if bills is None or prices.by_the_hour(model.provider, model.model):
        return None
    oldest, newest = bills
    provider = loaded.settings.providers.get(model.provider)
    stated = provider is not None and Quirk.BILLED_COST in provider.quirks
    then, now = _over_list(oldest, model, prices), _over_list(newest, model, prices) if stated else Decimal(1)
    if not then or now is None:
        return None
    return price_moved(str(model), float(now / then), oldest.asked_at.date(), stated=stated)


def _over_list(bill: RequestRow, model: ModelRef, prices: Pricebook) -> Decimal | None:
    listed = prices.cost(model.provider, model.model, usage_of(bill)).amount_usd
    return bill.cost_usd / listed if listed and bill.cost_usd is not None else None
