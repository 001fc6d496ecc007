"""The loop with fakes at its ports: what it climbs for, what it never climbs for, what it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from routecli.budget import RunBudget
from routecli.cascade import Cascade, Limits, Parts, Run
from routecli.cascade.calling import Untroubled
from routecli.cascade.way import Detours, no_detours
from routecli.domain.events import Called, Calling, Escalated, Event, FailedOver, Finished, Judged
from routecli.domain.ladder import ModelRef, Reason, Route, Tier
from routecli.domain.money import Cost, Usage, Usd, usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Attempt, Baseline, Delivery, Isolation, Outcome, Trouble
from routecli.domain.reply import Message, Prompt, Reply, Request, StopReason
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import (
    Accepted,
    CheckOutcome,
    CheckResult,
    DeferralReason,
    Deferred,
    Unverified,
    Varied,
    Verdict,
)
from routecli.errors import BudgetFault, ConfigFault, DeliveryFault, FaultKind, ProviderFault, SandboxFault
from routecli.ports import CallContext, Health, Provider, Reproduction, Twin

EDIT = FileEdit("a.py", b"old\n", b"new\n")
PATCH = Patch((EDIT,))
USAGE = Usage(100, output_tokens=10)
PRICE = Decimal("0.001")


def reply(text: str = "edits", stop: StopReason = StopReason.END, **more: object) -> Reply:
    return Reply(text, stop, USAGE, "served", **more)  # type: ignore[arg-type]


@dataclass
class ScriptedProvider:
    """Answers from a list; an exception in it is raised."""

    says: list[Reply | BaseException]
    name: str = "p"
    asked: list[Request] = field(default_factory=list)

    def preload(self) -> None:
        return

    def complete(self, request: Request, context: CallContext) -> Reply:
        self.asked.append(request)
        context.on_text("some text")
        said = self.says.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said


@dataclass
class PlainPrompter:
    repairs: list[Deferred] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    def ask(self, tier: Tier, model: ModelRef, earlier: Sequence[Attempt]) -> Prompt:
        self.seen.append(len(earlier))
        return Prompt((Message("user", "do it"),), "search_replace", 100)

    def repair(self, prompt: Prompt, model: ModelRef, said: str, refusal: Deferred) -> Prompt:
        self.repairs.append(refusal)
        return Prompt((*prompt.messages, Message("user", refusal.feedback)), prompt.edit_format, 120)


class WordReader:
    """`edits` is a patch, `already` is one that is there, anything else has no edits."""

    def read(self, text: str) -> Patch | Deferred:
        if text == "edits":
            return PATCH
        if text == "already":
            return Patch((), already_there=1)
        return Deferred(DeferralReason.NO_EDITS, "no edits in it", "answer with edits")

    def vet(self, edits: tuple[FileEdit, ...]) -> Patch | Deferred:
        return Patch(edits)

    def editing(self, text_so_far: str) -> str:
        return "a.py"

    def render(self, patch: Patch) -> str:
        return f"diff of {', '.join(patch.paths)}"


class FlatPricer:
    def cost(self, provider: str, model: str, usage: Usage) -> Cost:
        return Cost(usd(PRICE), date(2026, 11, 1))


@dataclass
class ListVerifier:
    verdicts: list[Verdict]
    fault: Exception | None = None
    judged: int = 0
    varied: Varied = field(default_factory=Varied)

    def prepare(self) -> None:
        if self.fault:
            raise self.fault

    def look_again(self) -> None:
        return

    def stop_looking(self) -> None:
        return

    def judge(self, patch: Patch, attempt: int) -> Verdict:
        self.judged += 1
        return self.verdicts.pop(0)

    def wants_reproduction(self) -> Reproduction | None:
        return None

    def try_reproduction(self, asked: Reproduction, source: str) -> str:
        raise AssertionError("none was wanted")

    def reproductions(self) -> tuple[FileEdit, ...]:
        return ()

    def differs(self, patch: Patch, other: Patch) -> Varied:
        return self.varied


class NoWorkspace:
    isolation = Isolation.BUBBLEWRAP

    def twin(self, patch: Patch | None = None) -> AbstractContextManager[Twin]:
        @contextmanager
        def nothing() -> Iterator[Twin]:
            raise AssertionError("no twin is asked for in these tests")
            yield

        return nothing()


@dataclass
class NotingDeliverer:
    result: Delivery | DeliveryFault = field(default_factory=lambda: Delivery(True))
    calls: list[tuple[Patch, bool, str]] = field(default_factory=list)

    def deliver(self, patch: Patch, *, verified: bool, message: str) -> Delivery:
        self.calls.append((patch, verified, message))
        if isinstance(self.result, DeliveryFault):
            raise self.result
        return self.result


ACCEPTED = Accepted((), "1 test fixed")
FAILED = Deferred(DeferralReason.TESTS_FAILED, "test_a fails", "test_a: 1 != 2")


def tiers(count: int = 3, **more: object) -> tuple[Tier, ...]:
    return tuple(
        Tier(f"tier{n}", n, (ModelRef("p", f"m{n}"),), **more)  # type: ignore[arg-type]
        for n in range(1, count + 1)
    )


@dataclass
class Rig:
    """A cascade and what was heard of it."""

    provider: ScriptedProvider
    verifier: ListVerifier
    ladder: tuple[Tier, ...] = field(default_factory=tiers)
    deliverer: NotingDeliverer = field(default_factory=NotingDeliverer)
    prompter: PlainPrompter = field(default_factory=PlainPrompter)
    kind: Kind = Kind.FIX
    budget: str = "5"
    limits: Limits = field(default_factory=Limits)
    others: dict[str, Provider] = field(default_factory=dict)
    health: Health = field(default_factory=Untroubled)
    detours: Detours = no_detours
    worst: Callable[[str, str, int, int], Cost] = lambda p, m, i, o: Cost(usd("0.01"))
    heard: list[Event] = field(default_factory=list)

    def run(self) -> Run:
        task = Task("fix it", self.kind, "said", Path("/repo"), "c0ffee", ("a.py",), usd(self.budget))
        route = Route(self.ladder[0].name, self.ladder, "thresholds", (Reason("first", "one file"),))
        parts = Parts(
            providers={"p": self.provider, **self.others},
            prompter=self.prompter,
            reader=WordReader(),
            pricer=FlatPricer(),
            purse=RunBudget(usd(self.budget), self.worst),
            workspace=NoWorkspace(),
            verifier=self.verifier,
            deliverer=self.deliverer,
            emit=self.heard.append,
            baseline=lambda attempts: Baseline("tier3", "p/m3", Usd(Decimal(1)), "estimated"),
            health=self.health,
            detours=self.detours,
        )
        return Cascade("run1", task, route, parts, self.limits).run()

    def events(self, kind: type) -> list[Event]:
        return [event for event in self.heard if isinstance(event, kind)]


def test_the_first_tier_is_accepted_at_once() -> None:
    rig = Rig(ScriptedProvider([reply()]), ListVerifier([ACCEPTED]))
    receipt = rig.run().receipt
    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.written
    assert receipt.cost_usd == PRICE
    assert receipt.prices_as_of == date(2026, 11, 1)
    assert [a.tier for a in receipt.attempts] == ["tier1"]
    assert receipt.patch_text == "diff of a.py"
    assert rig.deliverer.calls == [(PATCH, True, "fix it\n\nWritten by tier1 through routecli, run run1.\n")]


def test_failing_tests_buy_the_next_tier_and_it_hears_why() -> None:
    rig = Rig(ScriptedProvider([reply(), reply()]), ListVerifier([FAILED, ACCEPTED]))
    receipt = rig.run().receipt
    assert [a.tier for a in receipt.attempts] == ["tier1", "tier2"]
    assert receipt.cost_usd == 2 * PRICE
    assert rig.prompter.seen == [0, 1]
    assert [e.why for e in rig.events(Escalated)] == ["test_a fails"]  # type: ignore[attr-defined]


def test_when_every_tier_fails_a_person_is_needed_and_the_best_patch_is_kept() -> None:
    half = Deferred(
        DeferralReason.TESTS_FAILED,
        "one left",
        "…",
        (CheckResult("pytest", (), CheckOutcome.FAILED, "", fixed=("t1",)),),
    )
    rig = Rig(ScriptedProvider([reply(), reply(), reply()]), ListVerifier([FAILED, half, FAILED]))
    run = rig.run()
    assert run.receipt.outcome is Outcome.DEFERRED
    assert "person" in run.receipt.why
    assert run.receipt.hint == "routecli show run1 --patch"
    assert run.receipt.patch == PATCH
    assert not run.receipt.written
    assert rig.deliverer.calls == []
    assert run.fault is None


def test_money_is_recorded_before_the_reply_is_judged() -> None:
    rig = Rig(ScriptedProvider([reply("prose"), reply("prose"), reply()]), ListVerifier([ACCEPTED]))
    receipt = rig.run().receipt
    kinds = [type(e) for e in rig.heard if isinstance(e, Called | Judged)]
    assert kinds[:2] == [Called, Judged]
    assert receipt.cost_usd == 3 * PRICE


@pytest.mark.parametrize(
    ("reason", "said"),
    [(DeferralReason.LOW_CONFIDENCE, True), (DeferralReason.LINT_FAILED, True), (DeferralReason.TESTS_FAILED, False)],
)
def test_inputs_on_which_a_patch_that_no_test_refused_answers_otherwise_are_said(
    reason: DeferralReason, said: bool
) -> None:
    varied = Varied(("f(3): 6, not 5", "f(4): 8, not 6", "f(5): 10, not 7"), agree=9)
    verifier = ListVerifier([Deferred(reason, "…", "…"), ACCEPTED], varied=varied)
    (_, last) = Rig(ScriptedProvider([reply(), reply()]), verifier).run().receipt.attempts
    assert last.differs_from == ((1,) if said else ())
    expected = "; answers otherwise than tier1's on 3 of 12 inputs: f(3): 6, not 5; f(4): 8, not 6" if said else ""
    assert last.verdict.why == f"{ACCEPTED.why}{expected}"


def test_a_malformed_reply_is_repaired_in_its_tier_before_climbing() -> None:
    rig = Rig(ScriptedProvider([reply("prose"), reply()]), ListVerifier([ACCEPTED]))
    receipt = rig.run().receipt
    assert [(a.tier, a.repair) for a in receipt.attempts] == [("tier1", False), ("tier1", True)]
    assert [r.feedback for r in rig.prompter.repairs] == ["answer with edits"]
    assert rig.events(Escalated) == []


def test_a_truncated_reply_is_not_repaired_but_climbs() -> None:
    rig = Rig(ScriptedProvider([reply("ed", StopReason.TRUNCATED), reply()]), ListVerifier([ACCEPTED]))
    receipt = rig.run().receipt
    assert [(a.tier, a.repair) for a in receipt.attempts] == [("tier1", False), ("tier2", False)]
    assert rig.prompter.repairs == []


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (StopReason.REFUSED, DeferralReason.REFUSED),
        (StopReason.EMPTY, DeferralReason.NO_EDITS),
        (StopReason.TOO_LONG, DeferralReason.TRUNCATED),
    ],
)
def test_each_stop_reason_is_a_deferral_of_its_own(stop: StopReason, reason: DeferralReason) -> None:
    rig = Rig(ScriptedProvider([reply("", stop)]), ListVerifier([]), ladder=tiers(1))
    verdict = rig.run().receipt.attempts[0].verdict
    assert isinstance(verdict, Deferred)
    assert verdict.reason is reason


def test_what_nothing_could_verify_buys_no_dearer_tier() -> None:
    rig = Rig(
        ScriptedProvider([reply()]), ListVerifier([Unverified("no tests were found", hint="--accept CMD")]),
        deliverer=NotingDeliverer(Delivery(False, "nothing verified it")),
    )  # fmt: skip
    receipt = rig.run().receipt
    assert receipt.outcome is Outcome.UNVERIFIED
    assert len(receipt.attempts) == 1
    assert receipt.hint == "--accept CMD"
    assert rig.deliverer.calls[0][1] is False


def test_a_verified_patch_that_cannot_be_written_is_not_lost() -> None:
    fault = DeliveryFault("a.py changed meanwhile", hint="routecli apply --run run1")
    rig = Rig(ScriptedProvider([reply()]), ListVerifier([ACCEPTED]), deliverer=NotingDeliverer(fault))
    receipt = rig.run().receipt
    assert receipt.outcome is Outcome.NOT_WRITTEN
    assert "a.py changed meanwhile" in receipt.why
    assert receipt.hint == "routecli apply --run run1"
    assert receipt.patch == PATCH


def test_a_model_that_is_down_fails_over_inside_its_tier() -> None:
    up = ScriptedProvider([reply()], name="q")
    ladder = (Tier("tier1", 1, (ModelRef("p", "m1"), ModelRef("q", "m1"))),)
    rig = Rig(ScriptedProvider([ProviderFault("p is down")]), ListVerifier([ACCEPTED]), ladder=ladder, others={"q": up})
    receipt = rig.run().receipt
    assert receipt.outcome is Outcome.ACCEPTED
    assert [a.model for a in receipt.attempts] == ["q/m1"]
    assert [e.to_model for e in rig.events(FailedOver)] == ["q/m1"]  # type: ignore[attr-defined]


def test_a_tier_that_is_down_buys_no_dearer_one() -> None:
    rig = Rig(ScriptedProvider([ProviderFault("p is down")]), ListVerifier([]))
    run = rig.run()
    assert run.receipt.outcome is Outcome.PROVIDER
    assert isinstance(run.fault, ProviderFault)
    assert run.receipt.cost_usd == 0
    assert rig.events(Finished) != []


def test_wrong_credentials_end_the_run() -> None:
    run = Rig(ScriptedProvider([ConfigFault("wrong key")]), ListVerifier([])).run()
    assert run.receipt.outcome is Outcome.FAILED
    assert isinstance(run.fault, ConfigFault)


def test_row_57_a_call_that_could_pass_the_cap_is_not_sent() -> None:
    rig = Rig(ScriptedProvider([reply()]), ListVerifier([FAILED]), budget="0.0105")
    run = rig.run()
    assert run.receipt.outcome is Outcome.BUDGET
    assert isinstance(run.fault, BudgetFault)
    assert len(rig.provider.asked) == 1
    assert run.receipt.cost_usd == PRICE
    assert run.receipt.patch == PATCH


def test_row_57_an_unknown_price_is_never_zero() -> None:
    rig = Rig(
        ScriptedProvider([reply()]), ListVerifier([]), worst=lambda p, m, i, o: Cost(None, why_unknown="no such model")
    )
    run = rig.run()
    assert isinstance(run.fault, BudgetFault)
    assert "no such model" in run.fault.what
    assert rig.provider.asked == []
    assert rig.events(Calling) == []


def test_row_46_an_interrupted_call_is_on_the_receipt_with_an_estimate() -> None:
    rig = Rig(ScriptedProvider([KeyboardInterrupt()]), ListVerifier([]))
    run = rig.run()
    assert run.receipt.outcome is Outcome.INTERRUPTED
    assert isinstance(run.fault, KeyboardInterrupt)
    assert run.receipt.attempts[0].usage.source.value == "estimated"
    assert run.receipt.cost_usd == PRICE


def test_a_dead_sandbox_is_no_fault_of_the_code() -> None:
    rig = Rig(ScriptedProvider([reply()]), ListVerifier([], fault=SandboxFault("bwrap died")))
    run = rig.run()
    assert isinstance(run.fault, SandboxFault)
    assert run.receipt.cost_usd == PRICE
    assert rig.verifier.judged == 0


def test_attempts_cap_the_climb() -> None:
    rig = Rig(ScriptedProvider([reply(), reply()]), ListVerifier([FAILED, FAILED]), limits=Limits(attempts=2))
    receipt = rig.run().receipt
    assert len(receipt.attempts) == 2
    assert "limit of attempts" in receipt.why


def test_at_most_so_many_calls() -> None:
    rig = Rig(
        ScriptedProvider([reply("prose")] * 20), ListVerifier([]), ladder=tiers(9, attempts=2), limits=Limits(calls=15)
    )
    assert len(rig.run().receipt.attempts) == 15


def test_tools_cost_nothing_and_count_as_no_attempt() -> None:
    tools = ScriptedProvider([reply("", edits=(EDIT,))], name="tools")
    ladder = (Tier("tools", 0, (ModelRef("tools", "ruff"),)), *tiers(2))
    rig = Rig(ScriptedProvider([]), ListVerifier([ACCEPTED]), ladder=ladder, others={"tools": tools}, kind=Kind.LINT)
    receipt = rig.run().receipt
    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.cost_usd == 0
    assert rig.provider.asked == []


def test_tools_that_solve_nothing_hand_on_to_tier_one() -> None:
    tools = ScriptedProvider([reply("", StopReason.EMPTY, edits=(), detail="ruff can not fix F821")], name="tools")
    ladder = (Tier("tools", 0, (ModelRef("tools", "ruff"),)), *tiers(2))
    rig = Rig(
        ScriptedProvider([reply()]), ListVerifier([ACCEPTED]), ladder=ladder, others={"tools": tools}, kind=Kind.LINT
    )
    receipt = rig.run().receipt
    assert [a.tier for a in receipt.attempts] == ["tools", "tier1"]


def test_nothing_to_change_is_an_end_of_its_own_unless_something_is_broken() -> None:
    done = Rig(ScriptedProvider([reply("already")]), ListVerifier([]), kind=Kind.DOCSTRING).run().receipt
    assert done.outcome is Outcome.NOTHING_TO_CHANGE
    broken = Rig(ScriptedProvider([reply("already"), reply()]), ListVerifier([ACCEPTED]), kind=Kind.FIX).run().receipt
    assert [a.tier for a in broken.attempts] == ["tier1", "tier2"]


def rerouting(trouble: Trouble, *names: str) -> Detours:
    """For `trouble`, the tiers of these names."""
    there = {t.name: t for t in tiers(3)}
    return lambda found, tier: [there[n] for n in names if n != tier.name] if found is trouble else []


def moved(run: Run) -> list[tuple[str, str, str, str]]:
    return [(m.kind.value, m.source, m.target, m.because) for m in run.receipt.moves]


def test_a_tier_that_is_down_gives_way_to_the_fallback_where_one_is_named() -> None:
    rig = Rig(
        ScriptedProvider([reply(), ProviderFault("p is down"), reply()]), ListVerifier([FAILED, FAILED]),
        detours=rerouting(Trouble.THROTTLED, "tier3"),
    )  # fmt: skip
    run = rig.run()
    assert [a.tier for a in run.receipt.attempts] == ["tier1", "tier3"]
    assert moved(run) == [("escalation", "tier1", "tier2", ""), ("reroute", "tier2", "tier3", "throttled")]
    assert run.receipt.outcome is Outcome.DEFERRED


def test_a_refusal_goes_to_the_refusal_tier_and_no_code_was_wrong() -> None:
    rig = Rig(
        ScriptedProvider([reply("", StopReason.REFUSED), reply()]), ListVerifier([ACCEPTED]),
        detours=rerouting(Trouble.REFUSED, "tier3"),
    )  # fmt: skip
    run = rig.run()
    assert moved(run) == [("reroute", "tier1", "tier3", "refused")]
    assert [a.tier for a in run.receipt.attempts] == ["tier1", "tier3"]
    assert rig.events(Escalated) == []


def test_a_refusal_tier_below_leaves_the_ladder_above() -> None:
    ladder = tiers(3)[1:]
    rig = Rig(
        ScriptedProvider([reply("", StopReason.REFUSED), reply(), reply()]), ListVerifier([FAILED, ACCEPTED]),
        ladder=ladder, detours=rerouting(Trouble.REFUSED, "tier1"),
    )  # fmt: skip
    run = rig.run()
    assert [a.tier for a in run.receipt.attempts] == ["tier2", "tier1", "tier3"]
    assert moved(run) == [("reroute", "tier2", "tier1", "refused"), ("escalation", "tier1", "tier3", "")]


def dear(provider: str, model: str, input_tokens: int, output_tokens: int) -> Cost:
    return Cost(usd({"m1": "0.01", "m2": "2", "m3": "8"}[model]))


def test_a_call_that_does_not_fit_goes_to_the_dearest_cheaper_tier_that_does() -> None:
    rig = Rig(
        ScriptedProvider([reply()]), ListVerifier([ACCEPTED]), ladder=tiers(3)[2:], budget="1", worst=dear,
        detours=rerouting(Trouble.BUDGET, "tier2", "tier1"), limits=Limits(attempts=1),
    )  # fmt: skip
    run = rig.run()
    assert [a.tier for a in run.receipt.attempts] == ["tier1"]
    assert moved(run) == [("reroute", "tier3", "tier2", "budget"), ("reroute", "tier2", "tier1", "budget")]
    assert "could cost $8.00" in run.receipt.moves[0].why


def test_where_the_cheaper_tier_fails_the_budget_ends_the_run() -> None:
    rig = Rig(
        ScriptedProvider([reply()]), ListVerifier([FAILED]), ladder=tiers(3)[2:], budget="1", worst=dear,
        detours=rerouting(Trouble.BUDGET, "tier1"),
    )  # fmt: skip
    run = rig.run()
    assert run.receipt.outcome is Outcome.BUDGET
    assert isinstance(run.fault, BudgetFault)
    assert run.receipt.patch == PATCH


def test_a_tier_that_was_tried_is_not_tried_again_for_want_of_money() -> None:
    rig = Rig(
        ScriptedProvider([reply()]), ListVerifier([FAILED]), budget="1", worst=dear,
        detours=rerouting(Trouble.BUDGET, "tier1"),
    )  # fmt: skip
    run = rig.run()
    assert [a.tier for a in run.receipt.attempts] == ["tier1"]
    assert run.receipt.outcome is Outcome.BUDGET


def test_an_unknown_price_is_not_gone_around() -> None:
    rig = Rig(
        ScriptedProvider([reply()]), ListVerifier([]), ladder=tiers(3)[2:],
        worst=lambda p, m, i, o: Cost(None, why_unknown="no such model"), detours=rerouting(Trouble.BUDGET, "tier1"),
    )  # fmt: skip
    assert rig.run().receipt.moves == ()


class Knowing:
    """ports.Health: the second model first; keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def order(self, models: Sequence[ModelRef]) -> tuple[ModelRef, ...]:
        return tuple(reversed(models))

    def failed(self, model: ModelRef, fault: ProviderFault) -> None:
        self.heard.append(f"{model} {fault.kind}")

    def answered(self, model: ModelRef) -> None:
        self.heard.append(f"{model} answered")


