"""Docstrings and comments: the code without them is what it was."""

from __future__ import annotations

from routecli.verification.contracts import tree
from routecli.verification.contracts.change import Answer, Change


def holds(change: Change) -> Answer:
    """True where every file's code is unchanged, and what its comments say to tools."""
    decided = True
    for edit in change.patch.edits:
        same, why = tree.same_but_for_prose(edit)
        if same is False:
            return False, why
        decided = decided and same is True
    return (True, "the syntax tree without docstrings and comments is unchanged") if decided else (None, "")
