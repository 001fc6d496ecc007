"""Each row of the known services against a server that insists on its quirks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from providers.conftest import KEY, Context
from serving import Fail, Raw, Say, ScriptedServer
from serving.agents import responses

from routecli.config import services
from routecli.config.load import load
from routecli.domain.money import Usage
from routecli.domain.reply import Request, StopReason
from routecli.domain.settings import ProviderSettings, Quirk
from routecli.errors import ConfigFault, ProviderFault
from routecli.pricebook import Pricebook
from routecli.providers import PROVIDERS, build
from routecli.providers.reach import reach

MakeRequest = Callable[..., Request]
CLOUDS = ("bedrock", "vertex")


def of(name: str, url: str, **more: object) -> ProviderSettings:
    """The settings of the service `name` at `url`, as the configuration makes them."""
    found = load(repo_root=None, flags={}, environ={}).settings.providers[name]
    fields = {field: getattr(found, field) for field in ProviderSettings.__slots__} | {"base_url": url} | more
    return ProviderSettings(**fields)


def test_every_row_can_be_built_and_every_quirk_is_explained() -> None:
    found = load(repo_root=None, flags={}, environ={}).settings.providers
    assert set(found) == {row.name for row in services.SERVICES}
    for row in services.SERVICES:
        assert row.api in PROVIDERS
        assert build(found[row.name]).name == row.name
        assert found[row.name].quirks == frozenset(row.quirks)
    assert set(services.QUIRKS) == set(Quirk)
    used = {quirk for row in services.SERVICES for quirk in row.quirks}
    assert used == set(Quirk)


@pytest.mark.parametrize("row", [r for r in services.SERVICES if r.api not in CLOUDS], ids=lambda r: r.name)
def test_each_is_asked_in_its_own_way(row: services.Service, make_request: MakeRequest, context: Context) -> None:
    with ScriptedServer([Say("ok", input_tokens=20, output_tokens=3)], models=("some-model",)) as server:
        url = server.anthropic_url if row.api == "anthropic" else server.base_url
        settings = of(row.name, url)
        key = KEY if settings.api_key_env else None
        reply = build(settings, key).complete(make_request(), context)
        reached = reach(settings, key)
    assert (reply.text, reply.usage.input_tokens, reply.usage.output_tokens) == ("ok", 20, 3) or (
        row.name == "mistral" and reply.text == "ok"  # the scripted server only bills who asks for it
    )
    assert reached is not None
    assert reached.models == ("some-model",)
    sent = server.posts[0]
    carried = {name for name, value in sent.headers.items() if KEY in value}
    if Quirk.API_KEY_HEADER in row.quirks:
        assert carried == {"api-key"}
    elif Quirk.PORTKEY_HEADERS in row.quirks:
        assert carried == {"x-portkey-api-key"}
    elif key and row.api == "openai":
        assert carried == {"authorization"}
    cap = "max_completion_tokens" if Quirk.COMPLETION_CAP in row.quirks else "max_tokens"
    assert sent.body[cap] == 1000
    if row.api == "openai":
        assert ("stream_options" in sent.body) is (Quirk.NO_STREAM_OPTIONS not in row.quirks)
    assert "provider" not in sent.body


def test_openrouter_is_told_which_upstreams_may_serve(make_request: MakeRequest, context: Context) -> None:
    with ScriptedServer([Say("ok")]) as server:
        chosen = {"order": ("a", "b"), "data_collection": "deny", "zdr": True}
        build(of("openrouter", server.base_url, **chosen), KEY).complete(make_request(), context)
    assert server.posts[0].body["provider"] == {
        "order": ["a", "b"], "allow_fallbacks": False, "data_collection": "deny", "zdr": True,
    }  # fmt: skip


def chunk(**more: Any) -> bytes:
    import json

    return b"data: " + json.dumps({"object": "chat.completion.chunk", "model": "m"} | more).encode() + b"\n\n"


WORDS = chunk(choices=[{"index": 0, "delta": {"content": "ok"}, "finish_reason": None}])
END = {"index": 0, "delta": {}, "finish_reason": "stop"}
BILL = {"prompt_tokens": 20, "completion_tokens": 151, "total_tokens": 553}


@pytest.mark.parametrize(
    ("name", "last", "expected"),
    [
        ("moonshot", chunk(choices=[END | {"usage": BILL | {"cached_tokens": 7}}]), (20, 7, 151, 0)),
        ("groq", chunk(choices=[END], x_groq={"usage": BILL}), (20, 0, 151, 0)),
        ("gemini", chunk(choices=[END], usage=BILL), (20, 0, 533, 382)),
        ("deepseek", chunk(choices=[END], usage=BILL | {"prompt_cache_hit_tokens": 9}), (20, 9, 151, 0)),
        ("mistral", chunk(choices=[END], usage=BILL), (20, 0, 151, 0)),
    ],
)
def test_usage_is_found_where_each_puts_it(
    name: str, last: bytes, expected: tuple[int, ...], make_request: MakeRequest, context: Context
) -> None:
    with ScriptedServer([Raw((WORDS, last, b"data: [DONE]\n\n"))]) as server:
        reply = build(of(name, server.base_url), KEY).complete(make_request(), context)
    usage = reply.usage
    found = (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens, usage.reasoning_tokens)
    assert (reply.stop, found) == (StopReason.END, expected)


@pytest.mark.parametrize(("reason", "stop"), [("sensitive", "refused"), ("network_error", "malformed")])
def test_zai_ends_in_its_own_words(reason: str, stop: str, make_request: MakeRequest, context: Context) -> None:
    last = chunk(choices=[END | {"finish_reason": reason}], usage=BILL)
    with ScriptedServer([Raw((WORDS, last, b"data: [DONE]\n\n"))]) as server:
        reply = build(of("zai", server.base_url), KEY).complete(make_request(), context)
    assert reply.stop.value == stop


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("name", ["openai", "azure"])
def test_a_model_of_the_responses_api_alone_is_asked_there(
    name: str, status: int, make_request: MakeRequest, context: Context
) -> None:
    message = "This model is only supported in v1/responses and not in v1/chat/completions."
    text = {"type": "message", "content": [{"type": "output_text", "text": "ok"}]}
    said = responses("some-model", text)
    delta = b'event: response.output_text.delta\ndata: {"type": "response.output_text.delta", "delta": "ok"}\n\n'
    answer = Raw((said.chunks[0], delta, *said.chunks[1:]))
    with ScriptedServer([Fail(status, message), answer, answer]) as server:
        provider = build(of(name, server.base_url), KEY)
        replies = [provider.complete(make_request(), context) for _ in range(2)]
    assert [post.path for post in server.posts] == ["/v1/chat/completions", "/v1/responses", "/v1/responses"]
    assert [(r.text, r.stop, r.usage.input_tokens, r.usage.cache_read_tokens) for r in replies] == [
        ("ok", StopReason.END, 900, 400)
    ] * 2
    assert server.posts[1].body["max_output_tokens"] == 1000
    assert server.posts[1].body["store"] is False


def test_elsewhere_the_same_words_are_a_fault(make_request: MakeRequest, context: Context) -> None:
    with (
        ScriptedServer([Fail(404, "only supported in v1/responses")]) as server,
        pytest.raises(ProviderFault, match="has no model"),
    ):
        build(of("groq", server.base_url), KEY).complete(make_request(), context)
    assert len(server.posts) == 1


def test_gemini_wraps_its_errors_in_a_list(make_request: MakeRequest, context: Context) -> None:
    body = b'[{"error": {"code": 400, "message": "no such thing", "status": "INVALID_ARGUMENT"}}]'
    with ScriptedServer([Fail(400, body=body)]) as server, pytest.raises(ProviderFault, match=r": no such thing$"):
        build(of("gemini", server.base_url), KEY).complete(make_request(), context)


def test_azure_needs_its_own_address() -> None:
    with pytest.raises(ConfigFault, match="no base_url"):
        reach(of("azure", "", base_url=None), KEY)


@pytest.mark.parametrize(
    ("raw", "cost"),
    [
        ({"cost": 0.95}, "0.95"),
        ({"cost": 0}, "0"),
        ({"cost": 0.05, "is_byok": True, "cost_details": {"upstream_inference_cost": 1.0}}, "1.05"),
        ({"cost": 0.05, "is_byok": False, "cost_details": {"upstream_inference_cost": 1.0}}, "0.05"),
        ({"cost": 1e-07}, "0.0000001"),
    ],
)
def test_a_stated_bill_goes_before_any_price_list(raw: dict[str, Any], cost: str) -> None:
    for name in ("openrouter", "litellm"):
        book = Pricebook({}, {name: of(name, "https://x.example/v1")})
        assert book.cost(name, "anything", Usage(10, output_tokens=5, raw=raw)).amount_usd == Decimal(cost)


@pytest.mark.parametrize("stated", [None, "1", -1, float("nan"), float("inf"), True, [1]])
def test_a_bill_that_is_none_falls_back_to_the_list(stated: object) -> None:
    book = Pricebook({}, {"litellm": of("litellm", "https://x.example/v1")})
    assert book.cost("litellm", "unheard-of", Usage(10, output_tokens=5, raw={"cost": stated})).amount_usd is None
    elsewhere = Pricebook({}, {"groq": of("groq", "https://x.example/v1")})
    assert elsewhere.cost("groq", "unheard-of", Usage(10, output_tokens=5, raw={"cost": 0.5})).amount_usd is None
