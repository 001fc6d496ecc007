"""Kinds by words; docs/kinds.md says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.answered import ANSWERS
from routecli.domain.task import Kind
from routecli.routing.kinds import KINDS, UNKNOWN_PUBLISHED, classify

PAGE = Path(__file__).parents[2] / "docs" / "kinds.md"


@pytest.mark.parametrize("row", KINDS, ids=lambda r: f"{r.kind.value}-{'telling' if r.telling else 'general'}")
def test_each_rows_example_is_of_its_kind(row: object) -> None:
    assert classify(row.example)[0] is row.kind  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("instruction", "kind"),
    [
        ("write test for parse_line", Kind.TESTS),
        ("generate boilerplate", Kind.BOILERPLATE),
        ("add docstring to totals", Kind.DOCSTRING),
        ("debug the importer", Kind.FIX),
        ("refactor the module", Kind.REFACTOR),
        ("implement paging", Kind.FEATURE),
        ("architect a new cache", Kind.ARCHITECTURE),
        ("security review of auth", Kind.SECURITY),
        ("optimize the query", Kind.PERFORMANCE),
    ],
)
def test_the_published_keywords(instruction: str, kind: Kind) -> None:
    assert classify(instruction)[0] is kind


@pytest.mark.parametrize(
    ("instruction", "kind", "why"),
    [
        ("Fix the lint errors", Kind.LINT, '"lint" in the task'),
        ("implement discounts; it fails now", Kind.FEATURE, '"implement" in the task'),
        ("when empty it crashes: add a guard", Kind.FIX, '"crashes" in the task'),
        ("fix the rename logic", Kind.FIX, '"fix" in the task'),
        ("fix rename() in fs.py", Kind.FIX, '"fix" in the task'),
        ("fix security/upload.py", Kind.FIX, '"fix" in the task'),
        ("fix `rename x to y` in the parser", Kind.FIX, '"fix" in the task'),
        ("rename  old\nto new", Kind.RENAME, '"rename … to" in the task'),
        ("tidy this", Kind.OTHER, "no word of the table in the task"),
        ("", Kind.OTHER, "no word of the table in the task"),
        ("prefix and suffix", Kind.OTHER, "no word of the table in the task"),
    ],
)
def test_which_word_decides(instruction: str, kind: Kind, why: str) -> None:
    assert classify(instruction) == (kind, why)


@given(st.text(max_size=300))
def test_any_text_has_a_kind(text: str) -> None:
    kind, why = classify(text)
    assert (kind is Kind.OTHER) == why.startswith("no word")
    assert "\n" not in why


def test_the_page_holds_every_row() -> None:
    page = PAGE.read_text()
    rows = re.findall(r"^\| `([a-z-]+)` \| (yes|no) \| (.+?) \| ([0-9–]+) \|$", page, re.MULTILINE)
    assert rows == [(r.kind.value, "yes" if r.telling else "no", ", ".join(r.words), r.published) for r in KINDS]
    assert f"published class {UNKNOWN_PUBLISHED}" in page


def test_every_kind_but_other_and_those_with_a_command_of_their_own_has_a_row() -> None:
    assert {r.kind for r in KINDS} == set(Kind) - {Kind.OTHER} - ANSWERS
