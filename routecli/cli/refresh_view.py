"""What a newer price list changes, in lines and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routecli.cli.figures import count_text, rate_text
from routecli.domain.receipt_json import money
from routecli.domain.untrusted import one_line

if TYPE_CHECKING:
    from routecli.compose.refreshing import Refreshed
    from routecli.pricebook import Rates


def told(done: Refreshed) -> list[str]:
    """A line for the list, and one for each model of the ladder whose price is another one now."""
    first = f"prices of {done.book.day.isoformat()}: {count_text(done.models, 'model')}, from {done.book.source}"
    changed = [f"{one_line(c.model)}: {_said(c.before)} → {_said(c.after)}" for c in done.changes]
    return [first, *(changed or ["no model of the ladder has another price"])]


def changes_json(done: Refreshed) -> dict[str, Any]:
    """`refreshed`: the list, and what changed in the ladder."""
    return {
        "refreshed": {
            "at": done.book.at.isoformat(),
            "from": done.book.source,
            "models": done.models,
            "changes": [
                {
                    "model": c.model,
                    "before": c.before and rates_json(c.before),
                    "after": c.after and rates_json(c.after),
                }
                for c in done.changes
            ],
        }
    }


def _said(rates: Rates | None) -> str:
    if rates is None:
        return "unknown"
    return f"{rate_text(rates.input_usd_per_mtok)} in, {rate_text(rates.output_usd_per_mtok)} out"


def rates_json(rates: Rates) -> dict[str, Any]:
    """Prices of a million tokens each, in US dollars."""
    return {
        "input_usd_per_mtok": money(rates.input_usd_per_mtok),
        "cache_read_usd_per_mtok": money(rates.cache_read_usd_per_mtok),
        "cache_write_usd_per_mtok": money(rates.cache_write_usd_per_mtok),
        "output_usd_per_mtok": money(rates.output_usd_per_mtok),
    }
