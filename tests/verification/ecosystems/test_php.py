"""PHP with the real PHPUnit, of this Debian and of today, in the real sandbox. PHPStan is not to be had from a
distribution: its reader is tested on the form that its documentation gives."""

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
from routecli.verification.ecosystems.php_report import PHPSTAN_FILE, PHPUNIT_FILE, PhpstanFindings, PhpunitReport
from routecli.verification.findings import Finding
from routecli.verification.report import TestOutcome
from tests.verification.ecosystems.judging import judge
from tests.verification.newer import FOLDER

needs_phpunit = pytest.mark.skipif(shutil.which("phpunit") is None, reason="no phpunit on this machine")
CALC = """<?php

namespace App;

final class Calc
{
    public static function add(int $a, int $b): int
    {
        return $a + $b;
    }

    public static function double(int $a): int
    {
        return $a + 2;
    }
}
"""
FIXED = CALC.replace("$a + 2", "$a * 2")
TESTS = """<?php

require_once __DIR__ . '/../src/Calc.php';

use App\\Calc;

final class CalcTest extends PHPUnit\\Framework\\TestCase
{
    /** @dataProvider sums */
    #[PHPUnit\\Framework\\Attributes\\DataProvider('sums')]
    public function testAdd(int $a, int $b, int $sum): void
    {
        $this->assertSame($sum, Calc::add($a, $b));
    }

    public static function sums(): array
    {
        return ['small' => [1, 2, 3], [2, 2, 4]];
    }

    public function testDouble(): void
    {
        $this->assertSame(6, Calc::double(3));
    }

    public function testLater(): void
    {
        $this->markTestSkipped('later');
    }
}
"""
CONFIGURED = (
    "<phpunit><testsuites><testsuite name='all'><directory>tests</directory></testsuite></testsuites></phpunit>\n"
)
WITH_PACKAGES = CONFIGURED.replace("<phpunit>", "<phpunit bootstrap='vendor/autoload.php'>")
FILES = {
    "composer.json": "{}\n",
    "phpunit.xml": CONFIGURED,
    "src/Calc.php": CALC,
    "tests/CalcTest.php": TESTS,
}
PATHS = ("src/Calc.php",)


@pytest.fixture(params=["phpunit", "phpunit of today"])
def environ(request: pytest.FixtureRequest) -> dict[str, str]:
    """A user whose PATH has the one or the other."""
    if request.param == "phpunit":
        return dict(os.environ)
    if not (FOLDER / "phpunit").is_file():
        pytest.skip("no newer phpunit on this machine")
    return {**os.environ, "PATH": f"{FOLDER}:{os.environ['PATH']}"}


@needs_phpunit
@pytest.mark.parametrize("without", ["", "phpunit.xml"])
def test_a_fix_is_accepted_by_the_test_that_failed_before(
    tmp_path: Path, environ: dict[str, str], without: str
) -> None:
    files = {n: t for n, t in FILES.items() if n != without}
    verdict = judge(tmp_path, {"src/Calc.php": FIXED}, files, Kind.FIX, PATHS, environ=environ)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].fixed == ("CalcTest::testDouble",)
    assert verdict.checks[0].passed == 3


@needs_phpunit
@pytest.mark.parametrize(
    ("code", "kind", "reason", "said"),
    [
        (FIXED.replace("$a + $b", "$a - $b"), Kind.FEATURE, DeferralReason.TESTS_FAILED, "-1 is identical to 3"),
        (CALC.replace("$a + 2", "$a + 4"), Kind.FIX, DeferralReason.TESTS_FAILED, "7 is identical to 6"),
        (FIXED.replace("$a + $b", "($a + $b"), Kind.FIX, DeferralReason.TESTS_FAILED, "syntax error"),
        (FIXED.replace("return $a + $b", "exit(0)"), Kind.FEATURE, DeferralReason.TAMPERED, "ended early"),
    ],
    ids=["wrong", "still-wrong", "unreadable", "silent-exit"],
)
def test_a_wrong_patch_is_deferred(
    tmp_path: Path, environ: dict[str, str], code: str, kind: Kind, reason: DeferralReason, said: str
) -> None:
    verdict = judge(tmp_path, {"src/Calc.php": code}, FILES, kind, PATHS, environ=environ)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is reason, verdict
    assert said in verdict.feedback + verdict.why


