"""A rename: every file is what it was but for the one name, and nothing in the repository says the old one any more."""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Iterator

from routecli.domain.patch import FileEdit
from routecli.verification import python_tree
from routecli.verification.contracts import renamed, syntax
from routecli.verification.contracts.change import Answer, Change
from routecli.verification.contracts.left_behind import left_behind

_ASKED = re.compile(r"[`'\"]?([A-Za-z_][\w.]*)[`'\"]?(?:\(\))?\s+(?:to|as|into|→|->)\s+[`'\"]?([A-Za-z_][\w.]*)")
_NAME_FIELDS = {
    ast.Name: ("id",), ast.Attribute: ("attr",), ast.FunctionDef: ("name",), ast.AsyncFunctionDef: ("name",),
    ast.ClassDef: ("name",), ast.arg: ("arg",), ast.keyword: ("arg",), ast.alias: ("name", "asname"),
    ast.ImportFrom: ("module",), ast.Global: ("names",), ast.Nonlocal: ("names",), ast.ExceptHandler: ("name",),
    ast.MatchAs: ("name",), ast.MatchStar: ("name",), ast.MatchMapping: ("rest",), ast.MatchClass: ("kwd_attrs",),
}  # fmt: skip
"""Where a syntax tree holds identifiers."""


def asked(instruction: str) -> tuple[str, str] | None:
    """The old and the new name that a task speaks of, without what stands before their last dot; None where it names
    none, or more than one pair."""
    found = {(old.rpartition(".")[2], new.rpartition(".")[2]) for old, new in _ASKED.findall(instruction)}
    pairs = [(o, n) for o, n in found if o != n and not keyword.iskeyword(o) and not keyword.iskeyword(n)]
    return pairs[0] if len(pairs) == 1 else None


def holds(change: Change) -> Answer:
    """True where only the one name changed, everywhere, and the new one was nowhere in those files before; False where
    a use was left that nothing binds any more."""
    pair = asked(change.task.instruction)
    if pair is None or not all(_is_python(e) or syntax.language_of(e.path) for e in change.patch.edits):
        return None, ""
    old, new = pair
    undecided: Answer | None = None
    for edit in change.patch.edits:
        answer = _renamed(edit, old, new) if _is_python(edit) else renamed.renamed(edit, old, new)
        if answer is not None and answer[0] is False:
            return answer
        undecided = undecided or answer
    behind = left_behind(change, old, new)
    if behind:
        return False, behind
    if undecided is not None:
        return undecided
    left = _left(change, old)
    if left:
        return None, f"{left} still says {old}"
    said = _still_said(change, old)
    also = f"; {said} still say{'s' if said.startswith('a ') else ''} {old}" if said else ""
    return True, f"every file is what it was but for {old}, now {new}{also}"


def _is_python(edit: FileEdit) -> bool:
    return edit.path.endswith((".py", ".pyi"))


def _left(change: Change, old: str) -> str:
    """A file whose code says the old name still; empty where there is none."""
    if any(_is_python(e) for e in change.patch.edits):
        left = next((path for path, text in change.elsewhere(old) if old in set(identifiers(text))), "")
        if left:
            return left
    if all(_is_python(e) for e in change.patch.edits):
        return ""
    word = re.compile(rf"\b{re.escape(old)}\b")
    return next((p for p, text in change.elsewhere(old, renamed.MAY_SAY_IT) if word.search(text)), "")


