"""What was run on a patch and what it proved."""

from __future__ import annotations

from enum import StrEnum

from routecli.domain.rising import Rising
from routecli.nouns import dataclass


class CheckOutcome(StrEnum):
    """How one check ended. ENVIRONMENT is a fault of the machine, never of the code."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    ENVIRONMENT = "environment"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check compared with its baseline. `new_failures`, `fixed` and `wanted` hold test ids or findings; `wanted`
    are tests that failed before, still fail, and belong to the task. `flaky` are tests that failed and passed on the
    same code, and so count for nothing. `partial` says which part of the suite was run, empty for all. `output_tail` is
    untrusted text, capped."""

    name: str
    argv: tuple[str, ...]
    outcome: CheckOutcome
    summary: str
    new_failures: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    passed: int = 0
    wall_s: float = 0.0
    output_tail: str = ""
    flaky: tuple[str, ...] = ()
    partial: str = ""


@dataclass(frozen=True, slots=True)
class Flake:
    """How often a test was looked at after it had failed, and how often it passed then, on the same tree."""

    seen: int
    flipped: int


class DeferralReason(StrEnum):
    """Why a patch was not accepted. Every one is a fault of the answer, so each may buy a dearer tier."""

    NO_EDITS = "no-edits"
    MALFORMED_EDITS = "malformed-edits"
    DOES_NOT_APPLY = "does-not-apply"
    OUT_OF_SCOPE = "out-of-scope"
    CONTRACT_BROKEN = "contract-broken"
    TESTS_FAILED = "tests-failed"
    LINT_FAILED = "lint-failed"
    TAMPERED = "tampered"
    TIMED_OUT = "timed-out"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    LOOPING = "looping"
    NO_DIALECT = "no-dialect"
    RUNAWAY = "runaway"
    LOW_CONFIDENCE = "low-confidence"
    TOO_WEAK = "too-weak"
    NO_ANSWER = "no-answer"


FORMAT_FAULTS = frozenset({
    DeferralReason.NO_EDITS, DeferralReason.MALFORMED_EDITS, DeferralReason.DOES_NOT_APPLY, DeferralReason.NO_DIALECT,
})  # fmt: skip
"""Faults of form: cheaper to repair in the same tier than to climb for (`repairs`). A truncated reply is none:
the same tier would be cut off again."""


class Strength(Rising):
    """How much an acceptance rests on, the weakest first. PROVEN: the contract of the task's kind holds. TESTED: tests
    ran every changed line, and where something new was asked for, a test that failed or was not there before passes.
    WEAK: nothing stands against it, and less than that speaks for it."""

    WEAK = "weak"
    TESTED = "tested"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Varied:
    """Two versions of some functions, called with the same arguments: where they `differ`, a line of untrusted text
    each, and on how many inputs they `agree`."""

    differ: tuple[str, ...] = ()
    agree: int = 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """Verified. `why` says in one line by what, `strength` how much that is, and `rests_on` why it is no more or no
    less than that."""

    checks: tuple[CheckResult, ...]
    why: str
    strength: Strength = Strength.WEAK
    rests_on: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not accepted. `why` is one line for people, `feedback` the text for the next attempt: data, already capped,
    cleaned and redacted."""

    reason: DeferralReason
    why: str
    feedback: str
    checks: tuple[CheckResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Unverified:
    """A patch that nothing could judge. Nothing to run is not success; a broken environment buys no dearer tier."""

    why: str
    checks: tuple[CheckResult, ...] = ()
    hint: str = ""


Verdict = Accepted | Deferred | Unverified


def no_answer(why: str) -> Deferred:
    """What is said of a reply that is no answer."""
    return Deferred(DeferralReason.NO_ANSWER, why, why)
