"""How much the verdict catches, by kind of task: what a ladder's quality hangs on.

A contract refuses nearly every mutant of its kind; a fix that is judged by a test that failed before, at least 83 % of
the wrong ones; the project's own tests alone, where nothing speaks of the task itself, about half of plausible wrong
patches, and a fifth of a strong model's. docs/verification.md has the tables, benchmarks/detection.py makes them.
"""

from __future__ import annotations

from routecli.domain.answered import ANSWERS
from routecli.domain.task import Kind
from routecli.routing.economics import Power

_CONTRACT = frozenset({Kind.DOCSTRING, Kind.FORMAT, Kind.RENAME, Kind.TYPES, Kind.TESTS, Kind.IMPORTS, Kind.LINT})
CONTRACT, REPRODUCED, TESTS_ALONE = Power(0.99, 0.01), Power(0.83, 0.01), Power(0.5, 0.01)
FORM_ALONE = Power(0.1, 0.01)
"""A question's answer: only one without a place that exists is refused. No measurement: a low guess, on purpose."""


def power_of(kind: Kind, detection: float | None = None) -> Power:
    """The verdict's power for `kind`; `detection` is the user's own figure for d, where they gave one."""
    if kind in ANSWERS:
        return FORM_ALONE
    known = CONTRACT if kind in _CONTRACT else REPRODUCED if kind is Kind.FIX else TESTS_ALONE
    return known if detection is None else Power(detection, known.false_alarm)
