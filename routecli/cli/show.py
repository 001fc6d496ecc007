"""`routecli show RUN`: a run's receipt again, and its patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.session import infer_here, open_config, open_ledger
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.ledger.records import RequestRow, RunRecord

app = verb_app()


@app.command(
    epilog="""
    routecli show
    routecli show 20261127 --json
    routecli show last --patch | git apply --check
    routecli show last --reprice
    routecli show last --prompts
    """
)
def show(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or `last`.")] = "last",
    patch: Annotated[bool, typer.Option("--patch", help="Only the patch, as a unified diff.")] = False,
    reprice: Annotated[
        bool, typer.Option("--reprice", help="Price its calls again: today's list, your own prices.")
    ] = False,
    prompts: Annotated[
        bool, typer.Option("--prompts", help="What was asked and answered, where `keep = true` kept it.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="What `run --explain` said of it, in figures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Show a run again: its receipt and its patch.

    With --reprice its calls, what each cost then and what the same tokens would cost now. Nothing is changed.
    """
    from routecli.cli import render
    from routecli.cli.reprice_view import show_repriced
    from routecli.cli.screen import answer_console, write_json
    from routecli.domain.untrusted import visible
    from routecli.errors import UsageFault

    loaded = open_config(ctx)
    with open_ledger(ctx, loaded) as ledger:
        if run == "last" and not ledger.history(1):
            raise UsageFault("there are no runs yet", hint='routecli "sort the imports" .')
        infer_here(ledger, loaded)
        record = ledger.run(visible(run))
        text = ledger.patch(record.row.run_id) or (record.receipt.patch_text if record.receipt else "")
        said = ledger.exchanges(record.row.run_id) if prompts else ()
    console = answer_console(no_color=shared(ctx).no_color)
    if prompts:
        from routecli.cli.exchange_view import show_exchanges

        show_exchanges(record.row.run_id, said, console, as_json=as_json)
        return
    if explain:
        _explain(record, console, as_json=as_json)
        return
    if reprice:
        show_repriced(record, loaded, console, as_json=as_json)
        return
    if patch and not text:
        raise UsageFault(f"run {record.row.run_id} left no patch", hint=f"routecli show {record.row.run_id}")
    if patch:
        render.patch(text, console)
    elif as_json:
        write_json(_record_json(record, text))
    else:
        _print(record, text, console)


def _explain(record: RunRecord, console: Console, *, as_json: bool) -> None:
    """The figures of the decision as they were then. Raises UsageFault: nobody asked for them."""
    from routecli.cli.explain_view import show_explained
    from routecli.cli.screen import write_json
    from routecli.domain.explained_json import explained_to_json
    from routecli.errors import UsageFault

    route = record.receipt.route if record.receipt is not None else None
    if route is None or route.explained is None:
        raise UsageFault(
            f"run {record.row.run_id} was not explained: it ran without --explain", hint="routecli run --explain …"
        )
    if as_json:
        write_json(explained_to_json(route.explained))
    else:
        show_explained(route.explained, route.policy, console)


def _record_json(record: RunRecord, patch: str) -> dict[str, Any]:
    """The receipt of the run; where it never ended, its line of the history. The calls beside it."""
    from routecli.cli.history import row_json
    from routecli.domain.receipt_json import to_json

    base = to_json(record.receipt) if record.receipt is not None else row_json(record.row)
    said = {"word": record.row.truth or None, "by": record.row.truth_source or None}
    return {**base, "patch": patch, "truth": said, "calls": [_request_json(request) for request in record.requests]}


def _request_json(request: RequestRow) -> dict[str, Any]:
    from routecli.domain.receipt_json import money

    return {
        "state": request.state,
        "asked_at": request.asked_at.isoformat(),
        "attempt": request.attempt,
        "repair": request.repair,
        "tier": request.tier,
        "model": request.model,
        "model_served": request.model_served,
        "reserved_usd": money(request.reserved_usd),
        "cost_usd": money(request.cost_usd),
        "input_tokens": request.input_tokens,
        "cache_read_tokens": request.cache_read_tokens,
        "cache_write_tokens": request.cache_write_tokens,
        "output_tokens": request.output_tokens,
        "reasoning_tokens": request.reasoning_tokens,
        "usage_source": request.usage_source,
        "request_id": request.request_id,
    }


def _print(record: RunRecord, patch: str, console: Console) -> None:
    from routecli.cli import render
    from routecli.cli.screen import say, shown

    if record.receipt is not None:
        render.receipt(record.receipt, console)
        if record.row.truth:
            say(console, shown(_truth(record.row.truth, record.row.truth_source)))
        if record.receipt.answered is not None:
            from routecli.cli.answer_view import show_answered

            say(console, "")
            show_answered(record.receipt.answered, console)
    else:
        say(console, *render.unfinished(record.row, record.requests))
    if patch:
        say(console, "", render.diff_text(patch))


def _truth(truth: str, source: str) -> str:
    """What became known of the patch, and how."""
    if source != "git":
        return f"{truth}: you said so"
    word = "reverted" if truth == "reverted" else "mostly rewritten"
    return f"{word} soon after, inferred from git: counts as wrong (else: routecli feedback RUN good)"
