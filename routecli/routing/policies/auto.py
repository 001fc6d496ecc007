"""The default: by the thresholds until the ledger knows enough, then by expected cost."""

from __future__ import annotations

from dataclasses import replace

from routecli.domain.ladder import Reason
from routecli.routing.policies.expected import expected_cost
from routecli.routing.policies.facts import Advice, Facts
from routecli.routing.policies.thresholds import thresholds

ENOUGH_ATTEMPTS = 30
"""`auto` follows the thresholds until so many attempts were judged: before, the prior would speak, not evidence."""


def auto(facts: Facts) -> Advice:
    """The thresholds first, the evidence once there is some."""
    seen = facts.evidence.attempts
    if seen >= ENOUGH_ATTEMPTS:
        return expected_cost(facts)
    advice = thresholds(facts)
    if not seen:
        return advice
    note = Reason("evidence", f"by the thresholds: {seen} of {ENOUGH_ATTEMPTS} judged attempts seen so far")
    return replace(advice, reasons=(*advice.reasons, note))
