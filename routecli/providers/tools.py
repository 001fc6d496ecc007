"""Tier 0: mechanical tasks by tools, in a twin, for nothing. Their changes pass the same gates as a model's answer.

Not solved is no failure: an empty reply, and the next tier takes the task.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from routecli.domain.command import Command, Completed
from routecli.domain.ladder import Reason
from routecli.domain.money import Usage
from routecli.domain.patch import FileEdit
from routecli.domain.reply import Reply, Request, StopReason
from routecli.domain.settings import ProviderSettings
from routecli.domain.task import Kind, RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.ports import CallContext

TIMEOUT_S = 120.0
_PYTHON = (".py", ".pyi", ".ipynb")
_NAME = r"[`'\"]?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)(?:\(\))?[`'\"]?"
_RENAME = re.compile(rf"\brename\s+(?:(?:the|function|method|class|variable|symbol|constant)\s+)*{_NAME}"
                     rf"\s+(?:in\s+\S+\s+)?(?:to|into|as)\s+{_NAME}", re.IGNORECASE)  # fmt: skip
RENAME_SCRIPT = Path(__file__).with_name("rename_symbol.py")


@dataclass(frozen=True, slots=True)
class Job:
    """What a tool is asked to do. `name` is the model's name on the receipt; `why` one line for people."""

    name: str
    command: Command
    why: str


def _ruff(task: Task, name: str, why: str, *words: str) -> Job | None:
    paths = python_paths(task)
    ruff = ruff_binary()
    if not paths or ruff is None:
        return None
    argv = (str(ruff), *words, "--no-cache", "--force-exclude", "--", *paths)
    return Job(name, Command(argv, timeout_s=TIMEOUT_S, binds=(ruff,)), why)


def _lint(task: Task) -> Job | None:
    return _ruff(task, "ruff-check", "lint findings that ruff can fix itself need no model", "check", "--fix")


def _imports(task: Task) -> Job | None:
    rules = "I,F401" if "unused" in task.instruction.lower() else "I"
    why = "the order of imports needs no model"
    return _ruff(task, "ruff-imports", why, "check", "--select", rules, "--fix")


def _format(task: Task) -> Job | None:
    return _ruff(task, "ruff-format", "formatting needs no model", "format")


def _rename(task: Task) -> Job | None:
    """A rename by scopes, through rope in this program's own interpreter: never on the user's tree."""
    names = _RENAME.search(task.instruction)
    paths = tuple(p for p in python_paths(task) if p.endswith(".py"))
    if names is None or not paths or find_spec("rope") is None:
        return None
    old, new = names.group(1), names.group(2).rpartition(".")[2]
    argv = (sys.executable, "-I", str(RENAME_SCRIPT), old, new, *paths)
    binds = tuple(dict.fromkeys((RENAME_SCRIPT, Path(sys.prefix), Path(sys.base_prefix))))
    why = f"renaming {old} to {new} follows its scopes and needs no model"
    return Job("rope-rename", Command(argv, timeout_s=TIMEOUT_S, binds=binds), why)


TOOLS: dict[Kind, Callable[[Task], Job | None]] = {
    Kind.LINT: _lint,
    Kind.IMPORTS: _imports,
    Kind.FORMAT: _format,
    Kind.RENAME: _rename,
}
"""By the kind of a task. A function gives None where its tool cannot take this one."""


def job(task: Task) -> Job | None:
    """The tool for `task`, or None."""
    find = TOOLS.get(task.kind)
    return find(task) if find else None


def can_do(task: Task) -> Reason | None:
    """Why tier 0 may try `task`, or None where it cannot. Looks at the words and the files' names only."""
    found = job(task)
    return Reason("tools", found.why) if found else None


def python_paths(task: Task) -> tuple[RepoPath, ...]:
    """The task's files that Python tools read."""
    return tuple(p for p in task.paths if p.endswith(_PYTHON))


def ruff_binary() -> Path | None:
    """ruff as it is installed beside this program, its links followed: the sandbox sees that one file."""
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped]

        return Path(find_ruff_bin()).resolve()
    except (ImportError, FileNotFoundError):
        return None


class Tools:
    """See ports.Provider."""

    def __init__(self, settings: ProviderSettings, key: str | None = None) -> None:  # noqa: ARG002 (a factory's shape)
        self.name = settings.name

    def preload(self) -> None:
        """See ports.Provider.preload: there is nothing slow to import."""

    def complete(self, request: Request, context: CallContext) -> Reply:
        """See ports.Provider.complete. Raises SandboxFault where the twin cannot run anything."""
        started = time.monotonic()
        found = job(request.task)
        if found is None:
            return _reply("tools", (), started, "no tool does this kind of task here")
        with context.open_twin() as twin:
            done = twin.run(found.command)
            edits = twin.changes()
        if why := _failed(done):
            return _reply(found.name, (), started, why)
        # A rename reaches wherever the name is used. Half of one is wrong, so it is all or nothing.
        outside = [e.path for e in edits if e.path not in request.task.paths]
        if outside:
            listed = ", ".join(sorted(outside)[:5])
            return _reply(found.name, (), started, f"it would change files outside the task: {listed}")
        return _reply(found.name, edits, started, "" if edits else "nothing to change")


def _failed(done: Completed) -> str:
    """Why a tool's run says nothing; empty where its changes count. ruff leaves 1 when findings remain: those are
    for the gates to judge."""
    if done.not_found:
        return f"{Path(done.argv[0]).name} cannot be run in the sandbox"
    if done.died or done.timed_out or done.exit_code is None:
        return done.died or f"{Path(done.argv[0]).name} took longer than {TIMEOUT_S:g} s"
    if done.exit_code > 1:
        return one_line(done.text) or f"{Path(done.argv[0]).name} ended with {done.exit_code}"
    return ""


def _reply(name: str, edits: tuple[FileEdit, ...], started: float, detail: str) -> Reply:
    return Reply(
        text="",
        stop=StopReason.END if edits else StopReason.EMPTY,
        usage=Usage(),
        model_served=name,
        latency_s=time.monotonic() - started,
        detail=detail,
        edits=edits,
    )
