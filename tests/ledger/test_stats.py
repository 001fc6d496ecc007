"""What all runs came to, against the same sums made one by one in Python."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from routecli.ledger.ledger import Ledger
from routecli.ledger.stats import JUDGED, RIGHT

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
    steps: list[Step]


costs = st.decimals(min_value=0, max_value=900, places=12)
steps = st.builds(
    Step, st.sampled_from(["tier1", "tier2"]), st.sampled_from(["accepted", "deferred"]), costs, st.integers(0, 10**6)
)
runs = st.builds(
    Run, st.integers(0, 40), st.sampled_from(["/a", "/b"]), st.sampled_from(["fix", "docs"]),
    st.sampled_from([*JUDGED, "interrupted", None]), st.none() | costs,
    st.sampled_from(["", "good", "bad", "reverted"]), st.booleans(), st.lists(steps, max_size=3),
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
                "outcome, cost_usd, baseline_cost_usd, truth) VALUES (?, ?, 1, '', 'x', ?, ?, 'tier1', ?, ?, ?, ?)",
                (str(number), at, run.repo, run.kind, run.outcome, text(cost_of(run)), text(run.baseline), run.truth),
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


def test_the_sums_read_indexes_alone(tmp_path: Path) -> None:
    """A receipt is some thousand bytes: a sum that walked the table would read them all."""
    write(tmp_path / "ledger.db", [])
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        asked = (
            "SELECT substr(started_at, 1, 10), repo_root, kind, first_tier, truth, outcome, cost_usd, "
            "baseline_cost_usd, run_id FROM runs INDEXED BY runs_for_stats WHERE started_at >= ''",
            "SELECT tier, model, state, cost_usd, reserved_usd, input_tokens, cache_read_tokens, output_tokens, run_id "
            "FROM requests INDEXED BY requests_for_stats WHERE asked_at >= ''",
        )
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchone()[3] for sql in asked]
    connection.close()
    assert all("COVERING INDEX" in plan for plan in plans), plans
