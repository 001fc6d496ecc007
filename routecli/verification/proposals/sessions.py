"""The test and lint commands of tox and nox. The sessions themselves would make an environment first, which takes a
network; their commands run in the environment that is there."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from typing import Any

from routecli.verification.project import Project
from routecli.verification.proposals.commands import commands_in, known_command
from routecli.verification.proposals.proposal import Proposal

_POSARGS = re.compile(r"\{posargs(?::([^{}]*))?\}|\{\[\]posargs\}")
_KNOWN = {"{envpython}": "python", "{toxinidir}/": "", "{tox_root}/": "", "{toxinidir}": ".", "{tox_root}": "."}
_NOXFILE = "noxfile.py"


def from_tox(project: Project) -> Iterator[Proposal]:
    """Of tox.ini, [tox:tox] beside it in setup.cfg, and [tool.tox] of pyproject.toml."""
    if project.folder != ".":
        return  # its commands mean their own folder
    for file in ("tox.ini", "setup.cfg"):
        text = project.text(file)
        for name, section in project.sections(file).items():
            if name.startswith("testenv") and "commands" in section:
                yield from _of_script(section["commands"], project.at(file), text)
    for file, table in (("tox.toml", project.toml("tox.toml")), ("pyproject.toml", _tool(project))):
        environments = table.get("env")
        bases = [table.get("env_run_base"), *(environments.values() if isinstance(environments, dict) else ())]
        for base in bases:
            commands = base.get("commands") if isinstance(base, dict) else None
            for words in commands if isinstance(commands, list) else ():
                plain = [w for w in words if isinstance(w, str)] if isinstance(words, list) else []
                yield from _of_script(" ".join(plain), project.at(file), project.text(file))


def _tool(project: Project) -> dict[str, Any]:
    tool = project.toml("pyproject.toml").get("tool")
    table = tool.get("tox") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def _of_script(script: str, file: str, text: str) -> Iterator[Proposal]:
    plain = _POSARGS.sub(lambda found: found[1] or "", script)
    for name, meaning in _KNOWN.items():
        plain = plain.replace(name, meaning)
    for at, role, command in commands_in("\n".join(line.strip().lstrip("-! ") for line in plain.splitlines())):
        yield Proposal(role, command, file, _line_of(script.splitlines()[at].strip(), text))


def _line_of(words: str, text: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if words and words in line), 1)


def from_nox(project: Project) -> Iterator[Proposal]:
    """Of the literal words of `session.run(…)` in noxfile.py, which is read and not run."""
    if project.folder != "." or not project.has(_NOXFILE):
        return
    try:
        tree = ast.parse(project.text(_NOXFILE))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run"):
            continue
        words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        given = [a for a in node.args if not isinstance(a, ast.Starred)]
        found = known_command(shlex.join(words)) if len(words) == len(given) else None
        if found is not None:
            yield Proposal(found[0], found[1], project.at(_NOXFILE), node.lineno)
