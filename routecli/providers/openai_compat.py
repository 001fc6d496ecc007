"""Chat completions of any server that speaks them, through OpenAI's own SDK.

The request goes through the client's public `post`, with plain dicts as the answer: servers of many makers send bodies
that the SDK's typed models would bend into something else, and the models are slow to import.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from routecli.domain.money import Usage
from routecli.domain.reply import Reply, Request, StopReason
from routecli.domain.settings import ProviderSettings, Quirk
from routecli.errors import RoutecliError
from routecli.ports import CallContext
from routecli.providers import address, openai_responses, wire
from routecli.providers.bodies import count, inner, served_at, size_bytes, streams, whole
from routecli.providers.faults import Source
from routecli.providers.hearing import Heard, listen
from routecli.providers.importing import uncollected
from routecli.providers.sparing import sparing

if TYPE_CHECKING:
    import openai

DEFAULT_URL = "https://api.openai.com/v1"
_MISTRAL_URL = "https://api.mistral.ai/v1"
_STOP = {
    "stop": StopReason.END,
    "length": StopReason.TRUNCATED,
    "content_filter": StopReason.REFUSED,
    "eos": StopReason.END,
    "end_turn": StopReason.END,
    "max_tokens": StopReason.TRUNCATED,
    "tool_calls": StopReason.END,
    "function_call": StopReason.END,
    "sensitive": StopReason.REFUSED,
    "network_error": StopReason.MALFORMED,
}
_RESPONSES = "chat"
"""Among what a model does not take: chat completions themselves."""


class OpenAICompatible:
    """See ports.Provider."""

    _path = "/chat/completions"
    _has = "choices"

    def __init__(self, settings: ProviderSettings, key: str | None = None) -> None:
        self.name = settings.name
        self._settings = settings
        self._given_key = key
        self._lock = threading.Lock()
        self._client: openai.OpenAI | None = None
        self._line: wire.Line | None = None
        self._unloved: dict[str, set[str]] = {}

    def preload(self) -> None:
        """See ports.Provider.preload. A fault of the configuration is told by `complete`."""
        with suppress(ImportError, RoutecliError):
            self._open()

    def complete(self, request: Request, context: CallContext) -> Reply:
        """See ports.Provider.complete."""
        self._open()
        source = Source(self._settings, request.model.model, address.checked_key(self._settings, self._given_key))
        call = wire.Call(request.deadline_s, request.max_output_tokens, request.patience)
        return listen(self, request, context, call, source)

    def events(self, request: Request, call: wire.Call) -> Iterator[object]:
        """See hearing.Vendor.events. A parameter that this server does not know is left out the next time."""
        client, line = self._open()
        line.begin(call)
        unloved = self._unloved.setdefault(request.model.model, set())
        for _ in range(3):
            try:
                stream = self._post(client, request, call, unloved)
                break
            except Exception as error:
                more = _not_taken(error, self._settings) - unloved
                if not more:
                    raise
                unloved |= more
        else:
            stream = self._post(client, request, call, unloved)
        with stream:
            kind = stream.response.headers.get("content-type", "")
            if streams(kind):
                yield from stream
            else:
                yield whole(stream.response.read(), kind, has="output" if _RESPONSES in unloved else self._has)

    def _post(
        self, client: openai.OpenAI, request: Request, call: wire.Call, unloved: set[str]
    ) -> openai.Stream[object]:
        import openai

        return client.post(
            openai_responses.PATH if _RESPONSES in unloved else self._path,
            cast_to=object,
            body=self._body(request, unloved),
            options={"security": {"bearer_auth": True}, "headers": {"Idempotency-Key": call.id}},
            stream=True,
            stream_cls=openai.Stream[object],
        )

    def _body(self, request: Request, unloved: set[str]) -> dict[str, object]:
        if _RESPONSES in unloved:
            return openai_responses.body(request) | _keyed(request, self._settings) | _tiered(self._settings)
        return body(request, self._settings, unloved)

    def hear(self, heard: Heard, event: object) -> str:
        """See hearing.Vendor.hear."""
        return openai_responses.hear(heard, event) if openai_responses.is_event(event) else hear(heard, event)

    def usage(self, raw: dict[str, Any]) -> Usage | None:
        """See hearing.Vendor.usage."""
        if "input_tokens" in raw and "prompt_tokens" not in raw:
            return openai_responses.usage(raw)
        return usage(raw, thoughts_in_total=Quirk.THOUGHTS_IN_TOTAL in self._settings.quirks)

    def _open(self) -> tuple[openai.OpenAI, wire.Line]:
        """The client, made once. Everything that it would read from the environment is given or taken away."""
        with self._lock:
            if self._client is None or self._line is None:
                url = address.checked_url(self._settings, DEFAULT_URL)
                key = address.checked_key(self._settings, self._given_key)
                with uncollected(), sparing("openai"):
                    import openai

                    ours = address.key_headers(self._settings, key) | address.checked_headers(self._settings)
                    self._line = wire.Line(url, ours, wire.way_of(self._settings))
                    self._client = openai.OpenAI(
                        api_key=key,
                        admin_api_key="",
                        organization="",
                        project="",
                        webhook_secret="",
                        base_url=url,
                        max_retries=wire.MAX_RETRIES,
                        http_client=self._line.client(),
                    )
            return self._client, self._line


class OpenAIResponses(OpenAICompatible):
    """The same client at the responses API."""

    _path = openai_responses.PATH
    _has = "output"

    def _body(self, request: Request, unloved: set[str]) -> dict[str, object]:  # noqa: ARG002 (nothing can be left out)
        return openai_responses.body(request) | _keyed(request, self._settings) | _tiered(self._settings)

    def hear(self, heard: Heard, event: object) -> str:
        """See hearing.Vendor.hear."""
        return openai_responses.hear(heard, event)

    def usage(self, raw: dict[str, Any]) -> Usage | None:
        """See hearing.Vendor.usage."""
        return openai_responses.usage(raw)


def body(request: Request, settings: ProviderSettings, unloved: set[str]) -> dict[str, object]:
    """The request as JSON. OpenAI's own newer models want `max_completion_tokens`, everybody else `max_tokens`."""
    newer = Quirk.COMPLETION_CAP in settings.quirks or address.is_at(settings, DEFAULT_URL) or "max_tokens" in unloved
    cap = "max_completion_tokens" if newer and "max_completion_tokens" not in unloved else "max_tokens"
    asked: dict[str, object] = {
        "model": request.model.model,
        "messages": [{"role": m.role, "content": m.text} for m in request.messages],
        "stream": True,
        cap: request.max_output_tokens,
    }
    if "stream_options" not in unloved and Quirk.NO_STREAM_OPTIONS not in settings.quirks:
        asked["stream_options"] = {"include_usage": True}
    if Quirk.UPSTREAMS in settings.quirks and (upstreams := _upstreams(settings)):
        asked["provider"] = upstreams
    if "prompt_cache_key" not in unloved:
        asked |= _keyed(request, settings)
    return asked | _tiered(settings)


