"""`--debug` and `--reprice`, by the whole command line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.rig import KEY, RIGHT, WRONG, Rig
from serving import Fail, Say, ScriptedServer


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_row_59_a_trace_tells_all_but_the_key(tmp_path: Path, api: str) -> None:
    leaky = Fail(400, f"the key {KEY} is fine, the model is not")
    with ScriptedServer({"bad": [leaky], "m1": [Say(WRONG)], "m2": [Say(RIGHT)]}) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, api)
        file = tmp_path / "config.toml"
        text = file.read_text().replace('models = ["mine/m1"]', 'models = ["mine/bad", "mine/m1"]')
        rate = '[prices."mine/bad"]\ninput_usd_per_mtok = 1\noutput_usd_per_mtok = 1\n'
        file.write_text(f"{text}\n{rate}")
        done = rig.do("--reproduce", "off", "--debug")
    assert done.status == 0, done.err
    (trace,) = (tmp_path / "state" / "traces").iterdir()
    assert f"trace: {trace}" in done.err
    assert trace.name == f"{done.receipt['run_id']}.jsonl"
    assert trace.stat().st_mode & 0o777 == 0o600
    raw = trace.read_text()
    assert KEY not in raw
    lines = [json.loads(line) for line in raw.splitlines()]
    assert [line["model"] for line in lines if line["what"] == "request"] == ["mine/bad", "mine/m1", "mine/m2"]
    assert "fix add" in json.dumps([line for line in lines if line["what"] == "request"])
    replies = [line for line in lines if line["what"] == "reply"]
    assert [reply["text"] for reply in replies] == [WRONG, RIGHT]
    assert {reply["request_id"] for reply in replies} == {"req-1"}
    (fault,) = [line for line in lines if line["what"] == "fault"]
    assert "the model is not" in fault["trace"]
    assert fault["request_id"] == "req-failed"
    events = [line["type"] for line in lines if line["what"] == "event"]
    assert {"failed-over", "escalated", "called", "finished"} <= set(events)
    shown = json.loads(rig.run("show", "last", "--json").out)
    assert [call["request_id"] for call in shown["calls"] if call["state"] == "settled"] == ["req-1", "req-1"]


def test_without_debug_nothing_is_kept(tmp_path: Path) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server)
        assert rig.do("--reproduce", "off").status == 0
    assert not (tmp_path / "state" / "traces").exists()


def test_a_run_is_priced_again_with_todays_prices(tmp_path: Path) -> None:
    says = {"m1": [Say(WRONG, input_tokens=900, output_tokens=50)], "m2": [Say(RIGHT, input_tokens=1000, usage=False)]}
    with ScriptedServer(says) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server)
        done = rig.do("--reproduce", "off")
        assert done.status == 0, done.err
    same = json.loads(rig.run("show", "last", "--reprice", "--json").out)
    assert same["was_usd"] == same["now_usd"] == done.receipt["cost_usd"]
    assert [call["usage_source"] for call in same["calls"]] == ["reported", "estimated"]
    file = tmp_path / "config.toml"
    file.write_text(file.read_text().replace("input_usd_per_mtok = 0.5\n", "input_usd_per_mtok = 5\n"))
    dearer = json.loads(rig.run("show", "last", "--reprice", "--json").out)
    assert Decimal(dearer["now_usd"]) - Decimal(dearer["was_usd"]) == Decimal("4.5") * 900 / 1_000_000
    shown = rig.run("show", "last", "--reprice")
    assert shown.status == 0
    assert rig.run("receipt", "last", "--reprice").out == shown.out
    assert json.loads(rig.run("receipt", "last", "--reprice", "--json").out) == dearer
    assert rig.run("receipt", "last", "--reprice", "--markdown").status == 2
    assert "was" in shown.out
    assert "~" in shown.out  # the estimated call
    file.write_text(file.read_text().replace('[prices."mine/m2"]', '[prices."mine/other"]'))
    unknown = json.loads(rig.run("show", "last", "--reprice", "--json").out)
    assert unknown["now_usd"] is None
    assert "unknown" in rig.run("show", "last", "--reprice").out
