"""Dead code: only removals, and nothing in the repository speaks of what went."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from routecli.domain.patch import FileEdit
from routecli.nouns import dataclass
from routecli.verification import python_tree
from routecli.verification.contracts.change import Answer, Change

_ENTRY_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_DYNAMIC = re.compile(r"\b(?:getattr|globals|locals|vars|__import__|import_module|eval|exec)\s*\(")


def holds(change: Change) -> Answer:
    """True where every file lost statements and nothing else, and no name that went is said anywhere."""
    lost: list[Lost] = []
    for edit in change.patch.edits:
        found = removed(edit)
        if found is None:
            return None, ""
        if not found.only:
            return False, f"dead code is removed and nothing else, and {edit.path} changes more"
        lost += found.lost
    gone = {name for one in lost for name in one.names}
    for name in sorted(gone):
        user = _user_of(name, change)
        if user:
            return False, f"{name} was removed and is still used in {user}"
    stranger = _stranger(lost, change.task.instruction)
    if stranger:
        return False, stranger
    effect = next((one for one in lost if not one.without_effect), None)
    if effect is not None:
        return None, f"{effect.shown} went, and running it may have had an effect: the tests decide"
    named = ", ".join(sorted(gone)[:5]) or "statements that cannot be reached"
    if any(_DYNAMIC.search((e.before or b"").decode("utf-8", "replace")) for e in change.patch.edits):
        return None, f"{named} went; names are looked up as text there, so the tests decide"
    return True, f"only removals ({named}), and nothing in the repository says those names"


@dataclass(frozen=True, slots=True)
class Lost:
    """A statement that went: the names it bound, those it read, and whether not running it can make no other
    difference."""

    names: tuple[str, ...]
    without_effect: bool
    shown: str
    is_import: bool = False
    reads: frozenset[str] = frozenset()


def _stranger(lost: list[Lost], instruction: str) -> str:
    """Where the task names what is dead: a statement with an effect that went beside it and has nothing to do with
    it. An import that is left over may go too, and what speaks of the dead name."""
    said = set(re.findall(r"[A-Za-z_]\w*", instruction))
    dead = {name for one in lost for name in one.names if name in said}
    if not dead:
        return ""
    also = dead | {name for one in lost if one.names and one.without_effect for name in one.names}
    for one in lost:
        if not (one.without_effect or one.is_import or also & (set(one.names) | one.reads)):
            return f"{one.shown} went too, and the task names only {', '.join(sorted(dead)[:3])}"
    return ""


@dataclass(frozen=True, slots=True)
class Removed:
    """What an edit takes away. `only`: and it does nothing else."""

    only: bool
    lost: tuple[Lost, ...] = ()


def removed(edit: FileEdit) -> Removed | None:
    """What `edit` removes; None where it cannot be decided."""
    if not edit.path.endswith((".py", ".pyi")) or edit.before is None:
        return None
    before = python_tree.parsed(edit.before)
    if before is None:
        return None
    if edit.after is None:
        return Removed(True, tuple(_lost(s, before.body, ()) for s in before.body))
    after = python_tree.parsed(edit.after)
    lost: list[Lost] = []
    return Removed(after is not None and _less(before, after, lost, ()), tuple(lost))


def _lost(statement: ast.stmt, block: list[ast.stmt], within: Within) -> Lost:
    shown = ast.unparse(statement).splitlines()[0][:60]
    unreachable = any(isinstance(s, _LEAVES) for s in block[: block.index(statement)])
    reads = frozenset(
        n.id if isinstance(n, ast.Name) else n.attr
        for n in ast.walk(statement)
        if isinstance(n, ast.Name | ast.Attribute)
    )
    inert = unreachable or _is_inert(statement, within)
    return Lost(tuple(_defined([statement])), inert, shown, isinstance(statement, ast.Import | ast.ImportFrom), reads)


def _is_inert(statement: ast.stmt, within: Within) -> bool:
    """Whether running it only binds names. A decorator may register, a base class may count its children, a method may
    stand for one of a base, and a special method is called by no name."""
    owner = within[-1] if within else None
    if isinstance(owner, ast.ClassDef) and (owner.bases or owner.keywords or owner.decorator_list):
        return False
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            plain = not statement.decorator_list and not re.fullmatch(r"__\w+__", statement.name)
            return plain and all(_is_constant(d) for d in (*statement.args.defaults, *statement.args.kw_defaults) if d)
        case ast.ClassDef():
            bare = not (statement.decorator_list or statement.bases or statement.keywords)
            return bare and all(_is_inert(s, ()) or isinstance(s, ast.FunctionDef) for s in statement.body)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _is_constant(value)
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case ast.If(test=ast.Constant(value=held), orelse=[]):
            return not held
    return False


def _is_constant(value: ast.expr) -> bool:
    kinds = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Load, ast.UnaryOp, ast.unaryop)
    return all(isinstance(n, kinds) for n in ast.walk(value))


Within = tuple[ast.AST, ...]
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def _less(before: ast.AST, after: ast.AST, lost: list[Lost], within: Within) -> bool:
    """Whether `after` is `before` without some statements, which are added to `lost`."""
    if type(before) is not type(after):
        return False
    for name, one in ast.iter_fields(before):
        other = getattr(after, name, None)
        if isinstance(one, list) and one and isinstance(one[0], ast.stmt):
            if not isinstance(other, list) or not _subsequence(one, other, lost, (*within, before)):
                return False
        elif name == "names" and isinstance(before, ast.Import | ast.ImportFrom):
            if not _fewer_names(one, other, lost):
                return False
        elif _dumped(one) != _dumped(other):
            return False
    return True


def _subsequence(before: list[ast.stmt], after: list[ast.stmt], lost: list[Lost], within: Within) -> bool:
    if len(after) == 1 and isinstance(after[0], ast.Pass) and not any(isinstance(s, ast.Pass) for s in before):
        lost.extend(_lost(s, before, within) for s in before)
        return True
    place = 0
    for statement in before:
        inner: list[Lost] = []
        if place < len(after) and _less(statement, after[place], inner, within):
            lost.extend(inner)
            place += 1
        else:
            lost.append(_lost(statement, before, within))
    return place == len(after)


def _fewer_names(before: object, after: object, lost: list[Lost]) -> bool:
    """`from x import a, b` that lost one of its names."""
    if not isinstance(before, list) or not isinstance(after, list):
        return False
    had = {_dumped(a): a for a in before}
    if any(_dumped(a) not in had for a in after):
        return False
    kept = {_dumped(a) for a in after}
    gone = [a for d, a in had.items() if d not in kept and isinstance(a, ast.alias)]
    lost.extend(
        Lost((a.asname or a.name.partition(".")[0],), False, f"import of {a.name}", is_import=True) for a in gone
    )
    return True


def _dumped(value: object) -> str:
    if isinstance(value, list):
        return "[" + ",".join(_dumped(v) for v in value) + "]"
    return ast.dump(value) if isinstance(value, ast.AST) else repr(value)


def _defined(statements: list[ast.stmt]) -> Iterator[str]:
    """The names that statements bind, a class's members with it."""
    for statement in statements:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name, body=body):
                yield name
                yield from (n for n in _defined(body) if not n.startswith("__"))
            case ast.Assign(targets=targets):
                yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (a.asname or a.name.partition(".")[0] for a in names)


