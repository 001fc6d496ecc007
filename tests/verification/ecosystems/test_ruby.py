"""Ruby with the real rspec, Minitest and rubocop, in the real sandbox."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Completed
from routecli.domain.patch import FileEdit
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Strength, Unverified
from routecli.verification import passes
from routecli.verification.ecosystems.ruby_findings import RUBOCOP_FILE, RubocopFindings
from routecli.verification.ecosystems.ruby_lines import ruby_spots
from routecli.verification.findings import Finding
from tests.verification.ecosystems.judging import judge


@cache
def has(library: str) -> bool:
    words = ("ruby", "-e", f"require '{library}'")
    return shutil.which("ruby") is not None and not subprocess.run(words, check=False, capture_output=True).returncode


needs_rspec = pytest.mark.skipif(not has("rspec/core"), reason="no rspec on this machine")
needs_minitest = pytest.mark.skipif(not has("minitest"), reason="no minitest on this machine")
needs_rubocop = pytest.mark.skipif(shutil.which("rubocop") is None, reason="no rubocop on this machine")
needs_bundler = pytest.mark.skipif(shutil.which("bundle") is None, reason="no bundler on this machine")

CALC = """# frozen_string_literal: true

module Calc
  def self.add(one, two)
    one + two
  end

  def self.double(one)
    one + 2
  end
end
"""
FIXED = CALC.replace("one + 2\n", "one * 2\n")
SPEC = """require "calc"

RSpec.describe Calc do
  it("adds") { expect(Calc.add(1, 2)).to eq 3 }
  it("adds") { expect(Calc.add(1, 1)).to eq 2 }
  it("comes later")

  describe "twice" do
    it { expect(Calc.double(3)).to eq 6 }
  end
end
"""
TESTS = """require "minitest/autorun"
require "calc"

class TestCalc < Minitest::Test
  def test_add
    assert_equal 3, Calc.add(1, 2)
  end

  def test_double
    assert_equal 6, Calc.double(3)
  end
end

describe "words" do
  it("adds") { _(Calc.add(1, 1)).must_equal 2 }
