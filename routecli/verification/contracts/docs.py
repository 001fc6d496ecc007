"""Documentation: no code changed. Text is free; in code only docstrings and comments; data has to stay readable."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from routecli.domain.patch import FileEdit
from routecli.verification.contracts import tree
from routecli.verification.contracts.change import Answer, Change
from routecli.verification.contracts.dependency import is_manifest

TEXT = frozenset({".md", ".markdown", ".rst", ".txt", ".adoc", ".asciidoc", ".org", ".1", ".tex"})
_NAMES = frozenset(
    {"readme", "changelog", "changes", "contributing", "license", "authors", "news", "notice", "history"}
)
_MANIFESTS = ("requirements", "constraints", "cmakelists")


def holds(change: Change) -> Answer:
    """True where only text changed, and docstrings or comments of Python; False where code did, or what the project is
    built from and the task does not name."""
    undecided = False
    for edit in change.patch.edits:
        if is_text(edit.path):
            continue
        same, why = tree.same_but_for_prose(edit)
        if same is False:
            return False, f"documentation changes no code: {why}"
        if same is None:
            broken = _unreadable(edit) or _of_the_build(edit, change.task.instruction)
            if broken:
                return False, broken
            undecided = True
    return (None, "") if undecided else (True, "only documentation changed: no code")


def _of_the_build(edit: FileEdit, instruction: str) -> str:
    """Why a manifest is not documentation: more of it changes than what only people read."""
    name = PurePosixPath(edit.path).name
    if not is_manifest(edit.path) or name.lower() in instruction.lower() or edit.path.startswith(("doc/", "docs/")):
        return ""
    if edit.before is not None and edit.after is not None and _for_people_only(edit.before, edit.after, name.lower()):
        return ""
    return f"documentation changes no code, and the project is built from {edit.path}"


_FOR_PEOPLE = frozenset(
    {"description", "keywords", "classifiers", "urls", "readme", "authors", "maintainers", "homepage"}
)


def _for_people_only(before: bytes, after: bytes, name: str) -> bool:
    """Whether a manifest of TOML or JSON differs only in what an index shows of the project."""
    load = json.loads if name.endswith(".json") else tomllib.loads
    try:
        return bool(_plain(load(before.decode()), ()) == _plain(load(after.decode()), ()))
    except (ValueError, RecursionError):
        return False


def _plain(value: Any, path: tuple[str, ...]) -> Any:
    """The same without what people read: such keys at the top (package.json) or below `project` or a tool's table."""
    if isinstance(value, Mapping) and len(path) < 4:
        return {k: _plain(v, (*path, k)) for k, v in value.items() if k not in _FOR_PEOPLE}
    return value


def is_text(path: str) -> bool:
    """Whether a file is prose: nothing reads it but people. A list of requirements is called .txt too."""
    pure = PurePosixPath(path)
    if pure.name.lower().startswith(_MANIFESTS):
        return False
    return pure.suffix.lower() in TEXT or (not pure.suffix and pure.name.lower() in _NAMES)


def _unreadable(edit: FileEdit) -> str:
    """Why a configuration cannot be read any more; empty where it can: then the tests judge it."""
    if edit.after is None:
        return ""
    suffix = PurePosixPath(edit.path).suffix.lower()
    text = edit.after.decode("utf-8", "replace")
    try:
        if suffix == ".json":
            json.loads(text)
        elif suffix == ".toml":
            tomllib.loads(text)
    except (ValueError, RecursionError) as fault:
        return f"{edit.path} is no {suffix[1:].upper()} any more: {str(fault)[:100]}"
    return ""
