"""What only servers of chat completions do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import Fail, Raw, Say, ScriptedServer

from routecli.domain.reply import Message, Request, StopReason
from routecli.domain.settings import ProviderSettings
from routecli.errors import ProviderFault
from routecli.ports import CallContext, Provider
from routecli.providers.hearing import Heard
from routecli.providers.openai_compat import body, hear, usage


def test_a_server_that_rejects_stream_options(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    with ScriptedServer([Say("ok"), Say("again")], rejects_stream_options=True) as server:
        provider = provider_at("openai", server)
        assert provider.complete(make_request(), context).text == "ok"
        assert provider.complete(make_request(), context).text == "again"
    assert ["stream_options" in r.body for r in server.posts] == [True, False, False]


def test_a_model_that_wants_the_newer_name_of_the_cap(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    said = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    with ScriptedServer([Fail(400, said), Say("ok")]) as server:
        assert provider_at("openai", server).complete(make_request(), context).text == "ok"
    assert server.posts[1].body["max_completion_tokens"] == 1000
    assert "max_tokens" not in server.posts[1].body


@pytest.mark.parametrize("url", [None, "https://api.openai.com/v1"])
def test_openai_itself_gets_the_newer_name(url: str | None, make_request) -> None:  # type: ignore[no-untyped-def]
    asked = body(make_request(), ProviderSettings("openai", "openai", url), set())
    assert asked["max_completion_tokens"] == 1000
    older = body(make_request(), ProviderSettings("openai", "openai"), {"max_completion_tokens"})
    assert older["max_tokens"] == 1000


def test_complaints_without_end_are_a_fault(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    script = [Fail(400, "unknown: stream_options"), Fail(400, "max_tokens? use max_completion_tokens"), Fail(400, "no")]
    with ScriptedServer(script) as server, pytest.raises(ProviderFault):
        provider_at("openai", server).complete(make_request(), context)
    assert len(server.posts) == 3


def stream(*chunks: object) -> Raw:
    return Raw(tuple(b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks))


def test_reasoning_counts_and_is_not_the_answer(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    chunks = [{"choices": [{"delta": {name: "hm " * 100}}]} for name in ("reasoning_content", "reasoning")]
    end = {"choices": [{"delta": {"content": "so"}, "finish_reason": "stop"}]}
    with ScriptedServer([stream(*chunks, end)]) as server:
        reply = provider_at("openai", server).complete(make_request(), context)
    assert (reply.text, reply.stop) == ("so", StopReason.END)
    assert reply.usage.output_tokens >= 600 / 4


def test_usage_with_the_last_choice_and_an_empty_model(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    bill = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 4}
    chunk = {"model": "", "choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}], "usage": bill}
    with ScriptedServer([stream(chunk)]) as server:
        reply = provider_at("openai", server).complete(make_request(), context)
    assert (reply.usage.input_tokens, reply.usage.cache_read_tokens) == (9, 4)
    assert reply.model_served == "some-model"


def test_content_in_parts(provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, 7]
    with ScriptedServer([stream({"choices": [{"delta": {"content": parts}, "finish_reason": "stop"}]})]) as server:
        assert provider_at("openai", server).complete(make_request(), context).text == "ab"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["choices", "delta", "message", "content", "usage", "model", "finish_reason", "refusal",
                         "prompt_tokens", "completion_tokens", "prompt_tokens_details", "text", "reasoning"]),
        inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_no_shape_of_an_event_raises(event: object) -> None:
    heard = Heard()
    hear(heard, event)
    bill = usage(heard.usage)
    assert bill is None or bill.input_tokens >= 0


def test_the_cache_key_is_the_prefixes_and_goes_only_where_it_is_known(make_request: Callable[..., Request]) -> None:
    plain = ProviderSettings("mine", "openai", "https://api.openai.com/v1")
    one, other = make_request("a task", "gpt"), make_request("another", "gpt")
    sent = body(one, plain, set())["prompt_cache_key"]
    assert sent == body(other, plain, set())["prompt_cache_key"]
    assert re.fullmatch(r"routecli-[0-9a-f]{24}", str(sent))
    changed = replace(one, messages=(Message("system", "Be long.", cache_here=True), *one.messages[1:]))
    assert body(changed, plain, set())["prompt_cache_key"] != sent
    assert "prompt_cache_key" not in body(one, plain, {"prompt_cache_key"})
    assert "prompt_cache_key" not in body(one, replace(plain, cache_key=False), set())
    elsewhere = ProviderSettings("mine", "openai", "https://llm.example.com/v1")
    assert "prompt_cache_key" not in body(one, elsewhere, set())
    assert body(one, replace(elsewhere, cache_key=True), set())["prompt_cache_key"] == sent
    assert "prompt_cache_key" in body(one, ProviderSettings("m", "openai", "https://api.mistral.ai/v1"), set())


def test_a_server_that_refuses_the_cache_key_is_asked_without(
    provider_at: Callable[..., Provider], make_request: Callable[..., Request], context: CallContext
) -> None:
    refused = Fail(400, "Unrecognized request argument supplied: prompt_cache_key")
    with ScriptedServer([refused, Say("ok"), Say("ok")]) as server:
        provider = provider_at("openai", server, cache_key=True)
        assert provider.complete(make_request(), context).text == "ok"
        assert provider.complete(make_request(), context).text == "ok"
    assert ["prompt_cache_key" in post.body for post in server.posts] == [True, False, False]