def _user_of(name: str, change: Change) -> str:
    """A file that says `name`: code, a text in code (`__all__`, a look-up by name), or an entry point."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for edit in change.python():
        if edit.after is not None and _says(edit.after.decode("utf-8", "replace"), name, word):
            return edit.path
    for path, text in change.elsewhere(name):
        if _says(text, name, word):
            return path
    entries = ((p, (change.read(p) or b"").decode("utf-8", "replace")) for p in _ENTRY_FILES)
    return next((p for p, text in entries if re.search(rf":\s*{re.escape(name)}\b", text)), "")


def _says(text: str, name: str, word: re.Pattern[str]) -> bool:
    """Whether the code of `text` does: a docstring or a comment that does is no use."""
    if not word.search(text):
        return False
    parsed = python_tree.parsed(text.encode("utf-8", "replace"))
    if parsed is None:
        return True
    docs = {id(n.body[0].value) for n in ast.walk(parsed) if _has_docstring(n)}  # type: ignore[attr-defined]
    for node in ast.walk(parsed):
        for field, value in ast.iter_fields(node):
            if field in ("id", "attr", "name", "arg", "asname") and isinstance(value, str):
                if name in value.split("."):
                    return True
            elif isinstance(node, ast.Constant) and isinstance(value, str) and id(node) not in docs:
                said = value == name or value.endswith((f".{name}", f":{name}"))
                if said:
                    return True
    return False


def _has_docstring(node: ast.AST) -> bool:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, holders) and ast.get_docstring(node, clean=False) is not None
