"""Docstrings and comments: the code without them is what it was."""

from __future__ import annotations

from routecli.verification.contracts import tree
from routecli.verification.contracts.change import Answer, Change


def holds(change: Change) -> Answer:
    """True where every file's syntax tree without docstrings is unchanged."""
    decided = True
    for edit in change.patch.edits:
        same = tree.same(edit, lambda _: None)
        if same is False:
            return False, f"only docstrings and comments may change, and the code of {edit.path} does"
        decided = decided and same is True
    return (True, "the syntax tree without docstrings is unchanged") if decided else (None, "")
