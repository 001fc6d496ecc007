"""What a commit would hold, and any other git tree, as content: whatever the disk holds meanwhile.

The index that git hands to a hook is copied; the copy, in our own git folder, is what becomes a tree. Nothing here
writes, locks or refreshes the index itself (security.md row 62), and no later git of ours sees the hook's variables.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.errors import UsageFault
from routecli.git.command import git
from routecli.git.pruning import hold
from routecli.git.reading import read_regular
from routecli.git.repository import Repository, open_repository
from routecli.git.snapshot import Snapshot
from routecli.git.store import Store, open_store
from routecli.git.taking import Taken
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Staged:
    """The trees before and after the commit that would be made now, and the paths in which they differ."""

    store: Store
    before: str
    after: str
    changed: frozenset[RepoPath]


class TreeSnapshot(Snapshot):
    """The content of a git tree, as Snapshot gives that of the disk."""

    on_disk = False

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a regular file of the tree. From the disk where they are the same there: that needs no git."""
        entry = self.entries.get(path)
        if entry is None or not entry.mode.startswith("100"):
            return None
        there = read_regular(self.repository.root, path)
        if there is not None and blob_id(there, self.repository.object_format) == entry.blob:
            return there
        return self.blob(path)

    def grep(self, words: Sequence[str]) -> list[RepoPath]:
        """The text files of the tree that hold any of `words` as a whole word."""
        return self._grep(words, "--cached")


def blob_id(content: bytes, object_format: str) -> str:
    """The id that git gives to a file of these bytes."""
    digest = hashlib.new(object_format, usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


def look(cwd: Path, environ: Mapping[str, str]) -> Staged:
    """What is staged in the repository around `cwd`, against HEAD, and everything where there is no commit yet.

    Raises UsageFault: no repository, conflicts that are not resolved, another repository in git's variables."""
    repository = open_repository(cwd, amid=True)
    index = index_of_hook(repository, environ)
    store = open_store(repository)
    return between(store, repository.head_tree or empty_tree(store), staged_tree(store, index))


def between(store: Store, before: str, after: str) -> Staged:
    """Two trees and what differs."""
    return Staged(store, before, after, changed_between(store, before, after) if before != after else frozenset())


def index_of_hook(repository: Repository, environ: Mapping[str, str]) -> Path:
    """The index that git told its hook of; the repository's own outside of a hook.

    Raises UsageFault where git speaks of another repository than the one around the current folder.
    """
    told = environ.get("GIT_DIR")
    if told and Path(told).resolve() != repository.git_dir:
        raise UsageFault(f"git works on {Path(told).resolve()}, which is not the repository of this folder")
    index = environ.get("GIT_INDEX_FILE")
    return Path(index).absolute() if index else repository.git_dir / "index"


def staged_tree(store: Store, index: Path) -> str:
    """The id of the tree that a commit of `index` would have. Raises UsageFault: conflicts that are not resolved."""
    mine = store.new_index()
    try:
        if not index.exists():
            return empty_tree(store)
        shutil.copyfile(index, mine)
        done = store.git("write-tree", index=mine)
        if done.exit_code != 0:  # a split index needs its other half, which lies beside the original
            env = {"GIT_INDEX_FILE": str(mine)}
            git(store.repository.root, "update-index", "--no-split-index", config=("core.splitIndex=false",), env=env)
            done = store.git("write-tree", index=mine)
        if done.exit_code != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UsageFault(f"what is staged is no tree: {said[0] if said else done.exit_code}", hint="git status")
        return done.stdout.decode().strip()
    finally:
        mine.unlink(missing_ok=True)


def empty_tree(store: Store) -> str:
    """The id of the tree without files."""
    return store.git_ok("mktree", index=store.index).decode().strip()


def tree_of_commit(store: Store, commit: str) -> str | None:
    """The id of the tree of `commit`; None where the repository has no such commit."""
    done = store.git("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", index=store.index)
    return done.stdout.decode().strip() if done.exit_code == 0 else None


def known_to_remotes(repository: Repository, commit: str) -> str | None:
    """The newest commit at or before `commit` that a remote branch holds; None where there is none."""
    walk = git(repository.root, "rev-list", "--boundary", "--max-count=100000", commit, "--not", "--remotes", "--")
    if walk.exit_code != 0:
        return None
    edge = [line[1:] for line in walk.stdout.decode().split("\n") if line.startswith("-")]
    return edge[0] if edge else None


def fits_index(repository: Repository, patch: str) -> bool:
    """Whether `git apply --index` would take `patch` into index and files: git itself is asked, nothing is written."""
    words = ("apply", "--index", "--check", "-")
    return git(repository.root, *words, stdin=patch.encode("utf-8", "surrogateescape")).exit_code == 0


def changed_between(store: Store, before: str, after: str) -> frozenset[RepoPath]:
    """The paths in which two trees differ, gone ones included."""
    words = ("diff-tree", "-r", "-z", "--no-renames", "--name-only", before, after)
    listed = store.git_ok(*words, index=store.index).decode("utf-8", "surrogateescape")
    return frozenset(path for path in listed.split("\0") if path)


def moved_between(store: Store, before: str, after: str) -> list[tuple[str, RepoPath, RepoPath]]:
    """`(what, path, path before)` of each file in which two trees differ, by git's letter for it; a rename is one."""
    words = ("diff-tree", "-r", "-z", "-M", "--name-status", before, after)
    fields = store.git_ok(*words, index=store.index).decode("utf-8", "surrogateescape").split("\0")[:-1]
    found, at = [], 0
    while at < len(fields):
        what, old = fields[at][0], fields[at + 1]
        renamed = what in "RC"
        found.append(("A" if what == "C" else what, fields[at + 2] if renamed else old, old))
        at += 3 if renamed else 2
    return found


def snapshot_of(store: Store, tree: str) -> TreeSnapshot:
    """The content of `tree`. The caller closes it."""
    held = hold(store)
    mine = store.new_index()
    try:
        store.git_ok("read-tree", tree, index=mine)
        listing = store.git_ok("ls-files", "-v", "-s", "-z", index=mine)
        return TreeSnapshot(store, Taken(mine, tree, listing, ()), held)
    except BaseException:
        mine.unlink(missing_ok=True)
        if held is not None:
            os.close(held)
        raise


__all__ = [
    "Staged", "TreeSnapshot", "between", "blob_id", "changed_between", "empty_tree", "fits_index", "index_of_hook",
    "known_to_remotes", "look", "moved_between", "snapshot_of", "staged_tree", "tree_of_commit",
]  # fmt: skip
