"""Reviews as they are typed: of what is staged, of a range, in three forms; secrets stay, lines are looked up."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from e2e.rig import FILES, Rig
from jsonschema import Draft202012Validator
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog
from repositories import fingerprint
from serving import Say, ScriptedServer

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs" / "receipt.schema.json").read_text()))
CHANGED = FILES["calc.py"].replace("a - b", "a * b")
FOUND = (
    "REVIEW: findings\nFINDING error calc.py:3: add(2, 3) gives 6\x1b[31m\n"
    "FINDING note calc.py:90: no such line\nFINDING note gone.py:1: no such file\n"
)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    found = Rig.make(tmp_path)
    (found.repo.root / "calc.py").write_text(CHANGED)
    git(found, "add", "calc.py")
    (found.repo.root / "calc.py").write_text("not staged\n")
    return found


def git(rig: Rig, *words: str) -> None:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.com")
    subprocess.run(["git", *who, *words], cwd=rig.repo.root, check=True, capture_output=True)


def test_what_is_staged_is_reviewed_and_every_line_looked_up(rig: Rig) -> None:
    before = fingerprint(rig.repo.root)
    with ScriptedServer([Say(FOUND)]) as server:
        rig.serve(server)
        done = rig.run("review")
        sent = str(server.posts[0].body)
    assert (done.status, done.out) == (0, "calc.py:3: error: add(2, 3) gives 6\\x1b[31m\n"), done.err
    assert "unverified: 1 finding; 2 at no line of the change left out" in done.err
    assert "a * b" in sent
    assert "not staged" not in sent
    assert fingerprint(rig.repo.root) == before
    shown = rig.run("receipt", "--json").receipt
    SCHEMA.validate(shown)
    assert (shown["kind"], shown["answer"]["scope"], shown["answer"]["left_out"]) == ("review", "staged", 2)
    assert "calc.py:3: error" in rig.run("show").out


def test_findings_as_json_and_sarif_and_as_a_status(rig: Rig) -> None:
    with ScriptedServer([Say(FOUND)] * 3 + [Say("REVIEW: clean")]) as server:
        rig.serve(server)
        sarif = rig.run("review", "--format", "sarif")
        log = SarifLog.model_validate_json(sarif.out)
        grave = rig.run("review", "--json", "--fail-on", "error")
        assert rig.run("review", "--fail-on", "note", "-q").status == 1
        clean = rig.run("review", "--fail-on", "note", "-q")
    assert sarif.status == 0, sarif.err
    (result,) = log.runs[0].results or []
    assert result.level is not None
    assert result.level.value == "error"
    raw = json.loads(sarif.out)["runs"][0]["results"][0]
    assert raw["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "calc.py"
    assert raw["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert raw["message"]["text"] == "add(2, 3) gives 6\\x1b[31m"
    assert grave.status == 1
    assert grave.receipt["answer"]["findings"][0]["severity"] == "error"
    assert (clean.status, clean.out) == (0, "no findings\n")


def test_a_range_a_commit_and_a_path_in_it(rig: Rig) -> None:
    git(rig, "commit", "-qm", "times")
    (rig.repo.root / "other.py").write_text("VALUE = 2\n")
    git(rig, "commit", "-qm", "two", "other.py")
    clean = Say("REVIEW: clean")
    with ScriptedServer([clean] * 5) as server:
        rig.serve(server)
        for words in (("HEAD~2..HEAD",), ("HEAD~2...HEAD", "other.py"), ("HEAD",), ("HEAD~1", "*.py"), ("HEAD~2..",)):
            done = rig.run("review", *words, "-q")
            assert done.status == 0, done.err
        bodies = [str(post.body) for post in server.posts]
    assert [("a * b" in body, "VALUE = 2" in body) for body in bodies] == [
        (True, True), (False, True), (False, True), (True, False), (True, True),
    ]  # fmt: skip


def test_what_is_no_review_buys_the_next_tier_and_again_the_one_above(rig: Rig) -> None:
    with ScriptedServer([Say("Looks good."), Say(FOUND), Say("REVIEW: clean")]) as server:
        rig.serve(server)
        assert rig.run("review", "calc.py", "-q").status == 0
        assert rig.run("again", "-q").out == "no findings\n"
        assert [post.model for post in server.posts] == ["m1", "m2", "m3"]
        assert "a * b" in str(server.posts[2].body)


def test_secrets_are_not_shown_whichever_side_they_stand_on(rig: Rig) -> None:
    drawn = "q2x9LrT0cVvB1nM4kZsPdQfGhJ8wEyUaXo5" * 2
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{drawn}\n-----END RSA PRIVATE KEY-----\n"
    (rig.repo.root / ".env").write_text("TOKEN=abc123\n")
    (rig.repo.root / "was.py").write_text(f"KEY = '''{key}'''\n")
    git(rig, "add", ".env", "was.py")
    git(rig, "commit", "-qm", "secrets")
    (rig.repo.root / "was.py").write_text("KEY = None\n")
    (rig.repo.root / "other.py").write_text("VALUE = 3\n")
    git(rig, "rm", "-q", "--cached", ".env")
    git(rig, "add", "was.py", "other.py")
    with ScriptedServer([Say("REVIEW: clean")]) as server:
        rig.serve(server)
        done = rig.run("review")
        assert rig.run("review", "was.py").refused_well()
        assert len(server.posts) == 1
        sent = str(server.posts[0].body)
    assert done.status == 0, done.err
    assert "VALUE = 3" in sent
    assert "PRIVATE" not in sent
    assert "abc123" not in sent
    assert "not reviewed: .env, was.py" in done.err


def test_what_cannot_be_reviewed_is_refused_unpaid(rig: Rig) -> None:
    with ScriptedServer([]) as server:
        rig.serve(server)
        for words in ("no..such", "other.py", "--format=xml", "--tier=tools", "--no-such", "a..-x"):
            done = rig.run("review", words)
            assert done.refused_well(), words
            assert done.status == 2
        git(rig, "reset", "-q")
        assert "nothing is staged" in rig.run("review").err
        dry = rig.run("review", "HEAD", "--dry-run")
        assert dry.status == 0, dry.err
        assert "nothing was sent" in dry.out
        assert server.posts == []
