"""Tier 0 on real files with the real tools. The twin is a plain copy: the sandbox is the workspace's to test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from routecli import process
from routecli.domain.command import Command, Completed
from routecli.domain.ladder import ModelRef
from routecli.domain.money import Usage, usd
from routecli.domain.patch import FileEdit
from routecli.domain.receipt import Isolation
from routecli.domain.reply import Reply, Request, StopReason
from routecli.domain.settings import ProviderSettings
from routecli.domain.task import Kind, Task
from routecli.providers import build
from routecli.providers.tools import TOOLS, can_do

MESSY = "import sys\nimport os\n\n\ndef f( a ):\n    x = [1,2]\n    return a == None, os, sys\n"


class CopiedTwin:
    """ports.Twin without isolation."""

    isolation = Isolation.NONE

    def __init__(self, root: Path, original: Path) -> None:
        self.root, self.original = root, original

    def run(self, command: Command) -> Completed:
        return process.run(command.argv, cwd=self.root / command.cwd, timeout_s=command.timeout_s)

    def changes(self) -> tuple[FileEdit, ...]:
        names = {p.relative_to(r).as_posix() for r in (self.root, self.original) for p in r.rglob("*") if p.is_file()}
        pairs = [(n, self._bytes(self.original / n), self._bytes(self.root / n)) for n in sorted(names)]
        return tuple(FileEdit(n, before, after) for n, before, after in pairs if before != after)

    @staticmethod
    def _bytes(path: Path) -> bytes | None:
        return path.read_bytes() if path.is_file() else None


class Context:
    """ports.CallContext for backends that work on files."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root, self.scratch = root, scratch

    def on_text(self, chunk: str) -> None:
        raise AssertionError("a tool says nothing")

    def on_retry(self, why: str) -> None:
        raise AssertionError("a tool sends nothing")

    @contextmanager
    def open_twin(self) -> Iterator[CopiedTwin]:
        copy = self.scratch / "copy"
        shutil.copytree(self.root, copy)
        try:
            yield CopiedTwin(copy, self.root)
        finally:
            shutil.rmtree(copy)


def ask(tmp_path: Path, kind: Kind, instruction: str, files: dict[str, str], paths: tuple[str, ...] = ()) -> Reply:
    root = tmp_path / "repo"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    task = Task(instruction, kind, "", root, None, paths or tuple(files), usd(1))
    request = Request(task, ModelRef("tools", "tools"), (), 0)
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    reply = build(ProviderSettings("tools", "tools")).complete(request, Context(root, tmp_path))
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
    assert reply.usage == Usage()
    return reply


def after(reply: Reply) -> dict[str, str]:
    assert reply.edits is not None
    return {e.path: (e.after or b"").decode() for e in reply.edits}


def test_lint(tmp_path: Path) -> None:
    files = {"a.py": "import os\nimport sys\n\nprint(sys)\n", "ruff.toml": 'lint.select = ["F"]\n'}
    reply = ask(tmp_path, Kind.LINT, "fix the lint errors", files)
    assert reply.stop is StopReason.END
    assert after(reply) == {"a.py": "import sys\n\nprint(sys)\n"}
    assert reply.model_served == "ruff-check"


def test_the_projects_own_rules_hold(tmp_path: Path) -> None:
    files = {"a.py": "import os\nimport sys\n\nprint(sys)\n", "ruff.toml": 'lint.select = ["W"]\n'}
    assert ask(tmp_path, Kind.LINT, "fix the lint errors", files).edits == ()


def test_what_the_project_excludes_stays(tmp_path: Path) -> None:
    files = {"gen/a.py": MESSY, "ruff.toml": 'exclude = ["gen"]\n'}
    reply = ask(tmp_path, Kind.FORMAT, "format gen/a.py", files)
    assert (reply.stop, reply.edits, reply.detail) == (StopReason.EMPTY, (), "nothing to change")


def test_imports(tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.IMPORTS, "sort the imports", {"a.py": MESSY})
    assert after(reply)["a.py"].startswith("import os\nimport sys\n")
    assert "def f( a ):" in after(reply)["a.py"]


def test_unused_imports(tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.IMPORTS, "remove unused imports", {"a.py": "import os\nimport sys\n\nprint(sys)\n"})
    assert after(reply)["a.py"] == "import sys\n\nprint(sys)\n"


def test_format_touches_the_tasks_files_only(tmp_path: Path) -> None:
    files = {"a.py": MESSY, "b.py": MESSY, "README.md": "#   x"}
    reply = ask(tmp_path, Kind.FORMAT, "format a.py", files, ("a.py", "README.md"))
    assert set(after(reply)) == {"a.py"}
    assert "def f(a):" in after(reply)["a.py"]