def test_health_decides_who_is_asked_first_and_hears_what_came_of_it() -> None:
    ladder = (Tier("tier1", 1, (ModelRef("p", "m1"), ModelRef("q", "m1"))),)
    down = ScriptedProvider([ProviderFault("busy", kind=FaultKind.THROTTLED)], name="q")
    health = Knowing()
    rig = Rig(ScriptedProvider([reply()]), ListVerifier([ACCEPTED]), ladder, others={"q": down}, health=health)
    assert [a.model for a in rig.run().receipt.attempts] == ["p/m1"]
    assert health.heard == ["q/m1 throttled", "p/m1 answered"]


def broke_off() -> ProviderFault:
    fault = ProviderFault("p broke off")
    fault.partial_reply = reply("", StopReason.MALFORMED)  # type: ignore[attr-defined]
    return fault


@pytest.mark.parametrize("broken", [broke_off, lambda: reply("<html>", StopReason.MALFORMED)])
def test_an_answer_that_broke_off_is_asked_for_once_more_then_another_model_is(
    broken: Callable[[], ProviderFault | Reply],
) -> None:
    ladder = (Tier("tier1", 1, (ModelRef("p", "m1"), ModelRef("q", "m1"))), *tiers(2)[1:])
    up = ScriptedProvider([reply()], name="q")
    run = Rig(ScriptedProvider([broken(), broken()]), ListVerifier([ACCEPTED]), ladder, others={"q": up}).run()
    assert [(a.number, a.model, a.purpose, a.cost_usd) for a in run.receipt.attempts] == [
        (1, "p/m1", "retry", PRICE), (2, "p/m1", "failover", PRICE), (3, "q/m1", "", PRICE),
    ]  # fmt: skip
    assert run.receipt.cost_usd == 3 * PRICE
    assert [kind for kind, *_ in moved(run)] == ["retry", "failover"]


