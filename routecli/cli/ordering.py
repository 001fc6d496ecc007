"""What `run` and `estimate` are told, as options; and an Order made of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.asking import at_terminal
from routecli.domain.answered import ANSWERS
from routecli.domain.task import Kind
from routecli.errors import UsageFault

if TYPE_CHECKING:
    from routecli.compose import Order, Plan
    from routecli.config.load import Loaded
    from routecli.ledger.ledger import Ledger

MAX_TASK_BYTES = 200_000
_EXAMPLE = 'routecli run "fix the rounding in invoice totals" src/invoice.py'


TaskWord = Annotated[
    str | None,
    typer.Argument(
        metavar="TASK", help="What to do, as a sentence; `-` reads it from standard input.", show_default=False
    ),
]
PathWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATHS",
        help="Files, folders or globs that it is about. Without any: the files that the task names.",
        show_default=False,
    ),
]
TaskFile = Annotated[
    Path | None,
    typer.Option("--task-file", metavar="FILE", envvar="ROUTECLI_TASK_FILE", help="Read the task from this file."),
]
Words = Annotated[
    bool, typer.Option("--words", help="TASK and PATHS in loose words: those that name a file are its paths.")
]
TierName = Annotated[
    str | None, typer.Option("--tier", metavar="NAME", envvar="ROUTECLI_TIER", help="Start at this tier.")
]
MaxTier = Annotated[str | None, typer.Option("--max-tier", metavar="NAME", help="Climb no higher than this tier.")]
Policy = Annotated[
    str | None,
    typer.Option("--policy", metavar="NAME", help="How the ladder is chosen: auto, thresholds, cascade …"),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain",
        envvar="ROUTECLI_EXPLAIN",
        help="Say first, in figures, why this tier and this way of editing, and what would change it.",
    ),
]
Hint = Annotated[
    str,
    typer.Option(
        "--hint",
        metavar="TIER",
        envvar="ROUTECLI_HINT",
        help="The tier that the policy `hint` starts at; `planning`: the deep tier.",
    ),
]
LaneName = Annotated[
    str | None,
    typer.Option("--lane", metavar="LANE", help="Who is asked first: auto, tools, local, background, real-time."),
]
KindName = Annotated[
    Kind | None,
    typer.Option("--kind", metavar="KIND", envvar="ROUTECLI_KIND", help="The kind of the task, if its words mislead."),
]
Budget = Annotated[
    str | None, typer.Option("--budget", metavar="USD", help="The most that this run may cost; 5 if not set.")
]
Attempts = Annotated[
    int | None, typer.Option("--attempts", metavar="N", min=1, help="The most attempts, all tiers together.")
]
TestCmd = Annotated[
    str | None, typer.Option("--test-cmd", metavar="CMD", help="The test command, instead of what is found.")
]
LintCmd = Annotated[
    str | None, typer.Option("--lint-cmd", metavar="CMD", help="The lint command, instead of what is found.")
]
Accept = Annotated[
    str | None,
    typer.Option("--accept", metavar="CMD", help="A command that must fail before the patch and pass after it."),
]
Bench = Annotated[
    str | None,
    typer.Option(
        "--bench",
        metavar="CMD",
        help="A command that must be faster with the patch and say the same (kind `performance`).",
    ),
]
Watch = Annotated[
    str | None,
    typer.Option("--watch", metavar="CMD", help="Run CMD after each change; where it fails, propose a patch. No TASK."),
]
Reproduce = Annotated[
    str | None,
    typer.Option("--reproduce", metavar="WHEN", help="Have a test of a fix written first: auto, always or off."),
]
NoProbe = Annotated[
    bool, typer.Option("--no-probe", help="Do not call changed functions again to compare before and after.")
]
Require = Annotated[
    str | None,
    typer.Option("--require", metavar="STRENGTH", help="Accept nothing that rests on less: weak, tested or proven."),
]
Suite = Annotated[
    str | None,
    typer.Option("--suite", metavar="PART", help="Which tests judge a patch: whole, or affected by it alone."),
]
SecondOpinion = Annotated[
    bool | None,
    typer.Option(
        "--second-opinion/--no-second-opinion",
        help="Have each passing patch doubted by a cheap model of another family, or none; `auto` if not set.",
    ),
]
WithTest = Annotated[
    bool, typer.Option("--with-test", envvar="ROUTECLI_WITH_TEST", help="Keep such a test: deliver it with the fix.")
]
NoTests = Annotated[bool, typer.Option("--no-tests", help="Run no tests.")]
NoLint = Annotated[bool, typer.Option("--no-lint", help="Run no linters.")]
Timeout = Annotated[
    str | None, typer.Option("--timeout", metavar="SECONDS", help="The longest that tests or a linter may take.")
]
DryAsking = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be sent to whom and what it may cost, then stop.")
]
Unpriced = Annotated[bool, typer.Option("--allow-unpriced", help="Send calls whose price is unknown.")]
NoSandbox = Annotated[
    bool,
    typer.Option("--unsafe-no-sandbox", help="Where no isolation can be had, run the tests with your own rights."),
]


def opinion_word(wanted: bool | None) -> str | None:
    """The configuration's word for the switch; None where it was not given."""
    return None if wanted is None else "on" if wanted else "off"


