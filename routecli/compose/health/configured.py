"""What the configuration says, and what lies where it points: prices and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from routecli.config.load import Loaded, load
from routecli.domain.condition import Condition, State
from routecli.domain.settings import Settings
from routecli.domain.untrusted import one_line
from routecli.errors import RoutecliError
from routecli.ledger.inspection import inspect
from routecli.ledger.opening import file_of, open_ledger
from routecli.pricebook import Pricebook

PRICES_STALE_DAYS = 60
LINE_UP_STALE_DAYS = 120
"""Vendors replace their models every few weeks to months (published routers: review each quarter)."""


def read_config(
    repo_root: Path | None, environ: Mapping[str, str], config_file: Path | None, profile: str | None, today: date
) -> tuple[Loaded | None, Condition]:
    """The configuration, or None where it is broken; and how it stands."""
    try:
        loaded = load(repo_root=repo_root, flags={}, environ=environ, config_file=config_file, profile=profile)
    except RoutecliError as fault:
        return None, Condition("configuration", State.FAIL, fault.what, fault.hint or _where(fault.what))
    return loaded, _config(loaded, today)


def _where(what: str) -> str:
    """How to open the file that a fault's first words name."""
    file = what.partition(":")[0]
    return f"${{EDITOR:-vi}} {file}" if Path(file).is_file() else "routecli config show"


def _config(loaded: Loaded, today: date) -> Condition:
    settings = loaded.settings
    if loaded.no_tiers:
        return Condition("configuration", State.FAIL, loaded.no_tiers, loaded.no_tiers_hint)
    tiers = ", ".join(tier.name for tier in settings.tiers)
    source = f"preset {settings.preset}" if settings.preset else "tiers of your own"
    text = f"{source}: {tiers}" + (f"; read: {', '.join(map(str, loaded.files))}" if loaded.files else "")
    if loaded.warnings:
        told = "; ".join(reason.text for reason in loaded.warnings)
        return Condition("configuration", State.WARN, one_line(f"{text}; {told}", limit=500), "routecli config show")
    reviewed = settings.lineup_reviewed
    if reviewed is not None and (today - reviewed).days > LINE_UP_STALE_DAYS:
        stale = f"{text}; the line-up was last reviewed on {reviewed.isoformat()}"
        return Condition("configuration", State.WARN, stale, "pip install --upgrade routecli, or set `reviewed`")
    return Condition("configuration", State.OK, text)


def check_prices(loaded: Loaded, today: date) -> Condition:
    """The day of the price list, and whether it knows every model of the ladder."""
    settings = loaded.settings
    prices = Pricebook(settings.prices, settings.providers, loaded.price_list)
    as_of = prices.as_of()
    text = f"as of {as_of.isoformat()}" if as_of else "of no known day"
    text += f" ({prices.source()})"
    models = dict.fromkeys(model for tier in settings.tiers for model in tier.models)
    unknown = [str(m) for m in models if prices.worst_case(m.provider, m.model, 1, 1).amount_usd is None]
    if unknown:
        named = one_line(", ".join(unknown), limit=300)
        fix = f'[prices."{one_line(unknown[0])}"] in your configuration'
        return Condition("prices", State.WARN, f"{text}; no price is known of {named}: not called unless allowed", fix)
    if as_of is not None and (today - as_of).days > PRICES_STALE_DAYS:
        return Condition("prices", State.WARN, f"{text}: older than {PRICES_STALE_DAYS} days",
                       "routecli models --refresh")  # fmt: skip
    return Condition("prices", State.OK, f"{text}; {len(models)} models in the ladder, each with its price")


def check_ledger(settings: Settings, state: Path | None) -> Condition:
    """Whether the ledger opens, has a schema that is known and can be written; one at a server, whether it answers."""
    if settings.ledger_url is None:
        return _ledger_file(file_of(settings, state))
    ledger = open_ledger(settings, state)
    try:
        away = ledger.away
    finally:
        ledger.close()
    if away:
        fix = f"psql {settings.ledger_url}"
        return Condition("ledger", State.WARN, f"{settings.ledger_url}: {away}; rows wait on this machine", fix)
    return Condition("ledger", State.OK, f"{settings.ledger_url}: answers, and nothing waits here")


def _ledger_file(path: Path | None) -> Condition:
    if path is None:
        return Condition("ledger", State.WARN, "there is no folder for it: runs are not recorded", "set `ledger`")
    found = inspect(path)
    if found.fault:
        fix = f"mv {path} {path}.bad" if path.exists() else "set `ledger` to a file that can be written"
        return Condition("ledger", State.FAIL, f"{path}: {one_line(found.fault)}", fix)
    if found.schema is None:
        return Condition("ledger", State.OK, f"{path}: none yet, the first run makes it")
    schema = f"schema {found.schema}"
    if found.schema < found.known_schema:
        schema += f", the next run brings it to {found.known_schema}"
    text = f"{path}: opens, {schema}, writable, {found.size_bytes / 1e6:.1f} MB"
    if found.on_network:
        return Condition("ledger", State.WARN, f"{text}; on a network file system: slow, and no crash is safe there",
                       "set `ledger` to a file on a local disk")  # fmt: skip
    return Condition("ledger", State.OK, text)
