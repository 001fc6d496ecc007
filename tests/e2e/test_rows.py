"""Rows of the threat table that only a whole run can show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.rig import FILES, RIGHT, TASK, WRONG, Rig, block
from serving import Say, ScriptedServer


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    yield Rig.make(tmp_path, FILES | {"sub/inner.py": "X = 1\n"})


def test_row_04_the_same_from_any_folder(rig: Rig) -> None:
    with ScriptedServer([Say(WRONG), Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.run("run", TASK, "../calc.py", "--json", cwd=rig.repo.root / "sub")
    assert done.status == 0, done.err
    assert rig.code().endswith("return a + b\n")
    assert [a["tier"] for a in done.receipt["attempts"]] == ["tier1", "tier2"]


def test_row_04_a_patch_that_changes_nothing_is_no_success(rig: Rig) -> None:
    same = block("    return a - b")
    with ScriptedServer([Say(same)] * 6) as server:
        rig.serve(server)
        done = rig.run("run", TASK, "../calc.py", "--json", cwd=rig.repo.root / "sub")
    assert done.status == 1, done.err
    assert rig.code() == FILES["calc.py"]
    assert {a["verdict"]["reason"] for a in done.receipt["attempts"]} == {"no-edits"}


def test_row_14_a_new_dependency_is_named_and_needs_a_yes(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, FILES | {"requirements.txt": "rich\n"})
    added = block("rich\nleft-padd", "rich", "requirements.txt")
    with ScriptedServer([Say(RIGHT + "\n" + added)] * 3) as server:
        rig.serve(server)
        done = rig.run("run", TASK, "calc.py", "requirements.txt", "--json")
    assert done.status == 7, done.err
    assert "requirements.txt (decides what is installed)" in done.receipt["why"]
    assert (rig.repo.root / "requirements.txt").read_text() == "rich\n"


def test_row_15_every_attempt_is_told_and_there_is_a_most(rig: Rig) -> None:
    with ScriptedServer([Say(WRONG)] * 5) as server:
        rig.serve(server)
        done = rig.do("--attempts", "2")
        assert len(server.posts) == 2
    assert done.status == 1, done.err
    told = [(a["number"], a["tier"], a["verdict"]["reason"]) for a in done.receipt["attempts"]]
    assert told == [(1, "tier1", "tests-failed"), (2, "tier2", "tests-failed")]
    kept = json.loads(rig.run("show", "last", "--json").out)
    assert [a["tier"] for a in kept["attempts"]] == ["tier1", "tier2"]


def test_row_50_no_branch_worktree_or_setting_is_made(rig: Rig) -> None:
    def state() -> tuple[str, ...]:
        git = rig.repo.git
        branches = git("for-each-ref"), git("worktree", "list", "--porcelain"), git("stash", "list")
        return (*branches, (rig.repo.root / ".git" / "config").read_text())

    before = state()
    with ScriptedServer([Say(WRONG), Say(RIGHT)]) as server:
        rig.serve(server)
        assert rig.do().status == 0
        assert rig.run("undo").status == 0
    assert state() == before
    assert not (rig.repo.root / ".git" / "worktrees").exists()


def test_row_60_the_model_that_answered_is_recorded(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT, model="m1-silently-another")]) as server:
        rig.serve(server)
        done = rig.do()
    assert done.status == 0, done.err
    (attempt,) = done.receipt["attempts"]
    assert (attempt["model"], attempt["model_served"]) == ("mine/m1", "m1-silently-another")
    assert "tier1 by m1-silently-another" in rig.run("show", "last").out
