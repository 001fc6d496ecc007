"""Wrong versions of a right file: one small slip each, of the kinds that programmers and models make.

A slip is a replacement of bytes, found on the syntax tree, so everything else stays as it was. Whether a mutant is
wrong (or only different) is for tests to say; here it is only made sure that it compiles and means something else.
"""

from __future__ import annotations

import ast
import difflib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARE = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"), ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}  # fmt: skip
_ARITHMETIC = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "+"),
}  # fmt: skip
_NEIGHBOURS = {
    "startswith": "endswith", "endswith": "startswith", "lstrip": "rstrip", "rstrip": "lstrip", "strip": "lstrip",
    "min": "max", "max": "min", "any": "all", "all": "any", "append": "extend", "extend": "append", "upper": "lower",
    "lower": "upper", "split": "rsplit", "rsplit": "split", "find": "rfind", "rfind": "find", "items": "keys",
    "keys": "values", "values": "keys", "isinstance": "issubclass", "match": "search", "search": "match",
    "add": "discard", "partition": "rpartition", "update": "setdefault", "floor": "ceil", "ceil": "floor",
}  # fmt: skip


@dataclass(frozen=True)
class Slip:
    """Bytes `start` to `end` of a file replaced by `new`. `how` names the kind of slip."""

    how: str
    start: int
    end: int
    new: bytes

    def on(self, source: bytes) -> bytes:
        """The file with it."""
        return source[: self.start] + self.new + source[self.end :]


class _Source:
    """A file whose syntax tree can be pointed into."""

    def __init__(self, source: bytes) -> None:
        self.bytes = source
        self.tree = ast.parse(source)
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt | ast.keyword)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def text(self, node: ast.AST) -> bytes:
        start, end = self.span(node)
        return self.bytes[start:end]

    def replaced(self, how: str, node: ast.AST, new: bytes) -> Slip:
        start, end = self.span(node)
        return Slip(how, start, end, new)

    def between(self, how: str, left: ast.AST, right: ast.AST, old: str, new: str) -> Iterator[Slip]:
        """The operator that stands between two operands."""
        start, end = self.span(left)[1], self.span(right)[0]
        word = rb"(?<![\w])" + re.escape(old.encode()).replace(rb"\ ", rb"\s+") + rb"(?![\w=])"
        found = list(re.finditer(word if old[0].isalpha() else re.escape(old.encode()), self.bytes[start:end]))
        if len(found) == 1:
            yield Slip(how, start + found[0].start(), start + found[0].end(), new.encode())


Maker = Callable[[_Source, ast.AST], Iterator[Slip]]


def _comparison(source: _Source, node: ast.AST) -> Iterator[Slip]:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            yield from source.between("comparison", left, right, *_COMPARE[type(operator)])


