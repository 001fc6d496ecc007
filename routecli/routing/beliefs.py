"""What is believed of a tier, from the ledger's counts: Beta posteriors, each scope the prior of the nearer one.

The verdict's word is not the truth: of accepted patches some are wrong, of refused ones some were right. With the
verdict's power known, each count is shared out between right and wrong by Bayes' rule, and that is repeated until it no
longer moves (expectation and maximisation for a mixture of two).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.explained import AttemptCost
from routecli.domain.ladder import Tier
from routecli.domain.money import Usd
from routecli.nouns import dataclass
from routecli.routing.bills import cost_after, first_cost
from routecli.routing.economics import Power, Rung, right_after, right_before

PRIOR_WEIGHT = 8.0
"""How many attempts the prior counts for: after eight seen, both weigh the same."""
_ROUNDS = 12
_LOWEST, _HIGHEST = 0.57, 0.73
"""Without evidence: the lowest and the top tier's chance to be right. Recorded outcomes of a cheap and of the strongest
of 24 models (SWE-bench Verified, 246 tasks); hard tasks, so a first guess to be corrected by the ledger."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A Beta distribution over p: `right` and `wrong` are its two counts, the prior's included."""

    right: float
    wrong: float

    @property
    def mean(self) -> float:
        """The expected p."""
        return self.right / (self.right + self.wrong)

    def with_weight(self, weight: float) -> Belief:
        """The same mean, worth `weight` attempts."""
        return Belief(self.mean * weight, (1 - self.mean) * weight)


def prior_of(place: int, tiers: int) -> Belief:
    """Of the tier at `place` (from 0) of `tiers`, without evidence: on a line between the two measured ends."""
    share = place / (tiers - 1) if tiers > 1 else 1.0
    mean = _LOWEST + (_HIGHEST - _LOWEST) * share
    return Belief(mean * PRIOR_WEIGHT, (1 - mean) * PRIOR_WEIGHT)


def priors_of(tiers: Sequence[Tier]) -> dict[str, Belief]:
    """What the user takes each tier to be right on, where they said so; worth as much as any prior."""
    shares = {tier.name: min(max(tier.prior, _LEAST), 1 - _LEAST) for tier in tiers if tier.prior is not None}
    return {name: Belief(share * PRIOR_WEIGHT, (1 - share) * PRIOR_WEIGHT) for name, share in shares.items()}


_LEAST = 0.01


def updated(prior: Belief, tally: Tally, power: Power) -> Belief:
    """`prior` after what `tally` saw through a verdict of `power`."""
    if not tally.attempts:
        return prior
    p = prior.mean
    right, wrong = float(tally.right), float(tally.wrong)
    belief = prior
    for _ in range(_ROUNDS):
        accepted_right = _share(p * (1 - power.false_alarm), (1 - p) * (1 - power.detection))
        deferred_right = _share(p * power.false_alarm, (1 - p) * power.detection)
        seen = right + tally.accepted * accepted_right + tally.deferred * deferred_right
        unseen = wrong + tally.accepted * (1 - accepted_right) + tally.deferred * (1 - deferred_right)
        belief = Belief(prior.right + seen, prior.wrong + unseen)
        if abs(belief.mean - p) < 1e-6:
            break
        p = belief.mean
    return belief


def _share(one: float, other: float) -> float:
    return one / (one + other) if one + other > 0 else 0.0


def belief_of(prior: Belief, tier: str, evidence: Evidence, power: Power, *, after: bool) -> Belief:
    """From all tasks over those of the kind to those like this one, each at most PRIOR_WEIGHT strong as the next one's
    prior. A scope's count holds the nearer scopes' too, so those are taken out before it is used."""
    tallies = [evidence.of(tier, scope, after=after) for scope in (Scope.ALL, Scope.KIND, Scope.HERE)]
    belief = prior
    for wide, near in zip(tallies, [*tallies[1:], None], strict=True):
        belief = updated(belief, _without(wide, near), power)
        if near is not None:
            belief = belief.with_weight(min(PRIOR_WEIGHT, belief.right + belief.wrong))
    return belief


