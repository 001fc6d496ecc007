"""`service_tier` of a provider: on the wire, in the route, on the receipt."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from e2e.rig import RIGHT, Rig
from serving import Say, ScriptedServer

LADDER = """
[providers.cheap]
service = "openai"
base_url = "{url}"
api_key_env = "RIG_KEY"
price_as = "openai"
service_tier = "{asked}"
[[tiers]]
name = "tier1"
models = ["cheap/{model}"]
edit_format = "search_replace"
"""


def test_a_flex_call_costs_what_it_was_served_at(tmp_path: Path) -> None:
    says = [Say(RIGHT, input_tokens=1000, output_tokens=100, service_tier=served) for served in ("flex", "default")]
    bills = []
    with ScriptedServer(says) as server:
        rig = Rig.make(tmp_path)
        (tmp_path / "config.toml").write_text(LADDER.format(url=server.base_url, asked="flex", model="gpt-5"))
        for served in ("flex", "default"):
            rig.repo.git("checkout", "-q", "--", ".")
            done = rig.do("--reproduce", "off")
            assert done.status == 0, done.err
            (attempt,) = done.receipt["attempts"]
            assert attempt["usage"]["service_tier"] == served
            assert any(reason["code"] == "service-tier" for reason in done.receipt["route"]["reasons"])
            assert ("served" in rig.run("show", "last").out) == (served == "flex")
            repriced = json.loads(rig.run("receipt", "--reprice", "--json").out)
            assert repriced["now_usd"] == repriced["was_usd"] == done.receipt["cost_usd"]
            bills.append(Decimal(done.receipt["cost_usd"]))
        assert {post.body["service_tier"] for post in server.posts} == {"flex"}
    assert 0 < bills[0] < bills[1]


def test_own_prices_follow_what_was_served(tmp_path: Path) -> None:
    own = '[prices."cheap/gpt-5{served}"]\ninput_usd_per_mtok = {rate}\noutput_usd_per_mtok = {rate}\n'
    with ScriptedServer([Say(RIGHT, input_tokens=1000, output_tokens=100, service_tier="default")] * 2) as server:
        rig = Rig.make(tmp_path)
        ladder = LADDER.format(url=server.base_url, asked="flex", model="gpt-5") + own.format(served="", rate=1)
        for more, cost in (("", "0.0022"), (own.format(served="@default", rate=7), "0.0077")):
            rig.repo.git("checkout", "-q", "--", ".")
            (tmp_path / "config.toml").write_text(ladder + more)
            done = rig.do("--reproduce", "off")
            assert done.status == 0, done.err
            assert Decimal(done.receipt["cost_usd"]) == Decimal(cost)


def test_without_a_price_it_is_not_sent(tmp_path: Path) -> None:
    with ScriptedServer([]) as server:
        rig = Rig.make(tmp_path)
        (tmp_path / "config.toml").write_text(LADDER.format(url=server.base_url, asked="flex", model="gpt-4-turbo"))
        done = rig.do("--reproduce", "off")
        assert done.status == 4
        assert "service tier flex" in done.err
        (tmp_path / "config.toml").write_text(LADDER.format(url=server.base_url, asked="batch", model="gpt-5"))
        refused = rig.do("--reproduce", "off")
        assert refused.status == 3
        assert "no batch" in refused.err
        assert server.posts == []
