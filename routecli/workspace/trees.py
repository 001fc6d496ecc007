"""A patch as a git tree, in the private store: what policy looks at, and what a verdict may be cached by."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath
from routecli.errors import UsageFault
from routecli.git.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One difference between two trees: modes are `000000` where there is no file on that side."""

    path: RepoPath
    mode_before: str
    mode_after: str


def tree_with(snapshot: Snapshot, patch: Patch) -> str:
    """The tree that `patch` makes of the snapshot's. Raises UsageFault where git refuses a path of it."""
    if not patch.edits:
        return snapshot.tree
    store = snapshot.store
    index = store.new_index()
    try:
        index.write_bytes(snapshot.index.read_bytes())
        blobs = _blobs(snapshot, [e for e in patch.edits if e.after is not None])
        zero = "0" * len(snapshot.tree)
        lines = [f"{e.mode} {blobs[e.path]}\t{e.path}" if e.after is not None else f"0 {zero}\t{e.path}"
                 for e in patch.edits]  # fmt: skip
        stdin = "".join(line + "\0" for line in lines).encode("utf-8", "surrogateescape")
        done = store.git("update-index", "--replace", "-z", "--index-info", index=index, stdin=stdin)
        if done.exit_code != 0 or done.stderr:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UsageFault(f"git refuses a path of the patch: {said[0] if said else done.exit_code}")
        return store.git_ok("write-tree", index=index).decode().strip()
    finally:
        index.unlink(missing_ok=True)


def changes_between(snapshot: Snapshot, tree: str) -> tuple[TreeChange, ...]:
    """What git sees between the snapshot's tree and `tree`, links and submodules included."""
    flags = ("-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--raw")
    raw = snapshot.store.git_ok("diff-tree", *flags, snapshot.tree, tree, index=snapshot.index)
    fields = raw.decode("utf-8", "surrogateescape").split("\0")
    changes = []
    for meta, path in zip(fields[::2], fields[1::2], strict=False):
        before, after, *_ = meta.lstrip(":").split(" ")
        changes.append(TreeChange(path, before, after))
    return tuple(changes)


def _blobs(snapshot: Snapshot, edits: list[FileEdit]) -> dict[RepoPath, str]:
    """Writes the new contents as they are, in one git process; their ids by path."""
    if not edits:
        return {}
    with tempfile.TemporaryDirectory(prefix="routecli-", dir=snapshot.store.live) as name:
        files = []
        for number, edit in enumerate(edits):
            file = Path(name) / str(number)
            file.write_bytes(edit.after or b"")
            files.append(str(file))
        stdin = "".join(f + "\n" for f in files).encode("utf-8", "surrogateescape")
        words = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        ids = snapshot.store.git_ok(*words, index=snapshot.index, stdin=stdin).decode().split()
    return {edit.path: blob for edit, blob in zip(edits, ids, strict=True)}
