"""Rust with the real cargo and nextest, in the real sandbox."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Completed
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Unverified
from routecli.verification import passes
from routecli.verification.ecosystems.nextest_report import NEXTEST_FILE, NEXTEST_OUTPUT, NextestReport
from routecli.verification.ecosystems.rust import ClippyFindings
from routecli.verification.ecosystems.rust_report import OUTPUT, RustReport
from routecli.verification.findings import Finding
from routecli.verification.report import TestOutcome
from tests.verification.ecosystems.judging import judge, patch, verifier
from tests.verification.newer import newer_program

needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="no cargo on this machine")
needs_clippy = pytest.mark.skipif(shutil.which("cargo-clippy") is None, reason="no clippy on this machine")
LIB = """//! Sums.

pub mod twice;

/// ```
/// assert_eq!(calc::add(1, 1), 2);
/// ```
pub fn add(a: i64, b: i64) -> i64 {
    a + b
}
"""
TWICE = """pub fn double(a: i64) -> i64 {
    a + 2
}

#[cfg(test)]
mod tests {
    #[test]
    fn doubles() {
        assert_eq!(super::double(3), 6);
    }

    #[test]
    fn nothing() {
        assert_eq!(super::double(2), 4);
    }
}
"""
FIXED = TWICE.replace("a + 2", "a * 2")
OUTSIDE = "#[test]\nfn adds() {\n    assert_eq!(calc::add(1, 2), 3);\n}\n"
FILES = {
    "Cargo.toml": '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n[profile.dev]\ndebug = 0\n',
    "src/lib.rs": LIB, "src/twice.rs": TWICE, "tests/outside.rs": OUTSIDE,
}  # fmt: skip
NEEDY = FILES["Cargo.toml"] + '[dependencies]\nnowhere = "1"\n'
PATHS = ("src/twice.rs",)


@needs_cargo
def test_a_fix_is_accepted_by_the_test_that_failed_before(tmp_path: Path) -> None:
    verdict = judge(tmp_path, {"src/twice.rs": FIXED}, FILES, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].fixed == ("calc src/lib.rs::twice::tests::doubles",)
    assert verdict.checks[0].passed == 4


@needs_cargo
@pytest.mark.parametrize(
    ("changed", "kind", "reason", "said"),
    [
        ({"src/lib.rs": LIB.replace("a + b", "a - b")}, Kind.FEATURE, DeferralReason.TESTS_FAILED, "right: "),
        ({"src/twice.rs": FIXED.replace("a * 2", "a * c")}, Kind.FIX, DeferralReason.TESTS_FAILED, "error[E0425]"),
        ({"src/twice.rs": TWICE.replace("a + 2", "std::process::exit(0)")}, Kind.FIX,
         DeferralReason.TAMPERED, "ended early"),
        ({"src/lib.rs": LIB.replace("/// ```\n/// assert_eq!(calc::add(1, 1), 2);\n/// ```\n", "")}, Kind.FEATURE,
         DeferralReason.TAMPERED, "src/lib.rs - add"),
        # The tests in the changed file judge as they were.
        ({"src/twice.rs": TWICE.replace("double(3), 6", "double(3), 5")}, Kind.FIX, DeferralReason.TAMPERED,
         "the code that it tests is as it was"),
        ({"src/twice.rs": TWICE.replace("a + 2", "a + 1 + 1").replace("double(3), 6", "double(3), 5")}, Kind.FIX,
         DeferralReason.TESTS_FAILED, "right: "),
    ],
    ids=["wrong", "build", "silent-exit", "example-gone", "only-the-test", "weakened"],
)  # fmt: skip
def test_a_wrong_patch_is_deferred(
    tmp_path: Path, changed: dict[str, str], kind: Kind, reason: DeferralReason, said: str
) -> None:
    verdict = judge(tmp_path, changed, FILES, kind, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is reason, verdict
    assert said in verdict.feedback + verdict.why


@needs_cargo
def test_an_endless_loop_is_a_time_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "LEAST_TIMEOUT_S", 1.0)
    monkeypatch.setattr(passes, "TIMES_BASE", 2)
    code = FIXED.replace("a * 2", "while a > -9 {}\n    a")
    verdict = judge(tmp_path, {"src/twice.rs": code}, FILES, Kind.FEATURE, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TIMED_OUT


@needs_cargo
def test_a_flaky_test_is_not_held_against_a_patch(tmp_path: Path) -> None:
    luck = """
