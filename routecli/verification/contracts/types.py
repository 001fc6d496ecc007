"""Type hints: without annotations, and imports that only they need, the code is what it was."""

from __future__ import annotations

import ast
import builtins

from routecli.domain.patch import FileEdit
from routecli.verification import python_tree
from routecli.verification.contracts.change import Answer, Change

_HINTS_ONLY = frozenset({"typing", "typing_extensions", "collections.abc", "__future__", "types", "_typeshed"})
"""Importing these does nothing but bind names."""
_READS_HINTS = ("dataclass", "define", "frozen", "mutable", "attrs", "NamedTuple", "TypedDict", "BaseModel", "Protocol",
                "Enum", "validate_call", "beartype", "typechecked", "singledispatch", "get_type_hints")  # fmt: skip
"""Names whose presence says that annotations are read when the program runs."""


def holds(change: Change) -> Answer:
    """True where nothing but annotations changed, and nothing in those files reads them."""
    decided, readers = True, []
    for edit in change.patch.edits:
        if not edit.path.endswith((".py", ".pyi")) or edit.before is None or edit.after is None:
            return None, ""
        unknown = _unknown_name(edit)
        if unknown:
            return False, f"{edit.path} has no {unknown}, which an annotation names"
        same, reads = _unchanged(edit)
        if same is False:
            return False, f"type hints must not change the code, and {edit.path} does something else"
        decided = decided and same is True
        readers += [f"{reads} in {edit.path}"] if reads else []
    if not decided:
        return None, ""
    if readers:
        return None, f"annotations are read when it runs ({readers[0]}): the tests decide"
    return True, "the syntax tree without annotations is unchanged"


def _unchanged(edit: FileEdit) -> tuple[bool | None, str]:
    before, after = python_tree.parsed(edit.before or b""), python_tree.parsed(edit.after or b"")
    if before is None:
        return None, ""
    if after is None:
        return False, ""
    new_imports = [d for d in map(ast.dump, _imports(after)) if d not in set(map(ast.dump, _imports(before)))]
    stranger = any(not _only_for_hints(node) for node in _imports(after) if ast.dump(node) in new_imports)
    same = _bare(before) == _bare(after)
    reads = next((name for name in _READS_HINTS if _names(before, name) or _names(after, name)), "")
    return (None if same and stranger else same), reads


def _unknown_name(edit: FileEdit) -> str:
    """A name that an annotation uses and that nothing in the file binds: an error when it is imported, or a hint that
    says nothing."""
    module = python_tree.parsed(edit.after or b"")
    if module is None:
        return ""
    bound = set(dir(builtins))
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                bound |= {(a.asname or a.name).partition(".")[0] for a in names}
    if "*" in bound:
        return ""
    named = (n.id for a in _annotations(module) for n in ast.walk(a) if isinstance(n, ast.Name))
    return next((name for name in named if name not in bound), "")


def _annotations(module: ast.Module) -> list[ast.expr]:
    found: list[ast.expr | None] = []
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
    return [a for a in found if a is not None]


def _imports(module: ast.Module) -> list[ast.stmt]:
    return [n for n in module.body if isinstance(n, ast.Import | ast.ImportFrom)]


def _only_for_hints(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and node.module in _HINTS_ONLY
    return isinstance(node, ast.Import) and all(a.name in _HINTS_ONLY for a in node.names)


def _names(module: ast.Module, name: str) -> bool:
    return any(
        (isinstance(n, ast.Name) and n.id == name) or (isinstance(n, ast.Attribute) and n.attr == name)
        for n in ast.walk(module)
    )


class _Bare(ast.NodeTransformer):
    """Takes annotations away, and top-level imports: those are looked at apart."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = [n for n in node.body if not isinstance(n, ast.Import | ast.ImportFrom) and not _for_checkers(n)]
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation, node.type_comment = None, None
        return node

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns, node.type_comment = None, None
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        self.generic_visit(node)
        return ast.Assign([node.target], node.value)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        return ast.Assign(node.targets, node.value)


def _for_checkers(node: ast.stmt) -> bool:
    """`if TYPE_CHECKING:` with nothing but imports below it."""
    if not isinstance(node, ast.If) or node.orelse:
        return False
    test = node.test
    named = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return named == "TYPE_CHECKING" and all(isinstance(n, ast.Import | ast.ImportFrom) for n in node.body)


def _bare(module: ast.Module) -> str:
    bare = _Bare().visit(module)
    for node in ast.walk(bare):
        for name, value in ast.iter_fields(node):
            if name == "body" and value == []:
                node.body = [ast.Pass()]  # type: ignore[attr-defined]
    return ast.dump(bare)
