"""Why a reply is refused, as values: the command line shows them, the model gets them as feedback."""

from __future__ import annotations

from enum import StrEnum

from routecli.domain.task import RepoPath
from routecli.domain.verdict import DeferralReason
from routecli.nouns import dataclass


class RefusalKind(StrEnum):
    """What is wrong with one edit."""

    NO_EDITS = "no-edits"
    NO_PATH = "no-path"
    PROSE_PATH = "prose-path"
    BAD_PATH = "bad-path"
    CASE_CLASH = "case-clash"
    PATH_CONFLICT = "path-conflict"
    LINK = "link"
    OUT_OF_SCOPE = "out-of-scope"
    MISSING_FILE = "missing-file"
    ALREADY_EXISTS = "already-exists"
    NOT_TEXT = "not-text"
    NOT_ENCODABLE = "not-encodable"
    EMPTY_SEARCH = "empty-search"
    NOT_FOUND = "not-found"
    AMBIGUOUS = "ambiguous"
    STALE = "stale"
    OVERLAP = "overlap"
    REPEATED = "repeated"
    CONTRADICTION = "contradiction"
    ELIDED = "elided"
    FRAGMENT = "fragment"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    TOO_BIG = "too-big"


_REASONS: dict[RefusalKind, DeferralReason] = {
    RefusalKind.NO_EDITS: DeferralReason.NO_EDITS,
    RefusalKind.NO_PATH: DeferralReason.MALFORMED_EDITS,
    RefusalKind.PROSE_PATH: DeferralReason.MALFORMED_EDITS,
    RefusalKind.ELIDED: DeferralReason.MALFORMED_EDITS,
    RefusalKind.FRAGMENT: DeferralReason.MALFORMED_EDITS,
    RefusalKind.MALFORMED: DeferralReason.MALFORMED_EDITS,
    RefusalKind.TOO_BIG: DeferralReason.MALFORMED_EDITS,
    RefusalKind.TRUNCATED: DeferralReason.TRUNCATED,
    RefusalKind.BAD_PATH: DeferralReason.OUT_OF_SCOPE,
    RefusalKind.CASE_CLASH: DeferralReason.OUT_OF_SCOPE,
    RefusalKind.LINK: DeferralReason.OUT_OF_SCOPE,
    RefusalKind.OUT_OF_SCOPE: DeferralReason.OUT_OF_SCOPE,
}
_WORST_FIRST = (
    DeferralReason.TRUNCATED,
    DeferralReason.OUT_OF_SCOPE,
    DeferralReason.MALFORMED_EDITS,
    DeferralReason.DOES_NOT_APPLY,
    DeferralReason.NO_EDITS,
)


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line of a file; `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One edit that cannot be applied. All texts are untrusted.

    `places` are the line numbers where it would fit equally well; `nearest` the most similar lines of the file;
    `fits_in` other files that hold the searched text; `reply_line` counts from 1 in the reply.
    """

    kind: RefusalKind
    path: RepoPath
    what: str
    dialect: str = ""
    reply_line: int = 0
    block: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    nearest: tuple[NumberedLine, ...] = ()
    score: float = 0.0
    fits_in: tuple[RepoPath, ...] = ()
    there_at: int = 0

    @property
    def reason(self) -> DeferralReason:
        """What this refusal means to the cascade."""
        return _REASONS.get(self.kind, DeferralReason.DOES_NOT_APPLY)


class EditsRefused(Exception):
    """No patch may be tried: every reason why. Nothing was applied. `already_there` counts edits that the files
    already had."""

    def __init__(self, refusals: tuple[Refusal, ...], *, already_there: int = 0) -> None:
        first = refusals[0]
        more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
        super().__init__(f"{first.path}: {first.what}{more}" if first.path else f"{first.what}{more}")
        self.refusals = refusals
        self.already_there = already_there

    @property
    def reason(self) -> DeferralReason:
        """The gravest of the reasons."""
        have = {r.reason for r in self.refusals}
        return next(r for r in _WORST_FIRST if r in have)
