"""Deliveries that were taken back or rewritten soon after count as wrong, until their user says otherwise.

Looked at where it costs nobody time: beside a model's call, and by `stats`, `alerts` and `show`.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from routecli.domain.events import Calling, Event
from routecli.errors import RoutecliError
from routecli.git.fate import Fate, fate
from routecli.ledger.ledger import Ledger

_MOST = 50
_TRUTHS = {Fate.STANDS: "", Fate.REVERTED: "reverted", Fate.REWRITTEN: "bad"}


def infer(ledger: Ledger, root: Path | None, days: int, stop: threading.Event | None = None) -> int:
    """Looks at the deliveries of the last `days` in the repository `root` (None, or 0 days: none), the newest first,
    and records what git shows. Returns how many are told otherwise than before."""
    if root is None or days <= 0:
        return 0
    changed = 0
    for place, one in enumerate(ledger.delivered(root, datetime.now(UTC) - timedelta(days=days), _MOST)):
        if place and stop is not None and stop.is_set():
            break
        diff = ledger.patch(one.run_id)
        found = fate(root, diff, one.base, one.commit) if diff else Fate.UNKNOWN
        truth = _TRUTHS.get(found)
        if truth is not None and truth != one.truth:
            ledger.tell_truth(one.run_id, truth, "git" if truth else "")
            changed += 1
    return changed


class Inferring:
    """A listener that looks while the first call of a run waits for its answer."""

    def __init__(self, ledger: Ledger, root: Path, days: int) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(ledger, root, days), daemon=True)

    def __call__(self, event: Event) -> None:
        """Begins with the first call."""
        if isinstance(event, Calling) and self._thread.ident is None:
            self._thread.start()

    def close(self) -> None:
        """No further delivery is looked at."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _look(self, ledger: Ledger, root: Path, days: int) -> None:
        try:
            infer(ledger, root, days, self._stop)
        except RoutecliError:
            return  # no git, or a run that was forgotten meanwhile: the next one looks again
