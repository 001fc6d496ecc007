"""What only servers of messages do."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from serving import Say, ScriptedServer

from routecli.domain.reply import Message
from routecli.providers.anthropic_messages import MAX_BREAKPOINTS, body, hear, usage
from routecli.providers.hearing import Heard


def test_both_headers_carry_the_key(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("ok")]) as server:
        provider_at("anthropic", server).complete(make_request(), context)
    sent = server.requests[0].headers
    assert sent["authorization"] == f"Bearer {sent['x-api-key']}"


def test_an_address_with_v1_is_understood(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("ok")]) as server:
        provider_at("anthropic", server.base_url).complete(make_request(), context)
    assert server.requests[0].path == "/v1/messages"


def test_no_more_breakpoints_than_the_api_takes(make_request) -> None:  # type: ignore[no-untyped-def]
    talk = tuple(Message("user", str(n), cache_here=True) for n in range(7))
    asked = body(replace(make_request(), messages=talk))
    blocks = [m["content"][0] for m in asked["messages"]]  # type: ignore[attr-defined]
    marked = [b["text"] for b in blocks if "cache_control" in b]
    assert marked == [str(n) for n in range(7)][-MAX_BREAKPOINTS:]
    assert "system" not in asked


def test_the_prefix_is_the_same_between_calls(make_request) -> None:  # type: ignore[no-untyped-def]
    first, second = body(make_request("one")), body(make_request("two"))
    assert first["system"] == second["system"]


def test_later_counts_replace_earlier_ones() -> None:
    heard = Heard()
    hear(heard, {"type": "message_start", "message": {"usage": {"input_tokens": 5, "output_tokens": 1}}})
    delta = {"output_tokens": 80, "input_tokens": None, "output_tokens_details": {"thinking_tokens": 30}}
    hear(heard, {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": delta})
    bill = usage(heard.usage)
    assert bill is not None
    assert (bill.input_tokens, bill.output_tokens, bill.reasoning_tokens) == (5, 80, 30)


def test_a_refusal_says_why() -> None:
    heard = Heard()
    details = {"type": "refusal", "category": "cyber", "explanation": "no malware"}
    hear(heard, {"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": details}})
    assert heard.refusal == "no malware"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.sampled_from(["message_start", "message_delta", "content_block_start", "content_block_delta", "message"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "message", "delta", "content", "content_block", "usage", "model", "stop_reason",
                         "stop_details", "input_tokens", "output_tokens", "text", "thinking"]),
        inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_no_shape_of_an_event_raises(event: object) -> None:
    heard = Heard()
    hear(heard, event)
    bill = usage(heard.usage)
    assert bill is None or bill.input_tokens >= 0
