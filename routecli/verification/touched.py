"""The functions that a patch changes, and what a test speaks of."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.integrity import is_test_module
from routecli.verification.python_tree import parsed

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Touched:
    """A function as it is with the patch, `before` None where it is new. `name` is qualified by its classes."""

    path: RepoPath
    name: str
    before: Function | None
    after: Function


def touched(patch: Patch) -> tuple[Touched, ...]:
    """Functions and methods of Python files, tests aside, whose syntax tree the patch changes; those within another
    function count as a part of it."""
    edits = [e for e in patch.edits if e.path.endswith(".py") and not is_test_module(e.path)]
    return tuple(found for edit in edits for found in _in_file(edit))


def _in_file(edit: FileEdit) -> Iterator[Touched]:
    if edit.after is None:
        return
    was = dict(functions(edit.before or b""))
    for name, node in functions(edit.after):
        before = was.get(name)
        if before is None or ast.dump(before) != ast.dump(node):
            yield Touched(edit.path, name, before, node)


def changes_more(patch: Patch) -> bool:
    """Whether it changes anything but functions of Python files, tests aside: constants, classes' attributes, imports
    of other files, files of another kind. True where it cannot be read."""
    return any(
        edit.before is None or edit.after is None or not edit.path.endswith(".py")
        or _frame(edit.before) is None or _frame(edit.before) != _frame(edit.after)
        for edit in patch.edits if not is_test_module(edit.path)
    )  # fmt: skip


def _frame(source: bytes) -> str | None:
    """A module's syntax tree without functions and imports; None where it cannot be read."""
    module = parsed(source)
    return ast.dump(_Emptied().visit(module)) if module is not None else None


class _Emptied(ast.NodeTransformer):
    """Leaves out functions, and imports: what they bring is used by something else that changes."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Left out."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Left out."""

    def visit_Import(self, node: ast.Import) -> None:
        """Left out."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Left out."""


def functions(source: bytes) -> list[tuple[str, Function]]:
    """Every function of a module and method of its classes, by qualified name; none where it cannot be read."""
    module = parsed(source)
    return list(_functions(module.body, "")) if module is not None else []


def _functions(body: list[ast.stmt], within: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield f"{within}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{within}{node.name}.")
        elif isinstance(node, ast.If | ast.Try):
            yield from _functions([*node.body, *node.orelse], within)


def spoken_by(test_id: str, source: bytes) -> frozenset[str]:
    """The names and attributes in the test that `test_id` names in its file; in the whole file where it is not found
    there. What the test defines itself is its own, and no word of the code. Empty where the file cannot be read."""
    own = test_id.rpartition("::")[2].partition("[")[0].rpartition(".")[2]
    found = [node for name, node in functions(source) if name.rpartition(".")[2] == own]
    module = None if found else parsed(source)
    nodes: list[ast.AST] = list(found) or ([module] if module is not None else [])
    every = [n for node in nodes for n in ast.walk(node)]
    said = {n.id for n in every if isinstance(n, ast.Name)} - _own_names(every)
    return frozenset(said | {n.attr for n in every if isinstance(n, ast.Attribute)})


def _own_names(nodes: list[ast.AST]) -> set[str]:
    """Variables, parameters and functions that are made here; imports are others' names."""
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    made = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    return stored | made
