"""A project inside a repository: the folder whose own files say how it is tested."""

from __future__ import annotations

import configparser
import posixpath
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from routecli.domain.settings import VerifySettings
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.ports import Files
from routecli.verification.homes import homes_of
from routecli.verification.marks import shows_tests
from routecli.verification.planned import PlannedCheck

_TEST_NAME = re.compile(r"^(test.*|.*_tests?)\.py$")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the project asks for and this machine cannot give; `hint` is what to type. `ecosystem` is whose
    tests it takes away; empty for all."""

    what: str
    hint: str = ""
    ecosystem: str = ""


@dataclass(frozen=True, slots=True)
class Detected:
    """What an ecosystem found in a project. `skipped` are linters that cannot run, with the reason: they block
    nothing. `missing` is set where its tests cannot run."""

    checks: tuple[PlannedCheck, ...] = ()
    skipped: tuple[str, ...] = ()
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """`folder` is relative to the repository's root, `.` for the root itself; `paths` are its files, relative to the
    repository's root too."""

    repo_root: Path
    folder: RepoPath
    files: Files
    paths: tuple[RepoPath, ...]
    settings: VerifySettings
    environ: Mapping[str, str] = field(default_factory=dict)

    def at(self, name: str) -> RepoPath:
        """`name` inside the project, relative to the repository's root."""
        return posixpath.normpath(posixpath.join(self.folder, name))

    def has(self, name: str) -> bool:
        """Whether the project's own folder holds the file `name`."""
        return self.files.read(self.at(name)) is not None

    def text(self, name: str) -> str:
        """The text of the file `name`, empty where there is none."""
        return (self.files.read(self.at(name)) or b"").decode("utf-8", "replace")

    def toml(self, name: str) -> dict[str, Any]:
        """The tables of a TOML file; empty where it is absent or broken (its own tools will say so)."""
        try:
            return tomllib.loads(self.text(name))
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}

    def sections(self, name: str) -> Mapping[str, Mapping[str, str]]:
        """The sections of an INI file; empty where it is absent or broken."""
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self.text(name))
        except configparser.Error:
            return {}
        return parser

    def test_files(self) -> tuple[RepoPath, ...]:
        """Python files with a test's name."""
        return tuple(p for p in self.paths if _TEST_NAME.match(posixpath.basename(p)))


def projects(
    repo_root: Path,
    files: Files,
    task_paths: Collection[RepoPath],
    settings: VerifySettings,
    environ: Mapping[str, str],
) -> tuple[Project, ...]:
    """The nearest project above each of `task_paths` that has tests of its own language, or of one that may say
    something of it; the root where none has."""
    everything = _own(tuple(files.paths()))
    homes = homes_of(tuple(task_paths) or (".",), everything)
    return tuple(
        Project(repo_root, folder, files, _below(folder, everything), settings, environ)
        for folder in sorted(set(homes.values()))
    )


def tests_among(paths: tuple[RepoPath, ...]) -> tuple[RepoPath, ...]:
    """Those of `paths` that are tests: the projects above them are all that have any. All of them where none is."""
    own = _own(paths)
    return tuple(p for p in own if shows_tests(p)) or own


def _own(everything: tuple[RepoPath, ...]) -> tuple[RepoPath, ...]:
    """The paths outside every virtual environment: one that is not ignored is not the project's all the same."""
    inside = tuple(p.removesuffix("pyvenv.cfg") for p in everything if posixpath.basename(p) == "pyvenv.cfg")
    return tuple(p for p in everything if not p.startswith(inside)) if inside else everything


def _below(folder: RepoPath, everything: tuple[RepoPath, ...]) -> tuple[RepoPath, ...]:
    if folder == ".":
        return everything
    return tuple(p for p in everything if p.startswith(f"{folder}/"))
