"""Events as JSON, one object each, for `--output jsonl`. docs/events.md lists them; a test compares."""

from __future__ import annotations

from typing import Any

from routecli.domain.events import (
    Called,
    Calling,
    Checked,
    Checking,
    Escalated,
    Event,
    FailedOver,
    Finished,
    Judged,
    Patched,
    Rerouted,
    Retried,
    Routed,
    Started,
    Streaming,
    Surveyed,
    Warned,
)
from routecli.domain.receipt_json import (
    attempt_to_json,
    check_to_json,
    money,
    reason_to_json,
    route_to_json,
    task_to_json,
    to_json,
    usage_to_json,
)

EVENT_TYPES: dict[type[Any], str] = {
    Started: "started",
    Surveyed: "surveyed",
    Routed: "routed",
    Calling: "calling",
    Streaming: "streaming",
    Called: "called",
    Retried: "retried",
    FailedOver: "failed-over",
    Patched: "patched",
    Checking: "checking",
    Checked: "checked",
    Judged: "judged",
    Escalated: "escalated",
    Rerouted: "rerouted",
    Warned: "warned",
    Finished: "finished",
}
"""The name of each event in its `type` field."""


def event_to_json(event: Event) -> dict[str, Any]:
    """`event` as plain values: `type` first, then its fields."""
    return {"type": EVENT_TYPES[type(event)], **_fields(event)}


def _fields(event: Event) -> dict[str, Any]:
    match event:
        case Started(run_id=run_id, instruction=instruction):
            return {"run_id": run_id, "task": instruction}
        case Surveyed():
            return _surveyed(event)
        case Routed(route=route):
            return route_to_json(route)
        case Called():
            return _called(event)
        case Patched(attempt=attempt, patch=patch):
            return {"attempt": attempt, "files": list(patch.paths), "already_there": patch.already_there}
        case Checked(attempt=attempt, result=result):
            return {"attempt": attempt, "check": check_to_json(result)}
        case Judged(attempt=attempt):
            return {"attempt": attempt_to_json(attempt)}
        case Warned(reason=reason):
            return reason_to_json(reason)
        case Finished(receipt=receipt):
            return {"receipt": to_json(receipt)}
        case Retried() | FailedOver() | Escalated() | Rerouted():
            return _moved(event)
        case _:
            return _progress(event)


def _moved(event: Retried | FailedOver | Escalated | Rerouted) -> dict[str, Any]:
    """Why another request is sent: four words, and none stands for another."""
    match event:
        case Retried():
            return {"attempt": event.attempt, "tier": event.tier, "model": event.model, "why": event.why}
        case FailedOver():
            return {
                "attempt": event.attempt,
                "tier": event.tier,
                "model": event.model,
                "to_model": event.to_model,
                "why": event.why,
            }
        case Escalated():
            return {"from_tier": event.from_tier, "to_tier": event.to_tier, "why": event.why}
        case Rerouted():
            return {
                "from_tier": event.from_tier, "to_tier": event.to_tier, "because": event.because, "why": event.why,
            }  # fmt: skip


def _progress(event: Calling | Streaming | Checking) -> dict[str, Any]:
    match event:
        case Calling():
            return {
                "attempt": event.attempt,
                "tier": event.tier,
                "model": event.model,
                "input_tokens": event.input_tokens,
                "reserved_usd": money(event.reserved_usd),
                "repair": event.repair,
                "purpose": event.purpose,
            }
        case Streaming():
            return {"attempt": event.attempt, "output_tokens": event.output_tokens, "editing": event.editing}
        case Checking():
            return {"attempt": event.attempt, "name": event.name, "what": event.what}


def _surveyed(event: Surveyed) -> dict[str, Any]:
    survey = event.survey
    return {
        **task_to_json(event.task),
        "tree": survey.tree,
        "context_tokens": survey.context_tokens,
        "tokenizer": survey.tokenizer,
        "repo_files": survey.repo_files,
        "signals": list(survey.signals),
        "files": [
            {"path": f.path, "size_bytes": f.size_bytes, "tokens": f.tokens, "role": f.role.value, "why": f.why}
            for f in survey.files
        ],
    }


def _called(event: Called) -> dict[str, Any]:
    return {
        "attempt": event.attempt,
        "tier": event.tier,
        "model": event.model,
        "model_served": event.model_served,
        "usage": usage_to_json(event.usage),
        "cost_usd": money(event.cost_usd),
        "latency_s": round(event.latency_s, 3),
        "stop": event.stop,
        "request_id": event.request_id,
        "retries": event.retries,
        "repair": event.repair,
        "first_token_s": None if event.first_token_s is None else round(event.first_token_s, 3),
        "purpose": event.purpose,
    }
