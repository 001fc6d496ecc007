"""Runs the checks on one twin, and a second time where a single run would blame the patch for a flaky test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.domain.verdict import DeferralReason
from routecli.nouns import dataclass
from routecli.ports import Twin
from routecli.verification.ahead import Ahead
from routecli.verification.baseline import Base
from routecli.verification.compare import Compared, compare
from routecli.verification.machine import Machine
from routecli.verification.planned import Measured, PlannedCheck, Role
from routecli.verification.report import TestOutcome, TestRecord, TestReport
from routecli.verification.unstable import MakeTwin, settled

LEAST_TIMEOUT_S = 60.0
TIMES_BASE = 10
_FEW = 3
_MANY_FILES = 20
_WHOLE_RERUNS = 2


def measure_all(checks: Sequence[PlannedCheck], twin: Twin) -> list[Measured]:
    """Each check's answer, in order. Tests run one after the other in one thread, linters beside them in another:
    the threads end only after their commands, since a sandbox dies with the thread that started it."""
    lanes = ([i for i, c in enumerate(checks) if c.role is not Role.LINT],
             [i for i, c in enumerate(checks) if c.role is Role.LINT])  # fmt: skip
    answers: dict[int, Measured] = {}

    def lane(places: list[int]) -> None:
        for place in places:
            answers[place] = checks[place].measure(twin)

    if not all(lanes):
        lane(lanes[0] or lanes[1])
    else:
        from concurrent.futures import ThreadPoolExecutor  # loads logging, and a single check needs no thread

        with ThreadPoolExecutor(1, thread_name_prefix="routecli-lint") as pool:
            beside = pool.submit(lane, lanes[1])
            lane(lanes[0])
            beside.result()
    return [answers[i] for i in range(len(checks))]


def timeout_of(base: Base) -> float:
    """Ten times what it took before, at least a minute, never above what was configured."""
    configured = base.check.command.timeout_s
    return min(configured, max(LEAST_TIMEOUT_S, TIMES_BASE * base.measured.wall_s))


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where a pass runs; see run_pass."""

    twin: Twin
    machine: Machine
    base_twin: MakeTwin
    edits: Sequence[FileEdit]
    keeping: bool
    tell: Callable[[PlannedCheck], None]


def run_pass(
    bases: Sequence[Base],
    twin: Twin,
    machine: Machine,
    *,
    base_twin: MakeTwin,
    edits: Sequence[FileEdit] = (),
    keeping: bool = False,
    only: tuple[RepoPath, ...] = (),
    ahead: Ahead | None = None,
    tell: Callable[[PlannedCheck], None] = lambda _: None,
) -> list[Compared]:
    """Every check on `twin`, compared. `edits` are what the patch changes; with `keeping`, what the changed
    functions are called with is kept. With `only`, tests run and are compared in
    these files alone where the runner can be told so. `ahead` are run before the others: what is red there is all that
    is said then. `base_twin` makes one without the patch, for what only a second run there can tell."""
    ground = _Ground(twin, machine, base_twin, edits, keeping, tell)
    early = _run_ahead(bases, ground, ahead) if ahead else []
    red = [c for c in early if c.reason]
    if red:
        return red[:1]
    alone = {c.check.name for c in early} if ahead and ahead.alone else set()
    said = [replace(c, partial=ahead.said) for c in early if ahead and c.check.name in alone]
    rest = [b for b in bases if b.check.name not in alone]
    return [*said, *_run(rest, ground, only)]


def _run_ahead(bases: Sequence[Base], ground: _Ground, ahead: Ahead) -> list[Compared]:
    """What the checks said that can be told to run `ahead` alone; those that could not run it are left out."""
    said: list[Compared] = []
    for base in bases:
        files = {t.file for t in base.tests.values()}
        only = tuple(f for f in ahead.files if f in files)
        if base.check.role is Role.TESTS and base.check.only(only) is not base.check:
            said.extend(_run([base], ground, only))
            if said[-1].reason:
                break
    return [one for one in said if not one.fault]


def _run(bases: Sequence[Base], ground: _Ground, only: tuple[RepoPath, ...]) -> list[Compared]:
    narrowed = [_narrow(b, only) for b in bases]
    checks = [n.check.within(timeout_of(b)) for n, b in zip(narrowed, bases, strict=True)]
    watched = [check.watching(ground.edits, keeping=ground.keeping) for check in checks]
    for check in checks:
        ground.tell(check)
    answers = measure_all(watched, ground.twin)
    # What fails is confirmed by `checks`: watching which lines run takes time and memory, which a test may measure.
    return [
        _confirmed(settled(base, answer, ground.base_twin), check, answer, ground.twin, ground.machine)
        for base, check, answer in zip(narrowed, checks, answers, strict=True)
    ]


