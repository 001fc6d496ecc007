"""Edits are read against what the model was shown, whatever the disk says meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.compose.pinned import Pinned
from routecli.git.repository import open_repository
from routecli.git.snapshot import Snapshot, take


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make_repo(tmp_path / "r", {"a.py": "one\r\n", "b.py": "b\n"})
    (made.root / "link.py").symlink_to("a.py")
    return made


@pytest.fixture
def snapshot(repo: Repo) -> Iterator[Snapshot]:
    taken = take(open_repository(repo.root))
    yield taken
    taken.close()


def test_row_61_a_pinned_file_stays_as_it_was(repo: Repo, snapshot: Snapshot) -> None:
    files = Pinned(snapshot, ["a.py"])
    repo.write({"a.py": "changed meanwhile\n", "b.py": "as well\n"})
    assert files.read("a.py") == b"one\r\n"
    assert files.read("b.py") == b"as well\n"


def test_row_21_a_link_is_never_read(snapshot: Snapshot) -> None:
    assert Pinned(snapshot, ["link.py"]).read("link.py") is None


def test_what_is_not_there_is_none(snapshot: Snapshot) -> None:
    files = Pinned(snapshot, ["nope.py"])
    assert files.read("nope.py") is None
    assert files.mode("a.py") == "100644"
    assert set(files.paths()) == {"a.py", "b.py", "link.py"}
