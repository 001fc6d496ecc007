"""A level counts only if it was tried here and holds; without one there is no run, unless the user says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.errors import SandboxFault
from routecli.workspace import probing, sandbox
from routecli.workspace.levels import none
from routecli.workspace.probing import probe, try_out, why_not
from routecli.workspace.sandbox import LEVELS, Level
from routecli.workspace.view import View


@pytest.fixture(autouse=True)
def forget() -> None:
    probing._key.cache_clear()


def cache() -> Path:
    return Path(os.environ["HOME"]) / ".cache" / "routecli" / "isolation"


def test_row_42_the_self_test_passes_at_each_full_level_here(level: Isolation) -> None:
    assert try_out(LEVELS[level]) == ""


def test_row_42_it_runs_once_per_boot_program_and_profile(level: Isolation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_not(LEVELS[level]) == ""
    assert cache().stat().st_mode & 0o077 == 0

    def never(*_: object, **__: object) -> str:
        raise AssertionError("tried again")

    monkeypatch.setattr(probing, "try_out", never)
    assert why_not(LEVELS[level]) == ""
    monkeypatch.setattr(probing, "_SELF_TEST", "another profile")
    probing._key.cache_clear()
    with pytest.raises(AssertionError, match="tried again"):
        why_not(LEVELS[level])


def test_row_42_a_level_that_does_not_isolate_is_found_out() -> None:
    assert try_out(LEVELS[Isolation.NONE]) != ""
    pretender = Level(Isolation.BUBBLEWRAP, none.program, _half_open, reports_start=False)
    assert try_out(pretender) != ""


def _half_open(view: View, status_fd: int | None) -> list[str]:
    """bubblewrap with the host's network and processes: mounted over, but no more."""
    words = LEVELS[Isolation.BUBBLEWRAP].words(view, status_fd)
    return [w for w in words if w not in ("--unshare-net", "--unshare-pid")]


@pytest.mark.parametrize(("left_out", "why"), [("--unshare-net", "network"), ("--unshare-pid", "processes")])
def test_row_42_each_hole_is_named(left_out: str, why: str) -> None:
    bubblewrap = LEVELS[Isolation.BUBBLEWRAP]
    if why_not(bubblewrap):
        pytest.skip(f"bubblewrap does not work here: {why_not(bubblewrap)}")
    leaky = replace(bubblewrap, words=lambda v, fd: [w for w in bubblewrap.words(v, fd) if w != left_out])
    found = try_out(leaky)
    assert why in found


def test_row_42_no_program_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = {i: replace(level, program=lambda: None) for i, level in LEVELS.items()}
    monkeypatch.setattr(probing, "LEVELS", absent)
    with pytest.raises(SandboxFault, match="not installed") as fault:
        probe(SandboxSettings())
    assert "apt-get install bubblewrap" in fault.value.hint
    assert "--unsafe-no-sandbox" in fault.value.hint
    assert fault.value.status == 3
    assert probe(SandboxSettings(unsafe_no_sandbox=True)).isolation is Isolation.NONE


def test_row_42_what_is_installed_and_forbidden_is_not_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "why_not", lambda *_, **__: "no permission")
    monkeypatch.setattr(probing, "LEVELS", {i: replace(v, program=lambda: "/bin/true") for i, v in LEVELS.items()})
    with pytest.raises(SandboxFault, match="no permission") as fault:
        probe(SandboxSettings())
    assert "apt-get" not in fault.value.hint
    assert "user namespaces" in fault.value.hint
    assert "--unsafe-no-sandbox" in fault.value.hint


def test_row_42_unshare_takes_over_where_bubblewrap_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := why_not(LEVELS[Isolation.UNSHARE]):
        pytest.skip(f"unshare does not work here: {reason}")
    without = dict(LEVELS) | {Isolation.BUBBLEWRAP: replace(LEVELS[Isolation.BUBBLEWRAP], program=lambda: None)}
    monkeypatch.setattr(probing, "LEVELS", without)
    assert probe(SandboxSettings()).isolation is Isolation.UNSHARE


def test_row_42_without_user_namespaces() -> None:
    """As in a container that forbids them: both levels fail with a reason, and nothing runs without a sandbox."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    program = (
        "from routecli.workspace.probing import probe; from routecli.domain.settings import SandboxSettings\n"
        "from routecli.errors import SandboxFault\n"
        "try:\n    print(probe(SandboxSettings()).isolation)\n"
        "except SandboxFault as fault:\n    print('FAULT', fault.what, '|', fault.hint)\n"
    )
    script = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    line = ["unshare", "-Ur", "sh", "-c", script, "sh", sys.executable, "-c", program]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no namespace to try it in: {done.stderr.strip()}")
    assert done.stdout.startswith("FAULT no sandbox works on this machine (bubblewrap: ")
    assert "unshare: " in done.stdout
    assert "--unsafe-no-sandbox" in done.stdout


def test_the_table_is_complete_and_in_order() -> None:
    assert list(LEVELS) == [level for level in Isolation if level is not Isolation.WRAPPER]
    assert all(level.isolation is isolation for isolation, level in sandbox.LEVELS.items())
    assert [bool(level.note) for level in LEVELS.values()] == [False, False, True]
