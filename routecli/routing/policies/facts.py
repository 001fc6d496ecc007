"""What a policy is told and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from routecli.domain.classified import Level, place_of
from routecli.domain.evidence import Evidence
from routecli.domain.ladder import Forecast, Reason, Tier
from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.settings import Thresholds
from routecli.domain.task import Survey, Task
from routecli.nouns import dataclass
from routecli.routing.economics import Choice, Power


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a policy may know. `tiers` are the model tiers that may be climbed to, cheapest first, never
    none. `hint` is the tier that the user's caller hinted at, or empty. `explore_left_usd` is what may still be spent
    today on trying what is not believed to be best."""

    task: Task
    survey: Survey
    limits: Thresholds
    tiers: tuple[Tier, ...]
    forecasts: tuple[Forecast, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    power: Power = field(default_factory=lambda: Power(0.5))
    tolerance: float = 0.01
    hint: str = ""
    fallback_tier: str = ""
    explore_left_usd: Usd = ZERO_USD
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """The places of the ladder's tiers among `Facts.tiers`, cheapest first, and why. `choice` holds the ladders that
    were weighed, where the policy weighs any; `explores` says that this is a trial."""

    places: tuple[int, ...]
    reasons: tuple[Reason, ...]
    choice: Choice | None = None
    explores: bool = False


Policy = Callable[[Facts], Advice]
"""Facts in, a ladder out. Pure: nothing is read, nothing is remembered."""


def from_place(place: int, facts: Facts, *reasons: Reason) -> Advice:
    """The ladder from the tier at `place` up to the last."""
    return Advice(tuple(range(place, len(facts.tiers))), reasons)


def middle_of(tiers: int) -> int:
    """The middle of `tiers` tiers, rounded up: the second of two or three, the third of four or five."""
    return place_of(Level.MEDIUM, tiers)


def place_of_class(published: int, tiers: int) -> int:
    """The place of a published class (1 cheap, 2 middle, 3 top) among `tiers` tiers."""
    return place_of(tuple(Level)[published - 1], tiers)
