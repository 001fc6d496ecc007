"""A stopped commit asks for a fix, and says how to take it."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from routecli.cli.figures import usd_text
from routecli.cli.streams import note, warn
from routecli.domain.untrusted import one_line
from routecli.errors import RoutecliError

if TYPE_CHECKING:
    from routecli.compose.hooking import Weighed
    from routecli.config.load import Loaded

_TAKE = {"offer": "routecli apply --run {}", "stage": "routecli show {} --patch | git apply --index"}


def offer_fix(weighed: Weighed, loaded: Loaded, how: str, ends: float) -> None:
    """Asks the tiers, tells what came of it. `how` is offer or stage, `ends` a time of the monotonic clock.

    A person at a terminal is asked first. Nothing is applied; what speaks against a fix is a warning."""
    cap = usd_text(loaded.settings.hook.budget_usd)
    if _is_watched() and not _agreed(f"Ask the tiers for a fix, at most {cap}? [y/N] "):
        return
    from routecli.compose import Broadcast
    from routecli.compose.hook_fix import fix_staged
    from routecli.config.places import state_place
    from routecli.domain.receipt import Outcome
    from routecli.ledger.opening import open_ledger

    ledger = open_ledger(loaded.settings, state_place(os.environ).path, secrets=loaded.secrets)
    try:
        emit = Broadcast()
        emit.add(ledger.listener)
        run = fix_staged(weighed, loaded, ledger, emit, left_s=ends - time.monotonic())
        receipt = run.receipt
        if receipt.patch_text:
            ledger.save_patch(receipt.run_id, receipt.patch_text)
    except RoutecliError as fault:
        warn(f"no fix: {one_line(fault.what, limit=300)}")
        return
    finally:
        ledger.close()
    cost = usd_text(receipt.cost_usd)
    if receipt.outcome is Outcome.ACCEPTED:
        note(f"a verified fix for {cost}, not applied: {_TAKE[how].format(receipt.run_id)}")
        return
    warn(f"no fix for {cost}: {one_line(receipt.why or receipt.outcome.value, limit=300)}")
    if isinstance(run.fault, KeyboardInterrupt):
        raise run.fault


def _is_watched() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and os.access("/dev/tty", os.R_OK | os.W_OK)


def _agreed(question: str) -> bool:
    """git gives its hooks no standard input, so the terminal itself is asked."""
    try:
        with open("/dev/tty", "r+b", buffering=0) as terminal:  # noqa: PTH123 - a device, read and written
            terminal.write(question.encode())
            return terminal.readline().strip().lower() in (b"y", b"yes")
    except OSError:
        return False
