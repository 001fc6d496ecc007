"""A class of `routecli.nouns` answers as the standard library's does, before and after its first instance."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli import nouns


def pair(decorator: Callable[..., Any]) -> tuple[Any, Any]:
    """The same two classes, by `decorator`: a frozen one with every sort of field, and one that inherits it."""

    @decorator(frozen=True, slots=True)
    class Price:
        LIMIT: ClassVar[int] = 3
        name: str
        cents: int = 2
        notes: list[str] = field(default_factory=list)
        note: str = field(default="", compare=False)
        told: int = field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "told", self.cents * 2)

        @property
        def whole(self) -> int:
            return self.cents // 100

    @decorator(frozen=True, slots=True)
    class Dear(Price):
        more: int = 0

    return Price, Dear


def both() -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    return pair(nouns.dataclass), pair(dataclasses.dataclass)


@given(st.text(max_size=5), st.integers(), st.lists(st.text(max_size=2), max_size=2), st.text(max_size=2))
def test_instances_are_told_compared_and_copied_alike(name: str, cents: int, notes: list[str], note: str) -> None:
    for ours, theirs in zip(*both(), strict=True):
        mine, yours = ours(name, cents, notes, note=note), theirs(name, cents, notes, note=note)
        assert repr(mine) == repr(yours)
        assert asdict(mine) == asdict(yours)
        assert (mine == replace(mine, note="other")) is (yours == replace(yours, note="other"))
        assert (mine == replace(mine, cents=cents + 1)) is (yours == replace(yours, cents=cents + 1))
        assert mine != yours
        assert (mine.told, mine.whole) == (yours.told, yours.whole)


@pytest.mark.parametrize("one", [0, 1])
def test_what_is_asked_of_a_class_that_was_never_made(one: int) -> None:
    (ours, theirs) = (side[one] for side in both())
    assert is_dataclass(ours)
    assert [f.name for f in fields(ours)] == [f.name for f in fields(theirs)]
    assert pair(nouns.dataclass)[one].__match_args__ == theirs.__match_args__
    assert ours.__qualname__ == theirs.__qualname__
    assert ours.__slots__ == theirs.__slots__


def test_a_match_takes_a_value_apart() -> None:
    price, dear = pair(nouns.dataclass)
    match dear("a", 3):
        case price(name, cents):
            assert (name, cents) == ("a", 3)
        case _:
            pytest.fail("a Dear is a Price")


def test_the_one_that_inherits_may_be_made_first() -> None:
    price, dear = pair(nouns.dataclass)
    assert dear("a").more == 0
    assert price("a") == price("a")


@pytest.mark.parametrize("attribute", ["cents", "else"])
def test_a_frozen_one_takes_no_change(attribute: str) -> None:
    made = pair(nouns.dataclass)[0]("a")
    with pytest.raises(FrozenInstanceError, match=attribute):
        setattr(made, attribute, 1)
    with pytest.raises(FrozenInstanceError, match=attribute):
        delattr(made, attribute)


def test_hashes_go_by_what_is_compared() -> None:
    @nouns.dataclass(frozen=True, slots=True)
    class Key:
        name: str
        seen: int = field(default=0, compare=False)

    assert {Key("a", 1), Key("a", 2)} == {Key("a")}
    assert hash(Key("a")) == hash(("a",))


def test_one_that_changes_is_not_hashed() -> None:
    @nouns.dataclass(slots=True)
    class Tally:
        count: int = 0

    tally = Tally()
    tally.count += 1
    assert tally == Tally(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(tally)
    with pytest.raises(AttributeError):
        tally.other = 1  # type: ignore[attr-defined]


def test_a_wrong_call_is_refused_as_there() -> None:
    for price in (side[0] for side in both()):
        with pytest.raises(TypeError, match=r"__init__\(\) got an unexpected keyword argument 'no'"):
            price("a", no=1)
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
            price()


def test_a_class_without_slots_is_refused() -> None:
    with pytest.raises(TypeError, match="slotted"):
        nouns.dataclass(frozen=True, slots=False)


def test_threads_that_make_the_first_one_together_make_it_once() -> None:
    for _ in range(50):
        price = pair(nouns.dataclass)[0]
        start, made = threading.Barrier(4), []

        def make(price: Any = price, start: threading.Barrier = start, made: list[Any] = made) -> None:
            start.wait()
            made.append(price("a", notes=["b"]))

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [price("a", notes=["b"])] * 4
