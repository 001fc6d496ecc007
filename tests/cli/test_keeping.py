"""`forget`, `keep_days`, `ledger path|check|prune|migrate`: texts go, money stays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.samples import failed, passed, receipt
from routecli.cli import app
from routecli.compose import tracing
from routecli.domain.events import Called, Calling, Escalated, Finished, Judged, Started
from routecli.domain.ladder import Reason
from routecli.domain.money import usd
from routecli.domain.opinion import Doubt
from routecli.domain.receipt import Move, MoveKind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred
from routecli.ledger.keeping import TEXT_FILES
from routecli.ledger.ledger import FILE_NAME, PATCHES, Ledger

Says = Callable[..., tuple[int, str, str]]
WORD = " Xyzzy-Plugh"
"""Stands in every text of a run, and nowhere else."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with one finished run whose texts hold WORD, its patch, its trace and what a crash left."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    record(folder / FILE_NAME)
    for name, suffix in TEXT_FILES:
        (folder / name).mkdir(exist_ok=True)
        (folder / name / f"{run_of(folder)}{suffix}").write_text(WORD)
    (folder / "crash-20261127T120000-1.txt").write_text(WORD)
    return folder


def record(file: Path) -> None:
    done = receipt()
    first, second = done.attempts
    first = replace(first, verdict=Deferred(DeferralReason.TESTS_FAILED, WORD, WORD, (failed(WORD),)),
                    doubts=(Doubt("src/a.py", 1, WORD),))  # fmt: skip
    second = replace(second, verdict=Accepted((passed(WORD),), WORD, rests_on=WORD))
    done = replace(
        done, task=replace(done.task, instruction=WORD, kind_why=WORD, paths=(f"src/{WORD}",)), why=WORD, hint=WORD,
        route=replace(done.route, reasons=(Reason("kind", WORD),)), attempts=(first, second), extra={"note": WORD},
        moves=(Move(MoveKind.ESCALATION, 0, "tier1", "tier2", WORD),),
    )  # fmt: skip
    ledger = Ledger.open(file)
    ledger.listener(Started(done.run_id, WORD))
    for attempt in (first, second):
        ledger.listener(Calling(attempt.number, attempt.tier, attempt.model, 1104, usd("0.01")))
        ledger.listener(
            Called(attempt.number, attempt.tier, attempt.model, "m", attempt.usage, attempt.cost_usd, 1.8, "end")
        )
        ledger.listener(Judged(attempt))
        ledger.listener(Escalated("tier1", "tier2", WORD))
    ledger.listener(Finished(done))
    ledger.close()


def run_of(_: Path) -> str:
    return receipt().run_id


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Says:
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*args: str) -> tuple[int, str, str]:
        status = app.run(args)
        return (status, *capfd.readouterr())

    return run


def holding(folder: Path) -> list[str]:
    word = WORD.strip().encode()
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and word in p.read_bytes())


def test_the_folders_of_texts_are_all_that_there_are() -> None:
    assert {PATCHES, tracing.FOLDER} <= {name for name, _ in TEXT_FILES}


@pytest.mark.parametrize("args", [["last"], ["--all"], ["--before", "2100-01-01"]])
def test_forget_leaves_no_byte_of_a_text_and_all_of_the_money(says: Says, state: Path, args: list[str]) -> None:
    before = json.loads(says("history", "--json")[1])[0]
    assert len(holding(state)) == 5
    status, _, err = says("forget", *args)
    assert (status, err) == (0, "forgotten: the texts of 1 run; what they cost is kept\n")
    assert holding(state) == ([] if args == ["--all"] else ["crash-20261127T120000-1.txt"])
    after = json.loads(says("history", "--json")[1])[0]
    assert after["task"] == "(forgotten)"
    assert {k: after[k] for k in ("run_id", "cost_usd", "outcome", "kind")} == {
        k: before[k] for k in ("run_id", "cost_usd", "outcome", "kind")
    }
    status, out, _ = says("show", "last", "--json")
    assert status == 0
    assert [a["cost_usd"] for a in json.loads(out)["attempts"]] == ["0.000213", "0.00713"]
    assert says("ledger", "check")[0] == 0
    assert "0 runs" in says("forget", "--all")[2]


@pytest.mark.parametrize(
    "args", [[], ["last", "--all"], ["--before", "yesterday"], ["--before", "2026-13-01"], ["nothing-like-it"]]
)
def test_forget_refuses_what_names_no_runs(says: Says, state: Path, args: list[str]) -> None:
    status, _, err = says("forget", *args)
    assert status == 2
    assert "hint:" in err
    assert len(holding(state)) == 5


def test_a_run_under_way_is_not_forgotten(says: Says, state: Path) -> None:
    ledger = Ledger.open(state / FILE_NAME)
    ledger.listener(Started("under-way", "now"))
    status, _, err = says("forget", "under-way")
    assert (status, "is under way" in err) == (2, True)
    says("forget", "--all")
    assert ledger.run("under-way").row.instruction == "now"