def test_a_broken_server_buys_no_dearer_tier() -> None:
    broken = [reply("{", StopReason.MALFORMED), reply("{", StopReason.MALFORMED)]
    run = Rig(ScriptedProvider(broken), ListVerifier([]), tiers(3)).run()
    assert run.receipt.outcome is Outcome.PROVIDER
    assert [a.tier for a in run.receipt.attempts] == ["tier1", "tier1"]


def test_an_answer_that_is_late_is_not_waited_for_again() -> None:
    ladder = (Tier("tier1", 1, (ModelRef("p", "m1"), ModelRef("q", "m1"))), *tiers(2)[1:])
    up = ScriptedProvider([reply()], name="q")
    late = reply("half of", StopReason.LATE)
    run = Rig(ScriptedProvider([late]), ListVerifier([ACCEPTED]), ladder, others={"q": up}).run()
    assert [(a.model, a.purpose, a.cost_usd) for a in run.receipt.attempts] == [
        ("p/m1", "failover", PRICE), ("q/m1", "", PRICE),
    ]  # fmt: skip
    assert [kind for kind, *_ in moved(run)] == ["failover"]
    alone = Rig(ScriptedProvider([late]), ListVerifier([]), tiers(2)).run()
    assert [(a.tier, a.cost_usd) for a in alone.receipt.attempts] == [("tier1", PRICE)]
    assert alone.receipt.outcome is Outcome.PROVIDER


def test_broken_answers_count_as_calls() -> None:
    broken = reply("{", StopReason.MALFORMED)
    ladder = (Tier("tier1", 1, (ModelRef("p", "m1"), ModelRef("q", "m1"))),)
    up = ScriptedProvider([reply()], name="q")
    rig = Rig(ScriptedProvider([broken]), ListVerifier([]), ladder, others={"q": up}, limits=Limits(calls=1))
    run = rig.run()
    assert run.receipt.outcome is Outcome.PROVIDER
    assert len(run.receipt.attempts) == 1
