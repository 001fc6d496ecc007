"""Counts of what each tier did: written with a run's end, read before the next one's start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.money import Usd
from routecli.domain.receipt import Attempt, Receipt
from routecli.domain.receipt_json import money
from routecli.domain.verdict import Accepted, Strength
from routecli.ledger.store import Row, Store, Writing, storable
from routecli.nouns import dataclass

_GRADES = "weak, tested, proven"
_COLUMNS = f"accepted, deferred, known_right, known_wrong, priced, cost_usd, {_GRADES}"


@dataclass(frozen=True, slots=True)
class Tried:
    """What one tier did in one run: the end of its last attempt and the bill of all of them. `strength` is that of the
    acceptance, where it is known."""

    tier: str
    after: bool
    accepted: bool
    cost_usd: Usd | None
    strength: Strength | None = None


class End(NamedTuple):
    """How one attempt ended: `verdict` is its word, accepted, deferred or another; `cost_usd` None: unknown."""

    tier: str
    verdict: str
    cost_usd: Usd | None
    strength: Strength | None = None


def tried(attempts: Sequence[Attempt]) -> Iterator[Tried]:
    """`by_tier` of a run's attempts. Tools are no tier that could be paid for."""
    return by_tier([_end(a) for a in attempts if a.model != "tools/tools" and not a.purpose])


def _end(attempt: Attempt) -> End:
    verdict = attempt.verdict
    strength = verdict.strength if isinstance(verdict, Accepted) else None
    return End(attempt.tier, type(verdict).__name__.lower(), attempt.cost_usd, strength)


def by_tier(ends: Sequence[End]) -> Iterator[Tried]:
    """One for each model tier of a run that was judged: the end of its last attempt, and the bill of all of them. What
    nothing could verify says nothing of the tier."""
    failed_below = False
    for tier in dict.fromkeys(end.tier for end in ends):
        its = [end for end in ends if end.tier == tier]
        last, costs = its[-1], [end.cost_usd for end in its]
        if last.verdict in ("accepted", "deferred"):
            known = None if None in costs else Usd(sum((c for c in costs if c is not None), Decimal(0)))
            yield Tried(tier, failed_below, last.verdict == "accepted", known, last.strength)
        failed_below = failed_below or last.verdict == "deferred"


def count(connection: Writing, receipt: Receipt, size: str) -> None:
    """Adds a run to the counts, within the caller's transaction."""
    count_all(connection, [(receipt, size)])


def count_all(connection: Writing, runs: Iterable[tuple[Receipt, str]]) -> None:
    """Adds runs, each with its size, to the counts: one statement for all that count in the same row."""
    sums: dict[tuple[object, ...], dict[str, Any]] = {}
    for receipt, size in runs:
        for place, counts in _counted(receipt, size):
            known = sums.setdefault(tuple(place.values()), place | dict.fromkeys(counts, Decimal(0)))
            for name, number in counts.items():
                known[name] += number
    for values in sums.values():
        whole = {name: int(value) if isinstance(value, Decimal) else value for name, value in values.items()}
        cost = whole | {"cost_usd": money(Usd(values["cost_usd"]))}
        connection.execute(_ADD, {name: storable(value) for name, value in cost.items()})


def _counted(receipt: Receipt, size: str) -> Iterator[tuple[dict[str, Any], dict[str, Decimal]]]:
    """The row in which each tier's try counts, and what it adds to it."""
    place = {"repo_root": str(receipt.task.repo_root), "kind": receipt.task.kind.value, "size": size}
    for one in tried(receipt.attempts):
        counts: dict[str, int | Decimal] = {
            "accepted": one.accepted, "deferred": not one.accepted, "priced": one.cost_usd is not None,
            "cost_usd": one.cost_usd or 0, **{grade.value: one.strength is grade for grade in Strength},
        }  # fmt: skip
        yield place | {"tier": one.tier, "after": one.after}, {name: Decimal(n) for name, n in counts.items()}


def retell(connection: Writing, run: Row | Mapping[str, Any], receipt: Receipt, truth: str) -> None:
    """Moves the accepted attempt of `run` to what became known of it: `truth` is good, bad or reverted, or empty: told
    again as unknown."""
    accepted = next((t for t in tried(receipt.attempts) if t.accepted), None)
    if accepted is None:
        return
    columns = {"": "accepted", "good": "known_right", "bad": "known_wrong", "reverted": "known_wrong"}
    old, new = columns[run["truth"]], columns[truth]
    if old == new:
        return
    connection.execute(
        f"UPDATE tallies SET {old} = max({old} - 1, 0), {new} = {new} + 1 "
        "WHERE repo_root = ? AND kind = ? AND size = ? AND tier = ? AND after = ?",
        (run["repo_root"], run["kind"], run["size"], accepted.tier, accepted.after),
    )


def evidence(store: Store, repo_root: str, kind: str, size: str) -> Evidence:
    """Every tally that bears on a task of `kind` and `size` in `repo_root`. Raises StoreFault."""
    sums = (
        "SELECT tier, after, sum(accepted), sum(deferred), sum(known_right), sum(known_wrong), sum(priced), "
        "usd_sum(cost_usd), sum(weak), sum(tested), sum(proven) FROM tallies {where} GROUP BY tier, after"
    )
    scopes = (
        (Scope.ALL, "", ()),
        (Scope.KIND, "WHERE kind = ?", (kind,)),
        (Scope.HERE, "WHERE repo_root = ? AND kind = ? AND size = ?", (repo_root, kind, size)),
    )
    return Evidence(
        tuple(
            Tally(
                row[0],
                scope,
                bool(row[1]),
                row[2],
                row[3],
                row[4],
                row[5],
                row[6],
                Usd(Decimal(row[7])),
                row[8],
                row[9],
                row[10],
            )
            for scope, where, params in scopes
            for row in store.rows(sums.format(where=where), params)
        )
    )


_ADD = f"""
INSERT INTO tallies (repo_root, kind, size, tier, after, {_COLUMNS})
VALUES (:repo_root, :kind, :size, :tier, :after, :accepted, :deferred, 0, 0, :priced, :cost_usd, :weak, :tested,
    :proven)
ON CONFLICT (repo_root, kind, size, tier, after) DO UPDATE SET accepted = tallies.accepted + excluded.accepted,
    deferred = tallies.deferred + excluded.deferred, priced = tallies.priced + excluded.priced,
    cost_usd = usd_add(tallies.cost_usd, excluded.cost_usd), weak = tallies.weak + excluded.weak,
    tested = tallies.tested + excluded.tested, proven = tallies.proven + excluded.proven
"""
