"""The last deliveries, taken back and made again: whole, and only where every file still is what was delivered.

An undo is a delivery of its own, with the same lock, journal and checks: the old bytes were kept. A redo is the undo of
an undo. Nothing is marked: what stands is told from the last of them (security.md row 63).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import datetime

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import DeliveryFault, UsageFault
from routecli.git.repository import Repository
from routecli.nouns import dataclass
from routecli.workspace import journal as journals
from routecli.workspace.delivery import open_writer
from routecli.workspace.journal import Journal, Turn, digest
from routecli.workspace.preimage import check, fault
from routecli.workspace.replacing import with_bit

_RUN = "run "
_DONE = {Turn.UNDO: "undone", Turn.REDO: "redone"}


@dataclass(frozen=True, slots=True)
class Delivered:
    """One of the last deliveries to a work tree. `run_id` is empty where no run made it; `commit` is the one that was
    made of it; `undone` says that its files are as they were before it. `last` is the journal of what stands now."""

    id: str
    made_at: datetime
    run_id: str
    paths: tuple[RepoPath, ...]
    commit: str
    undone: bool
    last: Journal

    @property
    def name(self) -> str:
        """What a person calls it by: the run's id where there is one."""
        return self.run_id or self.id


class NotAsDelivered(DeliveryFault):
    """Some files are not what was delivered; nothing was written (exit 7). `changed` holds each with the reason."""

    def __init__(self, changed: tuple[tuple[RepoPath, str], ...], hint: str) -> None:
        more = f", and {len(changed) - 3} more" if len(changed) > 3 else ""
        super().__init__("; ".join(why for _, why in changed[:3]) + more, hint=hint)
        self.changed = changed


def delivered(repository: Repository) -> tuple[Delivered, ...]:
    """The last 20 deliveries to this work tree, newest first. Reads only."""
    found = [journals.load(place) for place in journals.all_of(repository.own_dir / journals.FINISHED)]
    here = [journal for journal in found if journal is not None and journal.root == repository.root]
    last = {journal.of or journal.id: journal for journal in here}
    firsts = [journal for journal in here if journal.turn is Turn.FIRST][-journals.KEPT :]
    return tuple(_delivered(first, last[first.id]) for first in reversed(firsts))


def _delivered(first: Journal, last: Journal) -> Delivered:
    run_id = first.label.removeprefix(_RUN) if first.label.startswith(_RUN) else ""
    paths = tuple(file.path for file in first.files)
    made_at = datetime.fromisoformat(first.made_at)
    return Delivered(first.id, made_at, run_id, paths, first.commit, last.turn is Turn.UNDO, last)


def choose(repository: Repository, turn: Turn, wanted: str | None = None) -> Delivered:
    """The delivery that `wanted` names by the start of its id or its run's; without, what an editor would take: the
    last one that stands, or for a redo the one that was undone last.

    Raises UsageFault: none, several, or it is undone (it stands) already; DeliveryFault: it was committed.
    """
    verb = turn.value
    known = delivered(repository)
    fitting = [one for one in known if one.undone is (turn is Turn.REDO)]
    if wanted not in (None, "", "last"):
        fitting = _named(str(wanted), known, fitting, turn)
    if not fitting:
        raise UsageFault(f"there is nothing to {verb} in {repository.root}", hint="routecli undo --list")
    chosen = max(fitting, key=lambda one: one.last.id if turn is Turn.REDO else one.id)
    if chosen.commit:
        what = f"{one_line(chosen.name)} was committed as {chosen.commit[:12]}: only git takes a commit back"
        raise DeliveryFault(what, hint=f"git revert {chosen.commit[:12]}")
    return chosen


def _named(wanted: str, known: tuple[Delivered, ...], fitting: list[Delivered], turn: Turn) -> list[Delivered]:
    def named(one: Delivered) -> bool:
        return one.id.startswith(wanted) or one.run_id.startswith(wanted)

    found = [one for one in known if named(one)]
    if not found:
        raise UsageFault(f"no delivery kept here is called {one_line(wanted, limit=60)}", hint="routecli undo --list")
    if len({one.name for one in found}) > 1:
        names = ", ".join(one_line(one.name) for one in found[:4])
        raise UsageFault(f"{one_line(wanted, limit=60)} may be any of {names}", hint="routecli undo --list")
    left = [one for one in fitting if named(one)]
    if not left:
        other = Turn.REDO if turn is Turn.UNDO else Turn.UNDO
        state = "undone already" if turn is Turn.UNDO else "not undone"
        raise UsageFault(f"{one_line(found[0].name)} is {state}", hint=f"routecli {other.value} {found[0].name}")
    return left


