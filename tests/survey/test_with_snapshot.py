"""The survey over the real thing: git's snapshot of a user's current content."""

from __future__ import annotations

import os
from pathlib import Path

from routecli.domain.settings import ContextSettings
from routecli.domain.task import FileRole, Kind
from routecli.git.command import git_ok
from routecli.git.repository import open_repository
from routecli.git.snapshot import take as take_snapshot
from routecli.survey import Content, Remembered, chosen_by_paths, chosen_by_task, take

AS = ("user.name=t", "user.email=t@example.org")


def repository(root: Path) -> Path:
    root.mkdir()
    git_ok(root, "init", "-q")
    (root / ".gitignore").write_text("*.log\n")
    (root / "a.py").write_text("def grand_total():\n    return 1\n")
    git_ok(root, "add", "-A")
    git_ok(root, "commit", "-q", "-m", "first", config=AS)
    return root


def test_tracked_untracked_and_edited_files_as_they_are_now(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    (root / "a.py").write_text("def grand_total():\n    return 2\n\n\nx = 1\n")
    (root / "new.py").write_text("from a import grand_total\n")
    (root / "out.log").write_text("ignored\n")
    (root / "link").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe")
    content: Content = take_snapshot(open_repository(root))
    survey = take("x", chosen_by_paths(["."], root, root, content), content, ContextSettings(), Remembered(None))
    roles = {f.path: f.role for f in survey.files}
    assert roles == {
        ".gitignore": FileRole.TEXT, "a.py": FileRole.TEXT, "new.py": FileRole.TEXT, "link": FileRole.SYMLINK,
    }  # fmt: skip
    assert {f.path: f.size_bytes for f in survey.files}["a.py"] == 40
    assert survey.tree == content.tree


def test_the_task_finds_definitions_in_untracked_files_too(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    (root / "new.py").write_text("def late_addition():\n    return grand_total()\n")
    content = take_snapshot(open_repository(root))
    assert [c.path for c in chosen_by_task("fix late_addition", Kind.FIX, content)] == ["new.py"]
    found = chosen_by_task("rename grand_total to total", Kind.RENAME, content)
    assert [c.path for c in found] == ["a.py", "new.py"]


def test_a_warm_look_at_an_edited_file_counts_it_anew(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    remembered = Remembered(tmp_path / "cache")

    def tokens() -> int:
        content = take_snapshot(open_repository(root))
        chosen = chosen_by_paths(["a.py"], root, root, content)
        return take("x", chosen, content, ContextSettings(), remembered).context_tokens

    first = tokens()
    (root / "a.py").write_text("def grand_total():\n    return 1\n\n\ny = 12345\n")
    assert tokens() > first
