"""What a commit changes, read back without git's help; compared with git's own word."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import make_repo

from routecli.git.proving import changed_by
from routecli.git.repository import open_repository


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_added_changed_deleted_moved_and_mode_only(tmp_path: Path, object_format: str) -> None:
    repo = make_repo(
        tmp_path / "r",
        {"a.py": "a\n", "deep/er/b.py": "b\n", "deep/c.py": "c\n", "gone.py": "x\n", "same/s.py": "s\n", "turn": "t\n"},
        f"--object-format={object_format}",
    )
    repo.write({"a.py": "aa\n", "deep/er/new é.py": "n\n"})
    (repo.root / "gone.py").unlink()
    (repo.root / "deep/c.py").chmod(0o755)
    (repo.root / "turn").unlink()
    repo.write({"turn/into.py": "folder\n"})
    repo.commit("second")
    opened = open_repository(repo.root)
    assert opened.head is not None
    expected = {"a.py", "deep/er/new é.py", "gone.py", "deep/c.py", "turn", "turn/into.py"}
    assert changed_by(opened, opened.head) == expected


def test_the_first_commit_changes_all_of_its_files(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a.py": "a\n", "b/c.py": "c\n"})
    opened = open_repository(repo.root)
    assert opened.head is not None
    assert changed_by(opened, opened.head) == {"a.py", "b/c.py"}
