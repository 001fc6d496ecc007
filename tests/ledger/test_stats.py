"""What all runs came to, against the same sums made one by one in Python."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from domain.receipts import DEFERRED, attempt, receipt
from hypothesis import given, settings
from hypothesis import strategies as st

from routecli.domain.events import Finished, Judged, Started
from routecli.domain.money import usd
from routecli.ledger.ledger import Ledger
from routecli.ledger.recording import CLIMBED
from routecli.ledger.stats import JUDGED, RIGHT, stats
from routecli.ledger.store import migrations

BEGIN = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Step(NamedTuple):
    tier: str
    verdict: str
    cost: Decimal
    tokens: int


class Run(NamedTuple):
    day: int
    repo: str
    kind: str
    outcome: str | None
    baseline: Decimal | None
    truth: str
    priced: bool
    caching: Decimal | None
    steps: list[Step]


costs = st.decimals(min_value=0, max_value=900, places=12)
steps = st.builds(
    Step, st.sampled_from(["tier1", "tier2"]), st.sampled_from(["accepted", "deferred"]), costs, st.integers(0, 10**6)
)
runs = st.builds(
    Run, st.integers(0, 40), st.sampled_from(["/a", "/b"]), st.sampled_from(["fix", "docs"]),
    st.sampled_from([*JUDGED, "interrupted", None]), st.none() | costs,
    st.sampled_from(["", "good", "bad", "reverted"]), st.booleans(), st.none() | st.decimals(-900, 900, places=12),
    st.lists(steps, max_size=3),
)  # fmt: skip


def text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def cost_of(run: Run) -> Decimal | None:
    return sum((s.cost for s in run.steps), Decimal(0)) if run.priced and run.outcome else None


def write(file: Path, listed: list[Run]) -> None:
    Ledger.open(file).close()
    with sqlite3.connect(file) as connection:
        for number, run in enumerate(listed):
            at = (BEGIN + timedelta(days=run.day)).isoformat(timespec="microseconds")
            connection.execute(
                "INSERT INTO runs (run_id, started_at, pid, pid_started, instruction, repo_root, kind, first_tier, "
                "outcome, cost_usd, baseline_cost_usd, caching_usd, truth) "
                "VALUES (?, ?, 1, '', 'x', ?, ?, 'tier1', ?, ?, ?, ?, ?)",
                (
                    str(number),
                    at,
                    run.repo,
                    run.kind,
                    run.outcome,
                    text(cost_of(run)),
                    text(run.baseline),
                    text(run.caching),
                    run.truth,
                ),
            )
            for place, step in enumerate(run.steps):
                connection.execute(
                    "INSERT INTO attempts (run_id, place, judged_at, number, tier, model, edit_format, repair, "
                    "verdict, wall_s) VALUES (?, ?, ?, 1, ?, 'p/m', 'x', 0, ?, 1)",
                    (str(number), place, at, step.tier, step.verdict),
                )
                connection.execute(
                    "INSERT INTO requests (run_id, state, asked_at, tier, model, cost_usd, input_tokens, "
                    "output_tokens) VALUES (?, 'settled', ?, ?, 'p/m', ?, ?, 1)",
                    (str(number), at, step.tier, text(step.cost), step.tokens),
                )
            connection.execute(CLIMBED, {"run_id": str(number)})
    connection.close()


@settings(max_examples=40)
@given(st.lists(runs, max_size=12), st.integers(0, 41), st.sampled_from([None, "/a"]))
def test_the_same_sums_one_by_one(listed: list[Run], since: int, repo: str | None) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder) / "ledger.db", listed)
        ledger = Ledger.open(Path(folder) / "ledger.db")
        found = ledger.stats(BEGIN + timedelta(days=since), repo_root=Path(repo) if repo else None)
        ledger.close()
    kept = [r for r in listed if r.day >= since and repo in (None, r.repo)]
    total = found.total
    assert total.runs == len(kept)
    assert total.judged == sum(r.outcome in JUDGED for r in kept)
    assert total.right == sum(r.outcome in RIGHT for r in kept)
    assert total.climbed == sum(len({s.tier for s in r.steps}) > 1 for r in kept)
    assert total.good == sum(r.truth == "good" for r in kept)
    assert total.bad == sum(r.truth in ("bad", "reverted") for r in kept)
    priced = [cost for r in kept if (cost := cost_of(r)) is not None]
    assert total.cost_usd == sum(priced, Decimal(0))
    assert total.caching_usd == sum((r.caching for r in kept if r.caching is not None), Decimal(0))
    assert total.unpriced == len(kept) - len(priced)
    both = [
        (cost_of(r), r.baseline)
        for r in kept
        if r.outcome in JUDGED and cost_of(r) is not None and r.baseline is not None
    ]
    assert found.saved.runs == len(both)
    assert found.saved.cost_usd == sum((c for c, _ in both), Decimal(0))
    assert found.saved.baseline_usd == sum((b for _, b in both), Decimal(0))
    for grouped in (found.by_day, found.by_kind, found.by_repository, found.by_first_tier):
        assert sum(s.runs for s in grouped.values()) == total.runs
        assert sum((s.cost_usd for s in grouped.values()), Decimal(0)) == total.cost_usd
    assert list(found.by_day) == sorted({(BEGIN + timedelta(days=r.day)).date().isoformat() for r in kept})
    taken = [s for r in kept for s in r.steps]
    for tier, sums in found.by_tier.items():
        its = [s for s in taken if s.tier == tier]
        assert sums.runs == sum(any(s.tier == tier for s in r.steps) for r in kept)
        assert (sums.attempts, sums.calls) == (len(its), len(its))
        assert sums.right == sum(s.verdict == "accepted" for s in its)
        assert sums.input_tokens == sum(s.tokens for s in its)
        assert sums.cost_usd == sum((s.cost for s in its), Decimal(0))
    assert set(found.by_tier) == {s.tier for s in taken}
    assert sum((s.cost_usd for s in found.by_model.values()), Decimal(0)) == sum((s.cost for s in taken), Decimal(0))


def test_a_tier_with_two_models_counts_a_run_once(tmp_path: Path) -> None:
    write(tmp_path / "ledger.db", [])
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        for place, model in enumerate(("p/one", "p/two")):
            connection.execute(
                "INSERT INTO attempts (run_id, place, judged_at, number, tier, model, edit_format, repair, verdict, "
                "wall_s) VALUES ('r', ?, '2026-11-01T12:00:00+00:00', 1, 'tier1', ?, 'x', 0, 'deferred', 1)",
                (place, model),
            )
    connection.close()
    found = Ledger.open(tmp_path / "ledger.db").stats()
    assert found.by_tier["tier1"].runs == 1
    assert [sums.runs for sums in found.by_model.values()] == [1, 1]


def test_the_sums_read_indexes_alone_and_sort_days_only(tmp_path: Path) -> None:
    """A receipt is some thousand bytes: a sum that walked the table would read them all. And sorting a hundred thousand
    rows takes longer than adding them up."""
    write(tmp_path / "ledger.db", [])
    read: dict[str, list[str]] = {}
    with sqlite3.connect(tmp_path / "ledger.db") as connection:

        class Explained:
            def rows(self, sql: str, params: tuple[str, ...] = ()) -> list[object]:
                plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", params)]
                read[plan[0].split(" ")[-1] if "(" not in plan[0] else plan[0].split(" ")[-2]] = plan
                return []

        stats(Explained(), None, None)  # type: ignore[arg-type]
    connection.close()
    assert set(read) == {"runs_by_place", "runs_for_stats", "attempts_for_stats", "requests_by_tier"}
    assert all("COVERING INDEX" in plan[0] for plan in read.values()), read
    assert [name for name, plan in read.items() if "USE TEMP B-TREE FOR GROUP BY" in plan] == ["runs_for_stats"]


def test_runs_of_an_older_ledger_keep_how_they_climbed(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with sqlite3.connect(file) as connection:
        for number, script in migrations():
            if number < 8:
                connection.executescript(script.read_text())
                connection.execute(f"PRAGMA user_version = {number}")
        for run_id, tiers in (("one", ["tier1", "tier1"]), ("two", ["tier1", "tier2"])):
            connection.execute(
                "INSERT INTO runs (run_id, started_at, pid, pid_started, instruction, outcome) "
                "VALUES (?, '2026-11-01T12:00:00.000000+00:00', 1, '', 'x', 'accepted')",
                (run_id,),
            )
            for place, tier in enumerate(tiers):
                connection.execute(
                    "INSERT INTO attempts (run_id, place, judged_at, number, tier, model, edit_format, repair, "
                    "verdict, wall_s) VALUES (?, ?, '2026-11-01T12:00:00+00:00', 1, ?, 'p/m', 'x', 0, 'deferred', 1)",
                    (run_id, place, tier),
                )
    connection.close()
    total = Ledger.open(file).stats().total
    assert (total.runs, total.climbed) == (2, 1)


def test_a_run_climbed_once_a_second_tier_worked_in_it(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    for run_id, tiers in (("one", ["tier1", "tier1"]), ("two", ["tier1", "tier2"])):
        ledger.listener(Started(run_id, "x"))
        for number, tier in enumerate(tiers, 1):
            ledger.listener(Judged(replace(attempt(number, DEFERRED, usd("0.01")), tier=tier)))
        ledger.listener(Finished(receipt(run_id=run_id)))
    assert ledger.stats().total.climbed == 1
    assert ledger.warnings == ()
