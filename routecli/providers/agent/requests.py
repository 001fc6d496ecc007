"""An agent's request to its provider: whether it may leave, with what cap on its answer, and how its bill is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from routecli.domain.money import Usage, UsageSource
from routecli.nouns import dataclass
from routecli.providers import anthropic_messages, openai_compat, openai_responses
from routecli.providers.bodies import count
from routecli.providers.hearing import BYTES_PER_TOKEN, Heard

_LEAST_BYTES_PER_TOKEN = 3
"""For the worst case that is set aside: JSON of code and prose has more."""
_LEAST_THINKING_TOKENS = 1024


class NotAllowed(Exception):
    """The request does not leave; the text says why, to the agent."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One API as the door knows it: `cap` names the cap on the answer in its body."""

    cap: str
    hear: Callable[[Heard, object], str]
    usage: Callable[[dict[str, Any]], Usage | None]
    key_header: str = "authorization"


WIRES: dict[str, Wire] = {
    "/messages": Wire("max_tokens", anthropic_messages.hear, anthropic_messages.usage, "x-api-key"),
    "/chat/completions": Wire("max_tokens", openai_compat.hear, openai_compat.usage),
    "/responses": Wire("max_output_tokens", openai_responses.hear, openai_responses.usage),
}
"""By the end of the path. Nothing else is billed, so nothing else but FREE leaves."""
FREE = ("/models", "/messages/count_tokens")


def wire_of(path: str) -> Wire | None:
    """The API that `path` (without its query) belongs to; None for what costs nothing. Raises NotAllowed."""
    for end, wire in WIRES.items():
        if path.endswith(end):
            return wire
    if path.endswith(FREE) or "/models/" in path:
        return None
    raise NotAllowed(f"{path[:200]} is no address that may be asked here")


def bounded(raw: bytes, wire: Wire, model: str, max_output_tokens: int) -> tuple[bytes, int]:
    """The body to send, its answer capped, and that cap in tokens. Raises NotAllowed: no JSON, or another model."""
    try:
        body = json.loads(raw)
    except ValueError:
        raise NotAllowed("the body is no JSON") from None
    if not isinstance(body, dict):
        raise NotAllowed("the body is no JSON object")
    if body.get("model") != model:
        raise NotAllowed(f"only the model {model} may be asked, not {str(body.get('model'))[:100]}")
    name = "max_completion_tokens" if "max_completion_tokens" in body else wire.cap
    asked = count(body, name)
    cap = min(asked, max_output_tokens) if asked else max_output_tokens
    body[name] = cap
    thinking = body.get("thinking")
    if isinstance(thinking, dict) and (count(thinking, "budget_tokens") or 0) >= cap:
        thinking["budget_tokens"] = max(_LEAST_THINKING_TOKENS, cap // 2)
    if wire.cap == "max_tokens" and wire.key_header == "authorization" and body.get("stream"):
        body["stream_options"] = {"include_usage": True}
    return json.dumps(body).encode(), cap


def worst_input_tokens(raw: bytes) -> int:
    """The most that a prompt of these bytes is taken to be."""
    return -(-len(raw) // _LEAST_BYTES_PER_TOKEN)


class Bill:
    """Reads an answer as it passes by: events of a stream, or one JSON body."""

    def __init__(self, wire: Wire, sent: bytes, content_type: str) -> None:
        self._wire = wire
        self._sent_bytes = len(sent)
        self._streams = "event-stream" in content_type
        self._rest = b""
        self.heard = Heard()

    def take(self, piece: bytes) -> None:
        """The next bytes of the answer."""
        self._rest += piece
        if not self._streams:
            return
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                self._event(line[5:].strip())

    def _event(self, raw: bytes) -> None:
        try:
            event = json.loads(raw)
        except ValueError:
            return  # `[DONE]`, or a fault that the agent will see as well
        if isinstance(event, Mapping):
            self.heard.events += 1
            self._wire.hear(self.heard, event)

    def usage(self) -> Usage:
        """What was billed; estimated, and marked so, where the answer did not say."""
        if not self._streams and self._rest:
            self._event(self._rest)
            self._rest = b""
        found = self._wire.usage(self.heard.usage) if self.heard.usage else None
        if found is not None and self.heard.stop is not None:
            return found
        got = self.heard.size_bytes + self.heard.hidden_bytes
        output = max(-(-got // BYTES_PER_TOKEN), found.output_tokens if found else 0)
        asked = found.input_tokens if found else self._sent_bytes // BYTES_PER_TOKEN
        read, write = (found.cache_read_tokens, found.cache_write_tokens) if found else (0, 0)
        return Usage(asked, read, write, output, source=UsageSource.ESTIMATED, raw=self.heard.usage)


__all__ = ["Bill", "NotAllowed", "Wire", "bounded", "wire_of", "worst_input_tokens"]
