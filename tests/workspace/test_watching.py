"""What a command takes of the machine: it is ended where that is too much (security.md row 39)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from routecli.domain.receipt import Isolation
from routecli.workspace import sandbox, watching
from routecli.workspace.memory_group import make_group
from routecli.workspace.sandbox import LEVELS
from routecli.workspace.view import SYSTEM_PATH, View
from routecli.workspace.watching import Watch

EATER = "import os, time; os.fork(); os.fork(); b = bytearray(os.urandom(1 << 20) * 60); time.sleep(120)"


def _view(tmp_path: Path, *argv: str) -> View:
    tree, root = tmp_path / "twin" / "tree", tmp_path / "root"
    tree.mkdir(parents=True)
    root.mkdir()
    own = tuple((Path(p), Path(p)) for p in {sys.prefix, sys.base_prefix} if not Path(p).is_relative_to("/usr"))
    return View(tree, root, root, argv, {"PATH": SYSTEM_PATH}, own)


def test_row_39_processes_that_hold_too_much_memory_together(level: Isolation, tmp_path: Path) -> None:
    view = _view(tmp_path, sys.executable, "-c", EATER)
    done = sandbox.run(LEVELS[level], view, timeout_s=100, watch=Watch(view.tree, memory_bytes=150_000_000))
    assert (done.timed_out, done.exit_code) == (True, None)
    assert "more than 0.1 GB of memory" in done.stopped or "more than 0.2 GB of memory" in done.stopped
    assert done.stopped.encode() in done.stderr


def test_row_39_what_keeps_within_its_limits_is_left_alone(level: Isolation, tmp_path: Path) -> None:
    view = _view(tmp_path, "/bin/sh", "-c", "sleep 0.4; echo done")
    done = sandbox.run(LEVELS[level], view, timeout_s=100)
    assert (done.exit_code, done.stdout, done.stopped) == (0, b"done\n", "")


def test_row_39_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    assert watch(os.getpid()) == ""
    watch._least_blocks = os.statvfs(tmp_path).f_bavail + 1_000_000_000
    assert "filled the disk" in watch(os.getpid())


def test_memory_of_descendants_counts_and_that_of_others_does_not() -> None:
    eat = "b = bytearray(b'x' * 50_000_000); print('ready', flush=True); input()"
    with subprocess.Popen(
        ["sh", "-c", f'{sys.executable} -c "{eat}"; true'], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        assert watching._held_bytes(shell.pid) > 50_000_000
        assert watching._held_bytes(1 << 30) == 0
        shell.communicate(b"\n")


def test_row_39_a_control_group_where_one_can_be_made(tmp_path: Path) -> None:
    """Where none can be made the watch alone decides, as the tests above show; both end the same way."""
    group = make_group(100_000_000)
    if group is None:
        assert os.geteuid() != 0 or not os.access("/sys/fs/cgroup/memory", os.W_OK)
        return
    assert not group.killed()
    child = subprocess.Popen([sys.executable, "-c", "input(); b = bytearray(400_000_000)"], stdin=subprocess.PIPE)
    group.take(child.pid)
    child.communicate(b"\n")
    assert child.returncode == -9
    assert group.killed()
    group.close()
    assert not group.place.exists()


def test_no_group_is_left_and_none_is_no_fault(tmp_path: Path) -> None:
    assert make_group(1_000_000, root=tmp_path) is None
    view = _view(tmp_path, "/bin/sh", "-c", "exit 3")
    before = set(Path("/sys/fs/cgroup").glob("memory/**/routecli-*"))
    assert sandbox.run(LEVELS[Isolation.NONE], view, timeout_s=100).exit_code == 3
    assert set(Path("/sys/fs/cgroup").glob("memory/**/routecli-*")) <= before
