"""Calls taken from tests, varied, and made from annotations."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.inputs import known_calls, made_calls, varied_calls, written
from routecli.verification.touched import functions

TESTS = b"""
import shop
from shop import area as surface
import pytest

WIDE = [3, 4]

def test_plain():
    assert surface(3, 4) == 12
    assert shop.area(a=5) == 5
    assert other(9) == 9

def test_names():
    here = (1, 2)
    assert surface(here, WIDE) == 12
    twice = 1
    twice = 2
    assert surface(twice) == 2

@pytest.mark.parametrize("a, b", [(1, 2), pytest.param(3, 4, id="x"), (open, 1)])
def test_rows(a, b):
    assert surface(a, b)

@pytest.mark.parametrize("a", [7, None])
def test_row(a):
    assert surface(a)

def test_no_literals(thing):
    assert surface(thing) and surface(*WIDE) and surface(**{}) and surface(1 + 1)
"""


def test_known_calls() -> None:
    assert known_calls("area", [TESTS, b"area(1) this is no Python"]) == (
        "((3, 4), {})", "((), {'a': 5})", "(((1, 2), [3, 4]), {})", "((1, 2), {})", "((7,), {})", "((None,), {})",
    )  # fmt: skip


def test_varied_calls_change_one_argument_and_repeat_none() -> None:
    known = ("((3, [(2.5, 1)]), {'k': 'a b'})",)
    varied = [ast.literal_eval(c) for c in varied_calls(known)]
    assert len(varied) > 12
    original = ast.literal_eval(known[0])
    for args, kwargs in varied:
        changed = [a != b for a, b in zip((*args, *kwargs.values()), (*original[0], "a b"), strict=True)]
        assert sum(changed) == 1
        assert type(args[0]) is int
    assert len({repr(v) for v in varied}) == len(varied)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner) | st.tuples(inner),
    max_leaves=6,
)  # fmt: skip


@given(st.lists(VALUES, max_size=3))
def test_whatever_is_varied_is_a_literal(values: list[object]) -> None:
    call = written(tuple(values), {})
    for text in varied_calls([call] if call else []):
        args, kwargs = ast.literal_eval(text)
        assert (len(args), kwargs) == (len(values), {})
        assert text != call


@pytest.mark.parametrize(
    ("head", "some"),
    [
        ("(a: int)", True), ("(a: int, b: str = 'x')", True), ("(a: 'int | None')", True), ("(a=3)", True),
        ("(a: list[int], b: dict[str, float])", True), ("(a: Optional[bool])", True), ("(a: tuple[int, str])", True),
        ("(a)", False), ("(a: Decimal)", False), ("(a: list[Thing])", False), ("()", False), ("(*a: int)", False),
        ("(a: tuple[int, ...])", False), ("(a=None)", False), ("(*, a: int)", False),
    ],
)  # fmt: skip
def test_made_calls(head: str, some: bool) -> None:
    ((_, node),) = functions(f"def f{head}:\n    return 1\n".encode())
    calls = made_calls(node)
    assert bool(calls) is some
    assert all(len(ast.literal_eval(c)[0]) == len(node.args.args) for c in calls)
