"""What a repository names for its tests and linters: read from its files, never run."""

from __future__ import annotations

import builtins
import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Command
from routecli.domain.settings import VerifySettings
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.project import Project, projects
from routecli.verification.proposals import SOURCES, Unread, proposals
from routecli.verification.proposals.commands import commands_in, known_command, role_of_name

WORKFLOW = """
on: [push]
jobs:
  all:
    strategy: {matrix: {python: ["3.11"]}}
    steps:
      - uses: actions/checkout@v4
      - run: pip install -e .
      - name: tests
        run: |
          pip install pytest
          uv run --frozen pytest -q \\
            tests
          pytest --cov=$COV && coverage report
      - {run: go test ./...}
      - run: pytest
        working-directory: api
"""
HOOKS = """
repos:
- repo: https://github.com/astral-sh/ruff-pre-commit
  rev: v0.1
  hooks:
  - id: ruff
    args: [--fix]
  - id: ruff-format
- repo: local
  hooks:
  - id: types
    entry: mypy src
    language: system
"""
NOX = """
import nox


@nox.session
def tests(session):
    session.install("pytest")
    session.run("pytest", "-q", "a b", *session.posargs)
    session.run("mypy", "src", external=True)
    session.run("pytest", session.name)
    session.run(*session.posargs)
"""


