"""Findings of linters, compared although lines moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.findings import Finding, added, enforced, read_findings


@pytest.mark.parametrize(("line", "finding"), [
    ("a/b.py:3:1: F401 [*] `os` imported but unused", Finding("a/b.py", 3, "F401", "`os` imported but unused")),
    ("b.py:1:80: E501 line too long (90 > 79 characters)",
     Finding("b.py", 1, "E501", "line too long (90 > 79 characters)")),
    ('c.py:7: error: Name "x" is not defined  [name-defined]',
     Finding("c.py", 7, "name-defined", 'Name "x" is not defined')),
    ("c.py:7:4: error: Bad [list-item]", Finding("c.py", 7, "list-item", "Bad")),
    ("d.py:2:5: invalid-syntax: Expected a name", Finding("d.py", 2, "invalid-syntax", "Expected a name")),
    ("e.py:9: something without a code", Finding("e.py", 9, "", "something without a code")),
])  # fmt: skip
def test_each_linters_line(line: str, finding: Finding) -> None:
    assert read_findings(line) == (finding,)


@pytest.mark.parametrize(
    "line", ["All checks passed!", "c.py:7: note: see above", "Found 3 errors.", "", "  a.py:1: x"]
)
def test_other_lines_are_no_findings(line: str) -> None:
    assert read_findings(line) == ()


def test_paths_are_the_repositorys() -> None:
    assert read_findings("./x.py:1: E1 no", "sub")[0].file == "sub/x.py"


def test_moved_lines_and_changed_numbers_are_not_new_but_one_more_is() -> None:
    before = read_findings("a.py:1:1: E501 too long (90 > 79)\na.py:9:1: F401 unused")
    moved = read_findings("a.py:4:1: E501 too long (95 > 79)\na.py:2:1: F401 unused")
    assert added(before, moved) == ()
    more = (*moved, Finding("a.py", 30, "F401", "unused"))
    assert added(before, more) == (more[-1],)
    assert len(added((), before)) == 2


def test_of_a_foreign_linter_under_which_the_code_is_not_clean_only_errors_count() -> None:
    before = read_findings("a.py:1:1: FA100 old\na.py:2:1: F401 unused")
    fresh = read_findings("b.py:1:1: FA100 old\nb.py:2:1: F401 unused\nb.py:3:1: SIM102 nested\nb.py:4:1: something")
    assert [f.code for f in enforced(before, fresh)] == ["F401"]
    assert enforced(before[1:], fresh) == fresh


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = read_findings(text)
    assert added(found, found) == ()
