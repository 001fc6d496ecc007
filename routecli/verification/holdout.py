"""Tests that judge and that no prompt may show: the next attempt is told how many of them fail, and nothing else.

A model that has not seen a test cannot know its values by heart, which is what no reading of the code tells apart from
an honest change. One failure quoted in a feedback would give them away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from routecli.domain.globs import IgnoreRules
from routecli.domain.task import RepoPath
from routecli.domain.verdict import DeferralReason
from routecli.nouns import dataclass
from routecli.verification.compare import Compared
from routecli.verification.planned import Reading
from routecli.verification.report import TestRecord

WITHHELD = "Their names and what they say are withheld: solve the task as it is worded."


@dataclass(frozen=True, slots=True)
class Holdout:
    """The globs of `verify.holdout`. Without any nothing is withheld."""

    rules: IgnoreRules = field(default_factory=IgnoreRules)

    def __bool__(self) -> bool:
        return bool(self.rules.rules)

    def holds(self, file: RepoPath) -> bool:
        """Whether what is said about `file` is withheld. Where no file is known it may be any."""
        return bool(self) and (not file or self.rules.excludes(file))

    def may_tell(self, failing: Mapping[str, TestRecord]) -> dict[str, TestRecord]:
        """Those of `failing` that a prompt may show."""
        return {name: record for name, record in failing.items() if not self.holds(record.file)}

    def discreet(self, compared: Compared, before: Mapping[str, TestRecord]) -> Compared:
        """`compared` as a prompt may hear of it; `before` are the tests of its baseline. The output of a run goes
        unsaid whole: any line of it may be a held-out test's."""
        if not self:
            return compared
        quiet = replace(compared, measured=replace(compared.measured, output_tail=""))
        if compared.check.reading is Reading.EXIT and compared.failures:
            return replace(quiet, failures={n: replace(r, detail="") for n, r in compared.failures.items()})
        failures = self.may_tell(compared.failures)
        lost = tuple(n for n in compared.lost if not self.holds(before[n].file if n in before else ""))
        findings = tuple(f for f in compared.findings if not self.holds(f.file))
        hidden = len(compared.suspects) + len(compared.findings) - len(failures) - len(lost) - len(findings)
        if not hidden:
            return quiet
        why = _why(compared, hidden, [*failures, *lost, *(str(f) for f in findings)])
        return replace(quiet, failures=failures, lost=lost, findings=findings, why=f"{why}. {WITHHELD}")


def _why(compared: Compared, hidden: int, shown: list[str]) -> str:
    many = hidden > 1
    if compared.reason is DeferralReason.LINT_FAILED:
        what = f"{compared.check.name}: {hidden} new finding{'s' if many else ''} in held-out tests"
    else:
        what = f"{hidden} held-out test{'s' if many else ''} that passed before do{'' if many else 'es'} not now"
    return f"{what}, and {len(shown)} other{'s' if len(shown) > 1 else ''}, first {shown[0]}" if shown else what
