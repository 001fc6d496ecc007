"""One row a day, tier and model: what a spreadsheet, or a review of spend, wants."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import field
from decimal import Decimal

from routecli.domain.money import Usd
from routecli.domain.receipt import Attempt, Receipt
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, Deferred
from routecli.nouns import dataclass

COLUMNS = (
    "day", "tier", "model", "runs", "calls", "accepted", "deferred", "input_tokens", "cache_read_tokens",
    "output_tokens", "cost_usd", "unpriced_calls",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class _Row:
    runs: set[str] = field(default_factory=set)
    calls: int = 0
    accepted: int = 0
    deferred: int = 0
    input_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Usd = field(default_factory=lambda: Usd(Decimal(0)))
    unpriced_calls: int = 0

    def add(self, run_id: str, attempt: Attempt) -> None:
        self.runs.add(run_id)
        self.calls += 1
        self.accepted += isinstance(attempt.verdict, Accepted) and not attempt.purpose
        self.deferred += isinstance(attempt.verdict, Deferred) and not attempt.purpose
        self.input_tokens += attempt.usage.input_tokens
        self.cache_read_tokens += attempt.usage.cache_read_tokens
        self.output_tokens += attempt.usage.output_tokens
        self.unpriced_calls += attempt.cost_usd is None
        self.cost_usd = Usd(self.cost_usd + (attempt.cost_usd or 0))


def daily(receipts: Iterable[Receipt]) -> str:
    """CSV with a head, sorted by day (UTC), tier and model. `cost_usd` is exact; calls without a known price are in no
    sum and counted in `unpriced_calls`."""
    rows: dict[tuple[str, str, str], _Row] = {}
    for receipt in receipts:
        day = receipt.started_at.date().isoformat()
        for attempt in receipt.attempts:
            rows.setdefault((day, attempt.tier, attempt.model), _Row()).add(receipt.run_id, attempt)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for (day, tier, model), row in sorted(rows.items()):
        writer.writerow([
            day, _plain(tier), _plain(model), len(row.runs), row.calls, row.accepted, row.deferred, row.input_tokens,
            row.cache_read_tokens, row.output_tokens, format(row.cost_usd, "f"), row.unpriced_calls,
        ])  # fmt: skip
    return text.getvalue()


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    clean = one_line(name, limit=200)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean
