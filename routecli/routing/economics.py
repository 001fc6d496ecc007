"""What a ladder costs and what it is worth, from what is believed of its tiers.

For a rung i: c_i, what an attempt costs; p_i, how often it is right; and of the verdict d, the share of wrong patches
that it refuses, and f, the share of right ones that it refuses too. Then, from the first rung upward,

    q_i = p_i·f + (1 - p_i)·d          the share that goes on
    E   = c_1 + q_1·c_2 + q_1·q_2·c_3 …  the expected cost
    Q   = p_1·(1 - f) + q_1·p_2·(1 - f) …  the share of all tasks whose accepted patch is right

What goes on is not like what came in: tasks that one model gets wrong are harder for the next. Over recorded outcomes
of 24 models on 246 tasks (SWE-bench Verified through one agent, all 552 pairs) a model of share p was right on about
1 - 0.9·(1 - p)² of what another was right on; how often it is right where that one failed follows, within 4 points on
average. An attempt after a failure cost the strongest one 1.33 times its mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from routecli.domain.explained import Considered
from routecli.domain.money import ZERO_USD, Usd
from routecli.nouns import dataclass

DISAGREES = 0.9
"""The factor in how often a tier is wrong where another is right: measured, see above."""
SURCHARGE = Decimal("1.33")
"""What an attempt after a lower tier's failure costs, in means of its own: measured, see above."""
_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Power:
    """The verdict's: `detection`, the share of wrong patches that it refuses (d), and `false_alarm`, the share of
    right ones that it refuses too (f). Both between 0 and 1."""

    detection: float
    false_alarm: float = 0.0


@dataclass(frozen=True, slots=True)
class Rung:
    """What is believed of one tier. `right` is p on any task, from first attempts; `climbing` is the p that explains
    what was seen of it after lower tiers' failures (None: nothing was, so `right`). `cost_usd` is the mean of a first
    attempt, `cost_after_usd` of one after a failure (None: SURCHARGE times the mean). `attempts` were seen."""

    tier: str
    right: float
    cost_usd: Usd
    climbing: float | None = None
    cost_after_usd: Usd | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Worth:
    """One ladder's figures. `cost_usd` is E; `quality` is Q; `given_up` the share that no rung's patch was accepted
    for; `reached` the share of tasks that comes to each rung, 1 for the first."""

    tiers: tuple[str, ...]
    cost_usd: Usd
    quality: float
    given_up: float
    reached: tuple[float, ...]


def worth(rungs: Sequence[Rung], power: Power) -> Worth:
    """The figures of the ladder `rungs`, cheapest first, under a verdict of `power`. `rungs` must not be empty.

    Two streams climb: tasks that every rung so far got wrong (`failing`), and tasks that one got right while the
    verdict refused it (`refused`)."""
    failing, refused, union = 1.0, 0.0, 0.0
    cost, quality = ZERO_USD, 0.0
    reached: list[float] = []
    for place, rung in enumerate(rungs):
        arriving = failing + refused
        reached.append(arriving)
        cost = Usd(cost + Decimal(str(arriving)) * _cost_of(rung, place))
        p = rung.right if place == 0 or rung.climbing is None else rung.climbing
        fresh = p if place == 0 else right_after(p, union)
        again = agreement(p)
        right = failing * fresh + refused * again
        quality += right * (1 - power.false_alarm)
        failing, refused = (
            failing * (1 - fresh) * power.detection,
            right * power.false_alarm + refused * (1 - again) * power.detection,
        )
        union += (1 - union) * fresh
    return Worth(tuple(r.tier for r in rungs), cost, quality, failing + refused, tuple(reached))


def _cost_of(rung: Rung, place: int) -> Decimal:
    if place == 0:
        return rung.cost_usd
    return rung.cost_after_usd if rung.cost_after_usd is not None else rung.cost_usd * SURCHARGE


def agreement(right: float) -> float:
    """How often a tier that is right on the share `right` of all tasks is right where another one was."""
    return 1 - DISAGREES * (1 - right) ** 2


def right_after(right: float, union: float) -> float:
    """How often a tier of share `right` is right where all below it were wrong, who are right on the share `union`."""
    if union >= 1:
        return right
    return min(max(_exact_after(right, union), _LEAST), right)


