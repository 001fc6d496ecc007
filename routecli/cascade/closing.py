"""The end of a run: which patch is kept, and the receipt."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from routecli.cascade.calling import Answer
from routecli.cascade.parts import Parts, Tally
from routecli.domain.events import Escalated, Event, FailedOver, Rerouted, Retried
from routecli.domain.ladder import Route, Tier
from routecli.domain.money import Usd
from routecli.domain.patch import Patch
from routecli.domain.receipt import Attempt, Delivery, Isolation, Move, MoveKind, Outcome, Receipt
from routecli.domain.task import Task
from routecli.domain.verdict import Deferred, Verdict
from routecli.errors import BudgetFault, ProviderFault, RoutecliError
from routecli.nouns import dataclass
from routecli.ports import Listener, Metered


@dataclass(frozen=True, slots=True)
class Ending:
    """How the climb ended. With `best`, the best refused patch is kept for a person to look at."""

    outcome: Outcome
    why: str
    patch: Patch | None = None
    delivery: Delivery | None = None
    best: bool = False
    fault: BaseException | None = None
    hint: str = ""


def close_receipt(
    run_id: str, task: Task, route: Route, parts: Parts, isolation: Isolation, tally: Tally, ending: Ending
) -> Receipt:
    """The receipt of a run that ended as `ending` says."""
    attempts = tuple(tally.attempts)
    patch = ending.patch or (best_patch(attempts) if ending.best else None)
    delivery = ending.delivery or Delivery(False)
    return Receipt(
        run_id=run_id,
        started_at=tally.at,
        wall_s=time.monotonic() - tally.begun,
        task=task,
        route=route,
        attempts=attempts,
        outcome=ending.outcome,
        why=ending.why if delivery.written or not delivery.why else f"{ending.why}; {delivery.why}",
        cost_usd=total_usd(tally.answers),
        prices_as_of=newest_price(tally.answers),
        baseline=parts.baseline(attempts),
        isolation=isolation,
        isolation_note=parts.isolation_note,
        reached_hosts=_reached(parts, attempts),
        patch=patch,
        patch_text=parts.reader.render(patch) if patch else "",
        written=delivery.written,
        commit=delivery.commit,
        hint=ending.hint,
        moves=tuple(tally.moves),
    )


def move_of(event: Event) -> Move | None:
    """What `event` says of why another request is sent; None where it says nothing of it."""
    match event:
        case Retried():
            return Move(MoveKind.RETRY, event.attempt, event.model, event.model, event.why)
        case FailedOver():
            return Move(MoveKind.FAILOVER, event.attempt, event.model, event.to_model, event.why)
        case Escalated():
            return Move(MoveKind.ESCALATION, 0, event.from_tier, event.to_tier, event.why)
        case Rerouted():
            return Move(MoveKind.REROUTE, 0, event.from_tier, event.to_tier, event.why, event.because)
        case _:
            return None


def telling(tally: Tally, emit: Listener) -> Listener:
    """Tells events to `emit`; why there was another request is kept for the receipt."""

    def tell(event: Event) -> None:
        move = move_of(event)
        if move is not None:
            tally.moves.append(move)
        emit(event)

    return tell


def attempt_of(tier: Tier, answer: Answer, verdict: Verdict, number: int, purpose: str = "") -> Attempt:
    """What `answer` was, and what became of it; `purpose` in place of the answer's own."""
    reply = answer.reply
    return Attempt(
        number=number,
        tier=tier.name,
        model=str(answer.model),
        model_served=reply.model_served,
        usage=reply.usage,
        cost_usd=answer.cost.amount_usd,
        uncached_usd=answer.cost.uncached_usd,
        wall_s=answer.wall_s,
        verdict=verdict,
        patch=None,
        retries=reply.retries,
        request_id=reply.request_id,
        stop=reply.stop.value,
        purpose=purpose or answer.purpose,
    )


def outcome_of(fault: RoutecliError) -> Outcome:
    """How a run ends that `fault` stopped."""
    if isinstance(fault, BudgetFault):
        return Outcome.BUDGET
    return Outcome.PROVIDER if isinstance(fault, ProviderFault) else Outcome.FAILED


def total_usd(answers: Sequence[Answer]) -> Usd | None:
    """The sum of all bills; None as soon as one of them is unknown, since a part is not the whole."""
    amounts = [answer.cost.amount_usd for answer in answers]
    known = [amount for amount in amounts if amount is not None]
    return Usd(sum(known, Decimal(0))) if len(known) == len(amounts) else None


def _reached(parts: Parts, attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """Where the agents among the attempts could go."""
    hosts: dict[str, None] = {}
    for attempt in attempts:
        provider: object = parts.providers.get(attempt.model.partition("/")[0])
        if isinstance(provider, Metered):
            hosts |= dict.fromkeys(provider.hosts)
    return tuple(hosts)


def newest_price(answers: Sequence[Answer]) -> date | None:
    """The day of the newest price list that a bill was made with; None where none was."""
    return max((a.cost.prices_as_of for a in answers if a.cost.prices_as_of), default=None)


def best_patch(attempts: Sequence[Attempt]) -> Patch | None:
    """The refused patch that came nearest: most fixed, least broken, then the latest."""

    def score(indexed: tuple[int, Attempt]) -> tuple[int, int]:
        place, attempt = indexed
        checks = attempt.verdict.checks if isinstance(attempt.verdict, Deferred) else ()
        return sum(len(c.fixed) - len(c.new_failures) for c in checks), place

    with_patch = [(i, a) for i, a in enumerate(attempts) if a.patch is not None and not a.purpose]
    return max(with_patch, key=score)[1].patch if with_patch else None
