"""The only writer to the user's tree: all files of a patch or none, whatever happens meanwhile (rows 34, 44–48, 61).

Check each file; write old and new bytes and a journal; write temporary files; mark the journal (from here on the next
start can undo); swap each file by one rename; mark it done. Runs deliver one after another, under a lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from routecli.config.places import own_folder
from routecli.domain.patch import Patch
from routecli.domain.receipt import Delivery
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import DeliveryFault
from routecli.git import committing
from routecli.git.repository import Repository
from routecli.nouns import dataclass
from routecli.workspace import journal as journals
from routecli.workspace.journal import Journal, Turn
from routecli.workspace.preimage import check, fault
from routecli.workspace.recovery import Recovered, recover_all, roll_back, targets
from routecli.workspace.replacing import Displaced, make_folders, missing_folders, remove_empty

LOCK_WAIT_S = 30.0
_LATER = "look at it, then routecli apply --run ID"


def deliver(patch: Patch, repository: Repository, *, label: str = "", message: str | None = None) -> Delivery:
    """Writes the bytes of `patch`, the very ones that were judged. With `message`, commits these files and no others.

    Raises DeliveryFault (exit 7) where a file is no longer what the patch was made for, or cannot be written; then
    nothing of the user's has changed.
    """
    if not patch.edits:
        return Delivery(False, "nothing to change")
    with open_writer(repository) as writer:
        if message is not None:
            committing.check_committable(repository, patch.paths)
        journal = writer.write(patch, label)
        if message is None:
            return Delivery(True)
        try:
            commit = committing.commit(repository, patch.edits, message)
        except DeliveryFault as problem:
            return Delivery(True, why=problem.what, hint=problem.hint)
        with contextlib.suppress(OSError):  # then `undo` takes the files back, and the commit stays
            journal.committed(commit)
        return Delivery(True, commit=commit)


def recover(repository: Repository) -> tuple[Recovered, ...]:
    """Undoes what an interrupted delivery did. Called at every start: one look at a folder where nothing is to do.

    Another run that is delivering right now is left alone. Raises DeliveryFault only where our folder is unsafe.
    """
    return recover_in(repository.own_dir, repository.root)


def recover_in(own_dir: Path, root: Path | None = None) -> tuple[Recovered, ...]:
    """`recover` for whoever knows our folder in the repository only; `root` is a work tree that git named."""
    if not journals.all_of(own_dir / journals.PENDING):
        return ()
    pending, _ = _folders(own_dir)
    try:
        with _locked(own_dir, 0.0):
            return recover_all(pending, root)
    except _Busy:
        return ()


@dataclass(frozen=True, slots=True)
class Writer:
    """The right to write to the work tree `root`, as long as the lock is held."""

    root: Path
    pending: Path
    deliveries: Path

    def write(
        self,
        patch: Patch,
        label: str,
        turn: Turn = Turn.FIRST,
        of: str = "",
        permissions: Mapping[RepoPath, int] = MappingProxyType({}),
    ) -> Journal:
        """All of `patch` or nothing; `permissions` are set where they are given, else each file keeps its own.

        Raises DeliveryFault; then nothing of the user's has changed.
        """
        journal, found = self._begin(patch, label, turn, of)
        try:
            _prepare(journal, patch, found, permissions)
            journal = journal.to_commit()
            _swap(journal, patch)
            for target in targets(journal):
                target.drop_temp()
            finished = journals.finish(journal, self.deliveries)
        except BaseException as problem:
            if os.path.lexists(journal.place):  # else it is finished, and a signal came after that
                roll_back(journal)
            if isinstance(problem, Displaced):
                raise fault(str(problem), "changed since it was read", _LATER) from None
            if isinstance(problem, OSError):
                where = os.fsdecode(problem.filename) if isinstance(problem.filename, str | bytes) else str(self.root)
                what = f"{one_line(where)} cannot be written: {problem.strerror}"
                raise DeliveryFault(what, hint="df -h; then routecli apply --run ID") from problem
            raise
        _tidy(patch, self.root)
        journals.prune(self.deliveries)
        return finished

    def _begin(
        self, patch: Patch, label: str, turn: Turn, of: str
    ) -> tuple[Journal, dict[RepoPath, os.stat_result | None]]:
        root = self.root
        found = {edit.path: check(root, edit) for edit in patch.edits}
        folders = missing_folders(root, [e.path for e in patch.edits if e.after is not None])
        permissions = {path: stat.S_IMODE(status.st_mode) for path, status in found.items() if status}
        try:
            return journals.begin(self.pending, root, patch, label, folders, permissions, turn, of), found
        except OSError as problem:
            raise DeliveryFault(f"{self.pending} cannot be written: {problem.strerror}", hint="df -h") from problem


@contextmanager
def open_writer(repository: Repository) -> Iterator[Writer]:
    """Waits for its turn, then puts right what an interrupted delivery left. Raises DeliveryFault."""
    pending, deliveries = _folders(repository.own_dir)
    with _locked(repository.own_dir, LOCK_WAIT_S):
        for found in recover_all(pending, repository.root):
            if found.left:
                hint = "look at it, then run the command again"
                raise fault(found.left[0], "was changed after an interrupted delivery", hint)
        yield Writer(repository.root, pending, deliveries)


class _Busy(DeliveryFault):
    """Another run holds the lock."""


def _folders(own_dir: Path) -> tuple[Path, Path]:
    """`(pending, deliveries)`, made if need be."""
    folders = [own_dir / journals.PENDING, own_dir / journals.FINISHED]
    for folder in (own_dir, *folders):
        place = own_folder(folder, "delivery")
        if place.path is None:
            why = place.warning.text if place.warning else f"{folder} cannot be used"
            raise DeliveryFault(why, hint=f"ls -ld {folder}")
    return folders[0], folders[1]


@contextmanager
def _locked(own_dir: Path, wait_s: float) -> Iterator[None]:
    """Holds the repository's delivery lock; the kernel frees it whatever becomes of us (row 48)."""
    lock = own_dir / "lock"
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise DeliveryFault(f"{lock} cannot be opened: {problem.strerror}", hint=f"ls -ld {lock}") from None
    try:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise _Busy(f"another routecli is delivering to {own_dir.parent}", hint=f"fuser {lock}") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)


