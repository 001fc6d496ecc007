"""Questions as they are typed: answered, looked up, paid for, recorded, capped, and asked once more."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path

import pexpect
import pytest
from e2e.rig import FILES, Rig, bill
from jsonschema import Draft202012Validator
from repositories import fingerprint
from serving import Fail, Say, ScriptedServer

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs" / "receipt.schema.json").read_text()))
ASKED = "what does add do?"
GOOD = "It subtracts [calc.py:3].\n"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig.make(tmp_path)


def test_an_answer_is_told_paid_and_recorded(rig: Rig) -> None:
    says = [Say("It subtracts \x1b[31m[calc.py:3], not [calc.py:99].")]
    before = fingerprint(rig.repo.root)
    with ScriptedServer(says) as server:
        rig.serve(server)
        rig.env["ROUTECLI_KEEP"] = "true"
        done = rig.run("ask", ASKED, "calc.py")
        paid = bill(server.posts, says)
        sent = str(server.posts[0].body)
    assert done.status == 0, done.err
    assert done.out == "It subtracts \\x1b[31m[calc.py:3], not [calc.py:99] (wrong: the file has 3 lines).\n"
    assert "unverified: 1 of 2 places exist" in done.err
    assert "return a - b" in sent
    assert fingerprint(rig.repo.root) == before
    shown = rig.run("receipt", "--json").receipt
    SCHEMA.validate(shown)
    assert (shown["outcome"], shown["kind"], Decimal(shown["cost_usd"])) == ("answered", "ask", paid)
    assert [r["exists"] for r in shown["answer"]["references"]] == [True, False]
    assert shown["baseline_cost_usd"] is None
    assert shown["attempts"][0]["verdict"]["strength"] == "unverified"
    assert "answered" in rig.run("history").out
    assert "nothing was run" in rig.run("receipt", "--markdown").out
    figures = json.loads(rig.run("stats", "--json").out)
    assert "ask" in str(figures)
    assert "isolation" not in rig.run("show").out
    assert ASKED in rig.run("show", "--prompts").out
    assert rig.run("forget", "last").status == 0
    kept = rig.run("show", "--json").out
    assert "subtracts" not in kept
    assert str(paid) in kept


def test_a_reply_that_is_no_answer_buys_the_next_tier_and_again_the_one_above(rig: Rig) -> None:
    with ScriptedServer([Say("It subtracts."), Say(GOOD), Say(GOOD)]) as server:
        rig.serve(server)
        done = rig.run("ask", ASKED, "calc.py", "--json")
        assert done.status == 0, done.err
        assert [a["verdict"]["kind"] for a in done.receipt["attempts"]] == ["deferred", "unverified"]
        assert done.receipt["attempts"][0]["verdict"]["reason"] == "no-answer"
        again = rig.run("again", "--json")
        assert again.status == 0, again.err
        assert again.receipt["kind"] == "ask"
        assert [post.model for post in server.posts] == ["m1", "m2", "m3"]
        assert rig.run("again", "--patch-only").refused_well()


def test_no_answer_at_all_is_status_one_with_what_was_said_last(rig: Rig) -> None:
    with ScriptedServer([Say("Yes."), Say("Maybe."), Say("No.")]) as server:
        rig.serve(server)
        done = rig.run("ask", ASKED, "calc.py")
    assert done.status == 1
    assert done.out == "No.\n"
    assert "warning: every tier was tried" in done.err


def test_what_may_not_be_sent_is_not(rig: Rig) -> None:
    (rig.repo.root / ".env").write_text("TOKEN=abc\n")
    with ScriptedServer([]) as server:
        rig.serve(server)
        assert rig.run("ask", ASKED, ".env").refused_well()
        assert rig.run("ask", ASKED, "calc.py", "--budget", "0.000001").status == 4
        assert rig.run("ask", ASKED, "calc.py", "--tier", "tools").refused_well()
        assert rig.run("ask").refused_well()
        assert rig.run("run", "x", "calc.py", "--kind", "ask").refused_well()
        dry = rig.run("ask", ASKED, "calc.py", "--dry-run", "--json")
        assert server.posts == []
    assert dry.status == 0, dry.err
    assert dry.receipt["first_call"]["tier"] == "tier1"
    assert rig.run("history", "--json").out.count('"run_id"') == 1  # what the budget stopped


def test_a_pipe_asks_and_a_broken_server_is_told(rig: Rig) -> None:
    with ScriptedServer([Say(GOOD), *[Fail(400)] * 3]) as server:
        rig.serve(server)
        done = rig.run("ask", "-", "calc.py", "-q", said="who subtracts?")
        assert (done.status, done.out, done.err) == (0, GOOD, "")
        assert "who subtracts?" in str(server.posts[0].body)
        broken = rig.run("ask", ASKED, "calc.py")
    assert broken.status == 5
    assert broken.out == ""
    assert "error: " in broken.err


def test_at_a_terminal_it_is_shown_as_it_arrives(rig: Rig) -> None:
    text = "It \x1b]0;x\x07subtracts [calc.py:3], and\nso [calc.py:9] does."
    with ScriptedServer([Say(text)]) as server:
        rig.serve(server)
        command = ["-m", "routecli", "ask", ASKED, "calc.py", "--no-color"]
        child = pexpect.spawn(
            sys.executable, command, cwd=str(rig.repo.root), env=rig.environment(), encoding="utf-8", timeout=60
        )
        seen = child.read()
        child.close()
    assert child.exitstatus == 0
    assert "It \\x1b]0;x\\x07subtracts [calc.py:3], and\r\n" in seen
    assert "so [calc.py:9] (wrong: the file has 3 lines) does.\r\n" in seen
    assert seen.count("subtracts [calc.py:3]") == 1


def test_the_files_are_there(rig: Rig) -> None:
    assert rig.run("ask", ASKED, "gone.py").refused_well()
    assert set(FILES) >= {"calc.py"}
