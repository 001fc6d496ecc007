"""What several verbs open: the repository's root, the configuration, the ledger. Warnings go to stderr, once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from routecli.cli.streams import note, warn
from routecli.cli.verb import shared
from routecli.domain.ladder import Reason

if TYPE_CHECKING:
    from routecli.config.load import Loaded
    from routecli.ledger.ledger import Ledger


_FORGET_AT_ONCE = 200


def repository_root() -> Path | None:
    """The root of the repository around the current folder; None outside of one, or where git is not installed."""
    from routecli.errors import UsageFault
    from routecli.git.command import git

    try:
        done = git(Path.cwd(), "rev-parse", "--show-toplevel")
    except (UsageFault, OSError):
        return None
    text = os.fsdecode(done.stdout).removesuffix("\n")
    return Path(text) if done.exit_code == 0 and text else None


def open_config(ctx: typer.Context, flags: Mapping[str, Any] | None = None) -> Loaded:
    """The configuration of this invocation, all layers. Raises ConfigFault; its warnings are on stderr already."""
    from routecli.config.load import load

    options = shared(ctx)
    loaded = load(
        repo_root=repository_root(),
        flags=flags or {},
        environ=os.environ,
        config_file=options.config,
        profile=options.profile,
    )
    if not options.quiet:
        tell_reasons(loaded.warnings)
    return loaded


@contextmanager
def open_ledger(ctx: typer.Context, loaded: Loaded) -> Iterator[Ledger]:
    """The ledger of `loaded`, closed at the end. One that cannot be used is a warning and an empty one in memory."""
    from routecli.config.places import state_place
    from routecli.ledger.opening import open_ledger as opened

    settings = loaded.settings
    place = None if settings.ledger_path else state_place(os.environ)
    warnings = (place.warning,) if place and place.warning else ()
    ledger = opened(settings, place.path if place else None, secrets=loaded.secrets)
    if settings.ledger_url:
        _ = ledger.away  # asked now, so that what is shown is known not to be all
    told = len(ledger.warnings)
    if not shared(ctx).quiet:
        tell_reasons((*warnings, *ledger.warnings))
    try:
        yield ledger
    finally:
        _forget_old(ledger, loaded)
        if not shared(ctx).quiet:
            tell_reasons(ledger.warnings[told:])
        ledger.close()


def infer_here(ledger: Ledger, loaded: Loaded) -> None:
    """What git shows of late deliveries in the repository around the current folder (compose/inferring.py)."""
    from routecli.compose.inferring import infer
    from routecli.errors import UsageFault
    from routecli.git.finding import find

    found = find(Path.cwd())
    try:
        infer(ledger, found.root if found else None, loaded.settings.infer_days)
    except UsageFault as fault:
        warn(f"nothing was inferred of late deliveries: {fault.what}")


def _forget_old(ledger: Ledger, loaded: Loaded) -> None:
    """Texts beyond `keep_days` go, some at a time: whoever comes next takes the rest."""
    days = loaded.settings.keep_days
    if days is None or (loaded.settings.ledger_url and ledger.away):
        return
    from datetime import UTC, datetime, timedelta

    old = ledger.with_texts(datetime.now(UTC) - timedelta(days=days), limit=_FORGET_AT_ONCE)
    if old:
        ledger.forget(old, kept_in(loaded))


def state_folder() -> Path | None:
    """The folder of our own things; None where it cannot be used."""
    from routecli.config.places import state_place

    return state_place(os.environ).path


def kept_in(loaded: Loaded) -> tuple[Path, ...]:
    """The folders that hold files of runs: ours, and the one of a ledger that lies elsewhere."""
    path, state = loaded.settings.ledger_path, state_folder()
    return tuple(folder for folder in (state, path.parent if path else None) if folder is not None)


def tell_reasons(reasons: tuple[Reason, ...]) -> None:
    """Each reason on stderr, as a warning where it is one."""
    for reason in reasons:
        (note if reason.code == "ledger-delivered" else warn)(reason.text)
