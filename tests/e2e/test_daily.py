"""What is typed every day: the alias in its shells, the editor, `again`, `last`, `--watch`, the prompt's segment."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pexpect
import pytest
from e2e.rig import FILES, KEY, RIGHT, TASK, WRONG, Rig
from serving import Say, ScriptedServer

from routecli.cli.aliases import alias_of, with_block
from routecli.cli.prompt_segment import text_of
from routecli.ledger.ledger import Ledger

ROOT = Path(__file__).parents[2]
SEGMENT = ROOT / "routecli" / "cli" / "prompt_segment.py"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig.make(tmp_path)


def shell(rig: Rig, name: str, line: str) -> subprocess.CompletedProcess[str]:
    """`line` typed into the shell `name` with the alias there: by standard input, as zsh expands an alias only then."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    text = rig.run("alias", name)
    assert text.status == 0, text.err
    words = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[name]
    return subprocess.run(
        [program, *words], cwd=rig.repo.root, env=rig.environment(), input=f"{text.out}\n{line}\n",
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_loose_words_are_task_and_paths(rig: Rig, name: str) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        done = shell(rig, name, "rc fix add: it subtracts, in calc.py -q --json")
        assert "a + b" in rig.code(), done.stderr
        asked = str(server.posts[0])
    assert done.stderr == ""
    assert "fix add: it subtracts, in calc.py" in asked
    assert rig.run("show", "last", "--json").receipt["paths"] == ["calc.py"]


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_quotes_and_globs_stay_usable(rig: Rig, name: str) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        done = shell(rig, name, 'rc "fix add: it * subtracts" c*.py -q --json')
        assert "a + b" in rig.code(), done.stderr
    shown = rig.run("show", "last", "--json").receipt
    assert shown["paths"] == ["calc.py"]
    assert shown["task"] == "fix add: it * subtracts"


TELLS = {
    "bash": 'tell() { echo "<$READLINE_LINE>"; READLINE_LINE= READLINE_POINT=0; }; bind -x \'"\\C-t": tell\'',
    "zsh": "autoload -Uz compinit && compinit -D -u; unsetopt zle_bracketed_paste beep; "
    "tell() { print -r -- \"<$BUFFER>\"; BUFFER= }; zle -N tell; bindkey '^T' tell",
}
"""So that Ctrl-T prints what the line holds and empties it: no signal that a completion under way could swallow."""


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_the_alias_completes_as_the_command_does(rig: Rig, name: str) -> None:
    """Options, their values and files, in a shell that knows no other completion of ours."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    text = rig.run("alias", name)
    (rig.home / "alias").write_text(f"{TELLS[name]}\n{text.out}")
    words = {"bash": ["--norc", "--noprofile"], "zsh": ["-f", "-i"]}[name]
    env = rig.environment() | {"INPUTRC": "/dev/null"}
    child = pexpect.spawn(program, words, cwd=str(rig.repo.root), env=env, timeout=60, encoding="utf-8")
    try:
        child.expect(r"[#$%] ")
        child.sendline(f". {rig.home}/alias; echo sour''ced")
        child.expect("sourced")
        for typed, whole in (
            ("rc fix it in oth", "rc fix it in other.py "),
            ("rc --kind ren", "rc --kind rename "),
            ("rc it --time", "rc it --timeout "),
        ):
            child.send(f"{typed}\t\x14")
            child.expect_exact(f"<{whole}>")
    finally:
        child.close(force=True)


def test_an_alias_is_installed_once_and_taken_out(rig: Rig) -> None:
    rc = rig.home / ".bashrc"
    rc.write_text("export MINE=1")
    rc.chmod(0o600)
    rig.env["SHELL"] = "/bin/bash"
    for _ in range(2):
        assert rig.run("alias", "--install").status == 0
    text = rc.read_text()
    assert text.startswith("export MINE=1\n")
    assert text.count("rc_spend()") == 1
    assert rc.stat().st_mode & 0o777 == 0o600
    assert rig.run("alias", "--remove").status == 0
    assert rc.read_text() == "export MINE=1\n"
    for words in (("--name", "a b"), ("--install", "--remove")):
        assert rig.run("alias", *words).refused_well()
    rig.env["SHELL"] = "/bin/nothing"
    assert rig.run("alias").refused_well()


def test_a_link_to_the_start_up_file_stays_one(rig: Rig) -> None:
    (rig.home / "dotfiles").mkdir()
    (rig.home / "dotfiles" / "bashrc").write_text("# mine\n")
    (rig.home / ".bashrc").symlink_to("dotfiles/bashrc")
    assert rig.run("alias", "bash", "--install").status == 0
    assert (rig.home / ".bashrc").is_symlink()
    assert "rc_spend" in (rig.home / "dotfiles" / "bashrc").read_text()


def test_a_block_comes_and_goes_without_a_trace() -> None:
    for before in ("", "x\n", "x\n\n", "x\n# y\n"):
        with_it = with_block(before, "rc() { :; }\n")
        assert with_block(with_it, "rc() { :; }\n") == with_it
        assert with_block(with_it, "") == before
    assert "evil" not in alias_of("bash", "rc", Path("/a'; evil"))[:20]
    assert "'/a'\"'\"'; evil'" in alias_of("bash", "rc", Path("/a'; evil"))


def segment(file: Path, *more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SEGMENT), str(file), *more], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_segment_says_what_today_has_cost(tmp_path: Path) -> None:
    file = tmp_path / "odd # name?%" / "ledger.db"
    assert segment(file) == ""
    assert not file.exists()
    ledger = Ledger.open(file)
    assert segment(file) == ""
    now = datetime.now(UTC)
    with sqlite3.connect(file) as connection:
        for state, at, cost, reserved in (
            ("settled", now, "0.40", "9"), ("sent", now, None, "0.021"), ("failed", now, None, "5"),
            ("settled", now - timedelta(days=2), "7", "7"),
        ):  # fmt: skip
            connection.execute(
                "INSERT INTO requests (run_id, state, asked_at, model, cost_usd, reserved_usd) "
                "VALUES ('r', ?, ?, 'm', ?, ?)",
                (state, at.isoformat(timespec="microseconds"), cost, reserved),
            )
    connection.close()
    ledger.close()
    assert segment(file) == "$0.42\n"
    assert segment(file, "more") == ""
    file.write_bytes(b"no ledger")
    assert segment(file) == ""


@pytest.mark.parametrize(
    ("microusd", "text"), [(0, ""), (12, "$0.000012"), (1200, "$0.0012"), (5000, "$0.01"), (12_340_000, "$12.34")]
)
def test_small_money_is_never_shown_as_none(microusd: int, text: str) -> None:
    assert text_of(microusd) == text


def test_the_segment_in_the_alias_reads_the_ledger_of_the_runs(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        assert rig.do().status == 0
    assert shell(rig, "bash", "rc_spend").stdout.startswith("$0.0")


def test_the_task_in_an_editor(rig: Rig) -> None:
    editor = rig.home / "editor.sh"
    editor.write_text(
        "#!/bin/sh\ngrep -q '^# What is to be done' \"$2\" && printf 'fix add in calc.py\\n# no' > \"$2\"\n"
    )
    editor.chmod(0o755)
    env = rig.environment() | {"EDITOR": f"{editor} --wait", "TERM": "xterm"}
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        env |= {"ROUTECLI_CONFIG": str(rig.home / "config.toml")}
        child = pexpect.spawn(
            sys.executable, ["-m", "routecli", "run"], cwd=str(rig.repo.root), env=env, timeout=120, encoding="utf-8"
        )
        child.expect(pexpect.EOF)
        child.close()
    assert child.exitstatus == 0, child.before
    assert rig.run("show", "last", "--json").receipt["task"] == "fix add in calc.py"
    for wrong in ("/no/such/editor", "false"):
        child = pexpect.spawn(
            sys.executable, ["-m", "routecli", "run"], cwd=str(rig.repo.root), env=env | {"EDITOR": wrong}, timeout=60,
            encoding="utf-8",
        )  # fmt: skip
        child.expect("error: the editor")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 2


def test_again_goes_one_tier_up_with_the_same_words(rig: Rig) -> None:
    assert rig.run("again").refused_well()
    assert rig.run("last").refused_well()
    with ScriptedServer([Say(WRONG), Say(RIGHT)]) as server:
        rig.serve(server)
        assert rig.do("--max-tier", "tier1").status == 1
        assert "tier1" in rig.run("last").out
        done = rig.run("again", "--json", cwd=rig.repo.root)
        assert done.status == 0, done.err
        assert [post.model for post in server.posts] == ["m1", "m2"]
        assert done.receipt["paths"] == ["calc.py"]
        assert done.receipt["task"] == TASK
        assert "a + b" in rig.code()
    (rig.home / "away").mkdir()
    away = rig.run("again", cwd=rig.home / "away")
    assert away.status == 2
    assert "hint: cd " in away.err


def test_again_asks_whether_to_take_back_what_was_written(rig: Rig) -> None:
    """Else the dearer tier is paid for finding everything done. Without a terminal it is said, and stays."""
    with ScriptedServer([Say(RIGHT)] * 3) as server:
        rig.serve(server)
        assert rig.do().status == 0
        env = rig.environment()
        child = pexpect.spawn(
            sys.executable, ["-m", "routecli", "again"], cwd=str(rig.repo.root), env=env, timeout=60, encoding="utf-8"
        )
        child.expect("wrote is still in your files. Take it back first\\? ")
        child.sendline("y")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0, child.before
        assert "a + b" in rig.code()
        done = rig.run("again", "--json")
        assert "wrote is still in your files; routecli undo takes it back" in done.err
        assert [post.model for post in server.posts] == ["m1", "m2", "m3"]


def test_again_above_the_top_is_refused(rig: Rig) -> None:
    with ScriptedServer([Say(WRONG)] * 3) as server:
        rig.serve(server)
        assert rig.do().status == 1
        done = rig.run("again")
        assert done.refused_well()
        assert "tier3 was tried already" in done.err
        assert len(server.posts) == 3


def test_watch_proposes_on_red_once_and_writes_nothing(rig: Rig) -> None:
    command = f"{sys.executable} -m unittest -q"
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        with rig.start("run", "--watch", command, "calc.py") as child:
            killer = threading.Timer(120, child.kill)
            killer.start()
            assert child.stderr is not None
            heard: list[str] = []

            def until(what: str) -> str:
                for line in child.stderr:  # type: ignore[union-attr]
                    heard.append(line)
                    if what in line:
                        return line
                raise AssertionError("".join(heard))

            until("red: ")
            take = until("take it: routecli apply --run ")
            until("watching: ")
            assert rig.code() == FILES["calc.py"]
            (rig.repo.root / "calc.py").write_text(FILES["calc.py"] + "\n\nX = 1\n")
            assert until("the same failure as before").startswith("red: ")
            (rig.repo.root / "calc.py").write_text(FILES["calc.py"])
            assert rig.run(*take.split("routecli ")[1].split()).status == 0
            until("green")
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=60)
            killer.cancel()
        assert child.returncode == 130
        assert len(server.posts) == 1
    assert "a + b" in rig.code()


def test_pipes_in_both_directions(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        words = f"{sys.executable} -m routecli"
        line = f"echo '{TASK}' | {words} run - calc.py --patch-only -q | git apply"
        done = subprocess.run(
            ["sh", "-c", line], cwd=rig.repo.root, env=rig.environment(), capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "a + b" in rig.code()
    assert KEY not in os.fsdecode((rig.home / "state" / "ledger.db").read_bytes())
