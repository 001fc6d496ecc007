"""The seams, on one page. A backend satisfies one of these; the cascade knows nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from routecli.nouns import dataclass

if TYPE_CHECKING:  # a commit hook loads this page, and none of these nouns
    from routecli.domain.answered import Answered
    from routecli.domain.command import Command, Completed
    from routecli.domain.events import Event
    from routecli.domain.ladder import ModelRef, Tier
    from routecli.domain.money import Cost, Usage, Usd
    from routecli.domain.opinion import Opinion
    from routecli.domain.patch import FileEdit, Patch
    from routecli.domain.receipt import Attempt, Delivery, Isolation
    from routecli.domain.reply import Prompt, Reply, Request
    from routecli.domain.task import RepoPath, Task
    from routecli.domain.verdict import CheckResult, Deferred, Varied, Verdict
    from routecli.errors import ProviderFault

Listener: TypeAlias = "Callable[[Event], None]"
"""Hears every event of a run, in order. It must not raise: a broken listener never changes an outcome."""


class Files(Protocol):
    """The user's current content as bytes: what edits are read against."""

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a regular file of the repository, or None: absent, a link, a folder. Follows no link."""

    def paths(self) -> Collection[RepoPath]:
        """Every file of the current content, tracked and untracked, without the ignored ones."""


@runtime_checkable
class FileModes(Protocol):
    """Files that know git's mode of each as well. Without it, files count as `100644`."""

    def mode(self, path: RepoPath) -> str:
        """Git's mode of a file of the current content; empty where there is none."""


class Twin(Protocol):
    """A copy of the repository, patched or not, in which commands run isolated, at the repository's own path."""

    isolation: Isolation

    def run(self, command: Command) -> Completed:
        """Runs `command` in the sandbox. Raises SandboxFault where the sandbox itself cannot run."""

    def changes(self) -> tuple[FileEdit, ...]:
        """What commands changed in the twin since it was made (tier 0 and agents), ignored files left out."""


class Workspace(Protocol):
    """Makes twins and delivers what was judged."""

    isolation: Isolation

    def twin(self, patch: Patch | None = None) -> AbstractContextManager[Twin]:
        """The current content, with `patch` if there is one. Gone when the context ends, however it ends."""


class Meter(Protocol):
    """Pays for the requests of a backend that sends several of its own for one call (an agent), one at a time, as any
    other call is paid for."""

    def reserve(self, input_tokens: int, max_output_tokens: int) -> None:
        """Sets the next request's worst case aside. Raises BudgetFault: it is not to be sent."""

    def bill(self, reply: Reply | None) -> None:
        """The request was answered; None: it never was, and is free."""


class CallContext(Protocol):
    """What a provider may use during a call besides its request."""

    def on_text(self, chunk: str) -> None:
        """Text that just arrived (for progress). May raise to stop the stream."""

    def on_retry(self, why: str) -> None:
        """The same request is being sent again, because of `why` (the status, or a lost connection)."""

    def open_twin(self) -> AbstractContextManager[Twin]:
        """A twin of the current content, for backends that work on files."""

    def meter(self) -> Meter:
        """Who pays for the single requests of a Metered backend."""


@runtime_checkable
class Provider(Protocol):
    """A vendor's API, recorded replies, tools, another agent."""

    name: str

    def preload(self) -> None:
        """Imports what a call needs; called in a thread beside work that waits. Idempotent, never raises."""

    def complete(self, request: Request, context: CallContext) -> Reply:
        """One answer. Raises ProviderFault (down, throttled, no such model; another model may serve) or ConfigFault
        (credentials). Everything that a model may do wrong is a Reply with its StopReason."""


@runtime_checkable
class Metered(Protocol):
    """A provider that may ask its context's Meter for each of its requests; then nothing else is set aside for it.
    `hosts` are all that it can reach out of the sandbox, through a proxy of ours."""

    metered: bool
    hosts: tuple[str, ...]


class Pricer(Protocol):
    """Where tokens meet money."""

    def cost(self, provider: str, model: str, usage: Usage) -> Cost:
        """What `usage` costs at the provider `provider` (a name of the configuration)."""


class Check(Protocol):
    """One thing to run on a twin: a test runner, a linter, a command of the user's."""

    name: str

    def run(self, twin: Twin) -> CheckResult:
        """Runs alone, uncompared."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A reproduction test that is wanted: where it will stand, and the runner (`pytest`, `unittest`) that runs it."""

    path: RepoPath
    runner: str


