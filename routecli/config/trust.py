"""Which commands of a repository's own configuration may run: a yes bound to where it is and what they say.

The yes is for (real path, sha256 of the commands): a changed command, a moved or another clone asks again
(security.md row 19). Commands run in the sandbox all the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from routecli.config.places import read_small, write_atomically
from routecli.errors import ConfigFault
from routecli.nouns import dataclass

FILE_NAME = "trust.json"


@dataclass(frozen=True, slots=True)
class Trusted:
    """One yes. `at` is when it was given, ISO 8601 in UTC."""

    path: str
    sha256: str
    commands: dict[str, str]
    at: str


def fingerprint(commands: Mapping[str, str]) -> str:
    """The sha256 of commands by name (`test_cmd`, `lint_cmd`), whatever their order."""
    return hashlib.sha256(json.dumps(dict(commands), sort_keys=True).encode()).hexdigest()


class Trust:
    """The list of yeses in the state folder. With no state folder (None) nothing is trusted and nothing can be."""

    def __init__(self, state_dir: Path | None) -> None:
        self._file = state_dir / FILE_NAME if state_dir else None

    def is_trusted(self, repo_root: Path, commands: Mapping[str, str]) -> bool:
        """Whether exactly these commands may run in exactly this folder. No commands need no trust."""
        if not commands:
            return True
        path, digest = _real(repo_root), fingerprint(commands)
        return any(one.path == path and one.sha256 == digest for one in self.list())

    def add(self, repo_root: Path, commands: Mapping[str, str]) -> Trusted:
        """Remembers the yes, in place of an earlier one for the folder. Raises ConfigFault: it cannot be written."""
        given = Trusted(_real(repo_root), fingerprint(commands), dict(commands), datetime.now(UTC).isoformat())
        with self._changing() as entries:
            entries[given.path] = given
        return given

    def remove(self, repo_root: Path) -> bool:
        """Takes the yes back; False where there was none. Raises ConfigFault: it cannot be written."""
        with self._changing() as entries:
            return entries.pop(_real(repo_root), None) is not None

    def list(self) -> tuple[Trusted, ...]:
        """All yeses, by path. A file that cannot be read is no yes."""
        return self._read() or ()

    def _read(self) -> tuple[Trusted, ...] | None:
        """None: there is a file, and it is not one of ours."""
        try:
            raw = read_small(self._file) if self._file else None
            entries = json.loads(raw)["trusted"] if raw is not None else []
            return tuple(sorted((_entry(entry) for entry in entries), key=lambda one: one.path))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Trusted]]:
        if self._file is None:
            raise ConfigFault("there is no state folder to remember trust in", hint="export ROUTECLI_STATE_DIR=…")
        try:
            lock = self._file.with_name(FILE_NAME + ".lock")
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                entries = {one.path: one for one in self.list()}
                yield entries
                self._write(entries)
            finally:
                os.close(handle)
        except OSError as fault:
            raise ConfigFault(f"{self._file} cannot be written: {fault.strerror}") from None

    def _write(self, entries: Mapping[str, Trusted]) -> None:
        assert self._file is not None
        if self._read() is None:  # kept for a person to look at, and begun anew
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            self._file.rename(self._file.with_name(f"{FILE_NAME}.corrupt-{stamp}"))
        text = json.dumps({"trusted": [asdict(entries[path]) for path in sorted(entries)]}, indent=1)
        write_atomically(self._file, text.encode() + b"\n")


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _entry(data: Mapping[str, object]) -> Trusted:
    path, digest, commands, at = data["path"], data["sha256"], data["commands"], data["at"]
    texts = isinstance(commands, dict) and all(isinstance(text, str) for text in commands.values())
    if not (isinstance(path, str) and isinstance(digest, str) and isinstance(at, str) and texts):
        raise TypeError("no entry of the trust list")
    assert isinstance(commands, dict)
    return Trusted(path, digest, commands, at)
