"""A benchmark: faster beyond chance and saying the same. No test here waits for a clock: times are given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Command, Completed
from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Unverified
from routecli.verification import bench
from routecli.verification.bench import Benched, Speed, chance, fault_of, measure, measured_by
from routecli.verification.integrity import split
from routecli.verification.planned import PlannedCheck, Reading, Role
from tests.verification.conftest import Bench, FolderWorkspace

CHECK = PlannedCheck("bench", Role.BENCH, Reading.EXIT, Command(("python", "bench.py")), "given")
PATCH = Patch((FileEdit("a.py", b"a", b"b"),))


@dataclass
class Side:
    """A twin that answers at once, with times and outputs of our choice."""

    times: Iterator[float]
    said: Iterator[str]
    exits: Iterator[int]
    runs: int = 0
    isolation: Any = None

    def run(self, command: Command) -> Completed:
        self.runs += 1
        return Completed(command.argv, next(self.exits), next(self.said).encode(), b"boom", next(self.times))


def side(times: tuple[float, ...], said: tuple[str, ...] = ("42",), exits: tuple[int, ...] = (0,)) -> Side:
    return Side(cycle(times), cycle(said), cycle(exits))


@dataclass
class Sides:
    """The workspace of them."""

    plain: Side
    patched: Side
    patches: list[Patch] = field(default_factory=list)
    isolation: Any = None

    @contextmanager
    def twin(self, patch: Patch | None = None) -> Iterator[Any]:
        self.patches += [patch] if patch else []
        yield self.patched if patch else self.plain


def measured(plain: Side, patched: Side) -> Benched:
    return measure(Sides(plain, patched), CHECK, PATCH)


def test_faster_each_time_is_told_after_five_runs() -> None:
    plain, patched = side((1.0, 1.1, 1.05)), side((0.5, 0.55))
    found = measured(plain, patched)
    assert found.speed is Speed.FASTER
    assert (plain.runs, patched.runs) == (6, 6)  # one of each to warm up
    assert not found.against
    assert str(found) == "0.55 s, 1.05 s before (medians of 5 runs each)"


@pytest.mark.parametrize(
    ("before", "after", "speed", "runs"),
    [
        ((1.0, 1.1), (1.0, 1.1), Speed.NO_FASTER, 11),
        ((1.0, 1.1), (1.5, 1.6), Speed.NO_FASTER, 11),
        ((1.0,), (0.97,), Speed.NO_FASTER, 11),  # always faster, and by too little
        ((1.0, 1.4, 0.6, 1.2), (1.1, 0.9, 0.7, 1.3), Speed.UNCLEAR, 16),
        ((1.0, 1.2, 0.9), (0.8, 0.95, 0.7), Speed.FASTER, 11),
    ],
)
def test_times(before: tuple[float, ...], after: tuple[float, ...], speed: Speed, runs: int) -> None:
    patched = side(after)
    found = measured(side(before), patched)
    assert found.speed is speed, found
    assert patched.runs == runs
    assert bool(found.against) is (speed is Speed.NO_FASTER)


@given(st.lists(st.floats(0.5, 1.5), min_size=15, max_size=15))
def test_a_program_is_never_faster_than_itself(times: list[float]) -> None:
    assert measured(side(tuple(times)), side(tuple(times))).speed is not Speed.FASTER


def test_chance_is_the_exact_test_of_ranks() -> None:
    assert chance([2] * 5, [1] * 5) == pytest.approx(1 / 252)
    assert chance([2, 3], [1, 4]) == pytest.approx(4 / 6)  # two of four pairs the wrong way round
    assert chance([1] * 5, [2] * 5) == 1
    assert chance([1] * 5, [1] * 5) > 0.5


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_chance_is_a_share_and_grows_with_the_times_after(before: list[int], after: list[int]) -> None:
    share = chance(before, after)
    assert 0 < share <= 1
    assert chance(before, [a + 100 for a in after]) >= share


@pytest.mark.parametrize(
    ("before", "after", "differs", "unstable"),
    [
        (("sum 42",), ("sum 42",), "", False),
        (("sum 42",), ("sum 43",), "43, 42 before", False),
        (("sum 42",), ("sum",), "1 words, 2 before", False),
        (("42 in 1.01", "42 in 1.02"), ("42 in 0.5",), "", True),
        (("42 in 1.01", "42 in 1.02"), ("41 in 0.5",), "41, 42 before", True),
        (("a b", "a"), ("c",), "", True),
    ],
)
def test_what_it_says_has_to_stay_but_for_what_changes_anyway(
    before: tuple[str, ...], after: tuple[str, ...], differs: str, unstable: bool
) -> None:
    found = measured(side((1.0,), before), side((0.5,), after))
    assert (found.differs, found.unstable) == (differs, unstable)
    assert ("says something else" in found.against) is bool(differs)


def test_a_failure_is_the_code_s_only_where_it_ran_before() -> None:
    assert "exit 3" in measured(side((1.0,), exits=(3,)), side((1.0,))).fault
    broke = measured(side((1.0,)), side((0.1,), exits=(0, 0, 1)))
    assert broke.against == "the benchmark fails with the patch: exit 1: 42boom"
    sides = Sides(side((1.0,), exits=(2,)), side((1.0,)))
    assert "exit 2" in fault_of(sides, CHECK)


def test_what_cannot_be_run_often_enough_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MOST_S", -1)
    found = measured(side((1.0,)), side((0.1,)))
    assert (found.speed, str(found)) == (Speed.UNCLEAR, "it takes too long to be run often enough")


def test_the_benchmark_itself_is_measured_as_it_was() -> None:
    own = ("bench.py", "benchmarks/x.py", "src/bench/y.rs", "test_a.py")
    patch = Patch(tuple(FileEdit(p, b"a", b"b") for p in ("a.py", "benched.py", *own)))
    task = Task("faster", Kind.PERFORMANCE, "", Path("/r"), None, ("a.py",), usd(1))
    left = measured_by(patch, split(patch, task), CHECK)
    assert left.paths == ("a.py", "benched.py")


SLOW = "def double(a):\n    return sum(2 for _ in range(a))\n\n\ndef add(a, b):\n    return a + b\n"
QUICK = "def double(a):\n    return 2 * a\n\n\ndef add(a, b):\n    return a + b\n"
COMMAND = "python bench.py"
TEST = "from calc import double\n\n\ndef test_double():\n    assert double(3) == 6\n"


class OwnClock(FolderWorkspace):
    """Real commands on real copies, and a clock of our own: what the benchmark takes stands in `times` by whether the
    copy's code still has its loop."""

    times: tuple[Iterator[float], Iterator[float]]

    @contextmanager
    def twin(self, patch: Patch | None = None) -> Iterator[Any]:
        with super().twin(patch) as twin:
            run = twin.run
            slow = "range" in (twin.root / "calc.py").read_text()

            def timed(command: Command) -> Completed:
                done = run(command)
                return replace(done, wall_s=next(self.times[0 if slow else 1])) if "bench.py" in command.argv else done

            twin.run = timed
            yield twin


