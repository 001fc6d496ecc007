"""`routecli redo`: what `undo` took back, made again."""

from __future__ import annotations

from typing import Annotated

import typer

from routecli.cli.verb import shared, verb_app

app = verb_app()


@app.command(
    epilog="""
    routecli redo
    routecli redo 20261127-1432 --yes
    """
)
def redo(
    ctx: typer.Context,
    delivery: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A delivery's or a run's id, or its beginning.", show_default=False),
    ] = None,
    patch: Annotated[bool, typer.Option("--patch", help="Write nothing: print what it would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Make again what `undo` took back, whole or not at all.

    Without an ID, the one that was undone last.
    """
    from routecli.cli.turning import Manner, carry_out
    from routecli.workspace.journal import Turn

    return carry_out(Turn.REDO, delivery, Manner(yes, patch, as_json, shared(ctx).quiet, shared(ctx).no_color))
