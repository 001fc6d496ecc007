"""The `prepare-commit-msg` hook: a message for the editor, made of what is staged, at tier 0 or by the cheapest
model."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.cli.figures import usd_text
from routecli.cli.streams import note, warn
from routecli.config.places import write_atomically
from routecli.domain.receipt import Outcome
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, RoutecliError

if TYPE_CHECKING:
    from routecli.config.load import Loaded

_MOST_BYTES = 1_000_000


def prepare(loaded: Loaded, words: Sequence[str]) -> int:
    """`words` are git's: the file of the message and where it came from. Only a message that nobody gave is begun:
    not with -m, -F, a template, a merge, a squash or an amended commit. Returns the exit status, always 0."""
    ends = time.monotonic() + loaded.settings.hook.deadline_s
    if len(words) != 1:
        return 0
    file = Path(words[0])
    try:
        there = file.read_bytes()[:_MOST_BYTES]
        if any(line.strip() and not line.startswith(b"#") for line in there.split(b"\n")):
            return 0
        message = _message(loaded, ends)
        if message:
            write_atomically(file, message.encode("utf-8", "replace") + b"\n" + there, mode=0o644)
    except OSError as fault:
        raise ConfigFault(f"{file} cannot be written: {fault.strerror}") from None
    return 0


def _message(loaded: Loaded, ends: float) -> str:
    """By the cheapest tier where `hook.message` says so, else, and wherever it gives none, read off the change. That
    comes first: once the deadline is over, no git is started any more."""
    from routecli.compose.hooking import Scales

    plain = Scales(Path.cwd(), loaded, deadline_s=loaded.settings.hook.deadline_s).message()
    wanted = bool(plain) and loaded.settings.hook.message == "tier1"
    return (_asked(loaded, ends) if wanted else "") or plain


def _asked(loaded: Loaded, ends: float) -> str:
    """The tier's message; empty, with a warning, where there is none. A commit waits for it, and never fails by it."""
    from routecli.cli.hooking import Late
    from routecli.compose.message import ask_message
    from routecli.config.places import state_place
    from routecli.ledger.opening import open_ledger

    ledger = open_ledger(loaded.settings, state_place(os.environ).path, secrets=loaded.secrets)
    try:
        run = ask_message(Path.cwd(), loaded, ledger, left_s=ends - time.monotonic())
    except RoutecliError as fault:
        warn(f"no message of a model: {one_line(fault.what, limit=300)}")
        return ""
    except Late:
        warn("no message of a model: the time is up (hook.deadline_s)")
        return ""
    finally:
        ledger.close()
    if isinstance(run.fault, KeyboardInterrupt) and not isinstance(run.fault, Late):
        raise run.fault
    receipt = run.receipt
    cost = usd_text(receipt.cost_usd)
    if receipt.outcome is not Outcome.ANSWERED or receipt.answered is None:
        why = "the time is up (hook.deadline_s)" if isinstance(run.fault, Late) else receipt.why
        warn(f"no message of a model, for {cost}: {one_line(why, limit=300)}")
        return ""
    note(f"message by {one_line(receipt.attempts[-1].model, limit=80)} for {cost}")
    return receipt.answered.text
