"""Tests that fail and pass on the same tree: found by looking again, remembered, and never counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Protocol

from routecli.domain.verdict import Flake
from routecli.ports import Twin, Workspace
from routecli.verification.baseline import Base
from routecli.verification.planned import Measured, PlannedCheck, Reading
from routecli.verification.report import TestOutcome

MOST_LOOKS = 4
IDLE_LOOKS = 3
HURRIED_LOOKS = 2
"""Three while a model is being waited for, two where nobody writes any more: a test that fails in one of five processes
and not by the call fails in the base and in two looks, and passes with the patch, once in 160 times."""
_REPEATS = 3
"""Times that a failing test is repeated within a look: a test that fails by chance in one of five runs stays red
through the base, two looks and their repeats in 1 of 2,000,000."""
_FILES = 10
_SLOW_S = 20.0
_SLOW_LOOK_S = 5.0


class FlakyMemory(Protocol):
    """The flaky tests of one repository; the ledger keeps them. A broken memory is an empty one."""

    def known(self) -> Mapping[str, Flake]:
        """By test id; what was not seen to flip for long is not among them."""

    def note(self, looked: Collection[str], flipped: Collection[str]) -> None:
        """`looked` were run again after they had failed; `flipped` of them passed."""


class Forgetful:
    """Knows none and keeps none."""

    def known(self) -> Mapping[str, Flake]:
        """None."""
        return {}

    def note(self, looked: Collection[str], flipped: Collection[str]) -> None:
        """Keeps nothing."""


def look_again(base: Base, workspace: Workspace, hurried: Callable[[], bool], stopped: Callable[[], bool]) -> Base:
    """`base` with what is flaky of that which failed: its files run again without the patch. Where a test passes only
    when it is repeated in one process (the second call may find what the first one left), fresh processes decide.

    `hurried` says that somebody waits, `stopped` that nobody wants to know. Raises SandboxFault.
    """
    failing = frozenset(failing_of(base))
    narrow = _again(base)
    if narrow is None or not failing:
        return base
    flipped: set[str] = set()
    suspected: set[str] = set()
    with workspace.twin() as twin:
        for done in range(1, MOST_LOOKS + 1):
            answer = _look(narrow, twin)
            report = answer.report
            if report is None or not report.ended:
                break
            flipped |= {n for n in failing if n in report.tests and report.tests[n].outcome is TestOutcome.PASSED}
            suspected |= report.flipped & failing
            enough = done >= (HURRIED_LOOKS if hurried() else IDLE_LOOKS) and not suspected - flipped
            if enough or stopped() or answer.wall_s > _SLOW_LOOK_S:
                break
    return replace(base, flaky=base.flaky | flipped)


def failing_of(base: Base) -> tuple[str, ...]:
    """Ids of the tests that failed before; not those of files that could not be imported."""
    report = base.measured.report
    failing = report.failing() if report is not None and not base.fault else {}
    return tuple(name for name, record in failing.items() if not record.collect)


def _again(base: Base) -> PlannedCheck | None:
    """The check of the failing tests' files; None where looking again would take too long, or tells nothing."""
    check = base.check
    if check.reading is not Reading.IDS:
        return None
    files = tuple(dict.fromkeys(base.tests[name].file for name in failing_of(base)))
    narrow = check.only(files) if len(files) <= _FILES and "" not in files else check
    return None if narrow is check and base.measured.wall_s > _SLOW_S else narrow


def _look(check: PlannedCheck, twin: Twin) -> Measured:
    command = check.command
    return replace(check, command=replace(command, env={**command.env, "ROUTECLI_AGAIN": str(_REPEATS)})).measure(twin)
