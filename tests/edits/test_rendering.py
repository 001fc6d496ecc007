"""Patches as diffs: git applies them, and to the same bytes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from routecli import edits
from routecli.domain.patch import FileEdit, Patch

EDITS = {
    "changed": FileEdit("a.py", b"a\nb\nc\nd\ne\nf\ng\nh\n", b"a\nB\nc\nd\ne\nf\ng\nH\n"),
    "far-apart": FileEdit(
        "a.py", b"".join(b"%d\n" % i for i in range(60)), b"".join(b"%d\n" % (i % 59) for i in range(60))
    ),
    "new": FileEdit("dir/new file.py", None, b"a\n"),
    "new-empty": FileEdit("e.py", None, b""),
    "new-executable": FileEdit("run.sh", None, b"#!/bin/sh\n", "100755"),
    "gone": FileEdit("a.py", b"a\nb\n", None),
    "emptied": FileEdit("a.py", b"a\nb\n", b""),
    "filled": FileEdit("a.py", b"", b"a\n"),
    "no-final-newline": FileEdit("a.py", b"a\nb", b"a\nc"),
    "final-newline-comes": FileEdit("a.py", b"a\nb", b"a\nb\n"),
    "final-newline-goes": FileEdit("a.py", b"a\nb\n", b"a\nb"),
    "crlf": FileEdit("a.py", b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "to-lf": FileEdit("a.py", b"a\r\nb\r\n", b"a\nb\n"),
    "latin-1": FileEdit("a.py", b"caf\xe9\nb\n", b"caf\xe9\nc\n"),
    "odd-name": FileEdit('s p\u00e4"t\\.py', b"a\n", b"b\n"),
    "executable-now": FileEdit("a.sh", b"a\n", b"b\n", "100755"),
    "dashes": FileEdit("q.sql", b"-- a\n++ b\n@@ c\n", b"-- A\n++ B\n@@ C\n"),
}


def git(where: Path, *args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *args], cwd=where, input=stdin, capture_output=True, check=False)


@pytest.mark.parametrize("name", sorted(EDITS))
@pytest.mark.parametrize("back", [False, True], ids=["forth", "back"])
def test_git_applies_it(tmp_path: Path, name: str, back: bool) -> None:
    edit = EDITS[name]
    patch = Patch((edit,))
    if back:
        if edit.mode != "100644":
            pytest.skip("a mode that was set is not undone")
        patch = edits.reverse(patch)
    (one,) = patch.edits
    git(tmp_path, "init", "-q")
    target = tmp_path / one.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if one.before is not None:
        target.write_bytes(one.before)
        if back and one.mode == "100755":
            target.chmod(0o755)
    text = edits.render(patch)
    done = git(tmp_path, "apply", "-", stdin=text.encode("utf-8", "surrogateescape"))
    assert done.returncode == 0, done.stderr
    assert (target.read_bytes() if target.exists() else None) == one.after
    if one.mode == "100755" and one.after is not None:
        assert target.stat().st_mode & 0o100


def test_binary_is_named_not_shown() -> None:
    text = edits.render(Patch((FileEdit("i.png", b"\0a", b"\0b"),)))
    assert "Binary files a/i.png and b/i.png differ" in text
    assert "\0" not in text


def test_reverse_undoes() -> None:
    patch = Patch(tuple(sorted((EDITS["changed"], EDITS["new"]), key=lambda e: e.path)))
    back = edits.reverse(patch)
    assert [(e.path, e.before, e.after) for e in back.edits] == [(e.path, e.after, e.before) for e in patch.edits]
    assert edits.reverse(back) == patch
