"""What a cascade is made of, what limits it, and what has happened so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime

from routecli.cascade.calling import Answer, Untroubled
from routecli.cascade.classifying import Classifying
from routecli.cascade.opinions import Reviewers
from routecli.cascade.way import Detours, no_detours
from routecli.domain.ladder import Tier
from routecli.domain.patch import Patch
from routecli.domain.receipt import Attempt, Baseline, Move, Receipt
from routecli.domain.reply import PATIENT, Patience
from routecli.nouns import dataclass
from routecli.ports import Deliverer, Health, Listener, Pricer, Prompter, Provider, Purse, Reader, Verifier, Workspace


@dataclass(frozen=True, slots=True)
class Limits:
    """`attempts` None: as many as the tiers allow. Repairs of form count as calls, not as attempts. `reproductions`:
    how many tests of the task are asked for, where one is wanted; `with_test` delivers them with the fix.
    `prose_tokens`: how long a reply may be without any edit; 0: as long as it likes."""

    attempts: int | None = None
    calls: int = 15
    request_s: float = 600.0
    reproductions: int = 1
    with_test: bool = False
    patience: Patience = PATIENT
    prose_tokens: int = 3_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What a cascade is made of; compose wires it. `hidden` takes away what an agent's twin must not hold."""

    providers: Mapping[str, Provider]
    prompter: Prompter
    reader: Reader
    pricer: Pricer
    purse: Purse
    workspace: Workspace
    verifier: Verifier
    deliverer: Deliverer
    emit: Listener
    baseline: Callable[[Sequence[Attempt]], Baseline]
    isolation_note: str = ""
    reproducer: Tier | None = None
    health: Health = field(default_factory=Untroubled)
    detours: Detours = no_detours
    hidden: Callable[[], Patch | None] = lambda: None
    reviewers: Reviewers = field(default_factory=Reviewers)
    misgiving: Callable[[str, int], str] = lambda _model, _confidence: ""
    classifying: Classifying | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The receipt, and what to raise after it was told: a fault that stopped the run, or the signal itself."""

    receipt: Receipt
    fault: BaseException | None = None


@dataclass(slots=True)
class Tally:
    """What has happened so far."""

    attempts: list[Attempt] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    tries: int = 0
    begun: float = field(default_factory=time.monotonic)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
