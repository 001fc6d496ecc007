"""A rename in another language than Python: every token is what it was but for the one name."""

from __future__ import annotations

import re

from routecli.domain.patch import FileEdit
from routecli.verification.contracts import syntax
from routecli.verification.contracts.change import Answer
from routecli.verification.contracts.syntax import Leaf, Shape

MAY_SAY_IT = (
    *syntax.LANGUAGES,
    ".html",
    ".htm",
    ".vue",
    ".svelte",
    ".astro",
    ".json",
    ".xml",
    ".kt",
    ".scala",
    ".c",
    ".h",
)
"""Files that may use a name of the code and are not changed with it."""
_PLAIN = frozenset({"identifier", "type_identifier"})
_REACHING = frozenset({".", "?.", "::", "->"})
_STARTED_BY_NAME = frozenset({"main", "init", "constructor", "default"})


def renamed(edit: FileEdit, old: str, new: str) -> Answer | None:
    """None where `edit` is nothing but the rename, whole."""
    if edit.before is None or edit.after is None:
        return None, ""
    before, after = syntax.shape(edit.path, edit.before), syntax.shape(edit.path, edit.after)
    if before is None or after is None or not before.whole:
        return None, ""
    if not after.whole:
        return False, f"{edit.path} can no longer be read as {syntax.language_of(edit.path)}"
    shorthand = any(leaf.kind.startswith("shorthand_") and leaf.text == old for leaf in before.exact)
    pairs = list(zip(before.exact, after.exact, strict=False))
    same = len(before.exact) == len(after.exact) and all(_same(one, other, old, new) for one, other in pairs)
    if not same:
        why = f"a rename changes one name, and {edit.path} changes more than {old}"
        return (None, f"{edit.path}: {old} is a key as well") if shorthand else (False, why)
    if [_said(c, old, new) for c in before.steering] != [_said(c, old, new) for c in after.steering]:
        return False, f"a comment of {edit.path} that speaks to a tool changed"
    unsure = _unsure(edit, before, after, old, new)
    return (None, f"{edit.path}: {unsure}") if unsure else None


def _same(one: Leaf, other: Leaf, old: str, new: str) -> bool:
    if one == other:
        return True
    if one.kind != other.kind:
        return False
    if syntax.is_name(one):
        return one.text == old and other.text == new
    in_text = "string" in one.kind or "fragment" in one.kind or "content" in one.kind
    return in_text and _said(one.text, old, new) == other.text


def _said(text: str, old: str, new: str) -> str:
    return re.sub(rf"\b{re.escape(old)}\b", new, text)


def _unsure(edit: FileEdit, before: Shape, after: Shape, old: str, new: str) -> str:
    """What tokens cannot tell: whose field or method it is, and who else starts it by its name."""
    if syntax.language_of(edit.path) == "java":
        return f"whether a class beside it overrides or calls {old}, the compiler tells"
    if old in _STARTED_BY_NAME or new in _STARTED_BY_NAME:
        return f"{old} is started by its name"
    if new in {leaf.text for leaf in before.identifiers()}:
        return f"it knew a {new} before: two things may have become one"
    if old in {leaf.text for leaf in after.identifiers()}:
        return f"it still says {old}: another of that name, or one forgotten"
    if _reaches_elsewhere(before, old, is_rust=edit.path.endswith(".rs")):
        return f"whose {old} it is, or who reads its name, only running tells"
    return "" if edit.before != edit.after else f"it does not say {old}"


def _reaches_elsewhere(before: Shape, old: str, *, is_rust: bool) -> bool:
    """Whether the name is a field's or a method's, is imported, or (a type of Rust) is told by what is derived."""
    ahead, within_import = Leaf(""), ""
    for leaf in before.exact:
        if not leaf.text:
            if leaf.kind in syntax.IMPORTS:
                within_import = "" if within_import == leaf.kind else within_import or leaf.kind
            continue
        if syntax.is_name(leaf) and leaf.text == old:
            derived = is_rust and leaf.kind == "type_identifier"
            if leaf.kind not in _PLAIN or ahead.text in _REACHING or derived or within_import:
                return True
        ahead = leaf
    return False
