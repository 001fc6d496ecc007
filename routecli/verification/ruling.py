"""From what was measured to one of three words: accepted, deferred, unverified."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace

from routecli.domain.patch import Patch
from routecli.domain.task import Kind, RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import (
    Accepted,
    CheckOutcome,
    CheckResult,
    DeferralReason,
    Deferred,
    Unverified,
    Verdict,
)
from routecli.verification import relation
from routecli.verification.baseline import Base
from routecli.verification.bench import Benched, Speed
from routecli.verification.compare import Compared
from routecli.verification.contracts import UNDECIDED, Ruling
from routecli.verification.feedback import capped, failures_text, named, quoted
from routecli.verification.holdout import WITHHELD, Holdout
from routecli.verification.integrity import Split, is_test_module, listed, only_tests_were_asked_for
from routecli.verification.machine import OWN_ENVIRONMENT, Machine
from routecli.verification.planned import Measured, Reading, Role
from routecli.verification.project import Missing
from routecli.verification.report import TestRecord
from routecli.verification.reproduction import Reproduced, outvoted
from routecli.verification.touched import spoken_by, touched

_MOST_SOURCES = 400
_CHANGES_BEHAVIOUR = frozenset(
    {Kind.FEATURE, Kind.REFACTOR, Kind.PERFORMANCE, Kind.SECURITY, Kind.ARCHITECTURE, Kind.OTHER, Kind.DEPENDENCY}
)
"""Kinds whose change a test has to reach; the others are named on the receipt where none does."""
_BENCH_HINT = "routecli run --bench 'a command that runs for a second or so' …"
_ACCEPT_HINT = "routecli run --accept 'a command that fails now and passes when it is fixed' …"
_TEST_HINT = "routecli run --test-cmd 'the command that runs your tests' …"


@dataclass(frozen=True, slots=True)
class Trial:
    """New tests on code that was broken on purpose: what they `noticed` and `missed`, by function and how; `unnoticed`
    is what they had to notice. `unsteady` is a new test that passed once and not again."""

    noticed: tuple[str, ...] = ()
    unnoticed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    unsteady: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a ruling rests on. `first` is the pass judged by the repository's own tests, `second` the one
    with the patch's tests; either is empty where it was not needed."""

    task: Task
    patch: Patch
    parts: Split
    bases: tuple[Base, ...]
    machine: Machine
    secrets: Collection[str]
    read: Callable[[RepoPath], bytes | None]
    missing: Missing | None = None
    skipped: tuple[str, ...] = ()
    first: tuple[Compared, ...] = ()
    second: tuple[Compared, ...] = ()
    accept: Measured | None = None
    accept_base_ok: bool = False
    accept_said: str = ""
    contract: Ruling = UNDECIDED
    trial: Trial | None = None
    reproduced: tuple[Reproduced, ...] = ()
    holdout: Holdout = field(default_factory=Holdout)
    benched: Benched | None = None

    @property
    def passes(self) -> tuple[Compared, ...]:
        """Both passes."""
        return (*self.first, *self.second)

    @property
    def code_paths(self) -> frozenset[RepoPath]:
        """What the task names and the patch changes, tests aside."""
        return frozenset(p for p in (*self.task.paths, *self.patch.paths) if not is_test_module(p))

    def tests(self) -> Iterator[Compared]:
        """The test checks of both passes."""
        return (c for c in self.passes if c.check.role is Role.TESTS)


def rule_on(evidence: Evidence) -> Verdict:
    """The verdict. The order is the meaning: what speaks against the code, what the machine could not do, what the
    task asked for, and only then acceptance."""
    wanted = _wanted(evidence)
    checks = _results(evidence, wanted)
    against = next((c for c in evidence.passes if c.reason is not None), None)
    if against is not None:
        return _deferred_by(against, evidence, checks)
    if evidence.accept is not None or evidence.accept_said:
        return _by_accept(evidence, checks)
    if evidence.contract.holds is True:
        return Accepted(checks, _why(evidence, evidence.contract.why))
    benched = _by_bench(evidence, checks)
    if benched is not None:
        return benched
    if wanted and evidence.task.kind is Kind.FIX:
        return _still_failing(wanted, evidence, checks)
    if outvoted(evidence.reproduced):
        return _not_reproduced_away(evidence, checks)
    unable = _unable(evidence)
    if unable is not None:
        return Unverified(one_line(unable[0]), checks, unable[1])
    return _by_kind(evidence, checks)


# against the code


