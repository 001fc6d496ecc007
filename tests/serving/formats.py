"""One Say in the two wire formats, whole and streamed, as the vendors document them."""

from __future__ import annotations

import json
from typing import Any

from serving.script import Say

OPENAI_STOP = {"end": "stop", "length": "length", "refusal": "stop", "filter": "content_filter"}
ANTHROPIC_STOP = {"end": "end_turn", "length": "max_tokens", "refusal": "refusal", "filter": "refusal"}


def openai_usage(say: Say) -> dict[str, Any]:
    """Prompt tokens include the cached ones, completion tokens the reasoning."""
    return {
        "prompt_tokens": say.input_tokens,
        "completion_tokens": say.billed_output_tokens,
        "total_tokens": say.input_tokens + say.billed_output_tokens,
        "prompt_tokens_details": {"cached_tokens": say.cache_read_tokens},
        "completion_tokens_details": {"reasoning_tokens": say.reasoning_tokens},
    }


def openai_whole(say: Say, model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": say.text or None, "refusal": say.refusal or None}
    body: dict[str, Any] = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 1,
        "model": say.model or model,
        "choices": [{"index": 0, "message": message, "finish_reason": OPENAI_STOP[say.stop]}],
    }
    return body | ({"usage": openai_usage(say)} if say.usage else {})


def openai_events(say: Say, model: str, *, usage: bool) -> list[bytes]:
    def event(choices: list[Any], **more: Any) -> bytes:
        chunk = {"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1,
                 "model": say.model or model, "choices": choices} | more  # fmt: skip
        if say.service_tier:
            chunk["service_tier"] = say.service_tier
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    def delta(content: dict[str, Any], stop: str | None = None) -> bytes:
        return event([{"index": 0, "delta": content, "finish_reason": stop}])

    events = [delta({"role": "assistant", "content": ""})]
    events += [delta({"content": piece}) for piece in say.pieces]
    if say.refusal:
        events.append(delta({"refusal": say.refusal}))
    events.append(delta({}, OPENAI_STOP[say.stop]))
    if usage and say.usage:
        events.append(event([], usage=openai_usage(say)))
    return [*events, b"data: [DONE]\n\n"]


def anthropic_usage(say: Say) -> dict[str, Any]:
    """Input tokens are those after the last cache breakpoint: cached ones are beside them."""
    return {
        "input_tokens": say.input_tokens - say.cache_read_tokens - say.cache_write_tokens,
        "cache_read_input_tokens": say.cache_read_tokens,
        "cache_creation_input_tokens": say.cache_write_tokens,
    }


def anthropic_whole(say: Say, model: str) -> dict[str, Any]:
    body = {
        "id": "msg_scripted",
        "type": "message",
        "role": "assistant",
        "model": say.model or model,
        "content": [{"type": "text", "text": say.text}] if say.text else [],
        "stop_reason": ANTHROPIC_STOP[say.stop],
        "stop_sequence": None,
    }
    usage = anthropic_usage(say) | {"output_tokens": say.billed_output_tokens}
    return body | ({"usage": usage} if say.usage else {})


def anthropic_events(say: Say, model: str) -> list[bytes]:
    def event(name: str, **more: Any) -> bytes:
        return f"event: {name}\ndata: {json.dumps({'type': name} | more)}\n\n".encode()

    start = anthropic_whole(say, model) | {"content": [], "stop_reason": None}
    final: dict[str, Any] = {"delta": {"stop_reason": ANTHROPIC_STOP[say.stop], "stop_sequence": None}}
    if say.usage:
        start["usage"] = anthropic_usage(say) | {"output_tokens": 1}
        final["usage"] = {"output_tokens": say.billed_output_tokens}
    events = [event("message_start", message=start), event("ping")]
    if say.text:
        block = {"type": "text", "text": ""}
        events.append(event("content_block_start", index=0, content_block=block))
        events += [
            event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece}) for piece in say.pieces
        ]
        events.append(event("content_block_stop", index=0))
    return [*events, event("message_delta", **final), event("message_stop")]


def error_event(api: str) -> bytes:
    """An error in the middle of a stream, as overloaded servers send it."""
    error = {"type": "overloaded_error", "message": "scripted overload"}
    if api == "anthropic":
        return b"event: error\ndata: " + json.dumps({"type": "error", "error": error}).encode() + b"\n\n"
    return b"data: " + json.dumps({"error": error}).encode() + b"\n\n"