def test_keep_days_forgets_when_the_ledger_is_read(
    says: Says, state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("keep_days = 36500\n")
    monkeypatch.setenv("ROUTECLI_CONFIG", str(tmp_path / "config.toml"))
    says("history")
    assert len(holding(state)) == 5
    (tmp_path / "config.toml").write_text("keep_days = 0\n")
    assert says("--help")[0] == 0
    assert len(holding(state)) == 5  # a page of help opens no ledger
    says("history")
    assert holding(state) == ["crash-20261127T120000-1.txt"]


def test_prune_keeps_the_money_of_each_day(says: Says, state: Path) -> None:
    with sqlite3.connect(state / FILE_NAME) as other:
        old = (datetime.now(UTC) - timedelta(days=50)).isoformat(timespec="microseconds")
        other.execute("UPDATE runs SET started_at = ? WHERE run_id = ?", (old, run_of(state)))
    other.close()
    before = json.loads(says("stats", "--days", "365", "--json")[1])
    user = json.loads(says("stats", "--days", "365", "--by", "user", "--json")[1])["by_user"]
    assert [sums["cost_usd"] for sums in user.values()] == [before["total"]["cost_usd"]]
    assert "$0.0073" in says("stats", "--days", "365", "--by", "user")[1]
    assert says("ledger", "prune", "--older", "31")[0] == 2
    assert "0 runs" in says("ledger", "prune", "--older", "60")[2]
    status, out, _ = says("ledger", "prune", "--older", "40", "--json")
    done = json.loads(out)
    assert (status, done["runs"], done["days"]) == (0, 1, 1)
    after = json.loads(says("stats", "--days", "365", "--json")[1])
    assert after["total"]["runs"] == before["total"]["runs"]
    assert after["total"]["judged"] == before["total"]["judged"]
    assert done["cost_usd"] == after["total"]["cost_usd"]
    assert [day["runs"] for day in days_of(after)] == [day["runs"] for day in days_of(before)]
    assert holding(state) == ["crash-20261127T120000-1.txt"]
    assert "0 runs" in says("ledger", "prune", "--older", "40")[2]


def days_of(stats: dict[str, object]) -> list[dict[str, object]]:
    found = stats["by_day"]
    return list(found.values()) if isinstance(found, dict) else found  # type: ignore[return-value]


def test_check_finds_what_does_not_add_up(says: Says, state: Path) -> None:
    assert says("ledger", "check") == (0, "", "the ledger adds up\n")
    with sqlite3.connect(state / FILE_NAME) as other:
        other.execute("UPDATE runs SET cost_usd = '1.5' WHERE run_id = ?", (run_of(state),))
        other.execute("INSERT INTO moves (run_id, moved_at, kind, attempt, source, target) VALUES "
                      "('gone', '', 'retry', 1, '', '')")  # fmt: skip
    other.close()
    status, out, _ = says("ledger", "check", "--json")
    wrong = json.loads(out)
    assert (status, wrong["ok"]) == (3, False)
    assert any("and its row $1.5" in line for line in wrong["wrong"])
    assert any("moves of gone" in line for line in wrong["wrong"])


def test_path_and_migrate_from_file_to_file(
    says: Says, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert says("ledger", "path") == (0, f"{state / FILE_NAME}\n", "")
    status, _, err = says("ledger", "migrate")
    assert (status, "is the ledger itself" in err) == (2, True)
    assert says("ledger", "migrate", "nowhere.db")[0] == 2
    (tmp_path / "here" / "bad.db").write_bytes(b"garbage" * 300)
    status, _, err = says("ledger", "migrate", "bad.db")
    assert (status, "is no ledger that can be read" in err) == (3, True)
    assert (tmp_path / "here" / "bad.db").exists()
    monkeypatch.setenv("ROUTECLI_LEDGER", str(tmp_path / "other.db"))
    for new in (1, 0):
        status, out, _ = says("ledger", "migrate", "--json")
        assert (status, json.loads(out)["new"]) == (0, new)
    assert says("ledger", "check")[0] == 0
    (row,) = json.loads(says("history", "--json")[1])
    assert row["run_id"] == run_of(state)


def test_caps_of_a_user_and_a_team_are_set_and_shown(
    says: Says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[team]\nname = "core"\nuser = "ann"\n')
    monkeypatch.setenv("ROUTECLI_CONFIG", str(file))
    for cap in ("user-day", "user-month", "team-day", "team-month"):
        assert says("budget", "set", cap, "12.50")[0] == 0
    caps = json.loads(says("budget", "--json")[1])["caps"]
    assert [(c["cap"], c["cap_usd"], c["left_usd"], c["user"], c["team"]) for c in caps] == [
        ("user-day", "12.50", "12.50", "ann", None), ("user-month", "12.50", "12.50", "ann", None),
        ("team-day", "12.50", "12.50", None, "core"), ("team-month", "12.50", "12.50", None, "core"),
    ]  # fmt: skip
    file.write_text(file.read_text().replace('name = "core"\n', ""))
    status, _, err = says("budget")
    assert (status, "the team has no name" in err, "hint:" in err) == (3, True, True)
    status, _, err = says("budget", "set", "user-dya", "1")
    assert (status, "user-day" in err) == (2, True)
