"""The static rule on added lines (security.md row 9): what it flags, and honest code that looks alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import Kind, Task
from routecli.verification import cheats
from routecli.verification.planned import INSIDE

EQUAL = "class A(int):\n    def __eq__(self, other):\n        return {}\n"


def flagged(code: str, before: str | None = "") -> str:
    task = Task("do it", Kind.FIX, "given", Path("/nowhere"), None, ("a.py",), usd(1))
    held = before.encode() if before is not None else None
    found = cheats.flags(Patch((FileEdit("a.py", held, code.encode()),)), task)
    return found[0].what if found else ""


@pytest.mark.parametrize(("code", "word"), [
    ("x = '_py' + 'test'\n", "pytest"),
    ("x = 'PYTEST_CURRENT' + '_TEST'\n", "PYTEST_CURRENT_TEST"),
    ("x = getattr(os, '_e' + 'xi' + 't')\n", "_exit"),
    ("x = ''.join(['ROUTECLI_', 'REPORT_DIR'])\n", "ROUTECLI_REPORT_DIR"),
    ("x = name + ('at' + 'exit')\n", "atexit"),
])  # fmt: skip
def test_row_09_a_word_put_together_from_pieces_is_flagged(code: str, word: str) -> None:
    assert "from pieces" in flagged(code)
    assert word in flagged(code)


@pytest.mark.parametrize("code", [
    "x = 'run pytest ' + 'and look'\n",
    "x = 'py' + name + 'test'\n",
    "x = 'a' + 'b'\n",
    "x = ', '.join(['py', 'test'])\n",
    "x = 'py' 'thon'\n",
    "x = 1 + 2\n",
])  # fmt: skip
def test_row_09_honest_texts_are_not_flagged(code: str) -> None:
    assert flagged(code) == ""


@pytest.mark.parametrize("answer", ["True", "other is not None", "isinstance(other, int)", "bool(1)"])
def test_row_09_an_equality_that_never_looks_at_its_object_is_flagged(answer: str) -> None:
    assert "same answer" in flagged(EQUAL.format(answer))


@pytest.mark.parametrize("answer", [
    "self is other", "isinstance(other, A)", "type(other) is __class__", "super().__eq__(other)", "NotImplemented",
    "other.x == self.x",
])  # fmt: skip
def test_row_09_an_honest_equality_is_not_flagged(answer: str) -> None:
    assert flagged(EQUAL.format(answer)) == ""


def test_row_09_what_was_there_before_is_not_flagged() -> None:
    code = EQUAL.format("True")
    assert flagged(code + "x = 1\n", before=code) == ""
    assert flagged(code, before=None) != ""


def test_every_module_of_ours_that_runs_beside_the_tests_is_known() -> None:
    ours = {p.stem for p in INSIDE.glob("*_routecli.py")}
    assert ours == cheats.OURS
    task = Task("do it", Kind.FIX, "given", Path("/nowhere"), None, ("a.py",), usd(1))
    for name in ours - {"plugin_routecli"}:  # which is runner configuration, and taken out of the patch
        assert cheats.flags(Patch((FileEdit(f"{name}.py", None, b"x = 1\n"),)), task)
