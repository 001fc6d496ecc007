"""`routecli export`: what the ledger holds, in the forms of other programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.session import open_config, open_ledger, repository_root
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from routecli.ledger.ledger import Ledger

app = verb_app()


class Form(StrEnum):
    """What for."""

    CSV = "csv"
    JSONL = "jsonl"
    PROMETHEUS = "prometheus"
    STATSD = "statsd"
    OTLP = "otlp"
    SFT = "sft"


class Least(StrEnum):
    """How much an acceptance has to rest on."""

    WEAK = "weak"
    TESTED = "tested"
    PROVEN = "proven"


@app.command(
    epilog="""
    routecli export --format csv --days 90 >spend.csv
    routecli export --format prometheus --out /var/lib/node_exporter/routecli.prom
    routecli export --format otlp --to http://127.0.0.1:4318 --days 1
    routecli export --format sft --min-strength proven --out train.jsonl
    """
)
def export(
    ctx: typer.Context,
    form: Annotated[Form, typer.Option("--format", help="The form; see below.")],
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, max=36_500, help="How far back; else everything.")
    ] = None,
    here: Annotated[bool, typer.Option("--here", help="Only runs of the repository around this folder.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Into a file, replaced as a whole; else stdout.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="ADDRESS", help="Where to send: HOST:PORT for statsd, a URL for otlp."),
    ] = None,
    least: Annotated[
        Least | None,
        typer.Option("--min-strength", help="For sft: the least that a line rests on; else tested."),
    ] = None,
    bare: Annotated[
        bool, typer.Option("--bare", help="For sft: only the messages, for services that take no other key.")
    ] = False,
) -> None:
    """Hand the ledger's figures to other programs.

    csv: a row a day, tier and model. jsonl: a receipt a line, oldest first. prometheus: the text format, for its
    textfile collector. statsd: gauges over UDP (127.0.0.1:8125). otlp: a trace a run, as OTLP over HTTP
    (http://127.0.0.1:4318), without any text of tasks, prompts or replies. sft: a chat a line for fine-tuning, of
    accepted runs whose prompts `keep = true` kept; what holds a secret, or turned out wrong, is left out.
    """
    from routecli.errors import UsageFault

    sends = form in (Form.STATSD, Form.OTLP)
    if sends and out is not None:
        raise UsageFault(f"--format {form} is sent, not written", hint=f"routecli export --format {form} --to …")
    if to is not None and not sends:
        raise UsageFault(
            f"--to is for statsd and otlp, not for {form}", hint=f"routecli export --format {form} --out …"
        )
    if form is not Form.SFT and (least or bare):
        raise UsageFault(f"--min-strength and --bare are for sft, not for {form}", hint="routecli export --format sft")
    loaded = open_config(ctx)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=days - 1) if days else None
    root = repository_root() if here else None
    with open_ledger(ctx, loaded) as ledger:
        if sends:
            said = _sent(form, ledger, since, root, to)
            if not shared(ctx).quiet:
                from routecli.cli.streams import note

                note(said)
            return
        if form is Form.SFT:
            from routecli.cli.export_sft import sft_text

            full = loaded.settings.context.secret_scan == "full"
            text, said = sft_text(ledger, since, root, least=least or "tested", bare=bare, full=full)
        else:
            text, said = _text(form, ledger, since, root), ""
    _write(text, out, form)
    if said and not shared(ctx).quiet:  # only when it is: the file may be refused
        from routecli.cli.streams import note

        note(said)


def _text(form: Form, ledger: Ledger, since: datetime | None, root: Path | None) -> str:
    if form is Form.PROMETHEUS:
        from routecli.exports.prometheus import exposition

        return exposition(ledger.stats(since, repo_root=root), ledger.overruled(since, repo_root=root))
    receipts = [r for r in reversed(ledger.receipts(since)) if root is None or r.task.repo_root == root]
    if form is Form.CSV:
        from routecli.exports.daily_csv import daily

        return daily(receipts)
    from routecli.cli.screen import json_text
    from routecli.domain.receipt_json import to_json

    return "".join(f"{json_text(to_json(receipt))}\n" for receipt in receipts)


def _sent(form: Form, ledger: Ledger, since: datetime | None, root: Path | None, to: str | None) -> str:
    if form is Form.STATSD:
        from routecli.exports import statsd

        sums, overruled = ledger.stats(since, repo_root=root), ledger.overruled(since, repo_root=root)
        count = statsd.send(sums, overruled, to or statsd.DEFAULT)
        return f"sent: {count} packet{'s' if count > 1 else ''} to {to or statsd.DEFAULT}"
    from routecli.exports import otlp

    receipts = [r for r in reversed(ledger.receipts(since)) if root is None or r.task.repo_root == root]
    otlp.send(receipts, to or otlp.DEFAULT)
    return f"sent: {len(receipts)} run{'' if len(receipts) == 1 else 's'} to {to or otlp.DEFAULT}"


def _write(text: str, out: Path | None, form: Form) -> None:
    if out is None:
        from routecli.cli.screen import write_out

        write_out(text)
        return
    from routecli.config.places import write_atomically
    from routecli.errors import UsageFault

    try:
        mode = 0o600 if form is Form.SFT else 0o644  # a chat holds code
        write_atomically(out, text.encode("utf-8", "surrogateescape"), mode=mode)
    except OSError as fault:
        raise UsageFault(
            f"{out} cannot be written: {fault.strerror}", hint=f"routecli export --format {form} --out FILE"
        ) from None
