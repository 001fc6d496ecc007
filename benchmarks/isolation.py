"""What isolation costs: snapshot, twin, sandbox, policy, delivery, in ratio to `git status` and `true`. And why it is.

    python benchmarks/isolation.py [--files 200 5000 50000] [--runs 9]

The least of the runs and, behind it, the median: on a shared machine the least is what the program costs. The ratios
are of the least; they travel between machines, the milliseconds do not.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.git.repository import open_repository
from routecli.git.snapshot import Snapshot, take
from routecli.workspace import probing
from routecli.workspace.delivery import deliver, recover
from routecli.workspace.policy import violations
from routecli.workspace.sandbox import LEVELS
from routecli.workspace.workspace import GitWorkspace

FILES_PER_FOLDER = 40


def make(root: Path, files: int) -> None:
    for number in range(files):
        path = root / f"pkg{number // FILES_PER_FOLDER:04}" / f"module{number:05}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def function_{number}(value):\n    return value + {number}\n" * 20)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "all")
    git(root, "repack", "-a", "-d", "-q")
    time.sleep(1.1)  # git looks twice at files as young as its index
    git(root, "status")


def git(root: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=root, check=True, stdout=subprocess.DEVNULL)


class Took(float):
    """The least of some runs in milliseconds; knows their median."""

    median: float


def measured(runs: int, do: Callable[[], object]) -> Took:
    took = []
    for _ in range(runs):
        started = time.perf_counter()
        do()
        took.append((time.perf_counter() - started) * 1000)
    least = Took(min(took))
    least.median = statistics.median(took)
    return least


class Bench:
    """One repository and everything that is timed on it."""

    def __init__(self, root: Path, files: int, runs: int) -> None:
        self.root, self.files, self.runs = root, files, runs
        make(root, files)
        self.repository = open_repository(root)
        self.snapshot = take(self.repository)
        self.turn = 0

    def patch(self, snapshot: Snapshot) -> Patch:
        self.turn += 1
        paths = sorted(snapshot.paths())[:3]
        return Patch(tuple(FileEdit(p, snapshot.read(p), f"turn = {self.turn}\n".encode()) for p in paths))

    def rows(self) -> list[tuple[str, float, str]]:
        root, runs = self.root, self.runs
        true = measured(runs, lambda: subprocess.run(["true"], check=True))
        listing = measured(runs, lambda: git(root, "ls-files", "-s"))
        status = measured(runs, lambda: git(root, "status"))
        rows = [("true", true, ""), ("git ls-files -s", listing, ""), ("git status", status, "")]

        def add(name: str, ms: float, base: float, of: str) -> None:
            rows.append((name, ms, f"{ms / base:.1f} x {of}"))

        warm = measured(runs, lambda: len(take(open_repository(root)).entries))
        add("snapshot, warm", warm, status, "git status")
        (root / "untracked.txt").write_text("u\n")
        add("snapshot, one untracked file", measured(runs, lambda: take(self.repository)), status, "git status")
        (root / "untracked.txt").unlink()
        policy = measured(runs, lambda: violations(self.patch(self.snapshot), self.snapshot))
        add("policy", policy, status, "git status")
        for isolation, level in LEVELS.items():
            if isolation is not Isolation.NONE and probing.why_not(level):
                continue
            workspace = GitWorkspace(self.repository, self.snapshot, SandboxSettings(), isolation=isolation)
            with workspace.twin() as twin:
                twin.run(Command(("true",)))
                ms = measured(runs, lambda twin=twin: twin.run(Command(("true",))))  # type: ignore[misc]
                add(f"true in {isolation.value}", ms, true, "true")

        workspace = GitWorkspace(self.repository, self.snapshot, SandboxSettings())
        word = "layers over the tree" if workspace.layers else f"a copy, {workspace.isolation.value}"

        def one_run() -> None:
            with workspace.twin(self.patch(self.snapshot)) as twin:
                twin.run(Command(("true",)))

        one_run()
        twin_ms = measured(runs, one_run)
        add(f"twin with one command ({word})", twin_ms, status, "git status")
        writing = measured(runs, lambda: deliver(self.patch(take(self.repository)), self.repository))
        taking = measured(runs, lambda: self.patch(take(self.repository)))
        add("delivery of 3 files", writing - taking, status, "git status")
        add("recovery with nothing to do", measured(runs, lambda: recover(self.repository)), status, "git status")
        add("isolation + policy + delivery", policy + twin_ms + writing - taking, status, "git status")
        return rows


def editable_install(root: Path) -> tuple[bool, bool]:
    """Whether a patch that breaks the import of an editable install is green in a plain worktree, and in a twin.

    A normal `pip install -e` leaves a line with the checkout's path in the environment; the command is the user's."""
    root.mkdir()
    (root / "lib.py").write_text("VALUE = 1\n")
    (root / "check.py").write_text("import lib\nassert lib.VALUE == 1\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "all")
    environment = root.parent / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (next(environment.glob("lib/python3*/site-packages")) / "editable.pth").write_text(f"{root}\n")
    python = str(environment / "bin" / "python")
    broken = "raise ImportError('the patch broke it')\n"
    words = (python, "-P", "check.py")

    plain = root.parent / "plain"
    git(root, "worktree", "add", "-q", "--detach", str(plain))
    (plain / "lib.py").write_text(broken)
    green_there = subprocess.run(words, cwd=plain, stderr=subprocess.DEVNULL, check=False).returncode == 0
    git(root, "worktree", "remove", "--force", str(plain))

    repository = open_repository(root)
    snapshot = take(repository)
    patch = Patch((FileEdit("lib.py", snapshot.read("lib.py"), broken.encode()),))
    with GitWorkspace(repository, snapshot, SandboxSettings()).twin(patch) as twin:
        green_here = twin.run(Command(words, binds=(environment,))).exit_code == 0
    return green_there, green_here


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=[200, 5000])
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="routecli-bench-") as name:
        colours = ["green" if green else "red" for green in editable_install(Path(name).resolve() / "r")]
    print("A patch that breaks the import of an editable install, tested by the user's own environment:")
    print(f"  in a plain git worktree: {colours[0]}; in a twin: {colours[1]}")
    for files in options.files:
        with tempfile.TemporaryDirectory(prefix="routecli-bench-") as name:
            print(f"\n{files} files, {options.runs} runs each: least, median")
            for row, ms, ratio in Bench(Path(name).resolve() / "r", files, options.runs).rows():
                middle = f"{ms.median:8.1f}" if isinstance(ms, Took) else " " * 8
                print(f"  {row:<32} {ms:8.1f} {middle} ms   {ratio}")


if __name__ == "__main__":
    main()
