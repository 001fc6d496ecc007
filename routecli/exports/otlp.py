"""OpenTelemetry traces, OTLP over HTTP as JSON (specification 1.x): a span a run, below it one a call, named as the
semantic conventions for generative AI name them, and one a decision: the route, each verdict, each move to another tier
or model. No text of a task, a prompt or a reply is in them."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from routecli import __version__
from routecli.config.ladder import is_loopback
from routecli.domain.ladder import Route
from routecli.domain.receipt import Attempt, Move, Outcome, Receipt
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, Deferred, Verdict
from routecli.errors import UsageFault

DEFAULT = "http://127.0.0.1:4318"
_TIMEOUT_S = 10.0
_INTERNAL, _CLIENT = 1, 3
_OK, _ERROR = 1, 2
Json = dict[str, Any]
Told = dict[str, str | int | bool | None]
"""The attributes of a span; None: left out."""


def traces(receipts: Iterable[Receipt]) -> Json:
    """The body of a request to `/v1/traces`. Calls are laid one after the other from their run's start: a receipt says
    how long each took, not when it began."""
    spans = [span for receipt in receipts for span in _spans(receipt)]
    scope = {"scope": {"name": "routecli", "version": __version__}, "spans": spans}
    resource = {"attributes": [_attribute("service.name", "routecli")]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def _spans(receipt: Receipt) -> Iterator[Json]:
    trace, parent = _id(receipt.run_id, 32), _id(f"{receipt.run_id} run", 16)
    begin = _nanoseconds(receipt.started_at)
    said: Told = {
        "routecli.run_id": receipt.run_id, "routecli.outcome": receipt.outcome.value,
        "routecli.kind": receipt.task.kind.value, "routecli.policy": receipt.route.policy,
        "routecli.cost_usd": None if receipt.cost_usd is None else format(receipt.cost_usd, "f"),
        "routecli.written": receipt.written, "routecli.isolation": receipt.isolation.value,
    }  # fmt: skip
    status = _OK if receipt.outcome is Outcome.ACCEPTED else _ERROR if receipt.outcome is Outcome.FAILED else 0
    yield _span(trace, parent, "", "routecli run", _INTERNAL, begin, receipt.wall_s, said, status)

    def decided(name: str, own: str, at: int, wall_s: float, told: Told) -> Json:
        mine = _id(f"{receipt.run_id} {own}", 16)
        return _span(trace, mine, parent, f"routecli {name}", _INTERNAL, at, wall_s, told, 0)

    moves = _moves(receipt)
    yield decided("route", "route", begin, 0.0, _routed(receipt.route))
    for place, attempt in enumerate(receipt.attempts):
        own, end = _id(f"{receipt.run_id} {place}", 16), begin + int(attempt.wall_s * 1e9)
        name = f"chat {attempt.model.partition('/')[2]}"
        yield _span(trace, own, parent, name, _CLIENT, begin, attempt.wall_s, _of(attempt), 0)
        checked_s = min(attempt.wall_s, sum(check.wall_s for check in attempt.verdict.checks))
        yield decided("verdict", f"verdict {place}", end - int(checked_s * 1e9), checked_s, _judged(attempt))
        for number, move in enumerate(moves.get(place, ())):
            yield decided(move.kind.value, f"move {place} {number}", end, 0.0, _moved(move))
        begin = end


def _moves(receipt: Receipt) -> dict[int, list[Move]]:
    """The moves that came after each attempt, by its place: the one that they name, else the last of their source."""
    found: dict[int, list[Move]] = {}
    for move in receipt.moves:
        fits = [n for n, one in enumerate(receipt.attempts)
                if (one.number == move.attempt if move.attempt else one.tier == move.source)]  # fmt: skip
        found.setdefault(max(fits, default=0), []).append(move)
    return found


def _routed(route: Route) -> Told:
    return {
        "routecli.policy": route.policy, "routecli.tier": route.first, "routecli.lane": route.lane or None,
        "routecli.ladder": " ".join(tier.name for tier in route.ladder),
        "routecli.reasons": " ".join(reason.code for reason in route.reasons), "routecli.trial": route.explores,
    }  # fmt: skip


def _judged(attempt: Attempt) -> Told:
    verdict = attempt.verdict
    return {
        "routecli.tier": attempt.tier, "routecli.verdict": _word(verdict),
        "routecli.strength": verdict.strength.value if isinstance(verdict, Accepted) else None,
        "routecli.reason": verdict.reason.value if isinstance(verdict, Deferred) else None,
        "routecli.checks": " ".join(f"{check.name}:{check.outcome.value}" for check in verdict.checks) or None,
    }  # fmt: skip


def _moved(move: Move) -> Told:
    return {"routecli.from": move.source, "routecli.to": move.target, "routecli.because": move.because or None}


def _word(verdict: Verdict) -> str:
    if isinstance(verdict, Accepted):
        return "accepted"
    return "deferred" if isinstance(verdict, Deferred) else "unverified"


def _of(attempt: Attempt) -> Told:
    provider, _, model = attempt.model.partition("/")
    verdict = attempt.verdict
    return {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": model,
        "gen_ai.response.model": attempt.model_served, "gen_ai.response.id": attempt.request_id or None,
        "gen_ai.usage.input_tokens": attempt.usage.input_tokens,
        "gen_ai.usage.output_tokens": attempt.usage.output_tokens,
        "routecli.tier": attempt.tier, "routecli.purpose": attempt.purpose or "attempt",
        "routecli.verdict": _word(verdict),
        "routecli.reason": verdict.reason.value if isinstance(verdict, Deferred) else None,
        "routecli.cost_usd": None if attempt.cost_usd is None else format(attempt.cost_usd, "f"),
    }  # fmt: skip


def _span(
    trace: str, own: str, parent: str, name: str, kind: int, begin: int, wall_s: float,
    said: Told, status: int,
) -> Json:  # fmt: skip
    return {
        "traceId": trace, "spanId": own, "name": one_line(name, limit=200), "kind": kind,
        "startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + int(wall_s * 1e9)),
        "attributes": [_attribute(key, value) for key, value in said.items() if value is not None],
        "status": {"code": status},
    } | ({"parentSpanId": parent} if parent else {})  # fmt: skip


def _attribute(key: str, value: str | int | bool) -> Json:
    if isinstance(value, bool):
        return {"key": key, "value": {"boolValue": value}}
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    return {"key": key, "value": {"stringValue": one_line(value, limit=400)}}


def _id(text: str, digits: int) -> str:
    """The same for the same run: sent twice, it is one trace."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:digits]


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000


def send(receipts: Iterable[Receipt], to: str) -> None:
    """Posts them to the collector at `to` (`/v1/traces` is added). Plain HTTP to a loopback address only. Raises
    UsageFault: no address, or the collector does not take them."""
    hint = f"routecli export --format otlp --to {DEFAULT}"
    parts = urlsplit(to)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageFault(f"--to {to}: not an address", hint=hint)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UsageFault(f"--to {to}: plain http leaves this machine", hint="give an https address")
    url = to.rstrip("/") if to.rstrip("/").endswith("/v1/traces") else f"{to.rstrip('/')}/v1/traces"
    body = json.dumps(traces(receipts)).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            answer.read(65_536)
    except urllib.error.HTTPError as fault:
        raise UsageFault(f"{one_line(to)} answers {fault.code}", hint=hint) from None
    except (OSError, ValueError) as fault:
        raise UsageFault(f"{one_line(to)} cannot be reached: {one_line(str(fault))}", hint=hint) from None
