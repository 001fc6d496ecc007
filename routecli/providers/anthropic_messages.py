"""The messages API of Anthropic and of everybody who serves it, through Anthropic's own SDK.

As with chat completions, the request goes through the client's public `post` and events stay plain dicts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from routecli.domain.money import Usage
from routecli.domain.reply import Message, Reply, Request, StopReason
from routecli.domain.settings import ProviderSettings
from routecli.errors import RoutecliError
from routecli.ports import CallContext
from routecli.providers import address, wire
from routecli.providers.bodies import count, inner, size_bytes, streams, whole
from routecli.providers.faults import Source
from routecli.providers.hearing import Heard, listen
from routecli.providers.importing import uncollected

if TYPE_CHECKING:
    import anthropic

DEFAULT_URL = "https://api.anthropic.com"
_STOP = {
    "end_turn": StopReason.END,
    "stop_sequence": StopReason.END,
    "tool_use": StopReason.END,
    "pause_turn": StopReason.TRUNCATED,
    "max_tokens": StopReason.TRUNCATED,
    "model_context_window_exceeded": StopReason.TRUNCATED,
    "refusal": StopReason.REFUSED,
}
_CACHE = {"type": "ephemeral"}
"""Five minutes: a write costs 1.25 × the input rate, a read 0.1 × (Anthropic's documentation of prompt caching)."""
MAX_BREAKPOINTS = 4
"""The API refuses more; the last ones are kept, since each covers all that stands before it."""


class AnthropicMessages:
    """See ports.Provider."""

    def __init__(self, settings: ProviderSettings, key: str | None = None) -> None:
        self.name = settings.name
        self._settings = settings
        self._given_key = key
        self._lock = threading.Lock()
        self._client: anthropic.Anthropic | None = None
        self._line: wire.Line | None = None

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
        """See hearing.Vendor.events."""
        client, line = self._open()
        import anthropic

        line.begin(call)
        stream = client.post(
            "/v1/messages",
            cast_to=object,
            body=body(request),
            options={"headers": {"Idempotency-Key": call.id}},
            stream=True,
            stream_cls=anthropic.Stream[object],
        )
        with stream:
            kind = stream.response.headers.get("content-type", "")
            if streams(kind):
                yield from stream
            else:
                yield whole(stream.response.read(), kind, has="content")

    def hear(self, heard: Heard, event: object) -> str:
        """See hearing.Vendor.hear."""
        return hear(heard, event)

    def usage(self, raw: dict[str, Any]) -> Usage | None:
        """See hearing.Vendor.usage."""
        return usage(raw)

    def _open(self) -> tuple[anthropic.Anthropic, wire.Line]:
        """The client, made once. Everything that it would read from the environment is given or taken away."""
        with self._lock:
            if self._client is None or self._line is None:
                url = address.checked_url(self._settings, DEFAULT_URL)
                key = address.checked_key(self._settings, self._given_key)
                with uncollected():
                    import anthropic

                    # The SDK sends a bearer token; many compatible servers know the older header only.
                    keyed = {"Authorization": f"Bearer {key}"}
                    if not address.is_at(self._settings, DEFAULT_URL):
                        keyed["x-api-key"] = key
                    ours = keyed | address.checked_headers(self._settings)
                    self._line = wire.Line(url, ours, wire.way_of(self._settings))
                    self._client = anthropic.Anthropic(
                        api_key=key,
                        webhook_key="",
                        base_url=url.rstrip("/").removesuffix("/v1"),
                        max_retries=wire.MAX_RETRIES,
                        open_telemetry=False,
                        http_client=self._line.client(),
                    )
            return self._client, self._line


def body(request: Request) -> dict[str, object]:
    """The request as JSON: system messages beside the others, cache breakpoints where the prompt marks them."""
    marked = [m for m in request.messages if m.cache_here][-MAX_BREAKPOINTS:]
    system = [_block(m, marked) for m in request.messages if m.role == "system"]
    asked: dict[str, object] = {
        "model": request.model.model,
        "max_tokens": request.max_output_tokens,
        "messages": [{"role": m.role, "content": [_block(m, marked)]} for m in request.messages if m.role != "system"],
        "stream": True,
    }
    return asked | ({"system": system} if system else {})


def _block(message: Message, marked: list[Message]) -> dict[str, object]:
    block: dict[str, object] = {"type": "text", "text": message.text}
    return block | ({"cache_control": _CACHE} if any(message is m for m in marked) else {})


def hear(heard: Heard, event: object) -> str:
    """Takes an event of a stream in, or a whole message."""
    if not isinstance(event, Mapping):
        heard.detail = "an event was no JSON object"
        return ""
    match event.get("type"):
        case "message_start":
            _about(heard, event.get("message"))
        case "message_delta":
            _about(heard, event.get("delta"))
            _count_in(heard, event.get("usage"))
        case "content_block_start":
            return _block_text(heard, event.get("content_block"))
        case "content_block_delta":
            return _block_text(heard, event.get("delta"))
        case "message":
            _about(heard, event)
            blocks = event.get("content")
            return "".join(_block_text(heard, b) for b in blocks) if isinstance(blocks, list) else ""
    return ""


def _about(heard: Heard, message: object) -> None:
    if not isinstance(message, Mapping):
        return
    if isinstance(message.get("model"), str) and message["model"]:
        heard.model = message["model"]
    reason = message.get("stop_reason")
    if isinstance(reason, str) and reason:
        heard.stop = _STOP.get(reason, StopReason.END)
    details = message.get("stop_details")
    if isinstance(details, Mapping) and heard.stop is StopReason.REFUSED:
        heard.refusal = str(details.get("explanation") or details.get("category") or "")
    _count_in(heard, message.get("usage"))


def _count_in(heard: Heard, raw: object) -> None:
    """Later counts replace earlier ones: those of `message_delta` are cumulative."""
    if isinstance(raw, Mapping):
        heard.usage |= {name: value for name, value in raw.items() if value is not None}


def _block_text(heard: Heard, block: object) -> str:
    if not isinstance(block, Mapping):
        return ""
    if isinstance(block.get("thinking"), str):
        heard.hidden_bytes += size_bytes(block["thinking"])
    text = block.get("text")
    return heard.say(text) if isinstance(text, str) and text else ""


def usage(raw: Mapping[str, Any]) -> Usage | None:
    """The bill. Anthropic's `input_tokens` are those after the last cache breakpoint: reads and writes come on top."""
    plain, output = count(raw, "input_tokens"), count(raw, "output_tokens")
    if plain is None or output is None:
        return None
    read = count(raw, "cache_read_input_tokens") or 0
    write = count(raw, "cache_creation_input_tokens") or 0
    return Usage(
        input_tokens=plain + read + write,
        cache_read_tokens=read,
        cache_write_tokens=write,
        output_tokens=output,
        reasoning_tokens=(count(inner(raw, "output_tokens_details"), "thinking_tokens") or 0),
        raw=dict(raw),
    )
