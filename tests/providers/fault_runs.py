"""Runs of the real loop with real providers over real sockets; prompting, reading and judging are stood in for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from providers.faulting import Fault
from serving import Say, ScriptedServer

from routecli.budget import RunBudget
from routecli.cascade import Cascade, Limits, Parts, Run
from routecli.cli.running import STATUS_OF
from routecli.domain.ladder import ModelRef, Reason, Route, Tier
from routecli.domain.money import UsageSource, usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Attempt, Baseline, Delivery, Isolation
from routecli.domain.reply import Message, Prompt
from routecli.domain.settings import PriceOverride, ProviderSettings
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Varied, Verdict
from routecli.errors import RoutecliError
from routecli.ports import Reproduction, Twin
from routecli.pricebook import Pricebook
from routecli.providers import build

KEY = "sk-canary-0123456789abcdef"
RATE = Decimal(1)
PATCH = Patch((FileEdit("a.py", b"old\n", b"new\n"),))


class _Room:
    """Prompter, Reader, Verifier, Workspace and Deliverer in one: a reply with `edits` in it is the patch."""

    isolation = Isolation.BUBBLEWRAP

    def ask(self, tier: Tier, model: ModelRef, earlier: Sequence[Attempt]) -> Prompt:
        return Prompt((Message("user", "do it"),), "search_replace", 50)

    def repair(self, prompt: Prompt, model: ModelRef, said: str, refusal: Deferred) -> Prompt:
        return prompt

    def read(self, text: str) -> Patch | Deferred:
        return PATCH if "edits" in text else Deferred(DeferralReason.NO_EDITS, "no edits", "")

    def vet(self, edits: tuple[FileEdit, ...]) -> Patch | Deferred:
        return Patch(edits)

    def editing(self, text_so_far: str) -> str:
        return ""

    def render(self, patch: Patch) -> str:
        return ""

    def prepare(self) -> None:
        return

    def judge(self, patch: Patch, attempt: int) -> Verdict:
        return Accepted((), "it is the patch")

    def look_again(self) -> None:
        return

    def stop_looking(self) -> None:
        return

    def wants_reproduction(self) -> Reproduction | None:
        return None

    def try_reproduction(self, asked: Reproduction, source: str) -> str:
        raise AssertionError("none is wanted")

    def reproductions(self) -> tuple[FileEdit, ...]:
        return ()

    def differs(self, patch: Patch, other: Patch) -> Varied:
        return Varied()

    def deliver(self, patch: Patch, *, verified: bool, message: str) -> Delivery:
        return Delivery(True)

    def twin(self, patch: Patch | None = None) -> AbstractContextManager[Twin]:
        @contextmanager
        def nothing() -> Iterator[Twin]:
            raise AssertionError("no twin is asked for")
            yield

        return nothing()


@dataclass
class Happened:
    """What came of a fault: see faulting.Fault for the words."""

    word: str
    stop: str
    spend: str
    retries: int
    run: Run
    unscripted: int
    heard: list[object] = field(default_factory=list)


def status_of(run: Run) -> int:
    """What the shell gets."""
    return int(run.fault.status) if isinstance(run.fault, RoutecliError) else int(STATUS_OF[run.receipt.outcome])


def climb(api: str, server: ScriptedServer, ladder: tuple[Tier, ...], limits: Limits) -> tuple[Run, list[object]]:
    """A run of the real loop against `server`."""
    url = server.base_url if api == "openai" else server.anthropic_url
    settings = ProviderSettings("mine", api, url, api_key_env="MINE_KEY")
    rates = {f"mine/{model}": PriceOverride(RATE, RATE) for model in ("bad", "good", "top")}
    prices = Pricebook(rates, {"mine": settings})
    provider = build(settings, KEY)
    provider.preload()
    room, heard = _Room(), list[object]()
    parts = Parts(
        providers={"mine": provider}, prompter=room, reader=room, pricer=prices,  # type: ignore[arg-type]
        purse=RunBudget(usd(5), prices.worst_case), workspace=room, verifier=room, deliverer=room,  # type: ignore[arg-type]
        emit=heard.append, baseline=lambda attempts: Baseline("", "", None, ""),
    )  # fmt: skip
    task = Task("fix it", Kind.FIX, "", Path("/repo"), None, ("a.py",), usd(5))
    route = Route(ladder[0].name, ladder, "thresholds", (Reason("first", ""),))
    return Cascade("run1", task, route, parts, limits).run(), heard


def tier(place: int, *models: str) -> Tier:
    refs = tuple(ModelRef("mine", model) for model in models)
    return Tier(f"tier{place}", place, refs, repairs=0, max_output_tokens=1000)


def _limits(fault: Fault) -> Limits:
    return Limits(request_s=fault.deadline_s, patience=fault.patience)


def meet(fault: Fault, api: str) -> Happened:
    """`fault` in a run where another model of the tier, and a dearer tier, would answer."""
    good = [Say("edits", input_tokens=10, output_tokens=1)]
    with ScriptedServer({"bad": fault.script(api), "good": good, "top": good}) as server:
        run, heard = climb(api, server, (tier(1, "bad", "good"), tier(2, "top")), _limits(fault))
        words = [move.kind.value for move in run.receipt.moves]
        bad = [a for a in run.receipt.attempts if a.model == "mine/bad"]
        word = words[-1] if words else "error" if run.fault else "none"
        spend = "free" if not bad else "billed" if bad[0].usage.source is UsageSource.REPORTED else "estimated"
        stop = bad[0].stop if bad else ""
        return Happened(word, stop, spend, words.count("retry"), run, server.beyond_script, heard)


def meet_alone(fault: Fault, api: str) -> int:
    """The exit status of `fault` where nobody else can be asked."""
    with ScriptedServer({"bad": fault.script(api)}) as server:
        return status_of(climb(api, server, (tier(1, "bad"),), _limits(fault))[0])


def warm_up(api: str) -> None:
    """Imports the SDK, and makes its back-off short."""
    from importlib import import_module

    module = import_module(f"{api}._base_client")
    module.INITIAL_RETRY_DELAY = 0.01  # type: ignore[attr-defined]