def right_before(after: float, union: float) -> float:
    """The other way round: the share on any task that explains `after`, by halving: `right_after` only grows."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _exact_after(middle, union) < after else (low, middle)
    return (low + high) / 2


_HALVINGS = 30


def _exact_after(right: float, union: float) -> float:
    return (right - agreement(right) * union) / (1 - union) if union < 1 else right


def ladders(rungs: Sequence[Rung]) -> tuple[tuple[Rung, ...], ...]:
    """Every ladder that ends at the last of `rungs`: the top one alone, and each choice of tiers below it."""
    *below, top = rungs
    chosen = (some for count in range(len(below) + 1) for some in combinations(below, count))
    return tuple((*some, top) for some in chosen)


@dataclass(frozen=True, slots=True)
class Choice:
    """The ladder to climb, all that were weighed (cheapest first), and the top tier alone among them. `saves`: it is
    expected to cost less than the top tier alone."""

    chosen: Worth
    considered: tuple[Worth, ...]
    top: Worth
    tolerance: float

    @property
    def saves(self) -> bool:
        """Whether it is expected to cost less than always the top tier."""
        return self.chosen.cost_usd < self.top.cost_usd


def choose(rungs: Sequence[Rung], power: Power, tolerance: float) -> Choice:
    """The ladder that costs least among those whose quality is within `tolerance` (a share: 0.01 is a point) of the top
    tier's alone; of two that cost the same, the better one. The top tier alone always qualifies."""
    weighed = sorted((worth(some, power) for some in ladders(rungs)), key=lambda w: (w.cost_usd, -w.quality))
    top = worth(rungs[-1:], power)
    good_enough = (w for w in weighed if w.quality >= top.quality - tolerance)
    return Choice(next(good_enough, top), tuple(weighed), top, tolerance)


def considered(choice: Choice) -> tuple[Considered, ...]:
    """The ladders that were weighed, cheapest first."""

    def one(figures: Worth) -> Considered:
        return Considered(
            figures.tiers, figures.cost_usd, figures.quality, figures.given_up, figures.reached,
            chosen=figures.tiers == choice.chosen.tiers,
        )  # fmt: skip

    return tuple(one(figures) for figures in choice.considered)


def pays(rung: Rung, above: Worth, power: Power) -> bool:
    """Whether starting at `rung` costs less than going straight to the ladder `above`: c < (1 - q)·E."""
    return rung.cost_usd < spares(rung, above, power)


def spares(rung: Rung, above: Worth, power: Power) -> Decimal:
    """What of the cost of the ladder `above` an attempt at `rung` is expected to save: (1 - q)·E. US dollars."""
    goes_on = rung.right * power.false_alarm + (1 - rung.right) * power.detection
    return Decimal(str(1 - goes_on)) * above.cost_usd


LEARNT = 60
"""After so many attempts of a tier that was left out, trying it further tells little."""
LEARNING_IN_TOPS = 10
"""What trying one tier may cost before that, in first attempts of the top tier: a cheap tier is tried LEARNT times
before a dear one is tried so often for the same money. Over recorded outcomes (24 line-ups of four models, 300 tasks
from a wrong prior) trials shared out by number left the cheapest tier unknown: its money went to the dear ones."""


def trial(rungs: Sequence[Rung], drawn: Sequence[Rung], best: Worth, power: Power, tolerance: float) -> Worth:
    """A ladder that is worth trying to learn: the best by `drawn` (the same tiers, each p drawn from its posterior:
    Thompson sampling); where that is `best` too, `best` with the tier that it leaves out whose trials cost the least
    so far, until enough is known of each."""
    sampled = choose(drawn, power, tolerance).chosen
    if sampled.tiers != best.tiers:
        return worth([r for r in rungs if r.tier in sampled.tiers], power)
    most_usd = LEARNING_IN_TOPS * rungs[-1].cost_usd
    unseen = [
        r for r in rungs
        if r.tier not in best.tiers and r.attempts < LEARNT and r.attempts * r.cost_usd < most_usd
    ]  # fmt: skip
    if not unseen:
        return best
    least = min(unseen, key=lambda r: (r.attempts + 1) * r.cost_usd)
    return worth([r for r in rungs if r.tier in best.tiers or r is least], power)
