"""One patch judged: what speaks against it before anything runs, the passes, what only further runs can tell, the
ruling. Loaded beside the first call to a model, since nothing before it needs this."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from routecli.domain.events import Checked, Checking
from routecli.domain.patch import Patch
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind, RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import DeferralReason, Deferred, Unverified, Varied, Verdict
from routecli.errors import SandboxFault
from routecli.nouns import dataclass
from routecli.ports import Files, Listener, Twin, Workspace
from routecli.verification import cheats, contracts
from routecli.verification.accept import AcceptBase, AcceptState
from routecli.verification.ahead import ahead_of
from routecli.verification.baseline import Base
from routecli.verification.before import code_of
from routecli.verification.by_heart import known_by_heart
from routecli.verification.compare import Compared
from routecli.verification.evidence import Evidence
from routecli.verification.feedback import capped
from routecli.verification.flaky import FlakyMemory
from routecli.verification.further import look_further
from routecli.verification.holdout import Holdout
from routecli.verification.integrity import is_test_module, split
from routecli.verification.machine import Machine
from routecli.verification.passes import run_pass
from routecli.verification.plan import Plan
from routecli.verification.planned import Measured, PlannedCheck
from routecli.verification.promises import KEEPS_BEHAVIOUR
from routecli.verification.reproduction import Proven
from routecli.verification.ruling import rule_on
from routecli.verification.strength import held_to, required
from routecli.verification.unwatched import seen_unwatched
from routecli.verification.varying import Laboratory, differences


@dataclass(slots=True)
class Judge:
    """What is known of a task before its patch. `looked_again` gives the baseline after a second look at what fails."""

    workspace: Workspace
    repo_root: Path
    files: Files
    task: Task
    settings: VerifySettings
    listener: Listener
    secrets: Collection[str]
    memory: FlakyMemory
    holdout: Holdout
    plan: Plan
    bases: tuple[Base, ...]
    accept: AcceptBase | None
    proven: tuple[Proven, ...]
    sandbox_fault: str
    hint: str
    looked_again: Callable[[], tuple[Base, ...]]

    @property
    def _probes(self) -> bool:
        return self.settings.probe and self.task.kind in KEEPS_BEHAVIOUR

    def verdict(self, patch: Patch, attempt: int) -> Verdict:
        """See ports.Verifier.judge."""
        flagged = cheats.flags(patch, self.task)
        if flagged:
            why = f"the change speaks to the test runner: {flagged[0]}"
            text = "\n".join([why, *(f"- {f}" for f in flagged[:10]), "Solve the task itself."])
            return Deferred(DeferralReason.TAMPERED, one_line(why), self._clean(text))
        by_heart = known_by_heart(patch, self.task, self.files.paths(), self.files.read)
        if by_heart:
            text = f"{by_heart}.\nSolve the task for every value, not for those of the tests."
            return Deferred(DeferralReason.TAMPERED, by_heart, self._clean(text))
        contract = contracts.rule(contracts.Change(patch, self.task, self.files.read, self.files.paths()))
        if contract.holds is False:
            return Deferred(DeferralReason.CONTRACT_BROKEN, one_line(contract.why), self._clean(contract.why))
        if self.sandbox_fault:
            return Unverified(self.sandbox_fault, hint=self.hint)
        try:
            evidence = self._gather(patch, attempt)
        except SandboxFault as fault:
            return Unverified(f"the sandbox could not run: {fault.what}", hint=fault.hint)
        evidence = replace(evidence, contract=contract)
        try:
            benchmark = self.plan.bench
            evidence = look_further(
                evidence,
                self.workspace,
                proven=self.proven,
                benchmark=benchmark,
                laboratory=self._laboratory(),
                probing=self._probes,
            )
        except SandboxFault as fault:
            return Unverified(f"the sandbox could not run: {fault.what}", hint=fault.hint)
        asked = required(self.settings, (p for p in patch.paths if not is_test_module(p)))
        return held_to(rule_on(evidence), asked)

    def differs(self, patch: Patch, other: Patch) -> Varied:
        """See ports.Verifier. A sandbox that cannot run tells no difference."""
        try:
            return differences(self._laboratory(), patch, other)
        except SandboxFault:
            return Varied()

    def _laboratory(self) -> Laboratory:
        return Laboratory(self.workspace, self.bases, self.files.paths(), self.files.read, self.holdout)

    def _clean(self, text: str) -> str:
        return capped(text, self.secrets)

    def _gather(self, patch: Patch, attempt: int) -> Evidence:
        plan = self.plan
        parts = split(patch, self.task)
        paths = frozenset(self.files.paths()) | {e.path for e in patch.edits if e.after is not None}
        machine = Machine(self.repo_root, paths, code_of((*self.task.paths, *patch.paths)))
        usable = [b for b in self.bases if not b.fault]
        evidence = Evidence(
            self.task, patch, parts, self.bases, machine, self.secrets, self.files.read,
            plan.missing_for(patch.paths), plan.skipped,
            accept_base_ok=self.accept is not None and self.accept.state is AcceptState.FAILS,
            accept_said=self.accept.why if self.accept else "",
            holdout=self.holdout,
        )  # fmt: skip
        if not usable and plan.accept is None:
            return evidence
        if parts.guarded.edits or not parts.two_passes:
            evidence = self._pass(evidence, parts.guarded if parts.two_passes else patch, usable, attempt, first=True)
            if any(c.reason for c in evidence.first):
                return evidence
        if parts.two_passes:
            evidence = self._pass(evidence, patch, usable, attempt, first=False)
        return seen_unwatched(self._less_flaky(evidence), self.workspace)

    def _less_flaky(self, evidence: Evidence) -> Evidence:
        """For a fix, what fails before has to fail each time: a flaky test that passes later proves nothing. Waits for
        the second look only where it can change the verdict."""
        telling = any(c.fixed or c.still_failing for c in evidence.tests())
        if self.task.kind is not Kind.FIX or not telling or any(c.reason for c in evidence.passes):
            return evidence
        self.bases = self.looked_again()
        bases = {b.check.name: b for b in self.bases}
        first = tuple(c.less(bases[c.check.name].flaky) for c in evidence.first)
        second = tuple(c.less(bases[c.check.name].flaky) for c in evidence.second)
        return replace(evidence, first=first, second=second, bases=self.bases)

    def _pass(self, evidence: Evidence, patch: Patch, usable: list[Base], attempt: int, *, first: bool) -> Evidence:
        only: tuple[RepoPath, ...] = ()
        if not first and evidence.parts.guarded.edits:
            only = evidence.parts.only_new_or_changed_tests

        ahead = None
        if first:
            ahead = ahead_of(patch, usable, evidence.machine.paths, self.files.read, self.settings)

        def tell(check: PlannedCheck) -> None:
            self.listener(Checking(attempt, check.name, "patched"))

        with self.workspace.twin(patch) as twin:
            compared = run_pass(
                usable,
                twin,
                evidence.machine,
                base_twin=self.workspace.twin,
                edits=patch.edits,
                keeping=self._probes,
                only=only,
                ahead=ahead,
                tell=tell,
            )
            accept = self._run_accept(twin, compared, attempt) if first or not evidence.first else None
        for one in compared:
            if one.found_flaky:
                self.memory.note(one.found_flaky, one.found_flaky)
            self.listener(Checked(attempt, one.result()))
        if first:
            return replace(evidence, first=tuple(compared), accept=accept)
        return replace(evidence, second=tuple(compared), accept=accept or evidence.accept)

    def _run_accept(self, twin: Twin, compared: list[Compared], attempt: int) -> Measured | None:
        accept = self.plan.accept
        if accept is None or self.accept is None or any(c.reason for c in compared):
            return None
        self.listener(Checking(attempt, accept.name, "patched"))
        return accept.measure(twin)
