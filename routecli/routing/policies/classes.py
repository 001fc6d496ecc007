"""Published rules that read little but the task's words: three classes (C), a static table (E), a hint (B)."""

from __future__ import annotations

import re

from routecli.domain.ladder import Reason
from routecli.domain.task import Kind
from routecli.routing.policies.facts import Advice, Facts, from_place, middle_of, place_of_class

CLASS_WORDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (3, ("architect", "security review", "optimize")),
    (2, ("debug", "refactor", "implement")),
    (1, ("write test for", "write tests for", "generate boilerplate", "add docstring", "add docstrings")),
)
"""Router C's keywords, the dearest class first: a task that says both "add docstring" and "refactor" is a refactor."""
STATIC_CLASSES: dict[Kind, int] = {
    Kind.DOCSTRING: 1, Kind.FORMAT: 1, Kind.LINT: 1, Kind.IMPORTS: 1, Kind.RENAME: 1, Kind.DOCS: 1, Kind.BOILERPLATE: 1,
    Kind.DEAD_CODE: 1, Kind.TESTS: 1, Kind.TYPES: 1, Kind.ASK: 1, Kind.MESSAGE: 1,
    Kind.REVIEW: 2, Kind.FIX: 2, Kind.FEATURE: 2, Kind.DEPENDENCY: 2, Kind.REFACTOR: 2, Kind.OTHER: 2,
    Kind.PERFORMANCE: 3, Kind.SECURITY: 3, Kind.ARCHITECTURE: 3,
}  # fmt: skip
"""Router E's table by our kinds. It gives tests 1 to 2: the cheaper, since a test that fails costs one escalation; what
it does not name stands where its nearest neighbour does; an unknown type is 2."""


def by_class(facts: Facts) -> Advice:
    """Router C: the class of the keywords in the task, the dearest first; no keyword is the middle class."""
    for published, words in CLASS_WORDS:
        for word in words:
            if re.search(rf"(?<!\w){re.escape(word)}", facts.task.instruction, re.IGNORECASE):
                reason = Reason("class", f'"{word}" in the task: class {published}')
                return from_place(place_of_class(published, len(facts.tiers)), facts, reason)
    return from_place(middle_of(len(facts.tiers)), facts, Reason("class", "no keyword of a class: class 2"))


def static(facts: Facts) -> Advice:
    """Router E: a table of kinds; an unknown kind is the middle one."""
    kind = facts.task.kind
    published = STATIC_CLASSES.get(kind, 2)
    reason = Reason("static", f"{kind.value} is class {published} of the table")
    return from_place(place_of_class(published, len(facts.tiers)), facts, reason)


def cascade(facts: Facts) -> Advice:
    """Always the cheapest first: the verdict alone decides how far it climbs."""
    return from_place(0, facts, Reason("cascade", f"always from the cheapest: {facts.tiers[0].name}"))


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
