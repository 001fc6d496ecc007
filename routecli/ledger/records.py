"""What the ledger answers with: frozen rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from routecli.domain.money import Usd
from routecli.domain.receipt import Outcome, Receipt
from routecli.ledger.recording import process_started, this_host
from routecli.ledger.store import Row
from routecli.nouns import dataclass

RUNNING = "running"
_LONGEST_RUN = timedelta(hours=6)


UNITS = "CAST(round({} * 1e12) AS INTEGER)"
"""An amount in SQL, in trillionths of a dollar: whole numbers add up."""
_PER_USD = 10**12


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap on what all processes spend together: `cap_usd` since `since` (UTC). `name` is for the refusal (`day`).
    `repo_root`, `provider`, `who` and `team`: of this repository's runs, of this provider's, user's or team's calls
    only; empty: of all."""

    name: str
    cap_usd: Usd
    since: datetime
    repo_root: str = ""
    provider: str = ""
    who: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the history. `outcome` is an Outcome's value, or `running`; a run whose process is gone without an
    end is `interrupted`. `cost_is_worst_case`: calls were under way, and count with all that they may have cost.
    `cost_usd` None: unknown. `truth` is good, bad or reverted, by `truth_source`: `you`, or `git`: inferred."""

    run_id: str
    started_at: datetime
    instruction: str
    repo_root: str
    kind: str
    first_tier: str
    outcome: str
    why: str
    cost_usd: Usd | None
    cost_is_worst_case: bool
    baseline_cost_usd: Usd | None
    wall_s: float | None
    requests: int
    attempts: int
    written: bool
    commit: str | None
    who: str = ""
    team: str = ""
    truth: str = ""
    truth_source: str = ""


@dataclass(frozen=True, slots=True)
class DeliveredRun:
    """A run whose patch was written: the commits that it began at and made, and what is said of it so far."""

    run_id: str
    base: str | None
    commit: str | None
    truth: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One call as the ledger has it. `state` is reserved, sent, settled or failed."""

    state: str
    asked_at: datetime
    attempt: int | None
    repair: bool
    tier: str
    model: str
    model_served: str
    reserved_usd: Usd | None
    cost_usd: Usd | None
    input_tokens: int | None
    output_tokens: int | None
    usage_raw: str
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    usage_source: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run with all that is known of it. `receipt` is None where it never ended, or where the row cannot be read."""

    row: RunRow
    receipt: Receipt | None
    requests: tuple[RequestRow, ...]


def amount(text: str | None) -> Usd | None:
    """A stored amount; None stays unknown."""
    return None if text is None else Usd(Decimal(text))


def usd_of(units: int | None) -> Usd:
    """Trillionths of a dollar as dollars."""
    return Usd(Decimal(units or 0) / _PER_USD)


def run_row(row: Row) -> RunRow:
    """A row of `runs` with its sums over requests."""
    ended = row["outcome"] is not None
    outcome = row["outcome"] or (RUNNING if _alive(row) else Outcome.INTERRUPTED.value)
    open_calls = bool(row["open_calls"])
    known = not row["unknown_calls"]
    cost = amount(row["cost_usd"]) if ended else (amount(row["spent_usd"]) if known else None)
    return RunRow(
        run_id=row["run_id"],
        started_at=datetime.fromisoformat(row["started_at"]),
        instruction=row["instruction"],
        repo_root=row["repo_root"],
        kind=row["kind"],
        first_tier=row["first_tier"],
        outcome=outcome,
        why=row["why"] or ("" if ended or outcome == RUNNING else "the process ended without a receipt"),
        cost_usd=cost,
        cost_is_worst_case=not ended and open_calls,
        baseline_cost_usd=amount(row["baseline_cost_usd"]),
        wall_s=row["wall_s"],
        requests=row["requests"],
        attempts=row["attempts"],
        written=bool(row["written"]),
        commit=row["commit_id"],
        who=row["who"],
        team=row["team"],
        truth=row["truth"],
        truth_source=row["truth_source"],
    )


def _alive(row: Row) -> bool:
    """Whether its process lives. One of another machine is believed to, for as long as a run may take."""
    if row["host"] not in ("", this_host()):
        return datetime.now(UTC) - datetime.fromisoformat(row["started_at"]) < _LONGEST_RUN
    return bool(row["pid_started"]) and process_started(row["pid"]) == row["pid_started"]


def request_row(row: Row) -> RequestRow:
    """A row of `requests`."""
    return RequestRow(
        state=row["state"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        attempt=row["attempt"],
        repair=bool(row["repair"]),
        tier=row["tier"],
        model=row["model"],
        model_served=row["model_served"],
        reserved_usd=amount(row["reserved_usd"]),
        cost_usd=amount(row["cost_usd"]),
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        usage_raw=row["usage_raw"],
        cache_read_tokens=row["cache_read_tokens"],
        cache_write_tokens=row["cache_write_tokens"],
        reasoning_tokens=row["reasoning_tokens"],
        usage_source=row["usage_source"],
        request_id=row["request_id"],
    )


RUNS = """
SELECT runs.*,
    (SELECT count(*) FROM attempts WHERE attempts.run_id = runs.run_id) AS attempts,
    (SELECT count(*) FROM requests WHERE requests.run_id = runs.run_id) AS requests,
    (SELECT count(*) FROM requests WHERE requests.run_id = runs.run_id AND state = 'sent') AS open_calls,
    (SELECT count(*) FROM requests WHERE requests.run_id = runs.run_id
        AND coalesce(cost_usd, reserved_usd) IS NULL) AS unknown_calls,
    (SELECT usd_sum(coalesce(cost_usd, reserved_usd)) FROM requests WHERE requests.run_id = runs.run_id) AS spent_usd
FROM runs
"""
"""Runs with sums over their requests. A call without a bill counts as its worst case (security.md row 57)."""
