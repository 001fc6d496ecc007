"""Bad input: one line, a hint, the documented exit status, nothing changed, nobody paid."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.rig import FILES, RIGHT, TASK, Rig
from serving import Say, ScriptedServer


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig.make(tmp_path, FILES | {"empty/keep.bin": "\0\0\0"})
    with ScriptedServer([Say(RIGHT)]) as server:
        made.serve(server)
        yield made


CASES = {
    "empty task": (["run", "  ", "calc.py"], 2, "empty"),
    "no task": (["run"], 2, "empty"),
    "missing file": (["run", TASK, "calk.py"], 2, "calk.py"),
    "path outside": (["run", TASK, "../x.py"], 2, "outside"),
    "folder without text": (["run", TASK, "empty"], 2, "empty"),
    "binary only": (["run", TASK, "empty/keep.bin"], 2, "keep.bin"),
    "names nothing": (["run", "make everything better"], 2, "no file"),
    "unknown tier": (["run", TASK, "calc.py", "--tier", "teir1"], 2, "tier1"),
    "unknown max tier": (["run", TASK, "calc.py", "--max-tier", "tier9"], 2, "tier9"),
    "unknown kind": (["run", TASK, "calc.py", "--kind", "fixx"], 2, "fixx"),
    "budget is no number": (["run", TASK, "calc.py", "--budget", "lots"], 2, "budget"),
    "test command missing": (["run", TASK, "calc.py", "--test-cmd", "no-such-runner -q"], 2, "no-such-runner"),
    "lint command missing": (["run", TASK, "calc.py", "--lint-cmd", "no-such-lint"], 2, "no-such-lint"),
    "accept command missing": (["run", TASK, "calc.py", "--accept", "no-such-check"], 2, "no-such-check"),
    "benchmark missing": (["run", TASK, "calc.py", "--bench", "no-such-bench"], 2, "no-such-bench"),
    "timeout is no number": (["run", TASK, "calc.py", "--timeout", "soon"], 2, "timeout"),
    "unknown policy": (["run", TASK, "calc.py", "--policy", "magic"], 2, "thresholds"),
    "task file missing": (["run", "--task-file", "nope.md", "calc.py"], 2, "nope.md"),
    "mistyped command": (["rnu", "calc.py"], 2, "run"),
    "mistyped option": (["run", TASK, "--buget", "1"], 2, "--budget"),
    "apply of a missing file": (["apply", "nope.md"], 2, "nope.md"),
    "apply of an unknown run": (["apply", "--run", "zzz"], 2, "zzz"),
    "show of an unknown run": (["show", "zzz"], 2, "zzz"),
}


VARIABLES = {
    "ROUTECLI_MAX_TIER": ("tier9", "tier9"), "ROUTECLI_BUDGET": ("lots", "ROUTECLI_BUDGET"),
    "ROUTECLI_TIMEOUT": ("soon", "ROUTECLI_TIMEOUT"),
}  # fmt: skip


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_same_in_a_variable_is_configuration(rig: Rig, variable: str) -> None:
    value, named = VARIABLES[variable]
    rig.env[variable] = value
    done = rig.run("run", TASK, "calc.py")
    assert (done.status, done.refused_well()) == (3, True), done.err
    assert named in done.err


@pytest.mark.parametrize("case", CASES)
def test_bad_words(rig: Rig, case: str) -> None:
    args, status, named = CASES[case]
    state = rig.repo.state()
    done = rig.run(*args)
    assert (done.status, done.refused_well()) == (status, True), done.err
    assert named in done.err
    assert rig.repo.state() == state
    assert rig.server is not None
    assert rig.server.posts == []


def test_no_repository(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    done = rig.run("run", TASK, "calc.py", cwd=tmp_path / "plain")
    assert (done.status, done.refused_well()) == (2, True), done.err


def test_a_bare_repository(rig: Rig, tmp_path: Path) -> None:
    rig.repo.git("clone", "-q", "--bare", str(rig.repo.root), str(tmp_path / "bare.git"))
    done = rig.run("run", TASK, "calc.py", cwd=tmp_path / "bare.git")
    assert (done.status, done.refused_well()) == (2, True), done.err


def test_a_merge_under_way(rig: Rig) -> None:
    rig.repo.git("checkout", "-q", "-b", "side")
    rig.repo.write({"calc.py": "one\n"})
    rig.repo.commit("one")
    rig.repo.git("checkout", "-q", "main")
    rig.repo.write({"calc.py": "two\n"})
    rig.repo.commit("two")
    rig.repo.git("merge", "-q", "side", check=False)
    done = rig.run("run", TASK, "calc.py")
    assert (done.status, done.refused_well()) == (2, True), done.err
    assert "merge" in done.err


@pytest.mark.parametrize("shape", ["unborn", "detached", "worktree"])
def test_repositories_of_every_shape_work(rig: Rig, tmp_path: Path, shape: str) -> None:
    root = rig.repo.root
    if shape == "detached":
        rig.repo.git("checkout", "-q", "--detach")
    elif shape == "worktree":
        rig.repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
        root = tmp_path / "linked"
    else:
        rig.repo.git("update-ref", "-d", "HEAD")
    done = rig.run("run", TASK, "calc.py", "--json", cwd=root)
    assert done.status == 0, done.err
    assert "a + b" in (root / "calc.py").read_text()


def test_broken_toml_names_line_and_column(rig: Rig) -> None:
    (rig.home / "config.toml").write_text('preset = "openrouter"\n[[tiers]\n')
    done = rig.run("run", TASK, "calc.py")
    assert (done.status, done.refused_well()) == (3, True), done.err
    assert "2" in done.err


def test_an_unknown_key_names_the_nearest(rig: Rig) -> None:
    with (rig.home / "config.toml").open("a") as config:
        config.write("\n[routing]\nmidle_files = 3\n")
    done = rig.run("run", TASK, "calc.py")
    assert (done.status, done.refused_well()) == (3, True), done.err
    assert "middle_files" in done.err


def test_no_key_and_no_configuration_says_what_would_be_picked_up(rig: Rig) -> None:
    (rig.home / "config.toml").unlink()
    done = rig.run("run", TASK, "calc.py")
    assert (done.status, done.refused_well()) == (3, True), done.err
    for name in ("OPENROUTER_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "DEEPSEEK_API_KEY", "routecli demo"):
        assert name in done.err


def test_a_missing_key_is_named(rig: Rig) -> None:
    rig.env["RIG_KEY"] = ""
    done = rig.run("run", TASK, "calc.py")
    assert done.status == 3, done.err
    assert "RIG_KEY" in done.err
    assert rig.code() == FILES["calc.py"]


def test_no_test_found_is_said_before_and_unverified_after(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, {"calc.py": FILES["calc.py"]})
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.run("run", TASK, "calc.py")
    assert done.status == 6, done.err
    assert "no test" in done.err
    assert "Traceback" not in done.err
    assert rig.code() == FILES["calc.py"]


def test_no_home_and_a_state_folder_that_cannot_be_written(rig: Rig) -> None:
    blocked = rig.home / "a-file"
    blocked.write_text("")
    rig.env |= {"ROUTECLI_STATE_DIR": str(blocked / "state"), "ROUTECLI_CACHE_DIR": str(blocked / "cache")}
    environment = {n: v for n, v in rig.environment().items() if n != "HOME"}
    done = subprocess.run(
        [sys.executable, "-m", "routecli", "run", TASK, "calc.py", "--json"],
        cwd=rig.repo.root, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "a + b" in rig.code()


def test_a_closed_stdout_is_no_trace(rig: Rig) -> None:
    read, write = os.pipe()
    os.close(read)
    with subprocess.Popen(
        [sys.executable, "-m", "routecli", "run", TASK, "calc.py", "--json"],
        cwd=rig.repo.root, env=rig.environment(), stdout=write, stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        os.close(write)
        _, err = child.communicate(timeout=120)
    assert "Traceback" not in err
    assert "a + b" in rig.code()
