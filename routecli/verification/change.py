"""What a person's own change breaks: what is staged, or a commit, against what was known to fail before it.

Not the verdict on a model's patch (`verifier`): a person may delete a test or change what judges. What is green needs
no baseline. What is red is run again, on the state before it in the same files, and blamed only if that was not red.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from routecli.domain.money import ZERO_USD
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind, RepoPath, Task
from routecli.domain.verdict import DeferralReason
from routecli.nouns import dataclass
from routecli.ports import Files, Twin
from routecli.verification.baseline import Base, BaselineCache, cache_key, from_bytes, judged_base, to_bytes
from routecli.verification.compare import Compared
from routecli.verification.machine import Machine
from routecli.verification.marks import has_test_name
from routecli.verification.passes import measure_all, run_pass
from routecli.verification.plan import make_plan
from routecli.verification.planned import Measured, PlannedCheck, Reading, Role
from routecli.verification.report import TestReport
from routecli.verification.unstable import MakeTwin

TOO_SLOW = "the checks did not end within {:.0f} s"
_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states: its files, its twins, the id of its git tree."""

    files: Files
    twin: MakeTwin
    tree: str


@dataclass(frozen=True, slots=True)
class Change:
    """`before` is made only where something is red. `changed` are the paths that differ, gone ones included; `tests`
    the test files to run where a runner can be told so (None: all of them)."""

    root: Path
    after: Side
    before: Callable[[], Side]
    changed: frozenset[RepoPath]
    tests: tuple[RepoPath, ...] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """`breaks` are the checks that are red and were not before; `known` how many tests failed already. `ran` says what
    was run, for people. `unable` is why something could not be judged, in one line; empty where all of it was."""

    breaks: tuple[Compared, ...] = ()
    ran: tuple[str, ...] = ()
    known: int = 0
    unable: str = ""
    wall_s: float = 0.0


