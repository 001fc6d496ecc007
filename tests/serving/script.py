"""What a scripted server is told to do, one value per request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in. `headers` have lower-case names; `body` is the decoded JSON."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def text(self) -> str:
        """Everything that the model was told, system prompt included."""
        parts = [self.body.get("system", "")] + [m.get("content", "") for m in self.body.get("messages", [])]
        return "\n".join(p if isinstance(p, str) else "".join(b.get("text", "") for b in p) for p in parts)


@dataclass(frozen=True, slots=True)
class Say:
    """An answer. `stop` is `end`, `length`, `refusal` (with `refusal` as its text) or `filter`.

    `usage` False leaves the usage out; `model` is the one that says it served. `every_chars` is the size of a
    streamed piece, `pause_s` the time between two, `cut_after` closes the connection after so many pieces.
    `errors_after` sends an error event in the stream after so many pieces. Tokens default to a quarter of the text.
    `service_tier` is what chat completions say that they were served at.
    """

    text: str
    input_tokens: int = 100
    output_tokens: int | None = None
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    stop: str = "end"
    refusal: str = ""
    model: str | None = None
    usage: bool = True
    every_chars: int = 60
    pause_s: float = 0.0
    cut_after: int | None = None
    errors_after: int | None = None
    first_pause_s: float = 0.0
    service_tier: str = ""

    @property
    def billed_output_tokens(self) -> int:
        return len(self.text) // 4 + 1 if self.output_tokens is None else self.output_tokens

    @property
    def pieces(self) -> list[str]:
        return [self.text[i : i + self.every_chars] for i in range(0, len(self.text), self.every_chars)]


@dataclass(frozen=True, slots=True)
class Fail:
    """An error status with the API's own error body, or `body` as it stands."""

    status: int
    message: str = "scripted failure"
    retry_after: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    kind: str = "scripted_error"


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they stand after the status line, one chunk after the other."""

    chunks: tuple[bytes, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})
    pause_s: float = 0.0
    endless: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Says nothing for so long: before the status line, or with one byte of a header every `drip_s`."""

    seconds: float = 30.0
    drip_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Drop:
    """Closes the connection without a word."""


@dataclass(frozen=True, slots=True)
class Wire:
    """Bytes as they stand on the connection, status line and all; then silence for `silent_s`, then the end: a reset
    (RST) or a clean close."""

    pieces: tuple[bytes, ...] = ()
    pause_s: float = 0.0
    silent_s: float = 0.0
    reset: bool = True


Answer = Say | Fail | Raw | Hang | Drop | Wire
Scripted = Answer | Callable[[Received], Answer]
