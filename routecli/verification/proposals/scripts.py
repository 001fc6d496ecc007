"""Scripts of a package.json that are called like tests or linters, by the package manager that the project uses."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

from routecli.verification.planned import PlannedCheck
from routecli.verification.project import Project
from routecli.verification.proposals.commands import known_command, role_of_name
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


def is_of(proposal: Proposal, check: PlannedCheck) -> bool:
    """Whether `proposal` is a script of the very package that `check` is of, and the check does what it does: it was
    found by that script, or the script is nothing but a call of its program."""
    folder, _, file = proposal.file.rpartition("/")
    if file != _FILE or check.role is not proposal.role or check.command.cwd != (folder or "."):
        return False
    script = shlex.split(proposal.command)[-1]
    found_by = f"the script `{script}` of {proposal.file}" in check.why
    known = known_command(proposal.runs)
    return found_by or (known is not None and check.name in shlex.split(known[1])[:2])
