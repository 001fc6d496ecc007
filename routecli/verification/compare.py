"""A check's two answers, before and after, as one result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace

from routecli.domain.verdict import CheckOutcome, CheckResult, DeferralReason
from routecli.nouns import dataclass
from routecli.verification.baseline import Base, last_line
from routecli.verification.findings import Finding, added, enforced
from routecli.verification.machine import Machine
from routecli.verification.planned import Measured, PlannedCheck, Reading, Role
from routecli.verification.report import TestOutcome, TestRecord

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Compared:
    """`reason` None: nothing stands against the patch here. `failures` maps test ids to what they said, most telling
    first; `lost` are ids that passed before and were not run, or were skipped; `fault` blames the machine;
    `flaky` are ids that count for nothing, where they would have counted, `found_flaky` those that this run showed;
    `partial` says which part of the suite was run."""

    check: PlannedCheck
    measured: Measured
    reason: DeferralReason | None = None
    why: str = ""
    failures: Mapping[str, TestRecord] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    still_failing: Mapping[str, TestRecord] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    fault: str = ""
    flaky: tuple[str, ...] = ()
    found_flaky: tuple[str, ...] = ()
    partial: str = ""

    @property
    def suspects(self) -> tuple[str, ...]:
        """What a second run has to confirm before the patch is blamed."""
        return (*self.failures, *self.lost)

    def result(self, wanted: Collection[str] = ()) -> CheckResult:
        """For the receipt."""
        measured = self.measured
        outcome = CheckOutcome.PASSED
        if self.fault:
            outcome = CheckOutcome.ENVIRONMENT
        elif self.reason is DeferralReason.TIMED_OUT:
            outcome = CheckOutcome.TIMED_OUT
        elif self.reason is not None or wanted:
            outcome = CheckOutcome.FAILED
        new = tuple(str(f) for f in self.findings) or self.suspects
        return CheckResult(
            self.check.name, self.check.argv, outcome, self._summary(wanted), new, self.fixed, tuple(wanted),
            measured.report.passed if measured.report else 0, measured.wall_s, measured.output_tail, self.flaky,
            self.partial,
        )  # fmt: skip

    def _summary(self, wanted: Collection[str]) -> str:
        parts = [self.fault or self.why]
        if not any(parts) and self.measured.report is not None:
            parts = [f"{self.measured.report.passed} passed"]
        elif not any(parts):
            parts = ["no new finding" if self.check.role is Role.LINT else "exit 0"]
        if self.fixed:
            parts.append(f"{len(self.fixed)} fixed")
        if wanted:
            parts.append(f"{len(wanted)} still failing")
        if self.check.reading is Reading.EXIT:
            parts.append("exit code only")
        if self.flaky:
            more = f" and {len(self.flaky) - _NAMED} more" if len(self.flaky) > _NAMED else ""
            parts.append(f"flaky: {', '.join(self.flaky[:_NAMED])}{more}, not counted")
        return "; ".join(p for p in (*parts, self.partial) if p)

    def less(self, flaky: Collection[str]) -> Compared:
        """Without what `flaky` tests said for the patch or against it: they did not fail each time before."""
        found = tuple(n for n in (*self.fixed, *self.still_failing) if n in flaky)
        if not found:
            return self
        fixed = tuple(n for n in self.fixed if n not in flaky)
        still = {n: t for n, t in self.still_failing.items() if n not in flaky}
        return replace(self, fixed=fixed, still_failing=still, flaky=(*self.flaky, *found))


def compare(base: Base, after: Measured, machine: Machine) -> Compared:
    """`after` against `base`. What `machine` is to blame for is no fault of the code where it failed before as well."""
    check = base.check
    if after.fault:
        return Compared(check, after, fault=after.fault)
    elsewhere = machine.another_copy(after.report.loaded) if after.report else ""
    if elsewhere:
        return Compared(check, after, fault=elsewhere)
    if after.timed_out:
        took = f"before it took {base.measured.wall_s:.1f} s"
        ended = f"was stopped: {after.stopped}" if after.stopped else f"did not end within {after.limit_s:.0f} s"
        why = f"{check.name} {ended}; {took}"
        return Compared(check, after, DeferralReason.TIMED_OUT, why)
    if check.role is Role.LINT:
        return _compare_lint(base, after)
    if check.reading is Reading.EXIT:
        return _compare_exit(base, after)
    return _compare_ids(base, after, machine)


def _compare_lint(base: Base, after: Measured) -> Compared:
    fresh = added(base.measured.findings, after.findings)
    if base.check.foreign:
        fresh = enforced(base.measured.findings, fresh)
    gone = added(after.findings, base.measured.findings)
    fixed = tuple(str(f) for f in gone)
    if fresh:
        why = (
            f"{base.check.name}: {len(fresh)} new finding{'s' if len(fresh) > 1 else ''}{_led([str(f) for f in fresh])}"
        )
        return Compared(base.check, after, DeferralReason.LINT_FAILED, why, fixed=fixed, findings=fresh)
    worse = base.check.reading is Reading.EXIT and base.measured.exit_code == 0 and after.exit_code != 0
    if worse:
        why = f"{base.check.name} passed before and fails now: {last_line(after.output_tail)}"
        return Compared(base.check, after, DeferralReason.LINT_FAILED, why, fixed=fixed)
    return Compared(base.check, after, fixed=fixed)


def _compare_exit(base: Base, after: Measured) -> Compared:
    before, now = base.measured.exit_code, after.exit_code
    name = base.check.name
    if now == 0:
        return Compared(base.check, after, fixed=(name,) if before != 0 else ())
    record = TestRecord(TestOutcome.FAILED, detail=after.output_tail)
    if before == 0:
        why = f"{name} passed before and fails now (exit {now})"
        return Compared(base.check, after, DeferralReason.TESTS_FAILED, why, failures={name: record})
    return Compared(base.check, after, still_failing={name: record})


def _compare_ids(base: Base, after: Measured, machine: Machine) -> Compared:
    check, report = base.check, after.report
    if report is None:
        why = f"{check.name} did not start with the patch: {last_line(after.output_tail)}"
        return Compared(check, after, DeferralReason.TESTS_FAILED, why, lost=_passed(base))
    before, now = base.tests, report.tests
    tolerated = (TestOutcome.FAILED, TestOutcome.XFAILED)
    failing = {n: t for n, t in report.failing().items() if n not in base.flaky}
    failures = {n: t for n, t in failing.items() if n not in before or before[n].outcome not in tolerated}
    unread = {n: t for n, t in failures.items() if _was_failing_whole(n, t, before)}
    failures = {n: t for n, t in failures.items() if n not in unread}
    not_run = (TestOutcome.SKIPPED, TestOutcome.XFAILED)
    lost = tuple(n for n in _passed(base) if n not in now or now[n].outcome in not_run)
    failed = [n for n, t in before.items() if t.outcome is TestOutcome.FAILED]
    failing_before = dict.fromkeys(n for n in failed if n not in base.flaky)
    old = {n: t for n, t in failing.items() if n in failing_before} | unread
    still = {n: t for n, t in old.items() if not machine.blamed(t.detail)}
    fresh = tuple(n for n, t in now.items() if n not in before and t.outcome is TestOutcome.PASSED)
    fixed = tuple(n for n in failing_before if _is_fixed(before[n], now.get(n), now))
    reason, why = _blame(check, after, failures, lost)
    flaky = tuple(n for n in now if n in base.flaky and (n in failed or now[n].outcome is TestOutcome.FAILED))
    return Compared(check, after, reason, why, failures, lost, fixed, still, fresh, flaky=flaky)


def _passed(base: Base) -> tuple[str, ...]:
    return tuple(n for n, t in base.tests.items() if t.outcome is TestOutcome.PASSED)


def _was_failing_whole(name: str, record: TestRecord, before: Mapping[str, TestRecord]) -> bool:
    """A test of a file that could not even be imported before: it fails still, but it is no new failure."""
    return name not in before and any(
        t.collect and t.outcome is TestOutcome.FAILED and t.file == record.file for t in before.values()
    )


def _is_fixed(before: TestRecord, now: TestRecord | None, tests: Mapping[str, TestRecord]) -> bool:
    """Fixed: it passes now; a file that could not be imported is fixed when a test of it passes."""
    if before.collect:
        inside = [t for t in tests.values() if t.file == before.file]
        return now is None and any(t.outcome is TestOutcome.PASSED for t in inside)
    return now is not None and now.outcome is TestOutcome.PASSED


def _led(names: Sequence[str]) -> str:
    """The one, or the first of several."""
    return f": {names[0]}" if len(names) == 1 else f", first {names[0]}"


def _blame(
    check: PlannedCheck, after: Measured, failures: Mapping[str, TestRecord], lost: tuple[str, ...]
) -> tuple[DeferralReason | None, str]:
    """Failures say more than a run that ended early, and that says more than tests that are gone."""
    report = after.report
    assert report is not None
    if failures:
        many = len(failures) > 1
        why = f"{len(failures)} test{'s' if many else ''} fail{'' if many else 's'} now{_led(list(failures))}"
        return DeferralReason.TESTS_FAILED, why
    if not report.ended:
        silent = after.exit_code == 0
        why = f"the run ended early (exit {after.exit_code}): no word of its end from {check.name}"
        return (DeferralReason.TAMPERED if silent else DeferralReason.TESTS_FAILED), why
    if lost:
        skipped = sum(1 for n in lost if n in report.tests)
        how = f"{skipped} of them skipped" if skipped else "gone"
        why = f"{len(lost)} that passed before do not run any more ({how}){_led(lost)}"
        return DeferralReason.TAMPERED, why
    return None, ""
