"""`routecli checks`: what verifies a patch here, why, and how it went; `checks run` runs it on the code as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routecli.cli import ordering as o
from routecli.cli.paths_group import PathsGroup
from routecli.cli.session import open_config
from routecli.cli.verb import shared, verb_app

app = verb_app(cls=PathsGroup)

PathWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATHS", show_default=False, help="Files, folders or globs. Without any: all below this folder."
    ),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Run them even if these very files were tested before.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback()
def checks() -> None:
    """Show the tests and linters that verify a patch here, or run them on the code as it is.

    `routecli checks PATHS` is `routecli checks show PATHS`.
    """


@app.command(
    epilog="""
    routecli checks show
    routecli checks show src/invoice.py
    routecli checks show packages/api --json
    """
)
def show(
    ctx: typer.Context,
    paths: PathWords = None,
    test_cmd: o.TestCmd = None,
    lint_cmd: o.LintCmd = None,
    as_json: AsJson = False,
) -> None:
    """Show what would be run for these files, which file says so, and how it went last.

    Runs nothing of the repository's. Commands that it names beside (make targets, scripts, CI) are only proposed.
    With --verbose also every Python that was looked at.
    """
    from routecli.cli import checks_view
    from routecli.cli.screen import answer_console, write_json
    from routecli.compose.checking import find_checks
    from routecli.compose.consenting import trusted

    found = find_checks(paths or (), Path.cwd(), open_config(ctx, o.flags_of(test_cmd=test_cmd, lint_cmd=lint_cmd)))
    try:
        agreed = trusted(found.loaded, found.repository.root)
        if as_json:
            write_json(checks_view.found_json(found, trusted=agreed))
        else:
            options = shared(ctx)
            console = answer_console(no_color=options.no_color)
            checks_view.print_found(found, console, trusted=agreed, everything=options.verbose)
    finally:
        found.close()


@app.command(
    epilog="""
    routecli checks run
    routecli checks run src/invoice.py --fresh
    routecli checks run --test-cmd "make test" --json
    """
)
def run(
    ctx: typer.Context,
    paths: PathWords = None,
    test_cmd: o.TestCmd = None,
    lint_cmd: o.LintCmd = None,
    no_tests: o.NoTests = False,
    no_lint: o.NoLint = False,
    timeout: o.Timeout = None,
    fresh: Fresh = False,
    unsafe_no_sandbox: o.NoSandbox = False,
    as_json: AsJson = False,
) -> int:
    """Run the tests and linters on the code as it is, in the sandbox, as a run does before its patch.

    Failing tests are an answer: exit status 0. 6: a check cannot run here, or there is none. 3: no sandbox, or a
    command of the repository's configuration that nobody said yes to.
    """
    from routecli.cli.checks_run import run_checks

    flags = o.flags_of(
        test_cmd=test_cmd, lint_cmd=lint_cmd, no_tests=no_tests, no_lint=no_lint, timeout=timeout,
        unsafe_no_sandbox=unsafe_no_sandbox,
    )  # fmt: skip
    return run_checks(ctx, paths or (), open_config(ctx, flags), fresh=fresh, as_json=as_json)


@app.command(
    epilog="""
    routecli checks adopt "make test"
    """
)
def adopt(
    ctx: typer.Context,
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", show_default=False, help="One of those that `checks` proposes.")
    ],
) -> None:
    """Make a proposed command the test or lint command of this repository.

    Writes it to .routecli.toml and says yes to it (`routecli trust`); undo both with `git checkout .routecli.toml`
    or by taking the line out.
    """
    from routecli.cli.checks_adopt import adopt_command

    adopt_command(ctx, command, open_config(ctx))
