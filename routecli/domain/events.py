"""What happens, as it happens. The core emits these; the terminal, the JSON stream and the ledger listen."""

from __future__ import annotations

from routecli.domain.ladder import Reason, Route
from routecli.domain.money import Usage, Usd
from routecli.domain.patch import Patch
from routecli.domain.receipt import Attempt, Receipt
from routecli.domain.task import Survey, Task
from routecli.domain.verdict import CheckResult, Verdict
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """A run has an id. Nothing was read or spent yet."""

    run_id: str
    instruction: str


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The files are known and counted."""

    task: Task
    survey: Survey


@dataclass(frozen=True, slots=True)
class Routed:
    """The decision before paying."""

    route: Route


@dataclass(frozen=True, slots=True)
class Calling:
    """A request is about to be sent. `reserved_usd` is its worst case, already counted against the budget. `purpose` is
    the attempt's (domain/receipt.py)."""

    attempt: int
    tier: str
    model: str
    input_tokens: int
    reserved_usd: Usd | None
    repair: bool = False
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Streaming:
    """Text is arriving. `editing` is the file that the reply is at, if one can be told."""

    attempt: int
    output_tokens: int
    editing: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """An answer came and is paid for. Money is recorded before the reply is judged."""

    attempt: int
    tier: str
    model: str
    model_served: str
    usage: Usage
    cost_usd: Usd | None
    latency_s: float
    stop: str
    request_id: str = ""
    retries: int = 0
    repair: bool = False
    first_token_s: float | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """The same request is being sent again. `why`: the status that came, or a lost connection."""

    attempt: int
    tier: str
    model: str
    why: str


@dataclass(frozen=True, slots=True)
class FailedOver:
    """One model of a tier is down; another of the same tier takes the request."""

    attempt: int
    tier: str
    model: str
    to_model: str
    why: str


@dataclass(frozen=True, slots=True)
class Patched:
    """The reply was read into a patch of the twin."""

    attempt: int
    patch: Patch


@dataclass(frozen=True, slots=True)
class Checking:
    """A check begins. `what` is `baseline` or `patched`."""

    attempt: int
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A check ended, compared with its baseline."""

    attempt: int
    result: CheckResult


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt is over."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Escalated:
    """The next attempt is at a dearer tier."""

    from_tier: str
    to_tier: str
    why: str


@dataclass(frozen=True, slots=True)
class Rerouted:
    """The next attempt is at another tier, and not because the code was wrong. `because` is a Trouble's value."""

    from_tier: str
    to_tier: str
    because: str
    why: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know that does not change the outcome."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over, whatever the outcome."""

    receipt: Receipt


Event = (
    Started
    | Surveyed
    | Routed
    | Calling
    | Streaming
    | Called
    | Retried
    | FailedOver
    | Patched
    | Checking
    | Checked
    | Judged
    | Escalated
    | Rerouted
    | Warned
    | Finished
)

__all__ = [
    "Called", "Calling", "Checked", "Checking", "Escalated", "Event", "FailedOver", "Finished", "Judged", "Patched",
    "Rerouted", "Retried", "Routed", "Started", "Streaming", "Surveyed", "Verdict", "Warned",
]  # fmt: skip
