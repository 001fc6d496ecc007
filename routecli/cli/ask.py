"""`routecli ask`: a question about files, and an answer whose places were looked up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli import ordering as o
from routecli.cli.manner import Manner, Output, manner_of
from routecli.cli.session import open_config
from routecli.cli.verb import verb_app
from routecli.domain.task import Kind

if TYPE_CHECKING:
    from routecli.compose import Order
    from routecli.config.load import Loaded

app = verb_app()

EXAMPLE = 'routecli ask "where is the discount applied?" src/'


@app.command(
    epilog="""
    routecli ask "where is the discount applied?" src/
    routecli ask "what does parse_line do with an empty line?"
    routecli ask "how do these two differ?" a.py b.py --tier tier2
    routecli ask "where are retries counted?" src/ --dry-run
    echo "who calls total()?" | routecli ask - src/ --json
    """
)
def ask(
    ctx: typer.Context,
    question: Annotated[
        str | None,
        typer.Argument(metavar="QUESTION", help="A sentence; `-` reads it from standard input.", show_default=False),
    ] = None,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATHS",
            help="Files, folders or globs that it is about. Without any: the files that the question names.",
            show_default=False,
        ),
    ] = None,
    question_file: Annotated[
        Path | None, typer.Option("--question-file", metavar="FILE", help="Read the question from this file.")
    ] = None,
    words: o.Words = False,
    tier: o.TierName = None,
    max_tier: o.MaxTier = None,
    budget: o.Budget = None,
    policy: o.Policy = None,
    hint: o.Hint = "",
    dry_run: o.DryAsking = False,
    allow_unpriced: o.Unpriced = False,
    as_json: Annotated[bool, typer.Option("--json", help="The receipt as JSON, the answer in `answer`.")] = False,
) -> int:
    """Answer a question about files, with places in them that were looked up.

    No file is changed and nothing is run. A place that does not exist is marked. Whether the answer is right nothing
    can verify, and it says so.
    """
    order = o.make_order(question, paths, question_file, Kind.ASK, tier, max_tier, hint, loose=words, example=EXAMPLE)
    flags = o.flags_of(budget=budget, max_tier=max_tier, policy=policy, allow_unpriced=allow_unpriced)
    manner = replace(manner_of(ctx), output=Output.JSON if as_json else Output.TEXT, dry_run=dry_run)
    return answer(ctx, order, open_config(ctx, flags), manner)


def answer(ctx: typer.Context, order: Order, loaded: Loaded, manner: Manner) -> int:
    """Asks what `order` says and tells the answer. Returns the exit status."""
    from routecli.cli.answering import carry_out, refuse_tools
    from routecli.compose import Plan, make_plan
    from routecli.compose.inquiring import question_of
    from routecli.ledger.ledger import Ledger
    from routecli.ports import Questioner
    from routecli.prompting import Question
    from routecli.prompting.questions import Wrong

    refuse_tools(order.tier)

    def planned(ledger: Ledger) -> tuple[Plan, Questioner]:
        plan = make_plan(order, loaded, ledger, calling=not manner.dry_run)
        return plan, question_of(plan)

    def wrong_of(questioner: Questioner) -> Wrong:
        return questioner.places.wrong if isinstance(questioner, Question) else lambda *_: ""

    return carry_out(ctx, loaded, manner, planned, wrong_of)
