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
    "executable-now": FileEdit("a.sh", b"a\n", b"b\n", "100755", "100644"),
    "mode-only": FileEdit("a.sh", b"a\n", b"a\n", "100755", "100644"),
    "executable-stays": FileEdit("a.sh", b"a\n", b"b\n", "100755"),
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
        patch = edits.reverse(patch)
    (one,) = patch.edits
    git(tmp_path, "init", "-q")
    target = tmp_path / one.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if one.before is not None:
        target.write_bytes(one.before)
        if (one.mode_before or one.mode) == "100755":
            target.chmod(0o755)
    text = edits.render(patch)
    done = git(tmp_path, "apply", "-", stdin=text.encode("utf-8", "surrogateescape"))
    assert done.returncode == 0, done.stderr
    assert (target.read_bytes() if target.exists() else None) == one.after
    if one.after is not None:
        assert bool(target.stat().st_mode & 0o100) == (one.mode == "100755")


class Modes:
    """Files in memory, one of them executable."""

    def read(self, path: str) -> bytes | None:
        return b"a\n" if path in self.paths() else None

    def paths(self) -> list[str]:
        return ["run.sh", "a.py"]

    def mode(self, path: str) -> str:
        return {"run.sh": "100755", "a.py": "100644"}.get(path, "")


def test_an_executable_stays_one() -> None:
    patch = edits.read("*** Begin Patch\n*** Update File: run.sh\n@@\n-a\n+b\n*** End Patch\n", Modes())
    assert patch.edits == (FileEdit("run.sh", b"a\n", b"b\n", "100755"),)
    assert edits.read(edits.render(patch), Modes()).edits == patch.edits


def test_a_moved_executable_stays_one() -> None:
    reply = "diff --git a/run.sh b/go.sh\nsimilarity index 100%\nrename from run.sh\nrename to go.sh\n"
    assert {(e.path, e.mode) for e in edits.read(reply, Modes()).edits} == {("run.sh", "100755"), ("go.sh", "100755")}


@pytest.mark.parametrize(("old", "new", "path"), [("100755", "100644", "run.sh"), ("100644", "100755", "a.py")])
def test_a_mode_alone_can_change(old: str, new: str, path: str) -> None:
    patch = edits.read(f"diff --git a/{path} b/{path}\nold mode {old}\nnew mode {new}\n", Modes())
    assert patch.edits == (FileEdit(path, b"a\n", b"a\n", new, old),)
    assert edits.read(edits.render(patch), Modes()).edits == patch.edits


def test_a_mode_that_is_there_is_nothing_to_change() -> None:
    patch = edits.read("diff --git a/a.py b/a.py\nold mode 100755\nnew mode 100644\n", Modes())
    assert (patch.edits, patch.already_there) == ((), 1)


def test_binary_is_named_not_shown() -> None:
    text = edits.render(Patch((FileEdit("i.png", b"\0a", b"\0b"),)))
    assert "Binary files a/i.png and b/i.png differ" in text
    assert "\0" not in text


def test_reverse_undoes() -> None:
    patch = Patch(tuple(sorted((EDITS["changed"], EDITS["new"]), key=lambda e: e.path)))
    back = edits.reverse(patch)
    assert [(e.path, e.before, e.after) for e in back.edits] == [(e.path, e.after, e.before) for e in patch.edits]
    assert edits.reverse(back) == patch
