"""A change in one line."""

from __future__ import annotations

from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.wording import Moved, message_of

OLD = b"def f():\n    return 1\n\n\ndef g():\n    return 2\n\n\nclass C:\n    def m(self):\n        return 3\n"


def said(after: bytes, before: bytes = OLD, path: str = "a.py") -> str:
    return message_of([Moved("M", path, path)], lambda _: before, lambda _: after)


def test_functions_that_differ_are_named() -> None:
    assert said(OLD.replace(b"1", b"9")) == "Change f in a.py"
    assert said(OLD.replace(b"1", b"9").replace(b"3", b"8")) == "Change f and C.m in a.py"
    assert said(OLD + b"\n\ndef h():\n    pass\n") == "Add h to a.py"
    assert said(OLD.replace(b"def g():\n    return 2\n", b"")) == "Remove g from a.py"


def test_where_no_function_differs_the_file_is_named() -> None:
    assert said(OLD + b"X = 1\n") == "Change a.py"
    assert said(b"def broken(") == "Remove f and g and C.m from a.py"
    assert said(b"y", b"x", "notes.txt") == "Change notes.txt"
    assert message_of([Moved("D", "a.py", "a.py")], lambda _: OLD, lambda _: None) == "Remove a.py"
    assert message_of([], lambda _: None, lambda _: None) == ""


def test_several_files_by_their_folder() -> None:
    added = [Moved("A", f"pkg/m{n}.py", f"pkg/m{n}.py") for n in range(25)]
    subject, blank, *rest = message_of(added, lambda _: None, lambda _: None).split("\n")
    assert (subject, blank) == ("Add 25 files in pkg", "")
    assert rest[-1] == "- and 5 more"
    mixed = [Moved("A", "a/x", "a/x"), Moved("R", "b/y", "b/z")]
    assert message_of(mixed, lambda _: None, lambda _: None) == "Change 2 files\n\n- add a/x\n- rename b/z to b/y"


paths = st.text(min_size=1).filter(lambda path: not path.startswith("/"))


@given(st.lists(st.builds(Moved, st.sampled_from("AMDTR"), paths, paths), max_size=5))
def test_any_names_stay_on_their_lines(moved: list[Moved]) -> None:
    lines = message_of(moved, lambda _: b"", lambda _: b"").split("\n")
    assert len(lines) == (1 if len(moved) < 2 else len(moved) + 2)
    assert not any(category(letter) == "Cc" for line in lines for letter in line)
