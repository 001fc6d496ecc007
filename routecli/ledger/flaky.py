"""Flaky tests by repository: which failed and passed on the same tree, how often, and when last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from routecli.domain.verdict import Flake
from routecli.ledger.store import Store, StoreFault

STEADY = 10
"""Looks in a row without a flip after which a test is believed again: one that passes in one of three runs after a
failure goes unseen that often in 1 of 57."""
_ID_CHARS = 2_000


class FlakyTests:
    """Those of one repository, for `keep_days` after each last flip; 0 keeps none. Nothing here raises: what cannot be
    read is not known, what cannot be written is seen again."""

    def __init__(self, store: Store, repo_root: Path, keep_days: int) -> None:
        self._store = store
        self._root = str(repo_root)
        self._days = keep_days

    def known(self) -> Mapping[str, Flake]:
        """By test id."""
        try:
            rows = self._store.rows(_KNOWN, (self._root, self._since(), STEADY)) if self._days else []
        except StoreFault:
            return {}
        return {row["test_id"]: Flake(row["seen"], row["flipped"]) for row in rows}

    def note(self, looked: Collection[str], flipped: Collection[str]) -> None:
        """`looked` were run again after they had failed; `flipped` of them passed. Ids that are too long are not kept;
        what has expired is forgotten."""
        if not self._days:
            return
        now = _text(datetime.now(UTC))
        try:
            with self._store.writing() as connection:
                for name in looked:
                    if name in flipped and len(name) <= _ID_CHARS:
                        connection.execute(_FLIP, (self._root, name, now))
                    else:
                        connection.execute(_LOOK, (self._root, name))
                connection.execute("DELETE FROM flaky_tests WHERE flipped_at < ?", (self._since(),))
        except StoreFault:
            return

    def _since(self) -> str:
        return _text(datetime.now(UTC) - timedelta(days=self._days))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


_KNOWN = "SELECT test_id, seen, flipped FROM flaky_tests WHERE repo_root = ? AND flipped_at >= ? AND steady < ?"
_FLIP = """
INSERT INTO flaky_tests (repo_root, test_id, seen, flipped, steady, flipped_at) VALUES (?, ?, 1, 1, 0, ?)
ON CONFLICT (repo_root, test_id) DO UPDATE SET seen = flaky_tests.seen + 1, flipped = flaky_tests.flipped + 1,
    steady = 0, flipped_at = excluded.flipped_at
"""
_LOOK = "UPDATE flaky_tests SET seen = seen + 1, steady = steady + 1 WHERE repo_root = ? AND test_id = ?"
