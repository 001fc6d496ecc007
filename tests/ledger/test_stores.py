"""One contract for every store: whatever holds the rows, the same questions get the same answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from domain.receipts import ACCEPTED, DEFERRED, attempt, events, receipt

from routecli.domain import events as e
from routecli.domain.money import Usage, usd
from routecli.domain.opinion import PURPOSE, Doubt
from routecli.errors import BudgetFault, ConfigFault, FaultKind
from routecli.ledger import copying
from routecli.ledger.ledger import Ledger
from routecli.ledger.opening import STORES
from routecli.ledger.patches import Patches
from routecli.ledger.postgres import translated
from routecli.ledger.recording import Whose
from routecli.ledger.records import Cap
from routecli.ledger.reserving import Away
from routecli.ledger.spool import SpooledStore
from routecli.ledger.store import Store, StoreFault
from routecli.ledger.today import spent_microusd

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
SOON = timedelta(days=400)


def of(store: Store, who: str = "ann", when_away: Away = Away.LOCAL_CAP) -> Ledger:
    return Ledger(store, Patches(None), whose=Whose(who, "core"), when_away=when_away)


def unreachable() -> Any:
    raise StoreFault("nobody answers", lost=True)


@pytest.fixture(params=["postgresql", "away"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Every store but the file, which the others are compared with."""
    if request.param == "away":
        return SpooledStore(unreachable, tmp_path / "spool.db")
    database: Callable[[], str] = request.getfixturevalue("database")
    return STORES["postgresql"](database(), tmp_path / "spool.db")


def live(ledger: Ledger) -> dict[str, Any]:
    """A busy week: everything that is recorded, and every question that is asked of it."""
    for event in events():
        ledger.listener(event)
    opinion = attempt(3, DEFERRED, usd("0.002"), purpose=PURPOSE, about=1, doubts=(Doubt("src/a.py", 1, "off by one"),))
    sure = attempt(1, ACCEPTED, usd("0.0004"), confidence=8)
    second = replace(receipt(run_id="r2", cost=usd("0.0024")), attempts=(sure, opinion))
    ledger.listener(e.Started("r2", "once \0 more \udcff"))
    ledger.listener(e.Judged(sure))
    for _ in range(4):
        ledger.listener(e.Calling(1, "tier1", "p/m", 100, usd(1)))
        ledger.listener(
            e.Called(1, "tier1", "p/m", "m", Usage(130, output_tokens=2**70), usd("0.1"), 2.0, "end", first_token_s=0.5)
        )
    ledger.listener(e.Finished(second))
    ledger.listener(e.Started("r3", "under way"))
    caps = [
        Cap("day", usd(3), SINCE), Cap("repository", usd(3), SINCE, repo_root="/repo"),
        Cap("key", usd(3), SINCE, provider="p"), Cap("user", usd(3), SINCE, who="ann"),
        Cap("team", usd(3), SINCE, team="core"), Cap("other", usd(0), SINCE, who="bob"),
    ]  # fmt: skip
    first = ledger.reserve("r3", "p/m", usd("0.75"), caps[:5])
    ledger.settle(first, usd("0.25"))
    second_ref = ledger.reserve("r3", "p/m", usd("1.5"), caps[:5])
    with pytest.raises(BudgetFault, match=r"\$0\.84.* of the user's"):
        ledger.reserve("r3", "p/m", usd("0.9"), caps[3:4])
    ledger.settle(second_ref, None)
    ledger.tell_truth("r1", "bad", "you")
    ledger.tell_truth("r1", "good", "you")
    flaky = ledger.flaky_tests(Path("/repo"), 30)
    for _ in range(2):
        flaky.note(["a", "b"], ["a"])
    at = datetime(2026, 11, 28, tzinfo=UTC)
    for model in ("p/m", "q/m"):
        ledger.cool(model, FaultKind.DOWN, None, at)
    ledger.cool("p/m", FaultKind.DOWN, 100.0, at)
    ledger.warm("q/m")
    ledger.overrule("r1")
    ledger.overrule("r2")
    return {
        "history": [_timeless(row) for row in ledger.history()],
        "here": [row.run_id for row in ledger.history(repo_root=Path("/repo"))],
        "run": [_timeless(row) for row in ledger.run("r1").requests],
        "receipt": ledger.run("r2").receipt,
        "receipts": [found.run_id for found in ledger.receipts()],
        "by the beginning": ledger.run("r3").row.run_id,
        "evidence": sorted(map(str, ledger.evidence(Path("/repo"), "fix", "small").tallies)),
        "stats": {k: v for k, v in asdict(ledger.stats(SINCE)).items() if k != "since"},
        "stats here": {k: v for k, v in asdict(ledger.stats(SINCE, repo_root=Path("/repo"))).items() if k != "since"},
        "users": ledger.by_user(SINCE),
        "users here": ledger.by_user(repo_root=Path("/repo")),
        "explored": ledger.explored_usd(SINCE),
        "spent": (ledger.spent_usd(), ledger.spent_usd(datetime.now(UTC) + SOON)),
        "spent here": ledger.spent_usd(repo_root=Path("/repo")),
        "under": [ledger.spent_under(cap) for cap in caps],
        "dialects": ledger.dialect_record("p/org/small"),
        "confidences": ledger.confidences("p/org/small"),
        "opinions": ledger.opinion_record("p/org/small"),
        "ratio": ledger.most_over_estimate("p/m"),
        "speed": ledger.speed("p/m"),
        "climbed": ledger.climbed(SINCE),
        "climbed here": ledger.climbed(SINCE, repo_root=Path("/repo"), most=1),
        "overruled": (ledger.overruled(SINCE), ledger.overruled(repo_root=Path("/repo"))),
        "flaky": flaky.known(),
        "cooling": ledger.cooling(at),
    }


