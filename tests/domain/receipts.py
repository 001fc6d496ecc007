"""A receipt and the events of a run that use every field: shared by the tests of what they become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from routecli.domain import events as e
from routecli.domain.ladder import Forecast, ModelRef, Reason, Route, Tier
from routecli.domain.money import Usage, Usd, usd
from routecli.domain.patch import FileEdit, Match, Patch, Placement
from routecli.domain.receipt import Attempt, Baseline, Isolation, Move, MoveKind, Outcome, Receipt
from routecli.domain.task import FileRole, Kind, Survey, SurveyedFile, Task
from routecli.domain.verdict import (
    Accepted,
    CheckOutcome,
    CheckResult,
    DeferralReason,
    Deferred,
    Unverified,
    Verdict,
)

TASK = Task("fix the rounding", Kind.FIX, "the word fix", Path("/repo"), "c0ffee", ("src/a.py", "b\udcff.py"), usd(5))
CHECK = CheckResult("pytest", ("python", "-m", "pytest"), CheckOutcome.FAILED, "1 new failure", ("t.py::a",),
                    ("t.py::b",), ("t.py::c",), 7, 1.25, "E   assert \x1b[31m1")  # fmt: skip
TIERS = (
    Tier("tier1", 1, (ModelRef("p", "org/small"),), context_limit_tokens=None),
    Tier("tier2", 2, (ModelRef("p", "large"), ModelRef("q", "large")), context_limit_tokens=1000, lane="local"),
)
ROUTE = Route("tier1", TIERS, "thresholds", (Reason("files", "1 file: the first tier"),),
              (Forecast("tier1", "p/org/small", 900, 300, usd("0.0004"), usd("0.002"), True),
               Forecast("tier2", "p/large", 900, 300, None, None, False)))  # fmt: skip
PATCH = Patch((FileEdit("src/a.py", b"1\n", b"2\n"),), (Placement("src/a.py", "search_replace", Match.EXACT),))
ACCEPTED, DEFERRED, UNVERIFIED = (
    Accepted((CHECK,), "7 tests pass"),
    Deferred(DeferralReason.TESTS_FAILED, "t.py::a fails", "feedback", (CHECK,)),
    Unverified("nothing to run", (), "pass --test-cmd"),
)


def attempt(number: int, verdict: Verdict, cost_usd: Usd | None = None, **more: object) -> Attempt:
    fields: dict[str, object] = {"edit_format": "search_replace", "stop": "end", "request_id": "req_1", **more}
    usage = Usage(1000, 200, 100, 300, 50, raw={"prompt_tokens": 1000})
    return Attempt(number, f"tier{number}", "p/org/small", "small-0731", usage, cost_usd, 2.5, verdict, PATCH, **fields)  # type: ignore[arg-type]


def receipt(outcome: Outcome = Outcome.ACCEPTED, *, run_id: str = "r1", cost: Usd | None = None) -> Receipt:
    attempts = (
        attempt(1, DEFERRED, usd("0.0004")),
        attempt(1, UNVERIFIED, None, repair=True),
        attempt(2, ACCEPTED, usd("0.01")),
    )
    return Receipt(
        run_id=run_id,
        started_at=datetime(2026, 11, 27, 12, 0, 1, 5, tzinfo=UTC),
        wall_s=12.3456,
        task=TASK,
        route=ROUTE,
        attempts=attempts,
        outcome=outcome,
        why="7 tests pass",
        cost_usd=cost,
        prices_as_of=date(2026, 11, 20),
        baseline=Baseline("tier2", "p/large", usd("0.03"), "the same tokens at its price"),
        isolation=Isolation.BUBBLEWRAP,
        isolation_note="",
        patch=PATCH,
        patch_text="--- a/src/a.py\n+++ b/src/a.py\n",
        written=True,
        commit=None,
        hint="",
        moves=(
            Move(MoveKind.FAILOVER, 1, "p/org/small", "q/other", "503"),
            Move(MoveKind.REROUTE, 0, "tier2", "tier1", "too dear", "budget"),
        ),
        extra={"note": "x"},
    )


def events() -> list[e.Event]:
    survey = Survey(
        "tree", (SurveyedFile("src/a.py", "blob", 10, 4, FileRole.TEXT, "named"),), 4, "o200k_base", 9, ("fix",)
    )
    usage = Usage(1000, 200, 100, 300, 50, raw={"prompt_tokens": 1000})
    return [
        e.Started("r1", TASK.instruction),
        e.Surveyed(TASK, survey),
        e.Routed(ROUTE),
        e.Calling(1, "tier1", "p/org/small", 900, usd("0.002")),
        e.Retried(1, "tier1", "p/org/small", "status 503"),
        e.FailedOver(1, "tier1", "p/org/small", "q/other", "503"),
        e.Calling(1, "tier1", "q/other", 900, usd("0.003")),
        e.Streaming(1, 12, "src/a.py"),
        e.Called(1, "tier1", "q/other", "other-1", usage, usd("0.0004"), 1.5, "end", "req_1", 1),
        e.Patched(1, PATCH),
        e.Checking(1, "pytest", "patched"),
        e.Checked(1, CHECK),
        e.Judged(attempt(1, DEFERRED, usd("0.0004"))),
        e.Escalated("tier1", "tier2", "t.py::a fails"),
        e.Rerouted("tier2", "tier1", "budget", "a call could cost too much"),
        e.Warned(Reason("ledger", "moved aside")),
        e.Finished(receipt(cost=usd("0.0104"))),
    ]
