"""A run's bill, then and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routecli.cli.figures import tokens_text, usd_text
from routecli.cli.screen import QUIET, STRONG, say, shown, write_json
from routecli.domain.receipt_json import money
from routecli.domain.untrusted import one_line

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from routecli.compose.repricing import Repriced
    from routecli.config.load import Loaded
    from routecli.ledger.records import RunRecord


def show_repriced(record: RunRecord, loaded: Loaded, console: Console, *, as_json: bool) -> None:
    """The run's calls with today's list and today's overrides, as text or JSON. Nothing is changed."""
    from routecli.compose.repricing import reprice
    from routecli.pricebook import Pricebook

    prices = Pricebook(loaded.settings.prices, loaded.settings.providers, loaded.price_list)
    repriced = reprice(record, prices)
    if as_json:
        write_json({"run_id": record.row.run_id, **repriced_json(repriced, prices.as_of())})
    else:
        print_repriced(repriced, prices.as_of(), console)


def repriced_json(repriced: Repriced, as_of: date | None) -> dict[str, Any]:
    """`was` and `now` for the whole and for each call."""
    return {
        "prices_as_of": as_of.isoformat() if as_of else None,
        "was_usd": money(repriced.was_usd),
        "now_usd": money(repriced.now_usd),
        "calls": [
            {
                "tier": request.tier,
                "model": request.model,
                "asked_at": request.asked_at.isoformat(),
                "usage_source": request.usage_source,
                "was_usd": money(request.cost_usd),
                "now_usd": money(cost.amount_usd),
                "why_unknown": cost.why_unknown,
            }
            for request, cost in repriced.calls
        ],
    }


def print_repriced(repriced: Repriced, as_of: date | None, console: Console) -> None:
    """A table of the calls, the sums below."""
    from rich.table import Table

    table = Table(
        box=None, show_footer=True, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET, footer_style=STRONG
    )
    table.add_column("tier", footer="total", no_wrap=True)
    table.add_column("model", overflow="fold")
    for name in ("in", "cached", "out"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("was", footer=usd_text(repriced.was_usd), justify="right", no_wrap=True)
    table.add_column("now", footer=usd_text(repriced.now_usd), justify="right", no_wrap=True)
    for request, cost in repriced.calls:
        about = "~" if request.usage_source == "estimated" else ""
        counts = (request.input_tokens, request.cache_read_tokens, request.output_tokens)
        table.add_row(
            shown(one_line(request.tier, limit=24)),
            shown(one_line(request.model, limit=120)),
            *(shown(about + tokens_text(count or 0)) for count in counts),
            shown(usd_text(request.cost_usd)),
            shown(usd_text(cost.amount_usd)),
        )
    dated = f"now: prices as of {as_of.isoformat()}, and your own [prices]" if as_of else "now: your own [prices]"
    say(console, table, "", shown(f"{dated}; ~ tokens that were estimated", QUIET))
