"""What a forgotten receipt still says: every text in it that is not on the list below is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from domain.receipts import ACCEPTED, DEFERRED, UNVERIFIED, attempt, receipt

from routecli.domain.answered import Answered, Reference, Remark, Severity
from routecli.domain.money import usd
from routecli.domain.opinion import PURPOSE, Doubt
from routecli.domain.receipt_json import from_json, to_json
from routecli.ledger.keeping import bare

WORD = "Xyzzy-Plugh"
KEPT = {
    "run_id", "repo_root", "base_commit", "commit", "isolation_note", "outcome", "isolation", "kind",  # of the run
    "policy", "first", "tier", "name", "models", "model", "lane", "edit_format", "code", "first_tier",  # of the route
    "model_served", "stop", "request_id", "purpose", "verdict", "reason", "strength", "source",  # of an attempt
    "from", "to", "because", "baseline_tier", "baseline_model", "baseline_how", "select", "reach", "context_fits",
    "service_tier",
}  # fmt: skip
"""Who did what, where, with which model and how it ended: no word of the task, the code, the tests or a reply."""


def everything() -> dict[str, Any]:
    doubts = (Doubt("src/a.py", 1, "off by one"),)
    whole = replace(
        receipt(cost=usd("0.01")),
        attempts=(
            attempt(1, DEFERRED, usd("0.01")),
            attempt(2, UNVERIFIED, None),
            attempt(3, ACCEPTED, usd("0.01")),
            attempt(4, DEFERRED, None, purpose=PURPOSE, about=1, doubts=doubts),
        ),
        answered=Answered(
            "it does", (Reference("src/a.py", 1, 2, "gone"),), (Remark("src/a.py", 1, Severity.WARNING, "mind"),),
            "staged",
        ),
    )  # fmt: skip
    return to_json(whole)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all texts in a JSON document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    elif isinstance(value, str):
        yield path


def planted(path: tuple[str | int, ...]) -> dict[str, Any]:
    """Everything, with WORD in one place."""
    whole = everything()
    inner: Any = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = WORD
    return whole


def test_no_text_outlives_forgetting() -> None:
    left, gone = set(), 0
    for path in leaves(everything()):
        try:
            found = to_json(bare(from_json(planted(path))))
        except (KeyError, TypeError, ValueError, ArithmeticError):
            continue  # no free text: a kind, an amount, a time
        name = next(step for step in reversed(path) if isinstance(step, str))
        if WORD in str(found):
            left.add(name)
        else:
            gone += 1
    assert left - KEPT == set()
    assert gone > 20


def test_what_a_forgotten_receipt_is_for() -> None:
    whole = from_json(everything())
    kept = bare(whole)
    assert [(a.tier, a.model, a.cost_usd, type(a.verdict)) for a in kept.attempts] == [
        (a.tier, a.model, a.cost_usd, type(a.verdict)) for a in whole.attempts
    ]
    assert (kept.cost_usd, kept.outcome, kept.baseline) == (whole.cost_usd, whole.outcome, whole.baseline)
    assert [bool(a.doubts) for a in kept.attempts] == [False, False, False, True]
    assert from_json(to_json(kept)) == kept


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run_id": 1}'])
def test_a_receipt_that_cannot_be_read_goes_whole(text: str) -> None:
    from routecli.ledger.keeping import bare_text

    assert bare_text(text) is None
