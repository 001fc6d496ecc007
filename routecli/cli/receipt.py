"""`routecli receipt RUN`: a run's receipt alone, in the form that is wanted."""

from __future__ import annotations

from typing import Annotated

import typer

from routecli.cli.session import open_config, open_ledger
from routecli.cli.verb import shared, verb_app

app = verb_app()


@app.command(
    epilog="""
    routecli receipt
    routecli receipt last --markdown | gh pr comment --body-file -
    routecli receipt 20261127-1432 --json
    routecli receipt last --reprice
    """
)
def receipt(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or `last`.")] = "last",
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown, for a pull request.")] = False,
    reprice: Annotated[
        bool, typer.Option("--reprice", help="Price its calls again: today's list, your own prices.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The receipt as JSON (docs/receipt.schema.json).")] = False,
) -> None:
    """Print a run's receipt: text, JSON, or Markdown for a pull request.

    With --reprice its calls, what each cost then and what the same tokens would cost now, as text or JSON.
    """
    from routecli.domain.untrusted import visible
    from routecli.errors import UsageFault

    if markdown and (as_json or reprice):
        other = "--json" if as_json else "--reprice"
        raise UsageFault(f"--markdown and {other} are two forms: one of them", hint="routecli receipt last --markdown")
    loaded = open_config(ctx)
    with open_ledger(ctx, loaded) as ledger:
        if run == "last" and not ledger.history(1):
            raise UsageFault("there are no runs yet", hint='routecli "sort the imports" .')
        record = ledger.run(visible(run))
    if reprice:
        from routecli.cli.reprice_view import show_repriced
        from routecli.cli.screen import answer_console

        show_repriced(record, loaded, answer_console(no_color=shared(ctx).no_color), as_json=as_json)
        return
    if record.receipt is None:
        why = f"run {record.row.run_id} has no receipt: {record.row.outcome}"
        raise UsageFault(why, hint=f"routecli show {record.row.run_id}")
    if as_json:
        from routecli.cli.screen import write_json
        from routecli.domain.receipt_json import to_json

        write_json(to_json(record.receipt))
    elif markdown:
        from routecli.cli.receipt_markdown import markdown_of
        from routecli.cli.screen import write_out

        write_out(markdown_of(record.receipt))
    else:
        from routecli.cli import render
        from routecli.cli.screen import answer_console

        render.receipt(record.receipt, answer_console(no_color=shared(ctx).no_color))
