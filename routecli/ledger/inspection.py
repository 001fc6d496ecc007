"""The state of a ledger file, looked at without changing it: opening one moves a bad file aside, and this does not."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from routecli.ledger.sqlite import on_network
from routecli.ledger.store import migrations
from routecli.nouns import dataclass

SQLITE_VERSION = sqlite3.sqlite_version
"""Of the library that holds the ledger."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """`schema` None: there is no file yet. `known_schema` is this program's. `fault`: why it cannot be used, in one
    line; empty where it can."""

    schema: int | None
    known_schema: int
    size_bytes: int = 0
    on_network: bool = False
    fault: str = ""


def inspect(path: Path) -> Inspected:
    """Opens `path`, checks its pages, and takes and lets go of the write lock. Nothing is written."""
    known = migrations()[-1][0]
    try:
        size_bytes = path.lstat().st_size
    except FileNotFoundError:
        return Inspected(None, known, fault=_no_room_at(path))
    except OSError as fault:
        return Inspected(None, known, fault=str(fault.strerror))
    if path.is_symlink() or not path.is_file():
        return Inspected(None, known, size_bytes, fault="it is no regular file")
    if not os.access(path, os.W_OK):
        return Inspected(None, known, size_bytes, fault="it cannot be written")
    try:
        schema, said = _looked_at(path)
    except sqlite3.Error as fault:
        return Inspected(None, known, size_bytes, fault=str(fault))
    wrong = "" if said == "ok" else said
    if schema > known:
        wrong = f"a newer routecli wrote it (schema {schema}, known up to {known})"
    return Inspected(schema, known, size_bytes, on_network(path), wrong)


def _looked_at(path: Path) -> tuple[int, str]:
    """Its schema and what SQLite says of its pages. Raises sqlite3.Error, also where another holds the lock."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5, isolation_level=None)
    try:
        schema = int(connection.execute("PRAGMA user_version").fetchone()[0])
        said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()
    return schema, said


def _no_room_at(path: Path) -> str:
    """Why a file could not be made at `path`; empty where it could."""
    folder = next((above for above in path.absolute().parents if above.exists()), Path("/"))
    if not folder.is_dir():
        return f"{folder} is no folder"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"the folder {folder} cannot be written"
