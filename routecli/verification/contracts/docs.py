"""Documentation: no code changed. Text is free; in code only docstrings and comments; data has to stay readable."""

from __future__ import annotations

import json
import tomllib
from pathlib import PurePosixPath

from routecli.domain.patch import FileEdit
from routecli.verification.contracts import tree
from routecli.verification.contracts.change import Answer, Change

TEXT = frozenset({".md", ".markdown", ".rst", ".txt", ".adoc", ".asciidoc", ".org", ".1", ".tex"})
_NAMES = frozenset(
    {"readme", "changelog", "changes", "contributing", "license", "authors", "news", "notice", "history"}
)
_MANIFESTS = ("requirements", "constraints", "cmakelists")


def holds(change: Change) -> Answer:
    """True where only text changed, and docstrings or comments of Python."""
    undecided = False
    for edit in change.patch.edits:
        if is_text(edit.path):
            continue
        same, why = tree.same_but_for_prose(edit)
        if same is False:
            return False, f"documentation changes no code: {why}"
        if same is None:
            broken = _unreadable(edit)
            if broken:
                return False, broken
            undecided = True
    return (None, "") if undecided else (True, "only documentation changed: no code")


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
