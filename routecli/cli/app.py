"""The `routecli` command: the table of verbs, and the one place where an error becomes two lines and an exit status.

A verb's module is imported when it is invoked or its own help is asked, never for `--help` or `--version`.
"""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from routecli import __version__
from routecli.cli.help import help_text
from routecli.cli.streams import hold_standard_streams, quiet_stdout, tell
from routecli.cli.verb import shared, with_shared_options
from routecli.domain.untrusted import one_line
from routecli.errors import ExitStatus, RoutecliError, UsageFault
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from typer._click.core import Command, Context


@dataclass(frozen=True, slots=True)
class Verb:
    """One command. `module` holds `app`, a Typer app; `help` is the first line of its help, kept here so that the
    list of commands needs no verb imported (a test compares the two). `recovers`: it first puts right what a killed
    delivery left."""

    name: str
    module: str
    help: str
    section: str
    recovers: bool = True


WORK, ASK = "Work", "Ask"

VERBS: tuple[Verb, ...] = (
    Verb("run", "routecli.cli.run", "Do a coding task with the cheapest model that can, verified by your tests.", WORK),
    Verb("again", "routecli.cli.again", "Do a past run's task again, one tier above the last that it tried.", WORK),
    Verb("apply", "routecli.cli.apply", "Apply a model's reply or a saved patch, checked and all or nothing.", WORK),
    Verb("undo", "routecli.cli.undo", "Take back what a run or `apply` wrote, whole or not at all.", WORK),
    Verb("redo", "routecli.cli.redo", "Make again what `undo` took back, whole or not at all.", WORK),
    Verb(
        "hook",
        "routecli.cli.hook",
        "Judge what is staged before each commit, beside the hooks that are there.",
        WORK,
        recovers=False,
    ),
    Verb("demo", "routecli.cli.demo", "See it work: a throw-away repository, recorded replies, no key.", WORK),
    Verb("ask", "routecli.cli.ask", "Answer a question about files, with places in them that were looked up.", ASK),
    Verb(
        "review",
        "routecli.cli.review",
        "Review a change: findings with file, line and severity, each at a line that was looked up.",
        ASK,
    ),
    Verb("estimate", "routecli.cli.estimate", "Say which tier a task would go to, why, and what it may cost.", ASK),
    Verb(
        "checks",
        "routecli.cli.checks",
        "Show the tests and linters that verify a patch here, or run them on the code as it is.",
        ASK,
    ),
    Verb("show", "routecli.cli.show", "Show a run again: its receipt and its patch.", ASK),
    Verb("last", "routecli.cli.last", "Show the last run: its receipt and its patch.", ASK),
    Verb("history", "routecli.cli.history", "List past runs: what each did and what it cost.", ASK),
    Verb("stats", "routecli.cli.stats", "Say what all runs came to: verified, climbed, tokens, cost, saved.", ASK),
    Verb("export", "routecli.cli.export", "Hand the ledger's figures to other programs.", ASK),
    Verb(
        "serve-metrics",
        "routecli.cli.serve_metrics",
        "Serve the ledger's figures to Prometheus, on loopback.",
        ASK,
        recovers=False,
    ),
    Verb("receipt", "routecli.cli.receipt", "Print a run's receipt: text, JSON, or Markdown for a pull request.", ASK),
    Verb(
        "budget",
        "routecli.cli.budget",
        "Show the caps on money and what is left of each; set them.",
        ASK,
    ),
    Verb("feedback", "routecli.cli.feedback", "Say what became of a patch: routing learns from it.", ASK),
    Verb("forget", "routecli.cli.forget", "Take the texts of past runs out of the ledger; keep their money.", ASK),
    Verb("ledger", "routecli.cli.ledger", "Say where the ledger is, check it, prune it, move it to a server.", ASK),
    Verb("alerts", "routecli.cli.alerts", "Say what speaks against the rules or the line-up of models.", ASK),
    Verb("eval", "routecli.cli.eval", "Try the tiers on tasks with a known answer, and say what follows.", ASK),
    Verb("models", "routecli.cli.models", "Show the ladder of models with today's prices, or review it.", ASK),
    Verb(
        "simulate",
        "routecli.cli.simulate",
        "Say what routing would cost: mixes, recorded outcomes, past runs.",
        ASK,
    ),
    Verb("config", "routecli.cli.config", "Write, show and check the configuration.", ASK),
    Verb(
        "doctor",
        "routecli.cli.doctor",
        "Look at everything that a run needs, and say how to mend what is missing.",
        ASK,
    ),
    Verb("alias", "routecli.cli.alias", "Print or install a short name for the shell, and a prompt's segment.", ASK),
    Verb("trust", "routecli.cli.trust", "Say which commands of a repository's own configuration may run.", ASK),
    Verb("completion", "routecli.cli.completion", "Print the completion script of a shell.", ASK, recovers=False),
)
"""The command table: one row a verb, in the order of the help page."""

_BY_NAME = {verb.name: verb for verb in VERBS}


