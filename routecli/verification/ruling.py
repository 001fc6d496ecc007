"""From what was measured to one of three words: accepted, deferred, unverified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from routecli.domain.task import Kind, RepoPath
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, CheckResult, DeferralReason, Deferred, Strength, Unverified, Verdict
from routecli.verification.bench import Speed
from routecli.verification.by_kind import by_kind
from routecli.verification.compare import Compared
from routecli.verification.evidence import Evidence, base_of
from routecli.verification.feedback import capped, failures_text, named, quoted
from routecli.verification.holdout import WITHHELD
from routecli.verification.machine import OWN_ENVIRONMENT
from routecli.verification.planned import Role
from routecli.verification.probing.rules import differences, listed
from routecli.verification.report import TestRecord
from routecli.verification.reproduction import outvoted
from routecli.verification.told import ACCEPT_HINT, TEST_HINT, held, results, why_accepted
from routecli.verification.wanted import is_outweighed, wanted_of

_BENCH_HINT = "routecli run --bench 'a command that runs for a second or so' …"


def rule_on(evidence: Evidence) -> Verdict:
    """The verdict. The order is the meaning: what speaks against the code, what the machine could not do, what the
    task asked for, and only then acceptance."""
    wanted = wanted_of(evidence)
    if wanted and is_outweighed(wanted, evidence):
        evidence, wanted = replace(evidence, left_red=tuple(wanted)), {}
    checks = results(evidence, wanted)
    against = next((c for c in evidence.passes if c.reason is not None), None)
    if against is not None:
        return _deferred_by(against, evidence, checks)
    if evidence.special_cased:
        said = f"{evidence.special_cased}.\nSolve the task for every value, not for those of the tests."
        return Deferred(DeferralReason.TAMPERED, evidence.special_cased, capped(said, evidence.secrets), checks)
    if evidence.accept is not None or evidence.accept_said:
        return _by_accept(evidence, checks)
    probed = _by_probe(evidence, checks)
    if probed is not None:
        return probed
    if evidence.contract.holds is True:
        rests_on = f"the contract of {evidence.task.kind} holds"
        return Accepted(checks, why_accepted(evidence, evidence.contract.why), Strength.PROVEN, rests_on)
    benched = _by_bench(evidence, checks)
    if benched is not None:
        return benched
    if wanted and evidence.task.kind is Kind.FIX:
        return _still_failing(wanted, evidence, checks)
    if outvoted(evidence.reproduced):
        return _not_reproduced_away(evidence, checks)
    unable = _unable(evidence)
    if unable is not None:
        return Unverified(one_line(unable[0]), checks, unable[1])
    return by_kind(evidence, checks)


# against the code


def _deferred_by(found: Compared, evidence: Evidence, checks: tuple[CheckResult, ...]) -> Deferred:
    against = evidence.holdout.discreet(found, base_of(evidence, found).tests)
    assert against.reason is not None
    own_tests = found in evidence.second
    why = against.why
    if own_tests and against.check.role is Role.TESTS:
        why = f"with the patch's own changes of {held(evidence)}: {why}"
    elif evidence.parts.two_passes and against.check.role is Role.TESTS:
        why = f"{why} (judged by {held(evidence)} as it was)"
    return Deferred(against.reason, one_line(why), _feedback(why, against, evidence), checks)


def _feedback(why: str, against: Compared, evidence: Evidence) -> str:
    if against.failures:
        lost = [n for n in against.lost if n not in against.failures]
        also = (f"Tests that passed before and were not run:\n{named(lost)}",) if lost else ()
        return failures_text(why, against.failures, evidence.secrets, also=also, read=_reader(evidence, against))
    if against.findings:
        return capped(f"{why}\n\n{named([str(f) for f in against.findings])}", evidence.secrets)
    parts = [why, named(against.lost), quoted(against.measured.output_tail, evidence.secrets)]
    return capped("\n\n".join(p for p in parts if p), evidence.secrets)


def _reader(evidence: Evidence, against: Compared) -> Callable[[RepoPath], bytes | None]:
    """Reads tests as they were when they failed: in the second pass, with the patch's own changes of them."""
    after = {e.path: e.after for e in evidence.patch.edits} if against in evidence.second else {}
    return lambda path: after[path] if path in after else evidence.read(path)


