"""What became of second opinions: from the run's own end, and from what somebody says later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from domain.receipts import ACCEPTED, DEFERRED, UNVERIFIED, attempt, receipt

from routecli.domain.events import Finished, Judged, Started
from routecli.domain.opinion import Doubt, Record
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Attempt
from routecli.domain.verdict import DeferralReason, Deferred, Verdict
from routecli.ledger import opinions
from routecli.ledger.ledger import Ledger

DOUBT = (Doubt("src/a.py", 1, "f(0) raises"),)
OTHER = Patch((FileEdit("src/a.py", b"1\n", b"3\n"),))
REVIEWER = "q/kimi"
DOUBTED = Deferred(DeferralReason.LOW_CONFIDENCE, "doubts", "")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


def opinion(number: int, about: int, doubts: tuple[Doubt, ...] | None) -> Attempt:
    made = attempt(number, ACCEPTED, purpose=opinions.PURPOSE, about=about, doubts=doubts)
    return replace(made, model=REVIEWER, patch=None)


def tried(number: int, verdict: Verdict, patch: Patch | None = None, **more: object) -> Attempt:
    made = attempt(number, verdict, **more)
    return replace(made, patch=patch) if patch else made


def done(ledger: Ledger, run_id: str, *attempts: Attempt, at: datetime | None = None) -> None:
    made = replace(receipt(run_id=run_id), attempts=attempts, started_at=at or datetime.now(UTC))
    ledger.listener(Started(run_id, "x"))
    ledger.listener(Finished(made))


def doubted(after: Patch | None = None, **more: object) -> tuple[Attempt, ...]:
    return opinion(2, 1, DOUBT), tried(1, DEFERRED), tried(3, ACCEPTED, after, **more)


def test_the_same_change_accepted_shows_that_a_doubt_was_wrong(ledger: Ledger) -> None:
    done(ledger, "r1", *doubted())
    assert ledger.opinion_record(REVIEWER) == Record(asked=1, doubted=1, wrong=1)


def test_another_change_says_nothing_unless_it_answers_otherwise(ledger: Ledger) -> None:
    done(ledger, "r1", *doubted(OTHER))
    assert ledger.opinion_record(REVIEWER) == Record(asked=1, doubted=1)
    done(ledger, "r2", *doubted(OTHER, differs_from=(1,)))
    assert ledger.opinion_record(REVIEWER) == Record(asked=2, doubted=2, right=1)


def test_what_somebody_says_of_the_accepted_patch_counts_and_can_be_taken_back(ledger: Ledger) -> None:
    done(ledger, "r1", opinion(2, 1, ()), tried(1, ACCEPTED))
    assert ledger.opinion_record(REVIEWER) == Record(asked=1, silent=1)
    ledger.tell_truth("r1", "reverted", "you")
    assert ledger.opinion_record(REVIEWER) == Record(asked=1, missed=1, silent=1)
    ledger.tell_truth("r1", "", "you")
    assert ledger.opinion_record(REVIEWER).missed == 0
    done(ledger, "r2", *doubted(OTHER))
    ledger.tell_truth("r2", "bad", "you")
    assert ledger.opinion_record(REVIEWER).known == 0, "of another patch than the doubted one"


def test_what_is_no_opinion_is_in_no_record(ledger: Ledger) -> None:
    done(ledger, "r1", opinion(2, 1, None), tried(1, ACCEPTED))
    assert ledger.opinion_record(REVIEWER) == Record()


def test_ten_wrong_doubts_switch_it_off_until_they_are_old(ledger: Ledger) -> None:
    for number in range(10):
        done(ledger, f"r{number}", *doubted())
    assert ledger.opinion_record(REVIEWER).worthless
    later = datetime.now(UTC) + timedelta(days=opinions.FOR_DAYS + 1)
    assert opinions.record(ledger._store, REVIEWER, later) == Record()


def test_the_latest_opinions_tell_who_never_doubts(ledger: Ledger) -> None:
    now = datetime.now(UTC)
    done(ledger, "old", *doubted(OTHER), at=now - timedelta(days=2))
    done(ledger, "r1", opinion(2, 1, ()), tried(1, ACCEPTED), at=now - timedelta(days=1))
    done(ledger, "r2", opinion(2, 1, ()), tried(1, ACCEPTED), at=now)
    assert ledger.opinion_record(REVIEWER).silent == 2


def test_confidences_and_what_became_of_the_patches(ledger: Ledger) -> None:
    for number, (run, verdict, sure) in enumerate(
        [("r1", ACCEPTED, 9), ("r2", DEFERRED, 3), ("r3", ACCEPTED, 8), ("r4", UNVERIFIED, 7), ("r5", DOUBTED, 6)]
    ):
        one = attempt(1, verdict, confidence=sure)
        ledger.listener(Started(run, f"task {number}"))
        ledger.listener(Judged(one))
        ledger.listener(Finished(replace(receipt(run_id=run), attempts=(one,))))
    ledger.tell_truth("r3", "reverted", "you")
    assert ledger.confidences("p/org/small") == ((8, False), (3, False), (9, True))
    assert ledger.confidences("p/other") == ()