class ChangeJudge:
    """Judges one change within `deadline_s` seconds from now. Raises SandboxFault, UsageFault (a command that is none).

    `isolation` names the level of the twins: a baseline is kept for it alone."""

    def __init__(
        self,
        settings: VerifySettings,
        *,
        cache: BaselineCache,
        isolation: str,
        deadline_s: float,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._cache = cache
        self._isolation = isolation
        self._deadline_s = deadline_s
        self._ends = time.monotonic() + deadline_s
        self._environ = os.environ if environ is None else environ

    def judge(self, change: Change) -> Judged:
        """Runs what bears on `change`, and again what is red."""
        code = tuple(p for p in change.changed if p in change.after.files.paths())
        task = Task("commit", Kind.OTHER, "", change.root, None, code, ZERO_USD)
        plan = make_plan(change.root, change.after.files, task, self._settings, self._environ)
        wanted = [(check, narrow) for check in plan.checks if (narrow := _narrowed(check, change.tests)) is not None]
        judged = Judged(unable=plan.missing.what if plan.missing else "")
        if not wanted:
            return judged
        paths = frozenset(change.after.files.paths())
        machine = Machine(change.root, paths, frozenset(p for p in code if not has_test_name(p)))
        with change.after.twin() as twin:
            narrowed = [self._timed(narrow) for _, narrow in wanted]
            answers = measure_all(narrowed, twin)
            for (check, narrow), answer in zip(wanted, answers, strict=True):
                self._keep(check, narrow, answer, change.after)
            red = [(check, a) for (check, _), a in zip(wanted, answers, strict=True) if _is_red(a, check)]
            judged = replace(
                judged,
                ran=tuple(_said(c, a) for (c, _), a in zip(wanted, answers, strict=True)),
                wall_s=sum(a.wall_s for a in answers),
                unable=judged.unable or next((why for a in answers if (why := self._unable(a))), ""),
            )
            if not red:
                return judged
            compared = self._against(change.before(), red, twin, machine)
        return self._ruled(judged, compared)

    def _ruled(self, judged: Judged, compared: list[Compared]) -> Judged:
        breaks = tuple(c for c in compared if _breaks(c) and not self._is_late(c.measured))
        late = next((self._unable(c.measured) for c in compared if self._is_late(c.measured)), "")
        fault = next((c.fault for c in compared if c.fault), "")
        known = sum(len(c.still_failing) for c in compared)
        return replace(judged, breaks=breaks, known=known, unable=judged.unable or fault or late)

    def _against(
        self, before: Side, red: list[tuple[PlannedCheck, Measured]], twin: Twin, machine: Machine
    ) -> list[Compared]:
        with before.twin() as base_twin:
            bases = [self._base(check, answer, before, base_twin, machine) for check, answer in red]
        usable = [replace(b, check=self._timed(b.check)) for b in bases if not b.fault]
        faulty = [Compared(b.check, b.measured, fault=b.fault) for b in bases if b.fault]
        return [*faulty, *run_pass(usable, twin, machine, base_twin=before.twin)]

    def _base(self, check: PlannedCheck, answer: Measured, before: Side, twin: Twin, machine: Machine) -> Base:
        """The check before the change, in the files that are red with it; nothing where none of them was there."""
        files = _red_files(answer)
        narrow = check.only(files)
        if narrow is check:
            return judged_base(check, self._remembered(check, before, twin), machine)
        there = tuple(f for f in files if before.files.read(f) is not None)
        if not there:
            return Base(narrow, Measured(0, 0.0, "", report=TestReport({}, ended=True)))
        measured = self._timed(check.only(there)).measure(twin)
        return replace(judged_base(check.only(there), measured, machine), check=narrow)

    def _remembered(self, check: PlannedCheck, before: Side, twin: Twin) -> Measured:
        key = cache_key(check, before.tree, self._isolation)
        raw = self._cache.get(key)
        known = from_bytes(raw) if raw else None
        if known is not None:
            return known
        measured = self._timed(check).measure(twin)
        self._keep(check, check, measured, before)
        return measured

    def _keep(self, check: PlannedCheck, narrow: PlannedCheck, answer: Measured, side: Side) -> None:
        """Today's answer about a whole tree is the next commit's baseline."""
        whole = narrow is check and not answer.fault and not answer.timed_out
        if whole and (answer.report is None or answer.report.ended):
            self._cache.put(cache_key(check, side.tree, self._isolation), to_bytes(answer))

    def _timed(self, check: PlannedCheck) -> PlannedCheck:
        return check.within(min(check.command.timeout_s, max(_LEAST_S, self._ends - time.monotonic())))

    def _is_late(self, answer: Measured) -> bool:
        """Ended by our own deadline, not by what was configured for a run: that says nothing of the code."""
        return answer.timed_out and not answer.stopped and answer.limit_s < self._settings.timeout_s

    def _unable(self, answer: Measured) -> str:
        return answer.fault or (TOO_SLOW.format(self._deadline_s) if self._is_late(answer) else "")


def _narrowed(check: PlannedCheck, tests: tuple[RepoPath, ...] | None) -> PlannedCheck | None:
    """The check for these test files; itself where it cannot be told so, or where they say nothing of its language;
    None where none of them is its own."""
    if tests is None or check.role is not Role.TESTS or not (check.takes_files and check.followed):
        return check
    folder = "" if check.command.cwd == "." else f"{check.command.cwd}/"
    own = tuple(path for path in tests if path.startswith(folder))
    return check.only(own) if own else None


def _is_red(answer: Measured, check: PlannedCheck) -> bool:
    if answer.fault:
        return False  # the machine's: told, and nothing that a comparison could settle
    if answer.timed_out:
        return True
    if check.role is Role.LINT:
        return bool(answer.findings) or (check.reading is Reading.EXIT and answer.exit_code != 0)
    if check.reading is Reading.EXIT:
        return answer.exit_code != 0
    return answer.report is None or not answer.report.ended or bool(answer.report.failing())


def _red_files(answer: Measured) -> tuple[RepoPath, ...]:
    """The files of the failing tests; empty where not all can be told."""
    report = answer.report
    if report is None or not report.ended:
        return ()
    files = tuple(dict.fromkeys(test.file for test in report.failing().values()))
    return () if "" in files else files


def _breaks(compared: Compared) -> bool:
    """A test that is gone or skipped is a person's own affair; everything else that is new and red is not."""
    only_lost = compared.reason is DeferralReason.TAMPERED and bool(compared.lost) and not compared.failures
    return compared.reason is not None and not compared.fault and not only_lost


def _said(check: PlannedCheck, answer: Measured) -> str:
    if answer.report is not None:
        passed = answer.report.passed
        return f"{check.name}: {passed} test{'' if passed == 1 else 's'} passed"
    if answer.fault or answer.timed_out:
        return f"{check.name}: not judged"
    if check.role is Role.LINT:
        return f"{check.name}: {len(answer.findings) or 'no'} finding{'' if len(answer.findings) == 1 else 's'}"
    return f"{check.name}: exit {answer.exit_code}"


__all__ = ["Change", "ChangeJudge", "Judged", "Side"]
