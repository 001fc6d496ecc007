"""`routecli again`: the same task once more, one tier up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli import ordering as o
from routecli.cli.session import open_config, open_ledger
from routecli.cli.verb import shared, verb_app
from routecli.domain.answered import ANSWERS, PURPOSE
from routecli.domain.task import Kind
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault

if TYPE_CHECKING:
    from routecli.cli.manner import Manner
    from routecli.compose import Order
    from routecli.config.load import Loaded
    from routecli.domain.receipt import Receipt
    from routecli.ledger.records import RunRecord

app = verb_app()


@app.command(
    epilog="""
    routecli again
    routecli again --tier tier3 --budget 1
    routecli again 20261127-1432
    """
)
def again(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or `last`.")] = "last",
    tier: o.TierName = None,
    budget: o.Budget = None,
    patch_only: Annotated[
        bool, typer.Option("--patch-only", help="The verified patch on stdout, nothing written.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Write it even if nothing verified it, and to protected files.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The receipt as JSON.")] = False,
) -> int:
    """Do a past run's task again, one tier above the last that it tried.

    The same words, files and kind, on what the files hold now. What the run wrote stays, unless you say yes to the
    question whether to take it back, or `routecli undo` did. A question is asked again.
    """
    from routecli.cli.manner import Output, manner_of
    from routecli.domain.untrusted import visible

    loaded = open_config(ctx, o.flags_of(budget=budget))
    with open_ledger(ctx, loaded) as ledger:
        if run == "last" and not ledger.history(1):
            raise UsageFault("there are no runs yet", hint='routecli "sort the imports" .')
        record = ledger.run(visible(run))
    order = _order(record, loaded, tier)
    output = Output.JSON if as_json else Output.TEXT
    manner = replace(manner_of(ctx), output=output, patch_only=patch_only, yes=yes)
    return _carry_out(ctx, order, loaded, manner, record.row.run_id)


def _carry_out(ctx: typer.Context, order: Order, loaded: Loaded, manner: Manner, run_id: str) -> int:
    """The order, once that of `run_id`, by the verb that its kind belongs to."""
    from routecli.cli.manner import Output

    if order.kind in ANSWERS and (manner.patch_only or manner.yes):
        raise UsageFault("it was a question: there is no patch", hint="routecli again")
    if order.kind is Kind.MESSAGE:
        raise UsageFault("it was the message of a commit", hint="routecli review, or git commit --amend")
    if order.kind is Kind.ASK:
        from routecli.cli.ask import answer

        return answer(ctx, order, loaded, manner)
    if order.kind is Kind.REVIEW:
        from routecli.cli.review import Form, Told, look_through
        from routecli.compose.change_review import Wanted

        scope = order.instruction.removeprefix("review ")
        wanted = Wanted(order.paths, order.cwd, scope, order.tier)
        told = Told(Form.JSON if manner.output is Output.JSON else Form.TEXT)
        return look_through(ctx, wanted, loaded, manner, told)
    from routecli.cli.running import carry_out
    from routecli.cli.turning import offer_undo

    offer_undo(run_id, no_color=shared(ctx).no_color, ask=not manner.yes)
    return carry_out(ctx, order, loaded, manner)


def _order(record: RunRecord, loaded: Loaded, tier: str | None) -> Order:
    """The order of the run, at `tier` or one above its last. Raises UsageFault: it has no receipt, ran elsewhere, or
    tried the last tier already."""
    from routecli.compose import Order
    from routecli.domain.untrusted import visible

    receipt, name = record.receipt, record.row.run_id
    if receipt is None:
        raise UsageFault(f"run {name} has no receipt: {record.row.outcome}", hint=f"routecli show {name}")
    root = receipt.task.repo_root
    if not Path.cwd().resolve().is_relative_to(root):
        raise UsageFault(f"run {name} was for {visible(str(root))}", hint=f"cd {visible(str(root))}")
    wanted = tier or _above(receipt, [t.name for t in loaded.settings.tiers])
    return Order(receipt.task.instruction, receipt.task.paths, root, receipt.task.kind, wanted, again=True)


def _above(receipt: Receipt, ladder: list[str]) -> str | None:
    """The tier above the highest that was tried; the first above tools. None: as routing decides."""
    tried = [ladder.index(a.tier) for a in receipt.attempts if a.purpose in ("", PURPOSE) and a.tier in ladder]
    if not tried:
        return ladder[0] if receipt.attempts and ladder else None
    if max(tried) + 1 >= len(ladder):
        top = one_line(ladder[-1])
        raise UsageFault(f"{top} was tried already, and there is no tier above it", hint=f"routecli again --tier {top}")
    return ladder[max(tried) + 1]
