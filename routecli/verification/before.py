"""The checks on the code as it is: remembered, or measured and what is flaky told apart."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from routecli.domain.events import Checked, Checking
from routecli.domain.task import RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import CheckOutcome, CheckResult
from routecli.ports import Files, Listener, Workspace
from routecli.verification import last
from routecli.verification.baseline import Base, BaselineCache, cache_key, from_bytes, judged_base, to_bytes
from routecli.verification.flaky import FlakyMemory, Forgetful, failing_of, look_again
from routecli.verification.integrity import is_test_module
from routecli.verification.machine import Machine
from routecli.verification.passes import measure_all
from routecli.verification.planned import Measured, PlannedCheck, Role


class Before:
    """Measures the base of one task; what it measured is kept in `cache` under `tree` (see ProjectVerifier), and what
    was seen to be flaky in `memory`."""

    def __init__(
        self,
        workspace: Workspace,
        repo_root: Path,
        files: Files,
        task: Task,
        *,
        listener: Listener,
        cache: BaselineCache | None = None,
        tree: str = "",
        memory: FlakyMemory | None = None,
    ) -> None:
        self._workspace = workspace
        self._repo_root = repo_root
        self._files = files
        self._task = task
        self._listener = listener
        self._cache = cache
        self._tree = tree
        self._memory = memory or Forgetful()

    def measured(self, checks: tuple[PlannedCheck, ...], *, anew: bool = False) -> tuple[Base, ...]:
        """Each check's base, in order: remembered (unless `anew`), or measured on one twin. Raises SandboxFault."""
        machine = Machine(self._repo_root, frozenset(self._files.paths()), code_of(self._task.paths))
        known = [None if anew else self._remembered(check) for check in checks]
        bases = [
            self._with_known(judged_base(c, m, machine)) if m is not None else None
            for c, m in zip(checks, known, strict=True)
        ]
        unknown = [c for c, m in zip(checks, known, strict=True) if m is None]
        if not unknown:
            return tuple(b for b in bases if b is not None)
        with self._workspace.twin() as twin:
            for check in unknown:
                self._listener(Checking(0, check.name, "baseline"))
            fresh = iter(measure_all(unknown, twin))
            for place, check in enumerate(checks):
                if bases[place] is None:
                    bases[place] = self._measured_base(check, next(fresh), machine)
        return tuple(b for b in bases if b is not None)

    def _measured_base(self, check: PlannedCheck, answer: Measured, machine: Machine) -> Base:
        base = self._with_known(judged_base(check, answer, machine))
        self._listener(Checked(0, _base_result(base)))
        self._remember(base)
        return base

    def looked(
        self, bases: tuple[Base, ...], workspace: Workspace, hurried: Callable[[], bool], stopped: Callable[[], bool]
    ) -> tuple[Base, ...]:
        """`bases` with what is flaky of the tests that failed: looked at once for a tree, then remembered. Raises
        SandboxFault."""
        return tuple(self._looked(base, workspace, hurried, stopped) for base in bases)

    def _looked(
        self, base: Base, workspace: Workspace, hurried: Callable[[], bool], stopped: Callable[[], bool]
    ) -> Base:
        key = f"{self._key(base.check)} looked"
        kept = self._cache.get(key) if self._cache and self._tree else None
        if kept is not None:
            return replace(base, flaky=base.flaky.union(kept.decode("utf-8", "replace").splitlines()))
        found = look_again(base, workspace, hurried, stopped)
        failing = failing_of(base)
        if failing and not stopped():
            flipped = [n for n in failing if n in found.flaky and n not in base.flaky]
            self._memory.note(failing, flipped)
            if self._cache and self._tree:
                self._cache.put(key, "\n".join(flipped).encode("utf-8", "replace"))
        return found

    def _with_known(self, base: Base) -> Base:
        return replace(base, flaky=frozenset(n for n in self._memory.known() if n in base.tests))

    def _remembered(self, check: PlannedCheck) -> Measured | None:
        raw = self._cache.get(self._key(check)) if self._cache and self._tree else None
        return from_bytes(raw) if raw else None

    def _remember(self, base: Base) -> None:
        if not self._cache or not self._tree:
            return
        if not base.fault:
            self._cache.put(self._key(base.check), to_bytes(base.measured))
        said = last.said(base, self._tree)
        self._cache.put(last.key(self._repo_root, base.check), last.to_bytes(said))

    def _key(self, check: PlannedCheck) -> str:
        return cache_key(check, self._tree, self._workspace.isolation)


def code_of(paths: Collection[RepoPath]) -> frozenset[RepoPath]:
    """`paths` without tests."""
    return frozenset(p for p in paths if not is_test_module(p))


def _base_result(base: Base) -> CheckResult:
    measured = base.measured
    report = measured.report
    failing = len(report.failing()) if report else 0
    outcome = CheckOutcome.PASSED if not failing and not measured.findings else CheckOutcome.FAILED
    if report:
        summary = f"{report.passed} passed, {failing} failing before" if report.tests else "no test found"
    else:
        summary = f"{len(measured.findings)} findings before"
        if base.check.role is not Role.LINT:
            summary = f"exit {measured.exit_code} before; exit code only"
            outcome = CheckOutcome.PASSED if measured.exit_code == 0 else CheckOutcome.FAILED
    if base.fault:
        outcome, summary = CheckOutcome.ENVIRONMENT, base.fault
    return CheckResult(
        base.check.name, base.check.argv, outcome, one_line(summary), passed=report.passed if report else 0,
        wall_s=measured.wall_s, output_tail=measured.output_tail,
    )  # fmt: skip