def _tiered(settings: ProviderSettings) -> dict[str, object]:
    return {} if settings.service_tier is None else {"service_tier": settings.service_tier}


def _keyed(request: Request, settings: ProviderSettings) -> dict[str, object]:
    key = cache_key(request) if _takes_cache_keys(settings) else ""
    return {"prompt_cache_key": key} if key else {}


def _takes_cache_keys(settings: ProviderSettings) -> bool:
    if settings.cache_key is not None:
        return settings.cache_key
    return any(address.is_at(settings, url) for url in (DEFAULT_URL, _MISTRAL_URL))


def cache_key(request: Request) -> str:
    """Leads requests that begin alike to the machine that has the prefix (OpenAI's prompt caching guide): a digest of
    the static prefix, so that it is the same for all attempts, tasks and days, and tells nothing. Empty: no prefix."""
    prefix = next((m.text for m in request.messages if m.cache_here), "")
    return f"routecli-{sha256(prefix.encode('utf-8', 'replace')).hexdigest()[:24]}" if prefix else ""


def _upstreams(settings: ProviderSettings) -> dict[str, object]:
    """Which upstreams may serve, in the words of OpenRouter's API (provider routing)."""
    chosen: dict[str, object] = {}
    if settings.order:
        chosen |= {"order": list(settings.order), "allow_fallbacks": False}
    if settings.data_collection is not None:
        chosen["data_collection"] = settings.data_collection
    if settings.zdr is not None:
        chosen["zdr"] = settings.zdr
    return chosen


