"""Which lines of Go are looked for, and which of them go says were run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, Strength
from routecli.verification.ecosystems.go_lines import ASKED, PROFILE, go_spots, lines_run, watch_of
from tests.verification.ecosystems.judging import judge
from tests.verification.ecosystems.test_go import FILES, FIXED, PATHS

needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="no go on this machine")
RUN = ("/bin/sh", "-c", 'exec "$@" >x', "sh", "/usr/bin/go", "test", "-json", "./...")


def spots(before: str, after: str, path: str = "a.go") -> object:
    return go_spots(FileEdit(path, before.encode() or None, after.encode()))


def test_each_changed_line_but_brackets_and_comments_is_looked_for() -> None:
    text = (
        "package a\n\n// F says.\nfunc F(a int) int {\n\tif a > 1 {\n\t\treturn 1\n\t} else {\n\t\treturn 2\n\t}\n}\n"
    )
    assert spots("", text) == ((1,), (4,), (5,), (6,), (8,))
    assert spots("a\nb\nc\n", "a\nc\n") == ((1, 2),)


def test_what_cannot_be_told() -> None:
    assert spots("", "x = 1\n", "a.py") is None
    assert go_spots(FileEdit("a.go", b"x", None)) is None


def test_only_changed_packages_are_counted() -> None:
    watch = watch_of({"example.com/app": ".", "example.com/lib": "lib"})
    command = Command(RUN, ".", 5.0, {"A": "b"})
    watched = watch.watching(command, {"cmd/x/main.go": ((3,),), "lib/in/a.go": ((1, 2), (9,)), "m.go": ((1,),)})
    assert watched.env["ROUTECLI_PACKAGES"] == "example.com/app,example.com/app/cmd/x,example.com/lib/in"
    assert json.loads(watched.env["ROUTECLI_LINES"])["lib/in/a.go"] == [1, 2, 9]
    assert watched.argv[3:] == RUN[3:]
    assert watch_of({"example.com/lib": "lib"}).watching(command, {"m.go": ((1,),)}) is command


def test_a_line_in_no_block_needs_no_test_and_one_never_run_does() -> None:
    profile = "mode: set\nexample.com/calc/calc.go:3.20,5.2 1 1\nexample.com/calc/calc.go:7.2,8.9 1 0\nbroken\n"
    report = {ASKED: json.dumps({"calc.go": [1, 4, 7], "other.go": [1]}).encode(), PROFILE: profile.encode()}
    assert lines_run(report, lambda _: "") == {"calc.go": frozenset({1, 4})}
    assert lines_run({PROFILE: profile.encode()}, lambda _: "") is None


@given(st.binary(max_size=80), st.text(max_size=60))
def test_any_profile_is_read(profile: bytes, asked: str) -> None:
    lines_run({ASKED: asked.encode(), PROFILE: profile}, lambda package: package)
    lines_run({ASKED: b'{"a.go": [1, "x", null], "b": 3}', PROFILE: profile}, lambda package: package)


@needs_go
def test_a_changed_line_that_no_test_runs_makes_it_weak(tmp_path: Path) -> None:
    settings = VerifySettings(timeout_s=120)
    tested = judge(tmp_path / "a", {"calc.go": FIXED}, FILES, Kind.FIX, PATHS, settings=settings)
    assert isinstance(tested, Accepted), tested
    assert (tested.strength, tested.rests_on) == (Strength.TESTED, "the tests run the changed statement")
    more = FIXED + "\nfunc Half(a int) int {\n\tif a > 2 {\n\t\treturn 1\n\t}\n\treturn a / 2\n}\n"
    weak = judge(tmp_path / "b", {"calc.go": more}, FILES, Kind.FIX, PATHS, settings=settings)
    assert isinstance(weak, Accepted), weak
    assert weak.strength is Strength.WEAK
    assert "run in no test: calc.go:" in weak.rests_on


@needs_go
def test_a_package_that_nothing_tests_is_not_known(tmp_path: Path) -> None:
    files = {**FILES, "other/other.go": "package other\n\nfunc One() int { return 2 }\n"}
    changed = {"calc.go": FIXED, "other/other.go": files["other/other.go"].replace("2", "1")}
    verdict = judge(tmp_path, changed, files, Kind.FIX, ("calc.go", "other/other.go"))
    assert isinstance(verdict, Accepted), verdict
    assert verdict.strength is Strength.WEAK
    assert "other/other.go" in verdict.rests_on
