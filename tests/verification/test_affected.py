"""Which tests a change can reach."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.affected import Content, affected_tests, imports_of

TREE = {
    "pkg/__init__.py": "",
    "pkg/a.py": "from .b import thing\n",
    "pkg/b.py": "thing = 1\n",
    "pkg/c.py": "import json\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/d.py": "from ..b import (\n    thing as other,\n)\n",
    "tests/conftest.py": "from pkg import c\n",
    "tests/test_a.py": "from pkg import a\n",
    "tests/test_b.py": "import pkg.b as b, os\n",
    "tests/deep/test_d.py": "from pkg.sub import d\n",
    "tests/deep/test_m.py": "import subprocess\nsubprocess.run(['python', '-m', 'pkg.sub.d'])\n",
    "tests/test_words.py": "from pathlib import Path\nTEXT = Path('notes.txt').read_text()\n",
    "other/test_plain.py": "def test(): pass\n",
    "other/test_more.py": "def test(): pass\n",
    "other/test_third.py": "def test(): pass\n",
    "other/test_fourth.py": "def test(): pass\n",
    "notes.txt": "words\n",
    "tests/deep/data.json": "{}\n",
    "pyproject.toml": "\n",
}

BELOW_TESTS = (
    "tests/deep/test_d.py", "tests/deep/test_m.py", "tests/test_a.py", "tests/test_b.py", "tests/test_words.py",
)  # fmt: skip


class Shelf:
    """A BaselineCache in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value


def content(tree: dict[str, str], reads: list[str] | None = None) -> Content:
    def read(path: str) -> bytes | None:
        if reads is not None:
            reads.append(path)
        return tree[path].encode()

    def mentions(words: list[str]) -> Collection[str]:
        return [p for p, text in tree.items() if any(w in text for w in words)]

    return Content({p: hashlib.sha1(t.encode()).hexdigest() for p, t in tree.items()}, read, mentions)


def reached(*changed: str) -> tuple[str, ...] | None:
    return affected_tests(content(TREE), changed, Shelf(), "/r")


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        (["pkg/a.py"], ("tests/test_a.py",)),
        (["pkg/sub/d.py"], ("tests/deep/test_d.py", "tests/deep/test_m.py")),
        (["tests/test_b.py"], ("tests/test_b.py",)),
        (["notes.txt"], ("tests/test_words.py",)),
        (["tests/deep/data.json"], BELOW_TESTS),
        (["pkg/c.py"], BELOW_TESTS),  # the conftest.py above them imports it
        (["gone.txt"], ()),
        ([], ()),
    ],
)
def test_reached(changed: list[str], tests: tuple[str, ...]) -> None:
    assert reached(*changed) == tests


def test_all_where_nearly_all_are_reached_or_the_runner_is_steered() -> None:
    assert reached("pkg/c.py", "other/test_plain.py") is None
    assert reached("pyproject.toml") is None


def test_through_relative_imports_and_over_lines() -> None:
    assert reached("pkg/b.py") == (
        "tests/deep/test_d.py",
        "tests/deep/test_m.py",
        "tests/test_a.py",
        "tests/test_b.py",
    )


def test_a_file_that_is_gone_reaches_who_still_imports_it() -> None:
    tree = {path: text for path, text in TREE.items() if path != "pkg/a.py"}
    assert affected_tests(content(tree), ["pkg/a.py"], Shelf(), "/r") == ("tests/test_a.py",)


def test_what_was_read_once_is_not_read_again() -> None:
    shelf, reads = Shelf(), list[str]()
    first = affected_tests(content(TREE, reads), ["pkg/a.py"], shelf, "/r")
    assert len(reads) == sum(path.endswith(".py") for path in TREE)
    reads.clear()
    changed = TREE | {"pkg/b.py": "thing = 2\n"}
    assert affected_tests(content(changed, reads), ["pkg/a.py"], shelf, "/r") == first
    assert reads == ["pkg/b.py"]
    shelf.kept = dict.fromkeys(shelf.kept, b"no such thing")
    assert affected_tests(content(TREE), ["pkg/a.py"], shelf, "/r") == first


@given(st.binary(max_size=300), st.sampled_from(["a.py", "x/y.py", "x/y/z/__init__.py"]))
def test_any_bytes_have_imports(source: bytes, path: str) -> None:
    assert all(imports_of(path, source))


@given(st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=4))
def test_a_package_above_is_imported_too(parts: list[str]) -> None:
    name = ".".join(parts)
    found = imports_of("t.py", f"import {name}\nfrom {name} import thing\n".encode())
    assert {".".join(parts[: n + 1]) for n in range(len(parts))} | {f"{name}.thing"} == set(found)
