"""What goes to a model and what comes back, whatever the vendor."""

from __future__ import annotations

from enum import StrEnum

from routecli.domain.ladder import ModelRef
from routecli.domain.money import Usage
from routecli.domain.patch import FileEdit
from routecli.domain.task import Task
from routecli.nouns import dataclass


class StopReason(StrEnum):
    """Why the model stopped, or was stopped: the last three are our own doing, while the reply was being written.
    TOO_LONG is text of the model's without end; a body without end is MALFORMED, its server's fault. LATE is an answer
    that had not ended at the deadline."""

    END = "end"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    EMPTY = "empty"
    INTERRUPTED = "interrupted"
    TOO_LONG = "too-long"
    MALFORMED = "malformed"
    LATE = "late"
    LOOPING = "looping"
    NO_DIALECT = "no-dialect"
    RUNAWAY = "runaway"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `cache_here` marks the end of a prefix that stays the same between calls."""

    role: str
    text: str
    cache_here: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one tier is asked. `edit_format` is the dialect that it is told to answer in; `input_tokens` is counted by
    that model's tokenizer ratio, an estimate until the bill comes."""

    messages: tuple[Message, ...]
    edit_format: str
    input_tokens: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may be silent: until it is connected to, until the head of its answer is there, and between
    two pieces of the answer. Reasoning models think for minutes before their first word."""

    connect_s: float = 10.0
    first_byte_s: float = 180.0
    idle_s: float = 180.0


PATIENT = Patience()
"""What is waited where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `deadline_s` bounds the whole call, retries included; `patience` each silence in it; `max_reply_bytes`
    ends a runaway stream. `input_tokens` is the prompt's own estimate, for answers that report no usage; 0: not
    counted."""

    task: Task
    model: ModelRef
    messages: tuple[Message, ...]
    max_output_tokens: int
    deadline_s: float = 600.0
    max_reply_bytes: int = 2_000_000
    input_tokens: int = 0
    patience: Patience = PATIENT


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `edits` is set only by backends that work on files themselves (tools, agents): their change needs
    no parsing. `detail` is a provider's own word on a refusal or a malformed body, untrusted text."""

    text: str
    stop: StopReason
    usage: Usage
    model_served: str
    latency_s: float = 0.0
    first_token_s: float | None = None
    retries: int = 0
    request_id: str = ""
    detail: str = ""
    edits: tuple[FileEdit, ...] | None = None
