"""Caps that runs share, by the whole command line (security.md row 57)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.rig import RIGHT, Rig, block
from serving import Say, ScriptedServer

LINES = {
    "day": "[budget]\nday_usd = 0.02",
    "month": "[budget]\nmonth_usd = 0.02",
    "repository": "[budget]\nrepository_usd = 0.02",
    "mine key": "[providers.mine]\nmonth_usd = 0.02",
}


def capped(tmp_path: Path, server: ScriptedServer, name: str) -> Rig:
    """A rig under one cap: a worst case of tier 1 is below it, two bills of a million tokens' worth are not."""
    made = Rig.make(tmp_path)
    made.serve(server)
    file = tmp_path / "config.toml"
    lines = LINES[name]
    if lines.startswith("[providers"):
        file.write_text(file.read_text().replace("[providers.mine]", lines, 1))
    else:
        file.write_text(f"{lines}\n{file.read_text()}")
    return made


@pytest.mark.parametrize("name", LINES)
def test_row_57_what_one_run_spent_the_next_cannot(tmp_path: Path, name: str) -> None:
    with ScriptedServer([Say(RIGHT, output_tokens=6000), Say(block("    return b + a", "    return a + b"))]) as server:
        rig = capped(tmp_path, server, name)
        first = rig.do()
        assert first.status == 0, first.err
        second = rig.do("--reproduce", "off")
        assert (second.status, len(server.posts)) == (4, 1), second.err
        assert f"of the {name}'s $0.02 is left" in second.err
        assert "hint: routecli budget" in second.err
        held = json.loads(rig.run("budget", "--json").out)["caps"]
    (cap,) = [cap for cap in held if cap["cap"] == name]
    assert Decimal(cap["spent_usd"]) == Decimal(first.receipt["cost_usd"])
    assert Decimal(cap["left_usd"]) == Decimal(cap["cap_usd"]) - Decimal(cap["spent_usd"])


def test_a_rehearsal_counts_against_no_cap(tmp_path: Path) -> None:
    with ScriptedServer([]) as server:
        rig = capped(tmp_path, server, "day")
        assert rig.run("run", "fix add: it subtracts", "calc.py", "--dry-run").status == 0
        shown = rig.run("budget")
    assert "day" in shown.out
    assert "0.02" in shown.out
    assert json.loads(rig.run("budget", "--json").out)["caps"][0]["spent_usd"] == "0"


def test_row_57_a_cap_that_cannot_be_held_is_refused(tmp_path: Path) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig = capped(tmp_path, server, "day")
        (tmp_path / "state").write_text("a file where the folder should be")
        done = rig.do()
        assert (done.status, len(server.posts)) == (3, 0), done.err
    assert "the day's cap cannot be held" in done.err


def test_no_cap_says_how_to_set_one(tmp_path: Path) -> None:
    made = Rig.make(tmp_path)
    made.configure("http://127.0.0.1:9/v1")
    done = made.run("budget")
    assert done.status == 0
    assert "budget.day_usd" in done.out
