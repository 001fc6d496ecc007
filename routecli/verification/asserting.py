"""Whether a test asserts anything: one that only runs the code notices a crash, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from routecli.verification.python_tree import parsed
from routecli.verification.touched import Function, functions

_ASSERTS = re.compile(r"assert|expect|check|verif|should|raises|warns|fail|match|compare|snapshot|approv", re.I)
"""In the name of what a test calls."""
_CATCHES_ALL = frozenset({"AssertionError", "Exception", "BaseException"})


def asserts_nothing(ids: Iterable[str], source: bytes) -> str:
    """The first of the tests `ids` (of the file `source`) that asserts nothing, or only what is always true; empty
    where each does, or cannot be found there."""
    module = parsed(source)
    known = functions(source)
    by_name: dict[str, Function] = {name.rpartition(".")[2]: node for name, node in known}
    if module is None:
        return ""
    for test_id in ids:
        own = re.split(r"::|\.", test_id.partition("[")[0])[-1]
        node = by_name.get(own)
        if node is not None and not _asserts(node, by_name, frozenset({own})):
            return test_id
    return ""


def _asserts(function: Function, others: dict[str, Function], seen: frozenset[str]) -> bool:
    for node in _outside_of_swallowing(function.body):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Assert) and not _is_always_true(node.test):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in others and name not in seen:
                if _asserts(others[name], others, seen | {name}):
                    return True
            elif _ASSERTS.search(name):
                return True
    return False


def _outside_of_swallowing(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of `body`, but for what stands under a `try` that lets no failure through."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Try) and any(_swallows(h) for h in node.handlers):
            waiting += [*node.orelse, *node.finalbody, *node.handlers]
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def _swallows(handler: ast.ExceptHandler) -> bool:
    caught = {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)} if handler.type else _CATCHES_ALL
    if not caught & _CATCHES_ALL:
        return False
    speaks = (n for s in handler.body for n in ast.walk(s) if isinstance(n, ast.Raise | ast.Assert | ast.Call))
    return not any(speaks)


def _is_always_true(test: ast.expr) -> bool:
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=elements):
            return bool(elements)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_is_always_true(v) for v in values)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_is_always_true(v) for v in values)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            return ast.dump(left) == ast.dump(right) and not any(isinstance(n, ast.Call) for n in ast.walk(left))
    return False
