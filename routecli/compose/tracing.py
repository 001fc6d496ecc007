"""`--debug`: everything that was sent, answered and decided in one run, as a file, with no secret in it.

One JSON object a line. It holds the prompts and replies themselves, so it is as private as the code in them.
"""

from __future__ import annotations

import json
import os
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from routecli.config.places import own_folder, state_place
from routecli.domain.events import Event, Streaming
from routecli.domain.events_json import event_to_json
from routecli.domain.receipt_json import usage_to_json
from routecli.domain.reply import Reply, Request
from routecli.domain.untrusted import redact
from routecli.errors import ProviderFault
from routecli.ports import Secrets

FOLDER = "traces"
_KEEP = 20
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class Trace:
    """The file of one run; the last twenty are kept. A listener, and an ear at the providers. Never raises: a
    disk that is full ends the trace, not the run."""

    def __init__(self, path: Path, secrets: Secrets) -> None:
        self.path = path
        self._secrets = secrets
        self._lock = threading.Lock()
        self._broken = False

    def __call__(self, event: Event) -> None:
        """Hears an event of the run. Text that is still arriving is left out: the reply holds it."""
        if not isinstance(event, Streaming):
            self.write("event", event_to_json(event))

    def asked(self, _provider: str, request: Request, /) -> None:
        """See overhearing.Ear.asked."""
        self.write("request", _request(request))

    def answered(self, _provider: str, _request: Request, reply: Reply, /) -> None:
        """See overhearing.Ear.answered."""
        self.write("reply", _reply(reply))

    def failed(self, provider: str, _request: Request, fault: BaseException, /) -> None:
        """See overhearing.Ear.failed."""
        told: dict[str, Any] = {}
        if isinstance(fault, ProviderFault):
            told = {"retries": fault.retries, "request_id": fault.request_id}
        trace = "".join(traceback.format_exception(fault))
        self.write("fault", {"provider": provider, **told, "trace": trace})

    def write(self, what: str, values: Mapping[str, Any]) -> None:
        """One line, redacted."""
        if self._broken:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            line = redact(json.dumps({"at": at, "what": what, **values}, default=str), self._secrets.values())
            with self._lock:
                handle = os.open(
                    self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
                )
                with os.fdopen(handle, "ab") as stream:
                    stream.write(line.encode("utf-8", "backslashreplace") + b"\n")
        except (OSError, ValueError):
            self._broken = True


def open_trace(run_id: str, environ: Mapping[str, str], secrets: Secrets) -> Trace | None:
    """The trace of the run; None where there is no state folder to keep it in."""
    state = state_place(environ).path
    folder = own_folder(state / FOLDER, "traces").path if state else None
    if folder is None:
        return None
    try:
        old = sorted(folder.glob("*.jsonl"))
        for file in old[: max(0, len(old) - _KEEP + 1)]:
            file.unlink(missing_ok=True)
    except OSError:
        return None
    return Trace(folder / f"{run_id}.jsonl", secrets)


def _request(request: Request) -> dict[str, Any]:
    return {
        "model": str(request.model),
        "max_output_tokens": request.max_output_tokens,
        "deadline_s": request.deadline_s,
        "messages": [{"role": m.role, "text": m.text, "cache_here": m.cache_here} for m in request.messages],
    }


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "model_served": reply.model_served,
        "request_id": reply.request_id,
        "stop": reply.stop.value,
        "detail": reply.detail,
        "retries": reply.retries,
        "first_token_s": reply.first_token_s,
        "latency_s": reply.latency_s,
        "usage": usage_to_json(reply.usage) | {"raw": reply.usage.raw},
        "text": reply.text,
    }