def test_an_odd_file_name_is_no_option(tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.FORMAT, "format it", {"--config=x.py": MESSY, "a b.py": MESSY})
    assert set(after(reply)) == {"--config=x.py", "a b.py"}


def test_a_file_that_is_no_python_is_no_crash(tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.FORMAT, "format it", {"a.py": "def (:\n"})
    assert (reply.stop, reply.edits) == (StopReason.EMPTY, ())
    assert "a.py" in reply.detail


def test_a_broken_ruff_configuration_is_no_crash(tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.LINT, "lint", {"a.py": MESSY, "ruff.toml": "nonsense = 1\n"})
    assert reply.stop is StopReason.EMPTY
    assert "ruff.toml" in reply.detail


LIB = (
    "class Cart:\n    def total(self):\n        return 1\n\n\n"
    "class Other:\n    def total(self):\n        return 2\n\n\n"
    "def compute(x):\n    # compute carefully\n    return x\n"
)
USE = "from lib import Cart, compute\n\nprint(compute(1), Cart().total(), 'compute')\n"


def test_rename_of_a_function_follows_its_uses(tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.RENAME, "rename compute to evaluate", {"lib.py": LIB, "use.py": USE})
    assert "def evaluate(x):\n    # compute carefully" in after(reply)["lib.py"]
    assert after(reply)["use.py"] == "from lib import Cart, evaluate\n\nprint(evaluate(1), Cart().total(), 'compute')\n"


def test_rename_of_a_method_leaves_its_namesake(tmp_path: Path) -> None:
    task = "Rename the method `Cart.total` to `Cart.sum_up`, please"
    changed = after(ask(tmp_path, Kind.RENAME, task, {"lib.py": LIB, "use.py": USE}))
    assert "def sum_up(self):\n        return 1" in changed["lib.py"]
    assert "def total(self):\n        return 2" in changed["lib.py"]
    assert "Cart().sum_up()" in changed["use.py"]


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("rename total to amount", "defined 2 times"),
        ("rename missing to amount", "defined 0 times"),
        ("rename compute to class", "is no name"),
        ("rename compute to Cart", "has a Cart already"),
    ],
)
def test_a_rename_that_is_not_certain_is_left_to_others(task: str, why: str, tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.RENAME, task, {"lib.py": LIB})
    assert (reply.stop, reply.edits) == (StopReason.EMPTY, ())
    assert why in reply.detail


def test_half_a_rename_is_none(tmp_path: Path) -> None:
    reply = ask(tmp_path, Kind.RENAME, "rename compute to evaluate", {"lib.py": LIB, "use.py": USE}, ("lib.py",))
    assert (reply.stop, reply.edits) == (StopReason.EMPTY, ())
    assert "use.py" in reply.detail


def test_rename_keeps_line_ends_and_finds_its_place_after_them(tmp_path: Path) -> None:
    text = "# Grüße 🦆\r\nä = 1; compute_all = 2\r\ndef compute(x):\r\n    return compute_all\r\n"
    changed = after(ask(tmp_path, Kind.RENAME, "rename compute to evaluate", {"lib.py": text}))
    assert changed["lib.py"] == text.replace("def compute(", "def evaluate(")


def task_of(kind: Kind, words: str, *paths: str) -> Task:
    return Task(words, kind, "", Path("/nowhere"), None, paths, usd(1))


def test_can_do() -> None:
    assert can_do(task_of(Kind.LINT, "fix lint", "a.py"))
    assert can_do(task_of(Kind.RENAME, "rename `foo` to `bar` in a.py", "a.py"))
    reason = can_do(task_of(Kind.RENAME, "rename foo to bar", "a.py"))
    assert reason is not None
    assert reason.code == "tools"
    assert "foo" in reason.text


@pytest.mark.parametrize(
    "task",
    [
        task_of(Kind.FIX, "fix the rounding", "a.py"),
        task_of(Kind.LINT, "fix lint", "a.js"),
        task_of(Kind.FORMAT, "format"),
        task_of(Kind.RENAME, "rename things so that they read better", "a.py"),
        task_of(Kind.RENAME, "rename the file a.py", "a.py"),
    ],
)
def test_cannot_do(task: Task, tmp_path: Path) -> None:
    assert can_do(task) is None
    request = Request(task, ModelRef("tools", "tools"), (), 0)
    reply = build(ProviderSettings("tools", "tools")).complete(request, Context(tmp_path, tmp_path))
    assert (reply.stop, reply.edits) == (StopReason.EMPTY, ())


def test_the_table() -> None:
    assert set(TOOLS) == {Kind.LINT, Kind.IMPORTS, Kind.FORMAT, Kind.RENAME}
