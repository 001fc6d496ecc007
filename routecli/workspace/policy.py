"""What no reply may do, and what none may do without a yes (security.md rows 1, 2, 3, 6, 13, 14).

Paths are judged as text first; then git builds the tree that the patch makes, and its difference from the user's
tree is judged: what the policy sees is what would be delivered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import StrEnum

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import visible
from routecli.errors import UsageFault
from routecli.git.snapshot import Snapshot
from routecli.nouns import dataclass
from routecli.workspace.protected import why_protected
from routecli.workspace.trees import changes_by

MAX_PATH_BYTES = 1024
MAX_NAME_BYTES = 255
MAX_FILES = 500
"""Row 12: more files than this is no answer to one task."""
_LINK, _SUBMODULE = "120000", "160000"
# HFS+ ignores these in names, so ".g\u200cit" is ".git" there (git: utf8.c, next_hfs_char).
_HFS_IGNORED = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF], None
)  # fmt: skip


class Severity(StrEnum):
    """REFUSED: never. PROTECTED: only after a person said yes to this list of files."""

    REFUSED = "refused"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class Violation:
    """One path that a patch may not touch, or not without a yes, and why in one line."""

    path: RepoPath
    severity: Severity
    why: str


def violations(patch: Patch, snapshot: Snapshot, *, allow_symlinks: bool = False) -> tuple[Violation, ...]:
    """Everything that stands against `patch`, refusals first. `allow_symlinks`: links within the repository may be
    created and changed. Writes nothing of the user's."""
    refused = [Violation(path, Severity.REFUSED, why) for path, why in _refused_by_name(patch, snapshot)]
    if not refused:
        refused = [Violation(p, Severity.REFUSED, why) for p, why in _refused_by_tree(patch, snapshot, allow_symlinks)]
    if refused:
        return tuple(refused)
    guarded = ((edit.path, why_protected(edit.path)) for edit in patch.edits)
    return tuple(Violation(path, Severity.PROTECTED, why) for path, why in guarded if why)


def _refused_by_name(patch: Patch, snapshot: Snapshot) -> Iterator[tuple[RepoPath, str]]:
    if len(patch.edits) > MAX_FILES:
        yield patch.edits[MAX_FILES].path, f"the patch changes {len(patch.edits)} files, more than {MAX_FILES}"
        return
    known = snapshot.entries
    lower = {path.casefold(): path for path in known} if any(e.path not in known for e in patch.edits) else {}
    gone = {e.path.casefold() for e in patch.edits if e.after is None}
    for edit in patch.edits:
        why = why_not_a_path(edit.path) or _way(edit.path, snapshot, patch)
        if not why and edit.path not in known:
            why = _why_not_new(edit.path)
            clash = lower.get(edit.path.casefold())
            if not why and clash is not None and clash.casefold() not in gone:
                why = f"differs from {visible(clash)} by case only"
        if why:
            yield edit.path, why


def why_not_a_path(path: RepoPath) -> str:
    """Why `path` can be no file of a repository, in a few words; empty where it can."""
    if not path or path.startswith("/") or "\0" in path:
        return "not a path inside the repository"
    if len(path.encode("utf-8", "surrogateescape")) > MAX_PATH_BYTES:
        return f"longer than {MAX_PATH_BYTES} bytes"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "leaves the repository, or is no plain path"
        if _is_dot_git(part):
            return "inside a .git folder, or another spelling of one"
        if len(part.encode("utf-8", "surrogateescape")) > MAX_NAME_BYTES:
            return f"a name longer than {MAX_NAME_BYTES} bytes"
    return ""


def _is_dot_git(part: str) -> bool:
    """`.git` in any spelling that some file system takes for it: case, HFS+ ignorables, NTFS short names, trailing
    dots and blanks, streams, backslashes."""
    for piece in part.translate(_HFS_IGNORED).casefold().split("\\"):
        name = piece.partition(":")[0].rstrip(". ")
        if name in (".git", "git~1") or piece == "..":
            return True
    return False


def _why_not_new(path: RepoPath) -> str:
    if any(0xDC80 <= ord(c) <= 0xDCFF for c in path):
        return "a new name that is no UTF-8"
    if visible(path) != path or "\n" in path or "\t" in path:
        return "a new name with control or hidden characters"
    return ""


def _way(path: RepoPath, snapshot: Snapshot, patch: Patch) -> str:
    """Why the folders on the way to `path` forbid it: a link, a submodule, a file."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        above = "/".join(parts[:depth])
        entry = snapshot.entries.get(above)
        mode = entry.mode if entry else ""
        if mode == _SUBMODULE:
            return f"inside the submodule {visible(above)}"
        if mode == _LINK or (snapshot.repository.root / above).is_symlink():
            return f"beyond the symbolic link {visible(above)}"
        if mode and not any(e.path == above and e.after is None for e in patch.edits):
            return f"{visible(above)} is a file"
    return ""


def _refused_by_tree(patch: Patch, snapshot: Snapshot, allow_symlinks: bool) -> Iterator[tuple[RepoPath, str]]:
    try:
        changes = changes_by(snapshot, patch)
    except UsageFault as fault:
        yield (patch.paths or ("",))[0], visible(fault.what)
        return
    edits = {edit.path: edit for edit in patch.edits}
    for change in changes:
        modes = (change.mode_before, change.mode_after)
        if change.path not in edits:
            yield change.path, "changed by the patch, but none of its files"
        elif _SUBMODULE in modes:
            yield change.path, "a submodule"
        elif _LINK in modes and not (allow_symlinks and _stays_inside(edits[change.path])):
            yield change.path, "a symbolic link"


def _stays_inside(edit: FileEdit) -> bool:
    """Whether a link's target is below the repository's root, as text."""
    target = os.fsdecode(edit.after or b"")
    if edit.after is None or edit.mode != _LINK:
        return True
    if target.startswith("/"):
        return False
    whole = os.path.normpath(os.path.join(os.path.dirname(edit.path), target))  # noqa: PTH118, PTH120 - text, not disk
    return not (whole == ".." or whole.startswith("../")) and not any(map(_is_dot_git, whole.split("/")))


__all__ = ["Severity", "Violation", "violations", "why_not_a_path"]
