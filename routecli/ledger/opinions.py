"""What became of second opinions: written with a run's end, told again when somebody says what the patch was worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from routecli.domain.opinion import PURPOSE, Record
from routecli.domain.patch import same_change
from routecli.domain.receipt import Attempt, Receipt
from routecli.domain.verdict import Accepted
from routecli.ledger.store import Row, Store, Writing
from routecli.nouns import dataclass

FOR_DAYS = 180
"""Older opinions say nothing any more: models change, and one that was worthless gets another chance."""
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Heard:
    """One opinion of a run. `truth` of the patch that it is about, and how that is known."""

    number: int
    model: str
    writer: str
    about: int
    doubted: bool
    final: bool
    truth: str = ""
    source: str = ""


def heard(attempts: Sequence[Attempt]) -> Iterator[Heard]:
    """The opinions of one run. A doubt that was followed by the very same change, accepted, was wrong; one after which
    a dearer tier's accepted patch answers otherwise on some input was right. A different patch alone says neither."""
    tries = {a.number: a for a in attempts if not a.purpose}
    accepted = next((a for a in attempts if not a.purpose and isinstance(a.verdict, Accepted) and a.patch), None)
    for one in attempts:
        about = tries.get(one.about)
        if one.purpose != PURPOSE or about is None or one.doubts is None:
            continue
        final = about is accepted
        truth, source = "", ""
        if accepted is not None and not final and about.patch is not None and accepted.patch is not None:
            if same_change(about.patch, accepted.patch):
                truth, source = "right", "the same change was accepted"
            elif about.number in accepted.differs_from:
                truth, source = "wrong", "the accepted patch answers otherwise"
        yield Heard(one.number, one.model, about.model, about.number, bool(one.doubts), final, truth, source)


def note(connection: Writing, receipt: Receipt) -> None:
    """Writes the opinions of a run, within the caller's transaction."""
    at = receipt.started_at.astimezone(UTC).isoformat(timespec="microseconds")
    for one in heard(receipt.attempts):
        connection.execute(
            _NOTE,
            (receipt.run_id, one.number, at, one.model, one.writer, one.about, one.doubted, one.final, one.truth,
             one.source),
        )  # fmt: skip


def retell(connection: Writing, run: Row, truth: str) -> None:
    """What somebody said of the accepted patch of `run`: `truth` is good, bad or reverted, or empty: unknown again."""
    told = {"": "", "good": "right", "bad": "wrong", "reverted": "wrong"}[truth]
    source = "you" if told else ""
    connection.execute(
        "UPDATE opinions SET truth = ?, source = ? WHERE run_id = ? AND final <> 0", (told, source, run["run_id"])
    )


def record(store: Store, model: str, now: datetime | None = None) -> Record:
    """What is known of the opinions of `provider/model`, over the last 180 days. Raises StoreFault."""
    since = ((now or datetime.now(UTC)) - timedelta(days=FOR_DAYS)).astimezone(UTC).isoformat(timespec="microseconds")
    rows = store.rows(_OF, (model, since, _MOST))
    doubts = [row["truth"] for row in rows if row["doubted"]]
    silent = next((place for place, row in enumerate(rows) if row["doubted"]), len(rows))
    missed = sum(1 for row in rows if not row["doubted"] and row["truth"] == "wrong")
    return Record(len(rows), len(doubts), doubts.count("wrong"), doubts.count("right"), missed, silent)


_NOTE = """
INSERT INTO opinions (run_id, number, asked_at, model, writer, about, doubted, final, truth, source)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id, number) DO UPDATE SET asked_at = excluded.asked_at, model = excluded.model,
    writer = excluded.writer, about = excluded.about, doubted = excluded.doubted, final = excluded.final,
    truth = excluded.truth, source = excluded.source
"""
_OF = (
    "SELECT doubted, truth FROM opinions WHERE model = ? AND asked_at >= ? ORDER BY asked_at DESC, number DESC LIMIT ?"
)
