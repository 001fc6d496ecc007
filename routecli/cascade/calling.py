"""One request, paid for: failover inside the tier, the worst case set aside, the bill recorded before anyone judges.

Three words that are never mixed: a retry is the same request again (the provider's own business), a failover is
another model of the same tier because one is down, an escalation is a dearer tier because the code was wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from routecli.cascade.metering import RunMeter
from routecli.cascade.watching import StoppedEarly, Watch
from routecli.domain.confidence import told
from routecli.domain.events import Called, Calling, FailedOver, Retried, Streaming
from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.money import ZERO_USD, Cost, Usage, UsageSource
from routecli.domain.receipt import MoveKind
from routecli.domain.reply import Patience, Prompt, Reply, Request, StopReason
from routecli.domain.task import Task
from routecli.domain.untrusted import one_line
from routecli.errors import FaultKind, ProviderFault, RoutecliError
from routecli.nouns import dataclass
from routecli.ports import Health, Listener, Metered, Pricer, Provider, Purse, Twin

_STREAM_EVENT_EVERY_S = 0.1
_LOOK_EVERY_CHARS = 200
_CHARS_PER_TOKEN = 4
"""A rough rate for the live display and for interrupted calls; what is billed replaces it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with its bill. `wall_s` includes failed-over tries; `purpose` is the attempt's (domain/receipt.py)."""

    model: ModelRef
    prompt: Prompt
    reply: Reply
    cost: Cost
    wall_s: float
    purpose: str = ""

    @property
    def confidence(self) -> int | None:
        """The writer's own, where it gave one."""
        mine = not self.purpose and self.reply.edits is None
        return told(self.reply.text, in_fence=True)[0] if mine else None


@dataclass(frozen=True, slots=True)
class _Asking:
    """One call, whichever model of the tier takes it."""

    tier: Tier
    number: int
    repair: bool
    purpose: str
    started: float
    last: bool = False
    """Whether the same request is not sent again where its answer breaks."""

    def answer(self, model: ModelRef, prompt: Prompt, reply: Reply, cost: Cost) -> Answer:
        return Answer(model, prompt, reply, cost, time.monotonic() - self.started, self.purpose)