def _without(wide: Tally, near: Tally | None) -> Tally:
    if near is None:
        return wide
    return Tally(
        wide.tier, wide.scope, wide.after,
        max(wide.accepted - near.accepted, 0), max(wide.deferred - near.deferred, 0),
        max(wide.right - near.right, 0), max(wide.wrong - near.wrong, 0),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """What is believed of one tier and out of what: the figures that ladders are weighed with (`rung`), the whole
    distribution of its p, the `prior` of it before any attempt, and where its costs come from."""

    rung: Rung
    belief: Belief
    prior: Belief
    cost: AttemptCost
    cost_after: AttemptCost


def rungs_of(
    tiers: Sequence[str],
    costs_usd: Mapping[str, Usd | None],
    evidence: Evidence,
    power: Power,
    priors: Mapping[str, Belief] | None = None,
) -> tuple[Rung, ...] | None:
    """The figures of `held` alone."""
    believed = held(tiers, costs_usd, evidence, power, priors)
    return None if believed is None else tuple(one.rung for one in believed)


def held(
    tiers: Sequence[str],
    costs_usd: Mapping[str, Usd | None],
    evidence: Evidence,
    power: Power,
    priors: Mapping[str, Belief] | None = None,
) -> tuple[Held, ...] | None:
    """What is believed of each tier for this task; None where a tier's cost is not known at all.

    `costs_usd` are this task's forecasts; the mean bill of such tasks counts instead once there are three of them.
    `priors` are beliefs to start from, in place of `prior_of`."""
    found: list[Held] = []
    beneath = Beneath()
    for place, tier in enumerate(tiers):
        cost = first_cost(tier, costs_usd.get(tier), evidence)
        if cost is None:
            return None
        after = cost_after(tier, cost, evidence)
        prior = (priors or {}).get(tier) or prior_of(place, len(tiers))
        belief = belief_of(prior, tier, evidence, power, after=False)
        later = evidence.of(tier, Scope.ALL, after=True)
        seen = evidence.of(tier, Scope.ALL, after=False).attempts + later.attempts
        union = beneath.union_of(later.attempts)
        climbing = _climbing(belief, tier, union, evidence, power)
        if climbing is not None:
            weight = _weight_after(tier, evidence)
            belief = Belief(belief.right + climbing * weight, belief.wrong + (1 - climbing) * weight)
        beneath.add(belief.mean, evidence.of(tier, Scope.ALL, after=False), later, union)
        if place == len(tiers) - 1:
            # Ladders are compared with the top tier alone: both sides must believe the same of it.
            climbing = None
        billed = None if after.source == "surcharge" else after.usd
        rung = Rung(tier, belief.mean, cost.usd, climbing, billed, attempts=seen)
        found.append(Held(rung, belief, prior, cost, after))
    return tuple(found)


class Beneath:
    """Who had failed before a tier was asked: not written down, so told from the counts. What a tier defers arrives at
    one above it; arrivals are shared out among the tiers below by what these deferred and nobody took up yet.

    Taking the best tier below for all of them would make the top look better than it is: most arrive from the cheap."""

    def __init__(self) -> None:
        self._pools: list[tuple[float, float]] = []

    def union_of(self, arrivals: int) -> float:
        """The share of tasks that those who failed before `arrivals` attempts get right; these are taken up."""
        waiting = sum(count for count, _ in self._pools)
        if not waiting:
            return 0.0
        union = sum(count * right for count, right in self._pools) / waiting
        left = max(0.0, 1 - arrivals / waiting)
        self._pools = [(count * left, right) for count, right in self._pools]
        return union

    def add(self, right: float, first: Tally, later: Tally, union: float) -> None:
        """A tier of share `right`: what it deferred first, and what it deferred where those of `union` had failed."""
        both = union + (1 - union) * right_after(right, union)
        self._pools += [(first.deferred + first.wrong, right), (later.deferred + later.wrong, both)]


def _weight_after(tier: str, evidence: Evidence) -> float:
    """How much attempts after failures count: as in `belief_of`, what is far away is worth PRIOR_WEIGHT at most."""
    here = evidence.of(tier, Scope.HERE, after=True).attempts
    far = evidence.of(tier, Scope.ALL, after=True).attempts - here
    return here + min(PRIOR_WEIGHT, max(far, 0))


def _climbing(first: Belief, tier: str, union: float, evidence: Evidence, power: Power) -> float | None:
    """From attempts after failures; what first attempts say of them is the prior."""
    if not evidence.of(tier, Scope.ALL, after=True).attempts:
        return None
    guess = right_after(first.mean, union)
    prior = Belief(guess * PRIOR_WEIGHT, (1 - guess) * PRIOR_WEIGHT)
    return right_before(belief_of(prior, tier, evidence, power, after=True).mean, union)


def drawn_right(rung: Rung, source: random.Random) -> float:
    """p of a tier drawn from what is believed of it: the fewer attempts were seen, the wider."""
    weight = rung.attempts + PRIOR_WEIGHT
    return source.betavariate(max(rung.right * weight, _LEAST_COUNT), max((1 - rung.right) * weight, _LEAST_COUNT))


_LEAST_COUNT = 0.05
