"""Which of the tests that failed before, and fail still, belong to a fix."""

from __future__ import annotations

from routecli.domain.task import Kind
from routecli.verification import relation
from routecli.verification.evidence import Evidence, base_of, source_of
from routecli.verification.planned import Reading
from routecli.verification.report import TestRecord
from routecli.verification.touched import spoken_by, touched


def wanted_of(evidence: Evidence) -> dict[str, TestRecord]:
    """For a fix: tests that failed before, fail still, and belong to the task. Where something was fixed, these are
    the tests of the same files and of the files named after the code; where nothing was, every test that reaches
    the code."""
    if evidence.task.kind is not Kind.FIX:
        return {}
    fixed = {base_of(evidence, c).tests[n].file for c in evidence.tests() for n in c.fixed if c.measured.report}
    wanted: dict[str, TestRecord] = {}
    for compared in evidence.tests():
        tests = base_of(evidence, compared).tests
        for name, record in compared.still_failing.items():
            whole = compared.check.reading is Reading.EXIT
            before = [t for n, t in tests.items() if n == name or (t.collect and t.file == record.file)]
            details = "\n".join(t.detail for t in (record, *before))
            opened = name not in tests and bool(before)  # the patch made its file importable
            near = opened or record.file in fixed or relation.is_named_after(record.file, evidence.code_paths)
            reaches = not fixed and relation.reaches(
                record.file, source_of(record.file, evidence), details, evidence.code_paths
            )
            if whole or near or reaches or _held_to_judge(name, record, evidence):
                wanted[name] = record
    return wanted


def _held_to_judge(name: str, record: TestRecord, evidence: Evidence) -> bool:
    """A held-out test belongs to the task when it speaks of a function that the patch changes."""
    if not record.file or not evidence.holdout.holds(record.file):
        return False
    changed = {t.name.rpartition(".")[2] for t in touched(evidence.patch)}
    return bool(changed & spoken_by(name, evidence.read(record.file) or b""))
