"""What the docs name exists, and what exists is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DOCS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!\[ ]", r)[0].lower() for r in requirements}


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = set(re.findall(r"^\| (?:\w+ \| )?([a-z0-9-]+) \| ", page, re.MULTILINE))
    declared = names(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        declared |= names(extra)
    assert declared <= rows, f"no line in docs/dependencies.md: {declared - rows}"
    assert rows - {"package", "extra"} <= declared, f"not a dependency: {rows - declared}"


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_links_inside_the_docs_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_files_that_the_docs_name_exist(page: Path) -> None:
    named = re.findall(r"`((?:routecli|tests|docs|benchmarks|completions|\.ci)/[\w./-]+)`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_ci_runs_the_very_test_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = re.findall(r"^.*-m pytest.*$", readme, re.MULTILINE)
    assert commands, "the README names no test command"
    assert commands[0].strip() in (ROOT / ".ci" / "run").read_text()


def test_no_path_of_one_machine_is_named() -> None:
    pattern = re.compile(r"/(?:work|farm|root)/[a-z.]|/tmp/(?:bash_jobs|brief)")
    found = [
        str(path.relative_to(ROOT))
        for folder in ("routecli", "docs", "benchmarks", "completions", ".ci")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in (".z", ".pyc") and pattern.search(path.read_text(errors="replace"))
    ]
    assert found == []