def _prepare(
    journal: Journal,
    patch: Patch,
    found: Mapping[RepoPath, os.stat_result | None],
    permissions: Mapping[RepoPath, int] = MappingProxyType({}),
) -> None:
    """Everything that needs room on the disk, before the first file of the user's changes."""
    make_folders(journal.root, journal.folders)
    for target, edit in zip(targets(journal), patch.edits, strict=True):
        if edit.after is not None:
            executable = edit.mode == "100755"
            target.write_temp(edit.after, executable, found[edit.path], permissions.get(edit.path))


def _swap(journal: Journal, patch: Patch) -> None:
    for target, edit in zip(targets(journal), patch.edits, strict=True):
        if target.read() != edit.before or (edit.before is None and target.present()):
            raise Displaced(edit.path)
        if edit.after is not None:
            target.put(edit.before)
        elif edit.before is not None:
            target.take_away(edit.before)
    for target in {t.path.rpartition("/")[0]: t for t in targets(journal)}.values():
        target.flush_folder()


def _tidy(patch: Patch, root: Path) -> None:
    """Folders that deletions emptied go, as with git."""
    for edit in patch.edits:
        if edit.after is None:
            parts = edit.path.split("/")
            for depth in range(len(parts) - 1, 0, -1):
                remove_empty(root, "/".join(parts[:depth]))


__all__ = ["Recovered", "Writer", "deliver", "open_writer", "recover", "recover_in"]
