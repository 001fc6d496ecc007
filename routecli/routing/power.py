"""How much the verdict catches, by kind of task: what a ladder's quality hangs on.

A contract refuses nearly every mutant of its kind; a fix that is judged by a test that failed before, at least 83 % of
the wrong ones; the project's own tests alone, where nothing speaks of the task itself, about half of plausible wrong
patches, and a fifth of a strong model's. docs/verification.md has the tables, benchmarks/detection.py makes them.
"""

from __future__ import annotations

from routecli.domain.answered import ANSWERS
from routecli.domain.evidence import Evidence, Scope
from routecli.domain.explained import Assayed
from routecli.domain.task import Kind
from routecli.routing.economics import Power

_CONTRACT = frozenset({Kind.DOCSTRING, Kind.FORMAT, Kind.RENAME, Kind.TYPES, Kind.TESTS, Kind.IMPORTS, Kind.LINT})
CONTRACT, REPRODUCED, TESTS_ALONE = Power(0.99, 0.01), Power(0.83, 0.01), Power(0.5, 0.01)
FORM_ALONE = Power(0.1, 0.01)
"""A question's answer: only one without a place that exists is refused. No measurement: a low guess, on purpose."""
WEAK_ALONE = 0.19
"""d where nothing stands against a patch and little speaks for it: what existing tests caught of the wrong patches of a
strong model in recorded outcomes."""
ENOUGH_GRADES, PRIOR_GRADES = 10, 8
"""Below so many graded acceptances the measured figure stands alone; later it counts for so many of them."""
NOTHING = Evidence()


def power_of(kind: Kind, detection: float | None = None, evidence: Evidence = NOTHING) -> Power:
    """The verdict's power for `kind`: the figures of `assayed`."""
    found = assayed(kind, detection, evidence)
    return Power(found.detection, found.false_alarm)


def assayed(kind: Kind, detection: float | None = None, evidence: Evidence = NOTHING) -> Assayed:
    """The verdict's power for `kind`, and where it comes from: `detection`, the user's own figure for d, where they
    gave one; else how strong the acceptances of such tasks were (`evidence`, here if they are enough, else of the
    kind), with the measured figure of the kind for PRIOR_GRADES of them; else that figure alone.

    Weak acceptances are more often counted than their tasks come, since more is accepted where less is refused: d
    errs to the low side, which costs money and no quality."""
    known, why = _measured(kind)
    if kind in ANSWERS:
        return Assayed(known.detection, known.false_alarm, "default", why)
    if detection is not None:
        return Assayed(detection, known.false_alarm, "config", "routing.detection of your configuration")
    for scope, where in ((Scope.HERE, "such acceptances here"), (Scope.KIND, "acceptances of the kind")):
        weak, tested, proven = evidence.graded(scope)
        graded = weak + tested + proven
        if graded >= ENOUGH_GRADES:
            caught = weak * WEAK_ALONE + tested * _tested(kind) + proven * CONTRACT.detection
            d = (PRIOR_GRADES * known.detection + caught) / (PRIOR_GRADES + graded)
            said = f"of {graded:,} {where} {proven:,} were proven, {tested:,} tested, {weak:,} weak"
            return Assayed(d, known.false_alarm, "graded", said, graded)
    return Assayed(known.detection, known.false_alarm, "default", why)


def _tested(kind: Kind) -> float:
    """Of a fix, tested means that a test failed before; of other kinds the project's own tests may be all."""
    return REPRODUCED.detection if kind is Kind.FIX else TESTS_ALONE.detection


def _measured(kind: Kind) -> tuple[Power, str]:
    if kind in ANSWERS:
        return FORM_ALONE, "of an answer only its places are checked: a guess"
    if kind in _CONTRACT:
        return CONTRACT, f"measured: a contract judges the kind {kind.value}"
    if kind is Kind.FIX:
        return REPRODUCED, "measured: a test that failed before judges a fix"
    return TESTS_ALONE, f"measured: the project's own tests alone judge the kind {kind.value}"