@pytest.fixture
def timed(bench: Bench) -> Bench:
    """A project with a slow function and a benchmark of it."""
    bench.workspace = OwnClock(bench.root, bench.scratch)
    set_times(bench, (1.0,), (0.5,))
    bench.write({"calc.py": SLOW, "bench.py": "import calc\nprint(calc.double(1000))\n", "test_calc.py": TEST})
    return bench


def set_times(timed: Bench, slow: tuple[float, ...], quick: tuple[float, ...]) -> None:
    assert isinstance(timed.workspace, OwnClock)
    timed.workspace.times = (cycle(slow), cycle(quick))


def judged(timed: Bench, code: str, kind: Kind = Kind.PERFORMANCE, command: str | None = COMMAND) -> Any:
    settings = VerifySettings(bench_cmd=command, timeout_s=60)
    verifier = timed.verifier(kind, settings=settings)
    assert verifier.check_bench() == ""
    return verifier.judge(timed.patch({"calc.py": code}), 1)


def test_a_benchmark_decides(timed: Bench) -> None:
    verdict = judged(timed, QUICK)
    assert isinstance(verdict, Accepted), verdict
    assert "the benchmark takes 0.5 s, 1 s before (medians of 5 runs each), and says the same" in verdict.why


def test_no_gain_is_no_answer(timed: Bench) -> None:
    set_times(timed, (1.0,), (1.0,))
    verdict = judged(timed, QUICK)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.why == "the benchmark is no faster: 1 s, 1 s before (medians of 10 runs each)"


def test_a_quiet_benchmark_leaves_it_to_the_tests_that_it_does_the_same(timed: Bench) -> None:
    timed.write({"bench.py": "import calc\ncalc.double(1000)\n"})
    assert isinstance(judged(timed, QUICK), Accepted)
    (timed.root / "test_calc.py").unlink()
    assert isinstance(judged(timed, QUICK), Unverified)


def test_uneven_times_are_no_verdict(timed: Bench) -> None:
    set_times(timed, (1.0, 1.4, 0.6, 1.2), (1.1, 0.9, 0.7, 1.3))
    verdict = judged(timed, QUICK)
    assert isinstance(verdict, Unverified), verdict
    assert "uneven" in verdict.why


def test_a_patch_that_makes_it_say_something_else_is_refused_for_real(timed: Bench) -> None:
    """With a real command on both sides: what is said needs no clock."""
    verdict = judged(timed, QUICK.replace("2 * a", "2 * a + (a == 1000)"))
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.CONTRACT_BROKEN
    assert verdict.why == "the benchmark says something else with the patch: 2001, 2000 before"


def test_a_benchmark_that_fails_before_is_told_before_anything_is_paid(timed: Bench) -> None:
    settings = VerifySettings(bench_cmd="python gone.py")
    assert "exit 2" in timed.verifier(Kind.PERFORMANCE, settings=settings).check_bench()
    assert timed.verifier(Kind.FEATURE, settings=settings).check_bench() == ""


def test_other_kinds_need_no_benchmark(timed: Bench) -> None:
    verdict = judged(timed, QUICK, Kind.REFACTOR)
    assert isinstance(verdict, Accepted), verdict
    assert "benchmark" not in verdict.why
