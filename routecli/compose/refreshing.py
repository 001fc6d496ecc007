"""`models --refresh`: a newer price list fetched, judged, kept, and what it changes for the ladder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from routecli.config.load import Loaded
from routecli.config.places import state_place, write_atomically
from routecli.domain.ladder import ModelRef
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, ProviderFault
from routecli.nouns import dataclass
from routecli.pricebook import Pricebook, Rates, fetched
from routecli.providers import price_list


@dataclass(frozen=True, slots=True)
class Change:
    """A model of the ladder whose rates are other ones now; None: unknown."""

    model: str
    before: Rates | None
    after: Rates | None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The new list, where it came from, and what it changes for the ladder."""

    book: fetched.Fetched
    models: int
    changes: tuple[Change, ...]


def refresh(loaded: Loaded) -> Refreshed:
    """Fetches the list of `prices_url` and keeps it. Raises ProviderFault (it did not come, or is not to be believed:
    what was kept before stays) and ConfigFault (no folder to keep it in)."""
    url, now = loaded.settings.prices_url, datetime.now(UTC)
    file = _file(loaded)
    raw = price_list.fetch(url)
    old = pricebook_of(loaded)
    try:
        known = fetched.checked(raw, old.providers(), now)
    except fetched.BadBook as fault:
        said = f"the price list of {urlsplit(url).hostname} is refused: {one_line(str(fault))}"
        raise ProviderFault(said, hint=price_list.HINT) from None
    before = {str(model): old.rates(model.provider, model.model) for model in _ladder(loaded)}
    try:
        write_atomically(file, fetched.as_kept(raw, now, url))
    except OSError as fault:
        raise ConfigFault(f"{file} cannot be written: {fault.strerror}", hint="routecli doctor") from None
    new = pricebook_of(loaded)
    after = {str(model): new.rates(model.provider, model.model) for model in _ladder(loaded)}
    changes = tuple(
        Change(name, rates, after[name]) for name, rates in before.items() if _figures(rates) != _figures(after[name])
    )
    return Refreshed(fetched.Fetched(file, now, url), sum(len(provider.models) for provider in known), changes)


def pricebook_of(loaded: Loaded) -> Pricebook:
    """The prices of `loaded`: its own, then the newer of the fetched and the bundled list."""
    return Pricebook(loaded.settings.prices, loaded.settings.providers, loaded.price_list)


def _file(loaded: Loaded) -> Path:
    place = state_place(loaded.environ)
    if place.path is None:
        raise ConfigFault(place.warning.text if place.warning else "there is no state folder", hint="routecli doctor")
    return loaded.price_list


def _ladder(loaded: Loaded) -> list[ModelRef]:
    return list(dict.fromkeys(model for tier in loaded.settings.tiers for model in tier.models))


def _figures(rates: Rates | None) -> object:
    """All that a bill is made of, without whose word it is."""
    if rates is None:
        return None
    return (rates.input_usd_per_mtok, rates.output_usd_per_mtok, rates.cache_read_usd_per_mtok,
            rates.cache_write_usd_per_mtok, rates.cliffs)  # fmt: skip
