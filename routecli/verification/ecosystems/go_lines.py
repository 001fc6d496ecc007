"""Which changed lines of Go are looked for, and how `go test` is asked which of them it ran.

The profile is go's own (`go doc cover`): `path/file.go:12.2,14.10 2 1` is a block of two statements, run once. What is
in no block, a declaration or a comment, cannot be run and needs no test.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.verification.changed_lines import MOST_LINES, Group, Spots, Watch, asking, each_line, line_spots
from routecli.verification.json_rows import as_table, parsed

PROFILE = "go-cover.out"
ASKED = "go-lines.json"
_BLOCK = re.compile(r"^(.+):(\d{1,7})\.\d+,(\d{1,7})\.\d+ \d+ (\d+)$")
_NO_STEP = re.compile(rb"[\s{}()\[\];,]*|//.*|\}?\s*else\s*\{|default\s*:")
_WATCHED = (
    f'go="$1"; shift 2; printf %s "$ROUTECLI_LINES" >"$ROUTECLI_REPORT_DIR/{ASKED}"; '
    f'exec "$go" test -coverprofile="$ROUTECLI_REPORT_DIR/{PROFILE}" -coverpkg="$ROUTECLI_PACKAGES" "$@"'
)


def go_spots(edit: FileEdit) -> tuple[Group, ...] | None:
    """The lines that `edit` changes and that are a step. None for another language, or a file too long to compare."""
    return line_spots(edit, _NO_STEP) if edit.path.endswith(".go") else None


def watch_of(modules: Mapping[str, RepoPath]) -> Watch:
    """How the tests of `modules` (folders by name) are asked. Only packages that a patch changes are counted in: they
    are compiled anew in any case."""
    return Watch(go_spots, partial(_watching, modules=modules))


def _watching(command: Command, spots: Spots, *, modules: Mapping[str, RepoPath]) -> Command:
    asked = each_line(spots)
    told = asking(command, asked)
    packages = sorted({name for path in asked if (name := _package(posixpath.dirname(path), modules))})
    shell, script = command.argv[:2], command.argv[2]
    if told is None or not packages or not script.startswith('exec "$@"'):
        return command
    argv = (*shell, script.replace('exec "$@"', _WATCHED, 1), *command.argv[3:])
    return replace(told, argv=argv, env={**told.env, "ROUTECLI_PACKAGES": ",".join(packages)})


def _package(folder: RepoPath, modules: Mapping[str, RepoPath]) -> str:
    """The import path of a folder; empty where it is of none of the modules."""
    within = [(at, name) for name, at in modules.items() if at == "." or f"{folder}/".startswith(f"{at}/")]
    if not within:
        return ""
    at, name = max(within, key=lambda one: len(one[0]) if one[0] != "." else 0)
    inside = folder if at == "." else folder.removeprefix(at).lstrip("/")
    return posixpath.join(name, inside) if inside else name


def lines_run(
    report: Mapping[str, bytes], folder_of: Callable[[str], RepoPath]
) -> Mapping[RepoPath, frozenset[int]] | None:
    """Of the lines that were asked for, those that were run or cannot be; a file that the profile does not speak of is
    left out. None where nothing was asked, or no profile was written."""
    asked = as_table(parsed(report.get(ASKED, b"")))
    if not asked or PROFILE not in report:
        return None
    run: dict[RepoPath, set[int]] = {}
    idle: dict[RepoPath, set[int]] = {}
    for line in report[PROFILE].decode("utf-8", "replace").splitlines():
        block = _BLOCK.match(line)
        if block is None or int(block[3]) > 2 * MOST_LINES:
            continue
        package, name = posixpath.split(block[1])
        path = posixpath.join(folder_of(package), name)
        side = run if int(block[4]) else idle
        side.setdefault(path, set()).update(range(int(block[2]), int(block[3]) + 1))
    found = {}
    for path, numbers in asked.items():
        if isinstance(numbers, list) and (path in run or path in idle):
            missed = idle.get(path, set()) - run.get(path, set())
            found[path] = frozenset(n for n in numbers if isinstance(n, int) and n not in missed)
    return found
