"""Putting back what a delivery changed: at once when it fails, at the next start when it was killed (row 44).

A file equal to its new bytes goes back to the old ones; one that is neither was changed by somebody else since, and
stays. What a swap displaced in the last moment is under our temporary name, and wins over the journal's bytes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.workspace import journal as journals
from routecli.workspace.journal import Journal, State, digest
from routecli.workspace.replacing import Target, make_folders, missing_folders, remove_empty


@dataclass(frozen=True, slots=True)
class Recovered:
    """What an interrupted delivery left and what was done: `restored` files are as they were before it, `left` were
    changed by somebody else since and were not touched."""

    id: str
    restored: tuple[RepoPath, ...]
    left: tuple[RepoPath, ...]


def recover_all(pending: Path, root: Path | None = None) -> tuple[Recovered, ...]:
    """Undoes every delivery in `pending` that is of a work tree of this repository; `root` is one. Needs the lock."""
    recovered = []
    for place in journals.all_of(pending):
        try:
            journal = journals.read(place)
        except OSError:
            continue  # it is there, and another start may be able to read it
        if journal is None:
            journals.discard(place)  # killed before its journal was written: nothing of the user's had been touched
        elif journals.is_of(journal, root):
            left = roll_back(journal)
            if journal.state is State.COMMITTING:
                restored = tuple(f.path for f in journal.files if f.path not in left)
                recovered.append(Recovered(journal.id, restored, left))
    return tuple(recovered)


def targets(journal: Journal) -> list[Target]:
    """The files of `journal`, in its order."""
    return [Target(journal.root, file.path, file.temp.encode()) for file in journal.files]


def roll_back(journal: Journal) -> tuple[RepoPath, ...]:
    """Every file as it was before, and the journal gone; those that are neither old nor new stay and are returned.

    A file that cannot be put back (no room, no permission) keeps the journal: the next start tries again.
    """
    left = []
    complete = True
    for number, target in enumerate(targets(journal)):
        try:
            if not _restored(journal, number, target):
                left.append(target.path)
        except OSError:
            complete = False
            left.append(target.path)
    for folder in reversed(journal.folders):
        remove_empty(journal.root, folder)
    if complete:
        journals.discard(journal.place)
    return tuple(left)


def _restored(journal: Journal, number: int, target: Target) -> bool:
    """Puts file `number` back if need be; False where it is neither the old nor the new one."""
    file = journal.files[number]
    _spare(target).drop_temp()
    if journal.state is State.PREPARING:
        target.drop_temp()
        return True
    now, aside = digest(target.read()), digest(target.read_temp())
    if now is None and target.present():
        return False  # a link or a folder by now
    if now != file.after:  # not swapped yet, or somebody's own: only our own new bytes may go
        if aside in (file.after, file.before):  # anything else is somebody's own, and nowhere else
            target.drop_temp()
        return now == file.before
    if file.before is None:
        target.drop_temp()
        target.remove()
    elif aside is not None and aside != file.after:
        target.put_back(deleted=file.after is None)
    else:
        target.drop_temp()
        _rewrite(journal, number, target)
    return True


def _rewrite(journal: Journal, number: int, target: Target) -> None:
    """The old bytes from the journal, by a rename of their own. Raises OSError.

    Under a name of its own until then: what is under the other one is taken for whole, and this may be cut off.
    """
    file = journal.files[number]
    make_folders(target.root, missing_folders(target.root, [file.path]))
    executable = bool((file.permissions or 0) & 0o100)
    like = None if file.after is None else target.status()
    spare = _spare(target)
    try:
        spare.write_temp(journal.bytes_of(number, "before"), executable, like, file.permissions)
        spare.put_back(deleted=file.after is None)
    except OSError:
        spare.drop_temp()
        raise


def _spare(target: Target) -> Target:
    return replace(target, temp=target.temp + b".old")
