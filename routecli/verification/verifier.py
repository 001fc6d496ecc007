"""The verdict: baseline, passes, contract, ruling. Satisfies ports.Verifier."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.domain.globs import ignore_rules
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Varied, Verdict
from routecli.errors import SandboxFault
from routecli.ports import Files, Listener, Reproduction, Workspace
from routecli.verification import bench, reproduction
from routecli.verification.accept import AcceptBase, AcceptState, accept_base
from routecli.verification.baseline import Base, BaselineCache
from routecli.verification.before import Before, code_of
from routecli.verification.flaky import FlakyMemory, Forgetful
from routecli.verification.holdout import Holdout
from routecli.verification.machine import Machine
from routecli.verification.plan import Plan, make_plan
from routecli.verification.planned import PlannedCheck, Role
from routecli.verification.reproduction import Proven

if TYPE_CHECKING:
    from routecli.verification.judging import Judge


class ProjectVerifier:
    """Verifies patches of one task. `tree` is the git tree of the current content: the key of the cached baseline.

    `prepare` may run in a thread beside the first call to a model; `judge` waits for it. `listener` hears Checking and
    Checked from the thread that asked. `memory` knows what was flaky in earlier runs. `secrets` never reach a feedback
    text. `environ` stands in for os.environ.
    """

    def __init__(
        self,
        workspace: Workspace,
        repo_root: Path,
        files: Files,
        task: Task,
        settings: VerifySettings,
        *,
        listener: Listener,
        secrets: Collection[str] = (),
        cache: BaselineCache | None = None,
        tree: str = "",
        environ: Mapping[str, str] | None = None,
        memory: FlakyMemory | None = None,
    ) -> None:
        self._workspace = workspace
        self._repo_root = repo_root
        self._files = files
        self._task = task
        self._settings = settings
        self._listener = listener
        self._secrets = secrets
        self._memory = memory or Forgetful()
        self._before = Before(
            workspace, repo_root, files, task, listener=listener, cache=cache, tree=tree, memory=self._memory
        )
        self._environ = os.environ if environ is None else environ
        self._lock = threading.RLock()
        self._plan: Plan | None = None
        self._bases: tuple[Base, ...] | None = None
        self._looking = threading.Lock()
        self._looked = False
        self._hurried = threading.Event()
        self._ended = threading.Event()
        self._sandbox_fault = ""
        self._accept: AcceptBase | None = None
        self._proven: list[Proven] = []
        self._holdout = Holdout(ignore_rules(settings.holdout))

    # before anything is paid

    def plan(self) -> tuple[PlannedCheck, ...]:
        """What will be run, each with the reason why. Runs nothing of the repository's. Raises UsageFault where a
        command of the user's cannot be read."""
        plan = self.whole_plan()
        return (*plan.checks, plan.accept) if plan.accept else plan.checks

    def whole_plan(self) -> Plan:
        """`plan()` with what is missing and which linters are skipped, and why."""
        with self._lock:
            if self._plan is None:
                self._plan = make_plan(self._repo_root, self._files, self._task, self._settings, self._environ)
            return self._plan

    def environment_fault(self) -> str | None:
        """Why this machine cannot verify, in one line: from the plan alone, and after `prepare` from the baseline too.
        None where nothing is known to stand against it (having no test at all is no fault)."""
        missing = self.whole_plan().missing_for(self._task.paths)
        if missing is not None:
            return missing.what
        if self._sandbox_fault:
            return self._sandbox_fault
        return next((b.fault for b in self._bases or () if b.check.role is Role.TESTS and b.fault), None)

    @property
    def environment_hint(self) -> str:
        """What to type about `environment_fault`."""
        missing = self.whole_plan().missing
        return missing.hint if missing and missing.hint else "routecli run --test-cmd 'pytest -q tests' …"

    def check_accept(self) -> AcceptBase | None:
        """Runs the user's --accept command without the patch, once; None without one. Raises SandboxFault."""
        accept = self.whole_plan().accept
        if accept is None:
            return None
        with self._lock:
            if self._accept is None:
                with self._workspace.twin() as twin:
                    self._accept = accept_base(accept, accept.measure(twin))
            return self._accept

    def check_bench(self) -> str:
        """Runs the user's --bench command without the patch, where it will be asked for: why it cannot run, in one
        line, or empty. Raises SandboxFault."""
        check = self.whole_plan().bench
        return bench.fault_of(self._workspace, check) if check and self._task.kind is Kind.PERFORMANCE else ""

    def prepare(self) -> None:
        """See ports.Verifier. Idempotent; a second caller waits for the first."""
        with self._lock:
            if self._bases is not None:
                return
            plan = self.whole_plan()
            try:
                bases = self._before.measured(plan.checks)
                if plan.accept is not None:
                    self.check_accept()
            except SandboxFault as fault:
                self._sandbox_fault = fault.what
                bases = ()
            self._bases = bases

    def look_again(self) -> None:
        """See ports.Verifier. Idempotent; a second caller waits for the first. What a verdict needs is loaded then: the
        model is still writing."""
        self.prepare()
        self._look()
        import routecli.verification.judging  # noqa: F401

    def _look(self) -> None:
        with self._looking:
            if self._looked or self._ended.is_set() or self._task.kind is not Kind.FIX or self._sandbox_fault:
                return
            try:
                self._bases = self._before.looked(
                    self._bases or (), self._workspace, self._hurried.is_set, self._ended.is_set
                )
            except SandboxFault:
                return  # what the second look could not tell, the verdict goes without
            self._looked = True

    def stop_looking(self) -> None:
        """See ports.Verifier."""
        self._ended.set()

    # the verdict

    def judge(self, patch: Patch, attempt: int) -> Verdict:
        """See ports.Verifier."""
        self.prepare()
        return self._judge().verdict(patch, attempt)

    def differs(self, patch: Patch, other: Patch) -> Varied:
        """See ports.Verifier. A sandbox that cannot run tells no difference."""
        return self._judge().differs(patch, other)

    def _judge(self) -> Judge:
        """Loaded beside the first call to a model: nothing before it needs what a verdict needs."""
        from routecli.verification.judging import Judge

        return Judge(
            self._workspace, self._repo_root, self._files, self._task, self._settings, self._listener, self._secrets,
            self._memory, self._holdout, self.whole_plan(), self._bases or (), self._accept, tuple(self._proven),
            self._sandbox_fault, self.environment_hint, self._looked_again,
        )  # fmt: skip

    def _looked_again(self) -> tuple[Base, ...]:
        """The baseline after the second look, which is told to hurry."""
        self._hurried.set()
        self._look()
        return self._bases or ()

    # a test written from the task alone

    def wants_reproduction(self) -> Reproduction | None:
        """See ports.Verifier."""
        mode, task = self._settings.reproduce, self._task
        if mode == "off" or task.kind is not Kind.FIX or self._settings.accept_cmd or not self._bases:
            return None
        asked = reproduction.wanted(task, self._bases, self._files.paths())
        if asked is None or mode == "always":
            return asked
        failing = [t.file for b in self._bases if b.measured.report for t in b.measured.report.failing().values()]
        source = {f: (self._files.read(f) or b"").decode("utf-8", "replace") for f in dict.fromkeys(failing) if f}
        return None if reproduction.has_failing(self._bases, code_of(task.paths), source) else asked

    def try_reproduction(self, asked: Reproduction, source: str) -> str:
        """See ports.Verifier. A sandbox that cannot run is a reason like any other: the verdict will say so too."""
        assert self._bases is not None
        machine = Machine(self._repo_root, frozenset(self._files.paths()), code_of(self._task.paths))
        try:
            found = reproduction.prove(self._workspace, self._bases, machine, asked, source)
        except SandboxFault as fault:
            return fault.what
        if isinstance(found, str):
            return found
        self._proven.append(found)
        return ""

    def reproductions(self) -> tuple[FileEdit, ...]:
        """See ports.Verifier."""
        return tuple(one.edit for one in self._proven)


__all__ = ["AcceptBase", "AcceptState", "BaselineCache", "ProjectVerifier"]