end
"""
RSPEC = {".rspec": "--fail-fast\n", "lib/calc.rb": CALC, "spec/calc_spec.rb": SPEC}
MINITEST = {"Rakefile": "", "lib/calc.rb": CALC, "test/test_calc.rb": TESTS}
PATHS = ("lib/calc.rb",)


@needs_rspec
def test_a_fix_is_accepted_by_the_example_that_failed_before(tmp_path: Path) -> None:
    verdict = judge(tmp_path, {"lib/calc.rb": FIXED}, RSPEC, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].fixed == ("spec/calc_spec.rb::Calc twice [1:4:1]",)
    assert verdict.checks[0].passed == 3


@needs_rspec
@needs_bundler
def test_a_gemfile_says_which_gems_are_meant(tmp_path: Path) -> None:
    files = {**RSPEC, "Gemfile": 'gem "rspec"\n'}
    verdict = judge(tmp_path, {"lib/calc.rb": FIXED}, files, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert "-rbundler/setup" in verdict.checks[0].argv


@needs_minitest
def test_a_fix_is_accepted_by_the_test_that_failed_before(tmp_path: Path) -> None:
    verdict = judge(tmp_path, {"lib/calc.rb": FIXED}, MINITEST, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].fixed == ("test/test_calc.rb::TestCalc#test_double",)
    assert verdict.checks[0].passed == 3


WRONG = [
    ("wrong", FIXED.replace("one + two", "one - two"), Kind.FIX, DeferralReason.TESTS_FAILED, "3"),
    ("still-wrong", CALC.replace("one + 2\n", "one + 4\n"), Kind.FIX, DeferralReason.TESTS_FAILED, "7"),
    ("unreadable", FIXED.replace("one + two", "(one + two"), Kind.FIX, DeferralReason.TESTS_FAILED, "syntax error"),
    ("silent-exit", FIXED.replace("one + two", "exit!(0)"), Kind.FEATURE, DeferralReason.TAMPERED, "ended early"),
    ("polite-exit", FIXED.replace("one + two", "exit(0)"), Kind.FEATURE, None, "ended early"),
]


@needs_rspec
@pytest.mark.parametrize(("code", "kind", "reason", "said"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_patch_is_deferred_by_rspec(
    tmp_path: Path, code: str, kind: Kind, reason: DeferralReason | None, said: str
) -> None:
    verdict = judge(tmp_path, {"lib/calc.rb": code}, RSPEC, kind, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert reason in (None, verdict.reason), verdict
    assert said in verdict.feedback + verdict.why


@needs_minitest
@pytest.mark.parametrize(("code", "kind", "reason", "said"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_patch_is_deferred_by_minitest(
    tmp_path: Path, code: str, kind: Kind, reason: DeferralReason | None, said: str
) -> None:
    verdict = judge(tmp_path, {"lib/calc.rb": code}, MINITEST, kind, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert reason in (None, verdict.reason), verdict
    assert said in verdict.feedback + verdict.why


@needs_rspec
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("spec/calc_spec.rb", SPEC.replace("eq 3", "eq 4"), "expected: 4"),
        (".rspec", "--pattern nothing\n", "do not run any more (gone)"),
    ],
)
def test_a_patch_cannot_take_the_test_away(tmp_path: Path, name: str, text: str, said: str) -> None:
    verdict = judge(tmp_path, {name: text, "lib/calc.rb": f"{CALC}\n"}, RSPEC, Kind.FEATURE, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert said in verdict.feedback


RUNNERS = [
    pytest.param(RSPEC, marks=needs_rspec, id="rspec"),
    pytest.param(MINITEST, marks=needs_minitest, id="minitest"),
]


@pytest.mark.parametrize("files", RUNNERS)
def test_an_endless_loop_is_a_time_out(tmp_path: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "LEAST_TIMEOUT_S", 1.0)
    monkeypatch.setattr(passes, "TIMES_BASE", 3)
    code = FIXED.replace("one + two", "loop { one += 1 }")
    verdict = judge(tmp_path, {"lib/calc.rb": code}, files, Kind.FEATURE, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TIMED_OUT


LUCK = """
  return if File.exist?("seen") || !File.read("lib/calc.rb").include?("one * 2")

  File.write("seen", "")
