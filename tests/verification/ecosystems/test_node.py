"""Which node is meant, in places where version switchers put it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted
from routecli.verification.ecosystems.node import find_node
from tests.verification.ecosystems.judging import patch, verifier

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no node on this machine")


def program(place: Path, text: str = "") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    if text:
        place.write_text(text)
    else:
        shutil.copy("/bin/true", place)
    place.chmod(0o755)
    return place


def test_the_first_outside_the_repository_is_taken(tmp_path: Path) -> None:
    program(tmp_path / "repo/bin/node")
    theirs = program(tmp_path / "opt/node-20/bin/node")
    path = f"{tmp_path}/repo/bin:relative/bin:{tmp_path}/opt/node-20/bin"
    found = find_node({"PATH": path}, tmp_path / "repo")
    assert found is not None
    assert (found.path, found.binds) == (theirs, (tmp_path / "opt/node-20",))
    assert find_node({"PATH": f"{tmp_path}/repo/bin"}, tmp_path / "repo") is None
    assert find_node({}, tmp_path) is None


def test_no_home_is_laid_open_for_it(tmp_path: Path, own_home: Path) -> None:
    for place, bound in ((".local/bin/node", ".local/bin/node"), ("bin/node", "bin/node"),
                         (".nvm/versions/node/v20.1.0/bin/node", ".nvm/versions/node/v20.1.0")):  # fmt: skip
        found = find_node({"PATH": str(program(own_home / place).parent)}, tmp_path)
        assert found is not None
        assert found.binds == (own_home / bound,)


def test_a_version_switcher_is_asked_for_the_real_one(tmp_path: Path) -> None:
    assert NODE is not None
    program(tmp_path / "shims/node", f'#!/bin/sh\nexec {NODE} "$@"\n')
    (tmp_path / "repo").mkdir()
    found = find_node({"PATH": f"{tmp_path}/shims"}, tmp_path / "repo")
    assert found is not None
    assert found.path == Path(os.path.realpath(NODE))


def test_a_switcher_that_has_none_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    program(tmp_path / "none/node", "#!/bin/sh\necho 'no version is set' >&2\nexit 126\n")
    theirs = program(tmp_path / "opt/bin/node")
    found = find_node({"PATH": f"{tmp_path}/none:{tmp_path}/opt/bin"}, tmp_path / "repo")
    assert found is not None
    assert found.path == theirs


def test_one_below_a_hidden_home_runs_in_the_sandbox(tmp_path: Path, own_home: Path) -> None:
    assert NODE is not None
    place = own_home / ".nvm/versions/node/v20.0.0/bin/node"
    place.parent.mkdir(parents=True)
    shutil.copy(os.path.realpath(NODE), place)
    test = (
        "require('node:test').it('x', () => { if (require('./x.js') !== process.execPath) throw new Error('no'); });\n"
    )
    files = {"package.json": json.dumps({"scripts": {"test": "node --test"}}), "x.js": "module.exports = 1;\n",
             "x.test.js": test}  # fmt: skip
    settings = VerifySettings(timeout_s=60, reproduce="off")
    environ = {"PATH": f"{place.parent}:/usr/bin:/bin", "HOME": str(own_home)}
    judge = verifier(tmp_path, files, Kind.FIX, ("x.js",), environ=environ, settings=settings)
    verdict = judge.judge(patch(files, {"x.js": f"module.exports = '{place}';\n"}), 1)
    assert isinstance(verdict, Accepted), verdict
