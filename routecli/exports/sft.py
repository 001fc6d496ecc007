"""Accepted runs as lines to fine-tune a model on: one chat a line, as the services and trainers take it."""

from __future__ import annotations

import json

from routecli.domain.reply import Message
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One accepted attempt: what was asked, what was answered, and the patch that came of it. `strength` is how much
    the acceptance rests on, `licence` a note on whose code it is; `truth` is good where somebody said so."""

    run_id: str
    kind: str
    tier: str
    model: str
    edit_format: str
    messages: tuple[Message, ...]
    reply: str
    patch: str
    strength: str
    licence: str
    truth: str


def to_line(sample: Sample, *, bare: bool) -> str:
    """`messages` as the chat formats have them, the reply last; beside it, unless `bare`, what is known of it."""
    chat = [{"role": message.role, "content": message.text} for message in sample.messages]
    line: dict[str, object] = {"messages": [*chat, {"role": "assistant", "content": sample.reply}]}
    if not bare:
        names = ("run_id", "kind", "tier", "model", "edit_format", "patch", "strength", "licence", "truth")
        line["metadata"] = {name: getattr(sample, name) for name in names}
    return json.dumps(line, ensure_ascii=False)
