"""A file while a reply is worked in."""

from __future__ import annotations

from dataclasses import field

from routecli.domain.patch import Match
from routecli.edits.filetext import Change, FileText
from routecli.edits.matcher import Lookup
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Placed:
    """One change and how its place was found."""

    change: Change
    match: Match
    score: float
    rivals: bool = False


@dataclass(slots=True)
class Working:
    """A file while a reply is worked in: `base` with `changes` that are placed but not yet made. `raw` is set for
    bytes that are no text."""

    base: FileText
    changes: list[Change] = field(default_factory=list)
    raw: bytes | None = None
    shifted: bool = False
    rivals: bool = False
    _lookup: Lookup | None = None

    @property
    def text(self) -> FileText:
        """The file with every change made."""
        return self.base.replaced(self.changes) if self.changes else self.base

    @property
    def lookup(self) -> Lookup:
        """The base, indexed."""
        if self._lookup is None:
            self._lookup = Lookup(self.base.lines)
        return self._lookup

    def to_bytes(self) -> bytes:
        """The file again. Raises UnicodeEncodeError where its encoding lacks a character."""
        return self.raw if self.raw is not None else self.text.to_bytes()

    def settle(self) -> None:
        """Makes the changes: from here on blocks are placed in what they left."""
        self.base, self.changes, self._lookup = self.text, [], None
