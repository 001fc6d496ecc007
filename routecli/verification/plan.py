"""What will be run for a task, and why: before anything is paid."""

from __future__ import annotations

import posixpath
import shlex
import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.settings import VerifySettings
from routecli.domain.task import RepoPath, Task
from routecli.errors import UsageFault
from routecli.nouns import dataclass
from routecli.ports import Files
from routecli.verification.ecosystems import ECOSYSTEMS, python
from routecli.verification.marks import concerned
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.project import Missing, Project, projects

_SHELL_WORDS = frozenset({"&&", "||", "|", ";", ">", ">>", "<", "&"})


@dataclass(frozen=True, slots=True)
class Plan:
    """`checks` run before and after the patch; `accept` and `bench` are the user's own. `skipped` says which linters
    cannot run and why; `missing` is set where tests exist that this machine cannot run."""

    checks: tuple[PlannedCheck, ...]
    accept: PlannedCheck | None = None
    skipped: tuple[str, ...] = ()
    missing: Missing | None = None
    bench: PlannedCheck | None = None

    def of(self, role: Role) -> tuple[PlannedCheck, ...]:
        """The checks of one role."""
        return tuple(c for c in self.checks if c.role is role)

    def missing_for(self, paths: Collection[RepoPath]) -> Missing | None:
        """What is missing to judge a change of `paths`. Without any, nothing is as long as some tests can run: which
        of several ecosystems will be changed is not known yet."""
        if self.missing is None or not self.missing.ecosystem:
            return self.missing
        if not paths:
            return None if self.of(Role.TESTS) else self.missing
        return self.missing if concerned(self.missing.ecosystem, paths) else None


def make_plan(repo_root: Path, files: Files, task: Task, settings: VerifySettings, environ: Mapping[str, str]) -> Plan:
    """Reads the project's own files; runs nothing of the repository's. Raises UsageFault where a command of the
    user's is no command."""
    root = Project(repo_root, ".", files, tuple(files.paths()), settings, environ)
    checks: list[PlannedCheck] = []
    skipped: list[str] = []
    missing: Missing | None = None
    if settings.tests and settings.test_cmd is not None:
        tests = _custom(root, settings.test_cmd, "tests", Role.TESTS, "--test-cmd")
        missing = _absent(tests, repo_root, "--test-cmd")
        checks.append(tests)
    found = [
        (project, name, detected)
        for project in projects(repo_root, files, task.paths, settings, environ)
        for name, detect in ECOSYSTEMS.items()
        if concerned(name, task.paths) and (detected := detect(project)) is not None
    ]
    several = len({project.folder for project, _, _ in found}) > 1
    for project, name, detected in found:
        own = (_named(c, project, several=several) for c in detected.checks)
        checks.extend(c for c in own if all(c.command != other.command for other in checks))
        skipped.extend(s for s in detected.skipped if s not in skipped)
        if missing is None and detected.missing is not None:
            missing = replace(detected.missing, ecosystem=name)
    if settings.lint and settings.lint_cmd is not None:
        lint = _custom_lint(root, settings.lint_cmd)
        missing = missing or _absent(lint, repo_root, "--lint-cmd")
        checks.append(lint)
    accept = None
    if settings.accept_cmd is not None:
        accept = _custom(root, settings.accept_cmd, "accept", Role.ACCEPT, "--accept")
        missing = missing or _absent(accept, repo_root, "--accept")
    bench = None
    if settings.bench_cmd is not None:
        bench = _custom_bench(root, settings.bench_cmd)
        missing = missing or _absent(bench, repo_root, "--bench")
    return Plan(tuple(checks), accept, tuple(skipped), missing, bench)


def _named(check: PlannedCheck, project: Project, *, several: bool) -> PlannedCheck:
    return replace(check, name=f"{check.name} ({project.folder})") if several else check


def _words(text: str, option: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text))
    except ValueError as fault:
        raise UsageFault(f"{option} cannot be read as a command: {fault}", hint=f"{option} 'pytest -q'") from None
    if not words:
        raise UsageFault(f"{option} is empty", hint=f"{option} 'pytest -q'")
    if _SHELL_WORDS & set(words):
        raise UsageFault(
            f"{option} is run without a shell: {text}", hint=f"{option} {shlex.quote(f'sh -c {shlex.quote(text)}')}"
        )
    return words


def _custom(root: Project, text: str, name: str, role: Role, option: str) -> PlannedCheck:
    return python.custom_tests(root, _words(text, option), name, role)


def _custom_lint(root: Project, text: str) -> PlannedCheck:
    words = _words(text, "--lint-cmd")
    as_tests = python.custom_tests(root, words, posixpath.basename(words[0]), Role.LINT)
    command: Command = replace(as_tests.command, report=False)
    return replace(as_tests, reading=Reading.EXIT, command=command, why="given by you; findings read from its output")


def _custom_bench(root: Project, text: str) -> PlannedCheck:
    """Its time and what it says are all that is wanted of it, even where it calls pytest."""
    plain = _custom(root, text, "bench", Role.BENCH, "--bench")
    env = {n: v for n, v in plain.command.env.items() if n != "PYTEST_ADDOPTS"}
    command = replace(plain.command, report=False, env=env)
    return replace(plain, reading=Reading.EXIT, command=command, why="given by you; has to be faster with the patch")


def _absent(check: PlannedCheck, repo_root: Path, option: str) -> Missing | None:
    """Whether the program of a user's command is nowhere, told before any money is spent."""
    program = check.argv[0]
    if "/" in program:
        there = (repo_root / program).exists()
    else:
        there = shutil.which(program, path=check.command.env["PATH"]) is not None
    if there:
        return None
    return Missing(f"{program} of {option} is not there", f"check it with: command -v {shlex.quote(program)}")
