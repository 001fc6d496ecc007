"""What was asked and answered, word for word: only where `keep` asks for it. One file a run, a line an exchange."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from pathlib import Path

from routecli.config.places import own_folder, read_small
from routecli.domain.reply import Message
from routecli.nouns import dataclass

FOLDER = "exchanges"
_LIMIT_BYTES = 100_000_000
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,100}")
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call. `attempt` is its number in the receipt, `stop` a StopReason's value; `reply` is text as it came."""

    attempt: int
    tier: str
    model: str
    purpose: str
    messages: tuple[Message, ...]
    reply: str
    stop: str


class Exchanges:
    """The folder of kept texts; `folder` None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def _file(self, run_id: str) -> Path | None:
        return self._folder / f"{run_id}.jsonl" if self._folder and _RUN_ID.fullmatch(run_id) else None

    def append(self, run_id: str, line: str) -> bool:
        """Adds `line`, an exchange as `to_line` writes it, its secrets taken out by the caller. False where nothing can
        be kept. Raises OSError."""
        file = self._file(run_id)
        if file is None or own_folder(file.parent, FOLDER).path is None:
            return False
        with os.fdopen(os.open(file, _APPEND, 0o600), "ab") as stream:
            stream.write(line.encode("utf-8", "backslashreplace") + b"\n")
        return True

    def read(self, run_id: str) -> tuple[Exchange, ...]:
        """All of a run, in order; none where nothing was kept. What cannot be read is left out."""
        file = self._file(run_id)
        try:
            raw = read_small(file, limit_bytes=_LIMIT_BYTES) if file else None
        except OSError:
            return ()
        lines = (raw or b"").decode("utf-8", "replace").splitlines()
        return tuple(found for line in lines if (found := from_line(line)) is not None)


NOTHING_KEPT = Exchanges(None)


def to_line(exchange: Exchange) -> str:
    """One line of JSON."""
    return json.dumps(asdict(exchange), ensure_ascii=True)


def from_line(line: str) -> Exchange | None:
    """What `to_line` wrote; None where it is something else."""
    try:
        whole = json.loads(line)
        messages = tuple(Message(str(m["role"]), str(m["text"]), bool(m["cache_here"])) for m in whole["messages"])
        texts = {name: str(whole[name]) for name in ("tier", "model", "purpose", "reply", "stop")}
        return Exchange(attempt=int(whole["attempt"]), messages=messages, **texts)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