def _not_taken(error: Exception, settings: ProviderSettings) -> set[str]:
    """Which of the parameters that we can do without an error of status 400 or 422 complains about; or that this model
    is served by the responses API only (400 or 404)."""
    words = str(getattr(error, "body", "") or error)
    status = getattr(error, "status_code", None)
    if Quirk.RESPONSES in settings.quirks and status in (400, 404) and "v1/responses" in words:
        return {_RESPONSES}
    if status not in (400, 422):
        return set()
    if "prompt_cache_key" in words:
        return {"prompt_cache_key"}
    if "stream_options" in words:
        return {"stream_options"}
    if "max_completion_tokens" in words and "max_tokens" not in words.replace("max_completion_tokens", ""):
        return {"max_completion_tokens"}
    return {"max_tokens"} if "max_tokens" in words and "max_completion_tokens" in words else set()


def hear(heard: Heard, event: object) -> str:
    """Takes a chunk of a stream in, or a whole completion."""
    if not isinstance(event, Mapping):
        heard.detail = "an event was no JSON object"
        return ""
    if isinstance(event.get("model"), str) and event["model"]:
        heard.model = event["model"]
    heard.service_tier = served_at(event, heard.service_tier)
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    for place in (inner(event, "x_groq"), choice, event):  # Moonshot's is in the last choice
        if isinstance(place, Mapping) and isinstance(place.get("usage"), Mapping):
            heard.usage = dict(place["usage"])
    if not isinstance(choice, Mapping):
        # The bill is the last word of a stream: some servers send it and never a reason to stop.
        if heard.usage and heard.size_bytes and heard.stop is None:
            heard.stop = StopReason.END
        return ""
    reason = choice.get("finish_reason")
    if isinstance(reason, str) and reason:
        heard.stop = _STOP.get(reason, StopReason.END)
    said = choice.get("delta") or choice.get("message")
    return _say(heard, said) if isinstance(said, Mapping) else ""


def _say(heard: Heard, said: Mapping[str, Any]) -> str:
    if isinstance(said.get("refusal"), str):
        heard.refusal += said["refusal"]
    for name in ("reasoning_content", "reasoning"):
        if isinstance(said.get(name), str):
            heard.hidden_bytes += size_bytes(said[name])
            break
    content = said.get("content")
    if isinstance(content, list):
        content = "".join(str(p.get("text") or "") for p in content if isinstance(p, Mapping))
    return heard.say(content) if isinstance(content, str) and content else ""


def usage(raw: Mapping[str, Any], *, thoughts_in_total: bool = False) -> Usage | None:
    """The bill. Prompt tokens include the cached, completion tokens the reasoning (OpenAI's API reference).

    DeepSeek names its cache hits `prompt_cache_hit_tokens`, Moonshot `cached_tokens`; OpenRouter its cache writes
    `cache_write_tokens`. Gemini bills reasoning that only `total_tokens` counts (`thoughts_in_total`).
    """
    prompt, completion = count(raw, "prompt_tokens"), count(raw, "completion_tokens")
    if prompt is None or completion is None:
        return None
    details = inner(raw, "prompt_tokens_details")
    named = (count(details, "cached_tokens"), count(raw, "prompt_cache_hit_tokens"), count(raw, "cached_tokens"))
    read = next((found for found in named if found), 0)
    hidden = max(0, (count(raw, "total_tokens") or 0) - prompt - completion) if thoughts_in_total else 0
    return Usage(
        input_tokens=prompt,
        cache_read_tokens=read,
        cache_write_tokens=count(details, "cache_write_tokens") or 0,
        output_tokens=completion + hidden,
        reasoning_tokens=count(inner(raw, "completion_tokens_details"), "reasoning_tokens") or hidden,
        raw=dict(raw),
    )
