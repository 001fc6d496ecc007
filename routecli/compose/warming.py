"""What is slow to load and needed before the first call, loaded beside the work that waits for git and the disk.

Nothing here decides anything: a fault is left to whoever needs the thing, who then finds it not loaded yet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from routecli import providers, routing
from routecli.config.load import Loaded
from routecli.domain.settings import ProviderSettings
from routecli.domain.task import Kind
from routecli.errors import RoutecliError
from routecli.nouns import dataclass
from routecli.ports import Provider
from routecli.pricebook import Pricebook
from routecli.verification import interpreter
from routecli.verification.marks import MARKS

_MECHANICAL = frozenset((Kind.LINT, Kind.IMPORTS, Kind.FORMAT, Kind.RENAME))


@dataclass(frozen=True, slots=True)
class Supplies:
    """Prices and providers (by their names, tier 0's among them) of one configuration."""

    prices: Pricebook
    providers: Mapping[str, Provider]


def supply(loaded: Loaded) -> Supplies:
    """What a configuration offers. Imports nothing slow. Raises ConfigFault."""
    settings = loaded.settings
    tools = ProviderSettings(routing.TOOLS_TIER.models[0].provider, "tools")
    built = {name: providers.build(found, loaded.key_of(name)) for name, found in settings.providers.items()}
    return Supplies(
        Pricebook(settings.prices, settings.providers, loaded.price_list), built | {tools.name: providers.build(tools)}
    )


def warm_up(loaded: Loaded, supplies: Supplies, kind: Kind, tier: str | None) -> None:
    """Starts to load the price list and then the SDK of the tier that is likely first. A mechanical task may need no
    SDK at all, so none is loaded for it."""
    mechanical = loaded.settings.tools and kind in _MECHANICAL
    tiers = [t for t in loaded.settings.tiers if t.models and tier in (None, t.name)]
    first = supplies.providers.get(tiers[0].models[0].provider) if tiers and not mechanical else None

    def load() -> None:
        with suppress(LookupError, ImportError, RoutecliError):
            supplies.prices.preload()
        if first is not None:
            first.preload()

    _beside("routecli-warm", load)


def ask_interpreters(root: Path, environ: Mapping[str, str]) -> None:
    """Starts to ask the python on PATH which test runners it has, where the checks of `root` will want to know it."""

    def ask() -> None:
        with suppress(RoutecliError, OSError):
            interpreter.preload(root, environ)

    if any((root / name).is_file() for name in MARKS["python"].markers):
        _beside("routecli-ask", ask)


def _beside(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
