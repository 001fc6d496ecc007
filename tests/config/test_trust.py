from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from routecli.config.trust import FILE_NAME, Trust
from routecli.errors import ConfigFault

COMMANDS = {"test_cmd": "make test", "lint_cmd": "make lint"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "repo").mkdir()
    return tmp_path / "repo"


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    (tmp_path / "state").mkdir()
    return Trust(tmp_path / "state")


def test_row_19_a_yes_is_for_these_commands_in_this_folder(trust: Trust, repo: Path, tmp_path: Path) -> None:
    assert not trust.is_trusted(repo, COMMANDS)
    trust.add(repo, COMMANDS)
    assert trust.is_trusted(repo, dict(reversed(COMMANDS.items())))
    for changed in ({**COMMANDS, "test_cmd": "make test "}, {"test_cmd": "make test"}, {"lint_cmd": "make test"}):
        assert not trust.is_trusted(repo, changed)
    repo.rename(tmp_path / "moved")
    assert not trust.is_trusted(tmp_path / "moved", COMMANDS)
    repo.symlink_to(tmp_path / "moved")
    assert not trust.is_trusted(repo, COMMANDS)


def test_row_19_a_link_to_the_folder_is_the_folder(trust: Trust, repo: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repo)
    trust.add(tmp_path / "link", COMMANDS)
    assert trust.is_trusted(repo, COMMANDS)


def test_no_commands_need_no_trust(trust: Trust, repo: Path) -> None:
    assert trust.is_trusted(repo, {})


def test_a_yes_is_taken_back(trust: Trust, repo: Path) -> None:
    trust.add(repo, COMMANDS)
    assert [(one.path, one.commands) for one in trust.list()] == [(str(repo), COMMANDS)]
    assert trust.remove(repo)
    assert not trust.remove(repo)
    assert trust.list() == ()
    assert not trust.is_trusted(repo, COMMANDS)


def test_a_new_yes_replaces_the_old(trust: Trust, repo: Path) -> None:
    trust.add(repo, COMMANDS)
    trust.add(repo, {"test_cmd": "other"})
    assert not trust.is_trusted(repo, COMMANDS)
    assert len(trust.list()) == 1


def test_the_file_is_private(trust: Trust, repo: Path, tmp_path: Path) -> None:
    trust.add(repo, COMMANDS)
    assert stat.S_IMODE((tmp_path / "state" / FILE_NAME).stat().st_mode) == 0o600


def test_without_a_state_folder_nothing_is_trusted(repo: Path) -> None:
    trust = Trust(None)
    assert not trust.is_trusted(repo, COMMANDS)
    with pytest.raises(ConfigFault):
        trust.add(repo, COMMANDS)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"trusted": 3}', '{"trusted": [{"path": "/"}]}', "[" * 100_000])
def test_row_53_a_torn_file_is_no_yes_and_is_kept(trust: Trust, repo: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "state" / FILE_NAME).write_text(text)
    assert trust.list() == ()
    assert not trust.is_trusted(repo, COMMANDS)
    trust.add(repo, COMMANDS)
    assert trust.is_trusted(repo, COMMANDS)
    kept = [file for file in (tmp_path / "state").iterdir() if ".corrupt-" in file.name]
    assert [file.read_text() for file in kept] == [text]


ADD = """
import sys
from pathlib import Path
from routecli.config.trust import Trust
for number in range(10):
    Trust(Path(sys.argv[1])).add(Path(f"/{sys.argv[2]}/{number}"), {"test_cmd": "x"})
"""


def test_row_53_two_writers_lose_nothing(trust: Trust, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", ADD, str(tmp_path / "state")]
    processes = [subprocess.Popen([*argv, str(number)]) for number in range(4)]
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    assert len(trust.list()) == 40
