"""A twin of a large repository without copying it: an overlay whose lower layer is the user's own tree.

The upper layer, a folder of ours on disk, holds what the patch changes, and a whiteout for everything that lies in the
user's folders without being content: `.git`, ignored files, other repositories. So the twin shows what an exported one
would. The user's files cannot be written through it, but an edit of theirs is visible inside at once: after each
command it is looked whether the lower layer still is the snapshot, and if it is not, the run counts for nothing.

Exporting 50,000 files took 31 s here, this 0.3 s (docs/performance.md).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from routecli.domain.command import Command, Completed
from routecli.domain.patch import FileEdit, Patch
from routecli.errors import SandboxFault
from routecli.git.owners import remove
from routecli.git.reading import parts_of
from routecli.git.snapshot import Snapshot
from routecli.nouns import dataclass
from routecli.workspace.twin import SandboxedTwin, git_mode, walk, write_patch

FROM_FILES = 5_000
"""Up to here an export is as quick and has no race."""
_OPAQUE = "user.overlay.opaque"
_WHITEOUT = os.makedev(0, 0)
_UNESCAPED = frozenset(":,\\")

Folders = dict[str, set[str]]


def can_layer(root: Path, place: Path) -> bool:
    """Whether these paths can be written into mount options."""
    return _UNESCAPED.isdisjoint(f"{root}{place}")


def content_folders(snapshot: Snapshot) -> Folders:
    """Every folder of the content by its path (the root is ""), with the names in it that are content."""
    folders: Folders = {"": set()}
    for path in snapshot.entries:
        above, _, name = path.rpartition("/")
        names = folders.get(above)
        while names is None:  # the folder is new, and so may be those above it
            folders[above] = {name}
            above, _, name = above.rpartition("/")
            names = folders.get(above)
        names.add(name)
    return folders


@dataclass(slots=True)
class LayeredTwin(SandboxedTwin):
    """Satisfies ports.Twin. `tree` is the upper layer. `seen` is how each folder of the content stood when the twin
    was made: its names that are no content, and its time of change."""

    folders: Folders = field(default_factory=dict)
    seen: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)

    @property
    def layer_work(self) -> Path:
        """The folder that the kernel wants beside the upper layer."""
        return self.place / "work"

    def furnish(self) -> None:
        """Makes the upper layer. Raises OSError: no whiteout can be made here, or no room; ValueError: a path of the
        patch leaves the tree."""
        root = self.snapshot.repository.root
        self.tree.mkdir(parents=True)
        self.layer_work.mkdir()
        self.place.chmod(0o700)
        self.folders = content_folders(self.snapshot)
        for folder, names in self.folders.items():
            self.seen[folder] = _strangers(root / folder, names)
            for stranger in self.seen[folder][1]:
                self._hide(f"{folder}/{stranger}" if folder else stranger)
        if self.patch is not None:
            self._lay(self.patch)

    def _lay(self, patch: Patch) -> None:
        gone = {e.path for e in patch.edits if e.after is None}
        for edit in patch.edits:
            parts_of(edit.path)  # before any of it is joined to a folder of ours
            self._check_way(edit.path, gone)
        written = Patch(tuple(e for e in patch.edits if e.after is not None))
        for edit in written.edits:
            self._folder_for(edit.path)
            (self.tree / edit.path).unlink(missing_ok=True)  # a new file may have the name of a hidden one
        write_patch(self.tree, Patch(tuple(_as_new(e) for e in written.edits)))
        for edit in patch.edits:
            if edit.after is None:
                self._hide(edit.path)
        self._prune(patch)

    def _check_way(self, path: str, gone: set[str]) -> None:
        """Nothing is laid below what is a file or a link in the content."""
        above = path.rpartition("/")[0]
        while above:
            if above in self.snapshot.entries and above not in gone:
                raise ValueError(f"{above} is no folder")
            above = above.rpartition("/")[0]

    def _prune(self, patch: Patch) -> None:
        """A folder that deletions emptied is gone, as with git."""
        if all(e.after is not None for e in patch.edits):
            return
        left = {e.path for e in patch.edits if e.after is not None} | set(self.snapshot.entries)
        left -= {e.path for e in patch.edits if e.after is None}
        for edit in patch.edits:
            above = edit.path.rpartition("/")[0]
            while edit.after is None and above and not any(p.startswith(f"{above}/") for p in left):
                self._hide(above)
                above = above.rpartition("/")[0]

    def _folder_for(self, path: str) -> None:
        """The folders above `path` in the upper layer, with the modes that they have below."""
        root = self.snapshot.repository.root
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            name = "/".join(parts[:depth])
            made = self.tree / name
            if made.is_dir() and not made.is_symlink():
                continue
            made.unlink(missing_ok=True)
            made.mkdir()
            if name in self.folders:
                made.chmod(stat.S_IMODE((root / name).lstat().st_mode))
            else:
                # An ignored folder may be there already: nothing of it may shine through.
                os.setxattr(made, _OPAQUE, b"y")

    def _hide(self, path: str) -> None:
        self._folder_for(path)
        place = self.tree / path
        if place.is_dir() and not place.is_symlink():
            remove(place)
        place.unlink(missing_ok=True)
        # Made without any right since Linux 5.8: a device 0:0 is nothing but this mark.
        os.mknod(place, stat.S_IFCHR | 0o600, _WHITEOUT)

    def run(self, command: Command) -> Completed:
        """As SandboxedTwin's. Raises SandboxFault as well where the user's files changed meanwhile."""
        # No `super()` without arguments: a slotted dataclass is made anew, and it would point to the old one.
        done = SandboxedTwin.run(self, command)
        self.check_below()
        return done

    def check_below(self) -> None:
        """Raises SandboxFault where the lower layer is no longer what the snapshot holds."""
        changed = self._changed_below()
        if changed:
            raise SandboxFault(
                f"{changed} changed while the checks ran on it: what they said counts for nothing",
                hint="run it again",
            )

    def _changed_below(self) -> str:
        root = self.snapshot.repository.root
        for folder, (time_ns, strangers) in self.seen.items():
            found = _stat(root / folder)
            if found is None:
                return folder
            if found.st_mtime_ns == time_ns:
                continue
            now = _strangers(root / folder, self.folders[folder])[1]
            if now - strangers:
                return f"{folder}/{min(now - strangers)}".lstrip("/")
        raw = self.snapshot.store.git_ok("diff-files", "--name-only", "-z", index=self.snapshot.index)
        touched = [p for p in raw.decode("utf-8", "surrogateescape").split("\0") if p and p not in self._not_below()]
        before = self.snapshot.blobs(touched)
        for path in touched:
            if self.snapshot.read(path) != before.get(path):
                return path
        return ""

    def _not_below(self) -> frozenset[str]:
        return self.snapshot.absent | frozenset(self.snapshot.submodules)

    def changes(self) -> tuple[FileEdit, ...]:
        """As SandboxedTwin's: here only what the upper layer holds can have changed."""
        modes = self._modes_at_birth()
        now, gone = self._upper()
        mine = {p for p in now if modes.get(p) != now[p] or self._born_before(p)}
        ignored = set(self._ignored([p for p in mine if p not in modes]))
        removed = [p for p in modes if p not in now and any(above in gone for above in _ways_to(p))] if gone else []
        return self._edits(modes, now, mine - ignored, removed)

    def _born_before(self, path: str) -> bool:
        return (self.tree / path).lstat().st_ctime_ns >= self.born_ns

    def _upper(self) -> tuple[dict[str, str], set[str]]:
        """Files of the upper layer with their modes, and what whiteouts hide."""
        now: dict[str, str] = {}
        gone: set[str] = set()
        for path, found in walk(self.tree):
            if stat.S_ISCHR(found.st_mode) and found.st_rdev == _WHITEOUT:
                gone.add(path)
            elif stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
                now[path] = git_mode(found)
        return now, gone


def _ways_to(path: str) -> Iterator[str]:
    """`path` and every folder above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _as_new(edit: FileEdit) -> FileEdit:
    return FileEdit(edit.path, None, edit.after, edit.mode)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def _strangers(folder: Path, names: set[str]) -> tuple[int, frozenset[str]]:
    """When `folder` last changed, and the names in it that are no content. A folder that is not there holds none."""
    try:
        time_ns = folder.lstat().st_mtime_ns
        with os.scandir(folder) as entries:
            return time_ns, frozenset(e.name for e in entries if e.name not in names)
    except OSError:
        return 0, frozenset()
