"""Real commits read from a repository's history: what each changed, as bytes. For the benchmarks that judge them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_FILE_BYTES = 300_000
_FILE_MODES = ("100644", "100755")


@dataclass(frozen=True)
class Commit:
    """One commit without merges. `change` maps a path to its bytes before and after, None where there is no file."""

    sha: str
    parent: str
    subject: str
    change: dict[str, tuple[bytes | None, bytes | None]]


class Blobs:
    """One `git cat-file --batch` for a whole history: a process for each blob would take all the time."""

    def __init__(self, repository: Path) -> None:
        self._git = subprocess.Popen(
            ["git", "cat-file", "--batch"], cwd=repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self, oid: str) -> bytes | None:
        """The bytes; None where a partial copy lacks them."""
        assert self._git.stdin is not None
        assert self._git.stdout is not None
        self._git.stdin.write(oid.encode() + b"\n")
        self._git.stdin.flush()
        head = self._git.stdout.readline().split()
        if len(head) != 3:
            return None
        body = self._git.stdout.read(int(head[2]))
        self._git.stdout.read(1)
        return body

    def close(self) -> None:
        """Ends the process."""
        self._git.communicate()


def commits(repository: Path, *, suffix: str = ".py", most_files: int = 20) -> Iterator[Commit]:
    """Newest first: commits that change 1 to `most_files` files ending in `suffix`; other files are left out.

    Left out whole: merges, commits with a file above MAX_FILE_BYTES, and those whose bytes a partial copy lacks.
    """
    log = ["git", "log", "--no-merges", "--raw", "-z", "--no-renames", "--no-abbrev", "--format=%x01%H%x02%P%x02%s"]
    raw = subprocess.run(log, cwd=repository, capture_output=True, check=True).stdout
    blobs = Blobs(repository)
    try:
        for part in raw.split(b"\x01")[1:]:
            head, _, rows = part.partition(b"\0")
            sha, parents, subject = head.decode("utf-8", "replace").split("\x02", 2)
            if not parents.strip():
                continue
            change = _change(rows.strip(b"\0\n"), blobs, suffix, most_files)
            if change:
                yield Commit(sha, parents.split()[0], subject.strip(), change)
    finally:
        blobs.close()


def _change(
    rows: bytes, blobs: Blobs, suffix: str, most_files: int
) -> dict[str, tuple[bytes | None, bytes | None]] | None:
    words = rows.decode("utf-8", "surrogateescape").split("\0")
    pairs = [(m.lstrip(":\n").split(), p) for m, p in zip(words[::2], words[1::2], strict=False) if p.endswith(suffix)]
    if not pairs or len(pairs) > most_files:
        return None
    change: dict[str, tuple[bytes | None, bytes | None]] = {}
    for (old_mode, new_mode, old, new, _), path in pairs:
        if {old_mode, new_mode} - {*_FILE_MODES, "000000"}:
            return None
        sides = []
        for oid in (old, new):
            body = None if set(oid) == {"0"} else blobs.read(oid)
            if body is None and set(oid) != {"0"}:
                return None
            if len(body or b"") > MAX_FILE_BYTES:
                return None
            sides.append(body)
        change[path] = (sides[0], sides[1])
    return change