def _timeless(row: Any) -> dict[str, Any]:
    return {k: v for k, v in asdict(row).items() if k not in ("started_at", "asked_at", "instruction")}


def test_calls_without_an_answer_are_counted_in_every_store(other: Store, tmp_path: Path) -> None:
    for ledger in (of(STORES[""]("", tmp_path / "ledger.db")), of(other)):
        ledger.listener(e.Started("r1", "one"))
        for model in ("p/m", "p/other", "p2/m"):
            ledger.listener(e.Calling(1, "tier1", model, 100, usd(0)))
        assert ledger.under_way("p", SINCE) == 2
        assert ledger.under_way("p", datetime.now(UTC) + SOON) == 0
        ledger.listener(e.Called(1, "tier1", "p2/m", "m", Usage(1), usd(0), 1.0, "end"))
        assert (ledger.under_way("p", SINCE), ledger.under_way("p2", SINCE)) == (2, 0)


def test_the_same_questions_get_the_same_answers(other: Store, tmp_path: Path) -> None:
    expected = live(of(STORES[""]("", tmp_path / "ledger.db")))
    ledger = of(other)
    found = live(ledger)
    for name, value in expected.items():
        assert found[name] == value, name
    assert found["history"][0]["who"] == "ann"
    assert [str(sum_usd) for sum_usd in found["under"]][-1] == "0"
    assert ledger.run("r2").row.instruction.startswith("once ")
    if ledger.away:
        assert [reason.code for reason in ledger.warnings] == ["ledger"]
    else:
        assert ledger.warnings == ()


def test_what_waited_is_delivered_once_and_in_its_order(database: Callable[[], str], tmp_path: Path) -> None:
    """Live while the server is away, then reach it: the same answers as if it had never been."""
    expected = live(of(STORES[""]("", tmp_path / "ledger.db")))
    address = database()
    away = SpooledStore(unreachable, tmp_path / "spool.db")
    live(of(away))
    assert away.waiting() > 10
    away.close()
    for _ in range(2):
        ledger = of(STORES["postgresql"](address, tmp_path / "spool.db"))
        assert not ledger.away
        found = [_timeless(row) for row in ledger.history()]
        assert found == expected["history"]
        assert {k: v for k, v in asdict(ledger.stats(SINCE)).items() if k != "since"} == expected["stats"]
        assert sorted(map(str, ledger.evidence(Path("/repo"), "fix", "small").tallies)) == expected["evidence"]
        assert ledger.spent_usd() == expected["spent"][0]
        ledger.close()
    empty = SpooledStore(unreachable, tmp_path / "spool.db")
    assert empty.waiting() == 0
    assert of(empty).history() == ()


