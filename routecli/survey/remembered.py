"""Token counts by content, kept between runs in the user's cache folder: a warm survey reads no file at all.

It is a convenience: unreadable, locked, full or corrupt, it is left out and the counting is done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from routecli.domain.task import FileRole
from routecli.nouns import dataclass

_LAYOUT = 1
"""Part of the file's name. Raise it whenever roles, secret patterns or the counting change meaning."""
_ASK_AT_ONCE = 500
_WAIT_S = 0.2
_ROLES = {role.value: role for role in FileRole}


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a content. `role` is TEXT, BINARY or SECRET; size limits are applied later."""

    size_bytes: int
    tokens: int
    role: FileRole
    why: str = ""


def content_id(raw: bytes) -> str:
    """The id that git (with SHA-1) gives a file of these bytes, so that a file and its text share one entry."""
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


def default_folder() -> Path | None:
    """The user's cache folder for routecli, or None where no home can be told."""
    from platformdirs import user_cache_path

    try:
        return user_cache_path("routecli")
    except (RuntimeError, KeyError, OSError):
        return None


class Remembered:
    """Counts by content id. `folder` None remembers nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / f"tokens-{_LAYOUT}.sqlite" if folder else None

    def get(self, ids: Iterable[str]) -> dict[str, Known]:
        """What is known of `ids`; the unknown ones are simply absent."""
        asked = list(dict.fromkeys(ids))
        if not asked or self._path is None or not self._path.is_file():
            return {}
        try:
            with closing(self._open(self._path)) as base:
                return dict(self._rows(base, asked))
        except (sqlite3.DatabaseError, OSError, ValueError, KeyError) as fault:
            self._forget(fault)
            return {}

    def put(self, known: Mapping[str, Known]) -> None:
        """Remembers `known`, all or nothing."""
        if not known or self._path is None:
            return
        rows = [(key, k.size_bytes, k.tokens, k.role.value, k.why) for key, k in known.items()]
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(self._open(self._path)) as base, base:
                base.execute(
                    "CREATE TABLE IF NOT EXISTS counted (id TEXT PRIMARY KEY, size INTEGER NOT NULL,"
                    " tokens INTEGER NOT NULL, role TEXT NOT NULL, why TEXT NOT NULL) WITHOUT ROWID"
                )
                base.executemany("INSERT OR REPLACE INTO counted VALUES (?, ?, ?, ?, ?)", rows)
        except (sqlite3.DatabaseError, OSError) as fault:
            self._forget(fault)

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        base = sqlite3.connect(path, timeout=_WAIT_S)
        # Nothing here is worth waiting for a disk: what a power cut breaks is counted again.
        base.execute("PRAGMA synchronous=OFF")
        return base

    @staticmethod
    def _rows(base: sqlite3.Connection, asked: list[str]) -> Iterable[tuple[str, Known]]:
        for at in range(0, len(asked), _ASK_AT_ONCE):
            some = asked[at : at + _ASK_AT_ONCE]
            marks = ",".join("?" * len(some))
            found = base.execute(f"SELECT id, size, tokens, role, why FROM counted WHERE id IN ({marks})", some)
            for key, size, tokens, role, why in found:
                yield key, Known(int(size), int(tokens), _ROLES[role], str(why))

    def _forget(self, fault: Exception) -> None:
        """Drops a file that is no database any more; a lock or a full disk passes by itself."""
        broken = isinstance(fault, sqlite3.DatabaseError) and not isinstance(fault, sqlite3.OperationalError)
        if (broken or isinstance(fault, ValueError | KeyError)) and self._path is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path)  # noqa: PTH108 - the name may be a link: never what it points to
