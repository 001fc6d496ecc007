"""New tests: a real test of the project in a file of its own, and versions of it that only look like tests."""

from __future__ import annotations

import ast
import copy
import random
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from contract_makers import Changed, Files, Made, all_lines, code_files, parses, slipped
from reproduction import shortened

from routecli.domain.task import Kind

NAME = "test_added_again.py"
_ASSERTING = re.compile(r"assert|raises|warns|check|expect|fail", re.IGNORECASE)


def new_tests(files: Files, random_: random.Random) -> Iterator[Made]:
    """Plain test functions with assertions, one of each file of tests."""
    for path in sorted(files):
        if not PurePosixPath(path).name.startswith("test_") or not path.endswith(".py") or not parses(files[path]):
            continue
        names = [f.name for f in ast.parse(files[path]).body if isinstance(f, ast.FunctionDef) and _plain(f)]
        if not names:
            continue
        name = random_.choice(names)
        texts = list(shortened(files[path], None, f"{path}::{name}"))
        place = str(PurePosixPath(path).parent / NAME)
        if not texts or place in files:
            continue
        right = ast.parse(texts[-1])
        wrong: list[tuple[str, Changed]] = [(how, {place: text.encode()}) for how, text in _hollow(right, name)]
        for other in random_.sample(code_files(files), min(1, len(code_files(files)))):
            held = files[other]
            wrong += [
                (f"code: {how}", {place: texts[-1].encode(), **change})
                for how, change in slipped(other, held, all_lines(held), 1, random_)
            ]
        yield Made(Kind.TESTS, f"write tests like {name} for what {path} tests", {place: texts[-1].encode()}, wrong)


def _plain(function: ast.FunctionDef) -> bool:
    asserts = [n for n in function.body if isinstance(n, ast.Assert)]
    calls = any(isinstance(n, ast.Call) for a in asserts for n in ast.walk(a))
    skips = any(name in ("skip", "importorskip", "xfail") for name in _called(function))
    given = bool(function.args.args or function.decorator_list)
    return function.name.startswith("test") and calls and not given and not skips


def _called(function: ast.FunctionDef) -> list[str]:
    """The names of what it calls."""
    found = [n.func for n in ast.walk(function) if isinstance(n, ast.Call)]
    return [f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in found]


def _hollow(right: ast.Module, name: str) -> Iterator[tuple[str, str]]:
    own = next(s for s in right.body if isinstance(s, ast.FunctionDef) and s.name == name)
    bare = not any(_ASSERTING.search(called) for called in _called(own))  # else it asserts without an `assert` too
    emptied = ("asserts nothing", "asserts what is always true") if bare else ()
    for how in (*emptied, "swallows its failure", "is skipped", "fails"):
        tree = copy.deepcopy(right)
        function = next(s for s in tree.body if isinstance(s, ast.FunctionDef) and s.name == name)
        if how == "asserts nothing":
            function.body = [_Without().visit(s) for s in function.body]
        elif how == "asserts what is always true":
            function.body = [_Always().visit(s) for s in function.body]
        elif how == "swallows its failure":
            silent = ast.ExceptHandler(ast.Name("BaseException", ast.Load()), None, [ast.Pass()])
            function.body = [ast.Try(function.body, [silent], [], [])]
        elif how == "is skipped":
            tree.body.insert(0, ast.parse("import pytest").body[0])
            function.decorator_list = [ast.parse("pytest.mark.skip", mode="eval").body]
        else:
            function.body.insert(0, ast.parse("assert not 'as it is'").body[0])
        yield how, ast.unparse(ast.fix_missing_locations(tree))


class _Without(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return ast.Expr(node.test)


class _Always(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return ast.Assert(ast.BoolOp(ast.Or(), [ast.Constant(True), node.test]), None)
