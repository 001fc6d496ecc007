"""Syntax trees made comparable."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable

from routecli.domain.patch import FileEdit

_HOLDERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def parsed(source: bytes) -> ast.Module | None:
    """The tree, or None where it cannot be read."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def same(edit: FileEdit, change: Callable[[str], str | None]) -> bool | None:
    """Whether both sides of an edit are equal once `change` was applied to each docstring (None removes it).
    None: it cannot be decided."""
    if edit.before is None or edit.after is None or not edit.path.endswith((".py", ".pyi")):
        return None
    before, after = parsed(edit.before), parsed(edit.after)
    if before is None:
        return None
    if after is None:
        return False
    return _dump(before, change) == _dump(after, change)


def _dump(tree: ast.Module, change: Callable[[str], str | None]) -> str:
    for node in ast.walk(tree):
        if isinstance(node, _HOLDERS) and ast.get_docstring(node, clean=False) is not None:
            statement = node.body[0]
            assert isinstance(statement, ast.Expr)
            assert isinstance(statement.value, ast.Constant)
            text = change(str(statement.value.value))
            if text is None:
                node.body[0:1] = [] if len(node.body) > 1 else [ast.Pass()]
            else:
                statement.value.value = text
    return ast.dump(tree)


def tidy(text: str) -> str:
    """A docstring without what a formatter may change: indentation and blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in inspect.cleandoc(text).splitlines()).strip()
