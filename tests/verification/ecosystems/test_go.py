"""Go with the real go, in the real sandbox."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Completed
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Unverified
from routecli.verification import passes
from routecli.verification.ecosystems import go
from routecli.verification.ecosystems.go_report import GOLANGCI_FILE, OUTPUT, GolangciFindings, GoReport
from routecli.verification.findings import Finding
from routecli.verification.project import Project
from routecli.verification.report import TestOutcome
from tests.verification.conftest import FolderFiles
from tests.verification.ecosystems.judging import judge

needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="no go on this machine")
CALC = "package calc\n\nfunc Add(a, b int) int { return a + b }\n\nfunc Double(a int) int { return a + 2 }\n"
FIXED = CALC.replace("a + 2", "a * 2")
TESTS = """package calc

import "testing"

func TestAdd(t *testing.T) {
	t.Run("one two", func(t *testing.T) {
		if got := Add(1, 2); got != 3 {
			t.Errorf("Add(1, 2) = %d, want 3", got)
		}
	})
}

func TestDouble(t *testing.T) {
	if got := Double(3); got != 6 {
		t.Errorf("Double(3) = %d, want 6", got)
	}
}
"""
FILES = {"go.mod": "module example.com/calc\n\ngo 1.18\n", "calc.go": CALC, "calc_test.go": TESTS}
PATHS = ("calc.go",)


@needs_go
def test_a_fix_is_accepted_by_the_test_that_failed_before(tmp_path: Path) -> None:
    verdict = judge(tmp_path, {"calc.go": FIXED}, FILES, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].fixed == ("example.com/calc.TestDouble",)
    assert verdict.checks[0].passed == 3
    assert [c.name for c in verdict.checks] == ["go test", "go vet"]


@needs_go
@pytest.mark.parametrize(
    ("code", "kind", "reason", "said"),
    [
        (FIXED.replace("a + b", "a - b"), Kind.FIX, DeferralReason.TESTS_FAILED, "Add(1, 2) = -1, want 3"),
        (CALC.replace("a + 2", "a + 4"), Kind.FIX, DeferralReason.TESTS_FAILED, "Double(3) = 7, want 6"),
        (FIXED.replace("a + b", "a + c"), Kind.FIX, DeferralReason.TESTS_FAILED, "undefined: c"),
        (FIXED.replace("return a + b", "var m map[int]int; m[1] = 2; return a + b"), Kind.FIX,
         DeferralReason.TESTS_FAILED, "assignment to entry in nil map"),
        (FIXED.replace("\n\n", '\n\nimport "syscall"\n\n', 1).replace("return a + b", "syscall.Exit(0); return 3"),
         Kind.FEATURE, DeferralReason.TAMPERED, "ended early"),
        (FIXED.replace("\n\n", '\n\nimport "fmt"\n\n', 1).replace("return", 'fmt.Printf("%d", "x"); return', 1),
         Kind.FEATURE, None, "fmt.Printf format %d"),
    ],
    ids=["wrong", "still-wrong", "build", "panic", "silent-exit", "vet"],
)  # fmt: skip
def test_a_wrong_patch_is_deferred(
    tmp_path: Path, code: str, kind: Kind, reason: DeferralReason | None, said: str
) -> None:
    verdict = judge(tmp_path, {"calc.go": code}, FILES, kind, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert reason in (None, verdict.reason), verdict
    assert said in verdict.feedback + verdict.why


@needs_go
def test_a_patch_cannot_take_the_test_away(tmp_path: Path) -> None:
    emptied = TESTS.replace("got != 6", "got != 5")
    verdict = judge(tmp_path, {"calc_test.go": emptied, "calc.go": CALC + "\n"}, FILES, Kind.FIX, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert "Double(3) = 5, want 6" in verdict.feedback


@needs_go
def test_an_endless_loop_is_a_time_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "LEAST_TIMEOUT_S", 1.0)
    monkeypatch.setattr(passes, "TIMES_BASE", 3)
    code = FIXED.replace("return a + b", "for a >= 0 { }; return a + b")
    verdict = judge(tmp_path, {"calc.go": code}, FILES, Kind.FEATURE, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TIMED_OUT


@needs_go
def test_a_module_that_is_not_on_the_machine_is_no_fault_of_the_code(tmp_path: Path) -> None:
    needy = {**FILES, "go.mod": FILES["go.mod"] + "\nrequire example.com/nowhere v1.0.0\n",
             "go.sum": "example.com/nowhere v1.0.0 h1:" + "A" * 43 + "=\n"
                       "example.com/nowhere v1.0.0/go.mod h1:" + "A" * 43 + "=\n",
             "calc.go": CALC.replace("\n\n", '\n\nimport _ "example.com/nowhere"\n\n', 1)}  # fmt: skip
    verdict = judge(tmp_path, {"calc.go": needy["calc.go"].replace("a + 2", "a * 2")}, needy, Kind.FIX, PATHS)
    assert isinstance(verdict, Unverified), verdict
    assert "go test" in verdict.why


@needs_go
def test_a_flaky_test_is_not_held_against_a_patch(tmp_path: Path) -> None:
    luck = """
