"""One stream, many listeners; one that breaks is dropped and said, and the run goes on."""

from __future__ import annotations

from routecli.compose import Broadcast
from routecli.domain.events import Escalated, Event, Warned

EVENT = Escalated("tier1", "tier2", "a test failed")


def test_everyone_hears_in_order() -> None:
    one: list[Event] = []
    two: list[Event] = []
    emit = Broadcast([one.append])
    emit.add(two.append)
    emit(EVENT)
    assert one == two == [EVENT]


def test_a_listener_that_breaks_is_dropped_and_the_others_are_told() -> None:
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise ValueError("no room\x1b[2J")

    emit = Broadcast([broken, heard.append])
    emit(EVENT)
    emit(EVENT)
    warnings = [e for e in heard if isinstance(e, Warned)]
    assert [w.reason.code for w in warnings] == ["listener"]
    assert "\x1b" not in warnings[0].reason.text
    assert heard.count(EVENT) == 2