#[test]
fn luck() {
    let fixed = std::fs::read_to_string("src/twice.rs").unwrap().contains("a * 2");
    if fixed && std::fs::metadata("seen").is_err() {
        std::fs::write("seen", "").unwrap();
        panic!("bad luck");
    }
}
"""  # with the patch it fails the first time only
    files = {**FILES, "tests/outside.rs": OUTSIDE + luck}
    verdict = judge(tmp_path, {"src/twice.rs": FIXED}, files, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert "flaky: outside tests/outside.rs::luck" in verdict.checks[0].summary


@needs_cargo
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({**FILES, "Cargo.toml": NEEDY}, "no matching package"),
        ({"Cargo.toml": FILES["Cargo.toml"], "src/twice.rs": TWICE.split("\n#[", maxsplit=1)[0]}, "no test was found"),
    ],
    ids=["no-crate", "no-tests"],
)  # fmt: skip
def test_what_the_machine_cannot_run_is_no_fault_of_the_code(tmp_path: Path, files: dict[str, str], said: str) -> None:
    changed = {"src/twice.rs": files["src/twice.rs"].replace("a + 2", "a * 2")}
    verdict = judge(tmp_path, changed, files, Kind.FIX, PATHS)
    assert isinstance(verdict, Unverified), verdict
    assert said in verdict.why


@needs_cargo
def test_a_crate_that_only_the_patch_wants_buys_no_dearer_tier(tmp_path: Path) -> None:
    changed = {"Cargo.toml": NEEDY, "src/twice.rs": FIXED}
    verdict = judge(tmp_path, changed, FILES, Kind.FIX, PATHS)
    assert isinstance(verdict, Unverified), verdict
    assert "no matching package" in verdict.why


@needs_cargo
@needs_clippy
def test_a_new_lint_is_deferred_and_packages_of_a_workspace_are_tested_together(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["calc", "shop"]\nresolver = "2"\n',
        "shop/Cargo.toml": FILES["Cargo.toml"].replace('"calc"', '"shop"') + '[dependencies]\ncalc.path = "../calc"\n',
        "shop/src/lib.rs": "#[test]\nfn sells() {\n    assert_eq!(calc::add(2, 2), 4);\n}\n",
        **{f"calc/{n}": t for n, t in FILES.items()},
    }
    files["calc/src/lib.rs"] = f"#![warn(clippy::all)]\n{LIB}"
    code = FIXED.replace("a * 2", "return a * 2;")
    verdict = judge(tmp_path, {"calc/src/twice.rs": code}, files, Kind.FIX, ("calc/src/twice.rs",))
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.LINT_FAILED
    assert "calc/src/twice.rs:2: clippy::needless_return" in verdict.feedback
    assert verdict.checks[0].passed == 5


WITH_NEXTEST = {**FILES, ".config/nextest.toml": "[profile.default]\nretries = 2\n"}


@pytest.fixture
def with_nextest() -> dict[str, str]:
    found = newer_program("cargo-nextest")
    if found is None:
        pytest.skip("no nextest on this machine")
    return {**os.environ, "PATH": f"{os.environ['PATH']}:{found.parent}"}


@needs_cargo
def test_nextest_runs_where_it_is_configured_and_cargo_the_examples_only(
    tmp_path: Path, with_nextest: dict[str, str]
) -> None:
    judge = verifier(tmp_path, WITH_NEXTEST, Kind.FIX, PATHS, environ=with_nextest)
    right = judge.judge(patch(WITH_NEXTEST, {"src/twice.rs": FIXED}), 1)
    assert isinstance(right, Accepted), right
    assert [(c.name, c.passed) for c in right.checks] == [("cargo nextest", 3), ("cargo test --doc", 1)]
    assert right.checks[0].fixed == ("calc::twice::tests::doubles",)
    wrong = judge.judge(patch(WITH_NEXTEST, {"src/lib.rs": LIB.replace("a + b", "a - b"), "src/twice.rs": FIXED}), 2)
    assert isinstance(wrong, Deferred), wrong
    assert wrong.reason is DeferralReason.TESTS_FAILED
    assert "calc::outside::adds" in wrong.feedback
    assert "right: 3" in wrong.feedback


@needs_cargo
@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        (FIXED.replace("a * 2", "a * c"), DeferralReason.TESTS_FAILED, "error[E0425]"),
        # nextest itself takes it for a pass: the process of the test ended with status 0.
        (FIXED.replace("a * 2", "std::process::exit(0)"), DeferralReason.TAMPERED, "do not run any more"),
    ],
    ids=["build", "silent-exit"],
)
def test_nextest_is_not_taken_in(
    tmp_path: Path, with_nextest: dict[str, str], code: str, reason: DeferralReason, said: str
) -> None:
    verdict = judge(tmp_path, {"src/twice.rs": code}, WITH_NEXTEST, Kind.FEATURE, PATHS, environ=with_nextest)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is reason, verdict
    assert said in verdict.feedback + verdict.why


def test_without_a_cargo_nothing_is_verified(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    verdict = judge(root, {"src/twice.rs": FIXED}, FILES, Kind.FIX, PATHS, environ={"PATH": str(tmp_path)})
    assert isinstance(verdict, Unverified), verdict
    assert "there is none on PATH" in verdict.why


NEXTEST = NextestReport(
    frozenset({"src/lib.rs", "src/twice.rs", "tests/outside.rs", "src/bin/tool.rs"}), {"calc": "."}, ("src/twice.rs",)
)
_CASE = '<testcase name="twice::tests::doubles" classname="{}">{}</testcase>'
_SPOKEN = "<system-out>test twice::tests::doubles ... ok\n\ntest result: ok. 1 passed; 0 failed; 0</system-out>"


def told(body: str, exit_code: int | None = 0, text: str = "") -> Completed:
    report = {NEXTEST_OUTPUT: text.encode(), **({NEXTEST_FILE: body.encode()} if body else {})}
    return Completed(("cargo",), exit_code, b"", b"", 0.1, report=report)


def suite(*cases: str, tests: int | None = None) -> str:
    of = len(cases) if tests is None else tests
    return f'<testsuites tests="{of}"><testsuite name="x" tests="{of}">{"".join(cases)}</testsuite></testsuites>'


@pytest.mark.parametrize(
    ("group", "file"),
    [("calc", "src/twice.rs"), ("calc::outside", "tests/outside.rs"), ("calc::bin/tool", "src/bin/tool.rs"),
     ("calc::gone", "")],
)  # fmt: skip
def test_each_test_of_nextest_is_known_by_its_program(group: str, file: str) -> None:
    report = NEXTEST(told(suite(_CASE.format(group, _SPOKEN))))
    assert report is not None
    assert report.ended
    assert {n: (r.outcome, r.file) for n, r in report.tests.items()} == {
        f"{group}::twice::tests::doubles": (TestOutcome.PASSED, file)
    }


def test_a_pass_without_libtests_word_is_another_test() -> None:
    report = NEXTEST(told(suite(_CASE.format("calc", "<system-out>running 1 test</system-out>"))))
    assert report is not None
    assert list(report.tests) == ["calc::twice::tests::doubles (it never said so)"]
    failed = NEXTEST(told(suite(_CASE.format("calc", "<failure message='left: 5'/>")), 100))
    assert failed is not None
    assert failed.tests["calc::twice::tests::doubles"].outcome is TestOutcome.FAILED


@pytest.mark.parametrize(
    "done",
    [told("", 0), told("", 100), told("", None), told(suite(_CASE, tests=2)), told(suite(_CASE), 101),
     told(suite(_CASE), None), told(suite(_CASE)[:-3])],
)  # fmt: skip
def test_a_nextest_that_does_not_tell_all_of_its_tests_ended_early(done: Completed) -> None:
    report = NEXTEST(done)
    assert report is not None
    assert not report.ended


def test_a_nextest_that_ran_nothing() -> None:
    broken = NEXTEST(told("", 101, "error[E0425]: cannot find value\nerror: could not compile `calc`\n"))
    assert broken is not None
    assert broken.tests["src/twice.rs [build]"].collect
    assert NEXTEST(told("", 102, "error: failed to get `nowhere`")) is None
    none = NEXTEST(told("", 4, "error: no tests to run"))
    assert none is not None
    assert none.ended
    assert not none.tests


@given(
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from([_CASE, _SPOKEN, "<failure/>", "</x>"])).map(
        lambda parts: suite("".join(parts))
    )),
    st.one_of(st.none(), st.integers(-1, 255)),
)  # fmt: skip
def test_garbage_of_nextest_is_read_without_a_fault(body: str, code: int | None) -> None:
    report = NEXTEST(told(body.encode("utf-8", "replace").decode(), code))
    assert report is None or code is not None or not report.ended


READ = RustReport(frozenset(FILES) | {"src/deep/mod.rs"}, {"calc": "."}, ("src/twice.rs",))
PROGRAM = "     Running unittests src/lib.rs (target/debug/deps/calc-c6626fb655a8d231)\n\n"


def read(body: str, exit_code: int | None = 0) -> Completed:
    return Completed(("cargo",), exit_code, b"", b"", 0.1, report={OUTPUT: body.encode()})


def ended(ok: int, failed: int = 0) -> str:
    return f"\ntest result: ok. {ok} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.0s\n"


def test_tests_are_found_in_the_files_of_their_modules() -> None:
    said = "test deep::tests::one ... ok\ntest twice::tests::two ... FAILED\ntest three - should panic ... ok\n"
    failure = "\nfailures:\n\n---- twice::tests::two stdout ----\ntest three ... ok\nleft\n\n\nfailures:\n    two\n"
    report = READ(read(PROGRAM + "running 3 tests\n" + said + failure + ended(2, 1), 101))
    assert report is not None
    assert report.ended
    files = {name.rpartition("::")[2]: record.file for name, record in report.tests.items()}
    assert files == {"one": "src/deep/mod.rs", "two": "src/twice.rs", "three": "src/lib.rs"}
    assert "left" in report.tests["calc src/lib.rs::twice::tests::two"].detail


def test_examples_keep_their_names_when_lines_move() -> None:
    def names(*lines: int) -> list[str]:
        said = "".join(f"test src/lib.rs - add (line {n}) ... ok\n" for n in lines)
        report = READ(read(f"   Doc-tests calc\n\nrunning {len(lines)} tests\n{said}{ended(len(lines))}"))
        assert report is not None
        assert report.ended
        return list(report.tests)

    assert names(5, 9) == names(14, 12) == ["calc doc::src/lib.rs - add", "calc doc::src/lib.rs - add (2)"]


@pytest.mark.parametrize(
    "body",
    [
        PROGRAM + "running 1 test\n",
        PROGRAM + "running 2 tests\ntest one ... ok\n" + ended(1),
        PROGRAM + "running 1 test\ntest one ... ok\n",
        PROGRAM + "running 1 test\ntest one ... ok\ntest two ... ok\n" + ended(1),
        PROGRAM + "test one ... ok\n",
    ],
)
def test_a_program_that_does_not_tell_all_of_its_tests_ended_early(body: str) -> None:
    report = READ(read(body))
    assert report is not None
    assert not report.ended


def test_what_a_child_prints_may_stand_between_a_test_and_its_word() -> None:
    report = READ(read(PROGRAM + "running 1 test\ntest one ... noise\nok\n" + ended(1)))
    assert report is not None
    assert report.ended
    assert report.passed == 1


def test_a_program_with_a_harness_of_its_own_is_one_test() -> None:
    good, bad = READ(read(PROGRAM + "hello\n")), READ(read(PROGRAM + "hello\nerror: test failed, to rerun\n", 101))
    assert good is not None
    assert bad is not None
    assert [t.outcome for t in good.tests.values()] == [TestOutcome.PASSED]
    assert [t.outcome for t in bad.tests.values()] == [TestOutcome.FAILED]


_LINES = st.sampled_from(
    [PROGRAM.strip("\n"), "   Doc-tests calc", "running 1 test", "running 2 tests", "test one ... ok", "ok",
     "failures:", "test two ... FAILED", "test a - b (line 3) ... ignored, slow", "---- two stdout ----",
     "error: could not compile", ended(1).strip(), "error: test failed, to rerun pass"]
)  # fmt: skip


@given(st.lists(st.one_of(_LINES, st.text(max_size=40))), st.one_of(st.none(), st.integers(-1, 255)))
def test_garbage_is_read_without_a_fault_and_passes_nothing_that_was_not_said_so(
    lines: list[str], code: int | None
) -> None:
    report = READ(read("\n".join(lines), code))
    if report is not None and code is None:
        assert not report.ended
    for name, record in report.tests.items() if report else ():
        if record.outcome is TestOutcome.PASSED and "::" in name:
            assert any(line in ("ok", "test one ... ok") or " ... ok" in line for line in lines)


_KEYS = ("reason", "message", "level", "spans", "code", "is_primary")


@given(st.one_of(st.binary(max_size=60), st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.just("compiler-message") | st.just("error"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5),
    max_leaves=15,
).map(lambda j: json.dumps(j).encode())))  # fmt: skip
def test_garbage_of_clippy_is_read_without_a_fault(body: bytes) -> None:
    done = Completed(("cargo",), 101, b"", b"", 0.1, report={"clippy.json": body})
    assert all(isinstance(f, Finding) for f in ClippyFindings(".")(done))
