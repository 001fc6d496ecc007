"""Runs in a twin, in the sandbox, as a program of its own: `rename_symbol.py OLD NEW FILE…`.

Renames the one definition of OLD (`name` or `Class.name`) in FILEs, and its uses everywhere, by rope. Exit 0: done.
2: why not is on standard error, in one line. Nothing of routecli is imported.
"""

from __future__ import annotations

import ast
import keyword
import sys
from pathlib import Path


class Unsolved(Exception):
    """The rename cannot be done safely; the message says why."""


def main(argv: list[str]) -> int:
    """See the module."""
    old, new, *paths = argv
    try:
        path, offset = find_definition(old, new, paths)
        rename(path, offset, new)
    except Unsolved as why:
        sys.stderr.write(f"{why}\n")
        return 2
    return 0


def find_definition(old: str, new: str, paths: list[str]) -> tuple[str, int]:
    """`(file, offset in characters)` of the only definition of `old`. Raises Unsolved."""
    if not new.isidentifier() or keyword.iskeyword(new):
        raise Unsolved(f"{new} is no name")
    owner, _, name = old.rpartition(".")
    found = []
    for path in paths:
        try:
            text = Path(path).read_text("utf-8")
            tree = ast.parse(text)
        except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as fault:
            raise Unsolved(f"{path} cannot be read as Python: {fault}") from fault
        if any(isinstance(n, ast.Name) and n.id == new for n in ast.walk(tree)) or definitions(tree, "", new):
            raise Unsolved(f"{path} has a {new} already")
        found += [(path, offset_of(text, node, name)) for node in definitions(tree, owner, name)]
    if len(found) != 1:
        raise Unsolved(f"{old} is defined {len(found)} times in the task's files")
    return found[0]


def definitions(tree: ast.Module, owner: str, name: str) -> list[ast.stmt]:
    """Statements that define `name`: at any depth, or right in the class `owner`."""
    if owner:
        classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == owner]
        return [s for c in classes for s in c.body if defines(s, name)]
    return [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and defines(n, name)]


def defines(node: ast.stmt, name: str) -> bool:
    """Whether `node` itself binds `name` as a function, class, or plain variable."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(t, ast.Name) and t.id == name for t in targets)


def offset_of(text: str, node: ast.stmt, name: str) -> int:
    """Where `name` stands in the definition `node`, in characters from the start of `text`."""
    lines = text.splitlines(keepends=True)
    start = sum(len(line) for line in lines[: node.lineno - 1])
    column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
    at = start + column
    while True:
        at = text.index(name, at)
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (before.isidentifier() or after.isidentifier() or after.isdigit()):
            return at
        at += len(name)


def rename(path: str, offset: int, new: str) -> None:
    """Writes the changes of the whole project into the files of the current folder. Raises Unsolved."""
    from rope.base.exceptions import RopeError
    from rope.base.project import Project
    from rope.refactor.rename import Rename

    project = Project(".", ropefolder=None, ignored_resources=[".git", ".venv", "venv", "node_modules", "__pycache__"])
    try:
        changes = Rename(project, project.get_resource(path), offset).get_changes(new, docs=False)
        project.do(changes)
    except RopeError as fault:
        raise Unsolved(f"rope: {fault}") from fault
    finally:
        project.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
