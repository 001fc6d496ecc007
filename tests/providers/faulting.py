"""What may go wrong on the way to a model and back, for both APIs, and what comes of it in a run.

One table: `tests/providers/test_faults.py` runs it and compares `benchmarks/faults.md`, which `benchmarks/faults.py`
writes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from serving import Drop, Fail, Hang, Raw, Say, Scripted, Wire, formats

from routecli.domain.reply import Patience

CALM = Patience(20.0, 20.0, 20.0)
HASTY, RESTLESS = Patience(20.0, 1.0, 20.0), Patience(20.0, 20.0, 1.0)
LONG_S = 60.0
"""A silence far beyond every deadline of these tests."""
SSE = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
SHORT = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{"choices": []'
FAR, PAST = "Wed, 21 Oct 2099 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT"
Script = Callable[[str], list[Scripted]]
"""An API's name → what the faulty model's server does, request by request."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`word` is what the run calls it (retry, failover, escalation, error, or none), `stop` how the faulty model's
    answer ended (empty: it gave none), `status` what the shell gets where nobody else can be asked, `spend` who counted
    what the faulty model used: nobody (`free`), the provider (`billed`) or we (`estimated`). Deadlines are short only
    where it is one that the fault runs into."""

    name: str
    script: Script
    word: str
    stop: str = ""
    status: int = 0
    spend: str = "free"
    patience: Patience = CALM
    deadline_s: float = 30.0


def chunk(data: bytes) -> bytes:
    """One piece of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def events(api: str, say: Say) -> list[bytes]:
    """The stream of `say`."""
    if api == "anthropic":
        return formats.anthropic_events(say, "bad")
    return formats.openai_events(say, "bad", usage=True)


def begun(api: str) -> bytes:
    """A stream up to the middle of its text."""
    sent = events(api, Say("edits " * 60, every_chars=60))
    return b"".join(sent[: 6 if api == "anthropic" else 4])


def lone(api: str, **more: object) -> bytes:
    """A whole answer as one JSON document, with members changed."""
    say = Say("edits")
    body = formats.anthropic_whole(say, "bad") if api == "anthropic" else formats.openai_whole(say, "bad")
    return json.dumps({k: v for k, v in (body | more).items() if v is not None}).encode()


