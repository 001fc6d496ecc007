"""`routecli undo`: what was delivered, taken back whole."""

from __future__ import annotations

from typing import Annotated

import typer

from routecli.cli.verb import shared, verb_app

app = verb_app()


@app.command(
    epilog="""
    routecli undo
    routecli undo --list
    routecli undo 20261127-1432
    """
)
def undo(
    ctx: typer.Context,
    delivery: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A delivery's or a run's id, or its beginning.", show_default=False),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", "-l", help="List the last 20 deliveries here instead.")] = False,
    patch: Annotated[bool, typer.Option("--patch", help="Write nothing: print what it would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Take back what a run or `apply` wrote, whole or not at all.

    Without an ID, the last one that stands. Refused where a file is no longer what was written.
    """
    from routecli.cli.turning import Manner, carry_out, show_list
    from routecli.errors import ExitStatus
    from routecli.workspace.journal import Turn

    manner = Manner(yes, patch, as_json, shared(ctx).quiet, shared(ctx).no_color)
    if listed:
        show_list(manner)
        return ExitStatus.ACCEPTED
    return carry_out(Turn.UNDO, delivery, manner)
