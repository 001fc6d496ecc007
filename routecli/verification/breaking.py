"""Functions broken on purpose: a new test that passes all the same tests nothing of them.

Two ways for each function: it gives nothing back (or does nothing, where it gave nothing back), and one operator or
comparison of it is turned round. The first has to be noticed; the second is counted, since it may change nothing.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterator, Sequence

from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.integrity import is_test_module
from routecli.verification.python_tree import parsed

MOST_LOOKED_AT = 60
_TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Broken:
    """One function broken in one way. `must`: a test of it that is worth its name notices. `lines` are the function's
    own, in the file as it was."""

    path: RepoPath
    function: str
    how: str
    must: bool
    edit: FileEdit
    lines: tuple[int, ...] = ()


def broken(
    tests: Sequence[str], code: Collection[RepoPath], read: Callable[[RepoPath], bytes | None]
) -> tuple[Broken, ...]:
    """The functions in the files `code` that the texts `tests` speak of, each broken, the named ones first by how the
    files are listed. Of at most MOST_LOOKED_AT functions."""
    spoken = frozenset[str]().union(*(_spoken(text) for text in tests))
    found: list[Broken] = []
    functions = 0
    for path in code:
        raw = read(path)
        if raw is None or not path.endswith(".py") or is_test_module(path):
            continue
        for name, lines, ways in _ways(raw, spoken):
            functions += 1
            if functions > MOST_LOOKED_AT:
                return tuple(found)
            found += [
                Broken(path, name, how, how == EMPTY, FileEdit(path, raw, text.encode()), lines) for how, text in ways
            ]
    return tuple(found)


EMPTY, TURN = "gives nothing back", "has an operator turned round"


def _spoken(text: str) -> set[str]:
    """Every name and attribute in a test's text; its own definitions aside."""
    module = parsed(text)
    if module is None:
        return set()
    own = {n.name for n in ast.walk(module) if isinstance(n, Function | ast.ClassDef)}
    names = {n.id for n in ast.walk(module) if isinstance(n, ast.Name)}
    names |= {n.attr for n in ast.walk(module) if isinstance(n, ast.Attribute)}
    return names - own


def _ways(raw: bytes, spoken: Collection[str]) -> Iterator[tuple[str, tuple[int, ...], list[tuple[str, str]]]]:
    module = parsed(raw)
    if module is None:
        return
    for name, node in _functions(module.body, ""):
        if node.name in spoken and not node.name.startswith("__") and not _is_trivial(node):
            ways = [(EMPTY, _with(module, node, _emptied))]
            if any(type(op) in _TURNED for n in ast.walk(node) for op in _operators(n)):
                ways.append((TURN, _with(module, node, _turned)))
            inside = tuple(sorted({n.lineno for s in node.body for n in ast.walk(s) if isinstance(n, ast.stmt)}))
            yield name, inside, ways


def _functions(body: list[ast.stmt], within: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield f"{within}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{within}{node.name}.")


def _is_trivial(node: Function) -> bool:
    """Nothing that could be broken: a stub, an abstract method, one that only raises."""
    rest = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if len(rest) > 1:
        return False
    nothing = isinstance(rest[0], ast.Pass | ast.Raise) if rest else True
    empty = (
        bool(rest)
        and isinstance(rest[0], ast.Return)
        and (rest[0].value is None or (isinstance(rest[0].value, ast.Constant) and rest[0].value.value is None))
    )
    return nothing or empty


def _with(module: ast.Module, node: Function, change: Callable[[Function], None]) -> str:
    place = next(i for i, n in enumerate(ast.walk(module)) if n is node)
    made = copy.deepcopy(module)
    target = list(ast.walk(made))[place]
    assert isinstance(target, Function)
    change(target)
    return ast.unparse(ast.fix_missing_locations(made)) + "\n"


def _emptied(node: Function) -> None:
    generates = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(node))
    node.body = [ast.Return(None)]
    if generates:  # it stays a generator, of nothing
        node.body.append(ast.Expr(ast.Yield(None)))


def _turned(node: Function) -> None:
    for one in ast.walk(node):
        for operator in _operators(one):
            turned = _TURNED.get(type(operator))
            if turned is not None:
                if isinstance(one, ast.Compare):
                    one.ops = [turned() if op is operator else op for op in one.ops]  # type: ignore[misc]
                else:
                    one.op = turned()  # type: ignore[attr-defined]
                return


def _operators(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Compare):
        return list(node.ops)
    return [node.op] if isinstance(node, ast.BinOp | ast.BoolOp) else []
