"""What a check last said on unpatched code, whatever the files were then: for people, never for a verdict."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.verification.baseline import Base
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.report import TestOutcome

_FORMAT = 1
_MOST_NAMED = 200


class Ending(StrEnum):
    """How a check ended on unpatched code. CANNOT_RUN is the machine's fault, EMPTY that no test was found."""

    PASSED = "passed"
    FAILED = "failed"
    EMPTY = "no-tests"
    CANNOT_RUN = "cannot-run"


@dataclass(frozen=True, slots=True)
class LastResult:
    """`at` is when (UTC), `tree` and `environment` on what. The counts are of test ids, `findings` of a linter's.
    `failing` names tests or findings, at most 200 of them; all of it is untrusted text on one line each."""

    at: datetime
    tree: str
    environment: str
    ending: Ending
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    findings: int = 0
    failing: tuple[str, ...] = ()
    exit_code: int | None = None
    wall_s: float = 0.0
    fault: str = ""


def said(base: Base, tree: str) -> LastResult:
    """What `base`, measured on `tree`, says."""
    measured, report = base.measured, base.measured.report
    failing = sorted(report.failing()) if report else [str(f) for f in measured.findings]
    outcomes = [t.outcome for t in report.tests.values()] if report else []
    return LastResult(
        measured.at or datetime.now(UTC), tree, base.check.environment, _ending(base), report.passed if report else 0,
        len(failing) if report else 0, outcomes.count(TestOutcome.SKIPPED), len(measured.findings),
        tuple(one_line(name, limit=400) for name in failing[:_MOST_NAMED]), measured.exit_code,
        measured.wall_s, base.fault,
    )  # fmt: skip


def _ending(base: Base) -> Ending:
    measured, report = base.measured, base.measured.report
    if base.fault:
        return Ending.CANNOT_RUN
    if base.empty:
        return Ending.EMPTY
    if report is not None:
        return Ending.FAILED if report.failing() else Ending.PASSED
    by_findings = base.check.role is Role.LINT and base.check.reading is Reading.FINDINGS
    bad = measured.findings or (measured.exit_code != 0 and not by_findings)
    return Ending.FAILED if bad else Ending.PASSED


def key(repo_root: Path, check: PlannedCheck) -> str:
    """Where the cache keeps the last result of `check` in this repository."""
    parts = ["last", str(repo_root), check.reading, check.command.cwd, check.argv]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def to_bytes(result: LastResult) -> bytes:
    """For the cache."""
    return json.dumps({"format": _FORMAT, **asdict(result), "at": result.at.isoformat()}).encode()


def from_bytes(raw: bytes) -> LastResult | None:
    """What `to_bytes` wrote; None for anything else."""
    try:
        whole: dict[str, Any] = json.loads(raw)
        if whole.pop("format") != _FORMAT:
            return None
        at = datetime.fromisoformat(whole.pop("at")).astimezone(UTC)
        ending = Ending(whole.pop("ending"))
        failing = tuple(str(name) for name in whole.pop("failing"))
        return LastResult(at=at, ending=ending, failing=failing, **whole)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
