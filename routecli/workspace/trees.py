"""A patch as a git tree, in the private store: what policy looks at, and what a verdict may be cached by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath
from routecli.errors import UsageFault
from routecli.git.snapshot import Snapshot
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One difference between two trees: modes are `000000` where there is no file on that side."""

    path: RepoPath
    mode_before: str
    mode_after: str


def tree_with(snapshot: Snapshot, patch: Patch) -> str:
    """The id of the tree that `patch` makes of the snapshot's. The new contents themselves are not stored.

    Raises UsageFault where git refuses a path of it.
    """
    if not patch.edits:
        return snapshot.tree
    with _patched_index(snapshot, patch) as index:
        return snapshot.store.git_ok("write-tree", "--missing-ok", index=index).decode().strip()


def changes_by(snapshot: Snapshot, patch: Patch) -> tuple[TreeChange, ...]:
    """What git sees between the snapshot's tree and the one that `patch` makes, links and submodules included.

    Raises UsageFault where git refuses a path of it.
    """
    if not patch.edits:
        return ()
    flags = ("--cached", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--raw")
    with _patched_index(snapshot, patch) as index:
        raw = snapshot.store.git_ok("diff-index", *flags, snapshot.tree, index=index)
    fields = raw.decode("utf-8", "surrogateescape").split("\0")
    changes = []
    for meta, path in zip(fields[::2], fields[1::2], strict=False):
        before, after, *_ = meta.lstrip(":").split(" ")
        changes.append(TreeChange(path, before, after))
    return tuple(changes)


@contextmanager
def _patched_index(snapshot: Snapshot, patch: Patch) -> Iterator[Path]:
    """An index of its own with `patch` in it: git itself decides what each path does to the others."""
    store = snapshot.store
    index = store.new_index()
    zero = "0" * len(snapshot.tree)
    ids = [(e, zero if e.after is None else blob_id(e.after, len(zero))) for e in patch.edits]
    lines = [f"{'0' if e.after is None else e.mode} {blob}\t{e.path}\0" for e, blob in ids]
    try:
        index.write_bytes(snapshot.index.read_bytes())
        stdin = "".join(lines).encode("utf-8", "surrogateescape")
        done = store.git("update-index", "--replace", "-z", "--index-info", index=index, stdin=stdin)
        if done.exit_code != 0 or done.stderr:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UsageFault(f"git refuses a path of the patch: {said[0] if said else done.exit_code}")
        yield index
    finally:
        index.unlink(missing_ok=True)


def blob_id(content: bytes, digits: int) -> str:
    """git's id of `content`: 40 digits by sha1, 64 by sha256 (gitformat-objects: `blob SIZE NUL content`)."""
    digest = hashlib.sha256() if digits == 64 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()
