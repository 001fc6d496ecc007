"""Both sides of an edit made comparable: by Python's own syntax trees, by ast-grep's for other languages."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable

from routecli.domain.patch import FileEdit
from routecli.verification.contracts import comments, syntax
from routecli.verification.python_tree import parsed

_HOLDERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def same_but_for_layout(edit: FileEdit) -> tuple[bool | None, str]:
    """Whether only the layout changed: the code is the same, docstrings say the same, comments lost no word and gained
    none. None: it cannot be decided. False says in what."""
    if not edit.path.endswith((".py", ".pyi")):
        return _same_elsewhere(edit, comments_too=True)
    same, why = _same(edit, tidy, "formatting must not change the code, and {} has another syntax tree")
    if not same or edit.before is None or edit.after is None:
        return same, why
    before, after = comments.of_python(edit.before), comments.of_python(edit.after)
    if before is None or after is None:
        return None, ""
    if not comments.same_words(before, after):
        return False, f"formatting must not change what comments say, and {edit.path} does"
    return True, ""


def same_but_for_prose(edit: FileEdit) -> tuple[bool | None, str]:
    """Whether only docstrings and comments to people changed. None: it cannot be decided. False says in what."""
    if not edit.path.endswith((".py", ".pyi")):
        return _same_elsewhere(edit, comments_too=False)
    return _same(edit, None, "only docstrings and comments may change, and the code of {} does")


def _same(edit: FileEdit, change: Callable[[str], str] | None, words: str) -> tuple[bool | None, str]:
    if edit.before is None or edit.after is None:
        return None, ""
    before, after = parsed(edit.before), parsed(edit.after)
    if before is None:
        return None, ""
    if after is None or _dump(before, change) != _dump(after, change):
        return False, words.format(edit.path)
    steering = comments.python_to_tools(edit.before), comments.python_to_tools(edit.after)
    if None in steering:
        return None, ""
    return (True, "") if steering[0] == steering[1] else (False, _steers(edit))


def _steers(edit: FileEdit) -> str:
    return f"a comment of {edit.path} that speaks to a tool changed"


def _unreadable(edit: FileEdit) -> str:
    return f"{edit.path} can no longer be read as {syntax.language_of(edit.path)}"


def _same_elsewhere(edit: FileEdit, *, comments_too: bool) -> tuple[bool | None, str]:
    if edit.before is None or edit.after is None:
        return None, ""
    before, after = syntax.shape(edit.path, edit.before), syntax.shape(edit.path, edit.after)
    if before is None or after is None or not before.whole:
        return None, ""
    if not after.whole:
        known = before.loose() == after.loose()
        return (None, "") if known else (False, _unreadable(edit))
    if before.steering != after.steering:
        return False, _steers(edit)
    if comments_too and not comments.same_words(before.comments, after.comments):
        return False, f"formatting must not change what comments say, and {edit.path} does"
    if before.exact == after.exact:
        return True, ""
    if comments_too and before.loose() == after.loose():
        return None, f"{edit.path}: brackets, commas or imports changed as a formatter may change them"
    return False, f"the code of {edit.path} changes"


def _dump(module: ast.Module, change: Callable[[str], str] | None) -> str:
    """The tree as text with `change` applied to each docstring; None removes them, and what only fills a body."""
    for node in ast.walk(module):
        if isinstance(node, _HOLDERS) and ast.get_docstring(node, clean=False) is not None:
            statement = node.body[0]
            assert isinstance(statement, ast.Expr)
            assert isinstance(statement.value, ast.Constant)
            if change is None:
                del node.body[0]
            else:
                statement.value.value = change(str(statement.value.value))
        if isinstance(node, _HOLDERS) and change is None:
            node.body = [s for s in node.body if not _fills(s)]
        if isinstance(node, ast.Constant):
            node.kind = None  # u"…"
        if isinstance(node, ast.Delete):
            node.targets = [e for t in node.targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return ast.dump(module)


def _fills(statement: ast.stmt) -> bool:
    """`pass` and `...`: a docstring may take their place."""
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or (constant and statement.value.value is ...)  # type: ignore[attr-defined]


def tidy(text: str) -> str:
    """A docstring without what a formatter may change: indentation and blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in inspect.cleandoc(text).splitlines()).strip()
