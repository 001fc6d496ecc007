"""What several verbs open: the repository's root, the configuration, the ledger. Warnings go to stderr, once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from routecli.cli.streams import warn
from routecli.cli.verb import shared
from routecli.domain.ladder import Reason

if TYPE_CHECKING:
    from routecli.config.load import Loaded
    from routecli.ledger.ledger import Ledger


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
    from routecli.ledger.ledger import FILE_NAME, Ledger

    path = loaded.settings.ledger_path
    warnings: tuple[Reason, ...] = ()
    if path is None:
        place = state_place(os.environ)
        path = place.path / FILE_NAME if place.path else None
        warnings = (place.warning,) if place.warning else ()
    ledger = Ledger.open(path, secrets=loaded.secrets)
    if not shared(ctx).quiet:
        tell_reasons((*warnings, *ledger.warnings))
    try:
        yield ledger
    finally:
        ledger.close()


def tell_reasons(reasons: tuple[Reason, ...]) -> None:
    """Each reason as a warning on stderr."""
    for reason in reasons:
        warn(reason.text)
