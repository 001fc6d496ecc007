"""What a delivery is about to do, written down before it does it, so that any crash can be undone (§4 of the design).

One folder for each delivery: `journal.json`, and `contents`, the old and new bytes of its files one after another. It
begins in `pending/`; the move to `deliveries/` is what makes it done, so a start has to look at one folder that is
nearly always empty. The last KEPT deliveries stay, for `undo`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from routecli.config.places import read_small, write_atomically
from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath
from routecli.git.owners import remove

KEPT = 20
PENDING, FINISHED = "pending", "deliveries"
_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


class State(StrEnum):
    """Where a delivery stands: nothing of the user's has changed; some files may have; all have."""

    PREPARING = "preparing"
    COMMITTING = "committing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class JournalFile:
    """One file: `before` and `after` are sha256 of its bytes, None where there is no file. `temp` is the name of our
    temporary file in the same folder. `executable` is git's bit afterwards, `permissions` are those before. Its bytes
    are in `contents` from `offset` on: `before_bytes` of them old, then `after_bytes` new."""

    path: RepoPath
    before: str | None
    after: str | None
    temp: str
    executable: bool
    permissions: int | None
    offset: int
    before_bytes: int
    after_bytes: int


@dataclass(frozen=True, slots=True)
class Journal:
    """A delivery on disk, to the work tree `root`. `folders` are those that it made, outer ones first."""

    place: Path
    root: Path
    state: State
    label: str
    made_at: str
    files: tuple[JournalFile, ...]
    folders: tuple[RepoPath, ...] = ()

    @property
    def id(self) -> str:
        """Its name: sorts by time."""
        return self.place.name

    def bytes_of(self, number: int, side: str) -> bytes:
        """The kept bytes of file `number`: `before` or `after`."""
        file = self.files[number]
        skipped, size = (0, file.before_bytes) if side == "before" else (file.before_bytes, file.after_bytes)
        with (self.place / "contents").open("rb") as stream:
            stream.seek(file.offset + skipped)
            return stream.read(size)

    def to_commit(self) -> Journal:
        """The same, with COMMITTING on disk: the commit point. Raises OSError."""
        changed = replace(self, state=State.COMMITTING)
        write_atomically(self.place / "journal.json", changed.to_json())
        return changed

    def to_json(self) -> bytes:
        """What `load` reads."""
        return json.dumps(asdict(self) | {"version": 1, "place": None, "root": str(self.root)}).encode()


def digest(content: bytes | None) -> str | None:
    """sha256 of `content`; None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def begin(
    pending: Path,
    root: Path,
    patch: Patch,
    label: str,
    folders: tuple[RepoPath, ...],
    permissions: Mapping[RepoPath, int],
) -> Journal:
    """A new journal with both sides of every file on disk, in state PREPARING. Raises OSError: no room, say."""
    now = datetime.now(UTC)
    place = pending / f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    files = []
    offset = 0
    for number, edit in enumerate(patch.edits):
        sizes = len(edit.before or b""), len(edit.after or b"")
        temp = f".routecli-{place.name}-{number}.tmp"
        sums = digest(edit.before), digest(edit.after)
        allowed = permissions.get(edit.path)
        files.append(JournalFile(edit.path, *sums, temp, edit.mode == "100755", allowed, offset, *sizes))
        offset += sum(sizes)
    journal = Journal(place, root, State.PREPARING, label, now.isoformat(), tuple(files), folders)
    place.mkdir(mode=0o700)
    try:
        _write_through(place / "contents", [part for e in patch.edits for part in (e.before, e.after) if part])
        (place / "journal.json").write_bytes(journal.to_json())  # durable at the commit point; until then not needed
    except BaseException:
        remove(place)
        raise
    return journal


def _write_through(path: Path, parts: Iterable[bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.writelines(parts)
        stream.flush()
        os.fsync(stream.fileno())


def load(place: Path) -> Journal | None:
    """The journal in `place`; None where it cannot be read: then nothing of the user's had been touched yet."""
    try:
        fields = json.loads(read_small(place / "journal.json", limit_bytes=50_000_000) or b"")
        files = tuple(JournalFile(**f) for f in fields["files"])
        root, state, folders = Path(fields["root"]), State(fields["state"]), tuple(fields["folders"])
        if place.parent.name == FINISHED:
            state = State.DONE
        return Journal(place, root, state, fields["label"], fields["made_at"], files, folders)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def finish(journal: Journal, deliveries: Path) -> None:
    """Moves `journal` among the finished ones: from now on nothing undoes it by itself. Raises OSError."""
    journal.place.rename(deliveries / journal.place.name)
    with contextlib.suppress(OSError):  # it is done; after a power cut now, the next start would undo it as a whole
        handle = os.open(deliveries, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def all_of(deliveries: Path) -> list[Path]:
    """The folders of all deliveries in `deliveries` or `pending`, oldest first."""
    try:
        return sorted(p for p in deliveries.iterdir() if _ID.fullmatch(p.name) and not p.is_symlink())
    except OSError:
        return []


def prune(deliveries: Path) -> None:
    """Removes all but the last KEPT."""
    for place in all_of(deliveries)[:-KEPT]:
        remove(place)
