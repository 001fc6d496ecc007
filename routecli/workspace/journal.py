"""What a delivery is about to do, written down before it does it, so that any crash can be undone (§4 of the design).

One folder for each delivery: `journal.json`, and `contents`, the old and new bytes of its files one after another. It
begins in `pending/`; the move to `deliveries/` is what makes it done, so a start has to look at one folder that is
nearly always empty. The last KEPT deliveries of each work tree stay, for `undo`; what was taken back or made again is
a delivery of its own that names the first one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from routecli.config.places import read_small, write_atomically
from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath
from routecli.git.finding import common_dir_of
from routecli.git.owners import remove
from routecli.git.reading import parts_of
from routecli.nouns import dataclass

KEPT = 20
PENDING, FINISHED = "pending", "deliveries"
_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


class State(StrEnum):
    """Where a delivery stands: nothing of the user's has changed; some files may have; all have."""

    PREPARING = "preparing"
    COMMITTING = "committing"
    DONE = "done"


class Turn(StrEnum):
    """Which way a delivery goes: a patch for the first time, back again, or once more."""

    FIRST = "first"
    UNDO = "undo"
    REDO = "redo"


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
    """A delivery on disk, to the work tree `root`. `folders` are those that it made, outer ones first. An undo or redo
    names the first delivery in `of`; `commit` is the one that was made of it."""

    place: Path
    root: Path
    state: State
    label: str
    made_at: str
    files: tuple[JournalFile, ...]
    folders: tuple[RepoPath, ...] = ()
    turn: Turn = Turn.FIRST
    of: str = ""
    commit: str = ""

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

    def committed(self, commit: str) -> Journal:
        """The same, with the commit on disk that was made of it. Raises OSError."""
        changed = replace(self, commit=commit)
        write_atomically(self.place / "journal.json", changed.to_json())
        return changed

    def to_json(self) -> bytes:
        """What `load` reads. The work tree around the git folder is `..`: a repository may be moved or copied."""
        common_dir = self.place.parents[2]
        root = ".." if self.root / ".git" == common_dir else str(self.root)
        return json.dumps(asdict(self) | {"version": 1, "place": None, "root": root}).encode()


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
    turn: Turn = Turn.FIRST,
    of: str = "",
) -> Journal:
    """A new journal with both sides of every file on disk, in state PREPARING. Raises OSError: no room, say."""
    now = datetime.now(UTC)
    place = pending / f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    files = []
    offset = 0
    for number, edit in enumerate(patch.edits):
        sizes = len(edit.before or b""), len(edit.after or b"")
        temp = _temp(place, number)
        sums = digest(edit.before), digest(edit.after)
        allowed = permissions.get(edit.path)
        files.append(JournalFile(edit.path, *sums, temp, edit.mode == "100755", allowed, offset, *sizes))
        offset += sum(sizes)
    journal = Journal(place, root, State.PREPARING, label, now.isoformat(), tuple(files), folders, turn, of)
    place.mkdir(mode=0o700)
    try:
        _write_through(place / "contents", [part for e in patch.edits for part in (e.before, e.after) if part])
        (place / "journal.json").write_bytes(journal.to_json())  # durable at the commit point; until then not needed
    except BaseException:
        discard(place)
        raise
    return journal


def _write_through(path: Path, parts: Iterable[bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.writelines(parts)
        stream.flush()
        os.fsync(stream.fileno())


def _temp(place: Path, number: int) -> str:
    return f".routecli-{place.name}-{number}.tmp"


def load(place: Path) -> Journal | None:
    """The journal in `place`; None where it cannot be read."""
    try:
        return read(place)
    except OSError:
        return None


def read(place: Path) -> Journal | None:
    """The journal in `place`; None where there is no whole one: then nothing of the user's had been touched yet.

    A git folder may come from anywhere (an archive): names that lead out of the work tree make it none.
    Raises OSError: it cannot be read now, which says nothing about what it did.
    """
    try:
        fields = json.loads(read_small(place / "journal.json", limit_bytes=50_000_000) or b"")
        files = tuple(JournalFile(**f) for f in fields["files"])
        folders = tuple(fields["folders"])
        for path in (*(f.path for f in files), *folders):
            parts_of(path)
        if any(file.temp != _temp(place, number) for number, file in enumerate(files)):
            return None
        root = place.parents[2].parent if fields["root"] == ".." else Path(fields["root"])
        state = State.DONE if place.parent.name == FINISHED else State(fields["state"])
        label, of, commit = (str(fields.get(name, "")) for name in ("label", "of", "commit"))
        made_at = datetime.fromisoformat(fields["made_at"]).isoformat()
        turn = Turn(fields.get("turn", Turn.FIRST))
        return Journal(place, root, state, label, made_at, files, folders, turn, of, commit)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    except OSError as problem:
        if problem.errno is None:  # no regular file, or larger than any of ours
            return None
        raise


def is_of(journal: Journal, root: Path | None = None) -> bool:
    """Whether the work tree of `journal` shares the git folder that the journal lies in. `root` is one that git
    named."""
    if journal.root == root:
        return True
    common_dir = common_dir_of(journal.root)
    try:
        return common_dir is not None and common_dir.samefile(journal.place.parents[2])
    except OSError:
        return False


def finish(journal: Journal, deliveries: Path) -> Journal:
    """Moves `journal` among the finished ones: from now on nothing undoes it by itself. Raises OSError."""
    place = journal.place.rename(deliveries / journal.place.name)
    with contextlib.suppress(OSError):  # it is done; after a power cut now, the next start would undo it as a whole
        handle = os.open(deliveries, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return replace(journal, place=place, state=State.DONE)


def all_of(deliveries: Path) -> list[Path]:
    """The folders of all deliveries in `deliveries` or `pending`, oldest first."""
    try:
        return sorted(p for p in deliveries.iterdir() if _ID.fullmatch(p.name) and not p.is_symlink())
    except OSError:
        return []


def discard(place: Path) -> None:
    """Removes a delivery; what cannot be removed stays. `journal.json` goes first: without it the rest counts for
    nothing, whenever this is cut off."""
    with contextlib.suppress(OSError):
        (place / "journal.json").unlink(missing_ok=True)
        remove(place)


def prune(deliveries: Path) -> None:
    """Removes all but the last KEPT of each work tree, and of their undos and redos all but the last one."""
    places = all_of(deliveries)
    if len(places) <= KEPT:
        return
    journals = []
    for place in places:
        with contextlib.suppress(OSError):
            if (journal := read(place)) is not None:
                journals.append(journal)
            else:
                discard(place)  # a removal was cut off
    by_root: dict[Path, list[str]] = {}
    for journal in journals:
        if journal.turn is Turn.FIRST:
            by_root.setdefault(journal.root, []).append(journal.id)
    kept = {id for ids in by_root.values() for id in ids[-KEPT:]}
    last_turns = {j.of: j.id for j in journals if j.of in kept}
    for journal in journals:
        if journal.id not in kept and last_turns.get(journal.of) != journal.id:
            discard(journal.place)
