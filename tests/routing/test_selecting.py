"""Which model of a tier is asked first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.ladder import ModelRef
from routecli.domain.money import Usd
from routecli.routing import Contender, select


def one(name: str, cost: str | None, total_s: float | None = None, waiting: int | None = None) -> Contender:
    return Contender(ModelRef("p", name), None if cost is None else Usd(Decimal(cost)), 0.5, total_s, waiting)


LOCAL, HOSTED, DEAR = one("local", "0", 20.0, 0), one("hosted", "0.01", 8.0), one("dear", "0.30", 3.0)


def order(how: str, *contenders: Contender, hour_usd: float = 10.0) -> list[str]:
    return [model.model for model in select(how, contenders, hour_usd)[0]]


@pytest.mark.parametrize(
    ("how", "names"),
    [
        ("order", ["dear", "local", "hosted"]),
        ("price", ["local", "hosted", "dear"]),
        ("latency", ["dear", "hosted", "local"]),
        ("balanced", ["hosted", "local", "dear"]),  # 0.032, 0.056 and 0.308 dollars
    ],
)
def test_each_rule(how: str, names: list[str]) -> None:
    assert order(how, DEAR, LOCAL, HOSTED) == names


def test_a_local_model_behind_a_queue_loses_to_a_hosted_one() -> None:
    quick = one("local", "0", 4.0, 0)
    queued = one("local", "0", 4.0, 5)
    for how in ("latency", "balanced"):
        assert order(how, quick, HOSTED)[0] == "local"
        assert order(how, queued, HOSTED)[0] == "hosted"
    assert order("price", queued, HOSTED)[0] == "local"


def test_where_a_server_tells_no_queue_our_own_calls_are_one() -> None:
    local = one("local", "0", 4.0)
    assert order("latency", local, HOSTED)[0] == "local"
    assert order("latency", replace(local, under_way=0), HOSTED)[0] == "local"
    assert order("latency", replace(local, under_way=2), HOSTED)[0] == "hosted"
    assert order("latency", replace(local, waiting=0, under_way=2), HOSTED)[0] == "local", "what it says itself counts"


def test_what_waiting_is_worth_decides() -> None:
    assert order("balanced", LOCAL, HOSTED, hour_usd=0)[0] == "local"
    assert order("balanced", LOCAL, HOSTED, DEAR, hour_usd=1000)[0] == "dear"


def test_a_model_that_was_never_timed_is_tried_and_an_unknown_price_is_no_bargain() -> None:
    assert order("latency", HOSTED, one("new", "0.01"))[0] == "new"
    assert order("latency", one("new", "0.01"), one("newer", "0.01")) == ["new", "newer"]
    assert order("price", one("unknown", None), DEAR) == ["dear", "unknown"]


def test_the_figures_are_told() -> None:
    _, (reason,) = select("balanced", (one("local", "0", 4.0, 5), one("new", None)), 10.0)
    assert reason.code == "select"
    assert reason.text == (
        "by balanced: p/local (p/local: $0, 4.0 s, first word 0.5 s, 5 waiting; p/new: price unknown, never timed)"
    )


@pytest.mark.parametrize(
    ("waiting", "under_way", "told"),
    [(None, None, ""), (None, 0, ", queue unknown"), (None, 3, ", queue unknown, 3 of your own under way"), (0, 3, "")],
)
def test_an_unknown_queue_is_told(waiting: int | None, under_way: int | None, told: str) -> None:
    contender = replace(one("local", "0", 4.0, waiting), under_way=under_way)
    _, (reason,) = select("latency", (contender, one("new", None)), 10.0)
    assert f"(p/local: $0, 4.0 s, first word 0.5 s{told};" in reason.text


contenders = st.builds(
    Contender,
    st.builds(ModelRef, st.just("p"), st.text("abc", min_size=1, max_size=3)),
    st.none() | st.decimals(0, 10, places=4).map(Usd),
    st.none() | st.floats(0, 100),
    st.none() | st.floats(0, 1000),
    st.none() | st.integers(0, 1000),
    st.none() | st.integers(0, 1000),
)


@given(st.sampled_from(["order", "price", "latency", "balanced"]), st.lists(contenders, max_size=6), st.floats(0, 1000))
def test_nobody_is_lost(how: str, given_: list[Contender], hour_usd: float) -> None:
    models, _ = select(how, given_, hour_usd)
    assert sorted(map(str, models)) == sorted(str(c.model) for c in given_)