def turned(one: Delivered) -> Patch:
    """What an undo (or, where it is undone, a redo) of `one` would write.

    Raises DeliveryFault: the kept bytes are not whole.
    """
    last = one.last
    edits = []
    for number, file in enumerate(last.files):
        before = _kept(last, number, "after", file.after)
        after = _kept(last, number, "before", file.before)
        executable = file.executable if file.permissions is None else bool(file.permissions & stat.S_IXUSR)
        mode, mode_before = ("100755" if bit else "100644" for bit in (executable, file.executable))
        changed = mode_before if mode != mode_before and after is not None and before is not None else ""
        edits.append(FileEdit(file.path, before, after, mode, changed))
    return Patch(tuple(edits))


def _kept(journal: Journal, number: int, side: str, wanted: str | None) -> bytes | None:
    if wanted is None:
        return None
    try:
        content = journal.bytes_of(number, side)
    except OSError as problem:
        raise DeliveryFault(f"{journal.place} cannot be read: {problem.strerror}", hint="git checkout -p") from None
    if digest(content) != wanted:
        raise DeliveryFault(f"{journal.place} is damaged: the kept files are not whole", hint="git checkout -p")
    return content


def turn_back(repository: Repository, one: Delivered) -> Patch:
    """Undoes `one`, or where it is undone makes it again: all its files or none. Returns what was written.

    Raises NotAsDelivered where a file is not what was delivered (exit 7), or another run was quicker; DeliveryFault.
    """
    turn = Turn.REDO if one.undone else Turn.UNDO
    patch = turned(one)
    with open_writer(repository) as writer:
        now = next((other for other in delivered(repository) if other.id == one.id), None)
        if now is None or now.last.id != one.last.id:
            raise DeliveryFault(f"{one_line(one.name)} was changed by another routecli", hint="routecli undo --list")
        found = as_delivered(repository, one, patch)
        try:
            writer.write(patch, one.last.label, turn, one.id, _permissions(one.last, found))
        except DeliveryFault as problem:
            raise DeliveryFault(problem.what, hint=instead(one)) from problem
    return patch


def instead(one: Delivered) -> str:
    """The command that takes back (or makes again) as much of it as still fits, as a patch."""
    if one.run_id:
        return f"routecli apply {'' if one.undone else '--reverse '}--run {one.run_id}"
    return f"routecli {'redo' if one.undone else 'undo'} {one.id} --patch | routecli apply"


def as_delivered(repository: Repository, one: Delivered, patch: Patch) -> Mapping[RepoPath, os.stat_result | None]:
    """The state of every file of `one`, where all are what was delivered. `patch` is `turned(one)`.

    Raises NotAsDelivered: other bytes, another mode, gone, or not to be replaced by a rename.
    """
    since = f"it was {_DONE.get(one.last.turn, 'delivered')}"
    found: dict[RepoPath, os.stat_result | None] = {}
    changed = []
    for edit, file in zip(patch.edits, one.last.files, strict=True):
        try:
            status = found[edit.path] = check(repository.root, edit, since=since)
            if status is not None and bool(status.st_mode & stat.S_IXUSR) != file.executable:
                raise fault(edit.path, f"has another mode since {since}")
        except DeliveryFault as problem:
            changed.append((edit.path, problem.what))
    if changed:
        raise NotAsDelivered(tuple(changed), instead(one))
    return found


def _permissions(last: Journal, found: Mapping[RepoPath, os.stat_result | None]) -> dict[RepoPath, int]:
    """The permissions from before, for files that are gone or whose own nobody has set since."""
    wanted = {}
    for file in last.files:
        status = found[file.path]
        if file.permissions is not None and (
            status is None or stat.S_IMODE(status.st_mode) == with_bit(file.permissions, file.executable)
        ):
            wanted[file.path] = file.permissions
    return wanted


__all__ = ["Delivered", "NotAsDelivered", "as_delivered", "choose", "delivered", "instead", "turn_back", "turned"]
