"""`routecli last`: the last run again, as `show last`."""

from __future__ import annotations

from typing import Annotated

import typer

from routecli.cli.verb import verb_app

app = verb_app()


@app.command(
    epilog="""
    routecli last
    routecli last --patch | git apply --check
    """
)
def last(
    ctx: typer.Context,
    patch: Annotated[bool, typer.Option("--patch", help="Only the patch, as a unified diff.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Show the last run: its receipt and its patch."""
    from routecli.cli.show import show

    show(ctx, "last", patch, as_json)