class CallInterrupted(BaseException):
    """A signal ended a call that was under way; `answer` is what had arrived and what it is taken to cost."""

    def __init__(self, tier: Tier, answer: Answer, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.tier = tier
        self.answer = answer
        self.cause = cause


class Stream:
    """What a provider sees of the run during a call (ports.CallContext)."""

    def __init__(
        self,
        attempt: int,
        tier: str,
        model: str,
        emit: Listener,
        editing: Callable[[str], str],
        open_twin: Callable[[], AbstractContextManager[Twin]],
        meter: RunMeter,
        watch: Watch,
        hear: Callable[[str], None],
    ) -> None:
        self._meter = meter
        self._watch = watch
        self._hear = hear
        self._attempt = attempt
        self._tier, self._model = tier, model
        self._emit = emit
        self._editing = editing
        self._open_twin = open_twin
        self._last_s = 0.0
        self._chunks: list[str] = []
        self._chars = 0
        self._look_at_chars = _LOOK_EVERY_CHARS

    def on_text(self, chunk: str) -> None:
        """See ports.CallContext.on_text."""
        self._hear(chunk)
        self._chunks.append(chunk)
        self._chars += len(chunk)
        now = time.monotonic()
        if now - self._last_s >= _STREAM_EVENT_EVERY_S:
            self._last_s = now
            self._emit(Streaming(self._attempt, self._chars // _CHARS_PER_TOKEN, self._editing(self.text())))
        if self._chars >= self._look_at_chars:
            # A share of what is there: looking costs by the length, and a long reply must not pay for it too often.
            self._look_at_chars = self._chars + max(_LOOK_EVERY_CHARS, self._chars // 20)
            self._watch.look(self.text())

    def on_retry(self, why: str) -> None:
        """See ports.CallContext.on_retry."""
        self._emit(Retried(self._attempt, self._tier, self._model, one_line(why)))

    def open_twin(self) -> AbstractContextManager[Twin]:
        """See ports.CallContext.open_twin."""
        return self._open_twin()

    def meter(self) -> RunMeter:
        """See ports.CallContext.meter."""
        return self._meter

    def text(self) -> str:
        """All that arrived so far."""
        if len(self._chunks) > 1:
            self._chunks = ["".join(self._chunks)]
        return self._chunks[0] if self._chunks else ""


class Untroubled:
    """Satisfies ports.Health where nothing is known of the models: in the order of the tier."""

    def order(self, models: Sequence[ModelRef]) -> tuple[ModelRef, ...]:
        """See ports.Health.order."""
        return tuple(models)

    def failed(self, model: ModelRef, fault: ProviderFault) -> None:
        """See ports.Health.failed."""

    def answered(self, model: ModelRef) -> None:
        """See ports.Health.answered."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Sends requests of one run. `deadline_s` bounds each, `patience` every silence in it. `asked` says how many of
    them were answered, and there are `max_calls` at most. `on_broken` hears of an answer that was none and counts all
    the same, and of what follows (a retry or a failover). An agent reads files by itself, so its twin is without those
    that may not be sent. `hear` is told each piece of a reply as it arrives: untrusted text, and it must not raise."""

    task: Task
    providers: Mapping[str, Provider]
    pricer: Pricer
    purse: Purse
    emit: Listener
    editing: Callable[[str], str]
    open_twin: Callable[[], AbstractContextManager[Twin]]
    open_agents_twin: Callable[[], AbstractContextManager[Twin]]
    deadline_s: float
    patience: Patience
    health: Health
    on_broken: Callable[[Tier, Answer, ProviderFault, MoveKind], None]
    prose_tokens: int
    asked: Callable[[], int]
    max_calls: int
    hear: Callable[[str], None] = lambda _chunk: None

    def call(self, tier: Tier, ask: Callable[[ModelRef], Prompt], *, repair: bool = False, purpose: str = "") -> Answer:
        """The first model of `tier` that can be reached answers; those that cool down are asked last.

        Raises ProviderFault (all of them are down), BudgetFault (not sent), ConfigFault (credentials),
        CallInterrupted (a signal)."""
        asking = _Asking(tier, self.asked() + 1, repair, purpose, time.monotonic())
        models = self.health.order(tier.models)
        for model, following in zip(models, [*models[1:], None], strict=True):
            try:
                return self._twice(asking, model, ask)
            except ProviderFault as fault:
                self.health.failed(model, fault)
                if following is None or self._full():
                    raise
                self.emit(FailedOver(self.asked() + 1, tier.name, str(model), str(following), one_line(fault.what)))
        raise ProviderFault(f"tier {tier.name} has no models", hint="routecli config check")

    def _twice(self, asking: _Asking, model: ModelRef, ask: Callable[[ModelRef], Prompt]) -> Answer:
        """`model`'s answer. What came in its place once (a page of HTML, half a stream) may not come again: it says
        that a server is broken, nothing of the code. So the same request is sent again, set aside and billed anew; but
        not one that was too slow for its deadline, which would wait as long again."""
        first = replace(asking, number=self.asked() + 1)
        try:
            return self._once(first, model, ask(model))
        except ProviderFault as fault:
            broken = getattr(fault, "partial_reply", None)
            if not isinstance(broken, Reply) or broken.stop is StopReason.LATE or self._full():
                raise
            number = self.asked() + 1
            self.emit(Retried(number, asking.tier.name, str(model), one_line(fault.what)))
        return self._once(replace(asking, number=number, last=True), model, ask(model))

    def _full(self) -> bool:
        return self.asked() >= self.max_calls

    def _once(self, asking: _Asking, model: ModelRef, prompt: Prompt) -> Answer:
        provider = self.providers[model.provider]
        if isinstance(provider, Metered) and provider.metered:
            return self._metered(provider, asking, model, prompt)
        tier, number, free = asking.tier, asking.number, asking.tier.is_tools
        reserved = (
            ZERO_USD
            if free
            else self.purse.reserve(model.provider, model.model, prompt.input_tokens, tier.max_output_tokens)
        )
        self.emit(Calling(number, tier.name, str(model), prompt.input_tokens, reserved, asking.repair, asking.purpose))
        stream, request = self._opened(tier, model, number, prompt)
        cost = Cost(ZERO_USD)
        try:
            reply = provider.complete(request, stream)
        except ProviderFault as fault:
            broken = getattr(fault, "partial_reply", None)
            if not isinstance(broken, Reply):
                self.purse.settle(reserved, ZERO_USD)
                raise
            self._note_broken(asking, asking.answer(model, prompt, broken, self._cost(model, broken)), reserved, fault)
            raise
        except StoppedEarly as early:
            reply = replace(_partial(early, stream.text(), prompt, model), stop=early.stop, detail=early.why)
        except Exception:
            self.purse.settle(reserved, ZERO_USD)
            raise
        except BaseException as signal:
            reply = _partial(signal, stream.text(), prompt, model)
            if not free:
                cost = self._cost(model, reply)
            answer = self._billed(asking, asking.answer(model, prompt, reply, cost), reserved)
            raise CallInterrupted(tier, answer, signal) from signal
        if not free:
            cost = self._cost(model, reply)
        answer = asking.answer(model, prompt, reply, cost)
        if reply.stop in (StopReason.MALFORMED, StopReason.LATE):
            broke_off = no_answer(model, reply)
            self._note_broken(asking, answer, reserved, broke_off)
            raise broke_off
        if not free:
            self.health.answered(model)
        return self._billed(asking, answer, reserved)

    def _cost(self, model: ModelRef, reply: Reply) -> Cost:
        return self.pricer.cost(model.provider, model.model, reply.usage)

    def _note_broken(self, asking: _Asking, answer: Answer, reserved: object, fault: ProviderFault) -> None:
        """Paid first; then the run hears of it, and of what follows."""
        answer = self._billed(asking, answer, reserved)
        again = not asking.last and answer.reply.stop is not StopReason.LATE
        follows = MoveKind.RETRY if again else MoveKind.FAILOVER
        self.on_broken(asking.tier, answer, fault, follows)

    def _opened(self, tier: Tier, model: ModelRef, number: int, prompt: Prompt) -> tuple[Stream, Request]:
        meter = RunMeter(tier, model, number, self.purse, self.pricer, self.emit)
        agent = isinstance(self.providers[model.provider], Metered)
        open_twin = self.open_agents_twin if agent else self.open_twin
        watch = Watch(tier.max_output_tokens, prompt.messages, self.prose_tokens, bool(prompt.edit_format))
        editing, hear = self.editing, self.hear
        stream = Stream(number, tier.name, str(model), self.emit, editing, open_twin, meter, watch, hear)
        return stream, Request(
            self.task, model, prompt.messages, tier.max_output_tokens, self.deadline_s,
            input_tokens=prompt.input_tokens, patience=self.patience,
        )  # fmt: skip

    def _metered(self, provider: Provider, asking: _Asking, model: ModelRef, prompt: Prompt) -> Answer:
        """A call whose provider pays for each of its requests by the meter: they are on record, whatever comes."""
        stream, request = self._opened(asking.tier, model, asking.number, prompt)
        meter = stream.meter()
        try:
            reply = provider.complete(request, stream)
        except RoutecliError as fault:
            if not meter.paid:
                raise
            reply = Reply("", StopReason.EMPTY, meter.usage, model.model, detail=fault.what, edits=())
        except BaseException as signal:
            partial = Reply(stream.text(), StopReason.INTERRUPTED, meter.usage, model.model)
            answer = asking.answer(model, prompt, partial, meter.cost)
            raise CallInterrupted(asking.tier, answer, signal) from signal
        self.health.answered(model)
        return asking.answer(model, prompt, replace(reply, usage=meter.usage), meter.cost)

    def _billed(self, asking: _Asking, answer: Answer, reserved: object) -> Answer:
        reply = answer.reply
        self.purse.settle(reserved, answer.cost.amount_usd)  # type: ignore[arg-type]
        self.emit(
            Called(
                asking.number,
                asking.tier.name,
                str(answer.model),
                reply.model_served,
                reply.usage,
                answer.cost.amount_usd,
                reply.latency_s,
                reply.stop.value,
                reply.request_id,
                reply.retries,
                asking.repair,
                reply.first_token_s,
                asking.purpose,
            )
        )
        return answer


def no_answer(model: ModelRef, reply: Reply) -> ProviderFault:
    """What came was no answer of the API, or half of one: the server's fault, for the same request or another model."""
    if reply.stop is StopReason.LATE:
        what = f"{model.provider} did not end its answer in time: {one_line(reply.detail)}"
        late = ProviderFault(what, hint="limits.request_timeout_s in your configuration", kind=FaultKind.SILENT)
        late.partial_reply = reply  # type: ignore[attr-defined]
        return late
    why = f": {one_line(reply.detail)}" if reply.detail else ""
    fault = ProviderFault(f"{model.provider} broke its answer off{why}", hint="routecli config check")
    fault.partial_reply = reply  # type: ignore[attr-defined]
    return fault


def _partial(signal: BaseException, text: str, prompt: Prompt, model: ModelRef) -> Reply:
    """What a call that a signal ended is taken to have used: the provider's count if it had one, else an estimate."""
    known = getattr(signal, "partial_reply", None)
    if isinstance(known, Reply):
        return known
    usage = Usage(prompt.input_tokens, output_tokens=len(text) // _CHARS_PER_TOKEN, source=UsageSource.ESTIMATED)
    return Reply(text, StopReason.INTERRUPTED, usage, model.model)
