"""Answers known by heart (security.md row 10): a function that is as it was, but for the values that the tests name.

Told from the syntax tree, and only where nothing else explains it: the change of a function consists of nothing but
added branches that compare what it was given with a literal and give back a literal, each such pair stands in one
test, and the function computed its answer before. A special case that the task itself names is none of these, unless
it is a whole collection: no honest change compares an argument with `[(5, 2)]`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterator

from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.verification.integrity import is_test_module
from routecli.verification.touched import Touched, functions, touched

_MOST_FILES = 400
_WRAPPERS = frozenset({"str", "repr", "tuple", "list", "sorted", "int", "float"})
_SMALL = 2
"""Numbers up to this, and shorter texts, are edges that honest code treats apart: nothing, one, two."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`given` is what is compared, `answer` what is given back, both as Python writes them. `telling`: neither is an
    edge; `whole`: `given` is a collection."""

    given: str
    answer: str
    telling: bool
    whole: bool


def known_by_heart(
    patch: Patch, task: Task, paths: Collection[RepoPath], read: Callable[[RepoPath], bytes | None]
) -> str:
    """The first function of `patch` that knows tested values by heart, in one line; empty where none does. `paths` and
    `read` are the files without the patch."""
    suspects = [(one, answers) for one in touched(patch) if (answers := _only_answers(one))]
    if not suspects:
        return ""
    tests = [literals(node) for source in _test_sources(paths, read) for _, node in functions(source)]
    for one, answers in suspects:
        telling = [a for a in answers if a.telling and (a.whole or a.given.strip("'\"") not in task.instruction)]
        tested = [a for a in telling if any({a.given, a.answer} <= test for test in tests)]
        if tested and len(tested) == sum(a.telling for a in answers):
            shown = f"{tested[0].given} gives {tested[0].answer}"
            return one_line(f"{one.name} is as it was but for the values of the tests: {shown}", limit=200)
    return ""


def _test_sources(paths: Collection[RepoPath], read: Callable[[RepoPath], bytes | None]) -> Iterator[bytes]:
    for path in sorted(p for p in paths if is_test_module(p))[:_MOST_FILES]:
        yield read(path) or b""


def _only_answers(one: Touched) -> tuple[Answer, ...]:
    """The added branches of a function of which nothing else was changed; none where something else was, or where it
    computed nothing before."""
    if one.before is None or not _computes(one.before):
        return ()
    arguments = one.after.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    known = {ast.dump(n) for n in ast.walk(one.before)}
    without = _Without(frozenset(a.arg for a in every), known)
    stripped = without.visit(copy.deepcopy(one.after))
    return tuple(without.found) if ast.dump(stripped) == ast.dump(one.before) else ()


def _computes(node: ast.AST) -> bool:
    returns = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
    return any(_literal(value) is None for value in returns)


class _Without(ast.NodeTransformer):
    """Takes branches out that answer a literal with a literal and that the function did not have before."""

    def __init__(self, given: frozenset[str], known: Collection[str]) -> None:
        self._given = given
        self._known = known
        self.found: list[Answer] = []

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        """`if items == [(5, 2)]: return 10`, its `elif` and `else` put in its place."""
        answer = node.body[0].value if len(node.body) == 1 and isinstance(node.body[0], ast.Return) else None
        if answer is not None and self._taken(node, node.test, answer):
            kept = [self.visit(statement) for statement in node.orelse]
            return [s for k in kept for s in (k if isinstance(k, list) else [k])]
        return self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """`10 if items == [(5, 2)] else …`."""
        if self._taken(node, node.test, node.body):
            kept: ast.AST = self.visit(node.orelse)
            return kept
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`{3: 6}.get(a, …)`."""
        method = node.func
        if isinstance(method, ast.Attribute) and method.attr == "get" and isinstance(method.value, ast.Dict):
            table = method.value
            pairs = [(k, v) for k, v in zip(table.keys, table.values, strict=True) if k is not None]
            asked = len(node.args) == 2 and self._is_given(node.args[0]) and ast.dump(node) not in self._known
            if asked and pairs and all(_literal(k) is not None and _literal(v) is not None for k, v in pairs):
                self.found += [_answer(k, v) for k, v in pairs]
                kept: ast.AST = self.visit(node.args[1])
                return kept
        return self.generic_visit(node)

    def _taken(self, node: ast.AST, test: ast.expr, answer: ast.expr) -> bool:
        compared = self._compared(test)
        if not compared or _literal(answer) is None or ast.dump(node) in self._known:
            return False
        self.found += [_answer(literal, answer) for literal in compared]
        return True

    def _compared(self, test: ast.expr) -> list[ast.expr]:
        """The literals that `test` compares arguments with; none where it asks anything else as well."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            parts = [self._compared(value) for value in test.values]
            return [literal for part in parts for literal in part] if all(parts) else []
        if not isinstance(test, ast.Compare) or len(test.ops) > 1:
            return []
        left, right = test.left, test.comparators[0]
        if isinstance(test.ops[0], ast.Eq):
            if self._is_given(right):
                left, right = right, left
            return _parts(left, right) if self._is_given(left) and _literal(right) is not None else []
        if isinstance(test.ops[0], ast.In) and self._is_given(left) and isinstance(right, ast.Tuple | ast.List):
            return right.elts if _literal(right) is not None else []
        return []

    def _is_given(self, node: ast.expr) -> bool:
        """An argument, several in a tuple, or one as a text or a collection."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WRAPPERS:
            return len(node.args) == 1 and not node.keywords and self._is_given(node.args[0])
        if isinstance(node, ast.Tuple):
            return bool(node.elts) and all(self._is_given(e) for e in node.elts)
        return isinstance(node, ast.Name) and node.id in self._given


def _parts(given: ast.expr, literal: ast.expr) -> list[ast.expr]:
    """`literal` as the tests would write it: `(a, b) == (3, 4)` is two, and a text that stands for a value is it."""
    if isinstance(given, ast.Tuple) and isinstance(literal, ast.Tuple):
        return literal.elts
    wrapped = isinstance(given, ast.Call) and isinstance(given.func, ast.Name) and given.func.id in ("str", "repr")
    if wrapped and isinstance(literal, ast.Constant) and isinstance(literal.value, str):
        try:
            whole = ast.parse(literal.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return [literal]
        return [whole] if _literal(whole) is not None else [literal]
    return [literal]


def _literal(node: ast.expr) -> str | None:
    """How Python writes the value of a literal; None for anything else."""
    try:
        return repr(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _answer(given: ast.expr, answer: ast.expr) -> Answer:
    value, back = ast.literal_eval(given), ast.literal_eval(answer)
    whole = isinstance(value, list | tuple | dict | set) and bool(value)
    plain = back is not None and not isinstance(back, bool)
    return Answer(repr(value), repr(back), plain and (whole or (is_telling(value) and is_telling(back))), whole)


def is_telling(value: object) -> bool:
    """Whether a value is no edge: nothing, one, two, a flag."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return abs(value) > _SMALL
    return isinstance(value, str | bytes | list | tuple | dict | set) and len(value) >= _SMALL


def literals(node: ast.AST) -> frozenset[str]:
    """Every literal in a test, collections whole and each of their parts."""
    found = (_literal(n) for n in ast.walk(node) if isinstance(n, ast.expr))
    return frozenset(text for text in found if text is not None)
