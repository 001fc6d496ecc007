"""Formatting: every file means what it meant."""

from __future__ import annotations

from routecli.verification.contracts import tree
from routecli.verification.contracts.change import Answer, Change


def holds(change: Change) -> Answer:
    """True where the syntax tree of every file is unchanged, docstrings' own indentation aside."""
    decided = True
    for edit in change.patch.edits:
        same = tree.same(edit, tree.tidy)
        if same is False:
            return False, f"formatting must not change the code, and {edit.path} has another syntax tree"
        decided = decided and same is True
    return (True, "the syntax tree of every file is unchanged") if decided else (None, "")
