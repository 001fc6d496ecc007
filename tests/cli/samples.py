"""Runs to print: an ordinary one, and one in which every text from outside is an attack on the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from routecli.domain.events import (
    Called,
    Calling,
    Checked,
    Checking,
    Escalated,
    Event,
    FailedOver,
    Finished,
    Judged,
    Patched,
    Routed,
    Started,
    Streaming,
    Surveyed,
    Warned,
)
from routecli.domain.ladder import Forecast, ModelRef, Reason, Route, Tier
from routecli.domain.money import Usage, UsageSource, usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Attempt, Baseline, Isolation, Outcome, Receipt
from routecli.domain.task import FileRole, Kind, Survey, SurveyedFile, Task
from routecli.domain.verdict import Accepted, CheckOutcome, CheckResult, DeferralReason, Deferred

HOSTILE = (
    "\x1b[2J\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://x\x1b\\k\x1bPq\x1b\\ [bold]b[/x] [link=http://x]l :smile: "
    "\r\x00\x7f\x9b2J\u202e\u2066\u200b\ufeff\U000e0041\udcff % {} \n\x08end"
)
FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
    r"|\x1b(?!\[)|\x1b\[(?![0-9;]*[mKA]|\?25[hl])"
)
"""What may never reach a terminal; colour, erasing and moving up by rich itself are let through."""


def receipt(text: str = "", outcome: Outcome = Outcome.ACCEPTED) -> Receipt:
    """A run of two attempts; `text` stands in every field that comes from outside."""
    patch = Patch((FileEdit(f"src/invoice.py{text}", b"a\n", b"b\n"),))
    deferred = Deferred(
        DeferralReason.TESTS_FAILED, f"1 test that must pass still fails: test_half{text}", "feedback", (failed(text),)
    )
    accepted = Accepted((passed(text),), f"12 tests pass{text}")
    first = Attempt(
        1, f"tier1{text}", f"openrouter/deepseek/flash{text}", f"flash{text}", Usage(1104, 0, 0, 212),
        usd("0.000213"), 2.1, deferred, patch,
    )  # fmt: skip
    second = Attempt(
        2, "tier2", f"openrouter/anthropic/sonnet{text}", "sonnet",
        Usage(1420, 1024, 0, 198, source=UsageSource.ESTIMATED), usd("0.00713"), 3.4, accepted, patch,
    )  # fmt: skip
    return Receipt(
        run_id="20261127-131500-7f3a2c",
        started_at=datetime(2026, 11, 27, 13, 15, tzinfo=UTC),
        wall_s=5.9,
        task=task(text),
        route=route(text),
        attempts=(first, second),
        outcome=outcome,
        why=f"12 tests pass, 1 of them fixed{text}",
        cost_usd=usd("0.007343"),
        prices_as_of=date(2026, 11, 9),
        baseline=Baseline(
            "tier3", f"openrouter/anthropic/opus{text}", usd("0.0388"), f"its price for the prompt{text}"
        ),
        isolation=Isolation.BUBBLEWRAP,
        isolation_note=text,
        patch=patch,
        patch_text=f"--- a/src/invoice.py\n+++ b/src/invoice.py\n@@ -1 +1 @@\n-a\n+b{text}\n",
        written=outcome is Outcome.ACCEPTED,
        hint=f"routecli show{text}",
    )


def task(text: str = "") -> Task:
    return Task(f"fix the rounding{text}", Kind.FIX, "fix", Path("/r"), "abc", ("src/invoice.py",), usd(5))


def route(text: str = "") -> Route:
    tiers = tuple(
        Tier(name, rank, (ModelRef("openrouter", f"m{text}"),)) for rank, name in enumerate(("tier1", "tier2"), 1)
    )
    cast = Forecast("tier1", f"m{text}", 1104, 300, usd("0.001"), usd("0.0021"), True)
    return Route("tier1", tiers, "thresholds", (Reason("small", f"1 file and 212 tokens{text}"),), (cast,))


def passed(text: str = "") -> CheckResult:
    return CheckResult(
        f"pytest{text}", ("pytest", f"-q{text}"), CheckOutcome.PASSED, f"12 passed, 1 of them fixed{text}", wall_s=0.34
    )


def failed(text: str = "") -> CheckResult:
    return CheckResult("pytest", ("pytest",), CheckOutcome.FAILED, f"1 of 12 fails: test_half{text}", wall_s=0.31)


def events(text: str = "") -> Iterator[Event]:
    """A run as it happens, one of each event."""
    done = receipt(text)
    file = SurveyedFile(f"src/invoice.py{text}", "b", 900, 212, FileRole.TEXT, f"named{text}")
    picture = SurveyedFile("logo.png", "c", 900, 0, FileRole.BINARY, "named")
    yield Started(done.run_id, done.task.instruction)
    yield Surveyed(done.task, Survey("t", (file, picture), 212, "o200k_base", 40))
    yield Routed(done.route)
    yield Calling(1, f"tier1{text}", f"openrouter/flash{text}", 1104, usd("0.0021"))
    yield FailedOver(1, "tier1", f"flash{text}", f"other{text}", f"status 503{text}")
    yield Streaming(1, 40, f"src/invoice.py{text}")
    usage = done.attempts[0].usage
    yield Called(1, "tier1", "flash", f"flash{text}", usage, usd("0.000213"), 1.8, f"truncated{text}")
    assert done.patch is not None
    yield Patched(1, done.patch)
    yield Checking(1, f"pytest{text}", "patched")
    yield Checked(1, failed(text))
    yield Judged(done.attempts[0])
    yield Escalated("tier1", f"tier2{text}", f"tests-failed{text}")
    yield Checked(2, passed(text))
    yield Judged(done.attempts[1])
    yield Warned(Reason("ledger", f"the ledger could not be written{text}"))
    yield Finished(done)
