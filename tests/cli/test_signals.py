from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from routecli.errors import ExitStatus

VERB = '''
import sys, threading, time
from pathlib import Path
import typer
from routecli import process
from routecli.cli.verb import verb_app

app = verb_app()


@app.command()
def wait(where: str, folder: Path) -> None:
    """Wait."""
    argv = ["sh", "-c", f"sleep 300 & echo $! > {folder}/child; wait"]
    try:
        if where == "child":
            process.run(argv)
        else:
            threading.Thread(target=process.run, args=(argv,)).start()
            while not (folder / "child").is_file():
                time.sleep(0.01)
            while True:
                time.sleep(0.01)
    finally:
        (folder / "unwound").write_text("yes")
        if where == "stuck":
            (folder / "cleaning").write_text("yes")
            time.sleep(300)
'''
MAIN = """
import sys
from routecli.cli import app
app._BY_NAME["wait"] = app.Verb("wait", "wait_verb", "Wait.", app.ASK)
app.main()
"""


def started(where: str, folder: Path, prefix: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    (folder / "wait_verb.py").write_text(VERB)
    return subprocess.Popen(
        [*("env", "--default-signal=HUP"), *prefix, sys.executable, "-c", MAIN, "wait", where, str(folder)],
        env={**os.environ, "PYTHONPATH": str(folder)}, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def until(path: Path, running: subprocess.Popen[bytes]) -> str:
    """Waits for a file of the program's own making: a condition, not a time."""
    while not (path.is_file() and path.read_text().strip()):
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    return path.read_text().strip()


def gone(pid: int) -> bool:
    """Whether the process is no more, or only waits to be reaped by an init that does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("where", ["child", "thread"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_row_46_a_signal_unwinds_kills_the_children_and_has_its_status(
    number: signal.Signals, where: str, tmp_path: Path
) -> None:
    running = started(where, tmp_path)
    child = int(until(tmp_path / "child", running))
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert running.returncode == {2: ExitStatus.SIGINT, 15: ExitStatus.SIGTERM, 1: ExitStatus.SIGHUP}[number]
    assert (tmp_path / "unwound").exists()
    assert (out, err) == (b"", b"")
    while not gone(child):  # the kernel may need a moment for a killed process
        time.sleep(0.01)


def test_row_46_a_second_signal_waits_for_nothing(tmp_path: Path) -> None:
    running = started("stuck", tmp_path)
    until(tmp_path / "child", running)
    running.send_signal(signal.SIGINT)
    until(tmp_path / "cleaning", running)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode == ExitStatus.SIGINT


def test_what_nohup_ignores_stays_ignored(tmp_path: Path) -> None:
    running = started("child", tmp_path, prefix=("nohup",))
    until(tmp_path / "child", running)
    running.send_signal(signal.SIGHUP)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    assert running.returncode == ExitStatus.SIGTERM
