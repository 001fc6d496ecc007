"""`routecli review`: findings in a change, each at a line that was looked up."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli import ordering as o
from routecli.cli.manner import Manner, Output, manner_of
from routecli.cli.session import open_config
from routecli.cli.verb import verb_app
from routecli.domain.answered import Severity
from routecli.errors import ExitStatus
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from routecli.compose.change_review import Wanted
    from routecli.config.load import Loaded
    from routecli.domain.receipt import Receipt

app = verb_app()


class Form(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True)
class Told:
    """How the findings are written, and from which weight on they are a failure (None: never)."""

    form: Form = Form.TEXT
    fail_on: Severity | None = None


@app.command(
    epilog="""
    routecli review
    routecli review main..HEAD src/
    routecli review HEAD --tier tier2
    routecli review main...HEAD --format sarif > review.sarif
    routecli review --fail-on error && git commit
    """
)
def review(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RANGE] [PATHS]",
            help="`main..HEAD`, `main...HEAD` or a commit, then files, folders or globs in it. Without a range: what "
            "is staged.",
            show_default=False,
        ),
    ] = None,
    tier: o.TierName = None,
    max_tier: o.MaxTier = None,
    budget: o.Budget = None,
    policy: o.Policy = None,
    hint: o.Hint = "",
    form: Annotated[
        Form, typer.Option("--format", help="text, json (the receipt, findings in `answer`) or sarif (2.1.0).")
    ] = Form.TEXT,
    fail_on: Annotated[
        Severity | None,
        typer.Option("--fail-on", help="Exit status 1 for findings of at least this weight.", show_default=False),
    ] = None,
    dry_run: o.DryAsking = False,
    allow_unpriced: o.Unpriced = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> int:
    """Review a change: findings with file, line and severity, each at a line that was looked up.

    No file is changed and nothing is run. A finding at a line that the change does not have is left out and counted.
    Whether a finding is right nothing verifies.
    """
    from routecli.compose.change_review import Wanted

    wanted = Wanted(tuple(words or ()), Path.cwd(), "", tier, max_tier, hint)
    flags = o.flags_of(budget=budget, max_tier=max_tier, policy=policy, allow_unpriced=allow_unpriced)
    form = Form.JSON if as_json else form
    manner = replace(manner_of(ctx), output=Output.JSON if form is Form.JSON else Output.TEXT, dry_run=dry_run)
    return look_through(ctx, wanted, open_config(ctx, flags), manner, Told(form, fail_on))


def look_through(ctx: typer.Context, wanted: Wanted, loaded: Loaded, manner: Manner, told: Told = Told()) -> int:
    """Reviews what is wanted and tells the findings. Returns the exit status."""
    from routecli.cli.answering import carry_out, refuse_tools
    from routecli.compose import Plan
    from routecli.compose.change_review import plan_review
    from routecli.ledger.ledger import Ledger
    from routecli.ports import Questioner

    refuse_tools(wanted.tier)

    def planned(ledger: Ledger) -> tuple[Plan, Questioner]:
        return plan_review(wanted, loaded, ledger)

    def tell(receipt: Receipt) -> int:
        return _tell(receipt, told, no_color=manner.no_color)

    return carry_out(ctx, loaded, manner, planned, tell=tell)


def _tell(receipt: Receipt, told: Told, *, no_color: bool) -> int:
    from routecli.cli.answer_view import show_answered
    from routecli.cli.screen import answer_console, write_json
    from routecli.domain.receipt_json import to_json
    from routecli.exports.sarif import sarif_of

    answered = receipt.answered
    if told.form is Form.JSON:
        write_json(to_json(receipt))
    elif told.form is Form.SARIF:
        write_json(sarif_of(receipt))
    elif answered is not None:
        show_answered(answered, answer_console(no_color=no_color))
    severities = [remark.severity for remark in answered.remarks] if answered is not None else []
    grave = told.fail_on is not None and any(severity.reaches(told.fail_on) for severity in severities)
    return ExitStatus.DEFERRED if grave else ExitStatus.ACCEPTED
