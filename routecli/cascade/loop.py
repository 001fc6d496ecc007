"""The cascade itself: accept, or climb with what was learnt; one receipt whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from routecli.cascade.calling import Answer, Caller, CallInterrupted, Untroubled
from routecli.cascade.closing import Ending, attempt_of, close_receipt, outcome_of, telling
from routecli.cascade.comparing import compared
from routecli.cascade.opinions import said_of, unsure_of, weighed
from routecli.cascade.parts import Limits, Parts, Run, Tally
from routecli.cascade.stopped import stopped
from routecli.cascade.way import Way
from routecli.domain.classified import PURPOSE as CLASSIFICATION
from routecli.domain.events import Checking, Escalated, Finished, Judged, Patched, Routed, Warned
from routecli.domain.ladder import ModelRef, Reason, Route, Tier
from routecli.domain.opinion import PURPOSE, Doubt
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Delivery, Isolation, MoveKind, Outcome
from routecli.domain.reply import Prompt, StopReason
from routecli.domain.task import Kind, Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import FORMAT_FAULTS, Accepted, DeferralReason, Deferred, Unverified, Verdict
from routecli.errors import BudgetFault, ConfigFault, DeliveryFault, ProviderFault, RoutecliError
from routecli.ports import Reproduction


class Cascade:
    """One run of one task. `run` is called once."""

    def __init__(self, run_id: str, task: Task, route: Route, parts: Parts, limits: Limits) -> None:
        self._run_id = run_id
        self._task = task
        self._route = route
        self._parts = parts
        self._limits = limits
        self._tally = Tally()
        self._emit = telling(self._tally, parts.emit)
        self._reproduced = self._classified = False
        self._way = Way(list(route.ladder), parts.detours)
        self._caller = Caller(
            task, parts.providers, parts.pricer, parts.purse, self._emit, parts.reader.editing,
            parts.workspace.twin, lambda: parts.workspace.twin(parts.hidden()), limits.request_s, limits.patience,
            parts.health, self._note_broken, limits.prose_tokens, lambda: len(self._tally.answers), limits.calls,
        )  # fmt: skip

    def run(self) -> Run:
        """Climbs until something is accepted or nothing is left. Never raises: a fault or a signal is in the Run."""
        with ThreadPoolExecutor(2, thread_name_prefix="routecli") as pool:
            prepared = pool.submit(self._prepare)
            self._preload(pool)
            pool.submit(self._look_again, prepared)
            try:
                ending = self._climb(prepared)
            except CallInterrupted as interrupted:
                self._note_interrupted(interrupted)
                ending = Ending(Outcome.INTERRUPTED, "stopped by a signal", fault=interrupted.cause)
            except RoutecliError as fault:
                ending = Ending(outcome_of(fault), fault.what, best=True, fault=fault, hint=fault.hint)
            except KeyboardInterrupt as signal:
                ending = Ending(Outcome.INTERRUPTED, "stopped by a signal", fault=signal)
            self._parts.verifier.stop_looking()
            if ending.fault is not None:
                pool.shutdown(wait=False, cancel_futures=True)
        receipt = close_receipt(
            self._run_id, self._task, self._route, self._parts, self._isolation(), self._tally, ending
        )
        self._parts.emit(Finished(receipt))
        return Run(receipt, ending.fault)

    def _isolation(self) -> Isolation:
        return self._parts.workspace.isolation

    def _prepare(self) -> None:
        self._parts.emit(Checking(0, "baseline", "baseline"))
        self._parts.verifier.prepare()

    def _look_again(self, prepared: Future[None]) -> None:
        """While the model writes, the tests that fail before are looked at again."""
        prepared.result()
        self._parts.verifier.look_again()

    def _preload(self, pool: ThreadPoolExecutor) -> None:
        """Slow imports hide behind the baseline: only the first model tier's, the others may never be needed."""
        for tier in self._route.ladder:
            if not tier.is_tools and tier.models:
                pool.submit(self._parts.providers[tier.models[0].provider].preload)
                return

    def _climb(self, prepared: Future[None]) -> Ending:
        while (tier := self._next()) is not None:
            try:
                ending = self._tier(tier, prepared)
            except (BudgetFault, ProviderFault) as fault:
                self._emit(self._way.around(tier, fault))
                continue
            if ending is not None:
                return ending
        if self._way.short is not None:
            raise self._way.short
        return self._person_needed("every tier was tried")

    def _next(self) -> Tier | None:
        """The next tier of the way. Before the first that has a model, a classifier may choose another way."""
        ahead = self._way.ahead()
        if ahead is not None and not ahead.is_tools and not self._classified:
            self._classified = True
            self._classify()
        return self._way.next()

    def _classify(self) -> None:
        """A model says how hard the task is, where one is to be asked. Where it cannot be had that is told, and the
        words go on to decide."""
        asked = self._parts.classifying
        if asked is None:
            return
        models = self._parts.health.order(asked.tier.models)
        # Its time limit is short, and missing it says nothing of the model's health.
        caller = replace(
            self._caller, deadline_s=min(asked.timeout_s, self._limits.request_s), health=Untroubled()
        )  # fmt: skip
        try:
            answer = caller.call(replace(asked.tier, models=models), asked.ask, purpose=CLASSIFICATION)
        except (BudgetFault, ProviderFault, ConfigFault) as fault:
            why = f"nobody said how hard it is, the words decide: {fault.what}"
            self._parts.emit(Warned(Reason(CLASSIFICATION, why)))
            return
        self._tally.answers.append(answer)
        told, verdict = asked.told(answer.model, answer.reply.text)
        self._judged(asked.tier, answer, verdict, None, repair=False)
        self._route = asked.reroute(told)
        self._way.left = [tier for tier in self._route.ladder if not tier.is_tools]
        self._emit(Routed(self._route))

    def _tier(self, tier: Tier, prepared: Future[None]) -> Ending | None:
        """All attempts of a tier. None: deferred, and the way goes on."""
        for _ in range(tier.attempts):
            if self._spent_out():
                return self._person_needed("the limit of attempts was reached")
            ending = self._attempt(tier, prepared)
            if ending is not None:
                return ending
            last = self._tally.attempts[-1].verdict
            if isinstance(last, Deferred) and last.reason is DeferralReason.REFUSED:
                step = self._way.refused(tier, last.why)
                if step is not None:
                    self._emit(step)
                    return None
        above = self._way.ahead()
        if above is not None and not self._spent_out():
            last = self._tally.attempts[-1].verdict
            why = last.why if isinstance(last, Deferred) else ""
            self._emit(Escalated(tier.name, above.name, one_line(why)))
        return None

    def _spent_out(self) -> bool:
        tries, limits = self._tally.tries, self._limits
        return len(self._tally.answers) >= limits.calls or (limits.attempts is not None and tries >= limits.attempts)

    def _person_needed(self, why: str) -> Ending:
        tried = any(attempt.patch is not None for attempt in self._tally.attempts)
        hint = f"routecli show {self._run_id} --patch" if tried else f"routecli show {self._run_id}"
        return Ending(Outcome.DEFERRED, f"{why}: a person is needed", best=True, hint=hint)

    def _attempt(self, tier: Tier, prepared: Future[None]) -> Ending | None:
        """One attempt with its repairs. None: deferred, go on."""
        answer = self._call(tier, lambda model: self._ask(tier, model), repair=False)
        if not tier.is_tools:
            self._tally.tries += 1
        patch = self._read(answer)
        repairs = 0
        while isinstance(patch, Deferred) and self._repairable(tier, answer, patch, repairs):
            self._judged(tier, answer, patch, None, repair=repairs > 0)
            answer = self._call(tier, self._repairing(answer, patch), repair=True)
            patch = self._read(answer)
            repairs += 1
        repair = repairs > 0
        if isinstance(patch, Deferred):
            self._judged(tier, answer, patch, None, repair=repair)
            return None
        if not patch.edits:
            return self._nothing_to_change(tier, answer, patch, repair)
        return self._judge(tier, answer, patch, prepared, repair)

    def _ask(self, tier: Tier, model: ModelRef) -> Prompt:
        return self._parts.prompter.ask(tier, model, tuple(self._tally.attempts))

    def _repairing(self, answer: Answer, refusal: Deferred) -> Callable[[ModelRef], Prompt]:
        return lambda model: self._parts.prompter.repair(answer.prompt, model, answer.reply.text, refusal)

    def _call(
        self, tier: Tier, ask: Callable[[ModelRef], Prompt], *, repair: bool = False, purpose: str = ""
    ) -> Answer:
        answer = self._caller.call(tier, ask, repair=repair, purpose=purpose)
        self._tally.answers.append(answer)
        return answer

    def _read(self, answer: Answer) -> Patch | Deferred:
        reply = answer.reply
        if reply.edits is not None:
            if reply.stop is StopReason.EMPTY:
                return Deferred(DeferralReason.NO_EDITS, one_line(reply.detail) or "the tools changed nothing", "")
            return self._parts.reader.vet(reply.edits)
        return stopped(reply) or self._parts.reader.read(reply.text)

    def _repairable(self, tier: Tier, answer: Answer, patch: Deferred, repairs: int) -> bool:
        return (
            repairs < tier.repairs
            and patch.reason in FORMAT_FAULTS
            and answer.reply.stop in (StopReason.END, StopReason.NO_DIALECT)
            and answer.reply.edits is None
            and len(self._tally.answers) < self._limits.calls
        )

    def _nothing_to_change(self, tier: Tier, answer: Answer, patch: Patch, repair: bool) -> Ending | None:
        """All of it is already there. For a fix that is a wrong answer: what was to be fixed is still broken."""
        why = (
            "everything that the reply changes is already in the files" if patch.already_there else "nothing to change"
        )
        if self._task.kind is Kind.FIX:
            self._judged(tier, answer, Deferred(DeferralReason.NO_EDITS, why, why), None, repair=repair)
            return None
        self._judged(tier, answer, Accepted((), why), None, repair=repair)
        return Ending(Outcome.NOTHING_TO_CHANGE, why)

    def _judge(self, tier: Tier, answer: Answer, patch: Patch, prepared: Future[None], repair: bool) -> Ending | None:
        number = len(self._tally.answers)
        self._parts.emit(Patched(number, patch))
        prepared.result()
        self._reproduce()
        verdict = self._parts.verifier.judge(patch, number)
        verdict, differs_from = compared(verdict, patch, self._tally.attempts, self._parts.verifier.differs)
        verdict = self._weighed(verdict, tier, answer, patch, number)
        self._judged(tier, answer, verdict, patch, repair=repair, number=number, differs_from=differs_from)
        if isinstance(verdict, Deferred):
            return None
        verified = isinstance(verdict, Accepted)
        if verified and self._limits.with_test:
            patch = Patch((*patch.edits, *self._parts.verifier.reproductions()))
        delivery = self._deliver(patch, tier, verified=verified)
        if isinstance(verdict, Unverified):
            outcome = Outcome.UNVERIFIED
            hint = verdict.hint
        else:
            outcome = Outcome.ACCEPTED if delivery.written or not delivery.why else Outcome.NOT_WRITTEN
            hint = ""
        return Ending(outcome, verdict.why, patch=patch, delivery=delivery, hint=delivery.hint or hint)

    def _reproduce(self) -> None:
        """Once a run, before the first verdict: a test of the task, by whoever is cheapest. One that cannot be had is
        told, and the verdict goes without."""
        if self._reproduced:
            return
        self._reproduced = True
        asked = self._parts.verifier.wants_reproduction()
        tier = self._parts.reproducer
        if asked is None or tier is None:
            return
        for _ in range(self._limits.reproductions):
            if len(self._tally.answers) >= self._limits.calls:
                return
            try:
                answer = self._call(
                    tier, lambda model: self._parts.prompter.reproduce(model, asked), purpose="reproduction"
                )
            except (BudgetFault, ProviderFault) as fault:
                self._parts.emit(Warned(Reason("reproduction", f"no test of the task was written: {fault.what}")))
                return
            self._keep_reproduction(tier, answer, asked)

    def _keep_reproduction(self, tier: Tier, answer: Answer, asked: Reproduction) -> None:
        source = self._parts.prompter.reproduction_in(answer.reply.text)
        why = self._parts.verifier.try_reproduction(asked, source) if source else "the reply holds no test file"
        verdict: Verdict = Accepted((), f"a test of the task fails before: {asked.path}")
        if why:
            why = f"no test of the task: {one_line(why)}"
            verdict = Deferred(DeferralReason.LOW_CONFIDENCE, why, why)
            self._parts.emit(Warned(Reason("reproduction", why)))
        patch = Patch((FileEdit(asked.path, None, source.encode("utf-8", "surrogateescape")),)) if source else None
        self._judged(tier, answer, verdict, patch, repair=False)

    def _weighed(self, verdict: Verdict, tier: Tier, answer: Answer, patch: Patch, number: int) -> Verdict:
        """`verdict` after a second opinion, where one is wanted. One that cannot be had is told: the verdict stands."""
        last = self._way.ahead() is None or self._spent_out()
        misgiving = "" if answer.confidence is None else self._parts.misgiving(str(answer.model), answer.confidence)
        reviewer = self._parts.reviewers.reviewer(verdict, answer.model, tier, last=last, unsure=bool(misgiving))
        full = len(self._tally.answers) >= self._limits.calls
        if reviewer is None or full or not self._parts.prompter.reviewable(patch):
            return unsure_of(verdict, misgiving, last=last)
        try:
            heard = self._call(reviewer, lambda model: self._parts.prompter.review(model, patch), purpose=PURPOSE)
        except (BudgetFault, ProviderFault, ConfigFault) as fault:
            self._parts.emit(Warned(Reason(PURPOSE, f"no second opinion: {fault.what}")))
            return unsure_of(verdict, misgiving, last=last)
        opinion = self._parts.prompter.opinion_in(heard.reply.text, patch)
        doubts = None if opinion is None else opinion.doubts
        self._judged(reviewer, heard, said_of(opinion), None, repair=False, about=number, doubts=doubts)
        return weighed(verdict, opinion, heard.model)

    def _deliver(self, patch: Patch, tier: Tier, *, verified: bool) -> Delivery:
        try:
            return self._parts.deliverer.deliver(patch, verified=verified, message=self._commit_message(tier))
        except DeliveryFault as fault:
            return Delivery(False, fault.what, hint=fault.hint)

    def _commit_message(self, tier: Tier) -> str:
        subject = one_line(self._task.instruction, limit=72)
        return f"{subject}\n\nWritten by {tier.name} through routecli, run {self._run_id}.\n"

    def _judged(
        self,
        tier: Tier,
        answer: Answer,
        verdict: Verdict,
        patch: Patch | None,
        *,
        repair: bool,
        purpose: str = "",
        number: int | None = None,
        about: int = 0,
        doubts: tuple[Doubt, ...] | None = None,
        differs_from: tuple[int, ...] = (),
    ) -> None:
        attempt = replace(
            attempt_of(tier, answer, verdict, number or len(self._tally.answers), purpose),
            patch=patch, edit_format=answer.prompt.edit_format, repair=repair, about=about, doubts=doubts,
            differs_from=differs_from, confidence=answer.confidence,
        )  # fmt: skip
        self._tally.attempts.append(attempt)
        self._parts.emit(Judged(attempt))

    def _note_broken(self, tier: Tier, answer: Answer, fault: ProviderFault, follows: MoveKind) -> None:
        """An answer that was none, or half of one, and counts all the same: nothing of it is judged."""
        self._tally.answers.append(answer)
        self._judged(tier, answer, Unverified(one_line(fault.what)), None, repair=False, purpose=follows.value)

    def _note_interrupted(self, stopped: CallInterrupted) -> None:
        self._tally.answers.append(stopped.answer)
        self._judged(stopped.tier, stopped.answer, Unverified("interrupted"), None, repair=False)
