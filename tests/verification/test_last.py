"""The last result of a check: kept whatever the files are, and garbage is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.task import Kind
from routecli.verification import last
from routecli.verification.last import Ending, LastResult
from tests.verification.conftest import Bench

RESULT = LastResult(datetime(2026, 11, 27, 12, 0, tzinfo=UTC), "tree-1", "env", Ending.FAILED, 3, 1, failing=("t",))


def test_what_was_kept_comes_back() -> None:
    assert last.from_bytes(last.to_bytes(RESULT)) == RESULT


@given(st.one_of(st.binary(max_size=60), st.recursive(st.none() | st.text(), st.lists).map(lambda v: str(v).encode())))
def test_garbage_is_no_result(raw: bytes) -> None:
    assert last.from_bytes(raw) is None


def test_an_older_form_is_no_result() -> None:
    assert last.from_bytes(last.to_bytes(RESULT).replace(b'"format": 1', b'"format": 0')) is None


def test_it_outlives_a_change_of_the_files(calc: Bench) -> None:
    verifier = calc.verifier(Kind.FEATURE, cached=True)
    verifier.prepare()
    check = verifier.plan()[0]
    raw = calc.cache.get(last.key(calc.root, check))
    assert raw is not None
    result = last.from_bytes(raw)
    assert result is not None
    assert (result.tree, result.ending, result.passed, result.failed) == ("tree-1", Ending.FAILED, 5, 1)
    assert result.failing == ("test_calc.py::test_double",)
    other = replace(check, command=replace(check.command, argv=(*check.argv, "-x")))
    assert calc.cache.get(last.key(calc.root, other)) is None