def test_check_forget_and_prune_alike(database: Callable[[], str], tmp_path: Path) -> None:
    def keep(ledger: Ledger) -> dict[str, Any]:
        live(ledger)
        found: dict[str, Any] = {"wrong": sorted(ledger.audit()), "texts": sorted(ledger.with_texts())}
        ledger.forget(["r1"], ())
        found["bare"] = ledger.run("r1").receipt
        found["left"] = ledger.with_texts()
        theirs = Ledger(ledger._store, Patches(None), whose=Whose("bob"))
        assert theirs.with_texts() == ([] if ledger._store.shared else found["left"])
        total = ledger.stats(SINCE).total
        done = ledger.prune(datetime.now(UTC) + timedelta(days=1), ())
        found |= {"runs": done.runs, "days": done.days, "cost": done.cost_usd, "history": ledger.history()}
        pruned = ledger.stats(SINCE).total
        assert pruned == replace(total, cost_usd=pruned.cost_usd)  # unfinished runs have paid too
        assert pruned.cost_usd >= total.cost_usd
        assert ledger.by_user(SINCE) == {"core/ann": pruned}
        return found | {"total": pruned, "again": ledger.prune(datetime.now(UTC) + timedelta(days=1), ()).runs}

    expected = keep(of(STORES[""]("", tmp_path / "ledger.db")))
    assert keep(of(STORES["postgresql"](database(), tmp_path / "spool.db"))) == expected
    assert expected["bare"].task.instruction == "(forgotten)"
    assert (expected["runs"], expected["history"], expected["total"].runs, expected["again"]) == (3, (), 3, 0)
    away = of(SpooledStore(unreachable, tmp_path / "away.db"))
    for ask in (lambda: away.forget(["r1"], ()), away.audit, lambda: away.prune(SINCE, ())):
        with pytest.raises(ConfigFault, match="server is away"):
            ask()


@pytest.mark.parametrize(("at_once", "values"), [(copying._AT_ONCE, copying._MOST_VALUES), (1, 1)])
def test_a_file_moves_to_a_server_once_however_often(
    database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, values: int
) -> None:
    monkeypatch.setattr(copying, "_AT_ONCE", at_once)
    monkeypatch.setattr(copying, "_MOST_VALUES", values)
    file = of(STORES[""]("", tmp_path / "ledger.db"))
    expected = live(file)
    address = database()
    for new in (2, 0):  # the third is under way
        ledger = of(STORES["postgresql"](address, tmp_path / "spool.db"))
        taken = ledger.take_in(tmp_path / "ledger.db")
        assert (taken.runs, taken.new) == (2, new)
        assert [_timeless(row) for row in ledger.history()] == expected["history"][1:]
        assert sorted(map(str, ledger.evidence(Path("/repo"), "fix", "small").tallies)) == expected["evidence"]
        assert ledger.opinion_record("p/org/small") == expected["opinions"]
        assert ledger.run("r1").receipt == file.run("r1").receipt
        assert ledger.audit() == file.audit()
        ledger.close()


def test_a_cap_while_the_server_is_away(database: Callable[[], str], tmp_path: Path) -> None:
    cap = [Cap("day", usd(1), SINCE)]
    there = of(STORES["postgresql"](database(), tmp_path / "spool.db"))
    there.settle(there.reserve("r1", "p/m", usd("0.7"), cap), usd("0.6"))
    there.close()
    refuses = of(SpooledStore(unreachable, tmp_path / "spool.db"), when_away=Away.REFUSE)
    with pytest.raises(BudgetFault, match="day's cap cannot be held: the ledger's server is away") as refused:
        refuses.reserve("r2", "p/m", usd("0.1"), cap)
    assert "local-cap" in refused.value.hint
    assert refuses.reserve("r2", "p/m", usd("0.1"))  # without a cap there is nothing to hold
    knows = of(SpooledStore(unreachable, tmp_path / "spool.db"), when_away=Away.LOCAL_CAP)
    assert knows.spent_under(cap[0]) == usd("0.8")  # 0.7 as it was set aside, and what waits
    with pytest.raises(BudgetFault, match="\\$0\\.2 of the day's"):
        knows.reserve("r3", "p/m", usd("0.3"), cap)
    knows.reserve("r3", "p/m", usd("0.2"), cap)


