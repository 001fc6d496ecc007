"""A ruling in words: the lines of the receipt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from routecli.domain.untrusted import one_line
from routecli.domain.verdict import CheckOutcome, CheckResult
from routecli.verification.contracts import undecided
from routecli.verification.evidence import Evidence
from routecli.verification.integrity import listed
from routecli.verification.planned import Measured, Role

ACCEPT_HINT = "routecli run --accept 'a command that fails now and passes when it is fixed' …"
TEST_HINT = "routecli run --test-cmd 'the command that runs your tests' …"


def results(evidence: Evidence, wanted: Collection[str]) -> tuple[CheckResult, ...]:
    """Each check of each pass, those that could not run and those left out, for the receipt."""
    found = [c.result([w for w in wanted if w in c.still_failing]) for c in evidence.first]
    for compared in evidence.second:
        result = compared.result([w for w in wanted if w in compared.still_failing])
        found.append(replace(result, name=f"{result.name}, with the patch's own tests"))
    for base in evidence.bases:
        if base.fault:
            found.append(
                CheckResult(base.check.name, base.check.argv, CheckOutcome.ENVIRONMENT, one_line(base.fault),
                            output_tail=base.measured.output_tail)
            )  # fmt: skip
    found.extend(CheckResult(s.split(" ")[0], (), CheckOutcome.SKIPPED, s) for s in evidence.skipped)
    if evidence.accept is not None:
        found.append(_accept_result(evidence.accept))
    return tuple(found)


def _accept_result(got: Measured) -> CheckResult:
    outcome = CheckOutcome.PASSED if got.exit_code == 0 else CheckOutcome.FAILED
    summary = "failed before, passes now" if got.exit_code == 0 else f"still fails (exit {got.exit_code})"
    if got.timed_out:
        outcome = CheckOutcome.TIMED_OUT
    return CheckResult("accept", (), outcome, summary, wall_s=got.wall_s, output_tail=got.output_tail)


def tests_passed(evidence: Evidence) -> str:
    """How many tests of which check pass."""
    judged = evidence.first or evidence.second
    counts = [
        f"{c.measured.report.passed} of {c.check.name} pass"
        if c.measured.report
        else f"{c.check.name} exits 0 (exit code only)"
        for c in judged
        if c.check.role is Role.TESTS
    ]
    return "; ".join(counts)


def held(evidence: Evidence) -> str:
    """The files that the patch was judged without at first."""
    return listed([e.path for e in evidence.parts.held_back])


def why_accepted(evidence: Evidence, by: str) -> str:
    """`by` and what else was seen, in one line."""
    parts = [by]
    linters = [c.check.name for c in evidence.first or evidence.second if c.check.role is Role.LINT and not c.fault]
    if linters:
        parts.append(f"nothing new from {', '.join(linters)}")
    if evidence.parts.two_passes and evidence.first:
        parts.append(f"judged by {held(evidence)} as it was, then with the patch's changes")
    parts.extend(dict.fromkeys(c.partial for c in evidence.passes if c.partial))
    unsure = undecided(evidence.task, evidence.patch, evidence.contract)
    if unsure:
        parts.append(unsure)
    faulty = [b.check.name for b in evidence.bases if b.fault]
    if faulty:
        parts.append(f"{', '.join(faulty)} could not run")
    return one_line("; ".join(parts), limit=400)
