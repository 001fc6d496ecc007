"""Which store a ledger lies in, by what the configuration says: a file here, or a server that a team shares."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.domain.settings import Settings
from routecli.ledger.exchanges import FOLDER, Exchanges
from routecli.ledger.ledger import FILE_NAME, PATCHES, Ledger
from routecli.ledger.patches import Patches
from routecli.ledger.recording import Whose
from routecli.ledger.reserving import Away
from routecli.ledger.sqlite import SqliteStore
from routecli.ledger.store import Server, Store

if TYPE_CHECKING:
    from routecli.ports import Secrets


PLACE_VARIABLE = "ROUTECLI_COUNTS_FOR"
"""The repository that the runs of a copy count for: `eval` sets it for its tries."""


def open_ledger(settings: Settings, state: Path | None, *, secrets: Secrets | None = None) -> Ledger:
    """The ledger of `settings`; `state` is the folder of our own things (None: there is none). Never raises for the
    state of a file or a server: see `Ledger.warnings`. Raises ConfigFault: the server's driver is not installed."""
    file = file_of(settings, state)
    store = STORES[scheme_of(settings.ledger_url)](settings.ledger_url or "", file)
    beside = file.parent if settings.ledger_url is None and file else state
    return Ledger(
        store, Patches(beside / PATCHES if beside else None), secrets,
        whose=whose_of(settings), when_away=Away(settings.ledger_away),
        exchanges=Exchanges(beside / FOLDER if beside else None),
    )  # fmt: skip


def file_of(settings: Settings, state: Path | None) -> Path | None:
    """The ledger's file; where it lies at a server, the file in which rows wait for that very server."""
    if settings.ledger_url is None:
        return settings.ledger_path or (state / FILE_NAME if state else None)
    mark = hashlib.sha256(settings.ledger_url.encode()).hexdigest()[:12]
    return state / f"spool-{mark}.db" if state else None


def whose_of(settings: Settings) -> Whose:
    """Whose runs are recorded: the configuration's names, else the system's for the user."""
    return Whose(settings.user or _system_user(), settings.team or "", os.environ.get(PLACE_VARIABLE, ""))


def _system_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"


def scheme_of(url: str | None) -> str:
    """The part before `://`; empty for a file."""
    return url.partition("://")[0] if url else ""


def _file(url: str, file: Path | None) -> Store:  # noqa: ARG001 - a file has no address
    return SqliteStore(file)


def _postgres(url: str, file: Path | None) -> Store:
    from routecli.ledger.postgres import PostgresServer, need_driver
    from routecli.ledger.spool import SpooledStore

    need_driver()

    def connect() -> Server:
        return PostgresServer(url)

    return SpooledStore(connect, file)


STORES: Mapping[str, Callable[[str, Path | None], Store]] = {"": _file, "postgresql": _postgres, "postgres": _postgres}
"""By the scheme of the address: the stores that there are. `tests/ledger/test_stores.py` holds each to the same."""