def _logic(source: _Source, node: ast.AST) -> Iterator[Slip]:
    if isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from source.between("and for or", left, right, old, new)
        for value in node.values:
            yield source.replaced("one condition left out", node, source.text(value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield source.replaced("not left out", node, source.text(node.operand))
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield source.replaced("condition turned round", node.test, b"not (" + source.text(node.test) + b")")


def _arithmetic(source: _Source, node: ast.AST) -> Iterator[Slip]:
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield from source.between("arithmetic", node.left, node.right, *_ARITHMETIC[type(node.op)])


def _constant(source: _Source, node: ast.AST) -> Iterator[Slip]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield source.replaced("constant", node, str(not value).encode())
    elif isinstance(value, int):
        yield source.replaced("off by one", node, str(value + 1).encode())
        if value > 0:
            yield source.replaced("off by one", node, str(value - 1).encode())
    elif isinstance(value, str | bytes) and 0 < len(value) < 60:
        yield source.replaced("text", node, ascii(value[:-1]).encode())


def _call(source: _Source, node: ast.AST) -> Iterator[Slip]:
    if not isinstance(node, ast.Call):
        return
    plain = [a for a in node.args if not isinstance(a, ast.Starred)]
    if len(plain) >= 2:
        one, two = plain[0], plain[1]
        (start, middle), (after, end) = source.span(one), source.span(two)
        swapped = source.text(two) + source.bytes[middle:after] + source.text(one)
        yield Slip("arguments swapped", start, end, swapped)
    for keyword in node.keywords:
        start, end = source.span(keyword)
        before = re.search(rb",\s*$", source.bytes[:start])
        if keyword.arg and before:
            yield Slip("keyword left out", before.start(), end, b"")
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    if name in _NEIGHBOURS:
        _, end = source.span(called)
        yield Slip("neighbouring call", end - len(name), end, _NEIGHBOURS[name].encode())


def _statement(source: _Source, node: ast.AST) -> Iterator[Slip]:
    if isinstance(node, ast.Return) and node.value is not None and source.text(node.value) != b"None":
        yield source.replaced("nothing returned", node.value, b"None")
    acts = isinstance(node, ast.Assign | ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete)
    if acts or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
        yield source.replaced("statement left out", node, b"pass")
    if isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.ExceptHandler):
        start, end = source.span(node.body[0])[0], source.span(node.body[-1])[1]
        yield Slip("branch left out", start, end, b"pass")
    if isinstance(node, ast.If) and node.orelse and source.text(node.orelse[0])[:4] != b"elif":
        start, end = source.span(node.orelse[0])[0], source.span(node.orelse[-1])[1]
        yield Slip("branch left out", start, end, b"pass")


_MAKERS: tuple[Maker, ...] = (_comparison, _logic, _arithmetic, _constant, _call, _statement)


def _other_names(source: _Source, lines: frozenset[int]) -> Iterator[Slip]:
    """Another variable of the same function: read in the place of the right one."""
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        arguments = [a.arg for a in (*function.args.args, *function.args.kwonlyargs) if a.arg not in ("self", "cls")]
        stored = [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        names = list(dict.fromkeys([*arguments, *stored]))
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.lineno in lines:
                for other in names if node.id in names else []:
                    if other != node.id:
                        yield source.replaced("another variable", node, other.encode())


def slips(source: bytes, lines: frozenset[int]) -> list[Slip]:
    """Every slip on `lines` (from 1) of a Python file, docstrings left alone; `chosen` sorts out what compiles."""
    try:
        read = _Source(source)
    except (SyntaxError, ValueError):
        return []
    docstrings = {id(n) for n in _docstrings(read.tree)}
    found: list[Slip] = []
    for node in ast.walk(read.tree):
        if getattr(node, "lineno", 0) in lines and id(node) not in docstrings:
            for maker in _MAKERS:
                found.extend(maker(read, node))
    found.extend(_other_names(read, lines))
    return list(dict.fromkeys(found))


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    """Texts that stand alone: docstrings, and texts used as comments. And the parts of f-strings, which have no place
    of their own before Python 3.12."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield from ast.walk(node)


def _differs(source: bytes, means: str) -> bool:
    try:
        return ast.dump(ast.parse(source)) != means
    except (SyntaxError, ValueError):
        return False


def added_lines(before: bytes | None, after: bytes) -> frozenset[int]:
    """The lines of `after`, from 1, that `before` has not at that place."""
    old, new = (before or b"").splitlines(), after.splitlines()
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return frozenset(n for tag, _, _, start, end in groups if tag != "equal" for n in range(start + 1, end + 1))


def partial_reverts(before: bytes, after: bytes) -> list[Slip]:
    """Each hunk of a change left out in turn, as slips of `after`; none where there is but one hunk."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    groups = [g for g in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if g[0] != "equal"]
    if len(groups) < 2:
        return []
    starts = [0]
    for line in new:
        starts.append(starts[-1] + len(line))
    return [Slip("hunk left out", starts[g[3]], starts[g[4]], b"".join(old[g[1] : g[2]])) for g in groups]


def chosen(source: bytes, found: list[Slip], count: int, random_: random.Random) -> Iterator[Slip]:
    """At most `count` that compile and change the syntax tree, each kind of slip once before any comes twice:
    frequent kinds must not crowd out the others."""
    means = ast.dump(ast.parse(source))
    by_kind: dict[str, list[Slip]] = {}
    for slip in found:
        by_kind.setdefault(slip.how, []).append(slip)
    for kind in by_kind.values():
        random_.shuffle(kind)
    kinds = sorted(by_kind)
    random_.shuffle(kinds)
    picked = 0
    while picked < count and any(by_kind.values()):
        for kind in kinds:
            if by_kind[kind] and picked < count:
                slip = by_kind[kind].pop()
                if _differs(slip.on(source), means):
                    picked += 1
                    yield slip
