"""Which changed lines of JavaScript and TypeScript can be run, and how each runner is asked which of them it ran."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.verification.changed_lines import Group, Spots, Watch, asking, below, is_too_long, spots_among
from routecli.verification.planned import INSIDE

START = INSIDE / "start_routecli.cjs"
_CODE = re.compile(r"(?!.*\.d\.[cm]?ts$).*\.[cm]?[jt]sx?")
_WORDLESS = re.compile(r"[\s{}()\[\];,]*|(?:\}\s*)?(?:else|try|finally|do)\s*\{?|default\s*:|(?:break|continue)\s*;?")
"""What is no step of its own."""
_TYPES = re.compile(r"(?:export\s+)?(?:declare\s|interface\s|type\s+\w)|import\s+type\b|import\s*['\"]?\s*$")


def javascript_spots(edit: FileEdit) -> tuple[Group, ...] | None:
    """The lines that `edit` changes and that run, each for itself; where lines only went, the ones around them, any of
    which will do. None for another language, or a file too long to compare."""
    if not re.search(r"\.[cm]?[jt]sx?$", edit.path) or edit.after is None:
        return None
    if is_too_long(edit):
        return None
    if not _CODE.fullmatch(edit.path):
        return ()
    code = code_lines(edit.after.decode("utf-8", "replace").splitlines())
    return spots_among(code, edit, gone_too=_was_code(edit))


def _was_code(edit: FileEdit) -> bool:
    """Whether some of what went was code."""
    before = (edit.before or b"").decode("utf-8", "replace").splitlines()
    left = {line.strip() for line in (edit.after or b"").decode("utf-8", "replace").splitlines()}
    return any(before[n - 1].strip() not in left for n in code_lines(before))


def code_lines(lines: list[str]) -> frozenset[int]:
    """The numbers, from 1, of lines that hold more than comments, brackets and declarations of types."""
    found: set[int] = set()
    within = False
    for number, line in enumerate(lines, 1):
        text, within = without_comments(line, within=within)
        text = text.strip()
        if not _WORDLESS.fullmatch(text) and not _TYPES.match(text):
            found.add(number)
    return frozenset(found)


def without_comments(line: str, *, within: bool) -> tuple[str, bool]:
    """`line`, which begins inside of a comment where `within`, without comments that begin it, and whether one goes on
    after it. Text that only looks like a comment is taken for one."""
    text = line.strip()
    if within:
        if "*/" not in text:
            return "", True
        text = text.partition("*/")[2].strip()
    while text.startswith("/*"):
        _head, closed, text = text[2:].partition("*/")
        if not closed:
            return "", True
        text = text.strip()
    return ("" if text.startswith("//") else text), False


def watch_of(runner: str, node: Path) -> Watch:
    """How `runner` is asked. node and mocha are started by a program of ours, which asks V8 in each of their processes;
    jest counts these files for a coverage of its own; vitest by a provider of ours."""
    return Watch(javascript_spots, partial(_watching, runner=runner, node=node))


def _watching(command: Command, spots: Spots, *, runner: str, node: Path) -> Command:
    asked = below(spots, command.cwd)
    told = asking(command, asked)
    if told is None:
        return command
    argv = _ADDED[runner](command.argv, tuple(asked)) if runner in _ADDED else _started(command.argv, node)
    return replace(told, argv=argv)


def _started(argv: tuple[str, ...], node: Path) -> tuple[str, ...]:
    return argv if str(START) in argv else (str(node), str(START), "--", *argv)


def _jest(argv: tuple[str, ...], files: tuple[RepoPath, ...]) -> tuple[str, ...]:
    counted = (f"--collectCoverageFrom={_escaped(file)}" for file in files)
    words = ("--coverage", "--coverageProvider=v8", "--coverageReporters=none", *counted)
    return _instead_of("--coverage=false", words, argv)


def _vitest(argv: tuple[str, ...], files: tuple[RepoPath, ...]) -> tuple[str, ...]:
    del files  # its workers read the variable
    provider = INSIDE / "coverage_vitest.mjs"
    words = ("--coverage.enabled", "--coverage.provider=custom", f"--coverage.customProviderModule={provider}")
    return _instead_of("--coverage.enabled=false", words, argv)


_ADDED = {"jest": _jest, "vitest": _vitest}


def _instead_of(word: str, words: tuple[str, ...], argv: tuple[str, ...]) -> tuple[str, ...]:
    at = argv.index(word)
    return (*argv[:at], *words, *argv[at + 1 :])


def _escaped(path: RepoPath) -> str:
    """A pattern of micromatch that is this file alone."""
    return re.sub(r"([*?{}()\[\]!+@|\\])", r"\\\1", path)
