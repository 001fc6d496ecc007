"""A commit's own test, made as small as what somebody writes from the report alone: one test, one assertion."""

from __future__ import annotations

import ast
from collections.abc import Iterator

NAME = "test_reproduction.py"
_MOST = 3


def shortened(after: bytes, before: bytes | None, test_id: str) -> Iterator[str]:
    """Versions of the file of tests `after` with nothing but the test `test_id` (`file::Class::test[…]`), cut off after
    its first assertion that `before` has not, then after the second and the third; the whole test comes last."""
    try:
        tree = ast.parse(after)
        old = ast.parse(before or b"")
    except (SyntaxError, ValueError):
        return
    names = [part.partition("[")[0] for part in test_id.split("::")[1:]]
    function = _found(tree, names)
    if function is None:
        return
    known = {ast.dump(s) for s in _statements(_found(old, names))}
    _fewer_parameters(function, _found(old, names))
    whole = list(function.body)
    places = [n for n, s in enumerate(whole) if _asserts(s)]
    fresh = [n for n in places if ast.dump(whole[n]) not in known] or places
    tree.body = [s for s in tree.body if _kept(s, names, tree)]
    for place in fresh[:_MOST]:
        function.body = [s for n, s in enumerate(whole[: place + 1]) if n == place or n not in places]
        yield ast.unparse(ast.fix_missing_locations(tree))
    function.body = whole
    yield ast.unparse(tree)


def _found(tree: ast.Module, names: list[str]) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    at: ast.AST | None = tree
    for name in names:
        body = getattr(at, "body", [])
        at = next((s for s in body if getattr(s, "name", None) == name), None)
    return at if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _statements(function: ast.AST | None) -> list[ast.stmt]:
    return list(getattr(function, "body", []))


def _kept(statement: ast.stmt, names: list[str], tree: ast.Module) -> bool:
    """Imports, constants, fixtures and helpers stay; other tests go."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return not statement.name.startswith("test") or statement.name == names[0]
    if not isinstance(statement, ast.ClassDef):
        return True
    wanted = {names[0]} | {ast.unparse(b) for c in tree.body if getattr(c, "name", "") == names[0] for b in _bases(c)}
    tests = [m for m in statement.body if getattr(m, "name", "").startswith("test")]
    if statement.name in wanted:
        statement.body = [m for m in statement.body if m not in tests or getattr(m, "name", "") == names[-1]] or [
            ast.Pass()
        ]
        return True
    return not tests


def _bases(statement: ast.stmt) -> list[ast.expr]:
    return statement.bases if isinstance(statement, ast.ClassDef) else []


def _asserts(statement: ast.stmt) -> bool:
    for node in ast.walk(statement):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name.startswith(("assert", "flakes", "check")) or name in ("raises", "warns", "fail"):
                return True
    return False


def _fewer_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef, old: ast.AST | None) -> None:
    """Of a parametrized test, the first row of values that is new."""
    before = {ast.dump(e) for d in getattr(old, "decorator_list", []) for e in _rows(d)}
    for decorator in function.decorator_list:
        rows = _rows(decorator)
        if rows:
            fresh = [r for r in rows if ast.dump(r) not in before]
            rows[:] = (fresh or rows)[:1]


def _rows(decorator: ast.expr) -> list[ast.expr]:
    if not isinstance(decorator, ast.Call) or not ast.unparse(decorator.func).endswith("parametrize"):
        return []
    values = decorator.args[1] if len(decorator.args) > 1 else None
    return values.elts if isinstance(values, ast.List | ast.Tuple) else []