def test_what_this_machine_spends_is_known_to_its_prompt(other: Store, tmp_path: Path) -> None:
    """As a ledger's file would say it, without a look at the server: each call once, whatever becomes of it."""
    assert other.path is not None
    spool = tmp_path / "spool-0123.db"
    spool.symlink_to(other.path)
    assert spent_microusd(str(spool)) == 0
    ledger = of(other)
    sent = ledger.reserve("r1", "p/m", usd("0.7"))
    assert spent_microusd(str(spool)) == 700_000
    ledger.settle(sent, usd("0.0123"))
    ledger.settle(ledger.reserve("r1", "p/m", usd("0.5")), usd(0))
    ledger.settle(ledger.reserve("r1", "p/m", usd("0.02")), None)
    beside = of(SpooledStore(unreachable, other.path), who="bob")
    beside.settle(beside.reserve("r2", "p/m", usd("0.3")), usd("0.1"))
    assert spent_microusd(str(spool)) == 132_300
    ledger.close()
    beside.close()
    with sqlite3.connect(spool) as connection:
        connection.execute("UPDATE known SET name = 'spent 2026-01-01'")
    connection.close()
    assert spent_microusd(str(spool)) == 0


def test_what_the_server_will_never_take_holds_nothing_up(database: Callable[[], str], tmp_path: Path) -> None:
    away = SpooledStore(unreachable, tmp_path / "spool.db")
    with away.writing() as connection:
        connection.execute("INSERT INTO runs (run_id, started_at, pid, pid_started, instruction) "
                           "VALUES ('bad', 'x', ?, '', '')", ("no number",))  # fmt: skip
    of(away).listener(e.Started("good", "x"))
    away.close()
    ledger = of(STORES["postgresql"](database(), tmp_path / "spool.db"))
    assert [row.run_id for row in ledger.history()] == ["good"]
    assert [("refuses rows" in reason.text) for reason in ledger.warnings] == [True, False]


def test_a_newer_schema_is_left_alone(database: Callable[[], str], tmp_path: Path) -> None:
    import psycopg

    address = database()
    of(STORES["postgresql"](address, None)).history()
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE routecli.schema_version SET version = 99")
    ledger = of(STORES["postgresql"](address, tmp_path / "spool.db"))
    assert "a newer routecli wrote it" in ledger.away
    ledger.listener(e.Started("r1", "x"))
    assert [row.run_id for row in ledger.history()] == ["r1"]


@pytest.mark.parametrize(
    ("ours", "theirs", "names"),
    [
        ("SELECT ? , '?%' WHERE a = ?", "SELECT %(p1)s , '?%%' WHERE a = %(p2)s", ("p1", "p2")),
        ("x = ?2 OR ?1", "x = %(p2)s OR %(p1)s", ("p2", "p1")),
        ("a = :b AND c::text = ':d' AND :b", "a = %(b)s AND c::text = ':d' AND %(b)s", ("b",)),
        ("FROM runs INDEXED BY runs_for_stats WHERE 1 % 2", "FROM runs  WHERE 1 %% 2", ()),
        ("sum(CAST(round(f(a, b) * 1e12) AS INTEGER)) AS c",
         "CAST(sum(CAST(f(a, b) AS numeric)) * 1e12 AS bigint) AS c", ()),
        ("sum(CAST(round(a * 1e12) AS INTEGER)) FILTER (WHERE b IS NOT NULL) AS c",
         "CAST(sum(CAST(a AS numeric)) FILTER (WHERE b IS NOT NULL) * 1e12 AS bigint) AS c", ()),
        ("CAST(round(max(a) * 1e6) AS INTEGER)", "CAST(round(CAST(max(a) AS numeric) * 1e6) AS bigint)", ()),
    ],
)  # fmt: skip
def test_what_a_statement_becomes(ours: str, theirs: str, names: tuple[str, ...]) -> None:
    assert translated(ours) == (theirs, names)
