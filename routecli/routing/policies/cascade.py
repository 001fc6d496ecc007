"""Lanes of published router D: always from the cheapest tier."""

from __future__ import annotations

from routecli.domain.ladder import Reason
from routecli.routing.policies.facts import Advice, Facts, from_place


def cascade(facts: Facts) -> Advice:
    """Always the cheapest first: the verdict alone decides how far it climbs."""
    return from_place(0, facts, Reason("cascade", f"always from the cheapest: {facts.tiers[0].name}"))