func TestLuck(t *testing.T) {
	code, _ := os.ReadFile("calc.go")
	_, err := os.Stat("seen")
	if bytes.Contains(code, []byte("a * 2")) && err != nil {
		os.WriteFile("seen", nil, 0o644)
		t.Fatal("bad luck")
	}
}
"""  # with the patch it fails the first time only
    flaky = TESTS.replace('import "testing"', 'import (\n\t"bytes"\n\t"os"\n\t"testing"\n)') + luck
    verdict = judge(tmp_path, {"calc.go": FIXED}, {**FILES, "calc_test.go": flaky}, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert "flaky: example.com/calc.TestLuck" in verdict.checks[0].summary


@needs_go
def test_no_tests_verify_nothing(tmp_path: Path) -> None:
    files = {n: t for n, t in FILES.items() if n != "calc_test.go"}
    verdict = judge(tmp_path, {"calc.go": FIXED}, files, Kind.FIX, PATHS)
    assert isinstance(verdict, Unverified), verdict


@needs_go
def test_the_modules_of_a_workspace_are_tested_together(tmp_path: Path) -> None:
    user = (
        'package c\n\nimport (\n\t"testing"\n\n\t"example.com/calc"\n)\n\nfunc TestFour(t *testing.T) {\n'
        "\tif calc.Add(2, 2) != 4 {\n\t\tt.Fatal(4)\n\t}\n}\n"
    )
    files = {
        "go.work": "go 1.18\n\nuse (\n\t./calc // one\n\t./user\n)\n",
        "user/go.mod": "module example.com/user\n\ngo 1.18\n", "user/c/c_test.go": user,
        **{f"calc/{n}": t for n, t in FILES.items()},
    }  # fmt: skip
    verdict = judge(tmp_path, {"calc/calc.go": FIXED}, files, Kind.FIX, ())
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].fixed == ("example.com/calc.TestDouble",)
    assert verdict.checks[0].passed == 4


@needs_go
def test_a_linter_that_is_asked_for_and_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/go").symlink_to(shutil.which("go") or "")
    root = tmp_path / "root"
    root.mkdir()
    files = {**FILES, ".golangci.yml": 'version: "2"\n'}
    verdict = judge(root, {"calc.go": FIXED}, files, Kind.FIX, PATHS, environ={"PATH": str(tmp_path / "bin")})
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[-1].summary == "golangci-lint is asked for by .golangci.yml, and it is not installed"


@pytest.mark.parametrize(
    ("name", "text", "option"),
    [(".golangci.yml", 'version: "2"\n', "--path-mode abs"), (".golangci.toml", 'version = "2"\n', "--path-mode abs"),
     (".golangci.yaml", "run:\n  timeout: 5m\n", "--out-format json")],
)  # fmt: skip
def test_each_version_of_golangci_lint_has_its_options(tmp_path: Path, name: str, text: str, option: str) -> None:
    for program in ("go", "golangci-lint"):
        (tmp_path / program).write_text("")
        (tmp_path / program).chmod(0o755)
    root = tmp_path / "root"
    for file, content in {**FILES, name: text}.items():
        (root / file).parent.mkdir(exist_ok=True)
        (root / file).write_text(content)
    files = FolderFiles(root)
    project = Project(root, ".", files, tuple(files.paths()), VerifySettings(), {"PATH": str(tmp_path)})
    found = go.detect(project)
    assert found is not None
    assert [c.name for c in found.checks] == ["go test", "go vet", "golangci-lint"]
    assert option in found.checks[-1].argv[2]
    assert tmp_path / "golangci-lint" in found.checks[-1].command.binds


def test_complaints_of_golangci_lint_are_findings() -> None:
    issues = [
        {"FromLinter": "errcheck", "Text": "not checked", "Pos": {"Filename": f, "Line": 3}}
        for f in ("/r/m/a.go", "a.go")
    ]
    done = Completed(("x",), 1, b"", b"", 0.1, report={GOLANGCI_FILE: json.dumps({"Issues": issues}).encode()})
    one = Finding("m/a.go", 3, "errcheck", "not checked")
    assert GolangciFindings(Path("/r"), "m")(done) == (one, one)


@given(st.one_of(st.binary(max_size=60), st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["Issues", "Pos", "Line", "Filename"]), inner, max_size=4),
    max_leaves=15,
).map(lambda j: json.dumps(j).encode())))  # fmt: skip
def test_garbage_of_golangci_lint_is_read_without_a_fault(body: bytes) -> None:
    done = Completed(("x",), 1, b"", b"", 0.1, report={GOLANGCI_FILE: body})
    assert all(isinstance(f.line, int) for f in GolangciFindings(Path("/r"), ".")(done))


READ = GoReport({"example.com/calc": "."}, {("", "TestAdd"): "calc_test.go", ("sub", "TestSub"): "sub/s_test.go"})


def read(body: str, stderr: str = "", exit_code: int | None = 1) -> Completed:
    return Completed(("go",), exit_code, b"", stderr.encode(), 0.1, report={OUTPUT: body.encode()})


def event(action: str, test: str = "", output: str = "", package: str = "example.com/calc") -> str:
    named = {"Test": test} if test else {}
    said = {"Output": output} if output else {}
    return json.dumps({"Action": action, "Package": package, **named, **said}) + "\n"


PASSING = event("run", "TestAdd") + event("output", "TestAdd", "--- PASS: TestAdd (0.00s)\n") + event("pass", "TestAdd")


def test_a_package_without_its_end_ended_early() -> None:
    whole = READ(read(PASSING + event("pass"), exit_code=0))
    assert whole is not None
    assert whole.ended
    assert whole.tests["example.com/calc.TestAdd"].file == "calc_test.go"
    cut = READ(read(PASSING, exit_code=0))
    assert cut is not None
    assert not cut.ended


def test_a_pass_that_only_the_package_said_is_none() -> None:
    body = event("run", "TestAdd") + event("output", "TestAdd", "ok  \tcalc\t0.1s\n") + event("pass", "TestAdd")
    report = READ(read(body + event("pass"), exit_code=0))
    assert report is not None
    assert not report.ended
    assert not report.tests


@pytest.mark.parametrize(
    "body",
    ["FAIL\texample.com/calc/sub [build failed]\n",
     event("output", output="FAIL\texample.com/calc/sub [build failed]\n", package="example.com/calc/sub")
     + event("fail", package="example.com/calc/sub")],
    ids=["until-1.23", "since-1.24"],
)  # fmt: skip
def test_an_unbuilt_package_is_each_of_its_files_unread(body: str) -> None:
    stderr = (
        "# example.com/calc\nother\n# example.com/calc/sub [example.com/calc/sub.test]\nsub/s.go:1:1: undefined: c\n"
    )
    report = READ(read(body, stderr))
    assert report is not None
    record = report.tests["example.com/calc/sub [s_test.go]"]
    assert record.collect
    assert (record.file, record.outcome) == ("sub/s_test.go", TestOutcome.FAILED)
    assert "undefined: c" in record.detail
    assert "other" not in record.detail


_WORD = st.sampled_from(["run", "pass", "fail", "skip", "output", "start", "build-output", "x"])
_LINES = st.lists(
    st.one_of(
        st.text(max_size=40), st.builds(event, _WORD, st.text(max_size=5), st.text(max_size=30), st.text(max_size=5))
    )
)


@given(_LINES, st.one_of(st.none(), st.integers(-1, 255)))
def test_garbage_is_read_without_a_fault_and_passes_nothing_that_was_not_said_so(
    lines: list[str], code: int | None
) -> None:
    report = READ(read("\n".join(lines), exit_code=code))
    if report is not None and code is None:
        assert not report.ended
    for name in report.tests if report else ():
        if report is not None and report.tests[name].outcome is TestOutcome.PASSED:
            assert any("--- PASS: " in line for line in lines)
