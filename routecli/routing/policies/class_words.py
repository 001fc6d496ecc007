"""Published router C: three classes by keywords."""

from __future__ import annotations

import re

from routecli.domain.ladder import Reason
from routecli.routing.policies.facts import Advice, Facts, from_place, middle_of, place_of_class

CLASS_WORDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (3, ("architect", "security review", "optimize")),
    (2, ("debug", "refactor", "implement")),
    (1, ("write test for", "write tests for", "generate boilerplate", "add docstring", "add docstrings")),
)
"""Router C's keywords, the dearest class first: a task that says both "add docstring" and "refactor" is a refactor."""


def by_class(facts: Facts) -> Advice:
    """Router C: the class of the keywords in the task, the dearest first; no keyword is the middle class."""
    for published, words in CLASS_WORDS:
        for word in words:
            if re.search(rf"(?<!\w){re.escape(word)}", facts.task.instruction, re.IGNORECASE):
                reason = Reason("class", f'"{word}" in the task: class {published}')
                return from_place(place_of_class(published, len(facts.tiers)), facts, reason)
    return from_place(middle_of(len(facts.tiers)), facts, Reason("class", "no keyword of a class: class 2"))
