"""Rooms of floor 3 as the cascade knows them: reading a reply with the path rules, and the one way to the tree."""

from __future__ import annotations

from collections.abc import Callable, Collection

from routecli import edits
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Delivery
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line, tail
from routecli.domain.verdict import DeferralReason, Deferred
from routecli.errors import DeliveryFault
from routecli.git.repository import Repository
from routecli.git.snapshot import Snapshot
from routecli.ports import Files
from routecli.workspace.delivery import deliver
from routecli.workspace.policy import Severity, Violation, violations

FEEDBACK_BYTES = 8_000
Consent = Callable[[str], bool]
"""Asks a person a yes-or-no question; False where there is nobody to ask."""


class PatchReader:
    """Satisfies ports.Reader for one snapshot. `scope` are the existing files that may change, `files` their bytes as
    the model was shown them."""

    def __init__(self, snapshot: Snapshot, files: Files, scope: Collection[RepoPath]) -> None:
        self._snapshot = snapshot
        self._files = files
        self._scope = frozenset(scope)

    def read(self, text: str) -> Patch | Deferred:
        """See ports.Reader.read."""
        root = str(self._snapshot.repository.root)
        try:
            patch = edits.read(text, self._files, scope=self._scope, root=root)
        except edits.EditsRefused as refused:
            told = tail(edits.feedback(refused, self._files), limit_bytes=FEEDBACK_BYTES)
            return Deferred(refused.reason, one_line(str(refused)), told)
        return self._allowed(patch)

    def vet(self, changes: tuple[FileEdit, ...]) -> Patch | Deferred:
        """See ports.Reader.vet."""
        there = self._snapshot.entries
        outside = [e.path for e in changes if e.path not in self._scope and (e.before is not None or e.path in there)]
        if outside:
            why = f"it changed {one_line(outside[0])}, which was not given to it"
            return Deferred(DeferralReason.OUT_OF_SCOPE, why, why)
        return self._allowed(Patch(tuple(sorted(changes, key=lambda e: e.path))))

    def editing(self, text_so_far: str) -> str:
        """See ports.Reader.editing."""
        return edits.currently_editing(text_so_far)

    def render(self, patch: Patch) -> str:
        """See ports.Reader.render."""
        return edits.render(patch)

    def _allowed(self, patch: Patch) -> Patch | Deferred:
        refused = [v for v in violations(patch, self._snapshot) if v.severity is Severity.REFUSED]
        if not refused:
            return patch
        why = f"{one_line(refused[0].path)}: {refused[0].why}"
        return Deferred(DeferralReason.OUT_OF_SCOPE, why, f"Nothing was applied. {why}")


class TreeDeliverer:
    """Satisfies ports.Deliverer. `save` keeps the patch before anything is written; `consent` None: nobody to ask;
    `run_id` empty: no run made it, and none can deliver it later."""

    def __init__(
        self,
        repository: Repository,
        snapshot: Snapshot,
        *,
        run_id: str,
        save: Callable[[Patch], None],
        consent: Consent | None = None,
        yes: bool = False,
        patch_only: bool = False,
        commit: bool = False,
    ) -> None:
        self._repository = repository
        self._snapshot = snapshot
        self._run_id = run_id
        self._save = save
        self._consent = consent
        self._yes = yes
        self._patch_only = patch_only
        self._commit = commit

    def deliver(self, patch: Patch, *, verified: bool, message: str) -> Delivery:
        """See ports.Deliverer.deliver."""
        self._save(patch)
        if self._patch_only:
            return Delivery(False)
        later = f"routecli apply --run {self._run_id}" if self._run_id else "routecli apply FILE"
        if not verified and not self._agreed("Nothing verified this patch. Write it all the same?"):
            return Delivery(False, "nothing verified it, so it was not written", hint=f"{later} --yes")
        protected = [v for v in violations(patch, self._snapshot) if v.severity is Severity.PROTECTED]
        if protected and not self._agreed(f"It changes {_named(protected)}. Write it?"):
            why = f"it changes {_named(protected)}, and that needs a yes"
            return Delivery(False, why, hint=f"{later} --yes")
        try:
            label = f"run {self._run_id}" if self._run_id else ""
            return deliver(patch, self._repository, label=label, message=message if self._commit else None)
        except DeliveryFault as fault:
            raise DeliveryFault(fault.what, hint=fault.hint or later) from fault

    def _agreed(self, question: str) -> bool:
        return self._yes or (self._consent is not None and self._consent(question))


def _named(protected: list[Violation]) -> str:
    """Every protected file with its reason, on one line."""
    return ", ".join(f"{one_line(v.path)} ({v.why})" for v in protected)
