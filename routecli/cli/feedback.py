"""`routecli feedback RUN good|bad|reverted`: what became known of a patch later."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from routecli.cli.session import open_config, open_ledger
from routecli.cli.streams import note
from routecli.cli.verb import verb_app

app = verb_app()


class Word(StrEnum):
    """What can be said of an accepted patch."""

    GOOD = "good"
    BAD = "bad"
    REVERTED = "reverted"
    UNKNOWN = "unknown"


@app.command(
    epilog="""
    routecli feedback last good
    routecli feedback 20261127 bad
    routecli feedback last unknown
    """
)
def feedback(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or `last`.")],
    word: Annotated[Word, typer.Argument(metavar="WORD", help="good, bad, reverted; unknown takes it back.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Say what became of a patch: routing learns from it.

    An accepted patch may have been wrong all the same. What you say counts as known, where the verdict's word is only
    likely (docs/routing.md).
    """
    from routecli.cli.screen import write_json
    from routecli.domain.untrusted import headline, visible

    truth = "" if word is Word.UNKNOWN else word.value
    with open_ledger(ctx, open_config(ctx)) as ledger:
        row = ledger.tell_truth(visible(run), truth, "you")
    if as_json:
        write_json({"run_id": row.run_id, "truth": truth or None})
        return
    note(f"{row.run_id}: {word.value} ({headline(row.instruction, limit=60)})")
