"""Removing what a hostile run or repository left."""

from __future__ import annotations

import os
from pathlib import Path

from routecli.git.owners import remove


def test_folders_nested_deeper_than_python_recurses_are_removed(tmp_path: Path) -> None:
    top, outside = tmp_path / "top", tmp_path / "outside"
    top.mkdir()
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (top / "closed").mkdir()
    (top / "closed" / "file").write_text("x")
    handle = os.open(top, os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("d", dir_fd=handle)
        os.symlink(outside, "link", dir_fd=handle)
        deeper = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    os.close(handle)
    (top / "closed").chmod(0)
    remove(top)
    assert not top.exists()
    assert (outside / "kept").read_text() == "kept"
