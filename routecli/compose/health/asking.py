"""The providers of the ladder: whether each has its key and answers; and, only where that is asked for, one call."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from routecli import providers
from routecli.budget import RunBudget
from routecli.compose.caps import till_of
from routecli.config.load import Loaded
from routecli.domain.condition import Condition, State
from routecli.domain.ladder import ModelRef
from routecli.domain.money import ZERO_USD
from routecli.domain.reply import Message, Reply, Request, StopReason
from routecli.domain.task import Kind, Task
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, RoutecliError, UsageFault
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass
from routecli.ports import Meter, Twin
from routecli.pricebook import Pricebook
from routecli.providers.reach import Reached, reach

_WORD = "Say ok."
_PROMPT_TOKENS = 50
"""More than the word and what any API wraps around it: only the worst case that is set aside rests on it."""
_CALL_DEADLINE_S = 60.0
_UNCALLED = ("replay", "tools", "agent")
"""Backends for which one token is no test."""


def ask_providers(loaded: Loaded, *, offline: bool = False) -> list[Condition]:
    """Each provider of the ladder, in its order, all asked at the same time for their lists of models, which costs
    nothing. `offline`: only the keys are looked at. One that a tier can do without is a warning."""
    names = dict.fromkeys(model.provider for tier in loaded.settings.tiers for model in tier.models)
    with ThreadPoolExecutor(max(1, len(names))) as pool:
        return list(pool.map(lambda name: _asked(loaded, name, offline=offline), names))


def _asked(loaded: Loaded, name: str, *, offline: bool) -> Condition:
    settings, key = loaded.settings.providers[name], loaded.key_of(name)
    variable = settings.api_key_env
    if variable is not None and key is None:
        return Condition(f"provider {name}", _how_bad(loaded, name), f"${variable} is not set", f"export {variable}=…")
    keyed = f"${variable} is set" if variable else "needs no key"
    if offline:
        return Condition(f"provider {name}", State.OK, f"{keyed}; not asked")
    try:
        reached = reach(settings, key)
    except RoutecliError as fault:
        return Condition(f"provider {name}", _how_bad(loaded, name), fault.what, fault.hint or "routecli config check")
    if reached is None:
        return Condition(f"provider {name}", State.OK, f"{keyed}; nobody is called")
    return _answered(loaded, name, keyed, reached)


def _answered(loaded: Loaded, name: str, keyed: str, reached: Reached) -> Condition:
    text = f"{keyed}; answers ({reached.latency_s:.1f} s)"
    wanted = dict.fromkeys(m.model for tier in loaded.settings.tiers for m in tier.models if m.provider == name)
    missing = [model for model in wanted if model not in reached.models] if reached.models else []
    if missing:
        return Condition(f"provider {name}", State.WARN, f"{text}; does not list {one_line(', '.join(missing))}",
                       "routecli models")  # fmt: skip
    return Condition(f"provider {name}", State.OK, text)


def _how_bad(loaded: Loaded, name: str) -> State:
    """A tier that rests on this provider alone cannot be called; elsewhere another model takes over."""
    alone = any(all(model.provider == name for model in tier.models) for tier in loaded.settings.tiers)
    return State.FAIL if alone else State.WARN


@dataclass(frozen=True, slots=True)
class _Alone:
    """ports.CallContext for a call that belongs to no run."""

    def on_text(self, chunk: str) -> None:
        """Nobody watches."""

    def on_retry(self, why: str) -> None:
        """See ports.CallContext.on_retry."""

    def open_twin(self) -> AbstractContextManager[Twin]:
        """There are no files here."""
        raise UsageFault("a call of `doctor` has no repository")

    def meter(self) -> Meter:
        """Only agents ask for it, and none is called here."""
        raise UsageFault("a call of `doctor` is one request")


def call_providers(loaded: Loaded, ledger: Ledger) -> Iterator[Condition]:
    """One call of one output token to the first model of each provider of the ladder, one after the other. Set aside
    and counted under every cap like any other call."""
    settings = loaded.settings
    first: dict[str, ModelRef] = {}
    for tier in settings.tiers:
        for model in tier.models:
            first.setdefault(model.provider, model)
    prices = Pricebook(settings.prices, settings.providers, loaded.price_list)
    run_id = f"doctor-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    till = till_of(settings, ledger, run_id, "")
    budget = RunBudget(settings.budget_usd, prices.worst_case, allow_unpriced=settings.allow_unpriced, till=till)
    for model in first.values():
        yield _called(loaded, model, prices, budget, ledger if till is None else None, run_id)


def _called(
    loaded: Loaded, model: ModelRef, prices: Pricebook, budget: RunBudget, ledger: Ledger | None, run_id: str
) -> Condition:
    """`ledger`: where the call is recorded if no cap has recorded it already."""
    part = f"call {model}"
    settings = loaded.settings.providers[model.provider]
    if settings.api in _UNCALLED:
        return Condition(part, State.OK, "not called: nothing that one token could tell")
    task = Task(_WORD, Kind.OTHER, "", Path.cwd(), None, (), loaded.settings.budget_usd)
    request = Request(task, model, (Message("user", _WORD),), 1, _CALL_DEADLINE_S, input_tokens=_PROMPT_TOKENS)
    try:
        reserved = budget.reserve(model.provider, model.model, _PROMPT_TOKENS, 1)
        row = ledger.reserve(run_id, str(model), reserved) if ledger else None
        try:
            reply = providers.build(settings, loaded.key_of(model.provider)).complete(request, _Alone())
        except BaseException:
            budget.settle(reserved, ZERO_USD)
            if ledger and row is not None:
                ledger.settle(row, ZERO_USD)
            raise
    except RoutecliError as fault:
        state = State.FAIL if isinstance(fault, ConfigFault) else _how_bad(loaded, model.provider)
        return Condition(part, state, fault.what, fault.hint or "routecli models")
    cost = prices.cost(model.provider, model.model, reply.usage)
    budget.settle(reserved, cost.amount_usd)
    if ledger and row is not None:
        ledger.settle(row, cost.amount_usd)
    spent = f"${cost.amount_usd:f}" if cost.amount_usd is not None else "a price that is not known"
    return _judged(part, reply, spent)


def _judged(part: str, reply: Reply, spent: str) -> Condition:
    text = f"{reply.model_served} answered in {reply.latency_s:.1f} s for {spent}"
    if reply.stop in (StopReason.END, StopReason.TRUNCATED, StopReason.EMPTY):
        return Condition(part, State.OK, text)
    return Condition(part, State.WARN, f"{text}, but {reply.stop.value}: {reply.detail}", "routecli config check")
