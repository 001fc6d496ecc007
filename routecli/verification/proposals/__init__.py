"""Test and lint commands that a repository itself names, beside what is found and run: proposals to a person.

One function and one row each. None of them is ever run unless the person makes it the command of this repository.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from routecli.domain.untrusted import one_line
from routecli.verification.planned import PlannedCheck, Role
from routecli.verification.project import Project
from routecli.verification.proposals.makefile import from_justfile, from_makefile
from routecli.verification.proposals.proposal import Proposal, Unread
from routecli.verification.proposals.scripts import from_scripts, is_of
from routecli.verification.proposals.sessions import from_nox, from_tox
from routecli.verification.proposals.yaml_files import from_gitlab, from_hooks, from_workflows

SOURCES: dict[str, Callable[[Project], Iterable[Proposal | Unread]]] = {
    "Makefile": from_makefile,
    "justfile": from_justfile,
    "package.json": from_scripts,
    "tox": from_tox,
    "noxfile.py": from_nox,
    "GitHub workflows": from_workflows,
    "GitLab CI": from_gitlab,
    "pre-commit": from_hooks,
}
"""By what they read; each gets one project, and gives nothing where it has no such file."""

_MOST = 40


def proposals(
    projects: Sequence[Project], checks: Sequence[PlannedCheck] = ()
) -> tuple[tuple[Proposal, ...], tuple[Unread, ...]]:
    """What `projects` (the root's among them) name, tests first, each command once; and the files that were not read.
    A script that one of `checks` was found by, or that only starts its program, is that check and no proposal. Reads
    files, runs nothing. Never raises for what is in them."""
    found: dict[tuple[Role, str], Proposal] = {}
    unread: list[Unread] = []
    for project in projects:
        for source in SOURCES.values():
            for one in source(project):
                if isinstance(one, Unread):
                    unread.append(replace(one, why=one_line(one.why, limit=200)))
                elif one.command == one_line(one.command, limit=400) and not any(is_of(one, c) for c in checks):
                    found.setdefault((one.role, one.command), replace(one, runs=one_line(one.runs, limit=200)))
    ordered = sorted(found.values(), key=lambda p: p.role is not Role.TESTS)
    return tuple(ordered[:_MOST]), tuple(unread)


__all__ = ["SOURCES", "Proposal", "Unread", "proposals"]