def _renamed(edit: FileEdit, old: str, new: str) -> Answer | None:
    """None where `edit` is nothing but the rename, whole."""
    if edit.before is None or edit.after is None:
        return None, ""
    before, after = python_tree.parsed(edit.before), python_tree.parsed(edit.after)
    if before is None:
        return None, ""
    if after is None:
        return False, f"{edit.path} can no longer be read as Python"
    if not _same_but_for(before, after, old, new):
        return False, f"a rename changes one name, and {edit.path} changes more than {old}"
    if old in _public(after):
        return False, f"__all__ of {edit.path} still names {old}"
    unsure = _unsure(before, after, old)
    if unsure:
        return None, f"{edit.path}: {unsure}"
    if new in set(identifiers(edit.before.decode("utf-8", "replace"))):
        return None, f"{edit.path} knew a {new} before: two things may have become one"
    if old in set(identifiers(edit.after.decode("utf-8", "replace"))):
        return None, f"{edit.path} still says {old}: another of that name, or one forgotten"
    return None if edit.before != edit.after else (None, "")


def _public(module: ast.Module) -> set[str]:
    """The names in `__all__`."""
    for node in module.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return {c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    return set()


def _unsure(before: ast.Module, after: ast.Module, old: str) -> str:
    """What a syntax tree cannot tell: whose attribute it is, whose parameter, whose module. One line, or empty."""
    for one, other in zip(ast.walk(before), ast.walk(after), strict=True):
        if ast.dump(one) == ast.dump(other):
            continue
        if (
            isinstance(one, ast.Attribute)
            and one.attr == old
            and isinstance(other, ast.Attribute)
            and other.attr != old
        ):
            if not (isinstance(one.value, ast.Name) and one.value.id in ("self", "cls")):
                return f"an attribute {old} is renamed, and whose it is only running tells"
        elif isinstance(one, ast.keyword) and isinstance(other, ast.keyword) and one.arg == old != other.arg:
            return f"a keyword {old} is renamed, and whose it is only running tells"
        elif isinstance(one, ast.ImportFrom) and one.module == getattr(other, "module", None) and one.level == 0:
            return f"{old} is imported by its name: that the other side has the new one, the tests tell"
        elif isinstance(one, ast.Import):
            return f"a module called {old} is imported"
    return ""


def identifiers(text: str) -> Iterator[str]:
    """Every identifier of a Python text, keywords among them; what cannot be read ends it."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME:
                yield token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def _same_but_for(before: ast.AST, after: ast.AST, old: str, new: str) -> bool:
    """Whether the trees are equal where each identifier `old` may have become `new`, and texts may say so too."""
    if type(before) is not type(after):
        return False
    names = _NAME_FIELDS.get(type(before), ())
    for name, one in ast.iter_fields(before):
        other = getattr(after, name, None)
        if name in names:
            if not _same_name(one, other, old, new):
                return False
        elif not _same_field(before, one, other, old, new):
            return False
    return True


def _same_field(node: ast.AST, one: object, other: object, old: str, new: str) -> bool:
    if isinstance(one, ast.AST):
        return isinstance(other, ast.AST) and _same_but_for(one, other, old, new)
    if isinstance(one, list):
        if not isinstance(other, list) or len(one) != len(other):
            return False
        return all(_same_field(node, a, b, old, new) for a, b in zip(one, other, strict=True))
    if isinstance(node, ast.Constant) and isinstance(one, str) and isinstance(other, str):
        return one == other or re.sub(rf"\b{re.escape(old)}\b", new, one) == other
    return one == other and type(one) is type(other)


def _same_name(one: object, other: object, old: str, new: str) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same_name(a, b, old, new) for a, b in zip(one, other, strict=True))
    if isinstance(one, str) and isinstance(other, str):
        return one == other or [new if p == old else p for p in one.split(".")] == other.split(".")
    return one is None and other is None


def _still_said(change: Change, old: str) -> str:
    """Where a text, not code, still says the old name: the receipt tells, it may be meant."""
    after = {e.path: (e.after or b"").decode("utf-8", "replace") for e in change.python()}
    said = [path for path, text in after.items() if re.search(rf"\b{re.escape(old)}\b", text)]
    said += [path for path, text in change.elsewhere(old) if re.search(rf"\b{re.escape(old)}\b", text)]
    if not said:
        return ""
    return f"a text in {said[0]}" if len(said) == 1 else f"texts in {len(said)} files"
