"""Why there was more than one request, by the whole command line: four words, and none stands for another."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from e2e.rig import RIGHT, Rig
from serving import Fail, Received, Say, ScriptedServer

DOWN = [Fail(503, "busy", retry_after="0.01")] * 4


def rig_at(tmp_path: Path, server: ScriptedServer, more: str = "", tier1: str = '"mine/m1"') -> Rig:
    made = Rig.make(tmp_path)
    made.serve(server)
    file = tmp_path / "config.toml"
    text = file.read_text().replace('models = ["mine/m1"]', f"models = [{tier1}]")
    rate = '[prices."mine/bad"]\ninput_usd_per_mtok = 1\noutput_usd_per_mtok = 1\n'
    file.write_text(f"{more}\n{text}\n{rate}")
    return made


def asked(posts: list[Received]) -> list[str]:
    return [post.model for post in posts]


def test_row_55_a_model_that_is_down_is_asked_last_by_the_next_process(tmp_path: Path) -> None:
    with ScriptedServer({"bad": DOWN, "m1": [Say(RIGHT), Say(RIGHT)]}) as server:
        rig = rig_at(tmp_path, server, tier1='"mine/bad", "mine/m1"')
        first = rig.do("--reproduce", "off")
        assert first.status == 0, first.err
        words = [(m["kind"], m["from"], m["to"]) for m in first.receipt["moves"]]
        assert words == [("retry", "mine/bad", "mine/bad")] * 3 + [("failover", "mine/bad", "mine/m1")]
        assert first.err.count("retry ") == 3
        assert "failover mine/bad → mine/m1: mine is down or throttles (503): busy" in first.err
        rig.repo.git("checkout", "-q", "--", ".")
        second = rig.do("--reproduce", "off")
        assert (second.status, second.receipt["moves"]) == (0, [])
        assert asked(server.posts) == ["bad"] * 4 + ["m1", "m1"]
        shown = rig.run("show", first.receipt["run_id"])
    assert shown.out.count("retry") == 3
    assert "failover" in shown.out
    with sqlite3.connect(tmp_path / "state" / "ledger.db") as ledger:
        kinds = [kind for (kind,) in ledger.execute("SELECT kind FROM moves ORDER BY id")]
        cooling = ledger.execute("SELECT model, kind FROM cooldowns").fetchall()
    assert kinds == ["retry", "retry", "retry", "failover"]
    assert cooling == [("mine/bad", "throttled")]


def test_where_nobody_of_the_tier_answers_the_fallback_tier_does(tmp_path: Path) -> None:
    with ScriptedServer({"m1": DOWN, "m3": [Say(RIGHT)]}) as server:
        rig = rig_at(tmp_path, server, "[routing]\nfallback_tier = 'tier3'")
        done = rig.do("--reproduce", "off")
        assert done.status == 0, done.err
        assert done.receipt["moves"][-1] | {"why": ""} == {
            "kind": "reroute", "attempt": 0, "from": "tier1", "to": "tier3", "because": "throttled", "why": "",
        }  # fmt: skip
        assert "reroute  tier1 → tier3 (throttled)" in done.err
        # The next process knows it before it asks anybody.
        said = json.loads(rig.run("estimate", "fix add: it subtracts", "calc.py", "--json").out)
    assert said["route"]["first"] == "tier3"
    assert "throttled" in {reason["code"] for reason in said["route"]["reasons"]}


def test_without_a_fallback_the_tier_is_asked_again(tmp_path: Path) -> None:
    with ScriptedServer({"m1": [*DOWN, Say(RIGHT)]}) as server:
        rig = rig_at(tmp_path, server)
        down = rig.do()
        assert (down.status, down.refused_well()) == (5, True), down.err
        assert rig.do("--reproduce", "off").status == 0


def test_a_refusal_goes_to_the_refusal_tier(tmp_path: Path) -> None:
    script = {"m1": [Say("", stop="refusal", refusal="I will not")], "m3": [Say(RIGHT)]}
    with ScriptedServer(script) as server:
        rig = rig_at(tmp_path, server, "[routing]\nrefusal_tier = 'tier3'")
        done = rig.do("--reproduce", "off")
    assert done.status == 0, done.err
    assert [(m["kind"], m["because"], m["to"]) for m in done.receipt["moves"]] == [("reroute", "refused", "tier3")]
    assert [a["verdict"]["reason"] for a in done.receipt["attempts"]] == ["refused", None]


def test_row_57_a_tier_that_is_too_dear_gives_way_to_a_cheaper_one_and_says_so(tmp_path: Path) -> None:
    with ScriptedServer({"m1": [Say(RIGHT)]}) as server:
        rig = rig_at(tmp_path, server)
        done = rig.do("--reproduce", "off", "--tier", "tier3", "--budget", "0.05")
        assert done.status == 0, done.err
        assert asked(server.posts) == ["m1"]
    assert [(m["because"], m["from"], m["to"]) for m in done.receipt["moves"]] == [
        ("budget", "tier3", "tier2"), ("budget", "tier2", "tier1"),
    ]  # fmt: skip
    assert "of the budget of $0.0500 is left" in done.err


def test_a_planning_hint_starts_at_the_deep_tier(tmp_path: Path) -> None:
    with ScriptedServer({"m2": [Say(RIGHT)]}) as server:
        rig = rig_at(tmp_path, server, "[routing]\ndeep_tier = 'tier2'")
        done = rig.do("--reproduce", "off", "--hint", "planning")
        assert (done.status, asked(server.posts)) == (0, ["m2"]), done.err
    assert "planning" in {reason["code"] for reason in done.receipt["route"]["reasons"]}