def _narrow(base: Base, only: tuple[RepoPath, ...]) -> Base:
    check = base.check.only(only)
    if check is base.check or base.measured.report is None:
        return base
    tests = {n: t for n, t in base.tests.items() if check.covers(t.file, only)}
    measured = replace(
        base.measured,
        report=replace(base.measured.report, tests=tests),
    )
    return replace(base, check=check, measured=measured)


def _confirmed(base: Base, check: PlannedCheck, first: Measured, twin: Twin, machine: Machine) -> Compared:
    """A verdict against the patch is confirmed by running again (security.md row 43): the files of the failing tests
    alone, which settles most; where they pass alone, the whole, since a test may fail only after another one."""
    compared = compare(base, first, machine)
    if compared.reason in (None, DeferralReason.TIMED_OUT) or compared.fault:
        return compared
    if first.report is None or not compared.suspects:
        again = check.measure(twin)
        second = compare(base, again, machine)
        return second if second.reason is None and check.role is not Role.LINT else compared
    suspects = compared.suspects
    narrow = check.only(_files_of(compared, base))
    if narrow is not check:
        left = _failing_again(base, narrow, twin, suspects, 2 if len(suspects) <= _FEW else 1)
        if left:
            return _keep(compared, left)
    return _whole_again(base, check, first, twin, machine, compared)


def _whole_again(
    base: Base, check: PlannedCheck, first: Measured, twin: Twin, machine: Machine, compared: Compared
) -> Compared:
    merged = first
    for _ in range(_WHOLE_RERUNS):
        again = check.measure(twin)
        if again.report is None or again.timed_out or again.fault:
            return compared
        merged = _best_of(merged, again, base)
        second = compare(base, merged, machine)
        if second.reason is None:
            found = tuple(n for n in compared.failures if n in base.tests)
            return replace(second, flaky=(*second.flaky, *compared.suspects), found_flaky=found)
        if not merged.report or not merged.report.ended:
            break
    return compared


def _files_of(compared: Compared, base: Base) -> tuple[RepoPath, ...]:
    return files_of([*compared.failures.values(), *(base.tests[n] for n in compared.lost if n in base.tests)])


def files_of(records: Iterable[TestRecord]) -> tuple[RepoPath, ...]:
    """The files to run again for these tests; none where one is unknown, or where they are so many that the whole
    suite will do."""
    files = tuple(dict.fromkeys(record.file for record in records))
    return () if "" in files or len(files) > _MANY_FILES else files


def _failing_again(base: Base, check: PlannedCheck, twin: Twin, suspects: tuple[str, ...], times: int) -> set[str]:
    left = set(suspects)
    for _ in range(times):
        report = check.measure(twin).report
        if report is None or not report.ended:
            return left
        left = {n for n in left if not _cleared(n, report, base)}
        if not left:
            break
    return left


def _cleared(name: str, report: TestReport, base: Base) -> bool:
    record = report.tests.get(name)
    if record is None:  # a file that could not be collected the first time and can now
        return name not in base.tests
    return record.outcome is TestOutcome.PASSED


def _keep(compared: Compared, left: set[str]) -> Compared:
    failures = {n: t for n, t in compared.failures.items() if n in left} or compared.failures
    return replace(compared, failures=failures)


def _best_of(first: Measured, again: Measured, base: Base) -> Measured:
    """Both runs as one: what passed in either passed, but for what failed before the patch, which has to pass in
    both."""
    assert first.report is not None
    assert again.report is not None
    tests: dict[str, TestRecord] = {}
    for name in {**first.report.tests, **again.report.tests}:
        one, two = first.report.tests.get(name), again.report.tests.get(name)
        if one is None or two is None:
            present = one or two
            assert present is not None
            if not (present.collect and present.outcome is TestOutcome.FAILED):
                tests[name] = present
            continue
        passed = [r for r in (one, two) if r.outcome is TestOutcome.PASSED]
        failed = [r for r in (one, two) if r.outcome is not TestOutcome.PASSED]
        was_failing = name in base.tests and base.tests[name].outcome is TestOutcome.FAILED
        order = [*failed, *passed] if was_failing else [*passed, *failed]
        tests[name] = order[0]
    ended = again.report.ended
    return replace(
        again,
        report=replace(again.report, tests=tests, ended=ended, lines=first.report.lines, calls=first.report.calls),
        wall_s=first.wall_s + again.wall_s,
    )
