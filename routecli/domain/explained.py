"""Why a route is what it is, in figures: what is believed of each tier and of the verdict, and where it would turn."""

from __future__ import annotations

from dataclasses import field

from routecli.domain.money import Usd
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Considered:
    """One ladder that a policy weighed: its expected cost, the share of tasks whose accepted patch is right, the share
    given up, and the share that comes to each of its tiers. Expectations, all of them."""

    tiers: tuple[str, ...]
    cost_usd: Usd
    quality: float
    given_up: float
    reached: tuple[float, ...]
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """Judged attempts of a tier in one scope (`here`: this repository, kind and size; `kind`; `all`): `first` ones, and
    those `after` a lower tier's failure."""

    scope: str
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class AttemptCost:
    """What an attempt costs and whence: `source` is `here`, `kind` or `all` (the mean of so many `bills`), `forecast`,
    or of an attempt after a failure `surcharge` (the measured constant) and `ratio` (the ledger's own)."""

    usd: Usd
    source: str
    bills: int = 0


@dataclass(frozen=True, slots=True)
class Believed:
    """One tier. `right` is the mean of the Beta distribution of p, `low` to `high` its central 90 %; `prior` is the p
    it started from without any attempt, `own` says that the user named it. `climbing` is the p that explains what was
    seen after failures (None: nothing was). `spares_usd` is (1 - q)·E of the chosen ladder above it, which its cost has
    to stay below to pay for itself; None for the top tier."""

    tier: str
    right: float
    low: float
    high: float
    prior: float
    seen: tuple[Seen, ...]
    cost: AttemptCost
    cost_after: AttemptCost
    climbing: float | None = None
    spares_usd: Usd | None = None
    own: bool = False

    @property
    def pays(self) -> bool:
        """Whether it costs less than it spares; the top tier has none above it to spare."""
        return self.spares_usd is None or self.cost.usd < self.spares_usd

    @property
    def attempts(self) -> int:
        """All that were judged, anywhere."""
        return max((s.first + s.after for s in self.seen), default=0)


@dataclass(frozen=True, slots=True)
class Assayed:
    """The verdict's power for this kind of task: `detection` is d, `false_alarm` f. `source` is `config`, `graded` (the
    ledger's own acceptances, `graded` of them, by their strength) or `default`; `why` is one line."""

    detection: float
    false_alarm: float
    source: str
    why: str
    graded: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One figure, and the nearest value of it at which another ladder is taken while all others stay. `what` is
    `right`, `price` (US dollars an attempt; of `tier`), `detection`, `false_alarm`, `tolerance` (a share), `attempts`,
    `files`, `tokens`, or, with a text in `word` in place of numbers, `word` (were it in the task), `without-word`,
    `kind` and `hint`. Of numbers, `at` is the first value that turns it."""

    what: str
    then: tuple[str, ...]
    tier: str = ""
    now: float = 0.0
    at: float = 0.0
    word: str = ""


OF_RULES = frozenset({"files", "tokens", "word", "without-word", "kind", "hint", "attempts"})
"""Turns of a rule; all others are of the evidence."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What the evidence says. `decides` tells whether the ladder was taken by it; where another rule did, it is shown
    beside. `ladders` are all that were weighed, cheapest first, `chosen` what the evidence would take; `tolerance` is a
    share. Without a known price of each tier `tiers` and `ladders` are empty, and `why_not` says so."""

    decides: bool
    power: Assayed
    tolerance: float
    tiers: tuple[Believed, ...] = ()
    ladders: tuple[Considered, ...] = ()
    turns: tuple[Turn, ...] = field(default=())
    why_not: str = ""

    @property
    def chosen(self) -> Considered | None:
        """The ladder that the evidence takes."""
        return next((ladder for ladder in self.ladders if ladder.chosen), None)
