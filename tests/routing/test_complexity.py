"""How hard a task looks: each input counts, none counts for nothing, and more never makes it look easier."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.classified import Level
from routecli.domain.task import Kind
from routecli.routing import History, complexity, measured

from .conftest import survey, task


def test_a_small_plain_task_is_low() -> None:
    told, reasons = complexity(task("fix add"), survey(100), History(0, 0, 0))
    assert (told.level, told.by, told.obeyed, reasons) == (Level.LOW, "complexity", True, ())


@pytest.mark.parametrize(
    ("words", "kind", "tokens", "history", "code"),
    [
        ("x" * 601, Kind.FIX, (1,), History(), "length"),
        ("it fails:\n```\nadd(1)\n```", Kind.FIX, (1,), History(), "code"),
        ("parse_total(x) is off", Kind.FIX, (1,), History(), "code"),
        ("fix it", Kind.FIX, (1, 1), History(), "files"),
        ("fix it", Kind.FIX, (4_000,), History(), "tokens"),
        ("fix it", Kind.SECURITY, (1,), History(), "kind"),
        ("fix it", Kind.FIX, (1,), History(named_in=5), "named-in"),
        ("fix it", Kind.FIX, (1,), History(changes=20), "changes"),
        ("fix it", Kind.FIX, (1,), History(deferrals=1), "deferrals"),
        ("fix it", Kind.FIX, (1,), History(failed_before="r1"), "failed-before"),
    ],
)
def test_each_input_is_a_reason_with_its_figure(
    words: str, kind: Kind, tokens: tuple[int, ...], history: History, code: str
) -> None:
    _, reasons = complexity(task(words, kind), survey(*tokens), history)
    assert [r.code for r in reasons] == [code]
    assert "(+" in reasons[0].text


def test_much_of_it_is_high() -> None:
    told, _ = complexity(task("redesign it", Kind.ARCHITECTURE), survey(60_000, 1, 1), History(30, 40, 4))
    assert told.level is Level.HIGH
    assert "30 other files name them (+2)" in told.why


def test_what_was_not_looked_at_is_no_figure() -> None:
    assert "named-in" not in measured(task(), survey(1), History())
    assert measured(task(), survey(7), History(changes=3))["changes"] == 3


counts = st.integers(0, 300)


@given(counts, counts, counts, counts, counts)
def test_more_never_looks_easier(tokens: int, named: int, changes: int, deferred: int, more: int) -> None:
    order = list(Level)
    before, _ = complexity(task(), survey(tokens * 1000), History(named, changes, deferred))
    after, _ = complexity(
        task(), survey((tokens + more) * 1000), History(named + more, changes + more, deferred + more, "r1")
    )
    assert order.index(after.level) >= order.index(before.level)
