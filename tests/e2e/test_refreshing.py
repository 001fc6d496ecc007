"""`models --refresh` by the whole command line, at a server on loopback."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from e2e.rig import RIGHT, Rig
from pricebook.books import model_of, published
from serving import Fail, Raw, Say, ScriptedServer
from serving.script import Scripted

JSON = {"content-type": "application/json"}
LADDER = """
[providers.openai]
api_key_env = "RIG_KEY"
[[tiers]]
name = "top"
models = ["openai/gpt-4o"]
"""
TODAY = datetime.now(UTC).date


def page(document: object) -> Raw:
    return Raw((json.dumps(document).encode(),), headers=JSON)


def rig_at(tmp_path: Path, url: str) -> Rig:
    rig = Rig.make(tmp_path)
    (tmp_path / "config.toml").write_text(f'prices_url = "{url}"\n{LADDER}')
    return rig


def test_a_newer_list_prices_from_then_on(tmp_path: Path) -> None:
    document = published()
    model_of(document, "openai", "gpt-4o")["prices"] = {"input_mtok": 7, "output_mtok": 21}
    with ScriptedServer(pages={"/v1/prices": page(document), "/v1/broken": page([])}) as server:
        rig = rig_at(tmp_path, f"{server.base_url}/prices")
        days = {TODAY().isoformat()}
        done = rig.run("models", "--refresh", "--json")
        assert done.status == 0, done.err
        days.add(TODAY().isoformat())
        told = json.loads(done.out)
        (change,) = told["refreshed"]["changes"]
        assert (change["model"], change["after"]["input_usd_per_mtok"]) == ("openai/gpt-4o", "7")
        assert "openai/gpt-4o: " in done.err
        assert told["prices_as_of"] in days
        assert "fetched on" in told["prices_from"]
        (got,) = server.requests
        assert not {"authorization", "cookie", "x-api-key"} & set(got.headers)
        (tmp_path / "config.toml").write_text(f'prices_url = "{server.base_url}/broken"\n{LADDER}')
        refused = rig.run("models", "--refresh")
    assert (refused.status, refused.out) == (5, "")
    assert "is refused: it knows 0 of" in refused.err
    assert "\n\nhint: " in refused.err
    assert "$7.00" in rig.run("models").out
    assert rig.run("--version").out.rstrip().endswith(f"{told['prices_as_of']} (fetched)")
    estimate = json.loads(rig.run("estimate", "fix it", "calc.py", "--json").out)
    assert estimate["prices_as_of"] == told["prices_as_of"]


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (Fail(302, headers={"location": "http://127.0.0.1:9/"}), "redirects are not followed"),
        (Fail(404), "status 404"),
        (Raw((b"[" + b" " * 1_000_000,) * 1, headers=JSON, endless=True), "longer than 16,000,000 bytes"),
        (Raw((b"<html>",), headers={"content-type": "text/html"}), "is refused: it is no"),
        (None, "cannot be reached"),
    ],
    ids=["redirect", "missing", "endless", "html", "offline"],
)
def test_what_does_not_come_leaves_the_prices_as_they_were(tmp_path: Path, served: Scripted | None, why: str) -> None:
    with ScriptedServer(pages={"/v1/prices": served} if served else {}) as server:
        url = f"{server.base_url}/prices" if served else "http://127.0.0.1:9/prices"
        done = rig_at(tmp_path, url).run("models", "--refresh")
    assert (done.status, done.out) == (5, ""), done.err
    assert why in done.err
    assert "hint: " in done.err
    assert not (tmp_path / "state" / "prices.json").exists()


def test_a_price_that_moved_is_an_alert(tmp_path: Path) -> None:
    document = published()
    entry = model_of(document, "openai", "gpt-4o")
    plain = {rate: Decimal(str(entry["prices"][rate])) for rate in ("input_mtok", "output_mtok")}
    entry["prices"] = {rate: float(2 * amount) for rate, amount in plain.items()}
    with ScriptedServer([Say(RIGHT)] * 2, pages={"/v1/prices": page(document)}) as server:
        rig = rig_at(tmp_path, f"{server.base_url}/prices")
        own = f'[providers.openai]\nbase_url = "{server.base_url}"\nprice_as = "openai"\n'
        file = tmp_path / "config.toml"
        file.write_text(file.read_text().replace("[providers.openai]\n", own))
        done = rig.do("--reproduce", "off")
        assert done.status == 0, done.err
        assert prices_alerted(rig) == []
        assert rig.run("models", "--refresh").status == 0
        (alert,) = prices_alerted(rig)
        assert "openai/gpt-4o costs 2.00 times what it was billed on" in alert["text"]
        assert (alert["value"], rig.run("alerts", "--check").status) == (2.0, 1)


def prices_alerted(rig: Rig) -> list[dict[str, Any]]:
    return [alert for alert in json.loads(rig.run("alerts", "--json").out) if alert["code"] == "price"]


def test_row_56_the_list_comes_encrypted_or_from_this_machine(tmp_path: Path) -> None:
    done = rig_at(tmp_path, "http://example.com/prices").run("models", "--refresh")
    assert done.status == 3
    assert "unencrypted" in done.err