class VerbGroup(TyperGroup):
    """The verbs, loaded when they are used."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002
        """Every verb's name, nothing imported."""
        return [verb.name for verb in VERBS]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        """The verb `cmd_name`, imported now; None where there is none."""
        verb = _BY_NAME.get(cmd_name)
        return load(verb) if verb else None

    def help_table(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The commands for the help page: sections of names with one line each."""
        titles = {WORK: "Commands that work", ASK: "Commands that answer"}
        sections = [(titles[s], [(v.name, v.help) for v in VERBS if v.section == s]) for s in titles]
        return [section for section in sections if section[1]]

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """A sentence in a verb's place is a task for `run`; another unknown word is refused and costs nothing."""
        word = args[0]
        if word not in _BY_NAME:
            if "run" in _BY_NAME and len(word.split()) > 1:
                return "run", self.get_command(ctx, "run"), args
            raise _unknown_command(word)
        return word, self.get_command(ctx, word), args[1:]


def _unknown_command(word: str) -> UsageFault:
    from difflib import get_close_matches

    near = get_close_matches(word, _BY_NAME, n=1, cutoff=0.6)
    hint = f"did you mean `routecli {near[0]}`?" if near else 'routecli --help, or a task: routecli run "…" [PATHS]'
    return UsageFault(f"there is no command {one_line(word, limit=60)!r}", hint=hint)


def load(verb: Verb) -> Command:
    """The verb's command, its module imported, with the shared options."""
    command = typer.main.get_command(importlib.import_module(verb.module).app)
    command.name = verb.name
    if verb.recovers:
        _recover_first(command)
    return with_shared_options(command)


def _recover_first(command: Command) -> None:
    """When `command`, or one below it, is carried out: after its words were understood, never for its help."""
    below = getattr(command, "commands", {})
    for deeper in below.values():
        _recover_first(deeper)
    if below:
        return
    carry_out = command.invoke

    def invoke(ctx: Any) -> Any:
        from routecli.cli.recovering import recover_first

        recover_first(quiet=shared(ctx).quiet)
        return carry_out(ctx)

    command.invoke = invoke  # type: ignore[method-assign]


def _version(value: bool) -> None:
    if value:
        import os

        from routecli.pricebook.dated import as_of, newest
        from routecli.pricebook.fetched import price_list_file

        kept = newest(price_list_file(os.environ))
        day = kept.day if kept else as_of()
        how = " (fetched)" if kept else ""
        typer.echo(f"routecli {__version__}{f', prices of {day.isoformat()}{how}' if day else ''}")
        raise typer.Exit


app = typer.Typer(
    cls=VerbGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="""
    routecli demo
    routecli "fix the rounding in invoice totals" src/invoice.py
    routecli estimate "add type hints" src/
    """,
)


@app.callback()
def routecli(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_version,
            expose_value=False,
            help="Show the version and the day of its prices.",
        ),
    ] = False,
) -> None:
    """Routes a coding task to the cheapest model that can do it, and writes only what your own tests verified."""


def root_command() -> Command:
    """The whole command tree, verbs still unloaded."""
    return with_shared_options(typer.main.get_command(app))


def invoke(args: Sequence[str]) -> int:
    """Runs one command line. Returns its exit status; raises what the verb raises."""
    command = root_command()
    try:
        if not args:
            with command.make_context("routecli", [], resilient_parsing=True) as ctx:
                typer.echo(help_text(ctx), err=True)
                return ExitStatus.USAGE
        with command.make_context("routecli", list(args)) as ctx:
            answer = command.invoke(ctx)
            return int(answer) if isinstance(answer, int) else ExitStatus.ACCEPTED
    except typer.Exit as leave:
        return leave.exit_code


_USAGE_ERROR: Any = typer.BadParameter.__mro__[2]
"""ClickException, the root of what typer raises for a wrong command line: it has no public name in every version."""


def run(args: Sequence[str]) -> int:
    """`invoke`, and every error as its lines on stderr: returns the exit status, raises nothing."""
    try:
        status = invoke(args)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except RoutecliError as fault:
        tell(fault.what, fault.hint)
        return fault.status
    except KeyboardInterrupt as stop:
        return getattr(stop, "status", ExitStatus.SIGINT)
    except typer.Abort:
        return ExitStatus.SIGINT
    except BrokenPipeError:
        quiet_stdout()
        return ExitStatus.ACCEPTED
    except OSError as fault:
        return _io_fault(fault)
    except _USAGE_ERROR as fault:
        from routecli.cli.usage import usage_lines

        tell(*usage_lines(fault))
        return ExitStatus.USAGE
    except Exception as bug:  # noqa: BLE001 - the one place: a bug is told, saved and exit 70
        return _bug(bug)


def _io_fault(fault: OSError) -> int:
    """A full disk or a terminal that hung up is no bug where it is our own output that fails."""
    if fault.filename is not None or fault.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
        return _bug(fault)
    quiet_stdout()
    tell(f"the output could not be written: {fault.strerror}")
    return ExitStatus.INTERNAL


def _bug(bug: Exception) -> int:
    from routecli.cli.crash import crash_lines

    tell(*crash_lines(bug))
    return ExitStatus.INTERNAL


_OBJECTS_PER_COLLECTION = 50_000
"""Python's own 700 makes each import of many modules a tenth slower, for objects that live to the end anyway."""


def main() -> None:
    """The entry point: streams and signals first, then one command, then its exit status."""
    import gc
    import os
    import warnings

    from routecli.cli import signals

    gc.set_threshold(_OBJECTS_PER_COLLECTION)
    # Else pydantic, which the price list and the SDKs use, reads the metadata of every installed package for plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    hold_standard_streams()
    signals.install()
    if not sys.warnoptions:
        warnings.simplefilter("ignore", SyntaxWarning)  # what the parser says of a repository's code, raw, on stderr
    status = run(sys.argv[1:])
    if status in (ExitStatus.SIGINT, ExitStatus.SIGTERM, ExitStatus.SIGHUP):
        # Threads that wait for a server must not hold the program back once everything is unwound.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                try:
                    stream.flush()
                except OSError:
                    continue
        os._exit(status)
    sys.exit(status)