def _still_failing(wanted: dict[str, TestRecord], evidence: Evidence, checks: tuple[CheckResult, ...]) -> Deferred:
    fixed = sum(len(c.fixed) for c in evidence.tests())
    many = len(wanted) > 1
    what = f"{len(wanted)} test{'s' if many else ''} that failed before still fail{'' if many else 's'}"
    shown = evidence.holdout.may_tell(wanted)
    first = f", first {next(iter(shown))}" if shown else f". {WITHHELD}"
    why = f"{what}{f', {fixed} fixed' if fixed else ''}{first}"
    return Deferred(
        DeferralReason.TESTS_FAILED,
        one_line(why),
        failures_text(why, shown, evidence.secrets, read=evidence.read),
        checks,
    )


def _not_reproduced_away(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Deferred:
    left = {n: t for one in evidence.reproduced for n, t in one.left.items()}
    why = f"a test written from the task alone fails as before: {next(iter(left))}"
    return Deferred(DeferralReason.TESTS_FAILED, one_line(why), failures_text(why, left, evidence.secrets), checks)


# what could not be done


def _unable(evidence: Evidence) -> tuple[str, str] | None:
    """Why the tests cannot tell, and what to type; None where they can."""
    if evidence.missing is not None:
        return evidence.missing.what, evidence.missing.hint or TEST_HINT
    bases = [b for b in evidence.bases if b.check.role is Role.TESTS]
    faulty = next((b for b in bases if b.fault), None)
    if faulty is not None:
        return faulty.fault, TEST_HINT
    died = next((c for c in evidence.tests() if c.fault), None)
    if died is not None:
        return died.fault, OWN_ENVIRONMENT if "not from the files here" in died.fault else TEST_HINT
    if not bases:
        return "no test was found, and nothing else proves the change", TEST_HINT
    if all(b.empty for b in bases) and not any(c.fresh for c in evidence.tests()):
        return f"{bases[0].check.name} found no test", TEST_HINT
    return None


# what the task asked for


def _by_accept(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict:
    got = evidence.accept
    if not evidence.accept_base_ok or got is None or got.fault:
        why = got.fault if got is not None and got.fault else evidence.accept_said
        return Unverified(one_line(why), checks, ACCEPT_HINT)
    silent = got.report is not None and (not got.report.ended or not got.report.passed)
    if got.exit_code == 0 and not silent:
        why = "your --accept command failed before and passes now"
        return Accepted(checks, why_accepted(evidence, why), Strength.TESTED, "you said what counts, and it passes")
    if got.timed_out:
        return Deferred(DeferralReason.TIMED_OUT, "your --accept command does not end", "", checks)
    why = f"your --accept command still fails (exit {got.exit_code})"
    if evidence.holdout:
        return Deferred(DeferralReason.TESTS_FAILED, why, f"{why}. {WITHHELD}", checks)
    if got.report is not None and got.report.failing():
        return Deferred(
            DeferralReason.TESTS_FAILED, why, failures_text(why, got.report.failing(), evidence.secrets), checks
        )
    said = capped(f"{why}\n\n{quoted(got.output_tail, evidence.secrets)}", evidence.secrets)
    return Deferred(DeferralReason.TESTS_FAILED, why, said, checks)


def _by_probe(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Deferred | None:
    """None: nothing that the changed functions answer stands against the patch."""
    probed = evidence.probed
    if probed is None:
        return None
    other = [d for d in differences(probed.before, probed.after) if d.is_recorded]
    if other:
        why = f"{evidence.task.kind} keeps behaviour, and before and after differ: {listed(tuple(other))}"
        return Deferred(DeferralReason.CONTRACT_BROKEN, one_line(why, limit=400), capped(why, evidence.secrets), checks)
    return None


def _by_bench(evidence: Evidence, checks: tuple[CheckResult, ...]) -> Verdict | None:
    """None: no benchmark, or one that is faster and says nothing: then the tests have to say that it does the same."""
    found = evidence.benched
    if found is None:
        return None
    if found.fault:
        return Unverified(one_line(f"the --bench command cannot run: {found.fault}"), checks, _BENCH_HINT)
    if found.against:
        return Deferred(
            DeferralReason.CONTRACT_BROKEN, one_line(found.against), capped(found.against, evidence.secrets), checks
        )
    if found.speed is Speed.UNCLEAR:
        return Unverified(f"the times of the benchmark are too uneven to tell: {found}", checks, _BENCH_HINT)
    said = "what it says changes with each run" if found.unstable else "says the same"
    if found.silent:
        return None
    why = why_accepted(evidence, f"the benchmark takes {found}, and {said}")
    if found.unstable:
        return Accepted(checks, why, Strength.WEAK, said)
    return Accepted(checks, why, Strength.PROVEN, f"the contract of {evidence.task.kind} holds")
