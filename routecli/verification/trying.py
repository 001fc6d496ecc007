"""New tests tried out: once more as they are, then on code that was broken on purpose."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath
from routecli.ports import Workspace
from routecli.verification.breaking import Broken, broken
from routecli.verification.compare import Compared
from routecli.verification.evidence import Trial
from routecli.verification.integrity import is_test_module
from routecli.verification.planned import PlannedCheck
from routecli.verification.report import TestOutcome

MOST_S = 120.0
"""How long all of it may take; functions that were not reached by then are not counted."""


def try_out(
    workspace: Workspace,
    patch: Patch,
    tried: Compared,
    files: tuple[RepoPath, ...],
    read: Callable[[RepoPath], bytes | None],
) -> Trial:
    """`tried` is the check whose new tests stand in `files`. Raises SandboxFault."""
    check = tried.check.only(files)
    ends = time.monotonic() + MOST_S
    unsteady = _not_passed(workspace, patch, check, tried.fresh)
    if unsteady:
        return Trial(unsteady=unsteady)
    noticed: list[str] = []
    missed: list[str] = []
    must: dict[str, bool] = {}
    for one in _in_turn(_broken(patch, tried, files, read)):
        if time.monotonic() > ends:
            break
        said = f"{one.function} {one.how}"
        saw = bool(_not_passed(workspace, _with(patch, one.edit), check, tried.fresh))
        (noticed if saw else missed).append(said)
        if one.must:
            must[said] = saw
    unnoticed = tuple(said for said, saw in must.items() if not saw)
    return Trial(tuple(noticed), unnoticed, tuple(missed))


def _broken(
    patch: Patch, tried: Compared, files: tuple[RepoPath, ...], read: Callable[[RepoPath], bytes | None]
) -> tuple[Broken, ...]:
    after = {e.path: e.after for e in patch.edits}
    texts = [(after.get(f) or read(f) or b"").decode("utf-8", "replace") for f in files]
    loaded = tried.measured.report.files if tried.measured.report else frozenset()
    return broken(texts, sorted(p for p in loaded if not is_test_module(p) and p not in after), read)


def _in_turn(ways: tuple[Broken, ...]) -> Iterator[Broken]:
    """What has to be noticed first."""
    yield from (one for one in ways if one.must)
    yield from (one for one in ways if not one.must)


def _with(patch: Patch, edit: FileEdit) -> Patch:
    return Patch((*patch.edits, edit))


def _not_passed(workspace: Workspace, patch: Patch, check: PlannedCheck, names: tuple[str, ...]) -> str:
    """The first of the tests `names` that does not pass on a twin with `patch`; empty where all do."""
    with workspace.twin(patch) as twin:
        report = check.measure(twin).report
    if report is None:
        return names[0]
    passed = (n for n, t in report.tests.items() if t.outcome is TestOutcome.PASSED)
    done = set(passed)
    return next((n for n in names if n not in done), "")
