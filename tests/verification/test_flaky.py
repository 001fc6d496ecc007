"""Flaky tests: found by one more look where it can change the verdict, remembered, and never counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from verification.conftest import FIXED, Bench

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Flake, Unverified
from routecli.verification.verifier import ProjectVerifier

COUNTED = (
    "import pathlib, calc\n\n\ndef test_flaky():\n    marks = pathlib.Path({place!r})\n"
    "    n = len(list(marks.iterdir()))\n    (marks / str(n)).write_text('')\n    assert n not in {bad}\n"
)
FLAKY = "test_flaky.py::test_flaky"


@dataclass
class Memory:
    """flaky.FlakyMemory in memory."""

    flakes: dict[str, Flake] = field(default_factory=dict)
    looked: list[tuple[str, ...]] = field(default_factory=list)

    def known(self) -> Mapping[str, Flake]:
        return self.flakes

    def note(self, looked: Collection[str], flipped: Collection[str]) -> None:
        self.looked.append(tuple(looked))
        self.flakes |= {name: Flake(1, 1) for name in flipped}


def verifier(bench: Bench, kind: Kind, memory: Memory) -> ProjectVerifier:
    made = bench.verifier(kind)
    return ProjectVerifier(
        bench.workspace, bench.root, made._files, bench.task(kind), VerifySettings(timeout_s=60),
        listener=bench.events.append, environ=bench.environ, memory=memory,
    )  # fmt: skip


def counted(calc: Bench, tmp_path: Path, bad: Collection[int]) -> None:
    """A test that fails in the runs `bad`, counted from 0: the base, the patch, what comes after."""
    marks = tmp_path / "marks"
    marks.mkdir()
    calc.write({"test_flaky.py": COUNTED.format(place=str(marks), bad=tuple(bad))})


def test_what_fails_before_is_looked_at_again(calc: Bench) -> None:
    memory = Memory()
    verdict = verifier(calc, Kind.FIX, memory).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert len(calc.workspace.commands) == 4, "the base, the patch, two looks"
    assert memory.looked == [("test_calc.py::test_double",)]
    assert not memory.flakes


def test_nothing_is_looked_at_again_where_it_cannot_change_the_verdict(calc: Bench) -> None:
    verdict = verifier(calc, Kind.FIX, Memory()).judge(calc.patch({"calc.py": FIXED.replace("a + b", "a - b")}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert not any("ROUTECLI_AGAIN" in c.env for c in calc.workspace.commands)


def test_while_nobody_waits_it_is_looked_at_three_times(calc: Bench) -> None:
    made = verifier(calc, Kind.FIX, Memory())
    made.look_again()
    assert len(calc.workspace.commands) == 4, "the base, three looks"
    assert isinstance(made.judge(calc.patch({"calc.py": FIXED}), 1), Accepted)
    assert len(calc.workspace.commands) == 5


def test_no_look_is_begun_when_the_run_is_over(calc: Bench) -> None:
    made = verifier(calc, Kind.FIX, Memory())
    made.stop_looking()
    made.look_again()
    assert len(calc.workspace.commands) == 1, "the base"


def test_a_flaky_test_proves_no_fix_and_is_remembered(calc: Bench, tmp_path: Path) -> None:
    calc.write({"test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"})
    counted(calc, tmp_path, [0])
    memory = Memory()
    verdict = verifier(calc, Kind.FIX, memory).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert "test_flaky.py::test_flaky is flaky" in verdict.why
    assert verdict.checks[0].flaky == (FLAKY,)
    assert FLAKY in memory.flakes


def test_a_test_that_passes_only_when_repeated_in_the_same_process_is_none(calc: Bench) -> None:
    calc.write({
        "calc.py": "seen = []\n\n\ndef add(a, b):\n    return a + b\n\n\ndef first():\n    seen.append(1)\n"
                   "    return len(seen) - 1\n",
        "test_calc.py": "from calc import first\n\n\ndef test_first():\n    assert first() >= 1\n",
    })  # fmt: skip
    patch = calc.patch({"calc.py": (calc.root / "calc.py").read_text().replace("len(seen) - 1", "len(seen)")})
    memory = Memory()
    verdict = verifier(calc, Kind.FIX, memory).judge(patch, 1)
    assert isinstance(verdict, Accepted), verdict
    assert "test_first" in verdict.why
    assert not memory.flakes
    looks = [c for c in calc.workspace.commands if "ROUTECLI_AGAIN" in c.env]
    assert len(looks) == 4, "a suspect is looked at in fresh processes"


def test_a_failure_that_passes_again_is_remembered(calc: Bench, tmp_path: Path) -> None:
    counted(calc, tmp_path, [1])
    memory = Memory()
    verdict = verifier(calc, Kind.FEATURE, memory).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].flaky == (FLAKY,)
    assert FLAKY in memory.flakes


@pytest.mark.parametrize("bad", [[1, 2, 3, 4, 5, 6, 7], [0]])
def test_a_known_flaky_test_neither_defers_nor_proves(calc: Bench, tmp_path: Path, bad: list[int]) -> None:
    counted(calc, tmp_path, bad)
    memory = Memory({FLAKY: Flake(5, 2)})
    verdict = verifier(calc, Kind.FEATURE, memory).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert len(calc.workspace.commands) == 2, "nothing to confirm"
    assert verdict.checks[0].flaky == (FLAKY,)
    assert FLAKY not in verdict.checks[0].fixed
    assert "flaky: test_flaky.py::test_flaky" in verdict.checks[0].summary


def test_a_regression_beside_a_known_flaky_test_is_refused(calc: Bench, tmp_path: Path) -> None:
    counted(calc, tmp_path, [1])
    wrong = calc.patch({"calc.py": FIXED.replace("a + b", "a - b")})
    verdict = verifier(calc, Kind.FEATURE, Memory({FLAKY: Flake(5, 2)})).judge(wrong, 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TESTS_FAILED
    assert "test_add" in verdict.feedback


def test_a_known_flaky_test_may_not_vanish(calc: Bench, tmp_path: Path) -> None:
    counted(calc, tmp_path, [])
    gone = FIXED + "\n\nimport sys\nsys.modules['pathlib'] = None\n"
    memory = Memory({FLAKY: Flake(5, 2)})
    text = (calc.root / "test_flaky.py").read_text().replace("import pathlib, calc", "import calc, pathlib")
    calc.write({"test_flaky.py": text})
    verdict = verifier(calc, Kind.FEATURE, memory).judge(calc.patch({"calc.py": gone}), 1)
    assert isinstance(verdict, Deferred), verdict


@pytest.mark.parametrize("kinds", [(Kind.FIX, Kind.FIX), (Kind.FEATURE, Kind.FIX), (Kind.FIX, Kind.TESTS)])
def test_an_unchanged_base_never_runs_twice(calc: Bench, kinds: tuple[Kind, Kind]) -> None:
    patch = calc.patch({"calc.py": FIXED})
    calc.verifier(kinds[0], cached=True).judge(patch, 1)
    calc.workspace.commands.clear()
    again = calc.verifier(kinds[1], cached=True)
    again.prepare()
    assert calc.workspace.commands == []
    for attempt in (1, 2):
        again.judge(patch, attempt)
    looks = [c for c in calc.workspace.commands if "ROUTECLI_AGAIN" in c.env]
    assert len(looks) == 2 * (kinds == (Kind.FEATURE, Kind.FIX)), "for a tree once, by whoever needed it first"
