"""What a python said of itself is asked once, and again as soon as it may say something else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from routecli.verification import asked, interpreter


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A python of its own, without packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    return tmp_path / "env" / "bin" / "python3"


def answer_of(python: Path) -> asked.Answer | None:
    """As another process would ask."""
    interpreter._answer.cache_clear()
    return interpreter._ask(str(python), str(python.parent))


def kept(home: Path) -> list[Path]:
    return sorted((home / ".cache" / "routecli" / asked.FOLDER).glob("*"))


def pretend(home: Path) -> None:
    """Puts a module into the kept answer that is not there: who shows it did not ask."""
    (file,) = kept(home)
    whole = json.loads(file.read_text())
    whole["answer"][3] = ["flake8"]
    file.write_text(json.dumps(whole))


def packages(python: Path) -> Path:
    (found,) = python.parent.parent.glob("lib/python3*/site-packages")
    return found


def test_it_is_asked_once(python: Path, own_home: Path) -> None:
    first = answer_of(python)
    assert first is not None
    assert (first[1], first[3]) == (str(python.parent.parent), ())
    pretend(own_home)
    again = answer_of(python)
    assert again == (*first[:3], ("flake8",))


def test_again_when_a_package_comes(python: Path, own_home: Path) -> None:
    answer_of(python)
    pretend(own_home)
    (packages(python) / "pytest.py").write_text("")
    found = answer_of(python)
    assert found is not None
    assert found[3] == ("pytest",)


def test_again_when_a_link_file_changes_in_place(python: Path, own_home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "mypy").mkdir(parents=True)
    link = packages(python) / "ours.pth"
    link.write_text("# nothing\n")
    answer_of(python)
    pretend(own_home)
    link.write_text(f"{tmp_path}/elsewhere\n")
    found = answer_of(python)
    assert found is not None
    assert found[3] == ("mypy",)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"answer": [1]}', '{"answer": ["a", "b", "c", []], "asked_at_s": 0}']
)
def test_again_where_what_is_kept_is_torn_or_old(python: Path, own_home: Path, content: str) -> None:
    first = answer_of(python)
    (file,) = kept(own_home)
    file.write_text(content)
    assert answer_of(python) == first


def test_a_stand_in_is_asked_each_time(python: Path, own_home: Path, tmp_path: Path) -> None:
    """A version switcher's script answers for whatever its own files say today."""
    script = tmp_path / "python3"
    script.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
    script.chmod(0o755)
    assert answer_of(script) == answer_of(python)
    assert len(kept(own_home)) == 1


@pytest.fixture
def shim(python: Path, tmp_path: Path) -> Path:
    """As pyenv lays itself out; its choice is what its `version` says."""
    root = tmp_path / "pyenv"
    (root / "versions").mkdir(parents=True)
    (root / "shims").mkdir()
    (root / "version").write_text(str(python))
    script = root / "shims" / "python3"
    script.write_text(f'#!/bin/sh\n# in place of {root}/libexec/pyenv\nexec "$(cat {root}/version)" "$@"\n')
    script.chmod(0o755)
    return script


def test_pyenvs_stand_in_is_asked_once(shim: Path, own_home: Path) -> None:
    first = answer_of(shim)
    assert first is not None
    pretend(own_home)
    assert answer_of(shim) == (*first[:3], ("flake8",))


@pytest.mark.parametrize("chooser", ["its own file", "a file of the folder", "a file above it", "a variable", "PATH"])
def test_and_again_when_it_may_choose_another(
    shim: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, chooser: str
) -> None:
    first = answer_of(shim)
    pretend(own_home)
    match chooser:
        case "its own file":
            (shim.parent.parent / "version").write_text(sys.executable)
        case "a file of the folder":
            (shim.parent / ".python-version").write_text("3.13.1\n")
        case "a file above it":
            (shim.parent.parent.parent / ".python-version").write_text("3.13.1\n")
        case "a variable":
            monkeypatch.setenv("PYENV_VERSION", "3.13.1")
        case _:
            monkeypatch.setenv("PATH", "/usr/bin:/bin:/nowhere")
    found = answer_of(shim)
    assert found is not None
    assert found[3] != ("flake8",)
    assert (found == first) is (chooser != "its own file")


def test_without_a_cache_folder_it_is_asked(python: Path, own_home: Path) -> None:
    (own_home / ".cache").write_text("a file")
    assert answer_of(python) is not None
    assert (own_home / ".cache").read_text() == "a file"
