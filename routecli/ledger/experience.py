"""What routing asks of the ledger: what tiers and models did, what they cost, and which are to be left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from routecli.domain.evidence import Evidence
from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.opinion import Record
from routecli.errors import FaultKind
from routecli.ledger import cooldowns, models, opinions, past, steps
from routecli.ledger.guarded import Guarded
from routecli.ledger.recording import text_of
from routecli.ledger.records import RequestRow, amount
from routecli.ledger.steps import Climbed
from routecli.ledger.tallies import evidence


class Experience(Guarded):
    """The questions of a route, each with the store's faults survived."""

    def evidence(self, repo_root: Path, kind: str, size: str) -> Evidence:
        """What was seen of each tier: everywhere, on tasks of this kind, and on such tasks here."""
        return self._safely(lambda: evidence(self._store, str(repo_root), kind, size))

    def failed_before(self, repo_root: Path, instruction: str) -> tuple[str, str] | None:
        """The last run of this task here that was deferred, and its dearest tier; see past.failed_before."""
        return self._safely(lambda: past.failed_before(self._store, repo_root, self._clean(instruction)))

    def deferrals(self, repo_root: Path, paths: Collection[str]) -> int:
        """How many of the last deferred runs here had one of `paths`; see past.deferrals."""
        return self._safely(lambda: past.deferrals(self._store, repo_root, paths))

    def levels(
        self, since: datetime | None = None, *, repo_root: Path | None = None
    ) -> Mapping[tuple[str, str], past.Levels]:
        """What came of levels that somebody gave tasks, by classifier and level."""
        return self._safely(lambda: past.levels(self._store, since, repo_root))

    def climbed(self, since: datetime, *, repo_root: Path | None = None, most: int = steps.ALL) -> Sequence[Climbed]:
        """What the tiers of the newest `most` runs since then (UTC-aware) did, the oldest first."""
        return self._safely(lambda: steps.climbed(self._store, since, repo_root, most))

    def overruled(self, since: datetime | None = None, *, repo_root: Path | None = None) -> Mapping[str, int]:
        """How many runs since then (UTC-aware; None: ever) a person overruled, by how: `tier`, `again`, `written`."""
        return self._safely(lambda: steps.overruled(self._store, since, repo_root))

    def explored_usd(self, since: datetime) -> Usd:
        """What runs that were trials have cost since `since` (UTC-aware)."""
        return amount(self._rows(_EXPLORED, (text_of(since),))[0][0]) or ZERO_USD

    def cool(self, model: str, kind: FaultKind, wait_s: float | None, at: datetime) -> None:
        """Has all processes leave `model` (`provider/model`) alone for a while. Never raises."""
        self._quietly(lambda: cooldowns.cool(self._store, model, kind, wait_s, at))

    def warm(self, model: str) -> None:
        """`model` answered: it is asked as before. Never raises."""
        self._quietly(lambda: cooldowns.warm(self._store, model))

    def cooling(self, at: datetime) -> Mapping[str, cooldowns.Cooling]:
        """The models that are to be left alone at `at` (UTC-aware). Never raises."""
        found: Mapping[str, cooldowns.Cooling] | None = self._quietly(lambda: cooldowns.cooling(self._store, at))
        return found or {}

    def speed(self, model: str) -> tuple[float | None, float | None]:
        """Seconds to the first word and to the end, medians over the last 50 answers of `provider/model` within a
        week; None where there are none."""
        return self._safely(lambda: models.speed(self._store, model))

    def under_way(self, provider: str, since: datetime) -> int:
        """Calls of any process to `provider` that were sent since then (UTC-aware) and have no answer yet."""
        return self._safely(lambda: models.under_way(self._store, provider, since))

    def spent(self, tier: str, model: str) -> tuple[Usd, ...]:
        """What each of the last 50 runs of `tier` with `provider/model` paid for it, the newest first; none of which
        something is unknown."""
        return self._safely(lambda: models.spent(self._store, tier, model))

    def bills(self, model: str, since: datetime) -> tuple[RequestRow, RequestRow] | None:
        """The oldest and the newest call of `provider/model` since then (UTC-aware) whose bill and tokens are known;
        None where there are none."""
        return self._safely(lambda: models.bills(self._store, model, since))

    def dialect_record(self, model: str) -> Mapping[str, tuple[int, int]]:
        """For `provider/model`: edit dialect → (times asked for, times the reply could not be read or placed), over the
        last 500 attempts."""
        return self._safely(lambda: models.dialect_record(self._store, model))

    def confidences(self, model: str) -> tuple[tuple[int, bool], ...]:
        """Of the last 500 judged attempts of `provider/model` that gave one: the writer's confidence, 1 to 10, and
        whether the patch was right, by what somebody said of it, else by the verdict's word."""
        return self._safely(lambda: models.confidences(self._store, model))

    def opinion_record(self, model: str) -> Record:
        """What became of the second opinions of `provider/model`, over the last 180 days."""
        return self._safely(lambda: opinions.record(self._store, model))

    def most_over_estimate(self, model: str) -> float:
        """Input tokens billed ÷ estimated, the largest of the last 50 calls of `provider/model`; 1.0 where there are
        none."""
        return self._safely(lambda: models.most_over_estimate(self._store, model))


_EXPLORED = """
SELECT usd_sum(coalesce(requests.cost_usd, requests.reserved_usd)) FROM requests JOIN runs USING (run_id)
WHERE runs.explores <> 0 AND runs.started_at >= ?
"""

__all__ = ["Experience"]
