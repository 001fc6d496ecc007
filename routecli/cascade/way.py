"""The way through the ladder: what is tried next, by an escalation or by a reroute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

from routecli.domain.events import Rerouted
from routecli.domain.ladder import Tier
from routecli.domain.receipt import Trouble
from routecli.domain.untrusted import one_line
from routecli.errors import BudgetFault, ProviderFault, RoutecliError
from routecli.nouns import dataclass

Detours = Callable[[Trouble, Tier], Sequence[Tier]]
"""The tiers to try in place of one that has that trouble, best first; none: there is no other way."""


def no_detours(_trouble: Trouble, _tier: Tier) -> Sequence[Tier]:
    """No tier is named for any trouble."""
    return ()


@dataclass(slots=True)
class Way:
    """The tiers that are still to be tried, in order. No tier is begun twice. `short` is what kept a dearer tier from
    being paid: it ends the run once the cheaper ones are through."""

    left: list[Tier]
    detours: Detours = no_detours
    begun: set[str] = field(default_factory=set)
    short: RoutecliError | None = None

    def next(self) -> Tier | None:
        """The next tier, which then counts as begun; None where all were tried."""
        while self.left:
            tier = self.left.pop(0)
            if tier.name not in self.begun:
                self.begun.add(tier.name)
                return tier
        return None

    def ahead(self) -> Tier | None:
        """What `next` would answer."""
        return next((tier for tier in self.left if tier.name not in self.begun), None)

    def around(self, tier: Tier, fault: BudgetFault | ProviderFault) -> Rerouted:
        """The step to another tier in place of one that cannot be paid or that nobody answers for. Raises `fault`
        where there is none, or where a price is unknown: that is for the user to allow."""
        if isinstance(fault, BudgetFault) and fault.unpriced:
            raise fault
        trouble = Trouble.BUDGET if isinstance(fault, BudgetFault) else Trouble.THROTTLED
        other = self.reroute(trouble, tier, fault)
        if other is None:
            raise fault
        return Rerouted(tier.name, other.name, trouble.value, one_line(fault.what))

    def refused(self, tier: Tier, why: str) -> Rerouted | None:
        """The step to the tier that is named for what `tier` refuses to do; None: there is none."""
        other = self.reroute(Trouble.REFUSED, tier)
        return Rerouted(tier.name, other.name, Trouble.REFUSED.value, one_line(why)) if other is not None else None

    def reroute(self, trouble: Trouble, tier: Tier, fault: RoutecliError | None = None) -> Tier | None:
        """The tier that takes the place of `tier`, put first; None: the trouble has no way around. After a refusal the
        ladder goes on above whoever is higher; where money is short, only what is cheaper is left."""
        others = [other for other in self.detours(trouble, tier) if other.name not in self.begun]
        if not others:
            return None
        if trouble is Trouble.BUDGET:
            self.left, self.short = others[:1], fault
            return others[0]
        highest = max(tier.rank, others[0].rank) if trouble is Trouble.REFUSED else tier.rank
        self.left = [others[0], *(t for t in self.left if t.rank > highest)]
        return others[0]
