"""The house rules, read off the syntax tree: imports only fall, and each outside thing has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "routecli"

FLOOR = {
    "cli": 5,
    "__main__": 6,
    "compose": 4,
    "cascade": 3,
    "survey": 3,
    "routing": 3,
    "prompting": 3,
    "workspace": 3,
    "providers": 3,
    "edits": 3,
    "evaluation": 3,
    "verification": 3,
    "exports": 3,
    "ports": 2,
    "config": 2,
    "pricebook": 2,
    "ledger": 2,
    "process": 2,
    "budget": 2,
    "git": 2,
    "domain": 1,
    "errors": 1,
    "nouns": 0,
    "library": 5,
    "__init__": 7,
}
ONLY_IN = {
    "typer": ("cli",),
    "rich": ("cli",),
    "click": ("cli",),
    "subprocess": ("process",),
    "openai": ("providers",),
    "anthropic": ("providers",),
    "genai_prices": ("pricebook",),
    "tiktoken": ("survey",),
    "sqlite3": ("ledger", "survey"),
    "psycopg": ("ledger",),
    "yaml": ("verification", "config"),
}
LAZY = ("openai", "anthropic", "tiktoken", "genai_prices", "git", "rapidfuzz", "httpx2", "rope", "yaml", "psycopg")
"""Slow packages: importing a module of ours must not import them (`git` is GitPython)."""
BANNED_NAMES = ("utils", "util", "helpers", "helper", "common", "misc", "manager", "handler")


def modules() -> list[Path]:
    """Our modules; what lies in `data/` is the demonstration's repository, not our code."""
    return sorted(p for p in PACKAGE.rglob("*.py") if p.relative_to(PACKAGE).parts[0] != "data")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == "routecli":
                for alias in node.names:
                    yield f"routecli.{alias.name}", node.lineno
            else:
                yield node.module, node.lineno


def top_level_imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imports(ast.Module(body=[node], type_ignores=[]))


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_fall(path: Path) -> None:
    own = room(path)
    assert own in FLOOR, f"{own} has no floor: add it to FLOOR and to CONTRIBUTING.md"
    wrong = []
    for name, line in imports(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] != "routecli" or len(parts) == 1:
            continue
        other = parts[1]
        if other in (own, "__version__") or other not in FLOOR:
            continue
        falls = FLOOR[other] < FLOOR[own] or (FLOOR[own] == 2 and FLOOR[other] == 2)
        if not falls:
            wrong.append(f"line {line}: {own} imports {name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_each_outside_thing_has_one_door(path: Path) -> None:
    wrong = [
        f"line {line}: {name}"
        for name, line in imports(ast.parse(path.read_text()))
        if (doors := ONLY_IN.get(name.split(".")[0])) is not None and room(path) not in doors
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_slow_packages_are_imported_inside_functions(path: Path) -> None:
    slow = [f"line {line}: {name}" for name, line in top_level_imports(ast.parse(path.read_text()))
            if name.split(".")[0] in LAZY]  # fmt: skip
    assert not slow, "\n".join(slow)


def test_floor_two_has_no_circle() -> None:
    """Rooms of floor 2 may know each other, but never in a ring."""
    edges: dict[str, set[str]] = {}
    for path in modules():
        if FLOOR.get(room(path)) != 2:
            continue
        for name, _ in imports(ast.parse(path.read_text())):
            parts = name.split(".")
            if parts[0] == "routecli" and len(parts) > 1 and FLOOR.get(parts[1]) == 2 and parts[1] != room(path):
                edges.setdefault(room(path), set()).add(parts[1])

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(edges.get(start, ()))
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo.extend(edges.get(at, ()))
        return seen

    rings = [name for name in edges if name in reach(name)]
    assert not rings, rings


def test_slotted_values_wait_for_their_methods() -> None:
    """A class that the standard library writes at once costs every command 0.4 ms (see `routecli.nouns`)."""
    at_once = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}"
        for path in modules()
        if path.name != "nouns.py" and "from dataclasses import" in path.read_text()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        and any("dataclass" in said and "slots=True" in said for said in map(ast.unparse, node.decorator_list))
        and "from routecli.nouns import dataclass" not in path.read_text()
    ]
    assert at_once == []


def test_no_room_for_leftovers() -> None:
    assert [p for p in modules() if p.stem in BANNED_NAMES or room(p) in BANNED_NAMES] == []


def test_the_core_prints_nothing() -> None:
    talkers = []
    for path in modules():
        if room(path) in ("cli", "__main__"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                talkers.append(f"{path.name}:{node.lineno}")
    # What runs inside the sandbox in the project's own interpreter speaks through its streams; it is not the core.
    assert [t for t in talkers if not t.startswith(("runner_", "plugin_", "rename_"))] == []


def test_no_error_is_swallowed_whole() -> None:
    swallowed = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
            )
            if broad and all(isinstance(statement, ast.Pass) for statement in node.body):
                swallowed.append(f"{path.name}:{node.lineno}")
    assert swallowed == []


def test_nothing_is_a_stub() -> None:
    stubs = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node):
                stubs.append(f"{path.name}:{node.lineno}")
    assert stubs == []


def test_functions_can_be_held_in_the_head() -> None:
    lengths = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lengths.append((node.end_lineno - node.lineno + 1, f"{path.name}:{node.lineno} {node.name}"))
    lengths.sort(reverse=True)
    assert lengths[len(lengths) // 10][0] <= 30, lengths[:10]
