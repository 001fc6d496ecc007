"""How much the verdict catches, by kind of task: what a ladder's quality hangs on.

A contract refuses nearly every mutant of its kind; a fix that is judged by a test that failed before, at least 83 % of
the wrong ones; the project's own tests alone, where nothing speaks of the task itself, about half of plausible wrong
patches, and a fifth of a strong model's. docs/verification.md has the tables, benchmarks/detection.py makes them.
"""

from __future__ import annotations

from routecli.domain.answered import ANSWERS
from routecli.domain.explained import Assayed
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
    known = _measured(kind)[0]
    return known if detection is None else Power(detection, known.false_alarm)


def assayed(kind: Kind, detection: float | None = None) -> Assayed:
    """`power_of`, with where it comes from."""
    power = power_of(kind, detection)
    source, why = ("default", _measured(kind)[1]) if detection is None or kind in ANSWERS else ("config", _YOURS)
    return Assayed(power.detection, power.false_alarm, source, why)


_YOURS = "routing.detection of your configuration"


def _measured(kind: Kind) -> tuple[Power, str]:
    if kind in ANSWERS:
        return FORM_ALONE, "of an answer only its places are checked: a guess"
    if kind in _CONTRACT:
        return CONTRACT, f"measured: a contract judges the kind {kind.value}"
    if kind is Kind.FIX:
        return REPRODUCED, "measured: a test that failed before judges a fix"
    return TESTS_ALONE, f"measured: the project's own tests alone judge the kind {kind.value}"
