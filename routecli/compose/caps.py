"""The caps that all runs share, as the ledger keeps them (security.md row 57)."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from routecli.budget import RunBudget, WorstCase
from routecli.domain.money import Cost, Usd
from routecli.domain.settings import Settings
from routecli.errors import ConfigFault
from routecli.ledger.ledger import Ledger
from routecli.ledger.opening import whose_of
from routecli.ledger.records import Cap
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from routecli.compose.planning import Plan

MOST_OVER_ESTIMATE = 2.0
"""No tokenizer makes twice the tokens that are expected of it: a server that bills more cannot be estimated, and must
not keep every later call from being sent."""


def caps_of(settings: Settings, repo_root: str, at: datetime) -> tuple[Cap, ...]:
    """Every cap that is set, its period the one that `at` (aware) lies in. Without a repository (empty), none of its
    own."""
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    caps = settings.caps
    found: list[Cap | None] = [
        _cap("day", caps.day_usd, today),
        _cap("month", caps.month_usd, month),
        *_own_caps(settings, today, month),
        _cap("repository", caps.repository_usd, month, repo_root=repo_root) if repo_root else None,
    ]
    for name, provider in settings.providers.items():
        found.append(_cap(f"{name} key", provider.month_usd, month, provider=name))
    return tuple(cap for cap in found if cap is not None)


def _own_caps(settings: Settings, today: datetime, month: datetime) -> list[Cap | None]:
    """The user's and the team's. Raises ConfigFault: a team has a cap and no name."""
    caps, whose = settings.caps, whose_of(settings)
    if not whose.team and not caps.team_day_usd is caps.team_month_usd is None:
        raise ConfigFault("a cap of the team is set, and the team has no name", hint='[team] name = "…"')
    return [
        _cap("user-day", caps.user_day_usd, today, who=whose.who),
        _cap("user-month", caps.user_month_usd, month, who=whose.who),
        _cap("team-day", caps.team_day_usd, today, team=whose.team),
        _cap("team-month", caps.team_month_usd, month, team=whose.team),
    ]


def _cap(
    name: str, cap_usd: Decimal | None, since: datetime, *, repo_root: str = "", provider: str = "", who: str = "",
    team: str = "",
) -> Cap | None:  # fmt: skip
    return None if cap_usd is None else Cap(name, Usd(Decimal(cap_usd)), since, repo_root, provider, who, team)


@dataclass(frozen=True, slots=True)
class LedgerTill:
    """Satisfies budget.Till: each call is held against the caps of the day on which it is sent."""

    settings: Settings
    ledger: Ledger
    run_id: str
    repo_root: str

    def _caps(self, provider: str) -> tuple[Cap, ...]:
        caps = caps_of(self.settings, self.repo_root, datetime.now(UTC))
        return tuple(cap for cap in caps if cap.provider in ("", provider))

    def set_aside(self, provider: str, model: str, amount_usd: Usd | None) -> str:
        """See budget.Till.set_aside."""
        return self.ledger.reserve(self.run_id, f"{provider}/{model}", amount_usd, self._caps(provider))

    def check(self, provider: str, model: str, amount_usd: Usd | None) -> None:
        """See budget.Till.check."""
        self.ledger.check(f"{provider}/{model}", amount_usd, self._caps(provider))

    def settle(self, reservation: str, cost_usd: Usd | None) -> None:
        """See budget.Till.settle."""
        self.ledger.settle(reservation, cost_usd)


def budget_of(plan: Plan, ledger: Ledger) -> RunBudget:
    """What `plan` may spend: its own budget, within the caps that all runs share. Raises ConfigFault, see till_of."""
    settings = plan.loaded.settings
    return RunBudget(
        settings.budget_usd, never_short(plan.prices.worst_case, ledger), allow_unpriced=settings.allow_unpriced,
        till=till_of(settings, ledger, plan.run_id, str(plan.task.repo_root)),
    )  # fmt: skip


def never_short(worst_case: WorstCase, ledger: Ledger) -> WorstCase:
    """`worst_case`, but a prompt counts with as many times its estimated tokens as a call to that model was ever billed
    of late: an estimate is never far off, and what is set aside must not be below the bill."""
    times: dict[str, float] = {}

    def most(provider: str, model: str, input_tokens: int, max_output_tokens: int) -> Cost:
        name = f"{provider}/{model}"
        if name not in times:
            times[name] = min(MOST_OVER_ESTIMATE, max(1.0, ledger.most_over_estimate(name)))
        return worst_case(provider, model, math.ceil(input_tokens * times[name]), max_output_tokens)

    return most


def till_of(settings: Settings, ledger: Ledger, run_id: str, repo_root: str) -> LedgerTill | None:
    """The shared caps of a run, or None where none is set. Raises ConfigFault: a cap is set, and the ledger that would
    have to hold all runs to it cannot be written."""
    caps = caps_of(settings, repo_root, datetime.now(UTC))
    if not caps:
        return None
    if ledger.path is None and settings.ledger_url is None:
        raise ConfigFault(
            f"the {caps[0].name}'s cap cannot be held: the ledger that counts all runs cannot be written",
            hint="set `ledger` to a file that can be written, or take the cap out (routecli config show)",
        )
    return LedgerTill(settings, ledger, run_id, repo_root)
