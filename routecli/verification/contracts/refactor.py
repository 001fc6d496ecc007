"""A refactoring: what others import and call is still there. That it does the same, the tests say."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from routecli.verification import python_tree
from routecli.verification.contracts.change import Answer, Change

Surface = dict[str, str]
"""Public name → its signature as text; a class's methods as `Class.method`."""


def holds(change: Change) -> Answer:
    """Never True: behaviour is for the tests. False where a public name is gone, or can be called in fewer ways."""
    after_all: Surface = {}
    before_all: dict[str, Surface] = {}
    for edit in change.python():
        before = python_tree.parsed(edit.before) if edit.before is not None else None
        after = python_tree.parsed(edit.after) if edit.after is not None else None
        if edit.after is not None and after is None:
            return False, f"{edit.path} can no longer be read as Python"
        after_all |= surface(after) if after is not None else {}
        if before is not None:
            before_all[edit.path] = surface(before)
    asked = change.task.instruction
    for path, had in before_all.items():
        gone = [n for n in had if n not in after_all and n.rpartition(".")[2] not in asked]
        if gone:
            return False, f"{gone[0]} of {path} is gone: others may use it"
        changed = [n for n, s in had.items() if n in after_all and after_all[n] != s and n not in asked]
        if changed and not all(_still_callable(had[n], after_all[n]) for n in changed):
            return False, f"{changed[0]} of {path} is called in another way than before"
    return None, ""


def surface(module: ast.Module) -> Surface:
    """The public functions, classes, methods and imported names of a module."""
    found: Surface = {}
    for node in module.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if not name.startswith("_"):
                found[name] = ast.unparse(node.args)
            case ast.ClassDef(name=name, body=body) if not name.startswith("_"):
                found[name] = ""
                found |= {f"{name}.{n}": args for n, args in _methods(body)}
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                found |= {a.asname: "" for a in names if a.asname}
    for node in module.body:  # a name that moved elsewhere and is imported again is still there
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found.setdefault(alias.asname or alias.name, "…")
    return found


def _methods(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not node.name.startswith("_") or node.name == "__init__":
            yield node.name, ast.unparse(node.args)


def _still_callable(before: str, after: str) -> bool:
    """Whether what called it before can call it now: the same parameters first, further ones with a default."""
    if "…" in (before, after):
        return True
    one, other = _arguments(before), _arguments(after)
    if one is None or other is None:
        return False
    names, now = [a.arg for a in one.args], [a.arg for a in other.args]
    more = other.args[len(names) :]
    optional = len(more) <= len(other.defaults)
    kept = {a.arg for a in one.kwonlyargs} <= {a.arg for a in other.kwonlyargs} | set(now)
    demanded = [a.arg for a, d in zip(other.kwonlyargs, other.kw_defaults, strict=True) if d is None]
    fewer_defaults = len(one.defaults) > len(other.defaults)
    same_start = now[: len(names)] == names
    stars = (not one.vararg or bool(other.vararg)) and (not one.kwarg or bool(other.kwarg))
    known = {a.arg for a in one.kwonlyargs if a.arg in demanded}
    return same_start and optional and kept and stars and not fewer_defaults and set(demanded) <= known


def _arguments(text: str) -> ast.arguments | None:
    try:
        made = ast.parse(f"def f({text}): pass").body[0]
    except SyntaxError:
        return None
    return made.args if isinstance(made, ast.FunctionDef) else None
