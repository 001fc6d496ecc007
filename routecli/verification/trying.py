"""New tests tried out: once more as they are, then on code that was broken on purpose."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath, Task
from routecli.ports import Workspace
from routecli.verification.asserting import asserts_nothing
from routecli.verification.breaking import Broken, broken
from routecli.verification.breaking_scripts import broken_scripts, imported_scripts
from routecli.verification.changed_lines import Group
from routecli.verification.compare import Compared
from routecli.verification.evidence import Trial
from routecli.verification.integrity import is_test_module
from routecli.verification.planned import PlannedCheck
from routecli.verification.report import TestOutcome, TestReport

MOST_FUNCTIONS = 8
MOST_S = 120.0
"""How long all of it may take; functions that were not reached by then are not counted."""


def try_out(
    workspace: Workspace,
    patch: Patch,
    tried: Compared,
    tests: Mapping[str, RepoPath],
    read: Callable[[RepoPath], bytes | None],
    task: Task,
) -> Trial:
    """`tests` are the new ones with their files, `tried` is the check that ran them. What the task names has to be
    noticed when it is broken; where it names nothing, something has to. Raises SandboxFault."""
    names, files = tuple(tests), tuple(dict.fromkeys(tests.values()))
    after = {e.path: e.after for e in patch.edits}
    sources = {f: after.get(f) or read(f) or b"" for f in files}
    hollow = next((h for f in files if (h := asserts_nothing([n for n in names if tests[n] == f], sources[f]))), "")
    if hollow:
        return Trial(hollow=hollow)
    check = tried.check.only(files)
    ways = _broken(patch, tried, sources, read)
    report = _run(workspace, patch, _watching(check, ways))
    unsteady = _not_passed(report, names)
    if unsteady:
        return Trial(unsteady=unsteady)
    ends = time.monotonic() + MOST_S
    noticed: list[str] = []
    missed: list[str] = []
    must: dict[str, bool] = {}
    for one in _in_turn(_reached(ways, report), task):
        if time.monotonic() > ends:
            break
        said = f"{one.function} {one.how}"
        saw = bool(_not_passed(_run(workspace, _with(patch, one.edit), check), names))
        (noticed if saw else missed).append(said)
        if one.must:
            must[said] = saw
    return Trial(tuple(noticed), _unnoticed(must, task), tuple(missed))


def _unnoticed(must: Mapping[str, bool], task: Task) -> tuple[str, ...]:
    """What had to be noticed: each function that the task names; where it names none, one of those that ran."""
    named = {said: saw for said, saw in must.items() if _is_named(said.split(" ")[0], task)}
    if named:
        return tuple(said for said, saw in named.items() if not saw)
    return () if any(must.values()) else tuple(must)


def _is_named(function: str, task: Task) -> bool:
    return function.rpartition(".")[2] in re.findall(r"\w+", task.instruction)


def _broken(
    patch: Patch, tried: Compared, sources: Mapping[RepoPath, bytes], read: Callable[[RepoPath], bytes | None]
) -> tuple[Broken, ...]:
    texts = [source.decode("utf-8", "replace") for source in sources.values()]
    loaded = tried.measured.report.files if tried.measured.report else frozenset()
    changed = set(patch.paths)
    python = broken(texts, sorted(p for p in loaded if not is_test_module(p) and p not in changed), read)
    scripts = tuple(zip(sources, texts, strict=True))
    code = tuple(p for p in imported_scripts(scripts, read) if p not in changed)
    return (*python, *broken_scripts(scripts, code, read))


def _watching(check: PlannedCheck, ways: tuple[Broken, ...]) -> PlannedCheck:
    """`check`, asked which of the functions it runs."""
    spots: dict[RepoPath, tuple[Group, ...]] = {}
    for one in ways:
        spots[one.path] = (*spots.get(one.path, ()), one.lines)
    return check.looking_for(spots)


def _reached(ways: tuple[Broken, ...], report: TestReport | None) -> tuple[Broken, ...]:
    """Those whose function the new tests run, where that is known: a name may be another thing's too."""
    lines = report.lines if report is not None else None
    if lines is None:
        return ways
    return tuple(one for one in ways if lines.get(one.path, frozenset()) & set(one.lines))


def _in_turn(ways: tuple[Broken, ...], task: Task) -> Iterator[Broken]:
    """What the task names first, then what has to be noticed; of MOST_FUNCTIONS functions."""
    order = sorted(ways, key=lambda one: (not _is_named(one.function, task), not one.must))
    kept = list(dict.fromkeys((one.path, one.function) for one in order))[:MOST_FUNCTIONS]
    yield from (one for one in order if (one.path, one.function) in kept)


def _with(patch: Patch, edit: FileEdit) -> Patch:
    return Patch((*patch.edits, edit))


def _run(workspace: Workspace, patch: Patch, check: PlannedCheck) -> TestReport | None:
    with workspace.twin(patch) as twin:
        return check.measure(twin).report


def _not_passed(report: TestReport | None, names: tuple[str, ...]) -> str:
    """The first of the tests `names` that does not pass; empty where all do."""
    if report is None:
        return names[0]
    done = {n for n, t in report.tests.items() if t.outcome is TestOutcome.PASSED}
    return next((n for n in names if n not in done), "")
