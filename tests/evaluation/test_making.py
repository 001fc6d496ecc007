"""Which commits make a task."""

from __future__ import annotations

from pathlib import Path

from repositories import make_repo

from routecli.evaluation.making import from_history
from routecli.evaluation.suite import read_suite, write_suite
from routecli.verification.integrity import stands_with_tests


def test_commits_with_code_and_tests_and_nothing_else(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"src/a.py": "A = 1\n", "tests/test_a.py": "def test_a():\n    pass\n"})
    ids = {}
    for name, files in {
        "a right one, with words": {"src/a.py": "A = 2\n", "tests/test_a.py": "x\n", "README": "y\n"},
        "code without any test at all": {"src/a.py": "A = 3\n"},
        "a test without any code at all": {"tests/test_b.py": "x\n"},
        "a new file beside the changed one": {"src/a.py": "A = 4\n", "src/new.py": "", "tests/test_a.py": "z\n"},
        "few words": {"src/a.py": "A = 5\n", "tests/test_a.py": "w\n"},
        "a right one again \x1b[2J": {"src/a.py": "A = 6\n", "tests/test_c.py": "w\n", "tests/__init__.py": ""},
    }.items():
        repo.write(files)
        ids[name] = repo.commit(name)
    found = list(from_history(repo.root, is_test=stands_with_tests, most=10))
    assert [t.tests_from for t in found] == [ids["a right one again \x1b[2J"], ids["a right one, with words"]]
    last, first = found
    assert "\x1b" not in last.task
    assert last.tests == ("tests/__init__.py", "tests/test_c.py")
    assert last.accept == "python -m pytest -q -o pythonpath=src tests/test_c.py"
    assert (first.paths, first.base) == (("src/a.py",), repo.git("rev-parse", f"{first.tests_from}^").strip())
    assert len(list(from_history(repo.root, is_test=stands_with_tests, most=1))) == 1
    inside, outside = repo.root / "evals", tmp_path / "evals"
    for folder in (inside, outside):
        assert len(write_suite(folder, found)) == 2
        assert write_suite(folder, found) == ()
        assert sorted(read_suite(folder, None), key=lambda t: t.name) == sorted(found, key=lambda t: t.name)
    assert "repository" not in next(inside.iterdir()).read_text()


def test_a_commit_of_another_language_and_none_of_two(tmp_path: Path) -> None:
    files = {"go.mod": "module m\n", "a.go": "package m\n", "a.py": "A = 1\n"}
    repo = make_repo(tmp_path / "repo", files)
    repo.write({"a.go": "package m // 2\n", "a_test.go": "package m\n"})
    right = repo.commit("go code with its test")
    repo.write({"a.go": "package m // 3\n", "a_test.go": "package m // 3\n", "a.py": "A = 2\n"})
    repo.commit("code of two languages at once")
    (found,) = from_history(repo.root, is_test=stands_with_tests, most=10)
    assert (found.tests_from, found.accept, found.paths) == (right, "go test .", ("a.go",))
