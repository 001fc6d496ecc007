"""Environments of Python's tools, found by where each tool puts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from routecli.verification.environments import folder_hash, places
from routecli.verification.interpreter import environments, interpreters


def lay(folder: Path, *modules: str, conda: bool = False) -> Path:
    """An environment as files: what is looked at, and nothing that could run."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    if conda:
        (folder / "conda-meta").mkdir()
    else:
        (folder / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    for module in modules:
        (folder / "lib/python3.11/site-packages" / module).mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("tool", "folder"),
    [("hatch", "58fqC6Q1"), ("poetry", "58fqC6Q1"), ("pdm", "NfzXZGQf"), ("pipenv", "F2F75yho")],
)
def test_the_hash_is_the_one_that_the_real_tool_made(tool: str, folder: str) -> None:
    """Read off hatch 1.18.2, poetry 2.5.1, pdm 2.29.4 and pipenv 2026.10.3, each run in /srv/shop."""
    assert folder_hash(tool, Path("/srv/shop")) == folder


def _layouts(home: Path, root: Path) -> dict[str, Path]:
    share, cache = home / ".local/share", home / ".cache"
    return {
        "the repository's .venv": root / ".venv",
        "the repository's venv": root / "venv",
        "uv's environment of this project": root / ".envs/uv",
        "pixi's environment of this project": root / ".pixi/envs/default",
        "poetry's environment of this project": cache / f"pypoetry/virtualenvs/x-{folder_hash('poetry', root)}-py3.11",
        "pdm's environment of this project": share / f"pdm/venvs/x-{folder_hash('pdm', root)}-3.11",
        "hatch's environment of this project": share / f"hatch/env/virtual/x/{folder_hash('hatch', root)}/x",
        "pipenv's environment of this project": share / f"virtualenvs/x-{folder_hash('pipenv', root)}",
        "tox's environment py311": root / ".tox/py311",
        "nox's environment tests-3-11": root / ".nox/tests-3-11",
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "repo"
    made.mkdir()
    for name in ("pyproject.toml", "Pipfile"):
        (made / name).write_text("")
    return made


def environ(tmp_path: Path, **more: str) -> Mapping[str, str]:
    return {"HOME": str(tmp_path / "home"), "UV_PROJECT_ENVIRONMENT": ".envs/uv", "PATH": "", **more}


def test_all_of_them_are_found_nearest_first(tmp_path: Path, root: Path) -> None:
    layouts = _layouts(tmp_path / "home", root)
    for why, folder in layouts.items():
        lay(folder, "pytest", conda=why.startswith("pixi"))
    lay(tmp_path / "active")
    lay(tmp_path / "conda", conda=True)
    given = environ(tmp_path, VIRTUAL_ENV=str(tmp_path / "active"), CONDA_PREFIX=str(tmp_path / "conda"))
    found = list(environments(root, root, given))
    whose = list(layouts)
    assert [i.why for i in found] == [*whose[:2], "$VIRTUAL_ENV", "$CONDA_PREFIX", *whose[2:]]
    assert {i.why: i.prefix for i in found}.items() >= layouts.items()
    assert [i.why for i in found if i.copies] == whose[-2:]
    assert all("pytest" in i.modules for i in found if i.why in layouts)
    for one in found:  # the sandbox is shown what it does not show anyway
        assert one.prefix in one.binds or one.prefix.name in (".venv", "venv")


def test_another_project_s_environment_is_not_taken(tmp_path: Path, root: Path) -> None:
    other = tmp_path / "other"
    for why, folder in _layouts(tmp_path / "home", other).items():
        if not why.startswith("the repository's"):
            lay(folder)
    assert list(environments(root, root, environ(tmp_path))) == []


def test_the_base_of_conda_is_no_environment_of_a_project(tmp_path: Path, root: Path) -> None:
    base = lay(tmp_path / "conda", conda=True)
    given = environ(tmp_path, CONDA_PREFIX=str(base), CONDA_DEFAULT_ENV="base")
    assert list(environments(root, root, given)) == []


@pytest.mark.parametrize("folder", [".venv", ".tox/py311", ".envs/uv", ".pixi/envs/default"])
def test_an_environment_that_the_repository_holds_is_passed_over(tmp_path: Path, root: Path, folder: str) -> None:
    lay(root / folder, conda=folder.startswith(".pixi"))
    assert [i.prefix for i in environments(root, root, environ(tmp_path))] == [root / folder]
    assert list(environments(root, root, environ(tmp_path), {f"{folder}/bin/python", "a.py"})) == []


def test_sessions_named_after_a_python_come_first_and_the_newest_of_them(root: Path) -> None:
    for age, name in enumerate(("lint", "py310", "py311", "docs")):
        lay(root / ".tox" / name)
        os.utime(root / ".tox" / name, (1_000_000 + age, 1_000_000 + age))
    (root / ".tox/log").mkdir()
    assert [p.folder.name for p in places(root, root, {}) if p.copies] == ["py311", "py310", "docs", "lint"]


def test_moved_folders_are_followed(tmp_path: Path, root: Path) -> None:
    poetry = lay(tmp_path / f"elsewhere/x-{folder_hash('poetry', root)}-py3.12")
    (tmp_path / "home/.config/pypoetry").mkdir(parents=True)
    (tmp_path / "home/.config/pypoetry/config.toml").write_text(f'[virtualenvs]\npath = "{tmp_path}/elsewhere"\n')
    pipenv = lay(tmp_path / f"work/x-{folder_hash('pipenv', root)}")
    hatch = lay(tmp_path / f"data/env/virtual/x/{folder_hash('hatch', root)}/hatch-test.py3.11")
    given = environ(tmp_path, WORKON_HOME=str(tmp_path / "work"), HATCH_DATA_DIR=str(tmp_path / "data"))
    assert [i.prefix for i in environments(root, root, given)] == [poetry, hatch, pipenv]
    (tmp_path / "home/.config/pypoetry/config.toml").write_text("[virtualenvs\n")
    assert [i.prefix for i in environments(root, root, given)] == [hatch, pipenv]


def test_the_environment_of_a_project_below_comes_before_that_of_the_root(tmp_path: Path, root: Path) -> None:
    below = root / "api"
    lay(root / ".tox/py311")
    lay(below / ".tox/py312")
    found = [i.prefix for i in environments(root, below, environ(tmp_path))]
    assert found == [below / ".tox/py312", root / ".tox/py311"]


@pytest.mark.skipif(shutil.which("uv") is None and not (Path(sys.prefix) / "bin/uv").exists(), reason="no uv")
def test_what_uv_makes_is_found_and_runs(tmp_path: Path, root: Path) -> None:
    uv = shutil.which("uv") or str(Path(sys.prefix) / "bin/uv")
    given = {**environ(tmp_path), "PATH": "/usr/bin:/bin"}
    words = [uv, "venv", "-q", "--offline", "--no-config", "--no-project", "--python", sys.executable, ".envs/uv"]
    subprocess.run(words, cwd=root, env=given, check=True, timeout=60)
    packages = next((root / ".envs/uv").glob("lib/python3*/site-packages"))
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    first = next(iter(interpreters(root, root, given)))
    assert (first.why, first.prefix) == ("uv's environment of this project", root / ".envs/uv")
    done = subprocess.run([first.python, "-c", "import pytest, sys; print(sys.prefix)"], capture_output=True, text=True,
                          check=True, env=first.env, timeout=60)  # fmt: skip
    assert Path(done.stdout.strip()) == root / ".envs/uv"
