"""The threat table of docs/security.md is the code's, and every row has a test or a reason."""

from __future__ import annotations

from house.rows import PAGE, ROWS, named_after_rows, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "python tests/house/rows.py"


def test_the_rows_are_numbered_without_a_gap() -> None:
    assert [row.number for row in ROWS] == list(range(1, len(ROWS) + 1))


def test_no_test_names_an_unknown_row() -> None:
    assert set(named_after_rows()) <= {row.number for row in ROWS}


def test_every_row_has_a_test_or_a_reason_and_never_both() -> None:
    found = named_after_rows()
    for row in ROWS:
        assert bool(found.get(row.number)) != bool(row.instead), row
