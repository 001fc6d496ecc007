"""`keep = true`: prompts and replies are kept beside the ledger, for `show --prompts` and `export --format sft`.

An agent's requests are its own, and are not kept: what it did is its patch.
"""

from __future__ import annotations

from dataclasses import replace

from routecli.compose.listening import Broadcast
from routecli.compose.overhearing import overheard
from routecli.compose.planning import Plan
from routecli.domain.events import Calling, Event
from routecli.domain.reply import Reply, Request
from routecli.ledger.exchanges import Exchange
from routecli.ledger.ledger import Ledger


class Keeper:
    """Hears which call is under way (ports.Listener), and writes down what was said in it."""

    def __init__(self, ledger: Ledger, run_id: str) -> None:
        self._ledger = ledger
        self._run_id = run_id
        self._calling: Calling | None = None

    def __call__(self, event: Event) -> None:
        """Calls of a run follow one another: each is told before it is made."""
        if isinstance(event, Calling):
            self._calling = event

    def asked(self, provider: str, request: Request, /) -> None:
        """See overhearing.Ear.asked."""

    def failed(self, provider: str, request: Request, fault: BaseException, /) -> None:
        """See overhearing.Ear.failed: there is no exchange."""

    def answered(self, _provider: str, request: Request, reply: Reply, /) -> None:
        """One exchange. Never raises: the ledger warns."""
        call = self._calling
        if call is not None and not self.is_tools(call):
            exchange = Exchange(
                call.attempt, call.tier, str(request.model), call.purpose, request.messages, reply.text,
                reply.stop.value,
            )  # fmt: skip
            self._ledger.keep_exchange(self._run_id, exchange)

    @staticmethod
    def is_tools(call: Calling) -> bool:
        """Tier 0 says nothing."""
        return call.model.startswith("tools/")


def with_exchanges(plan: Plan, ledger: Ledger, emit: Broadcast) -> Plan:
    """`plan` with its prompts and replies kept beside the ledger, where that is wished (`keep`)."""
    if not plan.loaded.settings.keep:
        return plan
    keeper = Keeper(ledger, plan.run_id)
    emit.add(keeper)
    return replace(plan, providers=overheard(plan.providers, keeper))
