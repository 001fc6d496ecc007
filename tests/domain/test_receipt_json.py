from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from domain.receipts import receipt
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from routecli.domain.money import Usd, usd
from routecli.domain.receipt import Isolation, Outcome
from routecli.domain.receipt_json import from_json, money, to_json
from routecli.domain.verdict import Deferred

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "receipt.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def through_text(data: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(data)))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("isolation", list(Isolation))
def test_receipts_are_as_the_schema_says(outcome: Outcome, isolation: Isolation) -> None:
    VALIDATOR.validate(through_text(to_json(replace(receipt(outcome), isolation=isolation))))


def test_an_empty_run_is_valid_too() -> None:
    bare = replace(receipt(Outcome.REFUSED), attempts=(), patch=None, patch_text="", prices_as_of=None, extra=None)
    bare = replace(bare, task=replace(bare.task, base_commit=None, paths=()))
    VALIDATOR.validate(through_text(to_json(bare)))


@pytest.mark.parametrize(
    ("key", "value"),
    [("cost_usd", 0.1), ("outcome", "fine"), ("schema_version", 2), ("surprise", 1), ("cost_usd", "1e-4")],
)
def test_the_schema_refuses_what_is_none(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        VALIDATOR.validate({**through_text(to_json(receipt())), key: value})


def test_the_keys_that_scripts_rely_on() -> None:
    data = to_json(receipt(cost=usd("0.0104")))
    assert data["schema_version"] == 1
    assert data["cost_usd"] == "0.0104"
    assert data["route"].keys() >= {"first", "policy", "reasons"}
    assert data["attempts"][0]["verdict"] == {
        "kind": "deferred", "reason": "tests-failed", "why": "t.py::a fails", "hint": "", "strength": None,
        "rests_on": "",
    }  # fmt: skip
    assert data["attempts"][1]["cost_usd"] is None
    assert data["attempts"][2]["verdict"]["kind"] == "accepted"
    assert data["attempts"][0]["checks"][0]["new_failures"] == ["t.py::a"]


def test_an_old_receipt_with_repairs_by_their_old_name_is_read() -> None:
    data = through_text(to_json(receipt()))
    for tier in data["route"]["ladder"]:
        tier["format_retries"] = tier.pop("repairs") + 1
    assert {tier.repairs for tier in from_json(data).route.ladder} == {2}


def test_it_comes_back_but_for_what_json_does_not_hold() -> None:
    before = receipt(cost=usd("0.0104"))
    after = from_json(through_text(to_json(before)))

    def lean(verdict: Any) -> Any:
        return replace(verdict, feedback="") if isinstance(verdict, Deferred) else verdict

    attempts = tuple(replace(a, patch=None, verdict=lean(a.verdict)) for a in before.attempts)
    assert after == replace(before, wall_s=12.346, patch=None, attempts=attempts)


@pytest.mark.parametrize("broken", [{}, {"verdict": {"kind": "perfect"}}])
def test_what_is_no_receipt_is_refused(broken: dict[str, Any]) -> None:
    data = through_text(to_json(receipt()))
    data["attempts"][0].update(broken or {"usage": {}})
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(data if broken else {})


@given(st.decimals(min_value=0, max_value=10**9, places=12))
def test_money_is_exact_and_plain(amount: Decimal) -> None:
    text = money(Usd(amount))
    assert text is not None
    assert "E" not in text
    assert Decimal(text) == amount


def test_unknown_money_is_not_zero() -> None:
    assert money(None) is None
    assert money(Decimal("0E-10")) == "0.0000000000"
