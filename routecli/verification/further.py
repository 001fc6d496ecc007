"""What only further runs can tell, once nothing stands against a patch: new tests on broken code, a reproduction, a
benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routecli.domain.task import Kind
from routecli.ports import Workspace
from routecli.verification import bench, reproduction
from routecli.verification.evidence import Evidence, Trial
from routecli.verification.planned import PlannedCheck
from routecli.verification.trying import try_out


def look_further(
    evidence: Evidence,
    workspace: Workspace,
    *,
    proven: Sequence[reproduction.Proven] = (),
    benchmark: PlannedCheck | None = None,
) -> Evidence:
    """`evidence` with what these runs gave; as it is where a check already stands against the patch. Raises
    SandboxFault."""
    if any(c.reason for c in evidence.passes):
        return evidence
    evidence = replace(evidence, trial=_trial(evidence, workspace))
    if proven:
        evidence = replace(evidence, reproduced=tuple(reproduction.judge(workspace, proven, evidence.patch)))
    if benchmark is not None and evidence.task.kind is Kind.PERFORMANCE:
        patch = bench.measured_by(evidence.patch, evidence.parts, benchmark)
        evidence = replace(evidence, benched=bench.measure(workspace, benchmark, patch))
    return evidence


def _trial(evidence: Evidence, workspace: Workspace) -> Trial | None:
    """For new tests: run again, and on code broken on purpose. None where there is nothing to try."""
    if evidence.task.kind is not Kind.TESTS:
        return None
    tried = next((c for c in evidence.tests() if c.fresh and c.check.takes_files), None)
    if tried is None or tried.measured.report is None:
        return None
    report = tried.measured.report
    files = tuple(dict.fromkeys(report.tests[n].file for n in tried.fresh if report.tests[n].file))
    return try_out(workspace, evidence.patch, tried, files, evidence.read)
