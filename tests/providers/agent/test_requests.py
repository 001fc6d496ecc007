"""What of an agent's request may leave, and how its bill is read off the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import Say, formats
from serving.agents import responses

from routecli.domain.money import UsageSource
from routecli.providers.agent.requests import Bill, NotAllowed, bounded, wire_of, worst_input_tokens

MESSAGES, CHAT, RESPONSES = (wire_of(f"/v1{end}") for end in ("/messages", "/chat/completions", "/responses"))
SAID = Say("the answer", input_tokens=900, output_tokens=70, cache_read_tokens=300)


def body(**more: Any) -> bytes:
    return json.dumps({"model": "m1", "messages": []} | more).encode()


@pytest.mark.parametrize(
    ("wire", "sent", "name", "cap"),
    [
        (MESSAGES, {"max_tokens": 32_000}, "max_tokens", 8_000),
        (MESSAGES, {"max_tokens": 500}, "max_tokens", 500),
        (MESSAGES, {}, "max_tokens", 8_000),
        (CHAT, {"max_completion_tokens": 9_000}, "max_completion_tokens", 8_000),
        (CHAT, {}, "max_tokens", 8_000),
        (RESPONSES, {"max_output_tokens": None}, "max_output_tokens", 8_000),
    ],
)
def test_an_answer_is_capped(wire: Any, sent: dict[str, Any], name: str, cap: int) -> None:
    raw, told = bounded(body(**sent), wire, "m1", 8_000)
    assert (json.loads(raw)[name], told) == (cap, cap)


def test_thinking_stays_below_the_cap() -> None:
    raw, _ = bounded(
        body(max_tokens=64_000, thinking={"type": "enabled", "budget_tokens": 32_000}), MESSAGES, "m1", 8_000
    )
    assert json.loads(raw)["thinking"]["budget_tokens"] == 4_000


def test_a_stream_of_chat_completions_says_its_bill() -> None:
    assert json.loads(bounded(body(stream=True), CHAT, "m1", 1)[0])["stream_options"] == {"include_usage": True}
    assert "stream_options" not in json.loads(bounded(body(stream=True), RESPONSES, "m1", 1)[0])


@pytest.mark.parametrize("raw", [b"{", b"[]", b"", b'{"model": "m2"}', b'{"messages": []}', b"\xff"])
def test_another_model_or_no_json_does_not_leave(raw: bytes) -> None:
    with pytest.raises(NotAllowed):
        bounded(raw, CHAT, "m1", 100)


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/messages/batches", "/v1/files", "/", "/v1/images/generations"])
def test_other_addresses_do_not_leave(path: str) -> None:
    with pytest.raises(NotAllowed):
        wire_of(path)


@pytest.mark.parametrize("path", ["/v1/models", "/v1/messages/count_tokens", "/v1/models/m1"])
def test_what_costs_nothing_is_not_billed(path: str) -> None:
    assert wire_of(path) is None


STREAMS = {
    "messages": (MESSAGES, b"".join(formats.anthropic_events(SAID, "m1")), 900),
    "chat": (CHAT, b"".join(formats.openai_events(SAID, "m1", usage=True)), 900),
    "responses": (RESPONSES, b"".join(responses("m1", {"type": "message"}).chunks), 900),
}


@pytest.mark.parametrize("api", STREAMS)
@given(st.data())
def test_a_bill_is_the_same_however_the_stream_is_cut_into_pieces(api: str, data: st.DataObject) -> None:
    wire, raw, asked = STREAMS[api]
    bill, at = Bill(wire, b"x" * 400, "text/event-stream; charset=utf-8"), 0
    while at < len(raw):
        size = data.draw(st.integers(1, len(raw)))
        bill.take(raw[at : at + size])
        at += size
    assert (bill.usage().input_tokens, bill.usage().source) == (asked, UsageSource.REPORTED)
    assert bill.heard.model == "m1"


@pytest.mark.parametrize("api", STREAMS)
def test_a_stream_that_breaks_off_is_estimated_and_says_so(api: str) -> None:
    wire, raw, _ = STREAMS[api]
    bill = Bill(wire, b"x" * 4_000, "text/event-stream")
    bill.take(raw[: len(raw) // 3])
    assert bill.usage().source is UsageSource.ESTIMATED
    assert bill.usage().input_tokens in (900, 1_000)


@pytest.mark.parametrize(
    ("wire", "whole"), [(MESSAGES, formats.anthropic_whole(SAID, "m1")), (CHAT, formats.openai_whole(SAID, "m1"))]
)
def test_a_whole_answer_is_read_as_well(wire: Any, whole: dict[str, Any]) -> None:
    bill = Bill(wire, b"", "application/json")
    bill.take(json.dumps(whole).encode())
    found = bill.usage()
    assert (found.input_tokens, found.cache_read_tokens, found.output_tokens) == (900, 300, 70)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_a_bill(raw: bytes) -> None:
    for wire in (MESSAGES, CHAT, RESPONSES):
        for kind in ("text/event-stream", "application/json"):
            bill = Bill(wire, b"", kind)
            bill.take(b"data: " + raw + b"\n")
            assert bill.usage().source is UsageSource.ESTIMATED


def test_the_worst_case_of_a_prompt_is_no_less_than_a_third_of_its_bytes() -> None:
    assert worst_input_tokens(b"x" * 10) == 4
