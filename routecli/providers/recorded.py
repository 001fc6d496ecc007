"""The file of recorded replies: TOML, written by hand, read by the `replay` provider and by the demo's server.

[[replies]]
model = "deepseek-v4-flash"   # answers this model only; left out: any
text = '''…'''
stop = "end"                  # end, truncated, refused, empty
input_tokens = 412            # usage as billed; left out: none is reported
cache_read_tokens = 0
output_tokens = 96
"""

from __future__ import annotations

import threading
import tomllib
from pathlib import Path
from typing import Any

from routecli.domain.reply import StopReason
from routecli.errors import ConfigFault
from routecli.nouns import dataclass

_STOPS = (StopReason.END, StopReason.TRUNCATED, StopReason.REFUSED, StopReason.EMPTY)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded reply. Token counts None: the reply reports no usage."""

    text: str
    model: str | None = None
    stop: StopReason = StopReason.END
    input_tokens: int | None = None
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int | None = None
    reasoning_tokens: int = 0


class Tape:
    """Recorded replies in order: each is given once, to the first request of its model."""

    def __init__(self, replies: tuple[Recorded, ...]) -> None:
        self._left = list(replies)
        self._lock = threading.Lock()

    def take(self, model: str) -> Recorded | None:
        """The next reply for `model`, or None where none is left."""
        with self._lock:
            for place, reply in enumerate(self._left):
                if reply.model in (None, model):
                    return self._left.pop(place)
        return None


def read(path: Path) -> tuple[Recorded, ...]:
    """The replies in `path`. Raises ConfigFault with the place of what is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise ConfigFault(f"{path}: {fault.strerror}", hint="set providers.NAME.replies to a file") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigFault(f"{path}: {fault}") from fault
    rows = data.get("replies")
    if not isinstance(rows, list) or set(data) != {"replies"}:
        raise ConfigFault(f"{path}: a file of recorded replies holds [[replies]] and nothing else")
    return tuple(_reply(row, f"{path}: reply {number}") for number, row in enumerate(rows, 1))


_KINDS: dict[str, type] = {
    "text": str, "model": str, "stop": str, "input_tokens": int, "cache_read_tokens": int,
    "cache_write_tokens": int, "output_tokens": int, "reasoning_tokens": int,
}  # fmt: skip


def _reply(row: dict[str, Any], where: str) -> Recorded:
    if "text" not in row:
        raise ConfigFault(f"{where} has no text")
    for name, value in row.items():
        if name not in _KINDS:
            raise ConfigFault(f"{where}: {name} is not one of {', '.join(_KINDS)}")
        if type(value) is not _KINDS[name] or (isinstance(value, int) and value < 0):
            raise ConfigFault(f"{where}: {name} is no {'text' if _KINDS[name] is str else 'count'}")
    if "stop" in row and row["stop"] not in {s.value for s in _STOPS}:
        raise ConfigFault(f"{where}: stop is not one of {', '.join(s.value for s in _STOPS)}")
    return Recorded(**row | {"stop": StopReason(row.get("stop", "end"))})
