"""Which red tests fail for a reason that is not the change's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.report import TestOutcome, TestRecord
from routecli.verification.unrelated import error_of, is_unrelated, shared_errors

OLD = "E   NotImplementedError: Python 3.11 is not supported"


def red(file: str, detail: str) -> TestRecord:
    return TestRecord(TestOutcome.FAILED, file, detail)


def test_what_a_failure_ends_with() -> None:
    assert error_of("E   KeyError: 'x'\n\nlib/a.py:3: KeyError") == "KeyError: 'x'"
    assert error_of("    raise json.JSONDecodeError()\njson.JSONDecodeError: bad\n") == "json.JSONDecodeError: bad"
    assert error_of("E   AssertionError: assert 1 == 2") == ""
    assert error_of("E   assert 1 == 2") == error_of("") == ""


def test_the_same_words_in_three_files_are_shared() -> None:
    tests = {f"t{n}": red(f"test_{n}.py", OLD) for n in range(3)}
    assert shared_errors(tests) == {OLD.removeprefix("E   ")}
    assert shared_errors({n: t for n, t in tests.items() if n != "t0"}) == frozenset()
    assert shared_errors({f"t{n}": red("test_a.py", OLD) for n in range(9)}) == frozenset()


@pytest.mark.parametrize(
    ("detail", "before", "unrelated"),
    [
        (f"lib/grammar.py:4: in load\n{OLD}", OLD, True),
        (f"lib/code.py:4: in load\n{OLD}", OLD, False),  # it passes through what is changed
        (f"lib/grammar.py:4: in load\n{OLD}", "E   KeyError: 1", False),  # it failed otherwise before
        ("E   KeyError: 1", "E   KeyError: 1", False),  # no other test says so
        ("tests/test_a.py:1: ImportError\nE   ImportError: cannot import name 'Mapping' from 'collections' (/usr/x)",
         "E   ImportError: cannot import name 'Mapping' from 'collections' (/usr/x)", True),
        ("lib/b.py:1: ImportError\nE   ImportError: cannot import name 'Mapping' from 'collections' (/usr/x)",
         "E   ImportError: cannot import name 'Mapping' from 'collections' (/usr/x)", False),  # the code asks for it
        ("tests/test_a.py:1: ImportError\nE   ImportError: cannot import name 'f' from 'lib' (/repo/lib)",
         "E   ImportError: cannot import name 'f' from 'lib' (/repo/lib)", False),
        ("tests/test_a.py:9: TypeError\nE   TypeError: Unexpected keyword arguments passed to pytest.raises: message",
         "E   TypeError: Unexpected keyword arguments passed to pytest.raises: message", True),
    ],
)  # fmt: skip
def test_a_failure_outside_the_change(detail: str, before: str, unrelated: bool) -> None:
    shared = frozenset({OLD.removeprefix("E   ")})
    record = red("tests/test_a.py", detail)
    assert is_unrelated(record, [red("tests/test_a.py", before)], shared, ["lib/code.py"]) is unrelated


@given(st.text(max_size=200))
def test_any_words_are_read(detail: str) -> None:
    record = red("a.py", detail)
    assert not is_unrelated(record, [], frozenset(), ["a.py"])
    shared_errors({"t": record})
