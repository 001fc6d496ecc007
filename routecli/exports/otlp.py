"""OpenTelemetry traces, OTLP over HTTP as JSON (specification 1.x): a span a run, below it one a call, named as the
semantic conventions for generative AI name them. No text of a task, a prompt or a reply is in them."""

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
from routecli.domain.receipt import Attempt, Outcome, Receipt
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, Deferred
from routecli.errors import UsageFault

DEFAULT = "http://127.0.0.1:4318"
_TIMEOUT_S = 10.0
_INTERNAL, _CLIENT = 1, 3
_OK, _ERROR = 1, 2
Json = dict[str, Any]


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
    said: dict[str, str | int | bool | None] = {
        "routecli.run_id": receipt.run_id, "routecli.outcome": receipt.outcome.value,
        "routecli.kind": receipt.task.kind.value, "routecli.policy": receipt.route.policy,
        "routecli.cost_usd": None if receipt.cost_usd is None else format(receipt.cost_usd, "f"),
        "routecli.written": receipt.written, "routecli.isolation": receipt.isolation.value,
    }  # fmt: skip
    status = _OK if receipt.outcome is Outcome.ACCEPTED else _ERROR if receipt.outcome is Outcome.FAILED else 0
    yield _span(trace, parent, "", "routecli run", _INTERNAL, begin, receipt.wall_s, said, status)
    for place, attempt in enumerate(receipt.attempts):
        own = _id(f"{receipt.run_id} {place}", 16)
        yield _span(
            trace,
            own,
            parent,
            f"chat {attempt.model.partition('/')[2]}",
            _CLIENT,
            begin,
            attempt.wall_s,
            _of(attempt),
            0,
        )
        begin += int(attempt.wall_s * 1e9)


def _of(attempt: Attempt) -> dict[str, str | int | bool | None]:
    provider, _, model = attempt.model.partition("/")
    verdict = attempt.verdict
    word = (
        "accepted" if isinstance(verdict, Accepted) else "deferred" if isinstance(verdict, Deferred) else "unverified"
    )
    return {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": model,
        "gen_ai.response.model": attempt.model_served, "gen_ai.response.id": attempt.request_id or None,
        "gen_ai.usage.input_tokens": attempt.usage.input_tokens,
        "gen_ai.usage.output_tokens": attempt.usage.output_tokens,
        "routecli.tier": attempt.tier, "routecli.purpose": attempt.purpose or "attempt", "routecli.verdict": word,
        "routecli.reason": verdict.reason.value if isinstance(verdict, Deferred) else None,
        "routecli.cost_usd": None if attempt.cost_usd is None else format(attempt.cost_usd, "f"),
    }  # fmt: skip


def _span(
    trace: str, own: str, parent: str, name: str, kind: int, begin: int, wall_s: float,
    said: dict[str, str | int | bool | None], status: int,
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
