"""Arguments to call a function with: those of its tests, the same varied, and some made from its annotations.

All of them are literals, written as `((args…), {kwargs…})`, and the same for the same sources.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from routecli.verification.python_tree import parsed
from routecli.verification.touched import Function, functions

MOST_KNOWN = 40
MOST_VARIED = 160
MOST_MADE = 40
_PER_CALL = 24
_ROWS = 20
_MOST_CHARS = 2_000

Row = Mapping[str, Any]


def known_calls(name: str, tests: Iterable[bytes]) -> tuple[str, ...]:
    """The calls of `name` in test files whose arguments are literals, or names that stand for some: constants, and the
    rows of `parametrize`."""
    found: dict[str, None] = {}
    for source in tests:
        module = parsed(source)
        if module is None or name.encode() not in source:
            continue
        called = {name} | _aliases(module, name)
        outer = _constants(module.body)
        for _, node in functions(source):
            inner = outer | _constants(node.body)
            rows = [inner | row for row in _parametrized(node, outer)] or [inner]
            calls = [n for n in ast.walk(node) if isinstance(n, ast.Call) and _name_of(n.func) in called]
            found.update((text, None) for call in calls for row in rows if (text := _text(call, row)))
    return tuple(islice(found, MOST_KNOWN))


def _aliases(module: ast.Module, name: str) -> set[str]:
    imports = (n for n in ast.walk(module) if isinstance(n, ast.ImportFrom))
    return {a.asname for n in imports for a in n.names if a.name == name and a.asname}


def _name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _constants(body: list[ast.stmt]) -> dict[str, Any]:
    """Names that are bound to a literal, once."""
    found: dict[str, Any] = {}
    again: set[str] = set()
    for statement in body:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            if isinstance(target, ast.Name):
                again |= {target.id} & set(found)
                literal = _value(statement.value, {})  # type: ignore[attr-defined]
                if literal is not None:
                    found[target.id] = literal[0]
    return {name: value for name, value in found.items() if name not in again}


def _value(node: ast.expr, row: Row) -> tuple[Any] | None:
    """The value in a tuple, since None is one; None for what is no literal."""
    if isinstance(node, ast.Name) and node.id in row:
        return (row[node.id],)
    try:
        return (ast.literal_eval(node),)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _text(call: ast.Call, row: Row) -> str:
    """The arguments of a call; empty where one is no literal."""
    if any(keyword.arg is None for keyword in call.keywords):
        return ""
    args = [_value(node, row) for node in call.args]
    kwargs = [(str(keyword.arg), _value(keyword.value, row)) for keyword in call.keywords]
    if None in args or any(value is None for _, value in kwargs):
        return ""
    return written(tuple(a[0] for a in args if a), {name: value[0] for name, value in kwargs if value})


def written(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """A call as text; empty where it would not come back the same, or is very long."""
    text = repr((args, dict(kwargs)))
    try:
        same = len(text) <= _MOST_CHARS and ast.literal_eval(text) == (args, dict(kwargs))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    return text if same else ""


def _parametrized(node: Function, outer: Row) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{}]
    for mark in node.decorator_list:
        if not (isinstance(mark, ast.Call) and _name_of(mark.func) == "parametrize" and len(mark.args) >= 2):
            continue
        names, values = _value(mark.args[0], outer), mark.args[1]
        if names is None or not isinstance(values, ast.List | ast.Tuple):
            continue
        listed = names[0].replace(" ", "").split(",") if isinstance(names[0], str) else list(names[0])
        made = [row for element in values.elts if (row := _row(listed, element, outer))]
        rows = [one | other for one in rows for other in made or [{}]][:_ROWS]
    return rows


def _row(names: list[str], element: ast.expr, outer: Row) -> dict[str, Any]:
    if isinstance(element, ast.Call) and _name_of(element.func) == "param":
        parts = [_value(a, outer) for a in element.args]
        whole = None if None in parts else tuple(p[0] for p in parts if p)
    else:
        value = _value(element, outer)
        whole = None if value is None else value[0] if len(names) > 1 else value
    if not isinstance(whole, tuple | list) or len(whole) != len(names):
        return {}
    return dict(zip(names, whole, strict=True))


# varied


def varied_calls(calls: Iterable[str]) -> tuple[str, ...]:
    """`calls` with one argument changed a little, each in several ways, and none of `calls` themselves."""
    known = tuple(calls)
    found: dict[str, None] = {}
    for call in known:
        args, kwargs = ast.literal_eval(call)
        texts = (text for text in _near(args, kwargs) if text and text not in known)
        found.update(dict.fromkeys(islice(texts, _PER_CALL)))
    return tuple(islice(found, MOST_VARIED))


def _near(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[str]:
    ways = [list(_changed(a)) for a in args]
    named = {name: list(_changed(value)) for name, value in kwargs.items()}
    for turn in range(max(map(len, [*ways, *named.values()]), default=0)):
        for place, several in enumerate(ways):
            if turn < len(several):
                yield written((*args[:place], several[turn], *args[place + 1 :]), kwargs)
        for name, several in named.items():
            if turn < len(several):
                yield written(args, kwargs | {name: several[turn]})


def _changed(value: Any) -> Iterator[Any]:
    """Values of the same type near `value`."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, value * 2, value + 10, -value, 0, value * 10 + 3)
        yield from (value + 2, value - 2, value * 3, value + 100, value * 100, value + 7, value + 1000)
    elif isinstance(value, float):
        yield from (value + 1, value * 2, -value, value + 0.01, value / 3, value - 1, 0.0)
        yield from (value + 2, value * 10, value - 0.01, value / 7, value + 0.5, value * 3, value + 100)
    elif isinstance(value, str):
        yield from (f"{value}x", value[:-1], value.upper(), value * 2, value[::-1], f"x{value}", "")
        yield from (value[1:], f"{value} ", f" {value}", value.title(), f"{value}1", value + value[:1], f"{value}-")
    elif isinstance(value, list | tuple):
        yield from _changed_sequence(value)
    elif isinstance(value, dict):
        for key, inner in islice(value.items(), 3):
            yield from (value | {key: other} for other in islice(_changed(inner), 4))
        yield dict(list(value.items())[:-1])


