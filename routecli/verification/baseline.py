"""What the checks say before the patch: measured once, cached by (tree, environment, command)."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.verification.findings import Finding
from routecli.verification.machine import Machine
from routecli.verification.planned import Measured, PlannedCheck, Reading, Role
from routecli.verification.report import TestOutcome, TestRecord, TestReport
from routecli.verification.starting import why_not_started

_FORMAT = 4
_MAX_CACHED_BYTES = 64_000_000


class BaselineCache(Protocol):
    """Bytes by key; the ledger keeps them. A broken cache is an empty one."""

    def get(self, key: str) -> bytes | None:
        """What was put, or None."""

    def put(self, key: str, value: bytes) -> None:
        """Keeps `value`; may forget it later."""


@dataclass(frozen=True, slots=True)
class Base:
    """A check and what it said before the patch. `fault`: the machine cannot run it; `empty`: it found no test;
    `flaky`: test ids that neither speak against a patch nor prove it."""

    check: PlannedCheck
    measured: Measured
    fault: str = ""
    empty: bool = False
    flaky: frozenset[str] = frozenset()

    @property
    def tests(self) -> Mapping[str, TestRecord]:
        """Per test id; empty where the check has no report."""
        return self.measured.report.tests if self.measured.report else {}


def cache_key(check: PlannedCheck, tree: str, isolation: str) -> str:
    """Everything that the answer depends on."""
    command = check.command
    parts = [_FORMAT, tree, isolation, check.environment, check.reading, command.argv, command.cwd,
             command.timeout_s, sorted(command.env.items())]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def to_bytes(measured: Measured) -> bytes:
    """For the cache."""
    report = measured.report
    tests = [[n, t.outcome, t.file, t.detail, t.collect] for n, t in report.tests.items()] if report else None
    whole = {
        "exit_code": measured.exit_code,
        "wall_s": measured.wall_s,
        "at": measured.at.isoformat() if measured.at else None,
        "output_tail": measured.output_tail,
        "tests": tests,
        "loaded": dict(report.loaded) if report else {},
        "files": sorted(report.files) if report else [],
        "findings": [[f.file, f.line, f.code, f.text] for f in measured.findings],
    }
    return zlib.compress(json.dumps(whole).encode(), 1)


def from_bytes(raw: bytes) -> Measured | None:
    """What `to_bytes` wrote; None for anything else."""
    try:
        unpacked = zlib.decompressobj().decompress(raw, _MAX_CACHED_BYTES)
        whole = json.loads(unpacked)
        rows = whole["tests"]
        report = None
        if rows is not None:
            tests = {n: TestRecord(TestOutcome(o), file, detail, collect) for n, o, file, detail, collect in rows}
            report = TestReport(tests, True, dict(whole["loaded"]), frozenset(whole["files"]))
        return Measured(
            whole["exit_code"], float(whole["wall_s"]), whole["output_tail"], report=report,
            findings=tuple(Finding(*row) for row in whole["findings"]), cached=True,
            at=datetime.fromisoformat(whole["at"]) if whole["at"] else None,
        )  # fmt: skip
    except (zlib.error, ValueError, KeyError, TypeError):
        return None


def judged_base(check: PlannedCheck, measured: Measured, machine: Machine) -> Base:
    """`measured` as a baseline: is it one at all, or is the machine to blame?"""
    fault = measured.fault or _fault(check, measured, machine)
    report = measured.report
    if not fault and report is not None:
        failing = report.failing()
        to_blame = {name: machine.blamed(t.detail) for name, t in failing.items()}
        if failing and not report.passed and all(to_blame.values()):
            fault = f"no test can run: {next(iter(to_blame.values()))}"
    if not fault and report is not None:
        fault = machine.another_copy(report.loaded)
    empty = not fault and check.reading is Reading.IDS and report is not None and not report.tests
    return Base(check, measured, fault, empty)


def _fault(check: PlannedCheck, measured: Measured, machine: Machine) -> str:
    if measured.timed_out:
        return f"{check.name} does not end within {check.command.timeout_s:.0f} s without the patch either"
    report = measured.report
    untold = report is not None and not report.tests
    broke = untold and check.breaks is not None and check.breaks.search(measured.output_tail) is not None
    if check.reading is Reading.IDS and (report is None or not report.ended or broke):
        when = "did not start" if report is None else "ended early"
        found_by = check.why.partition(";")[0]
        told = why_not_started(measured.output_tail, machine.repo_root, check.command.cwd, machine.paths, found_by)
        return f"{check.name} {when} before the patch: {told}"
    if check.role is not Role.LINT and check.reading is Reading.EXIT and measured.exit_code in (126, 127):
        return f"the command cannot be run: {last_line(measured.output_tail)}"
    return ""


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    return one_line(lines[-1]) if lines else "no output"
