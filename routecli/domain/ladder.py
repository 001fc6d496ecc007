"""Tiers and the decision which of them to pay first."""

from __future__ import annotations

from routecli.domain.classified import Classified
from routecli.domain.explained import Considered, Explained
from routecli.domain.money import Usd
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class ModelRef:
    """`provider/model` as a tier names it; the model's own name may hold slashes."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Tier:
    """A rung of the ladder. `rank` counts from 0 (tools, no model) upward; `models` are tried in order when a
    provider is down (failover), and `select` is how that order is chosen. `context_limit_tokens` None means: not known,
    never passed over for it. `kinds` are the kinds of task that it takes; empty: all. `lane` is local, background or
    cloud: on this machine, slow and cheap, or neither. `prior` is the share of tasks that the user takes it to get
    right before anything was seen of it."""

    name: str
    rank: int
    models: tuple[ModelRef, ...]
    edit_format: str = "auto"
    attempts: int = 1
    repairs: int = 1
    max_output_tokens: int = 8192
    context_limit_tokens: int | None = None
    lane: str = "cloud"
    select: str = "order"
    kinds: tuple[str, ...] = ()
    prior: float | None = None

    @property
    def is_tools(self) -> bool:
        """Tier 0: no model, no price."""
        return self.rank == 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a route, as a value: `code` is stable for scripts, `text` is one line for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one attempt of a tier is expected to cost. `cost_usd` None: the price is unknown. An estimate, always."""

    tier: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Usd | None
    worst_cost_usd: Usd | None
    fits_context: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The decision before paying. `ladder` starts at `first` and climbs. `considered` are the ladders that were
    weighed, cheapest first, where the policy weighs any; `explores`: a trial, to learn. `lane` is the task's; `told`
    how hard it was taken to be, where anybody was asked. `explained`: what the evidence says, where that was asked
    for."""

    first: str
    ladder: tuple[Tier, ...]
    policy: str
    reasons: tuple[Reason, ...]
    forecasts: tuple[Forecast, ...] = ()
    considered: tuple[Considered, ...] = ()
    explores: bool = False
    lane: str = ""
    told: Classified | None = None
    explained: Explained | None = None
