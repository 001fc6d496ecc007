"""Functions of JavaScript and TypeScript broken on purpose, as breaking.py does it for Python; by ast-grep (the extra
`map`), without which nothing is broken."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.verification.breaking import EMPTY, MOST_LOOKED_AT, TURN, Broken
from routecli.verification.contracts.syntax import MOST_BYTES, language_of, shape
from routecli.verification.ecosystems.javascript_lines import code_lines
from routecli.verification.integrity import is_test_module

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_IMPORTED = re.compile(r"""['"](\.{1,2}/[^'"\n]*)['"]""")
_ENDINGS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", "/index.ts", "/index.tsx", "/index.js")
_TURNED = {
    "+": "-", "-": "+", "*": "+", "/": "*", "%": "*", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "===": "!==",
    "!==": "===", "==": "!=", "!=": "==", "&&": "||", "||": "&&", "??": "&&",
}  # fmt: skip
_FUNCTIONS = ("function_declaration", "generator_function_declaration", "method_definition", "variable_declarator",
              "assignment_expression", "pair")  # fmt: skip
_VALUES = frozenset({"arrow_function", "function_expression", "function", "generator_function"})


def imported_scripts(
    tests: Sequence[tuple[RepoPath, str]], read: Callable[[RepoPath], bytes | None]
) -> tuple[RepoPath, ...]:
    """The repository's files that the tests, as `(path, text)`, import by a relative path, in order."""
    found: dict[RepoPath, None] = {}
    for path, text in tests:
        for match in _IMPORTED.finditer(text):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
            bare = re.sub(r"\.[cm]?js$", "", place)  # TypeScript says .js and means .ts
            whole = (f"{start}{ending}" for start in dict.fromkeys((place, bare)) for ending in _ENDINGS)
            known = next((w for w in whole if language_of(w) and read(w) is not None), None)
            if known is not None and not is_test_module(known):
                found[known] = None
    return tuple(found)


def broken_scripts(
    tests: Sequence[tuple[RepoPath, str]], code: Collection[RepoPath], read: Callable[[RepoPath], bytes | None]
) -> tuple[Broken, ...]:
    """The functions in the files `code` that the `tests` speak of, each broken. Of at most MOST_LOOKED_AT functions."""
    shapes = (shape(path, text.encode()) for path, text in tests)
    spoken = frozenset(leaf.text for one in shapes if one is not None for leaf in one.identifiers())
    found: list[Broken] = []
    functions = 0
    for path in code:
        raw = read(path)
        if raw is None or len(raw) > MOST_BYTES or not language_of(path):
            continue
        for name, lines, ways in _ways(language_of(path), raw, spoken):
            functions += 1
            if functions > MOST_LOOKED_AT:
                return tuple(found)
            found += [
                Broken(path, name, how, how == EMPTY, FileEdit(path, raw, text.encode()), lines) for how, text in ways
            ]
    return tuple(found)


def _ways(
    language: str, raw: bytes, spoken: Collection[str]
) -> Iterator[tuple[str, tuple[int, ...], list[tuple[str, str]]]]:
    from ast_grep_py import SgRoot

    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    code = code_lines(text.splitlines())
    for kind in _FUNCTIONS:
        for node in SgRoot(text, language).root().find_all(kind=kind):
            name, body = _name(node), _body(node)
            if body is None or name not in spoken or _is_trivial(body):
                continue
            ways = [(EMPTY, _with(text, body, "{}" if body.kind() == "statement_block" else "(undefined)"))]
            operator = _operator(body)
            if operator is not None:
                ways.append((TURN, _with(text, operator, _TURNED[operator.text()])))
            inside = range(body.range().start.line + 1, body.range().end.line + 2)
            yield name, tuple(sorted(code & set(inside))), ways


def _name(node: SgNode) -> str:
    """What a function is called by: its own name, the variable's, the last part of what it is assigned to."""
    named = node.field("name") or node.field("left") or node.field("key")
    return named.text().rpartition(".")[2] if named is not None else ""


def _body(node: SgNode) -> SgNode | None:
    """The body of the function that `node` is or holds; None where it is none."""
    value = node.field("value") or node.field("right")
    owner = value if value is not None and value.kind() in _VALUES else node
    return owner.field("body") if owner.kind() in _VALUES or owner.kind() in _FUNCTIONS[:3] else None


def _is_trivial(body: SgNode) -> bool:
    """Nothing that could be broken: an empty body, one that only throws."""
    if body.kind() != "statement_block":
        return body.text() in ("undefined", "null", "{}", "(undefined)")
    inner = [c for c in body.children() if c.kind() not in ("{", "}", "comment")]
    return not inner or (len(inner) == 1 and inner[0].kind() in ("throw_statement", "empty_statement"))


def _operator(body: SgNode) -> SgNode | None:
    """The first operator in `body` that can be turned round."""
    nodes = [body] if body.kind() == "binary_expression" else body.find_all(kind="binary_expression")
    operators = (one.field("operator") for one in nodes)
    return next((o for o in operators if o is not None and o.text() in _TURNED), None)


def _with(text: str, node: SgNode, replacement: str) -> str:
    span = node.range()
    return text[: span.start.index] + replacement + text[span.end.index :]
