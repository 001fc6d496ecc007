"""`routecli apply`: a reply pasted from anywhere, or a saved patch: applied whole or refused whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from routecli.cli.session import open_config
from routecli.cli.verb import shared, verb_app

app = verb_app()


@app.command(
    epilog="""
    routecli apply reply.md
    wl-paste | routecli apply
    routecli apply --check reply.md
    routecli apply --run 20261127-1432 --verify
    """
)
def apply(
    ctx: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="The reply; `-` or nothing reads standard input.", show_default=False),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="The patch that a run saved: its id, or `last`.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; the exit status says if it fits.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Run the project's tests and linters on it first.")] = False,
    reverse: Annotated[bool, typer.Option("--reverse", help="Take a patch back instead.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; also for protected files.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Each edit and how its place was found, as JSON.")] = False,
) -> int:
    """Apply a model's reply or a saved patch, checked and all or nothing."""
    from routecli.cli.pasting import Manner, carry_out, note_overruled, saved, typed

    loaded = open_config(ctx)
    run_id, text = saved(ctx, loaded, run) if run else ("", typed(source))
    overruled = partial(note_overruled, ctx, loaded, run_id) if run_id and not reverse else None
    manner = Manner(check, verify, reverse, yes, as_json, shared(ctx).quiet, shared(ctx).no_color, run_id, overruled)
    return carry_out(text, Path.cwd(), loaded, manner)
