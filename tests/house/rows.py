"""The rows of the threat table: what must hold, which block a release, and the tests that are named after each.

    python tests/house/rows.py

writes the table of docs/security.md anew. A test is counted where a function is called `test_row_NN_…` or
`test_rows_NN_MM_…`; whether it passes is what the test run says.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "security.md"
BEGIN, END = "<!-- rows: made by tests/house/rows.py -->", "<!-- /rows -->"
_NAME = re.compile(r"test_rows?((?:_\d\d)+)_")


@dataclass(frozen=True)
class Row:
    """One row. `star`: it blocks a release. `instead`: why there is no test, where there is none."""

    number: int
    holds: str
    star: bool = False
    instead: str = ""


ROWS = (
    Row(1, "no path out of the repository or into any spelling of `.git`", star=True),
    Row(2, "no new or changed link or submodule", star=True),
    Row(3, "what is judged is what git makes of the patch, and that is delivered", star=True),
    Row(4, "the same from any folder of the repository; a patch that changes nothing is no success"),
    Row(5, "an empty, cut off or unreadable reply is a failed attempt and never applies in part"),
    Row(6, "files that run by themselves or steer the judges only after a yes that names them", star=True),
    Row(7, "no pass by changing, skipping or adding tests or runner configuration", star=True),
    Row(8, "no pass by leaving the process early: each test that passed must be told as passed", star=True),
    Row(9, "no pass by speaking to the test runner or by values that equal everything"),
    Row(10, "another answer while tested is refused; one that is known by heart fails tests that no reply has seen"),
    Row(11, "no control character of anybody's reaches the terminal", star=True),
    Row(12, "replies and patches are capped while they arrive"),
    Row(13, "odd names survive byte for byte; new ones are refused"),
    Row(14, "nothing is ever installed; what decides what is installed needs a yes"),
    Row(15, "the receipt tells every attempt; there is a most of them"),
    Row(16, "what goes to the next tier is capped, cleaned, fenced and without secrets"),
    Row(17, "a repository's configuration tightens and proposes, nothing else", star=True),
    Row(18, "no `.env` or other file of a repository reaches the client", star=True),
    Row(19, "commands that a repository proposes run only after a yes that is bound to their text", star=True),
    Row(20, "nobody is called and no key is read before that yes", star=True),
    Row(21, "no link is followed when a file is read", star=True),
    Row(22, "pipes, sockets, devices and huge files are no content"),
    Row(23, "what looks like a secret is not sent, and that is said; `--show-context` is the request, word for word"),
    Row(24, "what a reviewer could not see is written out; a file can not end its fence"),
    Row(25, "nothing that a repository configures runs on the host", star=True),
    Row(26, "editable installs and absolute paths meet the patch; another copy proves nothing", star=True),
    Row(27, "every shape of repository works or is refused with a reason"),
    Row(28, "our own folders are no links"),
    Row(29, "homes and other places are empty in the sandbox", star=True),
    Row(30, "no key in environment, processes or descriptors", star=True),
    Row(31, "no network, no socket to the host", star=True),
    Row(32, "nothing outside the twin can be written", star=True),
    Row(33, "no git of the twin's is ever read", star=True),
    Row(34, "what commands change in a twin is never delivered", star=True),
    Row(35, "nothing survives a command, a time-out or our own death", star=True),
    Row(36, "a daemon that holds the pipe delays nothing"),
    Row(37, "a killed sandbox is no answer about the code"),
    Row(38, "no input, no terminal, a time-out"),
    Row(39, "limits on processes, memory, disk and output"),
    Row(40, "linters and their configurations run in the sandbox"),
    Row(41, "no terminal to push input into"),
    Row(42, "no level without its self-test; none is an error", star=True),
    Row(43, "a flaky test accepts nothing and buys no dearer tier"),
    Row(44, "after a kill at any point all files are old or all are new", star=True),
    Row(45, "a full disk loses nothing", star=True),
    Row(46, "a signal restores or finishes, and ends what was running", star=True),
    Row(47, "a hook whose git is gone writes nothing", star=True),
    Row(48, "runs side by side deliver one after another", star=True),
    Row(49, "twins of dead runs are swept, others never"),
    Row(50, "no branch, worktree or setting of the repository's is ever made"),
    Row(51, "no row of the ledger is lost to other writers or a kill"),
    Row(52, "a ledger that cannot be used changes no outcome"),
    Row(53, "state files are replaced whole"),
    Row(54, "a slow server ends at the deadline", star=True),
    Row(55, "a failing server: few retries, little waiting, no trace"),
    Row(56, "no redirect is followed, no certificate unchecked", star=True),
    Row(57, "never more than the caps, with any number of processes", star=True),
    Row(58, "a reply that unpacks to more than the limit is refused"),
    Row(59, "keys are in no file, no output and no argument"),
    Row(60, "the model that answered is recorded beside the one that was asked"),
    Row(61, "a file that changed meanwhile is not overwritten; tree, index, HEAD alone", star=True),
    Row(62, "a hook judges what is staged and changes neither index nor commit", star=True),
    Row(63, "an undo restores what was there, whole, or writes nothing"),
    Row(64, "line ends, marks, modes, owners, attributes stay"),
    Row(65, "one rename a file, no content in between"),
    Row(66, "a hook has a deadline and lets a commit pass where it cannot judge"),
    Row(67, "bad words at the prompt end in one line"),
)


def named_after_rows() -> dict[int, dict[str, int]]:
    """Row → test file, relative to the project → how many functions there are named after the row."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for file in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and (named := _NAME.match(node.name)):
                for number in named[1].strip("_").split("_"):
                    found[int(number)][file.relative_to(TESTS.parent).as_posix()] += 1
    return found


def table() -> str:
    """The table as Markdown, between its marks."""
    found = named_after_rows()
    lines = [BEGIN, "", "| Row | What must hold | Tests | |", "|--:|---|---|---|"]
    for row in ROWS:
        files = ", ".join(
            f"`{name}`" + (f" ×{count}" if count > 1 else "") for name, count in found[row.number].items()
        )
        status = "" if files else "**no test**"
        mark = f"{row.number} ★" if row.star else str(row.number)
        lines.append(f"| {mark} | {row.holds} | {files or row.instead} | {status} |")
    return "\n".join([*lines, "", END])


def page() -> str:
    """docs/security.md with its table made anew."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    return before + table() + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page())