@needs_phpunit
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tests/CalcTest.php", TESTS.replace("testDouble", "single"), "do not run any more"),
        ("phpunit.xml", FILES["phpunit.xml"].replace(">tests<", ">src<"), "do not run any more"),
    ],
)
def test_a_patch_cannot_take_a_test_away(
    tmp_path: Path, environ: dict[str, str], name: str, text: str, said: str
) -> None:
    code = FIXED if name == "phpunit.xml" else CALC.replace("$a + 2", "2 * $a")
    files = {**FILES, "src/Calc.php": FIXED}
    verdict = judge(tmp_path, {name: text, "src/Calc.php": f"{code}\n"}, files, Kind.FEATURE, PATHS, environ=environ)
    assert isinstance(verdict, Deferred), verdict
    assert said in verdict.feedback


@needs_phpunit
def test_an_endless_loop_is_a_time_out(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "LEAST_TIMEOUT_S", 1.0)
    monkeypatch.setattr(passes, "TIMES_BASE", 3)
    code = FIXED.replace("return $a + $b", "for (;;) { $a++; }")
    verdict = judge(tmp_path, {"src/Calc.php": code}, FILES, Kind.FEATURE, PATHS, environ=environ)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TIMED_OUT


@needs_phpunit
def test_a_flaky_test_is_not_held_against_a_patch(tmp_path: Path, environ: dict[str, str]) -> None:
    luck = """
    public function testLuck(): void
    {
        $lucky = file_exists('seen') || strpos(file_get_contents('src/Calc.php'), '$a * 2') === false;
        touch('seen');
        $this->assertTrue($lucky);
    }
}
"""  # with the patch it fails the first time only
    files = {**FILES, "tests/CalcTest.php": TESTS.rstrip().removesuffix("}") + luck}
    verdict = judge(tmp_path, {"src/Calc.php": FIXED}, files, Kind.FIX, PATHS, environ=environ)
    assert isinstance(verdict, Accepted), verdict
    assert "flaky: CalcTest::testLuck" in verdict.checks[0].summary


@needs_phpunit
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"composer.json": "{}\n", "src/Calc.php": CALC}, "no test was found"),
        ({**FILES, "phpunit.xml": WITH_PACKAGES}, "vendor/autoload.php"),
        ({**FILES, "tests/Pest.php": "<?php\n"}, "for Pest"),
    ],
    ids=["no-tests", "no-packages", "pest"],
)
def test_what_the_machine_cannot_run_is_no_fault_of_the_code(
    tmp_path: Path, environ: dict[str, str], files: dict[str, str], said: str
) -> None:
    verdict = judge(tmp_path, {"src/Calc.php": FIXED}, files, Kind.FIX, PATHS, environ=environ)
    assert isinstance(verdict, Unverified), verdict
    assert said in verdict.why


@needs_phpunit
def test_the_projects_own_packages_are_shown(tmp_path: Path) -> None:
    own = {"vendor/bin/phpunit": Path(shutil.which("phpunit") or "").read_text(), "vendor/autoload.php": "<?php\n"}
    files = {**FILES, ".gitignore": "vendor/\n", "phpunit.xml": WITH_PACKAGES}
    verdict = judge(tmp_path, {"src/Calc.php": FIXED}, files, Kind.FIX, PATHS, untracked=own)
    assert isinstance(verdict, Accepted), verdict
    assert f"{tmp_path}/vendor/bin/phpunit" in verdict.checks[0].argv