def _changed_sequence(value: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    """Elements first: a tuple is often a record, whose length is its type."""
    kind = type(value)
    turns = [list(islice(_changed(element), 6)) for element in value[:3]]
    for turn in range(6):
        for place, several in enumerate(turns):
            if turn < len(several):
                yield kind([*value[:place], several[turn], *value[place + 1 :]])
    if isinstance(value, list):
        yield from (value[:-1], value + value[:1], value[::-1], value + value)


# made


def made_calls(node: Function) -> tuple[str, ...]:
    """Calls made from annotations and defaults alone; none where a parameter tells no simple type."""
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        return ()
    params = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(params) - len(arguments.defaults)) + list(arguments.defaults)
    pools = [_pool(p.annotation, d) for p, d in zip(params, defaults, strict=True)]
    if not pools or not all(pools):
        return ()
    found: dict[str, None] = {}
    for turn in range(MOST_MADE):
        args = tuple(pool[(turn * (2 * place + 1) + place) % len(pool)] for place, pool in enumerate(pools))
        found[written(args, {})] = None
    found.pop("", None)
    return tuple(found)


_POOLS: Mapping[str, tuple[Any, ...]] = {
    "int": (0, 1, -1, 2, 3, 7, 10, 100, -13, 255),
    "float": (0.0, 1.0, -1.0, 0.5, 2.675, 1e-3, 99.99, -7.25),
    "bool": (True, False),
    "str": ("", "a", "ab", "Hello, World", " x ", "0", "-1", "é", "a\nb", "aaa"),
    "bytes": (b"", b"a", b"\xff\x00", b"abc"),
    "None": (None,),
}


def _pool(annotation: ast.expr | None, default: ast.expr | None) -> tuple[Any, ...]:
    if annotation is None:
        literal = _value(default, {}) if default is not None else None
        name = type(literal[0]).__name__ if literal and literal[0] is not None else ""
        return _POOLS.get(name, ())
    if isinstance(annotation, ast.Constant):
        return _named_pool(annotation.value)
    if isinstance(annotation, ast.Name):
        return _POOLS.get(annotation.id, ())
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        left, right = _pool(annotation.left, None), _pool(annotation.right, None)
        return left + right if left and right else ()
    return _pool_of_many(annotation) if isinstance(annotation, ast.Subscript) else ()


def _named_pool(value: object) -> tuple[Any, ...]:
    """Of an annotation that is quoted, or None itself."""
    if value is None:
        return _POOLS["None"]
    module = parsed(value) if isinstance(value, str) else None
    inner = module.body[0] if module is not None and len(module.body) == 1 else None
    return _pool(inner.value, None) if isinstance(inner, ast.Expr) else ()


def _pool_of_many(annotation: ast.Subscript) -> tuple[Any, ...]:
    name, inner = _name_of(annotation.value).lower(), annotation.slice
    if name == "optional":
        pool = _pool(inner, None)
        return (*pool, None) if pool else ()
    if name in ("list", "sequence", "iterable", "collection"):
        pool = _pool(inner, None)
        return ([], [pool[0]], list(pool[:3]), list(pool[::-1]), [pool[-1]] * 2) if pool else ()
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    pools = [_pool(p, None) for p in parts if not (isinstance(p, ast.Constant) and p.value is ...)]
    if not all(pools):
        return ()
    if name == "tuple" and len(pools) == len(parts):
        return tuple(tuple(pool[turn % len(pool)] for pool in pools) for turn in range(5))
    if name in ("dict", "mapping") and len(pools) == 2:
        keys, values = pools
        return ({}, {keys[0]: values[0]}, dict(zip(keys, values[::-1], strict=False)))
    return ()
