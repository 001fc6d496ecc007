"""Targets of a Makefile and recipes of a justfile that are called like tests or linters."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from routecli.verification.project import Project
from routecli.verification.proposals.commands import role_of_name
from routecli.verification.proposals.proposal import Proposal

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_JUSTFILES = ("justfile", "Justfile", ".justfile")
_TARGET = re.compile(r"^(?P<names>[\w.\-/ ]+?)\s*::?(?!=)(?P<after>[^#]*)")
_RECIPE = re.compile(r"^@?(?P<name>[\w-]+)(?P<params>(?:\s+[*+$]?[\w-]+(?:=\S+)?)*)\s*:(?!=)")


def from_makefile(project: Project) -> Iterator[Proposal]:
    """One for each target with such a name."""
    file = next((name for name in _MAKEFILES if project.has(name)), "")
    where = "" if project.folder == "." else f"-C {shlex.quote(project.folder)} "
    lines = project.text(file).splitlines() if file else []
    for at, line in enumerate(lines):
        match = None if line.startswith(("\t", "#", ".")) else _TARGET.match(line)
        for name in match["names"].split() if match else ():
            role = role_of_name(name)
            if role is not None:
                yield Proposal(role, f"make {where}{name}", project.at(file), at + 1, _first_below(lines, at))


def from_justfile(project: Project) -> Iterator[Proposal]:
    """One for each recipe with such a name that can do without arguments."""
    file = next((name for name in _JUSTFILES if project.has(name)), "")
    folder = shlex.quote(project.folder)
    where = "" if project.folder == "." else f"--justfile {folder}/{file} --working-directory {folder} "
    lines = project.text(file).splitlines() if file else []
    for at, line in enumerate(lines):
        match = _RECIPE.match(line)
        if match is None or any("=" not in p and not p.startswith("*") for p in match["params"].split()):
            continue
        role = role_of_name(match["name"])
        if role is not None:
            yield Proposal(role, f"just {where}{match['name']}", project.at(file), at + 1, _first_below(lines, at))


def _first_below(lines: list[str], at: int) -> str:
    """The first command of the recipe below line `at`, without make's marks for silence and failure."""
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return below.strip().lstrip("@-") if below[:1] in ("\t", " ") else ""
