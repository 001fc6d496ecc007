"""What became of a patch, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import Repo, make_repo

from routecli import edits
from routecli.domain.patch import FileEdit, Patch
from routecli.git.fate import Fate, fate, hunks_of, judged

LINES = [f"line {n}" for n in range(40)]
BEFORE = "\n".join(LINES) + "\n"
NEW = ["first = new(1)", "second = new(2)", "third = new(3)"]
AFTER = "\n".join([*LINES[:10], *NEW, *LINES[11:]]) + "\n"
DIFF = edits.render(Patch((FileEdit("a.py", BEFORE.encode(), AFTER.encode()),)))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make_repo(tmp_path / "repo", {"a.py": BEFORE, "b.py": "x = 1\n"})
    made.write({"a.py": AFTER})
    return made


def base(repo: Repo) -> str:
    return repo.git("rev-list", "--max-parents=0", "HEAD").strip()


def told(repo: Repo, commit: str | None = None) -> Fate:
    return fate(repo.root, DIFF, base(repo), commit)


def commit(repo: Repo, message: str = "x") -> None:
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", message)


def test_what_stands_whoever_committed_it_and_whatever_came_around_it(repo: Repo) -> None:
    assert told(repo) is Fate.STANDS
    commit(repo)
    repo.write({"a.py": "import os\n" + AFTER.replace("line 9", "line nine").replace("line 39\n", "")})
    assert told(repo) is Fate.STANDS


def test_a_revert_and_a_restored_file_are_reverted_and_back_again_stands(repo: Repo) -> None:
    commit(repo)
    made = repo.git("rev-parse", "HEAD").strip()
    repo.git("revert", "--no-edit", "HEAD")
    assert told(repo) is Fate.REVERTED
    assert told(repo, made) is Fate.REVERTED
    repo.git("revert", "--no-edit", "HEAD")
    assert told(repo, made) is Fate.STANDS
    repo.write({"a.py": BEFORE})
    assert told(repo) is Fate.REVERTED


def test_most_of_its_lines_gone_is_rewritten_and_half_of_them_is_not(repo: Repo) -> None:
    repo.write({"a.py": AFTER.replace(NEW[0], "uno()").replace(NEW[1], "due()")})
    assert told(repo) is Fate.REWRITTEN
    repo.write({"a.py": AFTER.replace(NEW[0], "uno()")})
    assert told(repo) is Fate.STANDS


def test_another_branch_a_stash_and_another_history_say_nothing(repo: Repo) -> None:
    first, began = repo.git("rev-parse", "--abbrev-ref", "HEAD").strip(), base(repo)
    repo.git("stash")
    assert told(repo) is Fate.UNKNOWN
    repo.git("stash", "pop")
    repo.git("checkout", "-q", "-b", "feature")
    commit(repo)
    repo.git("checkout", "-q", first)
    assert told(repo) is Fate.UNKNOWN
    repo.git("checkout", "-q", "--orphan", "lone")
    repo.write({"a.py": "nothing\n"})
    commit(repo)
    assert fate(repo.root, DIFF, began, None) is Fate.UNKNOWN
    assert fate(repo.root, DIFF, None, None) is Fate.UNKNOWN


def test_a_renamed_file_says_nothing_and_a_deleted_one_is_rewritten(repo: Repo) -> None:
    commit(repo)
    repo.git("mv", "a.py", "c.py")
    assert told(repo) is Fate.UNKNOWN
    repo.git("rm", "-q", "-f", "c.py")
    assert told(repo) is Fate.REWRITTEN


def test_new_and_deleted_files() -> None:
    made = list(hunks_of(edits.render(Patch((FileEdit("new.py", None, b"a = 1\nb = 2\n"),)))))
    assert judged(made, lambda _: b"a = 1\nb = 2\n") is Fate.STANDS
    assert judged(made, lambda _: None) is Fate.REVERTED
    gone = list(hunks_of(edits.render(Patch((FileEdit("old.py", b"a = 1\nb = 2\n", None),)))))
    assert judged(gone, lambda _: None) is Fate.STANDS
    assert judged(gone, lambda _: b"a = 1\nb = 2\n") is Fate.REVERTED


@given(st.text(alphabet="-+@ ab/1,\n\t\\", max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    hunks = list(hunks_of(text))
    assert not hunks or judged(hunks, lambda _: b"a\n") in Fate
