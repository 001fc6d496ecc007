"""A model that gave no answer is left alone, by every process that shares the ledger, and never for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routecli.errors import FaultKind
from routecli.ledger.cooldowns import FIRST_S, LONGEST_S
from routecli.ledger.ledger import Ledger

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def lasts_s(ledger: Ledger, at: datetime = NOON) -> float:
    found = ledger.cooling(at)
    return (found["p/m"].until - at).total_seconds() if found else 0.0


def test_two_processes_know_of_it_and_an_answer_ends_it(tmp_path: Path) -> None:
    one, other = Ledger.open(tmp_path / "l.db"), Ledger.open(tmp_path / "l.db")
    one.cool("p/m", FaultKind.THROTTLED, None, NOON)
    assert lasts_s(other) == FIRST_S[FaultKind.THROTTLED]
    assert other.cooling(NOON)["p/m"].kind == "throttled"
    assert other.cooling(NOON + timedelta(seconds=31)) == {}
    other.warm("p/m")
    assert one.cooling(NOON) == {}


def test_it_doubles_with_each_further_fault_and_is_capped() -> None:
    ledger, at = Ledger.open(None), NOON
    seen = []
    for _ in range(8):
        ledger.cool("p/m", FaultKind.DOWN, None, at)
        seen.append(lasts_s(ledger, at))
        at += timedelta(seconds=seen[-1] + 1)
    assert seen == [30, 60, 120, 240, 480, LONGEST_S, LONGEST_S, LONGEST_S]


def test_the_same_outage_counts_once() -> None:
    ledger = Ledger.open(None)
    for second in range(5):
        ledger.cool("p/m", FaultKind.DOWN, None, NOON + timedelta(seconds=second))
    assert lasts_s(ledger) == 30
    assert ledger.cooling(NOON)["p/m"].times == 1


@pytest.mark.parametrize(("asked", "lasts"), [(5, 30), (100, 100), (1e9, LONGEST_S), (float("inf"), LONGEST_S)])
def test_what_a_server_asks_for_is_heard_within_bounds(asked: float, lasts: float) -> None:
    ledger = Ledger.open(None)
    ledger.cool("p/m", FaultKind.THROTTLED, asked, NOON)
    assert lasts_s(ledger) == lasts


def test_a_request_that_was_not_taken_says_nothing_of_the_model() -> None:
    ledger = Ledger.open(None)
    ledger.cool("p/m", FaultKind.NOT_TAKEN, None, NOON)
    assert ledger.cooling(NOON) == {}
