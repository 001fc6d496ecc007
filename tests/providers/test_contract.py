"""What every vendor's provider keeps, over real HTTP against a scripted server."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from serving import Drop, Fail, Hang, Raw, Say, ScriptedServer

from routecli.domain.money import UsageSource
from routecli.domain.reply import Message, Patience, Reply, Request, StopReason
from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault, FaultKind, ProviderFault
from routecli.ports import Provider
from routecli.providers import PROVIDERS, build, wire

pytestmark = pytest.mark.parametrize("api", ["openai", "anthropic"])
KEY = "sk-canary-0123456789abcdef"
Make = Callable[..., Provider]
Ask = Callable[..., Request]


def test_a_streamed_answer(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    said = "Grüße, 🦆! " * 40
    say = Say(said, input_tokens=500, cache_read_tokens=300, cache_write_tokens=100, output_tokens=90, model="m-2")
    with ScriptedServer([say]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert reply.text == said == "".join(context.chunks)
    assert len(context.chunks) > 1
    assert reply.stop is StopReason.END
    assert (reply.usage.input_tokens, reply.usage.cache_read_tokens, reply.usage.output_tokens) == (500, 300, 90)
    assert reply.usage.cache_write_tokens == (100 if api == "anthropic" else 0)
    assert reply.usage.source is UsageSource.REPORTED
    assert reply.usage.raw
    assert reply.model_served == "m-2"
    assert reply.request_id == "req-1"
    assert reply.retries == 0
    assert reply.first_token_s is not None
    assert 0 < reply.first_token_s <= reply.latency_s


def test_what_is_sent(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("ok")]) as server:
        provider_at(api, server).complete(make_request("the task"), context)
    body = server.requests[0].body
    assert body["model"] == "some-model"
    assert body["stream"] is True
    assert body["max_tokens"] == 1000
    assert "Be brief." in server.requests[0].text
    assert "the task" in server.requests[0].text
    if api == "anthropic":
        assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
        assert "cache_control" not in body["messages"][0]["content"][0]
    else:
        assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("say", "stop"),
    [
        (Say("half an ans", stop="length"), StopReason.TRUNCATED),
        (Say("", stop="refusal", refusal="I will not"), StopReason.REFUSED),
        (Say("part", stop="filter"), StopReason.REFUSED),
        (Say(""), StopReason.EMPTY),
        (Say(" \n"), StopReason.EMPTY),
        (Say("x" * 600, cut_after=4), StopReason.MALFORMED),
        (Say("x" * 600, errors_after=4), StopReason.MALFORMED),
    ],
)
def test_how_answers_end(api: str, say: Say, stop: StopReason, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([say]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert reply.stop is stop, reply
    assert reply.usage.input_tokens > 0
    if stop is StopReason.REFUSED and say.refusal and api == "openai":
        assert reply.detail == "I will not"


def test_missing_usage_is_estimated_and_says_so(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("y" * 400, usage=False), Say("y" * 400, usage=False)]) as server:
        provider = provider_at(api, server)
        reply = provider.complete(make_request(), context)
        counted = provider.complete(make_request(input_tokens=77), context)
    assert reply.usage.source is UsageSource.ESTIMATED
    assert reply.usage.output_tokens == 100
    assert reply.usage.input_tokens > 0
    assert counted.usage.input_tokens == 77


def test_a_cut_stream_bills_at_least_what_came(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("x" * 6000, input_tokens=321, cut_after=50)]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert reply.usage.output_tokens >= 2000 / 4
    assert reply.usage.source is UsageSource.ESTIMATED
    if api == "anthropic":
        assert reply.usage.input_tokens == 321


@pytest.mark.parametrize(
    "raw",
    [
        Raw((b"<!doctype html><h1>busy</h1>",), headers={"content-type": "text/html"}),
        Raw((b"<html>login</html>",), headers={"content-type": "application/json"}),
        Raw((b"{not json",), headers={"content-type": "application/json"}),
        Raw((b"[1, 2]",), headers={"content-type": "application/json"}),
        Raw((b"{}",), headers={"content-type": "application/json"}),
        Raw((b'{"choices": [], "content": []}',), headers={"content-type": "application/json"}),
        Raw(
            (b'{"choices": "no", "content": 3, "type": "message", "usage": []}',),
            headers={"content-type": "application/json"},
        ),
        Raw((b"event: message_start\ndata: {broken\n\n",)),
        Raw((b"event: x\ndata: 12\n\n",)),
        Raw((b'event: x\ndata: "text"\n\n',)),
        Raw((b"event: x\ndata: \xff\xfe\n\n",)),
        Raw((b"data: [DONE]\n\n",)),
        Raw((b"nothing of the kind",)),
        Raw(()),
        Raw((b'event: m\ndata: {"type": "message_delta", "choices": [{"delta": 7}], "delta": 7, "usage": 7}\n\n',)),
        Raw((b"x",), headers={"content-type": "text/event-stream", "content-encoding": "gzip"}),
        Raw((b"x",), headers={"content-type": "text/event-stream", "content-encoding": "br"}),
    ],
)  # fmt: skip
def test_a_malformed_body_is_a_value(api: str, raw: Raw, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([raw]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert reply.stop is StopReason.MALFORMED, reply
    assert reply.text == ""
    assert reply.usage.source is UsageSource.ESTIMATED


def test_a_server_that_does_not_stream(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    import json

    from serving import formats

    say = Say("all at once", input_tokens=30, output_tokens=5)
    whole = formats.openai_whole(say, "m") if api == "openai" else formats.anthropic_whole(say, "m")
    raw = Raw((json.dumps(whole).encode(),), headers={"content-type": "application/json"})
    with ScriptedServer([raw]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert (reply.text, reply.stop, reply.usage.input_tokens) == ("all at once", StopReason.END, 30)


def test_an_error_with_status_200(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    body = b'{"error": {"message": "upstream is out", "code": 502}}'
    with (
        ScriptedServer([Raw((body,), headers={"content-type": "application/json"})]) as server,
        pytest.raises(ProviderFault, match="upstream is out"),
    ):
        provider_at(api, server).complete(make_request(), context)


def test_an_error_event_before_any_text_fails_over(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with (
        ScriptedServer([Say("never", errors_after=0)]) as server,
        pytest.raises(ProviderFault, match="answered with an error: scripted overload"),
    ):
        provider_at(api, server).complete(make_request(), context)


@pytest.mark.parametrize("status", [400, 402, 404, 413, 418, 422])
def test_a_request_that_is_not_taken(api: str, status: int, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with (
        ScriptedServer([Fail(status, "cannot do that")] * 5) as server,
        pytest.raises(ProviderFault, match="cannot do that") as caught,
    ):
        provider_at(api, server).complete(make_request(), context)
    assert len(server.posts) == 1
    assert str(status) in caught.value.what


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_its_variable(api: str, status: int, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with (
        ScriptedServer([Fail(status, f"Incorrect API key provided: {KEY}")]) as server,
        pytest.raises(ConfigFault, match="MINE_KEY") as caught,
    ):
        provider_at(api, server).complete(make_request(), context)
    assert KEY not in caught.value.what + repr(caught.value) + str(caught.value.__cause__)


def test_row_55_a_safety_filters_400_is_a_refusal(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Fail(400, "filtered", kind="content_filter")]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert (reply.stop, reply.detail) == (StopReason.REFUSED, "filtered")


@pytest.mark.parametrize("fault", [Fail(429), Fail(500), Fail(503, body=b"<html>busy</html>"), Fail(529), Drop()])
def test_row_55_a_passing_fault_is_retried(
    api: str, fault: Fail | Drop, provider_at: Make, make_request: Ask, context
) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([fault, Say("ok")]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert (reply.text, reply.retries) == ("ok", 1)
    assert context.again == ["the connection was lost" if isinstance(fault, Drop) else f"status {fault.status}"]
    keys = {r.headers["idempotency-key"] for r in server.posts}
    assert len(keys) == 1


@pytest.mark.parametrize("fault", [Fail(429), Fail(500), Fail(503), Drop(), Fail(503, body=b"<html>busy</html>")])
def test_row_55_at_most_three_retries(
    api: str, fault: Fail | Drop, provider_at: Make, make_request: Ask, context
) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([fault] * 9) as server, pytest.raises(ProviderFault):
        provider_at(api, server).complete(make_request(), context)
    assert len(server.posts) == 4


@pytest.mark.parametrize("asked", ["1e9", "3600", "61", "Wed, 21 Oct 2099 07:28:00 GMT", "inf"])
def test_row_55_a_long_retry_after_is_not_waited_for(
    api: str, asked: str, provider_at: Make, make_request: Ask, context
) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Fail(429, retry_after=asked), Say("too late")]) as server, pytest.raises(ProviderFault):
        provider_at(api, server).complete(make_request(), context)
    assert len(server.posts) == 1


@pytest.mark.parametrize("asked", ["0", "0.01", "-5", "nan", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_row_55_any_other_retry_after_is_retried(
    api: str, asked: str, provider_at: Make, make_request: Ask, context
) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Fail(429, retry_after=asked), Say("ok")]) as server:
        assert provider_at(api, server).complete(make_request(), context).text == "ok"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_row_56_redirects_are_not_followed(
    api: str, status: int, provider_at: Make, make_request: Ask, context
) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("stolen")]) as stranger:
        to = f"{stranger.base_url}/chat/completions"
        with (
            ScriptedServer([Fail(status, headers={"location": to})]) as server,
            pytest.raises(ProviderFault, match="redirects"),
        ):
            provider_at(api, server).complete(make_request(), context)
    assert stranger.requests == []


@pytest.mark.parametrize(
    "url", ["http://api.example.com/v1", "http://127.0.0.1.evil.example/", "ftp://x", "nonsense", "http://[::1",
            "https://user:secret@api.example.com/v1", "http://10.0.0.1/v1"],
)  # fmt: skip
def test_row_56_a_key_goes_by_https_or_nowhere(
    api: str, url: str, provider_at: Make, make_request: Ask, context
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigFault):
        provider_at(api, url).complete(make_request(), context)


def test_row_56_certificates_are_checked(api: str) -> None:
    line = wire.Line("https://api.example.com", {})
    context = line.client()._transport._pool._ssl_context  # type: ignore[attr-defined]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    here = wire.Line("http://127.0.0.1:1", {}).client()._transport._pool._ssl_context  # type: ignore[attr-defined]
    assert here.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    "slow",
    [
        Say("drip" * 5000, every_chars=1, pause_s=0.05),
        Hang(30),
        Hang(30, drip_s=0.05),
        Raw((b": ping\n\n",), pause_s=0.05, endless=True),
        Fail(429, retry_after="50"),
    ],
    ids=["text", "silence", "header", "pings", "throttled"],
)
def test_row_54_the_total_deadline_holds(api: str, slow: Say, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([slow] * 5) as server:
        provider = provider_at(api, server)
        provider.preload()
        started = time.monotonic()
        try:
            reply: Reply | None = provider.complete(make_request(deadline_s=1.0), context)
        except ProviderFault:
            reply = None
        took = time.monotonic() - started
    assert took < 15  # each of these would take the server 30 s and more; the bar itself, ±1 s, is the benchmark's
    assert (reply is not None) == isinstance(slow, Say)
    if reply is not None:
        assert reply.stop is StopReason.LATE
        assert reply.usage.output_tokens > 0


def test_row_54_a_silent_server_is_not_asked_twice(
    api: str,
    provider_at: Make,
    make_request: Ask,
    context,  # type: ignore[no-untyped-def]
) -> None:
    with ScriptedServer([Hang(20)] * 5) as server, pytest.raises(ProviderFault) as caught:
        provider_at(api, server).complete(make_request(patience=Patience(first_byte_s=0.3)), context)
    assert len(server.posts) == 1
    assert caught.value.kind is FaultKind.SILENT


def test_row_12_an_endless_answer_is_stopped(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("z" * 400_000, every_chars=2000)]) as server:
        reply = provider_at(api, server).complete(make_request(max_reply_bytes=50_000), context)
    assert reply.stop is StopReason.TOO_LONG
    assert 50_000 < len(reply.text) < 60_000
    assert reply.usage.output_tokens >= 50_000 / 4


def test_row_12_an_endless_line_is_stopped(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Raw((b"a" * 500_000,), endless=True)]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert reply.stop is StopReason.MALFORMED
    assert "longer than" in reply.detail


def packed_zeros(size_bytes: int) -> bytes:
    """So many zero bytes as gzip, made in pieces."""
    pack = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return b"".join([*(pack.compress(bytes(1_000_000)) for _ in range(size_bytes // 1_000_000)), pack.flush()])


def test_row_58_a_bomb_is_not_inflated(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    bomb = packed_zeros(300_000_000)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with ScriptedServer([Raw((bomb,), headers=headers)]) as server:
        reply = provider_at(api, server).complete(make_request(), context)
    assert reply.stop is StopReason.MALFORMED
    assert "longer than" in reply.detail


def test_row_58_an_error_page_may_be_a_bomb_too(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    bomb = packed_zeros(100_000_000)
    page = Fail(400, body=bomb, headers={"content-encoding": "gzip"})
    with ScriptedServer([page]) as server, pytest.raises(ProviderFault, match="400") as caught:
        provider_at(api, server).complete(make_request(), context)
    assert caught.value.kind is FaultKind.NOT_TAKEN


def test_honest_compression_is_read(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    import gzip

    from serving import formats

    say = Say("squeezed")
    events = formats.anthropic_events(say, "m") if api == "anthropic" else formats.openai_events(say, "m", usage=True)
    headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    with ScriptedServer([Raw((gzip.compress(b"".join(events)),), headers=headers)]) as server:
        assert provider_at(api, server).complete(make_request(), context).text == "squeezed"


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(143), RuntimeError("a listener's own")])
def test_a_stop_keeps_the_bill(api: str, stop: BaseException, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    context.stop_at, context.stop_with = 3, stop
    with ScriptedServer([Say("w" * 100_000, input_tokens=999, pause_s=0.01)]) as server:
        with pytest.raises(type(stop)) as caught:
            provider_at(api, server).complete(make_request(), context)
        partial = caught.value.partial_reply  # type: ignore[attr-defined]
        assert partial.stop is StopReason.INTERRUPTED
        assert partial.text == "".join(context.chunks)
        assert partial.usage.output_tokens >= len(partial.text) // 4
        assert partial.usage.source is UsageSource.ESTIMATED
        if api == "anthropic":
            assert partial.usage.input_tokens == 999
        for _ in range(100):
            if server.disconnects:
                break
            time.sleep(0.05)
        assert server.disconnects, "the stream was left open"


def test_an_abandoned_call_sends_nothing_more(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Fail(429, retry_after="0.6"), Say("paid for nothing")]) as server:
        provider = provider_at(api, server)
        provider.preload()
        with pytest.raises(ProviderFault):
            provider.complete(make_request(deadline_s=0.3), context)
        names = [t for t in threading.enumerate() if t.name == "provider-call"]
        for thread in names:
            thread.join(10)
    assert len(server.posts) == 1


def test_nobody_listens(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProviderFault, match="cannot be reached"):
        provider_at(api, "http://127.0.0.1:9").complete(make_request(), context)


def test_row_54_the_connect_deadline_holds(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as stack:
        for _ in range(8):  # its queue is filled, so that nobody more is let in
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        provider = provider_at(api, f"http://127.0.0.1:{full.getsockname()[1]}")
        with pytest.raises(ProviderFault, match="cannot be reached") as caught:
            provider.complete(make_request(patience=Patience(connect_s=0.2), deadline_s=30), context)
    assert (caught.value.kind, caught.value.retries) == (FaultKind.UNREACHABLE, 3)


def test_no_such_host(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProviderFault, match="mine"):
        provider_at(api, "https://no-such-host.invalid").complete(make_request(deadline_s=5.0), context)


def test_row_59_nothing_leaks_from_the_environment(
    api: str,
    provider_at: Make,
    make_request: Ask,
    context,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    for name in (
        "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "OPENAI_WEBHOOK_SECRET",
        "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_WEBHOOK_SIGNING_KEY", "ANTHROPIC_PROFILE",
    ):  # fmt: skip
        monkeypatch.setenv(name, "leaked-canary")
    for name in ("OPENAI_CUSTOM_HEADERS", "ANTHROPIC_CUSTOM_HEADERS"):
        monkeypatch.setenv(
            name,
            "x-inner: leaked-canary\nAuthorization: Bearer leaked-canary\n"
            "x-api-key: leaked-canary\nuser-agent: leaked-canary\nauthorization: leaked-canary",
        )
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with ScriptedServer([Say("ok")]) as server:
        provider_at(api, server, headers={"x-mine": "1"}).complete(make_request(), context)
    sent = server.requests[0].headers
    assert "leaked-canary" not in str(sent)
    assert sent["x-mine"] == "1"
    assert sent["authorization"] == f"Bearer {KEY}"
    assert not [name for name in sent if name.startswith("x-stainless")]


def test_a_local_server_needs_no_key(api: str, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("ok")]) as server:
        url = server.base_url if api == "openai" else server.anthropic_url
        assert build(ProviderSettings("here", api, url)).complete(make_request(), context).text == "ok"


@pytest.mark.parametrize("key", [None, "", "  "])
def test_a_missing_key_names_its_variable(
    api: str, key: str | None, provider_at: Make, make_request: Ask, context
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigFault, match="MINE_KEY"):
        provider_at(api, "http://127.0.0.1:9", key).complete(make_request(), context)


@pytest.mark.parametrize("key", ["sk-two words", "sk-ümlaut", "sk-line\nbreak", "sk-\x00"])
def test_row_59_a_broken_key_is_not_repeated(api: str, key: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigFault, match="MINE_KEY") as caught:
        provider_at(api, "http://127.0.0.1:9", key).complete(make_request(), context)
    assert key not in caught.value.what


@pytest.mark.parametrize("headers", [{"x y": "1"}, {"x": "line\nbreak"}, {"x": "ü"}])
def test_a_broken_header_is_a_fault_of_the_configuration(
    api: str,
    headers: dict[str, str],
    provider_at: Make,
    make_request: Ask,
    context,  # type: ignore[no-untyped-def]
) -> None:
    with pytest.raises(ConfigFault, match="headers"):
        provider_at(api, "http://127.0.0.1:9", headers=headers).complete(make_request(), context)


def test_preload_never_raises_and_may_overlap(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    provider_at(api, "http://elsewhere.example").preload()
    with ScriptedServer([Say("ok")]) as server:
        provider = provider_at(api, server)
        thread = threading.Thread(target=provider.preload)
        thread.start()
        assert provider.complete(make_request(), context).text == "ok"
        thread.join()


def test_one_provider_serves_several_threads(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    script = {f"m{n}": [Say(f"for {n} " * 50, model=f"m{n}")] * 8 for n in range(6)}
    with ScriptedServer(script) as server:
        provider = provider_at(api, server)
        replies: dict[int, Reply] = {}

        def ask(n: int) -> None:
            for _ in range(8):
                replies[n] = provider.complete(make_request(model=f"m{n}"), type(context)())

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {n: r.text for n, r in replies.items()} == {n: f"for {n} " * 50 for n in range(6)}


def test_building_imports_no_sdk(api: str) -> None:
    code = (
        "import sys; from routecli.providers import build; from routecli.domain.settings import ProviderSettings;"
        f"build(ProviderSettings('x', {api!r}), 'k');"
        "sys.exit(any(m in sys.modules for m in ('openai', 'anthropic', 'httpx2', 'pydantic')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, env=dict(os.environ)).returncode == 0


def test_row_12_memory_stays_bounded(api: str) -> None:
    code = (
        "import sys, zlib; sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from serving import Raw, Say, ScriptedServer;"
        "from routecli.domain.ladder import ModelRef; from routecli.domain.money import usd;"
        "from routecli.domain.reply import Message, Request; from routecli.domain.settings import ProviderSettings;"
        "from routecli.domain.task import Kind, Task; from routecli.providers import build\n"
        "class Context:\n    def on_text(self, chunk): pass\n"
        "kind = {'content-type': 'text/event-stream'}; bomb = zlib.compressobj(9)\n"
        "bomb = b''.join([*(bomb.compress(b'a' * 1_000_000) for _ in range(300)), bomb.flush()])\n"
        "script = [Raw((b'a' * 500_000,), endless=True), Say('z' * 3_000_000, every_chars=100_000),"
        " Raw((bomb,), headers=kind | {'content-encoding': 'deflate'})]\n"
        "with ScriptedServer(script) as server:\n"
        "    url = server.base_url if sys.argv[2] == 'openai' else server.anthropic_url\n"
        "    provider = build(ProviderSettings('m', sys.argv[2], url))\n"
        "    task = Task('x', Kind.FIX, '', Path('/'), None, (), usd(1))\n"
        "    request = Request(task, ModelRef('m', 'm'), (Message('user', 'hi'),), 100)\n"
        "    stops = [provider.complete(request, Context()).stop.value for _ in range(3)]\n"
        "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(*stops, int(peak) // 1024)"
    )
    tests = Path(__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", code, tests, api], check=True, capture_output=True, text=True)
    *stops, rss_mb = ran.stdout.split()
    assert stops == ["malformed", "too-long", "malformed"]
    assert int(rss_mb) < 300, "the server of the test included"


def test_every_row_is_a_provider(api: str) -> None:
    for name in PROVIDERS:
        assert isinstance(build(ProviderSettings("x", name), None), Provider)
    with pytest.raises(ConfigFault, match="unknown") as caught:
        build(ProviderSettings("x", api + "x"))
    assert api in caught.value.hint


def test_roles_stay(api: str, provider_at: Make, make_request: Ask, context) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    talk = (Message("system", "s"), Message("user", "u", True), Message("assistant", "a"), Message("user", "again"))
    with ScriptedServer([Say("ok")]) as server:
        provider_at(api, server).complete(replace(make_request(), messages=talk), context)
    roles = [m["role"] for m in server.requests[0].body["messages"]]
    assert roles == (["user", "assistant", "user"] if api == "anthropic" else ["system", "user", "assistant", "user"])


def test_stopped_before_anything_left_costs_nothing(
    api: str,
    provider_at: Make,
    make_request: Ask,
    context,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    """Ctrl-C while the address is still being looked up, or in the SDK itself."""
    provider = provider_at(api, "http://127.0.0.1:9")
    provider.preload()

    def stopped(self: wire.Call) -> float:
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        return 1.0

    monkeypatch.setattr(wire.Call, "left_s", stopped)
    looked_up = threading.Event()
    monkeypatch.setattr(wire.Call, "sending", lambda self: looked_up.wait(20))
    with pytest.raises(KeyboardInterrupt) as caught:
        provider.complete(make_request(), context)
    looked_up.set()
    usage = caught.value.partial_reply.usage  # type: ignore[attr-defined]
    assert (usage.input_tokens, usage.output_tokens) == (0, 0)


@pytest.fixture
def encrypted(tmp_path: Path) -> Callable[[ScriptedServer], Path]:
    """Makes a server speak TLS with a certificate of its own for `localhost`, and returns the certificate's path."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: apt-get install openssl")

    def wrap(server: ScriptedServer) -> Path:
        certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        server._http.socket = tls.wrap_socket(server._http.socket, server_side=True)
        return certificate

    return wrap


def test_row_56_an_unknown_certificate_says_what_to_do(
    api: str,
    provider_at: Make,
    make_request: Ask,
    context,
    encrypted,  # type: ignore[no-untyped-def]
) -> None:
    server = ScriptedServer([Say("never")])
    encrypted(server)
    with server, pytest.raises(ProviderFault, match="CERTIFICATE_VERIFY_FAILED") as caught:
        provider_at(api, f"https://localhost:{server.port}").complete(make_request(), context)
    assert "SSL_CERT_FILE" in caught.value.hint
    assert server.requests == []


def test_a_companys_certificate_is_taken_from_the_environment(
    api: str,
    provider_at: Make,
    make_request: Ask,
    context,
    encrypted,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    server = ScriptedServer([Say("over TLS")])
    monkeypatch.setenv("SSL_CERT_FILE", str(encrypted(server)))
    with server:
        reply = provider_at(api, f"https://localhost:{server.port}").complete(make_request(), context)
    assert reply.text == "over TLS"
