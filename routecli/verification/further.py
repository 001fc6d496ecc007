"""What only further runs can tell, once nothing stands against a patch: new tests on broken code, a reproduction, a
benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routecli.domain.patch import Patch
from routecli.domain.task import Kind
from routecli.ports import Workspace
from routecli.verification import bench, reproduction
from routecli.verification.evidence import Evidence, Trial
from routecli.verification.planned import PlannedCheck
from routecli.verification.probing.calls import kept
from routecli.verification.probing.probe import probe
from routecli.verification.probing.rules import Probed
from routecli.verification.promises import NOTHING_NEW
from routecli.verification.report import TestOutcome
from routecli.verification.trying import try_out
from routecli.verification.varying import Laboratory, special_cased


def look_further(
    evidence: Evidence,
    workspace: Workspace,
    *,
    proven: Sequence[reproduction.Proven] = (),
    benchmark: PlannedCheck | None = None,
    laboratory: Laboratory | None = None,
    probing: bool = False,
) -> Evidence:
    """`evidence` with what these runs gave; as it is where a check already stands against the patch. With `probing`,
    functions of a change that keeps behaviour are called again. Raises SandboxFault."""
    if any(c.reason for c in evidence.passes):
        return evidence
    learnt = special_cased(laboratory, evidence.patch, evidence.task) if laboratory is not None else ""
    if learnt:
        return replace(evidence, special_cased=learnt)
    evidence = replace(evidence, trial=_trial(evidence, workspace))
    if proven:
        evidence = replace(evidence, reproduced=tuple(reproduction.judge(workspace, proven, evidence.patch)))
    evidence = replace(evidence, pass_without=_pass_without(evidence, workspace))
    if probing and evidence.contract.holds is not True:
        evidence = replace(evidence, probed=_probed(evidence, workspace))
    if benchmark is not None and evidence.task.kind is Kind.PERFORMANCE:
        patch = bench.measured_by(evidence.patch, evidence.parts, benchmark)
        evidence = replace(evidence, benched=bench.measure(workspace, benchmark, patch))
    return evidence


def _probed(evidence: Evidence, workspace: Workspace) -> Probed | None:
    told = [(c.check, c.measured.report.calls) for c in evidence.tests() if c.measured.report is not None]
    check, calls = next(((check, held) for check, held in told if held), (None, ()))
    if check is None:
        return None
    return probe(workspace, evidence.patch, check, kept(calls))


def _pass_without(evidence: Evidence, workspace: Workspace) -> frozenset[str]:
    """New tests of the patch that pass without its code too, so they speak of nothing new. Looked for only where they
    are all that could."""
    parts, kind = evidence.parts, evidence.task.kind
    files = parts.only_new_or_changed_tests
    if not (parts.guarded.edits and files) or kind in NOTHING_NEW or kind in (Kind.FIX, Kind.TESTS):
        return frozenset()
    tried = next((c for c in evidence.second if c.fresh and c.check.takes_files), None)
    if tried is None:
        return frozenset()
    with workspace.twin(Patch(parts.held_back)) as twin:
        report = tried.check.only(files).measure(twin).report
    tests = report.tests if report is not None else {}
    return frozenset(n for n in tried.fresh if n in tests and tests[n].outcome is TestOutcome.PASSED)


def _trial(evidence: Evidence, workspace: Workspace) -> Trial | None:
    """For new tests: run again, and on code broken on purpose. None where there is nothing to try."""
    new = evidence.new_tests()
    if evidence.task.kind is not Kind.TESTS or not new:
        return None
    tried = next((c for c in evidence.tests() if set(new) & set(c.fresh) and c.check.takes_files), None)
    if tried is None or tried.measured.report is None:
        return None
    tests = tried.measured.report.tests
    names = tuple(n for n in new if n in tests and tests[n].file)
    return try_out(workspace, evidence.patch, tried, {n: tests[n].file for n in names}, evidence.read, evidence.task)
