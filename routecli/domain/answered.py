"""What comes of a question or a review: a text, the places in files that it speaks of, and whether those are there.

Nothing can verify an answer. What can be looked up is looked up: that each place exists.
"""

from __future__ import annotations

from routecli.domain.rising import Rising
from routecli.domain.task import Kind, RepoPath
from routecli.nouns import dataclass

PURPOSE = "answer"
"""Of an attempt at a question or a review (domain/receipt.py): no patch, and no verdict on one."""
ANSWERS = frozenset({Kind.ASK, Kind.REVIEW, Kind.MESSAGE})
"""Kinds that are asked by a verb of their own (the message of a commit by the hook) and end with an answer. No words of
a task lead to them."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that an answer names: lines `line` to `last_line` of `path`, counted from 1. `wrong` says why it is none,
    in a few words; empty where the lines exist."""

    path: RepoPath
    line: int
    last_line: int
    wrong: str = ""


class Severity(Rising):
    """How much a finding of a review weighs, the least first. The words are those of SARIF's levels."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding of a review: a line of the change as it would be, and one sentence, untrusted text on one line."""

    path: RepoPath
    line: int
    severity: Severity
    said: str


@dataclass(frozen=True, slots=True)
class Answered:
    """`text` is the answer as it came, untrusted. A review has `remarks` in place of references and says by `scope`
    what was looked at (`staged`, or a range of commits). `left_out`: so many remarks named lines that the change does
    not have, and were dropped. `usable` False: no tier gave an answer in the form asked for, and this is the last."""

    text: str
    references: tuple[Reference, ...] = ()
    remarks: tuple[Remark, ...] = ()
    scope: str = ""
    left_out: int = 0
    usable: bool = True

    @property
    def wrong(self) -> tuple[Reference, ...]:
        """The references that lead nowhere."""
        return tuple(reference for reference in self.references if reference.wrong)