"""  # with the patch it fails the first time only
UNLUCKY = {
    "spec/luck_spec.rb": f'RSpec.describe("luck") {{ def luck{LUCK}raise "bad luck" end; it("has") {{ luck }} }}\n',
    "test/test_luck.rb": 'require "minitest/autorun"\n\nclass TestLuck < Minitest::Test\n  def test_luck'
    f'{LUCK}  flunk "bad luck"\n  end\nend\n',
}


@pytest.mark.parametrize("files", RUNNERS)
def test_a_flaky_test_is_not_held_against_a_patch(tmp_path: Path, files: dict[str, str]) -> None:
    name = "spec/luck_spec.rb" if files is RSPEC else "test/test_luck.rb"
    verdict = judge(tmp_path, {"lib/calc.rb": FIXED}, {**files, name: UNLUCKY[name]}, Kind.FIX, PATHS)
    assert isinstance(verdict, Accepted), verdict
    assert f"flaky: {name}" in verdict.checks[0].summary


@needs_rspec
@needs_bundler
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"lib/calc.rb": CALC}, "no test was found"),
        ({**RSPEC, "spec/calc_spec.rb": 'require "no_such_gem"\n' + SPEC}, "no_such_gem"),
        ({**RSPEC, "Gemfile": 'gem "no_such_gem"\n'}, "rspec"),
        ({**MINITEST, "test/test_calc.rb": 'require "no_such_gem"\n' + TESTS}, "no_such_gem"),
        ({"lib/calc.rb": CALC, "test/calc_test.rb": 'require "test/unit"\n'}, "test-unit"),
    ],
    ids=["no-tests", "no-gem", "no-bundle", "no-gem-of-minitest", "test-unit"],
)
def test_what_the_machine_cannot_run_is_no_fault_of_the_code(tmp_path: Path, files: dict[str, str], said: str) -> None:
    verdict = judge(tmp_path, {"lib/calc.rb": FIXED}, files, Kind.FIX, PATHS)
    assert isinstance(verdict, Unverified), verdict
    assert said in verdict.why


def test_without_a_ruby_nothing_is_verified(tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    root = tmp_path / "repo"
    root.mkdir()
    verdict = judge(root, {"lib/calc.rb": FIXED}, RSPEC, Kind.FIX, PATHS, environ={"PATH": str(bare)})
    assert isinstance(verdict, Unverified), verdict
    assert "there is no ruby on PATH" in verdict.why


@needs_rspec
@needs_rubocop
def test_a_new_offense_is_deferred(tmp_path: Path) -> None:
    files = {
        **RSPEC,
        ".rubocop.yml": "AllCops:\n  DisabledByDefault: true\n  TargetRubyVersion: 2.7\nLint:\n  Enabled: true\n",
    }
    code = FIXED.replace("one * 2", "unused = 1\n    one * 2")
    verdict = judge(tmp_path, {"lib/calc.rb": code}, files, Kind.FIX, PATHS)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.LINT_FAILED
    assert "lib/calc.rb:9: Lint/UselessAssignment" in verdict.feedback


READ = RubocopFindings("app")


def answer(body: bytes) -> Completed:
    return Completed(("rubocop",), 1, b"", b"", 0.1, report={RUBOCOP_FILE: body})


def test_offenses_are_findings() -> None:
    offense = {"cop_name": "Lint/Syntax", "message": "Lint/Syntax: oh", "location": {"line": 3}}
    body = json.dumps({"files": [{"path": "lib/a.rb", "offenses": [offense]}]}).encode()
    assert READ(answer(body)) == (Finding("app/lib/a.rb", 3, "Lint/Syntax", "oh"),)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["files", "offenses", "location", "line", "path", "message"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(st.one_of(st.binary(max_size=60), _JSON.map(lambda j: json.dumps(j).encode())))
def test_garbage_is_read_without_a_fault(body: bytes) -> None:
    assert all(isinstance(f.line, int) for f in READ(answer(body)))


@needs_rspec
@pytest.mark.parametrize("runner", ["rspec", pytest.param("minitest", marks=needs_minitest)])
def test_changed_lines_that_no_test_runs_make_it_weak(tmp_path: Path, runner: str) -> None:
    files = RSPEC if runner == "rspec" else MINITEST
    tested = judge(tmp_path / "a", {"lib/calc.rb": FIXED}, files, Kind.FIX, ("lib/calc.rb",))
    assert isinstance(tested, Accepted), tested
    assert (tested.strength, tested.rests_on) == (Strength.TESTED, "the tests run the changed statement")
    half = "  def self.half(\n    one\n  )\n    return 1 if one > 2\n\n    # half of it\n    one / 2\n  end\nend\n"
    weak = judge(tmp_path / "b", {"lib/calc.rb": FIXED[: -len("end\n")] + half}, files, Kind.FIX, ("lib/calc.rb",))
    assert isinstance(weak, Accepted), weak
    assert weak.strength is Strength.WEAK
    assert weak.rests_on.startswith("2 of 5 changed statements run in no test: lib/calc.rb:14, lib/calc.rb:17"), weak


def test_spots_are_steps() -> None:
    text = "# a\nmodule A\n  def b\n    c\n  ensure\n    d\n  end\nend\n"
    assert ruby_spots(FileEdit("a.rb", None, text.encode())) == ((2,), (3,), (4,), (6,))
    assert ruby_spots(FileEdit("a.py", None, b"x")) is None
