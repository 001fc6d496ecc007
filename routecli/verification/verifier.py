"""The verdict: baseline, passes, contract, ruling. Satisfies ports.Verifier."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from routecli.domain.events import Checked, Checking
from routecli.domain.globs import ignore_rules
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind, RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import DeferralReason, Deferred, Unverified, Varied, Verdict
from routecli.errors import SandboxFault
from routecli.ports import Files, Listener, Reproduction, Twin, Workspace
from routecli.verification import bench, cheats, contracts, reproduction
from routecli.verification.accept import AcceptBase, AcceptState, accept_base
from routecli.verification.ahead import ahead_of
from routecli.verification.baseline import Base, BaselineCache
from routecli.verification.before import Before, code_of
from routecli.verification.by_heart import known_by_heart
from routecli.verification.compare import Compared
from routecli.verification.evidence import Evidence
from routecli.verification.feedback import capped
from routecli.verification.flaky import FlakyMemory, Forgetful
from routecli.verification.further import look_further
from routecli.verification.holdout import Holdout
from routecli.verification.integrity import is_test_module, split
from routecli.verification.machine import Machine
from routecli.verification.passes import run_pass
from routecli.verification.plan import Plan, make_plan
from routecli.verification.planned import Measured, PlannedCheck, Role
from routecli.verification.probing.probe import KEEPS_BEHAVIOUR
from routecli.verification.reproduction import Proven
from routecli.verification.ruling import rule_on
from routecli.verification.strength import held_to, required
from routecli.verification.unwatched import seen_unwatched
from routecli.verification.varying import Laboratory, differences


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
        self._probes = settings.probe and task.kind in KEEPS_BEHAVIOUR

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
        """See ports.Verifier. Idempotent; a second caller waits for the first."""
        self.prepare()
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
        flagged = cheats.flags(patch, self._task)
        if flagged:
            why = f"the change speaks to the test runner: {flagged[0]}"
            text = "\n".join([why, *(f"- {f}" for f in flagged[:10]), "Solve the task itself."])
            return Deferred(DeferralReason.TAMPERED, one_line(why), self._clean(text))
        by_heart = known_by_heart(patch, self._task, self._files.paths(), self._files.read)
        if by_heart:
            text = f"{by_heart}.\nSolve the task for every value, not for those of the tests."
            return Deferred(DeferralReason.TAMPERED, by_heart, self._clean(text))
        contract = contracts.rule(contracts.Change(patch, self._task, self._files.read, self._files.paths()))
        if contract.holds is False:
            return Deferred(DeferralReason.CONTRACT_BROKEN, one_line(contract.why), self._clean(contract.why))
        if self._sandbox_fault:
            return Unverified(self._sandbox_fault, hint=self.environment_hint)
        try:
            evidence = self._gather(patch, attempt)
        except SandboxFault as fault:
            return Unverified(f"the sandbox could not run: {fault.what}", hint=fault.hint)
        evidence = replace(evidence, contract=contract)
        try:
            benchmark = self.whole_plan().bench
            evidence = look_further(
                evidence,
                self._workspace,
                proven=self._proven,
                benchmark=benchmark,
                laboratory=self._laboratory(),
                probing=self._probes,
            )
        except SandboxFault as fault:
            return Unverified(f"the sandbox could not run: {fault.what}", hint=fault.hint)
        asked = required(self._settings, (p for p in patch.paths if not is_test_module(p)))
        return held_to(rule_on(evidence), asked)

    def differs(self, patch: Patch, other: Patch) -> Varied:
        """See ports.Verifier. A sandbox that cannot run tells no difference."""
        try:
            return differences(self._laboratory(), patch, other)
        except SandboxFault:
            return Varied()

    def _laboratory(self) -> Laboratory:
        return Laboratory(self._workspace, self._bases or (), self._files.paths(), self._files.read, self._holdout)

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

    def _clean(self, text: str) -> str:
        return capped(text, self._secrets)

    def _gather(self, patch: Patch, attempt: int) -> Evidence:
        assert self._bases is not None
        plan = self.whole_plan()
        parts = split(patch, self._task)
        paths = frozenset(self._files.paths()) | {e.path for e in patch.edits if e.after is not None}
        machine = Machine(self._repo_root, paths, code_of((*self._task.paths, *patch.paths)))
        usable = [b for b in self._bases if not b.fault]
        evidence = Evidence(
            self._task, patch, parts, tuple(self._bases), machine, self._secrets, self._files.read,
            plan.missing_for(patch.paths), plan.skipped,
            accept_base_ok=self._accept is not None and self._accept.state is AcceptState.FAILS,
            accept_said=self._accept.why if self._accept else "",
            holdout=self._holdout,
        )  # fmt: skip
        if not usable and plan.accept is None:
            return evidence
        if parts.guarded.edits or not parts.two_passes:
            evidence = self._pass(evidence, parts.guarded if parts.two_passes else patch, usable, attempt, first=True)
            if any(c.reason for c in evidence.first):
                return evidence
        if parts.two_passes:
            evidence = self._pass(evidence, patch, usable, attempt, first=False)
        return seen_unwatched(self._less_flaky(evidence), self._workspace)

    def _less_flaky(self, evidence: Evidence) -> Evidence:
        """For a fix, what fails before has to fail each time: a flaky test that passes later proves nothing. Waits for
        the second look only where it can change the verdict."""
        telling = any(c.fixed or c.still_failing for c in evidence.tests())
        if self._task.kind is not Kind.FIX or not telling or any(c.reason for c in evidence.passes):
            return evidence
        self._hurried.set()
        self.look_again()
        bases = {b.check.name: b for b in self._bases or ()}
        first = tuple(c.less(bases[c.check.name].flaky) for c in evidence.first)
        second = tuple(c.less(bases[c.check.name].flaky) for c in evidence.second)
        return replace(evidence, first=first, second=second, bases=self._bases or ())

    def _pass(self, evidence: Evidence, patch: Patch, usable: list[Base], attempt: int, *, first: bool) -> Evidence:
        only: tuple[RepoPath, ...] = ()
        if not first and evidence.parts.guarded.edits:
            only = evidence.parts.only_new_or_changed_tests

        ahead = None
        if first:
            ahead = ahead_of(patch, usable, evidence.machine.paths, self._files.read, self._settings)

        def tell(check: PlannedCheck) -> None:
            self._listener(Checking(attempt, check.name, "patched"))

        with self._workspace.twin(patch) as twin:
            compared = run_pass(
                usable,
                twin,
                evidence.machine,
                base_twin=self._workspace.twin,
                edits=patch.edits,
                keeping=self._probes,
                only=only,
                ahead=ahead,
                tell=tell,
            )
            accept = self._run_accept(twin, compared, attempt) if first or not evidence.first else None
        for one in compared:
            if one.found_flaky:
                self._memory.note(one.found_flaky, one.found_flaky)
            self._listener(Checked(attempt, one.result()))
        if first:
            return replace(evidence, first=tuple(compared), accept=accept)
        return replace(evidence, second=tuple(compared), accept=accept or evidence.accept)

    def _run_accept(self, twin: Twin, compared: list[Compared], attempt: int) -> Measured | None:
        accept = self.whole_plan().accept
        if accept is None or self._accept is None or any(c.reason for c in compared):
            return None
        self._listener(Checking(attempt, accept.name, "patched"))
        return accept.measure(twin)


__all__ = ["AcceptBase", "AcceptState", "BaselineCache", "ProjectVerifier"]
