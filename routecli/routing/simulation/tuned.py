"""The policy `expected-cost` on recorded outcomes: what it would have chosen after seeing one half of them, or as it
goes, seeing only what it tried.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from itertools import combinations

from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.money import Usd
from routecli.nouns import dataclass
from routecli.routing.beliefs import Belief, drawn_right, rungs_of
from routecli.routing.economics import Choice, Power, Rung, choose, trial
from routecli.routing.simulation.outcomes import Outcomes

_MOST_BELOW = 2


def rungs_seen(outcomes: Outcomes, ladder: Sequence[str]) -> tuple[Rung, ...]:
    """What a complete record says of each tier: its share right and its mean cost, on every task."""
    return tuple(
        Rung(m, outcomes.resolved_share(m), outcomes.mean_cost_usd(m), attempts=len(outcomes.tasks)) for m in ladder
    )


def choose_seen(outcomes: Outcomes, ladder: Sequence[str], power: Power, tolerance: float) -> Choice:
    """The ladder out of `ladder` (cheapest first, the top last) after a complete record."""
    return choose(rungs_seen(outcomes, ladder), power, tolerance)


def choose_among(outcomes: Outcomes, top: str, power: Power, tolerance: float) -> Choice:
    """The ladder out of every recorded model that costs less than `top`, at most two of them below it."""
    cheaper = [m for m in outcomes.models if outcomes.mean_cost_usd(m) < outcomes.mean_cost_usd(top)]
    rungs = {r.tier: r for r in rungs_seen(outcomes, [*cheaper, top])}
    weighed = [
        choose([*(rungs[m] for m in some), rungs[top]], power, tolerance)
        for count in range(_MOST_BELOW + 1)
        for some in combinations(cheaper, count)
    ]
    return min(weighed, key=lambda c: (c.chosen.cost_usd, -c.chosen.quality))


@dataclass(slots=True)
class Learner:
    """The policy as it goes: it knows of a tier only what it tried, through a verdict that may be wrong. `prior` are
    the beliefs to start from (p by tier); trials may cost `explore_share` of what was spent so far."""

    tiers: tuple[str, ...]
    costs_usd: Mapping[str, Usd]
    power: Power
    tolerance: float
    prior: Mapping[str, Belief] = field(default_factory=dict)
    explore_share: float = 0.05
    seed: int = 0
    _tallies: dict[tuple[str, bool, Scope], Tally] = field(default_factory=dict)
    _spent_usd: Decimal = Decimal(0)
    _trials_usd: Decimal = Decimal(0)
    _drawn: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._drawn = random.Random(self.seed)

    def ladder(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What it would climb now, and what it believes to be best: where they differ, it is a trial."""
        rungs = self.believed()
        best = choose(rungs, self.power, self.tolerance).chosen
        if self._trials_usd > Decimal(str(self.explore_share)) * self._spent_usd:
            return best.tiers, best.tiers
        drawn = [replace(r, right=drawn_right(r, self._drawn)) for r in rungs]
        return trial(rungs, drawn, best, self.power, self.tolerance).tiers, best.tiers

    def climb(self, outcomes: Outcomes, task: str) -> tuple[tuple[str, ...], Decimal, bool]:
        """One task: what was climbed, what it cost, whether what was accepted is right. The verdict is drawn."""
        ladder, best = self.ladder()
        spent, right = Decimal(0), False
        for place, tier in enumerate(ladder):
            tried = outcomes.trials[tier][task]
            spent += tried.cost_usd
            if tier not in best:
                self._trials_usd += tried.cost_usd
            refused = self.power.false_alarm if tried.resolved else self.power.detection
            accepted = self._drawn.random() >= refused
            self._learn(tier, place > 0, accepted, tried.cost_usd)
            if accepted:
                right = tried.resolved
                break
        self._spent_usd += spent
        return ladder, spent, right

    def believed(self) -> tuple[Rung, ...]:
        """What it believes of each tier now."""
        evidence = Evidence(tuple(self._tallies.values()))
        found = rungs_of(self.tiers, self.costs_usd, evidence, self.power, self.prior)
        assert found is not None  # every tier has a cost here
        return found

    def _learn(self, tier: str, after: bool, accepted: bool, cost_usd: Usd) -> None:
        # One repository, one kind, one size: each scope has seen the same.
        for scope in Scope:
            old = self._tallies.get((tier, after, scope), Tally(tier, scope, after))
            self._tallies[tier, after, scope] = replace(
                old, accepted=old.accepted + accepted, deferred=old.deferred + (not accepted), priced=old.priced + 1,
                cost_usd=Usd(old.cost_usd + cost_usd),
            )  # fmt: skip
