"""A suite: a folder with one TOML file a task, to be read, kept in git and reviewed like code."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from routecli.config.places import read_small, write_atomically
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line, said_by
from routecli.errors import UsageFault
from routecli.git.finding import find
from routecli.nouns import dataclass

_TEXTS = ("task", "base", "accept", "kind", "repository", "tests_from")
_LISTS = ("paths", "tests")
_COMMIT = re.compile(r"\w[\w./^~@-]*")


@dataclass(frozen=True, slots=True)
class SuiteTask:
    """`base` is the commit to start from; the files `tests` are laid over it as they are in the commit `tests_from`,
    and no prompt names them. `accept` has to fail before and pass after. `repository` is where the commits are.
    `digest` changes with the file."""

    name: str
    task: str
    base: str
    repository: Path
    paths: tuple[RepoPath, ...]
    accept: str = ""
    kind: str = ""
    tests_from: str = ""
    tests: tuple[RepoPath, ...] = ()
    digest: str = field(default="", compare=False)


def read_suite(folder: Path, around: Path | None) -> tuple[SuiteTask, ...]:
    """The tasks of `folder`, by name. One that names no repository means that of the folder, else `around`. Raises
    UsageFault: no such folder, no task in it, or a file that is none: with file and key."""
    if folder.is_file():
        raise UsageFault(
            f"{one_line(str(folder))} is a file, a suite is a folder",
            hint=f"routecli eval {one_line(str(folder.parent))}",
        )
    if not folder.is_dir():
        raise UsageFault(f"there is no suite {one_line(str(folder))}", hint=f"routecli eval make {folder}")
    own = find(folder.resolve())
    tasks = [_read(file, own.root if own else around) for file in sorted(folder.glob("*.toml"))]
    if not tasks:
        raise UsageFault(f"the suite {folder} holds no task", hint=f"routecli eval make {folder}")
    return tuple(tasks)


def _read(file: Path, around: Path | None) -> SuiteTask:
    try:
        raw = read_small(file) or b""
        table = tomllib.loads(raw.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        raise UsageFault(f"{file} is no task of a suite: {said_by(fault)}", hint=f"open {file}") from None
    _check(file, table)
    named = table.get("repository")
    repository = (file.parent / named).resolve() if named else around
    if repository is None:
        raise UsageFault(f"{file}: no repository is named, and none is around here", hint="cd into the repository")
    values: dict[str, Any] = {name: table[name] for name in _TEXTS if name in table and name != "repository"}
    values.update((name, tuple(table.get(name, ()))) for name in _LISTS)
    return SuiteTask(name=file.stem, repository=repository, digest=hashlib.sha256(raw).hexdigest(), **values)


def _check(file: Path, table: Mapping[str, Any]) -> None:
    for name, value in table.items():
        text = name in _TEXTS and isinstance(value, str)
        listed = name in _LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value)
        if not (text or listed):
            known = ", ".join((*_TEXTS, *_LISTS))
            raise UsageFault(f"{file}: {one_line(name)} is no key, or not of its type", hint=f"the keys: {known}")
    for name in ("task", "base", "paths"):
        if not table.get(name):
            raise UsageFault(f"{file}: {name} is missing", hint=f"open {file}")
    for name in ("base", "tests_from"):
        if not _COMMIT.fullmatch(table.get(name, "HEAD")):
            raise UsageFault(f"{file}: {name} is no commit", hint="git rev-parse HEAD")
    if bool(table.get("tests")) != bool(table.get("tests_from")):
        raise UsageFault(f"{file}: tests and tests_from go together", hint=f"open {file}")


def write_suite(folder: Path, tasks: Sequence[SuiteTask]) -> tuple[Path, ...]:
    """Writes a file for each of `tasks` that has none yet; returns those written. Raises UsageFault."""
    import tomlkit

    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in tasks:
            file = folder / f"{one.name}.toml"
            if file.exists():
                continue
            document = tomlkit.document()
            for name in (*_TEXTS, *_LISTS):
                value = getattr(one, name)
                if value and name != "repository":
                    document[name] = list(value) if isinstance(value, tuple) else value
            if not folder.resolve().is_relative_to(one.repository):
                document["repository"] = str(one.repository)
            write_atomically(file, tomlkit.dumps(document).encode(), mode=0o644)
            written.append(file)
    except OSError as fault:
        raise UsageFault(f"{folder} cannot be written: {fault.strerror}") from None
    return tuple(written)
