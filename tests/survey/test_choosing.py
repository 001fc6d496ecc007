"""PATHS of the command line against a real tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.errors import UsageFault
from routecli.survey.choosing import chosen_by_paths, nearest

from .conftest import MakeRepo, Repo, content_of

FILES = {
    "src/invoice.py": "a = 1\n",
    "src/report.py": "b = 1\n",
    "src/deep/more.py": "c = 1\n",
    "tests/test_invoice.py": "d = 1\n",
    "README.md": "# it\n",
    "odd [1].py": "e = 1\n",
    ".gitignore": "*.log\nbuild/\n",
}


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    return make_repo(FILES)


def chosen(repo: Repo, *paths: str, cwd: str = ".") -> list[str]:
    return [c.path for c in chosen_by_paths(paths, repo.root / cwd, repo.root, repo)]


@pytest.mark.parametrize(
    ("given_path", "cwd", "expected"),
    [
        ("src/invoice.py", ".", ["src/invoice.py"]),
        ("./src/../src/invoice.py", ".", ["src/invoice.py"]),
        ("invoice.py", "src", ["src/invoice.py"]),
        ("../README.md", "src", ["README.md"]),
        ("src", ".", ["src/deep/more.py", "src/invoice.py", "src/report.py"]),
        ("src/", ".", ["src/deep/more.py", "src/invoice.py", "src/report.py"]),
        (".", "src/deep", ["src/deep/more.py"]),
        ("src/*.py", ".", ["src/invoice.py", "src/report.py"]),
        ("*.py", "src", ["src/invoice.py", "src/report.py"]),
        ("**/more.py", ".", ["src/deep/more.py"]),
        ("odd [1].py", ".", ["odd [1].py"]),
    ],
)
def test_files_folders_and_globs(repo: Repo, given_path: str, cwd: str, expected: list[str]) -> None:
    assert chosen(repo, given_path, cwd=cwd) == expected


def test_absolute_paths_and_the_whole_repository(repo: Repo) -> None:
    assert chosen(repo, str(repo.root / "README.md")) == ["README.md"]
    assert chosen(repo, str(repo.root)) == sorted(FILES)


def test_each_file_once_in_the_order_given(repo: Repo) -> None:
    assert chosen(repo, "src/report.py", "src", "src/*.py") == [
        "src/report.py", "src/deep/more.py", "src/invoice.py",
    ]  # fmt: skip


def test_why_a_file_came_in(repo: Repo) -> None:
    whys = {c.why for c in chosen_by_paths(["README.md", "src", "t*/*"], repo.root, repo.root, repo)}
    assert whys == {"given", "in src", "matches t*/*"}


@pytest.mark.parametrize(
    ("given_path", "said", "hint"),
    [
        ("src/invioce.py", "no file 'src/invioce.py'", "did you mean src/invoice.py"),
        ("invoice.py", "no file", "src/invoice.py"),
        ("src/*.rs", "no file matches", ""),
        ("../elsewhere.py", "outside the repository", "inside it"),
        ("/etc/passwd", "outside the repository", "inside it"),
        ("", "empty path", "routecli run"),
        ("a\0b", "empty path", ""),
        ("x.log", "ignored by git", "git add -f x.log"),
        ("build", "holds no file", ""),
        (".git/config", "", ""),
        ("nothing\nlike\x1b[2Jit", "no file", ""),
    ],
)
def test_refusals_name_the_path_and_the_next_command(repo: Repo, given_path: str, said: str, hint: str) -> None:
    (repo.root / "x.log").write_text("x")
    (repo.root / "build").mkdir()
    (repo.root / "build" / "out.py").write_text("x")
    with pytest.raises(UsageFault) as caught:
        chosen(repo, given_path)
    assert said in caught.value.what
    assert hint in caught.value.hint
    assert "\n" not in caught.value.what + caught.value.hint
    assert "\x1b" not in caught.value.what


def test_row_21_a_path_through_a_link_to_outside_is_outside(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("canary")
    (repo.root / "out").symlink_to(tmp_path)
    linked = content_of(repo.root)
    with pytest.raises(UsageFault):
        chosen(linked, "out/secret.txt")


def test_a_path_through_a_link_inside_leads_to_the_file(repo: Repo) -> None:
    (repo.root / "alias").symlink_to("src")
    linked = content_of(repo.root)
    assert chosen(linked, "alias/invoice.py") == ["src/invoice.py"]


def test_a_repository_reached_through_a_link(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repo.root)
    found = chosen_by_paths(["invoice.py"], tmp_path / "link" / "src", repo.root, repo)
    assert [c.path for c in found] == ["src/invoice.py"]


def test_names_that_are_no_utf8(make_repo: MakeRepo) -> None:
    repo = make_repo({"plain.py": "x\n"})
    Path(os.fsdecode(os.fsencode(repo.root) + b"/caf\xe9.py")).write_text("x = 1\n")
    odd = content_of(repo.root)
    assert chosen(odd, "caf\udce9.py") == ["caf\udce9.py"]
    assert chosen(odd, "caf*.py") == ["caf\udce9.py"]
    with pytest.raises(UsageFault) as caught:
        chosen(odd, "caf\udce8.py")
    caught.value.what.encode()
    caught.value.hint.encode()


def test_an_empty_repository_has_nothing_to_choose(make_repo: MakeRepo) -> None:
    with pytest.raises(UsageFault, match="holds no file"):
        chosen(make_repo({}), ".")


@given(st.text(max_size=40))
def test_any_text_is_a_file_or_a_refusal(text: str) -> None:
    repo = Repo(Path("/nowhere/at/all"), "", {})
    try:
        raise AssertionError(chosen(repo, text))
    except UsageFault as fault:
        fault.what.encode()


@given(st.lists(st.text("ab/", min_size=1, max_size=6), max_size=8), st.text("ab/", max_size=6))
def test_nearest_are_real_paths(paths: list[str], wanted: str) -> None:
    found = nearest(wanted, set(paths))
    assert set(found) <= set(paths)
    assert len(found) <= 3
