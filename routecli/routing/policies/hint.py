"""Published router B: the tier that the caller hints at."""

from __future__ import annotations

from routecli.domain.ladder import Reason
from routecli.routing.policies.facts import Advice, Facts, from_place, middle_of


def hint(facts: Facts) -> Advice:
    """Router B: the tier that was hinted at; an unknown hint goes to the fallback tier, none of both to the middle."""
    names = [t.name for t in facts.tiers]
    if facts.hint in names:
        return from_place(names.index(facts.hint), facts, Reason("hint", f"{facts.hint}: as hinted"))
    why = "no tier of that name is hinted at" if facts.hint else "no hint"
    if facts.fallback_tier in names:
        place = names.index(facts.fallback_tier)
        return from_place(place, facts, Reason("hint", f"{why}: the fallback tier {facts.fallback_tier}"))
    return from_place(middle_of(len(names)), facts, Reason("hint", f"{why} and no fallback tier: the middle"))