class Verifier(Protocol):
    """Compares a patched twin with its baseline."""

    def prepare(self) -> None:
        """Measures the baseline (cached by tree and environment). Safe to call from a thread; waits for nobody."""

    def look_again(self) -> None:
        """What idle time can tell after `prepare`: whether tests that fail before are flaky. `judge` waits for it where
        it matters. Safe to call from a thread."""

    def stop_looking(self) -> None:
        """Nobody wants to know any more: `look_again` ends after the run that it is in."""

    def judge(self, patch: Patch, attempt: int) -> Verdict:
        """The verdict on `patch`, after `prepare`."""

    def wants_reproduction(self) -> Reproduction | None:
        """After `prepare`: whether a test written from the task alone would help to judge; None where not."""

    def try_reproduction(self, asked: Reproduction, source: str) -> str:
        """Runs the test file `source` on the code as it is. Empty: it fails as it should, and judges from now on; else
        why it is none, in one line."""

    def differs(self, patch: Patch, other: Patch) -> Varied:
        """Inputs on which the functions that both change answer otherwise, as far as they can be called."""

    def reproductions(self) -> tuple[FileEdit, ...]:
        """The test files that judge beside the repository's own."""


class Prompter(Protocol):
    """Task, files and earlier attempts as messages, the part that stays the same first."""

    def ask(self, tier: Tier, model: ModelRef, earlier: Sequence[Attempt]) -> Prompt:
        """The prompt of a tier's next attempt."""

    def repair(self, prompt: Prompt, model: ModelRef, said: str, refusal: Deferred) -> Prompt:
        """`prompt` continued: the model's own reply and why it could not be read."""

    def reproduce(self, model: ModelRef, asked: Reproduction) -> Prompt:
        """The prompt for a test of the task, which knows nothing of any fix."""

    def reproduction_in(self, text: str) -> str:
        """The test file in a reply to it; empty where there is none."""

    def reviewable(self, patch: Patch) -> bool:
        """Whether anything of `patch` could be shown to a reviewer."""

    def review(self, model: ModelRef, patch: Patch) -> Prompt:
        """The prompt for a second opinion on `patch`."""

    def opinion_in(self, text: str, patch: Patch) -> Opinion | None:
        """The opinion in a reply to it; None where it is none."""


class Questioner(Protocol):
    """A question, or a review of a change: how it is asked, and what an answer to it has to be."""

    def ask(self, model: ModelRef) -> Prompt:
        """The prompt, the same for every tier but for the count of its tokens."""

    def answer_in(self, text: str) -> Answered | Deferred:
        """The answer in a reply, each place in it looked up; or why the reply is none. Then the next tier is asked."""

    def last_said(self, text: str) -> Answered:
        """The same reply where no tier is left: as it is, and not usable."""


class Reader(Protocol):
    """A reply as a patch. Reading never writes."""

    def read(self, text: str) -> Patch | Deferred:
        """The patch, or why there is none that may be tried."""

    def vet(self, edits: tuple[FileEdit, ...]) -> Patch | Deferred:
        """The same path and scope rules for changes that a backend made on files itself."""

    def editing(self, text_so_far: str) -> str:
        """The file that a reply in the making is at; empty where none can be told."""

    def render(self, patch: Patch) -> str:
        """`patch` as a unified diff for people and for `git apply`: untrusted text."""


class Purse(Protocol):
    """The caps on money. A call that could exceed one is not sent."""

    def reserve(self, provider: str, model: str, input_tokens: int, max_output_tokens: int) -> Usd | None:
        """Sets the call's worst case aside. Raises BudgetFault: it does not fit, or it has no known price and none
        was allowed. None: unpriced, and allowed."""

    def settle(self, reserved_usd: Usd | None, cost_usd: Usd | None) -> None:
        """Gives the worst case back and counts what was billed; an unknown bill counts as its worst case."""


class Health(Protocol):
    """What is known of the models right now, by all processes: who to ask first, and who not to."""

    def order(self, models: Sequence[ModelRef]) -> tuple[ModelRef, ...]:
        """The models of one tier in the order in which to ask them: those that cool down come last."""

    def failed(self, model: ModelRef, fault: ProviderFault) -> None:
        """`model` gave no answer. Never raises."""

    def answered(self, model: ModelRef) -> None:
        """`model` answered: what was held against it is over. Never raises."""


class Deliverer(Protocol):
    """The only writer to the user's tree."""

    def deliver(self, patch: Patch, *, verified: bool, message: str) -> Delivery:
        """Writes `patch`, asking first where a yes is needed. Raises DeliveryFault where the tree is no longer what
        it was; then nothing was written."""


class Secrets(Protocol):
    """Values that must never leave: keys of the configured providers."""

    def values(self) -> Collection[str]:
        """The secret values themselves; kept in memory only."""


__all__ = [
    "CallContext", "Check", "Deliverer", "FileModes", "Files", "Health", "Listener", "Meter", "Metered", "Path",
    "Pricer", "Prompter", "Provider", "Purse", "Questioner", "Reader", "Reproduction", "Secrets", "Task", "Twin",
    "Verifier", "Workspace",
]  # fmt: skip
