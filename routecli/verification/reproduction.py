"""A test that is written from the task alone, before anybody has seen a fix: it must fail first, and for a reason.

Existing tests catch about a fifth of a strong model's wrong fixes (docs/verification.md). One that fails on the code as
it is, by an assertion, and passes on the fix is the strongest evidence that can be had without a person.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.ports import Reproduction, Twin, Workspace
from routecli.verification import relation
from routecli.verification.baseline import Base
from routecli.verification.integrity import is_test_module
from routecli.verification.machine import Machine
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.report import TestOutcome, TestRecord, TestReport

_NO_REASON = re.compile(
    r"^E?\s*(?:ModuleNotFoundError|ImportError|SyntaxError|IndentationError|NameError|fixture '\w+' not found"
    r"|FileNotFoundError|RecursionError)\b",
    re.MULTILINE,
)
"""Failures that say nothing of the behaviour that was asked for: the test itself is at fault."""
_LOOKS = 2
_RUNNERS = ("pytest", "unittest")
"""What a test that is written in Python can be run by."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A reproduction that failed as it should: its file, the ids that failed, and the check that runs it."""

    edit: FileEdit
    ids: tuple[str, ...]
    check: PlannedCheck


@dataclass(frozen=True, slots=True)
class Reproduced:
    """What a patch did to one of them: `left` are the tests that fail still, `lines` what they ran."""

    ids: tuple[str, ...]
    left: dict[str, TestRecord]
    lines: Mapping[RepoPath, frozenset[int]] = field(default_factory=dict)


def wanted(task: Task, bases: Sequence[Base], paths: Collection[RepoPath]) -> Reproduction | None:
    """Where a reproduction would stand and what would run it; None where nothing here could run one."""
    runner = next(_runners(bases), None)
    if runner is None or not any(p.endswith(".py") for p in task.paths):
        return None
    return Reproduction(_place(task, runner, paths), runner.check.name.split(" ")[0])


def has_failing(bases: Sequence[Base], code: Collection[RepoPath], source: dict[RepoPath, str]) -> bool:
    """Whether a test that belongs to `code` fails already: then that one is to be mended, and no other is needed."""
    for base in bases:
        if base.check.role is not Role.TESTS or base.measured.report is None:
            continue
        for record in base.measured.report.failing().values():
            named = relation.is_named_after(record.file, code)
            if named or relation.reaches(record.file, source.get(record.file, ""), record.detail, code):
                return True
    return False


def _place(task: Task, runner: Base, paths: Collection[RepoPath]) -> RepoPath:
    """Beside the tests that are there; a name that no file has."""
    report = runner.measured.report
    files = [t.file for t in report.tests.values() if t.file] if report else []
    folders = [posixpath.dirname(f) for f in files]
    folder = max(set(folders), key=lambda f: (folders.count(f), f)) if folders else runner.check.command.cwd
    mark = hashlib.sha256(task.instruction.encode("utf-8", "replace")).hexdigest()[:8]
    name = posixpath.normpath(posixpath.join(folder or ".", f"test_reproduction_{mark}.py"))
    return name if name not in paths else name.replace(".py", "_new.py")


def prove(
    workspace: Workspace, bases: Sequence[Base], machine: Machine, asked: Reproduction, source: str
) -> Proven | str:
    """The reproduction in `source` run on the code as it is, twice; why it is none, in one line. Raises
    SandboxFault."""
    check = next(_runners(bases)).check.only((asked.path,))
    edit = FileEdit(asked.path, None, source.encode("utf-8", "surrogateescape"))
    failing: set[str] | None = None
    with workspace.twin(Patch((edit,))) as twin:
        for _ in range(_LOOKS):
            said = _failing(check, twin, asked.path, machine)
            if isinstance(said, str):
                return said
            failing = set(said) if failing is None else failing & set(said)
    if not failing:
        return "it does not fail each time"
    return Proven(edit, tuple(sorted(failing)), check)


def _runners(bases: Sequence[Base]) -> Iterator[Base]:
    for base in bases:
        check = base.check
        told = check.role is Role.TESTS and check.takes_files and check.reading is Reading.IDS
        if told and not base.fault and check.name.split(" ")[0] in _RUNNERS:
            yield base


def _failing(check: PlannedCheck, twin: Twin, path: RepoPath, machine: Machine) -> list[str] | str:
    measured = check.measure(twin)
    report = measured.report
    if measured.timed_out or report is None:
        return "it does not end" if measured.timed_out else "it cannot be run"
    mine = {n: t for n, t in report.tests.items() if t.file == path}
    unread = next((t for t in mine.values() if t.collect), None)
    if unread is not None or not mine:
        said = (unread.detail.strip().splitlines() or [""])[-1] if unread is not None else "no test in it"
        return f"it cannot be read: {one_line(said, limit=120)}"
    failed = {n: t for n, t in mine.items() if t.outcome is TestOutcome.FAILED}
    if not failed:
        return "it passes before anything was fixed"
    told = {n: t for n, t in failed.items() if not _NO_REASON.search(t.detail) and not machine.blamed(t.detail)}
    if len(told) < len(failed):
        other = next(t for n, t in failed.items() if n not in told)
        return f"it fails for another reason: {one_line((other.detail.strip().splitlines() or [''])[-1], limit=120)}"
    return list(told)


def judge(workspace: Workspace, proven: Sequence[Proven], patch: Patch) -> list[Reproduced]:
    """Each of `proven` on `patch`. Where the patch has a file of that name, ours counts. Raises SandboxFault."""
    done = []
    for one in proven:
        edits = tuple(e for e in patch.edits if e.path != one.edit.path and not _configures(e.path))
        with workspace.twin(Patch((*edits, one.edit))) as twin:
            watched = one.check.watching(edits).measure(twin).report
            report = watched if _all_passed(watched, one) else one.check.measure(twin).report
        tests = report.tests if report is not None and report.ended else {}
        lost = TestRecord(TestOutcome.FAILED, one.edit.path, "the test is not run any more")
        left = {n: tests.get(n, lost) for n in one.ids if n not in tests or tests[n].outcome is not TestOutcome.PASSED}
        done.append(Reproduced(one.ids, left, (watched.lines if watched else None) or {}))
    return done


def _all_passed(report: TestReport | None, one: Proven) -> bool:
    """Else it is run once more, unwatched: watching takes time and memory, which the test may measure."""
    tests = report.tests if report is not None and report.ended else {}
    return all(n in tests and tests[n].outcome is TestOutcome.PASSED for n in one.ids)


def _configures(path: RepoPath) -> bool:
    """A patch's own conftest.py must not speak to a test that judges the patch."""
    return posixpath.basename(path) == "conftest.py" and is_test_module(path)


def outvoted(done: Sequence[Reproduced]) -> bool:
    """Whether most of them fail still: one candidate among several may have misread the task."""
    return sum(bool(one.left) for one in done) * 2 >= len(done) if done else False
