"""Java with the real Maven, in the real sandbox. Gradle's reader is tested on what a real Gradle wrote."""

from __future__ import annotations

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
from routecli.verification.ecosystems.java_report import CASES, GRADLE, MAVEN, SAID, JavaReport, Tool
from routecli.verification.report import TestOutcome
from tests.verification.ecosystems.judging import judge

STORE = Path("/usr/share/maven-repo")
"""Debian's own repository of what its packages bring: no other is there without a network."""
needs_maven = pytest.mark.skipif(
    shutil.which("mvn") is None or not (STORE / "org/apache/maven/plugins/maven-surefire-plugin").is_dir(),
    reason="no Maven with Surefire on this machine",
)
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>app</groupId>
  <artifactId>calc</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source>
    <maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.x</version></dependency>
  </dependencies>
</project>
"""
CALC = """package app;

public final class Calc {
    private Calc() {
    }

    public static int add(int a, int b) {
        return a + b;
    }

    public static int twice(int a) {
        return a + 2;
    }
}
"""
FIXED = CALC.replace("a + 2", "a * 2")
TESTS = """package app;

import static org.junit.Assert.assertEquals;

import org.junit.Ignore;
import org.junit.Test;

public class CalcTest {
    @Test
    public void adds() {
        assertEquals(3, Calc.add(1, 2));
    }

    @Test
    public void doubles() {
        assertEquals(6, Calc.twice(3));
    }

    @Test
    @Ignore
    public void later() {
    }
}
"""
CODE, TEST = "src/main/java/app/Calc.java", "src/test/java/app/CalcTest.java"
STALE = '<?xml version="1.0"?><testsuite><testcase name="x" classname="Y"/></testsuite>'
FILES = {"pom.xml": POM, CODE: CALC, TEST: TESTS, "target/surefire-reports/TEST-Y.xml": STALE}
PATHS = (CODE,)


@pytest.fixture
def environ(own_home: Path) -> dict[str, str]:
    """A user whose settings name the repository of packages."""
    (own_home / ".m2").mkdir()
    text = f"<settings><localRepository>{STORE}</localRepository></settings>"
    (own_home / ".m2/settings.xml").write_text(text)
    return dict(os.environ)


@needs_maven
def test_a_fix_is_accepted_by_the_test_that_failed_before_and_reports_of_earlier_runs_do_not_count(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    verdict = judge(tmp_path, {CODE: FIXED}, FILES, Kind.FIX, PATHS, environ=environ)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].fixed == ("app.CalcTest.doubles",)
    assert verdict.checks[0].passed == 2


@needs_maven
@pytest.mark.parametrize(
    ("code", "kind", "reason", "said"),
    [
        (FIXED.replace("a + b", "a - b"), Kind.FIX, DeferralReason.TESTS_FAILED, "expected:<3> but was:<-1>"),
        (FIXED.replace("a * 2", "a * c"), Kind.FIX, DeferralReason.TESTS_FAILED, "cannot find symbol"),
        (FIXED.replace("return a + b;", "System.exit(0);\n        return 3;"), Kind.FEATURE,
         DeferralReason.TAMPERED, "ended early"),
    ],
    ids=["wrong", "build", "silent-exit"],
)  # fmt: skip
def test_a_wrong_patch_is_deferred(
    tmp_path: Path, environ: dict[str, str], code: str, kind: Kind, reason: DeferralReason, said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(
        passes, "_WHOLE_RERUNS", 0
    )  # a build takes seconds: that a second look is taken is shown elsewhere
    verdict = judge(tmp_path, {CODE: code}, FILES, kind, PATHS, environ=environ)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is reason, verdict
    assert said in verdict.feedback + verdict.why


@needs_maven
def test_an_endless_loop_is_a_time_out(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "LEAST_TIMEOUT_S", 1.0)
    monkeypatch.setattr(passes, "TIMES_BASE", 1)
    code = FIXED.replace("return a + b", "while (a == a) { b++; }\n        return b")
    verdict = judge(tmp_path, {CODE: code}, FILES, Kind.FEATURE, PATHS, environ=environ)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TIMED_OUT


@needs_maven
def test_a_flaky_test_is_not_held_against_a_patch(tmp_path: Path, environ: dict[str, str]) -> None:
    luck = """
    @Test
    public void luck() throws Exception {
        java.nio.file.Path code = java.nio.file.Paths.get("src/main/java/app/Calc.java");
        boolean fixed = new String(java.nio.file.Files.readAllBytes(code)).contains("a * 2");
        assertEquals(false, fixed && new java.io.File("seen").createNewFile());
    }
}
"""  # with the patch it fails the first time only
    files = {**FILES, TEST: TESTS.rstrip().removesuffix("}") + luck}
    verdict = judge(tmp_path, {CODE: FIXED}, files, Kind.FEATURE, PATHS, environ=environ)
    assert isinstance(verdict, Accepted), verdict
    assert "flaky: app.CalcTest.luck" in verdict.checks[0].summary


@needs_maven
def test_a_library_that_is_not_on_the_machine_is_no_fault_of_the_code(tmp_path: Path, environ: dict[str, str]) -> None:
    files = {**FILES, "pom.xml": POM.replace("4.x", "4.98")}
    verdict = judge(tmp_path, {CODE: FIXED}, files, Kind.FIX, PATHS, environ=environ)
    assert isinstance(verdict, Unverified), verdict
    assert "Could not resolve dependencies" in verdict.why


@pytest.mark.parametrize("left_out", [TEST, ""])
def test_without_tests_or_without_a_java_nothing_is_verified(tmp_path: Path, left_out: str) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    files = {n: t for n, t in FILES.items() if n != left_out}
    verdict = judge(root, {CODE: FIXED}, files, Kind.FIX, PATHS, environ={"PATH": str(tmp_path)})
    assert isinstance(verdict, Unverified), verdict
    assert ("no test was found" if left_out else "asks for java") in verdict.why


MAVEN_READ = JavaReport(MAVEN, ("core/src/test/java/app/CalcTest.java", "web/src/test/java/web/PageTest.java"))
GRADLE_READ = JavaReport(GRADLE, (TEST,))
XML = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="app.CalcTest" tests="3" errors="0" skipped="1" failures="1">
  <properties><property name="a" value="b"/></properties>
  <testcase name="adds" classname="app.CalcTest" time="0.022"/>
  <testcase name="later" classname="app.CalcTest" time="0"><skipped message="later"/></testcase>
  <testcase name="doubles" classname="app.CalcTest$Inner" time="0.008">
    <failure message="expected:&lt;6&gt;" type="java.lang.AssertionError"><![CDATA[AssertionError: expected:<6>
\tat app.CalcTest.doubles(CalcTest.java:16)
]]></failure>
  </testcase>
</testsuite>"""
"""What Surefire 2.22 and Gradle 4.4 wrote, shortened."""
COUNTED = "[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1\n"
GOOD = f"{COUNTED}[ERROR] There are test failures.\n[INFO] BUILD SUCCESS\n"
BROKEN = "[ERROR] The forked VM terminated without properly saying goodbye. VM crash or System.exit called?\n"
COMPILER = "[ERROR] COMPILATION ERROR : \n[ERROR] /repo/web/src/main/java/web/Page.java:[3,1] cannot find symbol\n"


