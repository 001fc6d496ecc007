"""The user's current content, tracked and untracked without the ignored, as a git tree and as bytes on disk.

One git process where nothing changed since the last time: it lists the private index and tells what differs on disk.
The user's index is copied at the first time and afterwards only compared, never written or locked.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from routecli.domain.task import RepoPath
from routecli.errors import UsageFault
from routecli.git.mending import mend
from routecli.git.pruning import hold, prune
from routecli.git.reading import read_regular
from routecli.git.repository import Repository
from routecli.git.status import changed_paths
from routecli.git.store import Store, discard, open_store
from routecli.git.taking import Taken, take_index


class Entry(NamedTuple):
    """A file of the tree: git's mode as six digits, such as `100644`, and the id of its bytes."""

    mode: str
    blob: str


class Snapshot:
    """A moment of the repository's content; satisfies ports.Files. `tree` is the git tree; its blobs are the bytes
    on disk: no line end is converted. `left_out` are untracked files that are too big or cannot be read,
    `environments` untracked virtual environments that nothing ignores."""

    on_disk = True
    """The user's own files are the content: a twin may be a layer over them."""

    def __init__(self, store: Store, taken: Taken, held: int | None) -> None:
        self.store = store
        self.repository = store.repository
        self.head = store.repository.head
        self.index = taken.index
        self.tree = taken.tree
        self.left_out = taken.left_out
        self.environments = taken.environments
        self._listing = taken.listing
        self._close = weakref.finalize(self, _let_go, taken.index, held)

    @cached_property
    def entries(self) -> Mapping[RepoPath, Entry]:
        """Every file of the tree."""
        found = {}
        for line in self._listing.decode("utf-8", "surrogateescape").split("\0"):
            meta, _, path = line.partition("\t")
            if path and meta[0] in "HS":
                found[path] = Entry(meta[2:8], meta[9:-2])
        return found

    @cached_property
    def absent(self) -> frozenset[RepoPath]:
        """Files of the tree that a sparse checkout keeps off the disk."""
        lines = self._listing.decode("utf-8", "surrogateescape").split("\0") if b"S " in self._listing else []
        return frozenset(line.partition("\t")[2] for line in lines if line.startswith("S "))

    @property
    def submodules(self) -> list[RepoPath]:
        """Where other repositories are mounted into this one."""
        return [path for path, entry in self.entries.items() if entry.mode == "160000"]

    def paths(self) -> Collection[RepoPath]:
        """Every file of the tree, links and submodules included."""
        return self.entries.keys()

    def mode(self, path: RepoPath) -> str:
        """Git's mode of a file of the tree; empty where there is none."""
        entry = self.entries.get(path)
        return entry.mode if entry is not None else ""

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes on disk of a regular file that belongs to the tree; None for anything else. No link is followed
        on the way, and a pipe is never waited for (security.md rows 21, 22)."""
        entry = self.entries.get(path)
        if entry is None or not entry.mode.startswith("100"):
            return None
        return read_regular(self.repository.root, path)

    def blob(self, path: RepoPath) -> bytes | None:
        """The bytes of `path` in the tree, however the disk looks by now; a link's target for a link."""
        return self.blobs([path]).get(path)

    def blobs(self, paths: Iterable[RepoPath]) -> dict[RepoPath, bytes]:
        """The same for many, by one git process; without those that the tree does not hold, and submodules."""
        known = [(p, e.blob) for p in paths if (e := self.entries.get(p)) is not None and e.mode != "160000"]
        if not known:
            return {}
        found = self._read(known)
        if len(found) < len(known):
            self.mend()
            found = self._read(known)
        for path, blob in known:
            if path not in found:
                raise UsageFault(f"git has lost the content of {path} ({blob})", hint="git fsck")
        return found

    def _read(self, known: Sequence[tuple[RepoPath, str]]) -> dict[RepoPath, bytes]:
        """The bytes of each that git has."""
        asked = "".join(f"{blob}\n" for _, blob in known).encode()
        raw = self.store.git_ok("cat-file", "--batch", index=self.index, stdin=asked)
        found = {}
        at = 0
        for path, _ in known:
            end = raw.index(b"\n", at)
            head = raw[at:end].split()
            at = end + 1
            if len(head) == 3:
                size = int(head[2])
                found[path] = raw[at : at + size]
                at += size + 1
        return found

    def mend(self) -> bool:
        """Writes again, from the disk, what git has lost of the tree; whether something was lost and no longer is."""
        return mend(self.store, self.index, ((path, *entry) for path, entry in self.entries.items()))

    def grep(self, words: Sequence[str]) -> list[RepoPath]:
        """The text files on disk that hold any of `words` as a whole word."""
        return self._grep(words)

    def _grep(self, words: Sequence[str], *where: str) -> list[RepoPath]:
        if not words:
            return []
        patterns = [part for word in words for part in ("-e", word)]
        flags = ("-l", "-z", "-I", "-w", "-F", "--no-textconv", "--no-recurse-submodules", "--full-name")
        done = self.store.git("grep", *flags, *where, *patterns, index=self.index)
        if done.exit_code not in (0, 1):
            raise UsageFault(f"git grep failed: {done.stderr.decode('utf-8', 'replace').strip()}")
        return [name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name]

    def ignored(self, paths: Collection[RepoPath]) -> frozenset[RepoPath]:
        """Those of `paths` that the user's rules ignore, there or not."""
        if not paths:
            return frozenset()
        asked = b"".join(b"./" + p.encode("utf-8", "surrogateescape") + b"\0" for p in paths)
        words = ("check-ignore", "-z", "--stdin", "--no-index")
        done = self.store.git(*words, index=self.index, stdin=asked, literal=False)
        if done.exit_code not in (0, 1):
            raise UsageFault(f"git check-ignore failed: {done.stderr.decode('utf-8', 'replace').strip()}")
        return frozenset(p.removeprefix("./") for p in done.stdout.decode("utf-8", "surrogateescape").split("\0") if p)

    def changed_since_head(self) -> frozenset[RepoPath]:
        """The files that differ from HEAD, staged or not, untracked ones included, as `git status` sees them."""
        return changed_paths(self.repository)

    def close(self) -> None:
        """Drops this moment's private index; its twins cannot be made any more."""
        self._close()


def take(repository: Repository) -> Snapshot:
    """The content as it is now. Raises UsageFault where git cannot tell (conflicts that are not resolved, say)."""
    store = open_store(repository)
    prune(store)
    held = hold(store)
    try:
        return Snapshot(*_taken(store), held)
    except BaseException:
        if held is not None:
            os.close(held)
        raise


def _taken(store: Store) -> tuple[Store, Taken]:
    try:
        return store, take_index(store)
    except UsageFault:
        discard(store)  # a torn index or object of ours; whatever is wrong with the repository itself fails again
        store = open_store(store.repository)
        return store, take_index(store)


def _let_go(index: Path, held: int | None) -> None:
    index.unlink(missing_ok=True)
    if held is not None:
        os.close(held)


__all__ = ["Entry", "Snapshot", "take"]
