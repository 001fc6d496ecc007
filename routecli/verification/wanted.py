"""Which of the tests that failed before, and fail still, belong to a fix."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from routecli.domain.task import Kind, RepoPath
from routecli.verification import relation
from routecli.verification.evidence import Evidence, base_of, source_of
from routecli.verification.integrity import is_test_module
from routecli.verification.planned import Reading
from routecli.verification.report import TestRecord
from routecli.verification.touched import Touched, changes_more, functions, spoken_by, touched
from routecli.verification.unrelated import frames, is_at, is_unrelated, shared_errors


def wanted_of(evidence: Evidence) -> dict[str, TestRecord]:
    """For a fix: tests that failed before, fail still, and belong to the task.

    Where nothing proves the fix, that is every test that reaches the code. Where something does (a test that failed
    and passes, a reproduction), it is those that the task names, that speak of a function which the patch changes or
    fail within one, wherever they stand; and those beside the proof or named after the code, if what they speak of can
    get at the change or if it cannot be told. A red test of something else is as it was, and so is one that fails
    for a reason that is not the change's (unrelated.py), unless the task names it.
    """
    if evidence.task.kind is not Kind.FIX:
        return {}
    fixed = {base_of(evidence, c).tests[n].file for c in evidence.tests() for n in c.fixed if c.measured.report}
    proven = bool(fixed) or any(not one.left for one in evidence.reproduced)
    change = _Change(evidence)
    wanted: dict[str, TestRecord] = {}
    for compared in evidence.tests():
        tests = base_of(evidence, compared).tests
        shared = shared_errors(tests) if proven else frozenset()
        for name, record in compared.still_failing.items():
            before = [t for n, t in tests.items() if n == name or (t.collect and t.file == record.file)]
            opened = name not in tests and bool(before)  # the patch made its file importable
            near = record.file in fixed or relation.is_named_after(record.file, evidence.code_paths)
            details = "\n".join(t.detail for t in (record, *before))
            whole = compared.check.reading is Reading.EXIT
            asked = whole or change.is_asked_for(name, record)
            met = asked or opened or change.is_met_by(name, record)
            if proven and not asked and is_unrelated(record, before, shared, evidence.patch.paths):
                continue
            if not met and proven:
                met = near and change.may_be_met_by(name, record)
            elif not met:
                source = source_of(record.file, evidence)
                met = near or relation.reaches(record.file, source, details, evidence.code_paths)
            if met:
                wanted[name] = record
    return wanted


def is_outweighed(wanted: Mapping[str, TestRecord], evidence: Evidence) -> bool:
    """Whether more speaks for a fix than what is left red speaks against it: a test written from the task passes, red
    tests of the repository pass too, and none of those left is named by the task. A tree with many red tests may hold
    more than one bug."""
    if not evidence.reproduced or any(one.left for one in evidence.reproduced):
        return False
    change = _Change(evidence)
    told = not any(c.check.reading is Reading.EXIT and c.still_failing for c in evidence.tests())
    fixed = any(c.fixed for c in evidence.tests())
    return told and fixed and not any(change.is_asked_for(name, record) for name, record in wanted.items())


@dataclass
class _Change:
    """What a patch changes, as a test may meet it."""

    evidence: Evidence

    @cached_property
    def _touched(self) -> tuple[Touched, ...]:
        return touched(self.evidence.patch)

    @cached_property
    def _names(self) -> frozenset[str]:
        """The changed functions' own names; a class's where it is made otherwise."""
        names: set[str] = set()
        for one in self._touched:
            within, _, own = one.name.rpartition(".")
            special = own.startswith("__") and own.endswith("__")
            names.add(within.rpartition(".")[2] if special and within else own)
        return frozenset(names)

    @cached_property
    def _ways(self) -> frozenset[str]:
        """Every name in the changed files by which one gets at a changed function."""
        bodies: dict[str, set[str]] = {}
        for edit in self.evidence.patch.edits:
            for name, node in functions(edit.after or b""):
                said = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                said |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
                for part in name.split("."):
                    bodies.setdefault(part, set()).update(said)
        ways = set(self._names)
        while more := {name for name, said in bodies.items() if name not in ways and said & ways}:
            ways |= more
        return frozenset(ways)

    @cached_property
    def _can_be_told(self) -> bool:
        """Whether all that changes is functions of Python files that can be read."""
        return bool(self._touched) and not changes_more(self.evidence.patch)

    def is_asked_for(self, name: str, record: TestRecord) -> bool:
        """The task names the test or its file. A test within the code (a doctest) is not asked for with it."""
        own = name.rpartition("::")[2].partition("[")[0].rpartition(".")[2]
        said = self.evidence.task.instruction
        named = len(own) > len("test_") and re.search(rf"\b{re.escape(own)}\b", said) is not None
        return named or (
            is_test_module(record.file) and (record.file in said or record.file in self.evidence.task.paths)
        )

    def is_met_by(self, name: str, record: TestRecord) -> bool:
        """The test speaks of a changed function, or fails within one."""
        return bool(self._names & self._said(name, record)) or any(self._within(record.detail))

    def may_be_met_by(self, name: str, record: TestRecord) -> bool:
        """What the test speaks of may get at the change."""
        return not self._can_be_told or not record.file.endswith(".py") or bool(self._ways & self._said(name, record))

    def _said(self, name: str, record: TestRecord) -> frozenset[str]:
        return spoken_by(name, self.evidence.read(record.file) or b"") if record.file else frozenset()

    def _within(self, detail: str) -> Iterator[bool]:
        places: dict[RepoPath, list[Touched]] = {}
        for one in self._touched:
            places.setdefault(one.path, []).append(one)
        for place, line in frames(detail):
            for path, its in places.items():
                if is_at(place, path):
                    yield any(t.after.lineno <= line <= (t.after.end_lineno or line) for t in its)
