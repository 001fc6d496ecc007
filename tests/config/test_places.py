from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from routecli.config.places import cache_place, own_folder, read_small, state_place, user_config_file, write_atomically


def test_the_folders_are_in_the_home_and_private(own_home: Path) -> None:
    for place in (state_place({}), cache_place({})):
        assert place.path is not None
        assert place.path.is_relative_to(own_home)
        assert stat.S_IMODE(place.path.stat().st_mode) == 0o700
        assert place.warning is None
    assert user_config_file({}) == own_home / ".config" / "routecli" / "config.toml"


def test_variables_name_others(tmp_path: Path) -> None:
    environ = {"ROUTECLI_STATE_DIR": str(tmp_path / "a" / "b"), "ROUTECLI_CACHE_DIR": str(tmp_path / "c")}
    assert state_place(environ).path == tmp_path / "a" / "b"
    assert cache_place(environ).path == tmp_path / "c"
    assert user_config_file({"ROUTECLI_CONFIG": "~/x.toml"}) == Path.home() / "x.toml"


def test_a_folder_that_others_can_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    assert own_folder(tmp_path / "state", "state").path
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@pytest.mark.parametrize("what", ["link", "dangling", "file", "below a file", "nul"])
def test_row_28_what_is_no_folder_of_ours_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "state"
    match what:
        case "link":
            (tmp_path / "elsewhere").mkdir()
            path.symlink_to(tmp_path / "elsewhere")
        case "dangling":
            path.symlink_to(tmp_path / "elsewhere")
        case "file":
            path.touch()
        case "below a file":
            (tmp_path / "file").touch()
            path = tmp_path / "file" / "state"
        case _:
            path = Path("/tmp/\0")
    place = own_folder(path, "state")
    assert place.path is None
    assert place.warning is not None
    assert place.warning.code == "no-state-folder"
    assert not (tmp_path / "elsewhere").exists() or list((tmp_path / "elsewhere").iterdir()) == []


def test_row_28_a_folder_of_another_user(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        path = Path("/proc")  # root's, and nothing is made in it
    else:
        path = tmp_path / "state"
        path.mkdir()
        os.chown(path, 65534, 65534)
    assert own_folder(path, "state").path is None


def test_no_home_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/proc/1/nowhere")
    place = state_place({})
    assert place.path is None
    assert place.warning is not None


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OSError):
        write_atomically(target, b"x")
    assert list(tmp_path.iterdir()) == [target]


WRITE = """
import sys
from pathlib import Path
from routecli.config.places import write_atomically
for number in range(100_000):
    write_atomically(Path(sys.argv[1]), (b"%d " % number) * 5000)
    print(number, flush=True)
"""


def test_row_53_kill_9_never_tears_a_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for turn in range(5):
        process = subprocess.Popen([sys.executable, "-c", WRITE, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(3 + 7 * turn):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        words = path.read_bytes().split()
        assert len(words) == 5000
        assert len(set(words)) == 1


def test_row_22_only_small_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "fifo")
    assert read_small(tmp_path / "file") == b"x" * 100
    assert read_small(tmp_path / "none") is None
    assert read_small(tmp_path / "file" / "below") is None
    for name, limit in (("file", 99), ("link", 1000), ("fifo", 1000), (".", 1000)):
        with pytest.raises(OSError):
            read_small(tmp_path / name, limit_bytes=limit)
