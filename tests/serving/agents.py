"""What real agents are answered with: one tool call that mends calc.py, then a last word. Events as the vendors
document them; tools by the names that claude 2.1 and codex 0.171 offer."""

from __future__ import annotations

import json
from typing import Any

from serving.script import Raw, Received, Say

EDIT = "sed -i 's/a - b/a + b/' calc.py"


def _events(events: list[dict[str, Any]]) -> Raw:
    return Raw(tuple(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events))


def claude_mends(received: Received) -> Raw | Say:
    """By its Bash tool; 1,500 tokens in (500 cached) and 50 out, then 1,200 in and 5 out."""
    results = [b for m in received.body["messages"] if isinstance(m["content"], list) for b in m["content"]
               if b.get("type") == "tool_result"]  # fmt: skip
    if results or "tools" not in received.body:
        return Say("Done.", input_tokens=1200, output_tokens=5)
    usage = {"input_tokens": 1000, "cache_read_input_tokens": 500, "cache_creation_input_tokens": 0, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": received.model, "content": [],
               "stop_reason": None, "stop_sequence": None, "usage": usage}  # fmt: skip
    block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}
    words = json.dumps({"command": EDIT, "description": "mend"})
    return _events(
        [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": words}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None},
             "usage": {"output_tokens": 50}},
            {"type": "message_stop"},
        ]
    )  # fmt: skip


def codex_mends(received: Received) -> Raw:
    """By whichever of its tools runs a command; 900 tokens in (400 cached) and 40 out, twice."""
    said = [item for item in received.body["input"] if "output" in item.get("type", "")]
    names = {tool.get("name") for tool in received.body.get("tools", [])}
    call: dict[str, Any] = {"id": "c_1", "call_id": "call_1", "status": "completed"}
    if said:
        parts = [{"type": "output_text", "text": "Done.", "annotations": []}]
        item = {"type": "message", "id": "m_1", "role": "assistant", "status": "completed", "content": parts}
    elif "exec_command" in names:
        item = call | {"type": "function_call", "name": "exec_command", "arguments": json.dumps({"cmd": EDIT})}
    else:
        source = f"const r = await tools.exec_command({{cmd: {json.dumps(EDIT)}}}); text(JSON.stringify(r));"
        item = call | {"type": "custom_tool_call", "name": "exec", "input": source}
    return responses(received.model, item)


def responses(model: str, item: dict[str, Any]) -> Raw:
    """One response of the responses API, streamed."""
    usage = {"input_tokens": 900, "input_tokens_details": {"cached_tokens": 400}, "output_tokens": 40,
             "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 940}  # fmt: skip
    whole = {"id": "resp_1", "object": "response", "model": model, "status": "completed", "output": [item]}
    return _events(
        [
            {"type": "response.created", "response": whole | {"status": "in_progress", "output": []}},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": whole | {"usage": usage}},
        ]
    )
