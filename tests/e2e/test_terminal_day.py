"""An hour of a day in a real terminal (tmux): what is typed, and what stands on the screen after it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.rig import RIGHT, Rig
from serving import Say, ScriptedServer

COLUMNS = 80
_PATIENCE_S = 60.0


@dataclass
class Screen:
    """A terminal of 80 columns with a shell in it, and a person who types and reads."""

    socket: Path

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", str(self.socket), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout

    def type(self, line: str) -> None:
        self.tmux("send-keys", "-t", "day", "-l", "--", line)
        self.tmux("send-keys", "-t", "day", "Enter")

    def text(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "day")

    def until(self, pattern: str) -> str:
        """The screen, once `pattern` stands on it."""
        ends = time.monotonic() + _PATIENCE_S
        while time.monotonic() < ends:
            seen = self.text()
            if re.search(pattern, seen, re.MULTILINE):
                return seen
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} is not on the screen:\n{self.text()}")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig.make(tmp_path)


@pytest.fixture
def screen(rig: Rig, tmp_path: Path) -> Iterator[Screen]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    (rig.home / "alias").write_text(rig.run("alias", "bash").out)
    seen = Screen(tmp_path / "tmux")
    rig.configure("http://127.0.0.1:9/v1")  # so that the environment names the file; the test writes another
    env = [word for pair in rig.environment().items() if pair[0] != "TERM" for word in ("-e", "=".join(pair))]
    size = ("-x", str(COLUMNS), "-y", "60")
    seen.tmux("new-session", "-d", "-s", "day", *size, "-c", str(rig.repo.root), *env, "bash --norc --noprofile")
    try:
        seen.type(f". {rig.home}/alias; PS1='$(rc_spend) rea''dy> '; clear")
        seen.until("^ ?ready>$")
        yield seen
    finally:
        seen.tmux("kill-server")


def test_a_task_its_undo_and_the_spend_in_the_prompt(rig: Rig, screen: Screen) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        screen.type("clear; rc fix add: it subtracts, in calc.py")
        seen = screen.until(r"^\$0\.0\d+ ready>$")
    assert "✓ accepted  fix add: it subtracts, in calc.py" in seen
    assert re.search(r"^patch +written: calc\.py$", seen, re.MULTILINE)
    assert max(map(len, seen.splitlines())) <= COLUMNS
    assert "a + b" in rig.code()
    screen.type(f"clear; {sys.executable} -m routecli undo")
    asked = screen.until(r"^Undo 2\S+\? \[y/N\]$")
    assert "-    return a + b" in asked
    screen.type("y")
    screen.until("^undone: calc.py$")
    assert "a - b" in rig.code()
