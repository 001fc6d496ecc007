"""Recorded outcomes: read strictly, halved the same everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.money import usd
from routecli.errors import UsageFault
from routecli.routing.simulation.outcomes import halves, read_outcomes

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "outcomes.csv"
HEAD = "dataset,task_id,model,trial,resolved,cost_usd\n"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "o.csv"
    file.write_text(text)
    return file


def test_the_example_of_the_docs() -> None:
    found = read_outcomes(EXAMPLE)
    assert found.models == ("small", "middle", "large")
    assert len(found.tasks) == 60


def test_the_largest_set_counts_and_the_first_trial(tmp_path: Path) -> None:
    rows = "a,t1,m,1,1,0.5\na,t1,m,2,0,9\na,t2,m,1,0,0.1\nb,t1,m,1,0,7\n"
    found = read_outcomes(written(tmp_path, HEAD + rows))
    assert found.tasks == ("t1", "t2")
    assert (found.trials["m"]["t1"].resolved, found.trials["m"]["t1"].cost_usd) == (True, usd("0.5"))
    assert found.mean_cost_usd("m") == usd("0.3")
    assert found.resolved_share("m") == 0.5
    assert read_outcomes(written(tmp_path, HEAD + rows), dataset="b").tasks == ("t1",)


def test_a_model_with_gaps_is_left_out_unless_it_is_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + "a,t1,m,1,1,1\na,t2,m,1,1,1\na,t1,n,1,1,1\n")
    assert read_outcomes(file).models == ("m",)
    assert read_outcomes(file, models=("m", "n")).tasks == ("t1",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column task_id"),
        ("task_id,model,resolved\n", "no column cost_usd"),
        (HEAD, "holds no row"),
        (HEAD + "a,t,m,1,yes,1\n", ":2: resolved must be 1 or 0"),
        (HEAD + "a,t,m,1,1,-1\n", ":2:"),
        (HEAD + "a,t,m,1,1,nan\n", ":2:"),
        (HEAD + "a,t,m,1,1,1e999999999\n", ":2:"),
    ],
)
def test_what_cannot_be_read_says_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageFault, match=said):
        read_outcomes(written(tmp_path, text))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="cannot be read"):
        read_outcomes(tmp_path / "none.csv")
    with pytest.raises(UsageFault, match="no model x"):
        read_outcomes(EXAMPLE, models=("small", "x"))
    with pytest.raises(UsageFault, match="holds no outcome"):
        read_outcomes(EXAMPLE, dataset="none")


@given(st.lists(st.text(max_size=12), unique=True, max_size=60))
def test_halves_are_a_partition_and_do_not_depend_on_order(tasks: list[str]) -> None:
    one, other = halves(tasks)
    assert sorted((*one, *other)) == sorted(tasks)
    again, _ = halves(list(reversed(tasks)))
    assert set(again) == set(one)
