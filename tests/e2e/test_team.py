"""Runs with a team's ledger on a real server, by the whole command line; the server goes away and comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from e2e.rig import RIGHT, WRONG, Done, Rig
from ledger.servers import Proxy
from serving import Fail, Say, ScriptedServer

PASSWORD = "canary-of-the-ledger-7712"
KEYS = '[team]\nname = "core"\nuser = "ann"\n[budget]\nteam_day_usd = 5\n'


def test_a_run_goes_on_while_the_ledger_is_away(database: Callable[[], str], postgres: Path, tmp_path: Path) -> None:
    proxy = Proxy(postgres / ".s.PGSQL.5432")
    address = f"postgresql://team@127.0.0.1:{proxy.port}{urlsplit(database()).path}"
    with ScriptedServer({"m1": [Say(WRONG), Say(RIGHT)], "m2": [Say(RIGHT)]}) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server)
        rig.env["PGPASSWORD"] = PASSWORD
        config = tmp_path / "config.toml"
        config.write_text(f'ledger = "{address}"\n{KEYS}\n{config.read_text()}')
        first = rig.do("--reproduce", "off")
        assert first.status == 0, first.err
        assert [a["tier"] for a in first.receipt["attempts"]] == ["tier1", "tier2"]
        rig.repo.git("checkout", "-q", "--", ".")

        proxy.down = True
        proxy.cut()
        sent = len(server.posts)
        refused = rig.do("--reproduce", "off")
        assert (refused.status, len(server.posts)) == (4, sent), refused.err
        assert "the team-day's cap cannot be held: the ledger's server is away" in refused.err
        rig.env["ROUTECLI_LEDGER_AWAY"] = "local-cap"
        alone = rig.do("--reproduce", "off")
        assert alone.status == 0, alone.err
        assert alone.err.count("rows wait in") == 1

        proxy.down = False
        back = rig.run("history", "--json")
        doctor = rig.run("ledger", "check")
        shown = [rig.run("config", "show"), rig.run("budget", "--json"), rig.run("ledger", "path")]
    proxy.close()
    assert "has taken" in back.err
    assert "warning" not in back.err
    rows = {row["run_id"]: row for row in json.loads(back.out)}
    assert rows[first.receipt["run_id"]]["cost_usd"] == first.receipt["cost_usd"]
    assert rows[alone.receipt["run_id"]]["cost_usd"] == alone.receipt["cost_usd"]
    assert {(row["user"], row["team"]) for row in rows.values()} == {("ann", "core")}
    assert sorted(row["outcome"] for row in rows.values()) == ["accepted", "accepted", "budget"]
    assert (doctor.status, doctor.out) == (0, "")
    (cap,) = json.loads(shown[1].out)["caps"]
    assert Decimal(cap["spent_usd"]) == sum(Decimal(d.receipt["cost_usd"]) for d in (first, alone))
    assert shown[2].out == f"{address}\n"
    assert not leaks([first, refused, alone, back, doctor, *shown], tmp_path / "state")


def test_row_55_a_model_that_is_down_for_one_machine_is_asked_last_by_another(
    database: Callable[[], str], tmp_path: Path
) -> None:
    address = database()
    price = '[prices."mine/bad"]\ninput_usd_per_mtok = 1\noutput_usd_per_mtok = 1\n'
    down = Fail(503, "busy", retry_after="600")
    with ScriptedServer({"bad": [down], "m1": [Say(RIGHT), Say(RIGHT)]}) as server:
        for machine in ("one", "two"):
            rig = Rig.make(tmp_path / machine)
            rig.serve(server, more=price)
            config = rig.home / "config.toml"
            text = config.read_text().replace('models = ["mine/m1"]', 'models = ["mine/bad", "mine/m1"]')
            config.write_text(f'ledger = "{address}"\n{text}')
            done = rig.do("--reproduce", "off")
            assert done.status == 0, done.err
    assert [post.model for post in server.posts] == ["bad", "m1", "m1"]


def leaks(all_done: list[Done], state: Path) -> list[str]:
    """Where the password turned up."""
    said = [done.out + done.err for done in all_done]
    kept = [file.read_bytes().decode("utf-8", "replace") for file in state.rglob("*") if file.is_file()]
    return [text for text in (*said, *kept) if PASSWORD in text]
