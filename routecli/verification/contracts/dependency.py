"""A dependency bump: in manifests and lock files, nothing but the versions of the packages that the task names."""

from __future__ import annotations

import configparser
import json
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.verification.contracts import syntax, tree
from routecli.verification.contracts.change import Answer, Change

_LISTS = re.compile(r"^(?:[\w.-]*requirements[\w.-]*|[\w.-]*constraints[\w.-]*)\.(?:txt|in)$")
_LOCKS = frozenset((
    "poetry.lock", "uv.lock", "pdm.lock", "cargo.lock", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
    "pnpm-lock.yaml", "pipfile.lock", "composer.lock", "gemfile.lock", "go.sum",
))  # fmt: skip
"""Made by tools: what is in them follows from the manifest beside them."""
_MANIFESTS = frozenset((
    "pyproject.toml", "setup.cfg", "cargo.toml", "pipfile", "package.json", "composer.json", "go.mod", "gemfile",
))  # fmt: skip
_ADAPTS = re.compile(r"\b(?:adapt|adjust|migrat|port|fix|updat\w+ (?:the )?(?:code|calls?|uses?|imports?))", re.I)
"""Words of a task that asks for more than versions."""
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:[<>=!~@ ].*)?(?:;.*)?$")


def holds(change: Change) -> Answer:
    """True where only versions changed, of packages whose names stand in the task. What is installed here is as it was,
    so the tests speak of the old version."""
    touched: set[str] = set()
    undecided = False
    for edit in change.patch.edits:
        if posixpath.basename(edit.path).lower() in _LOCKS:
            continue
        names = changed_packages(edit)
        if names is None:
            if _is_untold_code(edit, change.task.instruction):
                return False, f"a bump changes versions, and {edit.path} is code that the task does not speak of"
            undecided = True
            continue
        if "" in names:
            return False, f"a bump changes versions, and {edit.path} changes more"
        touched |= names
    words = {normal(w) for w in re.findall(r"[A-Za-z0-9@/][\w./@-]*", change.task.instruction)}
    strangers = sorted(n for n in touched if n not in words)
    if strangers:
        return False, f"the task does not name {strangers[0]}, and its version changes"
    if undecided or not touched:
        return None, ""
    return True, f"only the version of {', '.join(sorted(touched))} changed; what is installed here is as before"


def _is_untold_code(edit: FileEdit, instruction: str) -> bool:
    """Whether a bump leaves this file alone: code that changes in more than prose, where the task neither names the
    file nor asks to adapt anything."""
    if not edit.path.endswith((".py", ".pyi")) and syntax.language_of(edit.path) is None:
        return False
    name = posixpath.basename(edit.path)
    if name in instruction or name.rpartition(".")[0] in re.findall(r"\w+", instruction) or _ADAPTS.search(instruction):
        return False
    return tree.same_but_for_prose(edit)[0] is False or edit.before is None or edit.after is None


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower().rstrip("-.,:")


def changed_packages(edit: FileEdit) -> set[str] | None:
    """The packages whose version an edit changes, with "" for anything else; None for a file that is no manifest."""
    if edit.before is None or edit.after is None:
        return None
    before, after = edit.before.decode("utf-8", "replace"), edit.after.decode("utf-8", "replace")
    name = posixpath.basename(edit.path).lower()
    try:
        if _LISTS.match(name):
            return _of_lines(before, after)
        if name in ("pyproject.toml", "cargo.toml", "pipfile"):
            return set(_differences(tomllib.loads(before), tomllib.loads(after)))
        if name in ("package.json", "composer.json"):
            return set(_differences(json.loads(before), json.loads(after)))
        if name == "setup.cfg":
            return set(_of_setup_cfg(before, after))
        if name in ("go.mod", "gemfile"):
            return _of_lines(before, after, _plain)
    except (ValueError, RecursionError, configparser.Error):
        return {""}
    return None


def _requirement(line: str) -> str:
    found = _REQUIREMENT.match(line.partition("#")[0])
    return normal(found[1]) if found else ""


def _plain(line: str) -> str:
    found = re.match(r"""^\s*(?:require\s+|gem\s+)?["']?([\w./@-]+)["']?[\s,]+["']?[~^<>= v]*\d""", line)
    return normal(found[1]) if found else ""


def _of_lines(before: str, after: str, name_of: Any = _requirement) -> set[str]:
    old, new = before.splitlines(), after.splitlines()
    if len(old) != len(new):
        return {""}
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    return {name_of(a) if name_of(a) == name_of(b) else "" for a, b in pairs}


def _of_setup_cfg(before: str, after: str) -> Iterator[str]:
    """The same of setuptools' older file: lists of requirements below `[options]` and `[options.extras_require]`."""
    old, new = ({s: dict(held) for s, held in _ini(text).items()} for text in (before, after))
    if {s: set(o) for s, o in old.items()} != {s: set(o) for s, o in new.items()}:
        yield ""
        return
    for section, options in old.items():
        for name, value in options.items():
            listed = section == "options.extras_require" or (
                section == "options" and name in ("install_requires", "setup_requires", "tests_require")
            )
            if value != new[section][name]:
                yield from _of_lines(value, new[section][name]) if listed else [""]


def _ini(text: str) -> configparser.RawConfigParser:
    read = configparser.RawConfigParser(strict=False)
    read.read_string(text)
    return read


_DEPENDENCY_TABLES = re.compile(
    r"dependenc|^requires$|^require(?:-dev)?$|^packages$|^dev-packages$|^peer|^optional", re.I
)


def _differences(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Package names where only a version differs below a table of dependencies; "" for every other difference."""
    if before == after:
        return
    within = any(_DEPENDENCY_TABLES.search(p) for p in path)
    if isinstance(before, Mapping) and isinstance(after, Mapping) and set(before) == set(after):
        for key in before:
            yield from _differences(before[key], after[key], (*path, str(key)))
    elif within and isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            if one != other:
                same = isinstance(one, str) and isinstance(other, str) and _requirement(one) == _requirement(other)
                yield _requirement(one) if same else ""
    elif within and isinstance(before, str) and isinstance(after, str):
        yield normal(path[-2] if path[-1] == "version" else path[-1])
    else:
        yield ""


def is_manifest(path: RepoPath) -> bool:
    """Whether a bump may change `path`."""
    name = posixpath.basename(path).lower()
    return name in _LOCKS or name in _MANIFESTS or bool(_LISTS.match(name))
