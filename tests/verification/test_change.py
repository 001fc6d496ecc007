"""Which tests of a commit are run: the list of reached files speaks of Python alone."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest

from routecli.domain.settings import VerifySettings
from routecli.verification.change import Change, ChangeJudge, Side
from tests.verification.conftest import Bench, FolderFiles, FolderTwin


def side(bench: Bench) -> Side:
    @contextmanager
    def twin() -> Iterator[FolderTwin]:
        with bench.workspace.twin() as made:
            yield made

    return Side(FolderFiles(bench.root), twin, "tree")


def ran(bench: Bench, changed: Collection[str], tests: tuple[str, ...] | None) -> tuple[str, ...]:
    environ = {**bench.environ, "PATH": os.environ["PATH"]}
    judge = ChangeJudge(VerifySettings(), cache=bench.cache, isolation="none", deadline_s=60, environ=environ)
    return judge.judge(Change(bench.root, side(bench), lambda: side(bench), frozenset(changed), tests)).ran


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_tests_of_another_language_than_python_are_run_whatever_python_reaches(bench: Bench) -> None:
    bench.write({
        "package.json": json.dumps({"scripts": {"test": "node --test"}}),
        "calc.js": "exports.one = 1;\n",
        "test/calc.test.js": "require('node:test').it('is one', () => { require('../calc.js'); });\n",
    })  # fmt: skip
    assert [said.split()[0].rstrip(":") for said in ran(bench, {"calc.js"}, ())] == ["node"]
    bench.write({"test_it.py": "def test_it():\n    pass\n"})
    assert [said.split()[0].rstrip(":") for said in ran(bench, {"calc.js"}, ())] == ["node"]
    both = ran(bench, {"calc.js", "test_it.py"}, ("test_it.py",))
    assert sorted(said.split()[0].rstrip(":") for said in both) == ["node", "pytest"]