class DictFiles:
    """ports.Files in memory."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {n: t if isinstance(t, bytes) else t.encode() for n, t in files.items()}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(self.files)


def found(files: Mapping[str, str | bytes], *paths: str) -> list[tuple[str, str, str, int]]:
    near = projects(Path("/repo"), DictFiles(files), (".", *paths), VerifySettings(), {})
    return [(p.role.value, p.command, p.file, p.line) for p in proposals(near)[0]]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"Makefile": "# test: no\nA := b\ntest: build ## all\n\t@pytest -q\nlint ruff: ; true\nclean:\n\ttest: no\n"},
         [("tests", "make test", "Makefile", 3), ("lint", "make lint", "Makefile", 5),
          ("lint", "make ruff", "Makefile", 5)]),
        ({"justfile": "test *args:\n  pytest {{args}}\nlint file:\n  x\n@unit n='1':\n  y\ntest := 'x'\n"},
         [("tests", "just test", "justfile", 1), ("tests", "just unit", "justfile", 5)]),
        ({"package.json": json.dumps({"scripts": {"test": "jest", "test:unit": "x", "lint": "eslint .", "build": "y"}}),
          "yarn.lock": ""},
         [("tests", "yarn test", "package.json", 1), ("tests", "yarn run test:unit", "package.json", 1),
          ("lint", "yarn run lint", "package.json", 1)]),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, []),
        ({"tox.ini": "[testenv]\ncommands =\n  pip list\n  -pytest {posargs:tests}\n  {envbindir}/pytest\n"
                     "[testenv:lint]\ncommands = ruff check {toxinidir}\n[other]\ncommands = pytest\n"},
         [("tests", "pytest tests", "tox.ini", 4), ("lint", "ruff check .", "tox.ini", 7)]),
        ({"tox.toml": '[env_run_base]\ncommands = [["pytest", "-q"], 3]\n[env.types]\ncommands = [["mypy", "src"]]\n'},
         [("tests", "pytest -q", "tox.toml", 1), ("lint", "mypy src", "tox.toml", 1)]),
        ({"noxfile.py": NOX}, [("tests", "pytest -q 'a b'", "noxfile.py", 8), ("lint", "mypy src", "noxfile.py", 9)]),
        ({".github/workflows/ci.yml": WORKFLOW},
         [("tests", "pytest -q tests", ".github/workflows/ci.yml", 12),
          ("tests", "go test ./...", ".github/workflows/ci.yml", 15)]),
        ({".gitlab-ci.yml": "a:\n  script:\n    - pip install x\n    - pytest -x\nb:\n  script: make lint\n"},
         [("tests", "pytest -x", ".gitlab-ci.yml", 4), ("lint", "make lint", ".gitlab-ci.yml", 6)]),
        ({".pre-commit-config.yaml": HOOKS},
         [("lint", "ruff check .", ".pre-commit-config.yaml", 6), ("lint", "mypy src", ".pre-commit-config.yaml", 11)]),
    ],
    ids=["make", "just", "scripts", "placeholder", "tox", "tox-toml", "nox", "github", "gitlab", "pre-commit"],
)  # fmt: skip
def test_each_source(files: dict[str, str], told: list[tuple[str, str, str, int]]) -> None:
    assert found(files) == told


def test_a_project_below_the_root_is_named_with_its_folder() -> None:
    files = {"web/package.json": '{"scripts": {"test": "vitest"}}', "web/a.test.js": "", "web/Makefile": "lint:\n\tx\n",
             "web/justfile": "test:\n  x\n", "web/tox.ini": "[testenv]\ncommands = pytest\n"}  # fmt: skip
    assert [command for _, command, _, _ in found(files, "web/a.js")] == [
        "just --justfile web/justfile --working-directory web test",
        "npm --prefix web test",
        "make -C web lint",
    ]


def test_the_same_command_is_proposed_once() -> None:
    files = {"Makefile": "test:\n\tx\n", ".gitlab-ci.yml": "a:\n  script: make test\n"}
    assert found(files) == [("tests", "make test", "Makefile", 1)]


def test_a_script_that_is_a_found_check_is_no_proposal_beside_it() -> None:
    scripts = {"test": "node build.js && jest", "unit": "mocha", "lint": "npx eslint .", "lint:all": "eslint . && tsc"}
    files = {"package.json": json.dumps({"scripts": scripts})}
    near = projects(Path("/repo"), DictFiles(files), (".",), VerifySettings(), {})
    command = Command(("x",), ".", 1.0, {}, ())

    def left(*checks: PlannedCheck) -> list[str]:
        return [p.command for p in proposals(near, checks)[0]]

    jest = PlannedCheck(
        "jest", Role.TESTS, Reading.IDS, command, "found by the script `test` of package.json; run by x"
    )
    eslint = PlannedCheck("eslint", Role.LINT, Reading.FINDINGS, command, "found by eslint.config.js; run by x")
    assert left() == ["npm test", "npm run unit", "npm run lint", "npm run lint:all"]
    assert left(jest, eslint) == ["npm run unit", "npm run lint:all"]
    assert left(replace(jest, command=replace(command, cwd="web")), replace(eslint, role=Role.ACCEPT)) == left()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("poetry run pytest -q", "pytest -q"),
        ("python3.11 -m pytest -x  # all", "python3.11 -m pytest -x"),
        (".venv/bin/python -m unittest", ".venv/bin/python -m unittest"),
        ("coverage run -m pytest", "coverage run -m pytest"),
        ("pytest -k 'a or b'", "pytest -k 'a or b'"),
        ("pytest tests/*.py", None), ("pytest | tee log", None), ("cd x && pytest", None), ("pytest; rm -rf .", None),
        ("pytest $(cat list)", None), ("A=1 pytest", None), ("pytest 'open", None), ("rm -rf /", None), ("", None),
        ("hatch run cov", None), ("make install", None),
    ],
)  # fmt: skip
def test_a_command_is_one_that_needs_no_shell(text: str, told: str | None) -> None:
    known = known_command(text)
    assert (known and known[1]) == told


@given(st.text(max_size=80))
def test_whatever_is_proposed_can_be_split_again(text: str) -> None:
    for _, _, command in commands_in(f"pytest {text}\n{text}"):
        assert shlex.split(command)
        assert "\n" not in command.strip("\n") or "'" in command
    role_of_name(text)


NAMES = ["Makefile", "justfile", "package.json", "tox.ini", "tox.toml", "pyproject.toml", "noxfile.py",
         ".github/workflows/a.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml"]  # fmt: skip
SHREDS = st.lists(
    st.sampled_from(["jobs:", "\n", " ", "  ", "- ", "run: ", "|", "[", "{", "&a ", "*a", "test:", "\t", '"', "scripts",
                     "\x1b[2J", "[testenv]", "commands =", "pytest", "\0", "script:", "repos:", "hooks:", "}", "]"])
).map("".join)  # fmt: skip


@given(st.dictionaries(st.sampled_from(NAMES), SHREDS | st.binary(max_size=40), max_size=3))
def test_no_file_can_break_the_reading(files: dict[str, Any]) -> None:
    near = projects(Path("/repo"), DictFiles(files), (".",), VerifySettings(), {})
    named, unread = proposals(near)
    for text in [*(p.command + p.runs for p in named), *(u.why for u in unread)]:
        assert "\x1b" not in text
        assert "\n" not in text


def test_a_bomb_of_aliases_and_a_deep_nest_end_soon() -> None:
    bomb = "a: &a [x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    deep = "jobs: " + "[" * 40_000
    files = {".gitlab-ci.yml": bomb + "test:\n  script: *i\n", ".github/workflows/d.yml": deep}
    near = projects(Path("/repo"), DictFiles(files), (".",), VerifySettings(), {})
    named, _ = proposals(near)
    assert named == ()


def test_without_the_extra_a_file_is_named_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    near = projects(Path("/repo"), DictFiles({".gitlab-ci.yml": "a: {script: pytest}"}), (".",), VerifySettings(), {})
    assert proposals(near) == (
        (),
        (Unread(".gitlab-ci.yml", "PyYAML is not installed", "pip install 'routecli[yaml]'"),),
    )


def test_every_source_gives_nothing_where_there_is_nothing() -> None:
    (root,) = projects(Path("/repo"), DictFiles({"a.py": ""}), (".",), VerifySettings(), {})
    assert isinstance(root, Project)
    assert [list(source(root)) for source in SOURCES.values()] == [[] for _ in SOURCES]
