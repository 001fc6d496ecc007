"""Scripts of a package.json that are called like tests or linters, by the package manager that the project uses."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

from routecli.verification.project import Project
from routecli.verification.proposals.commands import role_of_name
from routecli.verification.proposals.proposal import Proposal

_FILE = "package.json"
_BY_LOCK = {
    "pnpm-lock.yaml": ("pnpm", "--dir"), "yarn.lock": ("yarn", "--cwd"), "bun.lock": ("bun", "--cwd"),
    "bun.lockb": ("bun", "--cwd"),
}  # fmt: skip
_PLACEHOLDER = "no test specified"


def from_scripts(project: Project) -> Iterator[Proposal]:
    """One for each script with such a name."""
    text = project.text(_FILE)
    try:
        read = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return
    scripts = read.get("scripts") if isinstance(read, dict) else None
    program, option = next((v for lock, v in _BY_LOCK.items() if project.has(lock)), ("npm", "--prefix"))
    where = "" if project.folder == "." else f"{option} {shlex.quote(project.folder)} "
    for name, script in scripts.items() if isinstance(scripts, dict) else ():
        role = role_of_name(str(name))
        if role is None or _PLACEHOLDER in str(script):
            continue
        run = "" if name == "test" and program != "bun" else "run "
        line = next((n for n, t in enumerate(text.splitlines(), 1) if json.dumps(name) in t), 1)
        yield Proposal(role, f"{program} {where}{run}{shlex.quote(str(name))}", project.at(_FILE), line, str(script))
