"""What `doctor` finds: one part of the machine, how it stands, and the command that puts it right."""

from __future__ import annotations

from enum import StrEnum

from routecli.nouns import dataclass


class State(StrEnum):
    """`warn`: runs work, and something is less than it could be. `fail`: runs cannot work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Condition:
    """One line. `text` may hold words of a server's; `fix` is what to type, empty where there is nothing to do."""

    part: str
    state: State
    text: str
    fix: str = ""
