"""What CI services and pre-commit are told in YAML. Read by PyYAML's loader that makes nothing but texts, lists and
tables; without it (the extra `yaml`) the files are named as unread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from routecli.domain.task import RepoPath
from routecli.verification.project import Project
from routecli.verification.proposals.commands import commands_in, known_command
from routecli.verification.proposals.proposal import Proposal, Unread

_WORKFLOW = re.compile(r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_GITLAB = ".gitlab-ci.yml"
_HOOKS = ".pre-commit-config.yaml"
_HINT = "pip install 'routecli[yaml]'"
_MOST_BYTES = 100_000
_MOST_FILES = 20
_MOST_ITEMS = 1_000
_OF_HOOKS = {"ruff": "ruff check .", "ruff-check": "ruff check .", "flake8": "flake8 .", "mypy": "mypy ."}
"""What well-known hooks come to on the whole tree; hooks of other repositories would be fetched first."""

_Found = Iterator[Proposal | Unread]


def from_workflows(project: Project) -> _Found:
    """`run:` steps of GitHub's workflows (and of those that read the same)."""
    for path in islice((p for p in project.paths if _WORKFLOW.fullmatch(p)), _MOST_FILES):
        for whole in _read(project, path):
            if isinstance(whole, Unread):
                yield whole
                continue
            steps = (step for job in _tables(whole.get("jobs")) for step in _listed(job.get("steps")))
            for step in islice(steps, _MOST_ITEMS):
                if isinstance(step, dict) and "working-directory" not in step:
                    yield from _of_script(step.get("run"), project, path)


def from_gitlab(project: Project) -> _Found:
    """`script:` lines of GitLab's jobs."""
    for whole in _read(project, _GITLAB):
        if isinstance(whole, Unread):
            yield whole
            continue
        lines = (line for job in _tables(whole) for line in _listed(job.get("script")))
        for line in islice(lines, _MOST_ITEMS):
            yield from _of_script(line, project, _GITLAB)


def from_hooks(project: Project) -> _Found:
    """Hooks of pre-commit that are the repository's own commands, and linters that are well known."""
    for whole in _read(project, _HOOKS):
        if isinstance(whole, Unread):
            yield whole
            continue
        hooks = ((repo, hook) for repo in _listed(whole.get("repos")) if isinstance(repo, dict)
                 for hook in _listed(repo.get("hooks")) if isinstance(hook, dict))  # fmt: skip
        for repo, hook in islice(hooks, _MOST_ITEMS):
            own = repo.get("repo") == "local"
            name = str(hook.get("id"))
            found = known_command(str(hook.get("entry")) if own else _OF_HOOKS.get(name, ""))
            if found is not None:
                yield Proposal(found[0], found[1], _HOOKS, _line_of(f"id: {name}", project.text(_HOOKS)))


def _of_script(script: object, project: Project, path: RepoPath) -> Iterator[Proposal]:
    text = script if isinstance(script, str) else ""
    for at, role, command in commands_in(text):
        yield Proposal(role, command, path, _line_of(text.splitlines()[at].strip(), project.text(path)))


def _read(project: Project, path: RepoPath) -> Iterator[Mapping[Any, Any] | Unread]:
    """The table in `path`, or why it was not read; nothing where the root has no such file, or it holds no table."""
    raw = project.files.read(path) if project.folder == "." else None
    if raw is None:
        return
    if len(raw) > _MOST_BYTES:
        yield Unread(path, f"larger than {_MOST_BYTES:,} bytes")
        return
    try:
        import yaml
    except ImportError:
        yield Unread(path, "PyYAML is not installed", _HINT)
        return
    try:
        whole = yaml.load(raw.decode("utf-8", "replace"), getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        yield Unread(path, f"no YAML: {fault}")
        return
    if isinstance(whole, dict):
        yield whole


def _tables(value: object) -> Iterator[Mapping[Any, Any]]:
    yield from (inner for inner in value.values() if isinstance(inner, dict)) if isinstance(value, dict) else ()


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _line_of(words: str, text: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if words and words in line), 1)
