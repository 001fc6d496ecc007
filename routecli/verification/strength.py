"""How much an acceptance rests on, in one of three words, and why in one line."""

from __future__ import annotations

from collections.abc import Iterable

from routecli.domain import globs
from routecli.domain.patch import FileEdit
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind, RepoPath
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, CheckResult, DeferralReason, Deferred, Strength, Verdict
from routecli.nouns import dataclass
from routecli.verification.changed_lines import Group
from routecli.verification.contracts.docs import is_text
from routecli.verification.evidence import Evidence
from routecli.verification.integrity import is_test_module
from routecli.verification.planned import PlannedCheck
from routecli.verification.probing.rules import differences, listed
from routecli.verification.promises import NOTHING_NEW

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Reached:
    """How many of the changed statements the tests ran. `unseen` are those that they did not, as `path:line`;
    `unknown` are changed files of which nobody can tell."""

    seen: int
    unseen: tuple[str, ...]
    unknown: tuple[RepoPath, ...]

    @property
    def whole(self) -> bool:
        """Whether everything that changed was run."""
        return not self.unseen and not self.unknown

    def __str__(self) -> str:
        total = self.seen + len(self.unseen)
        if self.unseen:
            more = f" and {len(self.unseen) - _SHOWN} more" if len(self.unseen) > _SHOWN else ""
            first = f"{len(self.unseen)} of {total} changed statements run in no test: "
            return f"{first}{', '.join(self.unseen[:_SHOWN])}{more}"
        if self.unknown:
            more = f" and {len(self.unknown) - 1} more" if len(self.unknown) > 1 else ""
            return f"whether the tests run what changed in {self.unknown[0]}{more} is not known"
        if not total:
            return "nothing that runs was changed"
        return "the tests run the changed statement" if total == 1 else f"the tests run all {total} changed statements"


def reached(
    edits: Iterable[FileEdit], checks: Iterable[PlannedCheck], told: Iterable[tuple[RepoPath, frozenset[int]]]
) -> Reached:
    """`edits` are of code, `told` what the checks say that they ran, file by file."""
    watches = [c.watch for c in checks if c.watch is not None]
    lines: dict[RepoPath, set[int]] = {}
    for path, seen in told:
        lines.setdefault(path, set()).update(seen)
    count, unseen, unknown = 0, [], []
    for edit in edits:
        if is_text(edit.path) or edit.after is None:
            continue
        groups = next((g for w in watches if (g := w.spots_of(edit)) is not None), None)
        if groups is None or (groups and edit.path not in lines):
            unknown.append(edit.path)
            continue
        hit: list[Group] = [g for g in groups if lines.get(edit.path, set()) & set(g)]
        count += len(hit)
        unseen += [f"{edit.path}:{g[0]}" for g in groups if g not in hit]
    return Reached(count, tuple(unseen), tuple(unknown))


def by_tests(kind: Kind, found: Reached, *, something_new: bool) -> tuple[Strength, str]:
    """What a green run is worth: `something_new` says that a test passes which failed or was not there before."""
    if not found.whole:
        return Strength.WEAK, str(found)
    if not something_new and kind not in NOTHING_NEW:
        return Strength.WEAK, f"{found}, and none of them speaks of what is new"
    return Strength.TESTED, str(found)


def graded(evidence: Evidence, checks: tuple[CheckResult, ...], why: str) -> Accepted:
    """An acceptance that rests on tests."""
    edits = [e for e in evidence.parts.guarded.edits if not is_test_module(e.path)]
    reports = [c.measured.report for c in evidence.tests() if c.measured.report is not None]
    told = [item for report in reports for item in (report.lines or {}).items()]
    told += [item for one in evidence.reproduced for item in one.lines.items()]
    found = reached(edits, [b.check for b in evidence.bases], told)
    shown = any(c.fixed for c in evidence.tests()) or any(not one.left for one in evidence.reproduced)
    fresh = set(evidence.new_tests()) - evidence.pass_without
    strength, rests_on = by_tests(evidence.task.kind, found, something_new=shown or bool(fresh))
    doubt = _doubt(evidence)
    if doubt and strength is Strength.TESTED:
        strength = Strength.WEAK
    return Accepted(checks, why, strength, f"{rests_on}; {doubt}" if doubt else f"{rests_on}{_alike(evidence)}")


def _alike(evidence: Evidence) -> str:
    if evidence.probed is None or not evidence.probed.recorded:
        return ""
    return f"; {evidence.probed.recorded} of the tests' calls, made again, give the same as before"


def _doubt(evidence: Evidence) -> str:
    """What is left red, or how a change that promises to change nothing answers otherwise than before, where no test
    looks."""
    if evidence.left_red:
        many = len(evidence.left_red) > 1
        count = f"{len(evidence.left_red)} test{'s' if many else ''} that failed before"
        return f"{count} and get{'' if many else 's'} at the change still fail{'' if many else 's'}"
    if evidence.probed is None:
        return ""
    other = differences(evidence.probed.before, evidence.probed.after)
    return f"beyond the tests it answers otherwise than before: {listed(other)}" if other else ""


def required(settings: VerifySettings, paths: Iterable[RepoPath]) -> Strength:
    """The most that the user asks for, of everything and of these files."""
    held = tuple(paths)
    asked = [Strength(settings.require)]
    for glob, strength in settings.require_in:
        rules = globs.ignore_rules((glob,))
        asked += [Strength(strength)] if any(rules.excludes(path) for path in held) else []
    return max(asked, key=list(Strength).index)


def held_to(verdict: Verdict, asked: Strength) -> Verdict:
    """A deferral in place of an acceptance that is weaker than `asked`."""
    if not isinstance(verdict, Accepted) or verdict.strength.reaches(asked):
        return verdict
    why = f"only {verdict.strength}, and {asked} is required: {verdict.rests_on or verdict.why}"
    text = f"{why}\nNo test failed. Change only what the task needs, and add tests that run each changed line."
    return Deferred(DeferralReason.TOO_WEAK, one_line(why, limit=400), text, verdict.checks)
