"""What the ledger has seen of each tier, as counts: what a policy's beliefs are made of."""

from __future__ import annotations

from enum import StrEnum

from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.task import Survey
from routecli.nouns import dataclass

_SMALL_TOKENS = 4_000
_MIDDLE_TOKENS = 50_000


class Scope(StrEnum):
    """How near a count is to the task at hand, from all tasks to those of this repository, kind and size."""

    ALL = "all"
    KIND = "kind"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Tally:
    """Judged attempts of one tier in one scope. `after` counts those to which a lower tier's failure had led.

    `accepted` and `deferred` are what the verdict said of attempts whose truth nobody told; `right` and `wrong` are
    attempts whose truth is known (a user's word, or a delivery that was reverted). `cost_usd` is the sum over
    `priced` of them, those whose price was known. `weak`, `tested` and `proven` are acceptances by what they rest on.
    """

    tier: str
    scope: Scope
    after: bool = False
    accepted: int = 0
    deferred: int = 0
    right: int = 0
    wrong: int = 0
    priced: int = 0
    cost_usd: Usd = ZERO_USD
    weak: int = 0
    tested: int = 0
    proven: int = 0

    @property
    def attempts(self) -> int:
        """All of them."""
        return self.accepted + self.deferred + self.right + self.wrong


@dataclass(frozen=True, slots=True)
class Evidence:
    """Every tally that bears on one task. An empty one is evidence of nothing, and is no fault."""

    tallies: tuple[Tally, ...] = ()

    def of(self, tier: str, scope: Scope, *, after: bool) -> Tally:
        """The tally of a tier, zero where there is none."""
        found = (t for t in self.tallies if t.tier == tier and t.scope is scope and t.after == after)
        return next(found, Tally(tier, scope, after))

    def graded(self, scope: Scope) -> tuple[int, int, int]:
        """Acceptances of all tiers in `scope` by strength: weak, tested, proven."""
        its = [t for t in self.tallies if t.scope is scope]
        return sum(t.weak for t in its), sum(t.tested for t in its), sum(t.proven for t in its)

    @property
    def attempts(self) -> int:
        """How many attempts were ever judged, in any repository."""
        return sum(t.attempts for t in self.tallies if t.scope is Scope.ALL)


def size_class(survey: Survey) -> str:
    """`small`: one file of at most 4,000 tokens; `middle`: at most 5 files and 50,000 tokens; else `large`."""
    files, tokens = len(survey.text_files), survey.context_tokens
    if files <= 1 and tokens <= _SMALL_TOKENS:
        return "small"
    return "middle" if files <= 5 and tokens <= _MIDDLE_TOKENS else "large"
