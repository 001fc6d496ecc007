"""OpenAI's responses API, for models that are served by no other: the client, address and key of chat completions.

Events as the API reference of `POST /v1/responses` describes them; a whole response is read as its last event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from routecli.domain.money import Usage
from routecli.domain.reply import Request, StopReason
from routecli.providers.bodies import count, inner, served_at, size_bytes
from routecli.providers.hearing import Heard

PATH = "/responses"
_HIDDEN = ("response.reasoning_text.delta", "response.reasoning_summary_text.delta",
           "response.function_call_arguments.delta", "response.custom_tool_call_input.delta")  # fmt: skip
_INCOMPLETE = {"max_output_tokens": StopReason.TRUNCATED, "content_filter": StopReason.REFUSED}


def body(request: Request) -> dict[str, object]:
    """The request as JSON. Nothing of it is kept by the server (`store`)."""
    return {
        "model": request.model.model,
        "input": [{"role": m.role, "content": m.text} for m in request.messages],
        "stream": True,
        "store": False,
        "max_output_tokens": request.max_output_tokens,
    }


def is_event(event: object) -> bool:
    """Whether `event` is of this API, not of chat completions."""
    if not isinstance(event, Mapping):
        return False
    return event.get("object") == "response" or str(event.get("type", "")).startswith("response.")


def hear(heard: Heard, event: object) -> str:
    """Takes an event of a stream in, or a whole response."""
    if not isinstance(event, Mapping):
        heard.detail = "an event was no JSON object"
        return ""
    kind = event.get("type")
    delta = event.get("delta")
    if isinstance(delta, str):
        if kind == "response.output_text.delta":
            return heard.say(delta)
        if kind == "response.refusal.delta":
            heard.refusal += delta
        elif kind in _HIDDEN:
            heard.hidden_bytes += size_bytes(delta)
        return ""
    if kind == "error":
        heard.detail = str(event.get("message") or "an error in the stream")
    if event.get("object") == "response":
        _ended(heard, event)
        return _words(heard, event)
    response = event.get("response")
    if isinstance(response, Mapping):
        _ended(heard, response)
    return ""


def _ended(heard: Heard, response: Mapping[str, Any]) -> None:
    """What a response says of itself; of one still under way only its model."""
    if isinstance(response.get("model"), str) and response["model"]:
        heard.model = response["model"]
    heard.service_tier = served_at(response, heard.service_tier)
    if isinstance(response.get("usage"), Mapping):
        heard.usage = dict(response["usage"])
    match response.get("status"):
        case "completed":
            heard.stop = StopReason.END
        case "incomplete":
            reason = inner(response, "incomplete_details").get("reason")
            heard.stop = _INCOMPLETE.get(str(reason), StopReason.TRUNCATED)
        case "failed" | "cancelled":
            heard.detail = str(inner(response, "error").get("message") or "the response failed")


def _words(heard: Heard, response: Mapping[str, Any]) -> str:
    output = response.get("output")
    said = []
    for item in output if isinstance(output, list) else ():
        parts = item.get("content") if isinstance(item, Mapping) else None
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, Mapping) and isinstance(part.get("refusal"), str):
                heard.refusal += part["refusal"]
            elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
                said.append(heard.say(part["text"]))
    return "".join(said)


def usage(raw: Mapping[str, Any]) -> Usage | None:
    """The bill. Input includes the cached, output the reasoning."""
    asked, answered = count(raw, "input_tokens"), count(raw, "output_tokens")
    if asked is None or answered is None:
        return None
    details = inner(raw, "input_tokens_details")
    return Usage(
        input_tokens=asked,
        cache_read_tokens=count(details, "cached_tokens") or 0,
        cache_write_tokens=count(details, "cache_write_tokens") or 0,
        output_tokens=answered,
        reasoning_tokens=count(inner(raw, "output_tokens_details"), "reasoning_tokens") or 0,
        raw=dict(raw),
    )
