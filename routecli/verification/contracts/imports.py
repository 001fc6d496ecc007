"""Import order: the same imports, and all else as it was; what is dropped was used nowhere in its file."""

from __future__ import annotations

import ast

from routecli.domain.patch import FileEdit
from routecli.verification import python_tree
from routecli.verification.contracts.change import Answer, Change

Bound = tuple[str, str, str, int]
"""What an import binds: module, name in it, bound name, dots."""


def holds(change: Change) -> Answer:
    """True where only the order of imports changed, or imports went that nothing used."""
    dropped = 0
    for edit in change.patch.edits:
        found = _ordered(edit)
        if found is None:
            return None, ""
        if found < 0:
            return False, f"the order of imports may change, and {edit.path} changes more"
        dropped += found
    if dropped:
        return None, f"{dropped} imports went: importing them may have had an effect"
    return True, "the same imports in another order, all else as it was"


def _ordered(edit: FileEdit) -> int | None:
    """How many imports went; -1 where more changed; None where it cannot be decided."""
    if edit.before is None or edit.after is None or not edit.path.endswith((".py", ".pyi")):
        return None
    before, after = python_tree.parsed(edit.before), python_tree.parsed(edit.after)
    if before is None:
        return None
    if after is None:
        return -1
    (one, had), (other, has) = _outline(before), _outline(after)
    if one != other or len(had) != len(has) or not all(b <= a for a, b in zip(had, has, strict=True)):
        return -1
    gone = [bound for a, b in zip(had, has, strict=True) for bound in a - b]
    used = {n.id for n in ast.walk(after) if isinstance(n, ast.Name)}
    if any(bound[2] in used for bound in gone):
        return -1
    return len(gone)


def _outline(module: ast.Module) -> tuple[str, list[set[Bound]]]:
    """The tree with a mark for each run of imports, and what each run binds: an import that crosses other code is
    another program."""
    runs: list[set[Bound]] = []
    outline = _Marked(runs).visit(ast.parse(ast.unparse(module)))
    return ast.dump(outline), runs


class _Marked(ast.NodeTransformer):
    def __init__(self, runs: list[set[Bound]]) -> None:
        self._runs = runs

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Statement lists in order, each run of imports as one mark."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, self._marked(value))
        return super().generic_visit(node)

    def _marked(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        marked: list[ast.stmt] = []
        in_run = False
        for statement in statements:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                if not in_run:
                    self._runs.append(set())
                    marked.append(ast.Pass())
                self._runs[-1] |= _bound(statement)
                in_run = True
            else:
                marked.append(statement)
                in_run = False
        return marked


def _bound(node: ast.Import | ast.ImportFrom) -> set[Bound]:
    if isinstance(node, ast.Import):
        return {("", a.name, a.asname or a.name.partition(".")[0], 0) for a in node.names}
    return {(node.module or "", a.name, a.asname or a.name, node.level) for a in node.names}
