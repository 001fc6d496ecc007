"""What the ledger remembers of flaky tests, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from routecli.domain.verdict import Flake
from routecli.ledger.flaky import STEADY, FlakyTests
from routecli.ledger.ledger import Ledger

ROOT = Path("/repo")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


def test_what_flipped_is_known_with_its_counts(ledger: Ledger, tmp_path: Path) -> None:
    flaky = ledger.flaky_tests(ROOT, 30)
    flaky.note(["a", "b"], ["a"])
    flaky.note(["a"], [])
    flaky.note(["a"], ["a"])
    assert flaky.known() == {"a": Flake(3, 2)}
    assert Ledger.open(tmp_path / "ledger.db").flaky_tests(ROOT, 30).known() == {"a": Flake(3, 2)}
    assert not ledger.flaky_tests(Path("/other"), 30).known()


def test_what_is_steady_counts_again_until_it_flips(ledger: Ledger) -> None:
    flaky = ledger.flaky_tests(ROOT, 30)
    flaky.note(["a"], ["a"])
    for _ in range(STEADY):
        assert flaky.known()
        flaky.note(["a"], [])
    assert not flaky.known()
    flaky.note(["a"], ["a"])
    assert flaky.known() == {"a": Flake(STEADY + 2, 2)}


def test_what_did_not_flip_for_long_is_forgotten(ledger: Ledger) -> None:
    flaky = ledger.flaky_tests(ROOT, 30)
    flaky.note(["old", "new"], ["old", "new"])
    with ledger._store.writing() as connection:
        connection.execute("UPDATE flaky_tests SET flipped_at = '2020-01-01' WHERE test_id = 'old'")
    assert set(flaky.known()) == {"new"}
    flaky.note([], [])
    assert [r["test_id"] for r in ledger._store.rows("SELECT test_id FROM flaky_tests")] == ["new"]


def test_nothing_is_remembered_where_it_is_not_wanted(ledger: Ledger) -> None:
    ledger.flaky_tests(ROOT, 30).note(["a"], ["a"])
    off = ledger.flaky_tests(ROOT, 0)
    off.note(["b"], ["b"])
    assert not off.known()
    assert set(ledger.flaky_tests(ROOT, 30).known()) == {"a"}


def test_a_ledger_that_cannot_be_read_knows_none(ledger: Ledger) -> None:
    flaky = FlakyTests(ledger._store, ROOT, 30)
    with ledger._store.writing() as connection:
        connection.execute("DROP TABLE flaky_tests")
    flaky.note(["a"], ["a"])
    assert not flaky.known()
