"""Prompt caching by the vendors' own rules: the receipt is the server's bill, and a second attempt reads the first's
prefix."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.caching_runs import Office
from serving.caching import VENDORS


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_receipt_is_the_servers_bill(tmp_path: Path, vendor: str) -> None:
    office = Office(tmp_path, vendor)
    with office.open(3) as server:
        first = office.run(20, wrong_first=True)
        second = office.run(21, wrong_first=False)
        shown = office.rig.run("show", "last").out
        total = json.loads(office.rig.run("stats", "--json").out)["total"]
        told = office.rig.run("stats").out
    assert ((first.status, first.attempts), (second.status, second.attempts)) == ((0, 2), (0, 1))
    assert (first.cost_usd, second.cost_usd) == (first.billed_usd, second.billed_usd)
    assert first.uncached_usd + second.uncached_usd == office.till.uncached_usd
    assert Decimal(total["caching_saved_usd"]) == office.till.uncached_usd - office.till.billed_usd
    assert "caching   " in told
    assert office.till.read_tokens > 1_000  # the second attempt's: system prompt and files
    if vendor == "anthropic":
        assert office.till.written_tokens > 1_000
        assert second.cost_usd > second.uncached_usd  # files that changed were written again, and nobody read them yet
        assert "caching" in shown
    else:
        assert first.cost_usd < first.uncached_usd
        keys = {post.body["prompt_cache_key"] for post in server.posts}
        assert len(keys) == 1