def _deferred_by(found: Compared, evidence: Evidence, checks: tuple[CheckResult, ...]) -> Deferred:
    against = evidence.holdout.discreet(found, base_of(evidence, found).tests)
    assert against.reason is not None
    own_tests = found in evidence.second
    why = against.why
    if own_tests and against.check.role is Role.TESTS:
        why = f"with the patch's own changes of {_held(evidence)}: {why}"
    elif evidence.parts.two_passes and against.check.role is Role.TESTS:
        why = f"{why} (judged by {_held(evidence)} as it was)"
    return Deferred(against.reason, one_line(why), _feedback(why, against, evidence), checks)


def _feedback(why: str, against: Compared, evidence: Evidence) -> str:
    if against.failures:
        lost = [n for n in against.lost if n not in against.failures]
        also = (f"Tests that passed before and were not run:\n{named(lost)}",) if lost else ()
        return failures_text(why, against.failures, evidence.secrets, also=also)
    if against.findings:
        return capped(f"{why}\n\n{named([str(f) for f in against.findings])}", evidence.secrets)
    parts = [why, named(against.lost), quoted(against.measured.output_tail, evidence.secrets)]
    return capped("\n\n".join(p for p in parts if p), evidence.secrets)


def _still_failing(wanted: dict[str, TestRecord], evidence: Evidence, checks: tuple[CheckResult, ...]) -> Deferred:
    fixed = sum(len(c.fixed) for c in evidence.tests())
    many = len(wanted) > 1
    what = f"{len(wanted)} test{'s' if many else ''} that failed before still fail{'' if many else 's'}"
    shown = evidence.holdout.may_tell(wanted)
    first = f", first {next(iter(shown))}" if shown else f". {WITHHELD}"
    why = f"{what}{f', {fixed} fixed' if fixed else ''}{first}"
    return Deferred(DeferralReason.TESTS_FAILED, one_line(why), failures_text(why, shown, evidence.secrets), checks)


def _wanted(evidence: Evidence) -> dict[str, TestRecord]:
    """For a fix: tests that failed before, fail still, and belong to the task. Where something was fixed, these are
    the tests of the same files and of the files named after the code; where nothing was, every test that reaches
    the code."""
    if evidence.task.kind is not Kind.FIX:
        return {}
    fixed = {base_of(evidence, c).tests[n].file for c in evidence.tests() for n in c.fixed if c.measured.report}
    wanted: dict[str, TestRecord] = {}
    for compared in evidence.tests():
        tests = base_of(evidence, compared).tests
        for name, record in compared.still_failing.items():
            whole = compared.check.reading is Reading.EXIT
            before = [t for n, t in tests.items() if n == name or (t.collect and t.file == record.file)]
            details = "\n".join(t.detail for t in (record, *before))
            opened = name not in tests and bool(before)  # the patch made its file importable
            near = opened or record.file in fixed or relation.is_named_after(record.file, evidence.code_paths)
            reaches = not fixed and relation.reaches(
                record.file, _source(record.file, evidence), details, evidence.code_paths
            )
            if whole or near or reaches or _held_to_judge(name, record, evidence):
                wanted[name] = record
    return wanted


def _held_to_judge(name: str, record: TestRecord, evidence: Evidence) -> bool:
    """A held-out test belongs to the task when it speaks of a function that the patch changes."""
    if not record.file or not evidence.holdout.holds(record.file):
        return False
    changed = {t.name.rpartition(".")[2] for t in touched(evidence.patch)}
    return bool(changed & spoken_by(name, evidence.read(record.file) or b""))


def _source(file: RepoPath, evidence: Evidence) -> str:
    """What a test's file imports, its package's `__init__.py` and conftest.py included (`from . import it`)."""
    if not file:
        return ""
    folder = posixpath.dirname(file)
    near = [posixpath.join(folder, name) for name in ("__init__.py", "conftest.py")]
    return "\n".join((evidence.read(p) or b"").decode("utf-8", "replace") for p in (file, *near))


def base_of(evidence: Evidence, compared: Compared) -> Base:
    """The baseline of a compared check."""
    return next(b for b in evidence.bases if b.check.name == compared.check.name)


# what could not be done


def _unable(evidence: Evidence) -> tuple[str, str] | None:
    """Why the tests cannot tell, and what to type; None where they can."""
    if evidence.missing is not None:
        return evidence.missing.what, evidence.missing.hint or _TEST_HINT
    bases = [b for b in evidence.bases if b.check.role is Role.TESTS]
    faulty = next((b for b in bases if b.fault), None)
    if faulty is not None:
        return faulty.fault, _TEST_HINT
    died = next((c for c in evidence.tests() if c.fault), None)
    if died is not None:
        return died.fault, OWN_ENVIRONMENT if "not from the files here" in died.fault else _TEST_HINT
    if not bases:
        return "no test was found, and nothing else proves the change", _TEST_HINT
    if all(b.empty for b in bases) and not any(c.fresh for c in evidence.tests()):
        return f"{bases[0].check.name} found no test", _TEST_HINT
    return None


# what the task asked for


def _by_accept(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    got = evidence.accept
    if not evidence.accept_base_ok or got is None or got.fault:
        why = got.fault if got is not None and got.fault else evidence.accept_said
        return Unverified(one_line(why), checks, _ACCEPT_HINT)
    silent = got.report is not None and (not got.report.ended or not got.report.passed)
    if got.exit_code == 0 and not silent:
        return Accepted(checks, _why(evidence, "your --accept command failed before and passes now"))
    if got.timed_out:
        return Deferred(DeferralReason.TIMED_OUT, "your --accept command does not end", "", checks)
    why = f"your --accept command still fails (exit {got.exit_code})"
    if evidence.holdout:
        return Deferred(DeferralReason.TESTS_FAILED, why, f"{why}. {WITHHELD}", checks)
    if got.report is not None and got.report.failing():
        return Deferred(
            DeferralReason.TESTS_FAILED, why, failures_text(why, got.report.failing(), evidence.secrets), checks
        )
    said = capped(f"{why}\n\n{quoted(got.output_tail, evidence.secrets)}", evidence.secrets)
    return Deferred(DeferralReason.TESTS_FAILED, why, said, checks)


def _by_bench(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict | None:
    """None: no benchmark, or one that is faster and says nothing: then the tests have to say that it does the same."""
    found = evidence.benched
    if found is None:
        return None
    if found.fault:
        return Unverified(one_line(f"the --bench command cannot run: {found.fault}"), checks, _BENCH_HINT)
    if found.against:
        return Deferred(
            DeferralReason.CONTRACT_BROKEN, one_line(found.against), capped(found.against, evidence.secrets), checks
        )
    if found.speed is Speed.UNCLEAR:
        return Unverified(f"the times of the benchmark are too uneven to tell: {found}", checks, _BENCH_HINT)
    said = "what it says changes with each run" if found.unstable else "says the same"
    return None if found.silent else Accepted(checks, _why(evidence, f"the benchmark takes {found}, and {said}"))


def _by_kind(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    if evidence.task.kind is Kind.FIX:
        return _fix(evidence, checks)
    if evidence.task.kind is Kind.TESTS:
        return _new_tests(evidence, checks)
    passed = sum(c.measured.report.passed for c in evidence.tests() if c.measured.report)
    by_exit = any(c.check.reading is Reading.EXIT and c.measured.exit_code == 0 for c in evidence.tests())
    if not passed and not by_exit:
        return Unverified("no test passes, before or after", checks, _TEST_HINT)
    never = _never_loaded(evidence)
    changed = [e.path for e in evidence.parts.guarded.edits if e.after is not None and e.path.endswith(".py")]
    if never and len(never) == len(changed) and evidence.task.kind in _CHANGES_BEHAVIOUR:
        why = f"no test loads {listed(never)}: that all pass says nothing of the change"
        return Unverified(one_line(why), checks, _ACCEPT_HINT)
    unseen = f"; no test loads {listed(never)}" if never else ""
    return Accepted(checks, _why(evidence, _tests_passed(evidence) + unseen))


def _never_loaded(evidence: Evidence) -> list[RepoPath]:
    """Changed Python files that no test's process loaded, and that no test's file speaks of (a test may start a program
    of its own): a green run proves nothing about them (security.md row 26). Empty where the runner does not tell."""
    reports = [c.measured.report for c in evidence.tests() if c.measured.report is not None]
    seen = frozenset[RepoPath]().union(*(r.files for r in reports))
    if not seen or any(c.check.reading is not Reading.IDS for c in evidence.tests()):
        return []
    edits = evidence.parts.guarded.edits
    unseen = [e.path for e in edits if e.after is not None and e.path.endswith(".py") and e.path not in seen]
    sources = {t.file for r in reports for t in r.tests.values() if t.file} if unseen else set()
    texts = [_source(file, evidence) for file in sorted(sources)[:_MOST_SOURCES]]
    return [p for p in unseen if not any(relation.speaks_of(text, p) for text in texts)]


def _fix(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    only_tests = not evidence.parts.guarded.edits
    if only_tests and not only_tests_were_asked_for(evidence.task):
        why = f"only {_held(evidence)} was changed: the code that it tests is as it was"
        return Deferred(DeferralReason.TAMPERED, one_line(why), capped(why, evidence.secrets), checks)
    judged = evidence.second if only_tests else evidence.first
    fixed = [name for c in judged if c.check.role is Role.TESTS for name in c.fixed]
    if not fixed and evidence.reproduced:
        ids = [i for one in evidence.reproduced if not one.left for i in one.ids]
        many = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        why = f"{ids[0]}{many}, written from the task alone, failed before and passes now; {_tests_passed(evidence)}"
        return Accepted(checks, _why(evidence, why))
    if not fixed:
        why = "no test failed before that passes now: nothing shows that it is fixed"
        return Unverified(why, checks, _ACCEPT_HINT)
    many = f" and {len(fixed) - 1} more" if len(fixed) > 1 else ""
    return Accepted(checks, _why(evidence, f"{fixed[0]}{many} failed before and passes now; {_tests_passed(evidence)}"))


def _not_reproduced_away(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Deferred:
    left = {n: t for one in evidence.reproduced for n, t in one.left.items()}
    why = f"a test written from the task alone fails as before: {next(iter(left))}"
    return Deferred(DeferralReason.TESTS_FAILED, one_line(why), failures_text(why, left, evidence.secrets), checks)


def _new_tests(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    if all(c.check.reading is Reading.EXIT for c in evidence.tests()):
        return Unverified("an exit code alone cannot show that there is a new test", checks, _TEST_HINT)
    fresh = [name for c in evidence.tests() for name in c.fresh]
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
    return Accepted(checks, _why(evidence, f"{count}{_trial_said(trial)}; {_tests_passed(evidence)}"))


def _refused_by(trial: Trial) -> str:
    if trial.unsteady:
        return f"{trial.unsteady} passed once and not again: it depends on something that changes"
    if trial.unnoticed:
        return f"no new test notices when {trial.unnoticed[0]}: it asserts nothing of it"
    return ""


def _trial_said(trial: Trial) -> str:
    tried = len(trial.noticed) + len(trial.missed)
    if not tried:
        return ", which speak of no function that could be broken"
    return f", and notice {len(trial.noticed)} of {tried} faults made on purpose"


# words


def _results(evidence: Evidence, wanted: Collection[str]) -> tuple[CheckResult, ...]:
    results = [c.result([w for w in wanted if w in c.still_failing]) for c in evidence.first]
    for compared in evidence.second:
        result = compared.result([w for w in wanted if w in compared.still_failing])
        results.append(replace(result, name=f"{result.name}, with the patch's own tests"))
    for base in evidence.bases:
        if base.fault:
            results.append(
                CheckResult(base.check.name, base.check.argv, CheckOutcome.ENVIRONMENT, one_line(base.fault),
                            output_tail=base.measured.output_tail)
            )  # fmt: skip
    results.extend(CheckResult(s.split(" ")[0], (), CheckOutcome.SKIPPED, s) for s in evidence.skipped)
    if evidence.accept is not None:
        results.append(_accept_result(evidence.accept))
    return tuple(results)


def _accept_result(got: Measured) -> CheckResult:
    outcome = CheckOutcome.PASSED if got.exit_code == 0 else CheckOutcome.FAILED
    summary = "failed before, passes now" if got.exit_code == 0 else f"still fails (exit {got.exit_code})"
    if got.timed_out:
        outcome = CheckOutcome.TIMED_OUT
    return CheckResult("accept", (), outcome, summary, wall_s=got.wall_s, output_tail=got.output_tail)


def _tests_passed(evidence: Evidence) -> str:
    judged = evidence.first or evidence.second
    counts = [
        f"{c.measured.report.passed} of {c.check.name} pass"
        if c.measured.report
        else f"{c.check.name} exits 0 (exit code only)"
        for c in judged
        if c.check.role is Role.TESTS
    ]
    return "; ".join(counts)


def _held(evidence: Evidence) -> str:
    return listed([e.path for e in evidence.parts.held_back])


def _why(evidence: Evidence, by: str) -> str:
    parts = [by]
    linters = [c.check.name for c in evidence.first or evidence.second if c.check.role is Role.LINT and not c.fault]
    if linters:
        parts.append(f"nothing new from {', '.join(linters)}")
    if evidence.parts.two_passes and evidence.first:
        parts.append(f"judged by {_held(evidence)} as it was, then with the patch's changes")
    faulty = [b.check.name for b in evidence.bases if b.fault]
    if faulty:
        parts.append(f"{', '.join(faulty)} could not run")
    return one_line("; ".join(parts), limit=400)
