"""Globs and ignore rules, git's own as the judge where git has the same rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routecli.domain.globs import ignore_rules, is_glob, matches
from routecli.git.command import git_ok


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.py", "a.py", True),
        ("*.py", "src/a.py", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/in/a.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "src/in/a.py", True),
        ("src/**", "src/in/a.py", True),
        ("src/**/a.py", "src/a.py", True),
        ("src/**/b/**/a.py", "src/x/b/y/z/a.py", True),
        ("src/**/b/**/a.py", "src/x/c/y/z/a.py", False),
        ("?.py", "ab.py", False),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("*.py", "new\nline.py", True),
        ("日*.py", "日本.py", True),
        ("**", "any/where", True),
    ],
)
def test_globs(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


def test_what_is_a_glob() -> None:
    assert is_glob("a*")
    assert is_glob("[ab]")
    assert not is_glob("a.py")


@pytest.mark.parametrize("pattern", ["**/" * 40 + "x", "*a" * 60 + "b", "[" * 200, "/".join(["**", "*a"] * 40)])
def test_a_hostile_pattern_ends_soon(pattern: str) -> None:
    """Ends at all: a backtracking matcher would not within the life of the machine."""
    assert not matches(pattern, "/".join(["a" * 60] * 30) + "c")


NAMES = st.text(alphabet="ab.", min_size=1, max_size=3).filter(lambda s: s.strip("."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@given(PATHS)
def test_every_path_is_matched_by_itself_and_by_its_stars(path: str) -> None:
    assert matches(path, path)
    assert matches("**", path)
    assert matches("/".join("*" for _ in path.split("/")), path)
    assert matches("**/" + path.rpartition("/")[2], path)
    assert not matches(path + "x", path)


RULES = [
    "*.log", "build/", "/top.txt", "docs/*.md", "a/**/z.py", "!keep.log", "# nothing", "", "deep", "sub/deep/", "x?.py",
    "**/cache", "[ab].txt", "a/**",
]  # fmt: skip
TREE = [
    "a.log", "keep.log", "in/a.log", "build/x", "in/build/x", "top.txt", "in/top.txt", "docs/a.md", "docs/in/a.md",
    "a/z.py", "a/b/c/z.py", "deep", "in/deep/f", "sub/deep/f", "x1.py", "x12.py", "in/cache/f", "a.txt", "c.txt",
]  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ignore")
    git_ok(root, "init", "-q")
    for name in TREE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.sampled_from(RULES), min_size=1, max_size=6))
def test_ignore_rules_mean_what_git_means(tree: Path, lines: list[str]) -> None:
    listed = tree / ".git" / "rules"
    listed.write_text("\n".join(lines) + "\n")
    out = git_ok(tree, "ls-files", "-o", "-i", "-z", f"--exclude-from={listed}").decode()
    rules = ignore_rules(lines)
    assert {path for path in TREE if rules.excludes(path)} == {p for p in out.split("\0") if p}


def test_no_rules_exclude_nothing() -> None:
    assert not ignore_rules([]).excludes("a.py")
    assert not ignore_rules(["/", "!", "   "]).excludes("a.py")
