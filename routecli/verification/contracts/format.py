"""Formatting: every file means what it meant, and says it in the same words."""

from __future__ import annotations

from routecli.verification.contracts import tree
from routecli.verification.contracts.change import Answer, Change


def holds(change: Change) -> Answer:
    """True where every file's code is unchanged, docstrings' own indentation aside, and no comment lost a word."""
    undecided: str | None = None
    for edit in change.patch.edits:
        same, why = tree.same_but_for_layout(edit)
        if same is False:
            return False, why
        undecided = why if same is None else undecided
    return (True, "the syntax tree of every file is unchanged") if undecided is None else (None, undecided)
