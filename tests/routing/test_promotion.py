"""Promotion and regression, by the published marks."""

from __future__ import annotations

import pytest

from routecli.domain.settings import Thresholds
from routecli.routing.promotion import Step, advise, advise_kinds
from routecli.routing.standing import share


@pytest.mark.parametrize(
    ("solved", "of", "now", "step", "then"),
    [
        (95, 100, 3, Step.PROMOTE, 4), (94, 100, 3, Step.HOLD, 3), (92, 100, 3, Step.HOLD, 3),
        (91, 100, 3, Step.REGRESS, 0), (0, 100, 3, Step.REGRESS, 0), (0, 100, 0, Step.HOLD, 0),
        (19, 19, 3, Step.HOLD, 3), (20, 20, 3, Step.PROMOTE, 4), (20, 20, 5, Step.HOLD, 5), (0, 0, 3, Step.HOLD, 3),
    ],
)  # fmt: skip
def test_the_marks(solved: int, of: int, now: int, step: Step, then: int) -> None:
    said = advise("tier1", share(solved, of), Thresholds(middle_files=now, top_files=5))
    assert (said.step, said.thresholds.middle_files, said.thresholds.top_files) == (step, then, 5)
    assert said.why.startswith(f"tier1 solves {solved} of {of} ")


def test_a_tier_takes_the_kinds_that_it_solves() -> None:
    passed = {"fix": share(20, 20), "docs": share(17, 20), "tests": share(19, 19), "format": share(47, 50)}
    advice = advise_kinds("local", passed, ("docs", "format", "rename"))
    assert advice.kinds == ("fix", "format", "rename")
    assert [line.rpartition(": ")[2] for line in advice.why] == [
        "below 0.92, not its own", "promoted", "stays as it is", "fewer than 20 tasks say too little",
    ]  # fmt: skip
