"""Functions broken on purpose: which, how, and what is left alone."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.breaking import MOST_LOOKED_AT, broken

CODE = '''\
class Box:
    def size(self, n):
        return n * 2

    def __len__(self):
        return 3


def numbers():
    yield 1


def log(text):
    print(text)


def later():
    raise NotImplementedError


def stub():
    """Nothing yet."""


def unspoken(a, b):
    return a < b
'''
TEST = "from box import *\n\n\ndef test():\n    Box().size(1); len(Box()); list(numbers()); log('x'); later(); stub()\n"


def ways(code: str = CODE, test: str = TEST) -> dict[tuple[str, str], str]:
    found = broken([test], ["box.py"], {"box.py": code.encode()}.get)
    return {(b.function, b.how): (b.edit.after or b"").decode() for b in found}


def test_only_functions_that_the_tests_speak_of_and_that_do_something() -> None:
    found = ways()
    assert set(found) == {
        ("Box.size", "gives nothing back"), ("Box.size", "has an operator turned round"),
        ("numbers", "gives nothing back"), ("log", "gives nothing back"),
    }  # fmt: skip
    assert "return n + 2" in found["Box.size", "has an operator turned round"]
    names: dict[str, object] = {}
    exec(found["numbers", "gives nothing back"], names)
    assert list(names["numbers"]()) == []  # type: ignore[operator]


def test_tests_and_other_files_are_left_alone() -> None:
    assert broken([TEST], ["test_box.py", "box.txt", "gone.py"], {"test_box.py": CODE.encode()}.get) == ()
    assert broken(["def ("], ["box.py"], {"box.py": CODE.encode()}.get) == ()
    assert broken([TEST], ["box.py"], {"box.py": b"def ("}.get) == ()


def test_there_is_a_most_of_them() -> None:
    many = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(90))
    test = "def test():\n    " + "; ".join(f"f{n}()" for n in range(90)) + "\n"
    assert len({name for name, _ in ways(many, test)}) == MOST_LOOKED_AT


@given(st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "<=", "==", "in", "is", "and"]), st.integers(0, 9))
def test_each_way_is_another_program(operator: str, number: int) -> None:
    code = f"def f(a):\n    if a:\n        return a {operator} {number}\n    return [a]\n"
    found = ways(code, "def test():\n    f(1)\n")
    assert len(found) == 2
    assert all(ast.dump(ast.parse(text)) != ast.dump(ast.parse(code)) for text in found.values())
