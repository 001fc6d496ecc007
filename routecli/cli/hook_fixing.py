"""A stopped commit asks for a fix, and says how to take it."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from routecli.cli.figures import cap_text, usd_text
from routecli.cli.streams import note, warn
from routecli.domain.untrusted import one_line
from routecli.errors import RoutecliError
from routecli.git.staged import fits_index

if TYPE_CHECKING:
    from decimal import Decimal

    from routecli.cascade import Run
    from routecli.compose.hooking import Weighed
    from routecli.config.load import Loaded
    from routecli.domain.receipt import Receipt

_INTO_FILES = "routecli apply --run {}"
_INTO_BOTH = "routecli show {} --patch | git apply --index"


def is_watched() -> bool:
    """Whether a person is there who can be asked."""
    return sys.stderr is not None and sys.stderr.isatty() and os.access("/dev/tty", os.R_OK | os.W_OK)


def is_wanted(cap_usd: Decimal) -> bool:
    """Asks the person. git gives its hooks no standard input, so it is the terminal itself that is asked."""
    try:
        with open("/dev/tty", "r+b", buffering=0) as terminal:  # noqa: PTH123 - a device, read and written
            terminal.write(f"Ask the tiers for a fix, at most {cap_text(cap_usd)}? [y/N] ".encode())
            try:
                return terminal.readline().strip().lower() in (b"y", b"yes")
            except KeyboardInterrupt:
                terminal.write(b"\n")  # what is told next begins its own line
                raise
    except OSError:
        return False


def offer_fix(weighed: Weighed, loaded: Loaded, how: str, ends: float) -> None:
    """Asks the tiers, tells what came of it. `how` is offer or stage, `ends` a time of the monotonic clock.

    Nothing is applied; what speaks against a fix is a warning."""
    from routecli.compose import Broadcast
    from routecli.compose.hook_fix import fix_staged
    from routecli.config.places import state_place
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
    _tell(run, weighed, how)


def _tell(run: Run, weighed: Weighed, how: str) -> None:
    """What came of it and what it cost. Raises the interrupt of a run that a signal ended, the deadline's apart."""
    from routecli.cli.hooking import Late
    from routecli.domain.receipt import Outcome

    receipt = run.receipt
    cost = usd_text(receipt.cost_usd)
    if receipt.outcome is Outcome.ACCEPTED:
        note(f"a verified fix for {cost}, not applied: {_take(weighed, receipt, how)}")
        return
    late = isinstance(run.fault, Late)
    why = "the time is up (hook.deadline_s)" if late else receipt.why or receipt.outcome.value
    warn(f"no fix for {cost}: {one_line(why, limit=300)}")
    if isinstance(run.fault, KeyboardInterrupt) and not late:
        raise run.fault


def _take(weighed: Weighed, receipt: Receipt, how: str) -> str:
    """The command that takes the fix. Into index and files together only where git would: not where they differ, as
    they do after `commit -a`, `commit -p` and beside edits that are not staged; and not from a folder below the root,
    where git leaves out without a word what lies outside of it."""
    below = os.environ.get("GIT_PREFIX")
    both = how == "stage" and not below and fits_index(weighed.repository, receipt.patch_text)
    return (_INTO_BOTH if both else _INTO_FILES).format(receipt.run_id)
