"""What another model thinks of a patch: it can defer one, never accept one."""

from __future__ import annotations

from routecli.domain.shares import interval_text, wilson
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass

PURPOSE = "second-opinion"
"""The `purpose` of its attempt."""
LEAST_KNOWN = 10
"""Doubts whose truth is known, before a record says anything."""
WORTH = 0.5
SILENT = 50
"""So many opinions in a row without a doubt: it costs and never speaks."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that may be wrong. `line` is a line of the file as it is with the patch, and was shown. `said` is
    untrusted text on one line."""

    path: RepoPath
    line: int
    said: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.said}"


@dataclass(frozen=True, slots=True)
class Opinion:
    """An answer in the fixed form. Without doubts it says nothing for a patch, only nothing against it."""

    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What became of the opinions of one model. `doubted` of `asked` raised a doubt; of those whose truth became known
    `right` were about wrong patches, and `wrong` about right ones; `missed` are wrong patches without a doubt, `silent`
    the latest patches in a row without one."""

    asked: int = 0
    doubted: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    silent: int = 0

    @property
    def known(self) -> int:
        """Doubts whose truth is known."""
        return self.right + self.wrong

    @property
    def interval(self) -> tuple[float, float]:
        """Of its precision, the share of its doubts that were right: 95 % (Wilson)."""
        return wilson(self.right, self.known)

    @property
    def worthless(self) -> str:
        """Why it is not asked any more, in one line; empty where it may be. Doubts that are more often wrong than
        right, beyond chance, buy dearer tiers for nothing; and who never doubts is paid for nothing."""
        if self.known >= LEAST_KNOWN and self.interval[1] < WORTH:
            return f"its doubts were right {interval_text(self.right, self.known)}"
        if self.silent >= SILENT:
            return f"it had no doubt in the last {self.silent} patches"
        return ""

    def __str__(self) -> str:
        """The record in words."""
        if not self.asked:
            return "never asked before"
        known = f", right {interval_text(self.right, self.known)}" if self.known else ", none of them known yet"
        return f"doubted {self.doubted} of {self.asked}{known if self.doubted else ''}"
