"""Flaky tests: what the verdict does with a suite in which some fail by chance. Real pytest in the real sandbox.

    python benchmarks/flaky.py [--runs 200] [--flaky 1] [--rate 0.2] [--of call|process] [--no-memory]

A quarter of the runs gets the right fix, a quarter a patch that mends nothing, a quarter the same where no steady test
is red, so that a flaky one is all that could prove it, a quarter a fix that breaks something else: in a repository
whose tree is new each time, so that no baseline is remembered. A *false accept* is one of the latter three accepted, a
*needless climb* the right fix deferred: the next tier would be paid for it. `--of call` fails each call of the test
with that chance, `--of process` all calls of one process: what a hash seed or a port does. With `--no-memory` each run
is the first in its repository; otherwise the ledger keeps what was seen to be flaky. No model is called, so that
nothing is looked at twice meanwhile: with a real one it is.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import intervals

from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.settings import SandboxSettings, VerifySettings
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Accepted, Deferred, Verdict
from routecli.git.repository import open_repository
from routecli.git.snapshot import take
from routecli.ledger.ledger import Ledger
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace

FILE = "stock.py"
CODE = b"def total(counts):\n    return sum(counts) + 1\n\n\ndef least(counts):\n    return min(counts)\n"
PATCHES = {
    "right": CODE.replace(b" + 1", b""),
    "mends nothing": CODE.replace(b"sum(counts) + 1", b"1 + sum(counts)"),
    "nor is it tested": CODE.replace(b"sum(counts) + 1", b"1 + sum(counts)"),
    "breaks another": CODE.replace(b" + 1", b"").replace(b"min(", b"max("),
}
TESTS = """\
from stock import least, total


def test_least():
    assert least([1, 2]) == 1
"""
RED = """\


def test_total():
    assert total([1, 2]) == 3
"""
FLAKY = {
    "call": """\
import random

import stock


def test_by_chance_{number}():
    assert stock.least([1]) == 1 and random.SystemRandom().random() >= {rate}
""",
    "process": """\
import random

import stock

FAILS = random.SystemRandom().random() < {rate}


def test_by_chance_{number}():
    assert stock.least([1]) == 1 and not FAILS
""",
}


def make(root: Path, flaky: int, rate: float, of: str) -> None:
    """The repository: two steady tests, one of them red, and `flaky` others in files of their own."""
    root.mkdir(parents=True)
    files = {
        FILE: CODE.decode(),
        "test_stock.py": TESTS + RED,
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--disable-plugin-autoload -p no:cacheprovider'\n",
    }
    for number in range(flaky):
        files[f"test_chance_{number}.py"] = FLAKY[of].format(number=number, rate=rate)
    for name, text in files.items():
        (root / name).write_text(text)
    for words in (["init", "-q"], ["add", "-A"],
                  ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "all"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=root, check=True)


def judged(root: Path, number: int, kind: str, ledger: Ledger) -> Verdict:
    """The verdict on the patch `kind`, in a tree that was never seen before."""
    (root / "README.md").write_text(f"copy {number}\n")
    (root / "test_stock.py").write_text(TESTS if kind == "nor is it tested" else TESTS + RED)
    repository = open_repository(root)
    snapshot = take(repository)
    task = Task("total counts one too many", Kind.FIX, "given", root, repository.head, (FILE,), usd(1))
    verifier = ProjectVerifier(
        GitWorkspace(repository, snapshot, SandboxSettings()), root, snapshot, task, VerifySettings(lint=False),
        listener=lambda _event: None, tree=snapshot.tree, memory=ledger.flaky_tests(root, 30),
        environ={"VIRTUAL_ENV": sys.prefix, "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    verifier.prepare()
    return verifier.judge(Patch((FileEdit(FILE, CODE, PATCHES[kind]),)), 1)


def _word(verdict: Verdict) -> str:
    if isinstance(verdict, Accepted):
        return "accepted"
    return "deferred" if isinstance(verdict, Deferred) else "unverified"


def table(counts: Counter[tuple[str, str]]) -> list[str]:
    """A row for each kind of patch, and the two figures that matter."""
    rows = [f"{'patch':<16}{'accepted':>10}{'deferred':>10}{'unverified':>12}"]
    for kind in PATCHES:
        rows.append(
            f"{kind:<16}{counts[kind, 'accepted']:>10}{counts[kind, 'deferred']:>10}{counts[kind, 'unverified']:>12}"
        )
    wrong = [k for k in PATCHES if k != "right"]
    of_wrong = sum(n for (kind, _), n in counts.items() if kind in wrong)
    of_right = sum(n for (kind, _), n in counts.items() if kind == "right")
    rows.append(f"false accepts    {intervals.shown(sum(counts[k, 'accepted'] for k in wrong), of_wrong)}")
    rows.append(f"needless climbs  {intervals.shown(counts['right', 'deferred'], of_right)}")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--flaky", type=int, default=1, help="how many tests fail by chance")
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--of", choices=sorted(FLAKY), default="call")
    parser.add_argument("--no-memory", action="store_true")
    options = parser.parse_args()
    kinds = (list(PATCHES) * options.runs)[: options.runs]
    random.Random(6).shuffle(kinds)
    counts: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory(prefix="routecli-flaky-") as name:
        root = Path(name).resolve() / "repository"
        make(root, options.flaky, options.rate, options.of)
        ledger = Ledger.open(None)
        for number, kind in enumerate(kinds):
            if options.no_memory:
                ledger = Ledger.open(None)
            verdict = judged(root, number, kind, ledger)
            counts[kind, _word(verdict)] += 1
            if (kind == "right") != isinstance(verdict, Accepted) and (kind == "right" or _word(verdict) == "accepted"):
                sys.stderr.write(f"{number} {kind}: {_word(verdict)}: {verdict.why}\n")
    sys.stdout.write("\n".join(table(counts)) + "\n")


if __name__ == "__main__":
    main()
