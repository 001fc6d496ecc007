"""Published router E: a table of task kinds."""

from __future__ import annotations

from routecli.domain.ladder import Reason
from routecli.domain.task import Kind
from routecli.routing.policies.facts import Advice, Facts, from_place, place_of_class

STATIC_CLASSES: dict[Kind, int] = {
    Kind.DOCSTRING: 1, Kind.FORMAT: 1, Kind.LINT: 1, Kind.IMPORTS: 1, Kind.RENAME: 1, Kind.DOCS: 1, Kind.BOILERPLATE: 1,
    Kind.DEAD_CODE: 1, Kind.TESTS: 1, Kind.TYPES: 1, Kind.ASK: 1, Kind.MESSAGE: 1,
    Kind.REVIEW: 2, Kind.FIX: 2, Kind.FEATURE: 2, Kind.DEPENDENCY: 2, Kind.REFACTOR: 2, Kind.OTHER: 2,
    Kind.PERFORMANCE: 3, Kind.SECURITY: 3, Kind.ARCHITECTURE: 3,
}  # fmt: skip
"""Router E's table by our kinds. It gives tests 1 to 2: the cheaper, since a test that fails costs one escalation; what
it does not name stands where its nearest neighbour does; an unknown type is 2."""


def static(facts: Facts) -> Advice:
    """Router E: a table of kinds; an unknown kind is the middle one."""
    kind = facts.task.kind
    published = STATIC_CLASSES.get(kind, 2)
    reason = Reason("static", f"{kind.value} is class {published} of the table")
    return from_place(place_of_class(published, len(facts.tiers)), facts, reason)
