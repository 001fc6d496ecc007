"""What each kind of task asks of the tests, once nothing speaks against the patch."""

from __future__ import annotations

from routecli.domain.task import Kind, RepoPath
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, CheckResult, DeferralReason, Deferred, Strength, Unverified, Verdict
from routecli.verification import relation
from routecli.verification.evidence import Evidence, Trial, source_of
from routecli.verification.feedback import capped
from routecli.verification.integrity import is_test_module, listed, only_tests_were_asked_for
from routecli.verification.planned import Reading, Role
from routecli.verification.strength import graded
from routecli.verification.told import ACCEPT_HINT, TEST_HINT, held, tests_passed, why_accepted

_MOST_SOURCES = 400
_CHANGES_BEHAVIOUR = frozenset(
    {Kind.FEATURE, Kind.REFACTOR, Kind.PERFORMANCE, Kind.SECURITY, Kind.ARCHITECTURE, Kind.OTHER, Kind.DEPENDENCY}
)
"""Kinds whose change a test has to reach; the others are named on the receipt where none does."""


def by_kind(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    """The verdict where neither a contract nor a command of the user's decides."""
    if evidence.task.kind is Kind.FIX:
        return _fix(evidence, checks)
    if evidence.task.kind is Kind.TESTS:
        return _new_tests(evidence, checks)
    passed = sum(c.measured.report.passed for c in evidence.tests() if c.measured.report)
    by_exit = any(c.check.reading is Reading.EXIT and c.measured.exit_code == 0 for c in evidence.tests())
    if not passed and not by_exit:
        return Unverified("no test passes, before or after", checks, TEST_HINT)
    never = _never_loaded(evidence)
    changed = _tellable(evidence)
    if never and len(never) == len(changed) and evidence.task.kind in _CHANGES_BEHAVIOUR:
        why = f"no test loads {listed(never)}: that all pass says nothing of the change"
        return Unverified(one_line(why), checks, ACCEPT_HINT)
    unseen = f"; no test loads {listed(never)}" if never else ""
    return graded(evidence, checks, why_accepted(evidence, tests_passed(evidence) + unseen))


def _never_loaded(evidence: Evidence) -> list[RepoPath]:
    """Changed files, of those that can be told of, that no test's process loaded and that no test's file speaks of (a
    test may start a program of its own): a green run proves nothing about them (security.md row 26). Empty where the
    runner does not tell."""
    reports = [c.measured.report for c in evidence.tests() if c.measured.report is not None]
    seen = frozenset[RepoPath]().union(*(r.files for r in reports))
    if not (seen or any(r.lines for r in reports)) or any(c.check.reading is not Reading.IDS for c in evidence.tests()):
        return []
    unseen = [path for path in _tellable(evidence) if path not in seen]
    sources = {t.file for r in reports for t in r.tests.values() if t.file} if unseen else set()
    texts = [source_of(file, evidence) for file in sorted(sources)[:_MOST_SOURCES]]
    return [p for p in unseen if not any(relation.speaks_of(text, p) for text in texts)]


def _tellable(evidence: Evidence) -> list[RepoPath]:
    """Changed files of which the runners tell whether they were loaded: Python, and what they were asked lines of."""
    reports = [c.measured.report for c in evidence.tests() if c.measured.report is not None]
    asked = {path for r in reports for path in (r.lines or {})}
    edits = [e for e in evidence.parts.guarded.edits if e.after is not None]
    return [e.path for e in edits if e.path.endswith(".py") or e.path in asked]


def _fix(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    only_tests = not evidence.parts.guarded.edits
    if only_tests and not only_tests_were_asked_for(evidence.task):
        why = f"only {held(evidence)} was changed: the code that it tests is as it was"
        return Deferred(DeferralReason.TAMPERED, one_line(why), capped(why, evidence.secrets), checks)
    judged = evidence.second if only_tests else evidence.first
    fixed = [name for c in judged if c.check.role is Role.TESTS for name in c.fixed]
    if not fixed and evidence.reproduced:
        ids = [i for one in evidence.reproduced if not one.left for i in one.ids]
        many = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        why = f"{ids[0]}{many}, written from the task alone, failed before and passes now; {tests_passed(evidence)}"
        return graded(evidence, checks, why_accepted(evidence, why))
    if not fixed:
        flaky = [name for c in judged for name in c.flaky]
        but = f"; {flaky[0]} is flaky: it passes now and then without the patch too" if flaky else ""
        why = f"no test failed before that passes now{but or ': nothing shows that it is fixed'}"
        return Unverified(one_line(why), checks, ACCEPT_HINT)
    many = f" and {len(fixed) - 1} more" if len(fixed) > 1 else ""
    why = f"{fixed[0]}{many} failed before and passes now; {tests_passed(evidence)}"
    return graded(evidence, checks, why_accepted(evidence, why))


def _new_tests(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    if all(c.check.reading is Reading.EXIT for c in evidence.tests()):
        return Unverified("an exit code alone cannot show that there is a new test", checks, TEST_HINT)
    fresh = evidence.new_tests()
    if not fresh:
        why = "the task asks for tests, and no new test passes"
        return Deferred(DeferralReason.CONTRACT_BROKEN, why, why, checks)
    code = [e.path for e in evidence.parts.guarded.edits if e.before is not None and not is_test_module(e.path)]
    if code:
        why = f"tests were asked for, and {listed(code)} changes"
        return Deferred(DeferralReason.CONTRACT_BROKEN, one_line(why), capped(why, evidence.secrets), checks)
    trial = evidence.trial or Trial()
    refused = _refused_by(trial)
    if refused:
        return Deferred(DeferralReason.CONTRACT_BROKEN, one_line(refused), capped(refused, evidence.secrets), checks)
    count = f"{len(fresh)} new test{'s pass' if len(fresh) > 1 else ' passes'}"
    strength = Strength.PROVEN if trial.noticed else Strength.WEAK
    rests_on = "each function that they speak of was broken on purpose, and they noticed" if trial.noticed else ""
    why = f"{count}{_trial_said(trial)}; {tests_passed(evidence)}"
    return Accepted(checks, why_accepted(evidence, why), strength, rests_on or _trial_said(trial).lstrip(", "))


def _refused_by(trial: Trial) -> str:
    if trial.unsteady:
        return f"{trial.unsteady} passed once and not again: it depends on something that changes"
    if trial.hollow:
        return f"{trial.hollow} asserts nothing that could be false"
    if trial.unnoticed:
        more = f" (nor {', '.join(trial.unnoticed[1:3])})" if len(trial.unnoticed) > 1 else ""
        return f"no new test notices when {trial.unnoticed[0]}{more}: it asserts nothing of it"
    return ""


def _trial_said(trial: Trial) -> str:
    tried = len(trial.noticed) + len(trial.missed)
    if not tried:
        return ", which speak of no function that could be broken"
    return f", and notice {len(trial.noticed)} of {tried} faults made on purpose"
