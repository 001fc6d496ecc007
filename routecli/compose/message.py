"""The message of a commit from the cheapest tier: routed, priced and recorded like any question, for little money and
within a deadline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from routecli.cascade import Run
from routecli.compose.change_review import Wanted, plan_about
from routecli.compose.inquiring import make_inquiry
from routecli.compose.keeping import with_exchanges
from routecli.compose.listening import Broadcast
from routecli.config.load import Loaded
from routecli.domain.money import Usd
from routecli.domain.task import Kind
from routecli.errors import ConfigFault
from routecli.git.changes import STAGED
from routecli.ledger.ledger import Ledger
from routecli.prompting.messages import CommitMessage

_LEAST_S = 1.0
_MOST_OUTPUT_TOKENS = 2_048
"""A message is short; the rest is for models that think aloud."""


def ask_message(cwd: Path, loaded: Loaded, ledger: Ledger, *, left_s: float) -> Run:
    """Asks the first tier alone, for at most `hook.budget_usd` and about `left_s` seconds. The message is the answer
    of the receipt. Raises what planning raises."""
    settings = loaded.settings
    if not settings.tiers:
        raise ConfigFault(loaded.no_tiers, hint=loaded.no_tiers_hint)
    short = tuple(replace(t, max_output_tokens=min(t.max_output_tokens, _MOST_OUTPUT_TOKENS)) for t in settings.tiers)
    limited = replace(
        settings,
        tiers=short,
        budget_usd=Usd(min(settings.budget_usd, settings.hook.budget_usd)),
        request_timeout_s=min(settings.request_timeout_s, max(_LEAST_S, left_s)),
    )
    first = min(short, key=lambda tier: tier.rank).name
    emit = Broadcast([ledger.listener])
    wanted = Wanted((), cwd, STAGED, first, first)
    plan, question = plan_about(wanted, replace(loaded, settings=limited), ledger, Kind.MESSAGE, CommitMessage)
    try:
        plan = with_exchanges(plan, ledger, emit)
        return make_inquiry(plan, ledger, emit, question).run()
    finally:
        plan.close()