def flags_of(**given: Any) -> Mapping[str, Any]:
    """Options that are configuration, for config.load: a switch that was not given says nothing."""
    return {name: value for name, value in given.items() if value is not None and value is not False}


def make_order(
    task: str | None,
    paths: list[str] | None,
    task_file: Path | None,
    kind: Kind | None,
    tier: str | None,
    max_tier: str | None,
    hint: str = "",
    *,
    loose: bool = False,
    example: str = _EXAMPLE,
) -> Order:
    """The Order of these words. Without any at a terminal, the user's editor is asked. Raises UsageFault: no task, or
    one that cannot be read."""
    from routecli.compose import Order

    if kind in ANSWERS and example is _EXAMPLE:
        raise UsageFault(
            f"{kind} is no task, nothing is changed for it", hint="routecli ask --help, routecli review --help"
        )

    words = list(paths or ())
    if loose and task is not None and task != "-":
        task, words = parted([task, *words])
    if task is None and task_file is None and at_terminal():
        from routecli.cli.editing import edited

        task = edited()
    if task_file is not None:
        words = [task, *words] if task is not None else words
        text = _from_file(task_file)
    elif task == "-":
        text = _limited(sys.stdin.read() if sys.stdin is not None else "", "standard input")
    else:
        text = task or ""
    if not text.strip():
        raise UsageFault("the task is empty", hint=example)
    return Order(_limited(text, "the command line"), tuple(words), Path.cwd(), kind, tier, max_tier, hint)


def watched(task: str | None, paths: list[str] | None, tier: str | None, max_tier: str | None) -> Order:
    """The Order of a watch: its words are all paths, since the failing command is the task."""
    from routecli.compose import Order

    words = tuple(word for word in (task, *(paths or ())) if word is not None)
    return Order("", words, Path.cwd(), Kind.FIX, tier, max_tier)


def parted(words: list[str]) -> tuple[str, list[str]]:
    """Loose words as task and paths: a word that names a file, or ends like a folder and is one, is a path and stays a
    word of the task too. A single word with blanks in it is a task as it stands, however it came."""
    if len(words[0].split()) > 1:
        return words[0], words[1:]
    found = [word for word in words if Path(word).is_file() or (word.endswith("/") and Path(word).is_dir())]
    return " ".join(words), found


def _from_file(path: Path) -> str:
    try:
        return _limited(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is no UTF-8 text"
        raise UsageFault(f"--task-file {path}: {reason}", hint=_EXAMPLE) from None


def _limited(text: str, where: str) -> str:
    if len(text) > MAX_TASK_BYTES:
        raise UsageFault(f"the task from {where} is longer than {MAX_TASK_BYTES:,} characters", hint="shorten it")
    return text


def planned(order: Order, loaded: Loaded, ledger: Ledger) -> Plan:
    """The Plan of `order`."""
    from routecli.compose import make_plan

    return make_plan(order, loaded, ledger)
