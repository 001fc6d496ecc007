"""What was asked and answered in a run, on the screen and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from routecli.domain.untrusted import one_line, visible
from routecli.errors import UsageFault

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.ledger.exchanges import Exchange


def show_exchanges(run_id: str, exchanges: Sequence[Exchange], console: Console, *, as_json: bool) -> None:
    """Every message and every reply, in order. Raises UsageFault: none were kept."""
    from dataclasses import asdict

    from routecli.cli.screen import QUIET, STRONG, say, shown, write_json

    if not exchanges:
        raise UsageFault(
            f"no prompts of run {run_id} were kept", hint="keep = true in your configuration, before the next run"
        )
    if as_json:
        write_json({"run_id": run_id, "exchanges": [asdict(one) for one in exchanges]})
        return
    for one in exchanges:
        beside = f" ({one_line(one.purpose, limit=40)})" if one.purpose else ""
        head = f"attempt {one.attempt}{beside}  {one_line(one.tier, limit=24)}  {one_line(one.model, limit=120)}"
        say(console, shown(head, STRONG))
        for message in one.messages:
            say(console, shown(f"── {one_line(message.role, limit=20)}", QUIET), shown(visible(message.text)))
        say(console, shown(f"── reply ({one_line(one.stop, limit=20)})", QUIET), shown(visible(one.reply)), "")
