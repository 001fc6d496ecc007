"""The files of a task as they were when the run began: what the model was shown is what its edits are read against.

Reading the disk again would take a change that the person made meanwhile for the starting point, and a reply that
holds a whole file would then undo it. So the bytes come from the snapshot, and delivery refuses where the disk differs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from routecli.domain.task import RepoPath
from routecli.git.snapshot import Snapshot


class Pinned:
    """Satisfies ports.Files. `paths` are pinned; any other file is the disk's, and may not change in this task."""

    def __init__(self, snapshot: Snapshot, paths: Sequence[RepoPath]) -> None:
        self._snapshot = snapshot
        self._pinned = tuple(p for p in paths if snapshot.mode(p).startswith("100"))

    @cached_property
    def _bytes(self) -> dict[RepoPath, bytes]:
        return dict(self._snapshot.blobs(self._pinned))

    def read(self, path: RepoPath) -> bytes | None:
        """See ports.Files.read."""
        if path in self._pinned:
            return self._bytes.get(path)
        return self._snapshot.read(path)

    def paths(self) -> Collection[RepoPath]:
        """See ports.Files.paths."""
        return self._snapshot.paths()

    def mode(self, path: RepoPath) -> str:
        """Git's mode of a file; empty where there is none."""
        return self._snapshot.mode(path)