def test_without_a_php_nothing_is_verified_and_phpstan_is_said_to_be_missing(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    files = {**FILES, "phpstan.neon": ""}
    verdict = judge(root, {"src/Calc.php": FIXED}, files, Kind.FIX, PATHS, environ={"PATH": str(tmp_path)})
    assert isinstance(verdict, Unverified), verdict
    assert "there is no php on PATH" in verdict.why
    assert "phpstan is asked for by phpstan.neon" in verdict.checks[0].summary


READ = PhpunitReport(Path("/repo"), ("tests/ATest.php",))
_CASE = '<testcase name="testA" class="ATest" file="/repo/tests/ATest.php">{}</testcase>'
_WHOLE = (
    '<testsuites><testsuite name="a" tests="1"><testsuite name="b" tests="1">{}</testsuite></testsuite></testsuites>'
)


def read(body: str | bytes | None, exit_code: int | None = 0, said: str = "") -> Completed:
    raw = body.encode() if isinstance(body, str) else body
    return Completed(("php",), exit_code, said.encode(), b"", 0.1, report={} if raw is None else {PHPUNIT_FILE: raw})


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [("", TestOutcome.PASSED), ("<skipped/>", TestOutcome.SKIPPED), ("<error>oh</error>", TestOutcome.FAILED),
     ("<skipped/><failure>oh</failure>", TestOutcome.FAILED)],
)  # fmt: skip
def test_a_case_is_a_record(inner: str, outcome: TestOutcome) -> None:
    report = READ(read(_WHOLE.format(_CASE.format(inner))))
    assert report is not None
    assert report.ended
    record = report.tests["ATest::testA"]
    assert (record.outcome, record.file) == (outcome, "tests/ATest.php")


@pytest.mark.parametrize(
    "body",
    [
        "",
        _WHOLE.format(_CASE.format(""))[:-3],
        _WHOLE.replace('tests="1"', 'tests="2"').format(_CASE.format("")),
        "<!DOCTYPE x [<!ENTITY a 'b'>]>" + _WHOLE.format(_CASE.format("")),
    ],
    ids=["empty", "cut", "one-missing", "entities"],
)
def test_a_log_that_is_not_whole_is_a_run_that_ended_early(body: str) -> None:
    report = READ(read(body))
    assert report is not None
    assert not report.ended


def test_a_file_that_cannot_be_read_fails_every_file_of_tests() -> None:
    report = READ(read(None, 255, "PHP Fatal error:  Uncaught ParseError: syntax error in /repo/src/A.php:3"))
    assert report is not None
    assert report.tests["tests/ATest.php [load]"].collect
    assert READ(read(None, 1, "something else")) is None


@given(
    st.one_of(st.binary(max_size=80), st.text(alphabet="<>/testcasufilr='\" &;", max_size=80).map(str.encode)),
    st.one_of(st.none(), st.integers(-1, 255)),
    st.text(max_size=20),
)
def test_garbage_is_read_without_a_fault(body: bytes, code: int | None, said: str) -> None:
    report = READ(read(body, code, said.encode("utf-8", "replace").decode()))
    assert report is None or not report.passed or b"testcase" in body


def test_complaints_of_phpstan_are_findings() -> None:
    message = {"message": "Undefined variable: $x", "line": 4, "ignorable": True, "identifier": "variable.undefined"}
    body = {
        "totals": {"errors": 0, "file_errors": 1},
        "files": {"/repo/src/A.php": {"errors": 1, "messages": [message]}},
    }
    done = Completed(("php",), 1, b"", b"", 0.1, report={PHPSTAN_FILE: json.dumps(body).encode()})
    found = PhpstanFindings(Path("/repo"))(done)
    assert found == (Finding("src/A.php", 4, "variable.undefined", "Undefined variable: $x"),)


@given(st.one_of(st.binary(max_size=60), st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["files", "messages", "line", "/a"]), inner, max_size=4),
    max_leaves=15,
).map(lambda j: json.dumps(j).encode())))  # fmt: skip
def test_garbage_of_phpstan_is_read_without_a_fault(body: bytes) -> None:
    done = Completed(("php",), 1, b"", b"", 0.1, report={PHPSTAN_FILE: body})
    assert all(isinstance(f.line, int) for f in PhpstanFindings(Path("/repo"))(done))
