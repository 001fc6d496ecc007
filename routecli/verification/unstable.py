"""Test ids that are named anew in each run, such as `test_x[2026-11-27 22:17:02]`: that one is gone tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from routecli.ports import Twin
from routecli.verification.baseline import Base
from routecli.verification.planned import Measured
from routecli.verification.report import TestOutcome

MakeTwin = Callable[[], AbstractContextManager[Twin]]
_MANY_FILES = 20


def settled(base: Base, after: Measured, base_twin: MakeTwin) -> Base:
    """`base` without the ids with parameters that `after` lacks and that a second run without the patch lacks as well.

    That second run, of their files alone, is made on `base_twin()` and only where such ids are missing. Raises
    SandboxFault.
    """
    now = after.report
    if base.measured.report is None or now is None or not now.ended:
        return base
    gone = {n for n, t in base.tests.items() if t.outcome is TestOutcome.PASSED and "[" in n and n not in now.tests}
    files = tuple(dict.fromkeys(base.tests[n].file for n in base.tests if n in gone))
    narrow = base.check.only(files) if files and "" not in files and len(files) <= _MANY_FILES else base.check
    if narrow is base.check:
        return base
    with base_twin() as twin:
        again = narrow.measure(twin).report
    if again is None or not again.ended:
        return base
    kept = {n: t for n, t in base.tests.items() if n not in gone or n in again.tests}
    return replace(base, measured=replace(base.measured, report=replace(base.measured.report, tests=kept)))
