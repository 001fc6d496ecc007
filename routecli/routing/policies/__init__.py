"""Policies: facts in, a ladder out, each reason a value. One file and one row each."""

from __future__ import annotations

from collections.abc import Mapping

from routecli.routing.policies.auto import auto
from routecli.routing.policies.cascade import cascade
from routecli.routing.policies.class_words import by_class
from routecli.routing.policies.expected import expected_cost
from routecli.routing.policies.facts import Advice, Facts, Policy, middle_of
from routecli.routing.policies.hint import hint
from routecli.routing.policies.static import static
from routecli.routing.policies.thresholds import thresholds

POLICIES: Mapping[str, Policy] = {
    "auto": auto,
    "thresholds": thresholds,
    "hint": hint,
    "class": by_class,
    "static": static,
    "cascade": cascade,
    "expected-cost": expected_cost,
}
"""`routing.policy` by name; a test compares it with the choices of the configuration's key."""
BY_EVIDENCE = frozenset({"auto", "expected-cost"})
"""Those that want to know what the ledger saw."""

__all__ = ["BY_EVIDENCE", "POLICIES", "Advice", "Facts", "Policy", "middle_of"]
