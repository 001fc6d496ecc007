"""Everything that a ruling rests on, as one value."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator
from dataclasses import field

from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath, Task
from routecli.nouns import dataclass
from routecli.verification.baseline import Base
from routecli.verification.bench import Benched
from routecli.verification.compare import Compared
from routecli.verification.contracts import UNDECIDED, Ruling
from routecli.verification.holdout import Holdout
from routecli.verification.integrity import Split, is_test_module
from routecli.verification.machine import Machine
from routecli.verification.planned import Measured, Role
from routecli.verification.probing.rules import Probed
from routecli.verification.project import Missing
from routecli.verification.reproduction import Reproduced


@dataclass(frozen=True, slots=True)
class Trial:
    """New tests on code that was broken on purpose: what they `noticed` and `missed`, by function and how; `unnoticed`
    is what they had to notice and did not. `unsteady` is a new test that passed once and not again, `hollow` one that
    asserts nothing."""

    noticed: tuple[str, ...] = ()
    unnoticed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    unsteady: str = ""
    hollow: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a ruling rests on. `first` is the pass judged by the repository's own tests, `second` the one
    with the patch's tests; either is empty where it was not needed. `pass_without` are tests of the patch that pass
    without its code as well; `special_cased` names a function that changed for the tests' own inputs alone; `probed` is
    what changed functions answer with the patch and without. `left_red` are tests that failed before, get at the change
    and fail still, where more speaks for it."""

    task: Task
    patch: Patch
    parts: Split
    bases: tuple[Base, ...]
    machine: Machine
    secrets: Collection[str]
    read: Callable[[RepoPath], bytes | None]
    missing: Missing | None = None
    skipped: tuple[str, ...] = ()
    first: tuple[Compared, ...] = ()
    second: tuple[Compared, ...] = ()
    accept: Measured | None = None
    accept_base_ok: bool = False
    accept_said: str = ""
    contract: Ruling = UNDECIDED
    trial: Trial | None = None
    reproduced: tuple[Reproduced, ...] = ()
    holdout: Holdout = field(default_factory=Holdout)
    benched: Benched | None = None
    pass_without: frozenset[str] = frozenset()
    special_cased: str = ""
    probed: Probed | None = None
    left_red: tuple[str, ...] = ()

    @property
    def passes(self) -> tuple[Compared, ...]:
        """Both passes."""
        return (*self.first, *self.second)

    @property
    def code_paths(self) -> frozenset[RepoPath]:
        """What the task names and the patch changes, tests aside."""
        return frozenset(p for p in (*self.task.paths, *self.patch.paths) if not is_test_module(p))

    def tests(self) -> Iterator[Compared]:
        """The test checks of both passes."""
        return (c for c in self.passes if c.check.role is Role.TESTS)

    def new_tests(self) -> tuple[str, ...]:
        """Tests that were not there before and pass, in files that the patch changes: elsewhere a new id is one that
        names itself anew with each run."""
        changed = set(self.patch.paths)
        found: list[str] = []
        for compared in self.tests():
            tests = compared.measured.report.tests if compared.measured.report else {}
            found += [n for n in compared.fresh if n not in tests or tests[n].file in changed or not tests[n].file]
        return tuple(dict.fromkeys(found))


def source_of(file: RepoPath, evidence: Evidence) -> str:
    """What a test's file imports, its package's `__init__.py` and conftest.py included (`from . import it`)."""
    if not file:
        return ""
    folder = posixpath.dirname(file)
    near = [posixpath.join(folder, name) for name in ("__init__.py", "conftest.py")]
    return "\n".join((evidence.read(p) or b"").decode("utf-8", "replace") for p in (file, *near))


def base_of(evidence: Evidence, compared: Compared) -> Base:
    """The baseline of a compared check."""
    return next(b for b in evidence.bases if b.check.name == compared.check.name)
