"""Mutants of Python source: one small change of the syntax tree each, by real operators."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator

_COMPARE = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
            ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}  # fmt: skip
_BINARY = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
           ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}  # fmt: skip


def mutants(source: str) -> Iterator[str]:
    """Every mutant of `source`, each another program by its syntax tree."""
    tree = ast.parse(source)
    plain = ast.dump(tree)
    for place, node in enumerate(ast.walk(tree)):
        for changed in _changed(node):
            made = copy.deepcopy(tree)
            _put(made, place, changed)
            ast.fix_missing_locations(made)
            if ast.dump(made) != plain:
                yield ast.unparse(made)


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    def with_(**fields: object) -> ast.AST:
        made = copy.deepcopy(node)
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    match node:
        case ast.Compare(ops=[op, *rest]) if type(op) in _COMPARE:
            yield with_(ops=[_COMPARE[type(op)](), *rest])
        case ast.BinOp(op=op) if type(op) in _BINARY:
            yield with_(op=_BINARY[type(op)]())
        case ast.BoolOp(op=op):
            yield with_(op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.Constant(value=bool() as value):
            yield with_(value=not value)
        case ast.Constant(value=int() as value):
            yield with_(value=value + 1)
        case ast.Return(value=ast.expr()):
            yield with_(value=None)
        case ast.If(body=body):
            yield with_(test=ast.Constant(False), body=body)
        case ast.Call(args=[first, second, *rest]):
            yield with_(args=[second, first, *rest])
        case ast.Name(id=name, ctx=ast.Load()):
            yield with_(id=f"{name}_other")
        case ast.arguments(defaults=[_, *rest]):
            yield with_(defaults=rest)
        case ast.FunctionDef(body=[*body]) if len(body) > 1:
            yield with_(body=body[:-1])


def _put(tree: ast.AST, place: int, node: ast.AST) -> None:
    target = list(ast.walk(tree))[place]
    target.__class__ = node.__class__
    target.__dict__.clear()
    target.__dict__.update(node.__dict__)


_TOKEN = re.compile(
    r"""\d+|"[^"\n]*"|'[^'\n]*'|`[^`]*`|[A-Za-z_$][\w$]*"""
    r"""|===|!==|==|!=|<=|>=|&&|\|\||\+\+|--|=>|[-+*/%<>!]"""
)
_INSTEAD = {
    "===": "!==", "!==": "===", "==": "!=", "!=": "==", "<=": "<", ">=": ">", "&&": "||", "||": "&&", "+": "-",
    "-": "+", "*": "/", "/": "*", "%": "*", "<": ">", ">": "<", "true": "false", "false": "true", "++": "--",
    "--": "++", "!": "",
}  # fmt: skip
_KEPT = frozenset({
    "package", "import", "func", "function", "return", "if", "else", "for", "const", "let", "var", "fn", "match",
    "class", "public", "private", "static", "int", "new", "impl", "pub", "mut", "type", "struct", "export", "default",
    "from", "use", "i64", "self", "interface", "void", "final",
})  # fmt: skip


def token_mutants(text: str, comment: str = r"//[^\n]*|/\*.*?\*/") -> Iterator[str]:
    """Every mutant of a text in a language of curly braces, one token each, comments left alone; then each line of its
    own that ends in a semicolon taken away."""
    for match in re.finditer(rf"(?P<comment>{comment})|{_TOKEN.pattern}", text, re.DOTALL):
        if match["comment"]:
            continue
        token = match[0]
        if token in _INSTEAD:
            made = _INSTEAD[token]
        elif token.isdigit():
            made = str(int(token) + 1)
        elif token[0] in "\"'`":
            made = f"{token[:-1]}x{token[-1]}"
        elif token.isidentifier() and token not in _KEPT:
            made = f"{token}2"
        else:
            continue
        yield text[: match.start()] + made + text[match.end() :]
    for line in re.findall(r"^[ \t]+[^\n/]*;\n", text, re.MULTILINE):
        yield text.replace(line, "", 1)
