"""Names that a rename surely left behind: read where nothing binds them any more, imported from where they are not.

Only what fails whenever it is reached counts; whose attribute or keyword a name is stays undecided.
"""

from __future__ import annotations

import ast
import builtins
import posixpath
from collections.abc import Iterator

from routecli.domain.task import RepoPath
from routecli.verification import python_tree
from routecli.verification.contracts.change import Change

_OUT_OF_REACH = frozenset({"globals", "exec"})
"""Who says one of these may bind names that no tree shows."""


def left_behind(change: Change, old: str, new: str) -> str:
    """One line on a name that nothing binds after the patch; empty where none is known to be."""
    after = {e.path: e.after for e in change.python() if e.after is not None}
    for edit in change.python():
        one, other = python_tree.parsed(edit.before or b""), python_tree.parsed(edit.after or b"")
        if one is None or other is None:
            continue
        for name in (old, new):
            if _dangles(other, name) and not _dangles(one, name):
                return f"{edit.path} says {name}, and nothing there binds it any more"
    for path, text in (*after.items(), *((p, t.encode()) for p, t in change.elsewhere(old))):
        parsed = python_tree.parsed(text)
        for module, name in _imports(parsed, path, (old, new)) if parsed is not None else ():
            place = next((p for p in module if p in after or p in change.paths), "")
            if place and _has_not(change, after, place, name) and (name == new or _had(change, place, name)):
                return f"{path} imports {name} from {place}, which has none"
    return ""


def _dangles(module: ast.Module, name: str) -> bool:
    """Whether `name` is read in a file that binds it nowhere, by no star import and no other way."""
    if hasattr(builtins, name):
        return False
    read = any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(module))
    return read and not _binds(module, name)


def _binds(module: ast.Module, name: str) -> bool:
    """Whether a file may bind `name`, at whatever level."""
    return any(_bound_by(node, name) for node in ast.walk(module))


def _bound_by(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=held, ctx=context):
            return held in _OUT_OF_REACH or (held == name and not isinstance(context, ast.Load))
        case ast.FunctionDef(name=held) | ast.AsyncFunctionDef(name=held) | ast.ClassDef(name=held):
            return held == name
        case ast.arg(arg=held) | ast.ExceptHandler(name=held) | ast.MatchAs(name=held) | ast.MatchStar(name=held):
            return held == name
        case ast.MatchMapping(rest=held):
            return held == name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return any(a.name == "*" or (a.asname or a.name.partition(".")[0]) == name for a in names)
        case ast.Global(names=held) | ast.Nonlocal(names=held):
            return name in held
    return False


Places = tuple[RepoPath, ...]
"""Where a module may lie, the likeliest first."""


def _imports(module: ast.Module, path: RepoPath, names: tuple[str, ...]) -> Iterator[tuple[Places, str]]:
    """`from x import name` outside any `try`, with the files that x may be."""
    guarded = {id(n) for t in ast.walk(module) if isinstance(t, ast.Try) for n in ast.walk(t)}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and id(node) not in guarded:
            for alias in node.names:
                if alias.name in names:
                    yield _places(node, path), alias.name


def _places(node: ast.ImportFrom, path: RepoPath) -> Places:
    inner = (node.module or "").replace(".", "/")
    if node.level:
        start = posixpath.dirname(path)
        for _ in range(node.level - 1):
            start = posixpath.dirname(start)
        roots = [start]
    else:
        roots = ["", "src"]
    bases = [posixpath.join(root, inner).strip("/") for root in roots]
    return tuple(f"{b}{end}" for b in bases if b for end in (".py", "/__init__.py"))


def _had(change: Change, place: RepoPath, name: str) -> bool:
    parsed = python_tree.parsed(change.read(place) or b"")
    return parsed is not None and _binds(parsed, name)


def _has_not(change: Change, after: dict[RepoPath, bytes], place: RepoPath, name: str) -> bool:
    """Whether a module of the repository binds no such name, and is no folder that may hold one."""
    inside = posixpath.dirname(place) if place.endswith("/__init__.py") else place.removesuffix(".py")
    if any(p.startswith((f"{inside}/{name}.", f"{inside}/{name}/")) for p in (*change.paths, *after)):
        return False
    source = after[place] if place in after else change.read(place)
    parsed = python_tree.parsed(source) if source is not None else None
    if parsed is None or any(isinstance(n, ast.FunctionDef) and n.name == "__getattr__" for n in parsed.body):
        return False  # a module may make its names when they are asked for
    return not _binds(parsed, name)
