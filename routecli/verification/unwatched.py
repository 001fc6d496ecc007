"""What a fix was to mend and fails still, looked at once more without watching lines: watching takes time and memory,
which a test may measure ("returns quickly"). What is new and red is looked at so in passes.py."""

from __future__ import annotations

from dataclasses import replace

from routecli.domain.patch import Patch
from routecli.ports import Workspace
from routecli.verification.compare import Compared
from routecli.verification.evidence import Evidence, base_of
from routecli.verification.passes import files_of, timeout_of
from routecli.verification.planned import Reading
from routecli.verification.report import TestOutcome
from routecli.verification.wanted import wanted_of

_LOOKS = 2
"""It failed before, so it has to pass each time."""


def seen_unwatched(evidence: Evidence, workspace: Workspace) -> Evidence:
    """`evidence`, in which wanted tests count as mended that pass unwatched, twice. Nothing runs where nothing was
    watched or something else stands against the patch. Raises SandboxFault."""
    if any(c.reason for c in evidence.passes):
        return evidence
    wanted = frozenset(wanted_of(evidence))
    if not wanted:
        return evidence
    guarded = evidence.parts.guarded if evidence.parts.two_passes else evidence.patch
    first = tuple(_looked(c, wanted, evidence, workspace, guarded) for c in evidence.first)
    second = tuple(_looked(c, wanted, evidence, workspace, evidence.patch) for c in evidence.second)
    return replace(evidence, first=first, second=second)


def _looked(
    compared: Compared, wanted: frozenset[str], evidence: Evidence, workspace: Workspace, patch: Patch
) -> Compared:
    names = wanted & set(compared.still_failing)
    check, base = compared.check, base_of(evidence, compared)
    files = files_of(t for n, t in compared.still_failing.items() if n in names)
    watched = check.reading is Reading.IDS and check.watching(patch.edits) is not check
    if not names or not files or not watched or not check.narrows:
        return compared
    narrow = check.only(files).within(timeout_of(base))
    left = set(names)
    with workspace.twin(patch) as twin:
        for _ in range(_LOOKS):
            report = narrow.measure(twin).report
            tests = report.tests if report is not None and report.ended else {}
            left = {n for n in left if n in tests and tests[n].outcome is TestOutcome.PASSED}
            if not left:
                return compared
    still = {n: t for n, t in compared.still_failing.items() if n not in left}
    mended = tuple(n for n in compared.still_failing if n in left and n in base.tests)
    return replace(compared, fixed=(*compared.fixed, *mended), still_failing=still)
