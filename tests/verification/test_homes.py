"""The nearest project of each file, where a repository holds several of several languages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from e2e.rig import Rig
from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.homes import homes_of

PYTHON_TEST = "from app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
MIXED = {
    "package.json": '{"private": true}\n',
    "README.md": "three parts\n",
    "api/pyproject.toml": "[tool.pytest.ini_options]\n",
    "api/app.py": "def add(a, b):\n    return a + b\n",
    "api/static/page.js": "1;\n",
    "api/tests/test_app.py": PYTHON_TEST,
    "api/vendor/pyproject.toml": "[project]\nname = 'untested'\n",
    "api/vendor/old.py": "",
    "web/package.json": '{"scripts": {"test": "node --test"}}\n',
    "web/add.js": "exports.add = (a, b) => a + b;\n",
    "web/add.test.js": "const test = require('node:test');\nconst assert = require('node:assert');\n"
    "test('adds', () => assert.equal(require('./add').add(1, 2), 3));\n",
    "web/scripts/gen.py": "print('x')\n",
    "web/legacy/test_old.py": "def test_old():\n    pass\n",
    "svc/go.mod": "module example.com/svc\n\ngo 1.18\n",
    "svc/add.go": "package svc\n\nfunc Add(a, b int) int { return a + b }\n",
    "svc/add_test.go": 'package svc\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n'
    "\t\tt.Fatal()\n\t}\n}\n",
    "svc/ui/package.json": '{"private": true}\n',
    "svc/ui/embed.go": "package ui\n",
    "svc/notes.txt": "",
    "tools/release.py": "",
}


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("api/app.py", "api"), ("api/tests/test_app.py", "api"), ("web/add.js", "web"), ("svc/add.go", "svc"),
        ("api/static/page.js", "api"),  # no package above it: the tests of the page's server may say something
        ("api/vendor/old.py", "api"),  # its own folder has no tests
        ("svc/ui/embed.go", "svc"),  # a package.json makes no Go module
        ("svc/notes.txt", "svc"), ("web/package.json", "web"),
        ("web/scripts/gen.py", "web"),  # which holds Python tests, too
        ("tools/release.py", "."), ("README.md", "."), (".", "."),
    ],
)  # fmt: skip
def test_the_nearest_that_can_tell(path: str, home: str) -> None:
    assert homes_of([path], tuple(MIXED)) == {path: home}


def test_python_in_a_package_of_javascript_alone_belongs_to_the_python_above_it() -> None:
    ui = ("lib/ui/package.json", "lib/ui/a.test.js", "lib/ui/gen.py")
    paths = ["lib/ui/gen.py", "lib/ui/a.js"]
    for above, home in (
        (("lib/setup.py", "lib/test_lib.py"), "lib"),
        (("setup.py", "test_lib.py"), "."),
        ((), "lib/ui"),
    ):
        assert homes_of(paths, ("README", *above, *ui)) == {"lib/ui/gen.py": home, "lib/ui/a.js": "lib/ui"}


@given(st.lists(st.lists(st.sampled_from(["a", "b", "package.json", "setup.py", "x.py", "test_x.py", "go.mod"]),
                         min_size=1, max_size=4).map("/".join), max_size=12))  # fmt: skip
def test_a_home_is_a_folder_above_the_file(paths: list[str]) -> None:
    for path, home in homes_of(paths, paths).items():
        assert home == "." or path.startswith(f"{home}/")


@pytest.mark.skipif(not shutil.which("go") or not shutil.which("node"), reason="go and node are not both here")
def test_python_go_and_javascript_side_by_side_in_the_real_sandbox(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, {n: t for n, t in MIXED.items() if n != "web/legacy/test_old.py"})
    words = ("--no-lint", "--json")
    one = json.loads(rig.run("checks", "run", "svc/add.go", *words).out)["checks"]
    assert [(c["name"], c["ending"], c["passed"]) for c in one] == [("go test", "passed", 1)]
    several = json.loads(rig.run("checks", "run", "web/add.js", "svc/add.go", *words).out)["checks"]
    assert [(c["name"], c["passed"], c["cached"]) for c in several] == [
        ("go test (svc)", 1, True),
        ("node --test (web)", 1, False),
    ]
    rig.repo.write({"web/add.js": "exports.add = () => 0;\n"})
    broken = json.loads(rig.run("checks", "run", "web", *words).out)["checks"]
    assert [(c["ending"], c["failed"]) for c in broken] == [("failed", 1)]
    named = [c["name"] for c in json.loads(rig.run("checks", "--json").out)["checks"] if c["role"] == "tests"]
    assert sorted(named) == ["go test (svc)", "node --test (web)", "pytest (api)"]
