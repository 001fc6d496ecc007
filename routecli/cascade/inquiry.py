"""A question through the ladder: the cheapest tier whose reply is an answer in the form asked for.

No test can say whether an answer is right, so none buys a dearer tier. What does is a reply that is none: cut off,
refused, empty, not in the form, without a single place that exists. What is answered counts as unverified, always.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import field

from routecli.cascade.calling import Answer, Caller, CallInterrupted, Untroubled
from routecli.cascade.closing import attempt_of, newest_price, outcome_of, telling, total_usd
from routecli.cascade.parts import Limits, Run, Tally
from routecli.cascade.stopped import stopped
from routecli.cascade.way import Detours, Way, no_detours
from routecli.domain.answered import PURPOSE, Answered
from routecli.domain.events import Escalated, Finished, Judged
from routecli.domain.ladder import Route, Tier
from routecli.domain.receipt import Baseline, Isolation, MoveKind, Outcome, Receipt
from routecli.domain.task import Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import DeferralReason, Deferred, Unverified, Verdict, no_answer
from routecli.errors import BudgetFault, ProviderFault, RoutecliError, UsageFault
from routecli.nouns import dataclass
from routecli.ports import Health, Listener, Pricer, Provider, Purse, Questioner, Twin

NOTHING_VERIFIES = "nothing verifies an answer"
_NO_BASELINE = Baseline("", "", None, "no saving is claimed: nothing verifies an answer")
_NOTHING_RAN = "nothing was run"


@dataclass(frozen=True, slots=True)
class Inquirers:
    """What an inquiry is made of; compose wires it. `hear` is told each piece of a reply as it arrives."""

    providers: Mapping[str, Provider]
    questioner: Questioner
    pricer: Pricer
    purse: Purse
    emit: Listener
    health: Health = field(default_factory=Untroubled)
    detours: Detours = no_detours
    hear: Callable[[str], None] = lambda _chunk: None


class Inquiry:
    """One question. `run` is called once."""

    def __init__(self, run_id: str, task: Task, route: Route, parts: Inquirers, limits: Limits) -> None:
        self._run_id = run_id
        self._task = task
        self._route = route
        self._parts = parts
        self._limits = limits
        self._tally = Tally()
        self._emit = telling(self._tally, parts.emit)
        self._answered: Answered | None = None
        self._way = Way(list(route.ladder), parts.detours)
        self._caller = Caller(
            task, parts.providers, parts.pricer, parts.purse, self._emit, lambda _text: "", _no_twin, _no_twin,
            limits.request_s, limits.patience, parts.health, self._note_broken, limits.prose_tokens,
            lambda: len(self._tally.answers), limits.calls, parts.hear,
        )  # fmt: skip

    def run(self) -> Run:
        """Asks until there is an answer or nobody is left. Never raises: a fault or a signal is in the Run."""
        fault: BaseException | None = None
        hint = ""
        try:
            outcome, why = self._climb()
        except CallInterrupted as interrupted:
            self._tally.answers.append(interrupted.answer)
            self._noted(interrupted.tier, interrupted.answer, Unverified("interrupted"))
            outcome, why, fault = Outcome.INTERRUPTED, "stopped by a signal", interrupted.cause
        except RoutecliError as found:
            outcome, why, fault, hint = outcome_of(found), found.what, found, found.hint
        except KeyboardInterrupt as signal:
            outcome, why, fault = Outcome.INTERRUPTED, "stopped by a signal", signal
        receipt = self._receipt(outcome, why, hint)
        self._parts.emit(Finished(receipt))
        return Run(receipt, fault)

    def _climb(self) -> tuple[Outcome, str]:
        while (tier := self._way.next()) is not None:
            if len(self._tally.answers) >= self._limits.calls:
                return Outcome.DEFERRED, "the limit of calls was reached, and none gave an answer"
            try:
                if self._asked(tier):
                    return Outcome.ANSWERED, NOTHING_VERIFIES
            except (BudgetFault, ProviderFault) as fault:
                self._emit(self._way.around(tier, fault))
        if self._way.short is not None:
            raise self._way.short
        return Outcome.DEFERRED, "every tier was tried, and none gave an answer in the form asked for"

    def _asked(self, tier: Tier) -> bool:
        """Whether `tier` gave an answer. Asking it again would say the same: the next one is asked."""
        answer = self._caller.call(tier, self._parts.questioner.ask, purpose=PURPOSE)
        self._tally.answers.append(answer)
        found = self._read(answer)
        if isinstance(found, Answered):
            self._answered = found
            self._noted(tier, answer, Unverified(NOTHING_VERIFIES))
            return True
        if answer.reply.text.strip():
            self._answered = self._parts.questioner.last_said(answer.reply.text)
        self._noted(tier, answer, found)
        self._climb_on(tier, found)
        return False

    def _read(self, answer: Answer) -> Answered | Deferred:
        if answer.reply.edits is not None:
            return no_answer("it changed files in place of an answer")
        return stopped(answer.reply) or self._parts.questioner.answer_in(answer.reply.text)

    def _climb_on(self, tier: Tier, why: Deferred) -> None:
        """Tells who is next: another tier for what this one refuses, where one is named, else the next above."""
        if why.reason is DeferralReason.REFUSED:
            step = self._way.refused(tier, why.why)
            if step is not None:
                self._emit(step)
                return
        above = self._way.ahead()
        if above is not None and len(self._tally.answers) < self._limits.calls:
            self._emit(Escalated(tier.name, above.name, one_line(why.why)))

    def _note_broken(self, tier: Tier, answer: Answer, fault: ProviderFault, follows: MoveKind) -> None:
        self._tally.answers.append(answer)
        self._noted(tier, answer, Unverified(one_line(fault.what)), follows.value)

    def _noted(self, tier: Tier, answer: Answer, verdict: Verdict, purpose: str = PURPOSE) -> None:
        attempt = attempt_of(tier, answer, verdict, len(self._tally.answers), purpose)
        self._tally.attempts.append(attempt)
        self._parts.emit(Judged(attempt))

    def _receipt(self, outcome: Outcome, why: str, hint: str) -> Receipt:
        return Receipt(
            run_id=self._run_id,
            started_at=self._tally.at,
            wall_s=time.monotonic() - self._tally.begun,
            task=self._task,
            route=self._route,
            attempts=tuple(self._tally.attempts),
            outcome=outcome,
            why=why,
            cost_usd=total_usd(self._tally.answers),
            prices_as_of=newest_price(self._tally.answers),
            baseline=_NO_BASELINE,
            isolation=Isolation.NONE,
            isolation_note=_NOTHING_RAN,
            hint=hint,
            moves=tuple(self._tally.moves),
            answered=self._answered,
        )


def _no_twin() -> AbstractContextManager[Twin]:
    raise UsageFault("a question is answered without files of its own")
