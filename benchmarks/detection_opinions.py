"""A second opinion of what the verdict let through, by replies that were recorded from any model.

`asked` gives the product's own prompt for each accepted patch, right and wrong alike, under its key and in an order
that does not tell which is which; send them to a model of your choice and write `{"key": …, "reply": …}` a line.
`heard` reads the replies as the product does: a doubt defers, what is not in the form is no opinion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from detection_cases import Case, slip_from_json, with_slip
from detection_ground import Change, patch_of
from detection_judges import CONTRADICTED, change_of

from routecli.domain.patch import Patch
from routecli.prompting.reviewing import build_review, read_opinion

LAYER = "second opinion"


def patch_for(case: Case, number: int) -> Patch:
    """The patch judged under the key's last number: 0 is the commit's own code."""
    right: Change = change_of(case, case.code)
    if number == 0:
        return patch_of(right)
    slip = case.wrong[number - 1]
    return patch_of(with_slip(right, slip["path"], slip_from_json(slip)))


def _patches(cases: Iterable[Case], rows: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Case, Patch]]:
    by_sha = {case.sha: case for case in cases}
    for row in rows:
        _, sha, number = row["key"].split(":")
        if row["verdict"] == "accepted" and row["group"] != CONTRADICTED and sha in by_sha:
            yield row, by_sha[sha], patch_for(by_sha[sha], int(number))


def asked(cases: Iterable[Case], rows: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """One `{"key", "prompt"}` for each patch that was let through; the key does not tell the right ones."""
    found = []
    for row, case, patch in _patches(cases, rows):
        draft = build_review(case.subject, patch)
        found.append({"key": blind(row["key"]), "prompt": "\n".join("".join(part.pieces) for part in draft.parts)})
    return sorted(found, key=lambda one: one["key"])


def blind(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def heard(
    cases: Iterable[Case], rows: Iterable[dict[str, Any]], replies: Mapping[str, str], *, weak_only: bool
) -> tuple[list[dict[str, Any]], int]:
    """Copies of `rows`, deferred where a reply doubts, and how many replies were no opinion. `weak_only`: as in
    `verify.second_opinion = "auto"`, only weak acceptances are asked about."""
    changed: dict[str, dict[str, Any]] = {}
    rows, formless = list(rows), 0
    for row, _, patch in _patches(cases, rows):
        reply = replies.get(blind(row["key"]))
        if reply is None or (weak_only and row["strength"] != "weak"):
            continue
        opinion = read_opinion(reply, patch)
        formless += opinion is None
        if opinion is not None and opinion.doubts:
            why = str(opinion.doubts[0])
            changed[row["key"]] = {
                **row, "verdict": "deferred", "why": why, "refused_by": [*row["refused_by"], LAYER]
            }  # fmt: skip
    return [changed.get(row["key"], row) for row in rows], formless
