"""What a run did and cost. One per run, interrupted runs included."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from routecli.domain.answered import Answered
from routecli.domain.ladder import Route
from routecli.domain.money import Usage, Usd
from routecli.domain.opinion import Doubt
from routecli.domain.patch import Patch
from routecli.domain.task import Task
from routecli.domain.verdict import Verdict
from routecli.nouns import dataclass

SCHEMA_VERSION = 1


class Outcome(StrEnum):
    """How a run ended. The exit status follows from it."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    UNVERIFIED = "unverified"
    NOT_WRITTEN = "not-written"
    NOTHING_TO_CHANGE = "nothing-to-change"
    ANSWERED = "answered"
    BUDGET = "budget"
    PROVIDER = "provider"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Isolation(StrEnum):
    """Where the tests ran, from full to none; WRAPPER is the user's own. Each level's holes are in docs/security.md."""

    BUBBLEWRAP = "bubblewrap"
    UNSHARE = "unshare"
    WRAPPER = "wrapper"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One paid (or free) try. `repair` is a second call in the same tier for the form of the reply only; `cost_usd`
    None means that the price is unknown. `edit_format` is the dialect that was asked for. `purpose` is empty for a
    try at the task, else what the call was for: `reproduction`, `second-opinion`, `answer`; `retry`, `failover`: its
    answer broke off, the bill is all that is left of it, and this came of it. An opinion is `about` the attempt of that
    number (0: about none); its `doubts` are None where the reply was no opinion. `confidence` is the writer's own, 1 to
    10. `differs_from` are numbers of refused attempts whose patch answers otherwise on some input."""

    number: int
    tier: str
    model: str
    model_served: str
    usage: Usage
    cost_usd: Usd | None
    wall_s: float
    verdict: Verdict
    patch: Patch | None
    edit_format: str = ""
    repair: bool = False
    retries: int = 0
    request_id: str = ""
    stop: str = ""
    purpose: str = ""
    uncached_usd: Usd | None = None
    about: int = 0
    doubts: tuple[Doubt, ...] | None = None
    confidence: int | None = None
    differs_from: tuple[int, ...] = ()


class MoveKind(StrEnum):
    """Why another request was sent. A retry is the same one again, a failover another model of the tier because one is
    down, an escalation a dearer tier because the code was wrong, a reroute another tier for any other reason."""

    RETRY = "retry"
    FAILOVER = "failover"
    ESCALATION = "escalation"
    REROUTE = "reroute"


@dataclass(frozen=True, slots=True)
class Move:
    """One such step: from a model to a model, or from a tier to a tier. `attempt` is the call that it belongs to; 0:
    none. `because` is what a reroute was for."""

    kind: MoveKind
    attempt: int
    source: str
    target: str
    why: str
    because: str = ""


class Trouble(StrEnum):
    """What leads to another tier although no code was judged wrong."""

    THROTTLED = "throttled"
    REFUSED = "refused"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a patch. `written` False: nothing of the user's changed, and `why` says what stood against it."""

    written: bool
    why: str = ""
    commit: str | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the top tier alone would have cost: an estimate, and named as one, unless that tier was really called
    (`estimated` False). `how` says how it was made."""

    tier: str
    model: str
    cost_usd: Usd | None
    how: str
    estimated: bool = True


NETWORK_WAS_THERE = "the network was there"
"""How an isolation note names a network that the user opened to every command in the sandbox."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The whole of a run. `patch_text` is a unified diff of what was delivered or saved; `written` and `commit` say
    what became of it; `isolation_note` names what the level does not cover, `reached_hosts` those that an agent could
    reach through our proxy; `moves` say why there was more than one request. `answered` is set for a question or a
    review, which end without a patch: nothing was run for them."""

    run_id: str
    started_at: datetime
    wall_s: float
    task: Task
    route: Route
    attempts: tuple[Attempt, ...]
    outcome: Outcome
    why: str
    cost_usd: Usd | None
    prices_as_of: date | None
    baseline: Baseline
    isolation: Isolation
    isolation_note: str = ""
    reached_hosts: tuple[str, ...] = ()
    patch: Patch | None = None
    patch_text: str = ""
    written: bool = False
    commit: str | None = None
    hint: str = ""
    moves: tuple[Move, ...] = ()
    answered: Answered | None = None
    schema_version: int = SCHEMA_VERSION
    extra: dict[str, Any] | None = None

    @property
    def caching_usd(self) -> Usd | None:
        """What prompt caching saved, net of what its writes cost: against the same tokens without any cache. Below zero
        where nobody read what was written; None where of no attempt both amounts are known."""
        known = [
            a.uncached_usd - a.cost_usd for a in self.attempts if a.uncached_usd is not None and a.cost_usd is not None
        ]
        return Usd(sum(known, Decimal(0))) if known else None