def read(said: str, body: str = XML, exit_code: int | None = 0) -> Completed:
    return Completed(("mvn",), exit_code, b"", b"", 0.1, report={SAID: said.encode(), CASES: body.encode()})


def test_a_case_is_a_record_in_the_file_of_its_class() -> None:
    report = MAVEN_READ(read(GOOD))
    assert report is not None
    assert report.ended
    said = {name: (record.outcome, record.file) for name, record in report.tests.items()}
    file = "core/src/test/java/app/CalcTest.java"
    assert said == {
        "app.CalcTest.adds": (TestOutcome.PASSED, file),
        "app.CalcTest.later": (TestOutcome.SKIPPED, file),
        "app.CalcTest$Inner.doubles": (TestOutcome.FAILED, file),
    }
    assert "CalcTest.java:16" in report.tests["app.CalcTest$Inner.doubles"].detail


@pytest.mark.parametrize(
    ("said", "body"),
    [(BROKEN + GOOD, XML), (COUNTED, XML), (GOOD + COUNTED, XML), (GOOD, XML[:-3]), (GOOD, "")],
    ids=["forked-vm", "no-end", "fewer-than-counted", "cut", "none"],
)
def test_a_build_that_does_not_tell_all_of_its_tests_ended_early(said: str, body: str) -> None:
    report = MAVEN_READ(read(said, body))
    assert report is not None
    assert not report.ended


def test_a_module_that_cannot_be_compiled_fails_each_of_its_files_of_tests() -> None:
    report = MAVEN_READ(read(f"{COUNTED}{COMPILER}[INFO] BUILD FAILURE\n", exit_code=1))
    assert report is not None
    assert report.ended
    broken = report.tests["web/src/test/java/web/PageTest.java [build]"]
    assert broken.collect
    assert "cannot find symbol" in broken.detail
    assert "core/src/test/java/app/CalcTest.java [build]" not in report.tests


def test_what_the_compiler_said_to_gradle_is_told() -> None:
    words = "/repo/src/main/java/app/Calc.java:11: error: cannot find symbol\n  return c;\n1 error\n"
    after = "> Compilation failed; see the compiler error output for details.\n\nBUILD FAILED in 9s\n"
    report = GRADLE_READ(read(f":compileJava FAILED\n{words}{after}", "", 1))
    assert report is not None
    assert report.tests[f"{TEST} [build]"].detail.startswith(words)


def test_nothing_run_is_no_report() -> None:
    assert MAVEN_READ(read("[ERROR] Could not resolve dependencies\n", "", 1)) is None
    assert GRADLE_READ(read("BUILD FAILED", "", 1)) is None


@pytest.mark.parametrize(
    ("said", "exit_code", "ended"),
    [
        ("\nBUILD SUCCESSFUL in 21s\n", 0, True),
        ("> There were failing tests. See the report at: file:///x\n\nBUILD FAILED in 21s\n", 1, True),
        ("> Could not complete execution for Gradle Test Executor 1.\n\nBUILD FAILED in 21s\n", 1, False),
        (
            "> Process 'Gradle Test Executor 1' finished with non-zero exit value 7\nThere were failing tests\n",
            1,
            False,
        ),
        ("", None, False),
    ],
)
def test_gradle_says_whether_it_came_to_its_end(said: str, exit_code: int | None, ended: bool) -> None:
    report = GRADLE_READ(read(said, XML, exit_code))
    assert report is not None
    assert report.ended is ended
    assert report.passed == 1


@given(
    st.sampled_from([MAVEN, GRADLE]),
    st.lists(st.sampled_from([GOOD, BROKEN, COUNTED, COMPILER, "BUILD SUCCESSFUL\n", "x\n"]), max_size=4),
    st.lists(st.one_of(st.text(max_size=20), st.sampled_from([XML, XML[:80], XML[90:]])), max_size=4),
    st.one_of(st.none(), st.integers(-1, 255)),
)
def test_garbage_is_read_without_a_fault(tool: Tool, said: list[str], body: list[str], code: int | None) -> None:
    report = JavaReport(tool, (TEST,))(read("".join(said), "".join(body).encode("utf-8", "replace").decode(), code))
    assert report is None or code is not None or not report.ended
