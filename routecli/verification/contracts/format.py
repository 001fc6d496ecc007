"""Formatting: every file means what it meant."""

from __future__ import annotations

from routecli.domain.patch import Patch
from routecli.verification.contracts import tree


def holds(patch: Patch) -> tuple[bool | None, str]:
    """True where the syntax tree of every file is unchanged, docstrings' own indentation aside."""
    decided = True
    for edit in patch.edits:
        same = tree.same(edit, tree.tidy)
        if same is False:
            return False, f"formatting must not change the code, and {edit.path} has another syntax tree"
        decided = decided and same is True
    return (True, "the syntax tree of every file is unchanged") if decided else (None, "")