@cache
def bomb(size_bytes: int = 60_000_000) -> bytes:
    """Zeros, packed."""
    pack = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return b"".join([*(pack.compress(bytes(1_000_000)) for _ in range(size_bytes // 1_000_000)), pack.flush()])


def always(*values: Scripted) -> Script:
    """The same for both APIs."""
    return lambda _api: list(values)


def twice(script: Script) -> Script:
    """What is sent again once comes again."""
    return lambda api: script(api) * 2


def raw(*chunks: bytes, headers: dict[str, str] | None = None, endless: bool = False, pause_s: float = 0.0) -> Raw:
    return Raw(chunks, headers=headers or SSE, endless=endless, pause_s=pause_s)


def _late_usage(api: str) -> list[Scripted]:
    """The bill comes alone, after the reason to stop, and after a while."""
    sent = events(api, Say("edits", input_tokens=70, output_tokens=7))
    return [
        Wire(
            (HEAD + b"".join(map(chunk, sent[:-2])), chunk(sent[-2]), chunk(sent[-1]) + b"0\r\n\r\n"), 0.1, reset=False
        )
    ]


def _odd_usage(api: str) -> list[Scripted]:
    return [raw(lone(api, usage={"prompt_tokens": -4, "completion_tokens": "9", "input_tokens": True}), headers=JSON)]


def _absurd_usage(api: str) -> list[Scripted]:
    usage = dict.fromkeys(("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"), 10**30)
    return [raw(lone(api, usage=usage), headers=JSON)]


def _billed_then_reset(api: str) -> list[Scripted]:
    """Nothing but the bill for the prompt has come when the connection goes."""
    usage = {"prompt_tokens": 70, "completion_tokens": 0}
    first = formats.anthropic_events(Say("edits", input_tokens=70), "bad")[0] if api == "anthropic" else (
        b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n"
    )  # fmt: skip
    return [Wire((HEAD + chunk(first),))]


OK = Say("edits")
TEXT = Say("edits " * 60, every_chars=60)
RETRY = {"word": "retry", "stop": "end", "spend": "billed"}
BROKEN = {"word": "failover", "stop": "malformed", "status": 5, "spend": "estimated"}
FAULTS: tuple[Fault, ...] = (
    Fault("429 once", always(Fail(429), OK), **RETRY),
    Fault("429 again and again", always(*[Fail(429)] * 4), "failover", status=5),
    Fault("429, Retry-After in seconds", always(Fail(429, retry_after="0.01"), OK), **RETRY),
    Fault("429, Retry-After 0", always(Fail(429, retry_after="0"), OK), **RETRY),
    Fault("429, Retry-After in milliseconds", always(Fail(429, headers={"retry-after-ms": "5"}), OK), **RETRY),
    Fault("429, Retry-After a date that is past", always(Fail(429, retry_after=PAST), OK), **RETRY),
    Fault("429, Retry-After a date in 2099", always(Fail(429, retry_after=FAR)), "failover", status=5),
    Fault("429, Retry-After 1e9", always(Fail(429, retry_after="1e9")), "failover", status=5),
    Fault("429, Retry-After 61", always(Fail(429, retry_after="61")), "failover", status=5),
    Fault("429, Retry-After inf", always(Fail(429, retry_after="inf")), "failover", status=5),
    Fault("429, Retry-After nan", always(Fail(429, retry_after="nan"), OK), **RETRY),
    Fault("429, Retry-After -5", always(Fail(429, retry_after="-5"), OK), **RETRY),
    Fault("429, Retry-After a word", always(Fail(429, retry_after="soon"), OK), **RETRY),
    Fault("408 once", always(Fail(408), OK), **RETRY),
    Fault("500 once", always(Fail(500), OK), **RETRY),
    Fault("502 with a page of HTML", always(*[Fail(502, body=b"<html>busy</html>")] * 4), "failover", status=5),
    Fault("503 again and again", always(*[Fail(503)] * 4), "failover", status=5),
    Fault("504 twice", always(Fail(504), Fail(504), OK), **RETRY),
    Fault("529 once", always(Fail(529), OK), **RETRY),
    Fault("400, its page a gzip bomb", always(Fail(400, body=bomb(), headers={"content-encoding": "gzip"})),
          "failover", status=5),
    Fault("500 once, its page a gzip bomb",
          always(Fail(500, body=bomb(), headers={"content-encoding": "gzip"}), OK), **RETRY),
    Fault("502, its page encoded as nobody asked for",
          always(*[Fail(502, body=b"x", headers={"content-encoding": "br"})] * 4), "failover", status=5),
    Fault("closed without a word, once", always(Drop(), OK), **RETRY),
    Fault("reset before the status", always(*[Wire()] * 4), "failover", status=5),
    Fault("reset in the status line", always(*[Wire((b"HTTP/1.",))] * 4), "failover", status=5),
    Fault("reset in the headers", always(*[Wire((b"HTTP/1.1 200 OK\r\ncontent-",))] * 4), "failover", status=5),
    Fault("no HTTP at all", always(*[Wire((b"SSH-2.0-OpenSSH_9.2\r\n",), reset=False)] * 4), "failover", status=5),
    Fault("oversized headers", always(*[Wire((b"HTTP/1.1 200 OK\r\nx: " + b"a" * 400_000,), reset=False)] * 4),
          "failover", status=5),
    Fault("reset after the headers", always(Wire((HEAD,))), "failover", status=5),
    Fault("reset with only the bill sent", twice(_billed_then_reset), "failover", "malformed", 5, "billed"),
    Fault("reset in the text", twice(lambda api: [Wire((HEAD + chunk(begun(api)),))]), **BROKEN),
    Fault("stream cut cleanly in the text", twice(lambda api: [raw(begun(api))]), **BROKEN),
    Fault("stream cut cleanly in the text, once", lambda api: [raw(begun(api)), OK], "retry", "malformed", 0,
          "estimated"),
    Fault("silence before the status", always(Hang(LONG_S)), "failover", status=5, patience=HASTY),
    Fault("headers byte by byte", always(Hang(LONG_S, drip_s=0.05)), "failover", status=5, patience=HASTY),
    Fault("silence after the headers", always(Wire((HEAD,), silent_s=LONG_S)), "failover", status=5, patience=RESTLESS),
    Fault("silence in the text", twice(lambda api: [Wire((HEAD + chunk(begun(api)),), silent_s=LONG_S)]), **BROKEN,
          patience=RESTLESS),
    Fault("text byte by byte", always(Say("drip" * 500, every_chars=1, pause_s=0.05)), "failover", "late", 5,
          "estimated", deadline_s=3.0),
    Fault("pings without end", always(raw(b": ping\n\n", endless=True, pause_s=0.05)), "failover", status=5,
          deadline_s=3.0),
    Fault("redirect 302", always(Fail(302, headers={"location": "http://127.0.0.1:9/"})), "failover", status=5),
    Fault("redirect 308", always(Fail(308, headers={"location": "http://127.0.0.1:9/"})), "failover", status=5),
    Fault("a page of HTML", twice(always(raw(b"<!doctype html><h1>busy</h1>", headers={"content-type": "text/html"}))),
          **BROKEN),
    Fault("a page of HTML, once", always(raw(b"<html><h1>busy</h1>", headers={"content-type": "text/html"}), OK),
          "retry", "malformed", 0, "estimated"),
    Fault("HTML that says it is JSON", twice(always(raw(b"<html>login</html>", headers=JSON))), **BROKEN),
    Fault("broken JSON", twice(always(raw(b"{not json", headers=JSON))), **BROKEN),
    Fault("broken JSON in a stream", twice(always(raw(b"event: message_start\ndata: {broken\n\n"))), **BROKEN),
    Fault("JSON of another shape", twice(always(raw(b"[1, 2]", headers=JSON))), **BROKEN),
    Fault("JSON nested without end", twice(always(raw(b'{"choices":' + b"[" * 100_000, headers=JSON))), **BROKEN),
    Fault("a body that ends too soon", always(Wire((SHORT,), reset=False)), "failover", status=5),
    Fault("bytes that are no UTF-8", twice(always(raw(b"event: x\ndata: \xff\xfe\n\n"))), **BROKEN),
    Fault("an empty body", twice(always(raw())), **BROKEN),
    Fault("an error with status 200", always(raw(b'{"error": {"message": "out", "code": 502}}', headers=JSON)),
          "failover", status=5),
    Fault("an error event before any text", always(Say("edits", errors_after=0)), "failover", status=5),
    Fault("an error event in the text", twice(lambda api: [raw(begun(api), formats.error_event(api))]), **BROKEN),
    Fault("a gzip bomb", twice(always(raw(bomb(), headers=JSON | {"content-encoding": "gzip"}))), **BROKEN),
    Fault("a gzip bomb, once", always(raw(bomb(), headers=JSON | {"content-encoding": "gzip"}), OK), "retry",
          "malformed", 0, "estimated"),
    Fault("an encoding nobody asked for", twice(always(raw(b"x", headers=SSE | {"content-encoding": "br"}))), **BROKEN),
    Fault("a line without end", twice(always(raw(b"a" * 500_000, endless=True))), **BROKEN),
    Fault("text without end", always(Say("z" * 3_000_000, every_chars=100_000)), "escalation", "runaway", 1,
          "estimated"),
    Fault("no choices, no content", twice(always(raw(b'{"choices": [], "content": []}', headers=JSON))), **BROKEN),
    Fault("an empty answer", always(Say("", input_tokens=70, output_tokens=1)), "escalation", "empty", 1, "billed"),
    Fault("another model than asked for", always(Say("edits", model="other-model")), "none", "end", 0, "billed"),
    Fault("usage missing", always(Say("edits", usage=False)), "none", "end", 0, "estimated"),
    Fault("usage late", _late_usage, "none", "end", 0, "billed"),
    Fault("usage that is none", _odd_usage, "none", "end", 0, "estimated"),
    Fault("usage beyond all bounds", _absurd_usage, "none", "end", 0, "estimated"),
    Fault("400, not taken", always(Fail(400)), "failover", status=5),
    Fault("404, no such model", always(Fail(404)), "failover", status=5),
    Fault("413, too large", always(Fail(413)), "failover", status=5),
    Fault("401, the key is refused", always(Fail(401)), "error", status=3),
    Fault("403, not allowed", always(Fail(403)), "error", status=3),
    Fault("400 of a safety filter", always(Fail(400, "filtered", kind="content_filter")), "escalation", "refused", 1,
          "estimated"),
    Fault("a refusal", always(Say("", stop="refusal", refusal="I will not", input_tokens=70)), "escalation", "refused",
          1, "billed"),
    Fault("cut off by the cap", always(Say("edi", stop="length", input_tokens=70)), "escalation", "truncated", 1,
          "billed"),
)  # fmt: skip
