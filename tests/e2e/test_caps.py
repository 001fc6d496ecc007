"""Caps that runs share, by the whole command line (security.md row 57)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.rig import PRICES, RIGHT, TASK, Rig, block
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


def test_row_57_a_model_that_bills_more_than_was_expected_has_more_set_aside(tmp_path: Path) -> None:
    with ScriptedServer([Say(RIGHT, input_tokens=9000)] * 2) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server)
        held, expected = [], []
        for _ in range(2):
            rig.repo.git("checkout", "-q", "--", ".")
            done = rig.run("run", TASK, "calc.py", "--output", "jsonl", "--reproduce", "off")
            assert done.status == 0, done.err
            (sent,) = [event for line in done.out.splitlines() if (event := json.loads(line))["type"] == "calling"]
            held.append(Decimal(sent["reserved_usd"]))
            expected.append(sent["input_tokens"] * Decimal(PRICES["m1"][0]) / 1_000_000)
    assert held[1] - held[0] == 2 * expected[1] - expected[0], "twice the tokens, and no more"


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
    assert "routecli budget set day 5" in done.out


def test_a_cap_is_set_in_the_users_own_file_and_comments_stay(tmp_path: Path) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server)
        file = tmp_path / "config.toml"
        file.write_text(f"# mine\n[budget]  # caps\nrun_usd = 1 # a dollar\n\n{file.read_text()}")
        before = file.read_text()
        done = rig.run("budget", "set", "day", "0.0000001")
        assert (done.status, done.out) == (0, ""), done.err
        assert "budget.day_usd = 0.0000001" in done.err
        lines = file.read_text().splitlines()
        assert set(before.split("\n")) - {""} < set(lines)
        assert "day_usd = 0.0000001" in lines
        refused = rig.do("--reproduce", "off")
        assert (refused.status, len(server.posts)) == (4, 0), refused.err
        assert rig.run("budget", "set", "mine", "$2.50").status == 0
        caps = {c["cap"]: c["cap_usd"] for c in json.loads(rig.run("budget", "--json").out)["caps"]}
        assert caps == {"day": "0.0000001", "mine key": "2.50"}
        assert rig.run("budget", "set", "day", "none").status == 0
        assert rig.run("budget", "set", "mine", "none").status == 0
        assert json.loads(rig.run("budget", "show", "--json").out)["caps"] == []


def test_a_first_cap_makes_the_file(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    rig.env = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert rig.run("budget", "set", "month", "20").status == 0
    file = tmp_path / "xdg" / "routecli" / "config.toml"
    assert file.read_text() == "[budget]\nmonth_usd = 20\n"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dya", "5"), "routecli budget set day USD"),
        (("day", "0x5"), "routecli budget set day 5"),
        (("day", "five"), "routecli budget set day 5"),
    ],
)
def test_a_cap_that_is_none_is_usage(tmp_path: Path, words: tuple[str, str], said: str) -> None:
    rig = Rig.make(tmp_path)
    rig.configure("http://127.0.0.1:9/v1")
    before = (tmp_path / "config.toml").read_text()
    done = rig.run("budget", "set", *words)
    assert (done.status, done.refused_well()) == (2, True), done.err
    assert said in done.err
    assert (tmp_path / "config.toml").read_text() == before


def test_what_stands_nearer_is_told(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    rig.configure("http://127.0.0.1:9/v1")
    rig.env = {"ROUTECLI_BUDGET_DAY_USD": "1"}
    done = rig.run("budget", "set", "day", "5")
    assert done.status == 0
    assert "what counts is 1, from ROUTECLI_BUDGET_DAY_USD" in done.err
