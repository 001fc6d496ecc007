"""`run --watch CMD`: the command after each change of the files; where it fails, a patch is proposed, never written."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.cli.session import open_ledger
from routecli.cli.streams import note, warn
from routecli.domain.task import Kind
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, RoutecliError, UsageFault
from routecli.nouns import dataclass

if TYPE_CHECKING:
    import typer

    from routecli.cli.manner import Manner
    from routecli.compose import Order
    from routecli.config.load import Loaded
    from routecli.ledger.ledger import Ledger
    from routecli.verification.accept import AcceptBase

_LOOK_S = 1.0
_OF_THE_ORDER = (ConfigFault, UsageFault)


@dataclass(slots=True)
class _Seen:
    """The content that was looked at last, and the failure that was answered last: the same one is not paid twice."""

    tree: str = ""
    failure: str = ""


def watch(ctx: typer.Context, order: Order, loaded: Loaded, manner: Manner) -> int:
    """Looks until it is stopped. `loaded` holds the command as `verify.accept_cmd`; `order.paths` empty: the files that
    differ from HEAD. Raises UsageFault, ConfigFault at the first look; later they are told, and it goes on."""
    seen, first, told = _Seen(), True, True
    command = loaded.settings.verify.accept_cmd or ""
    while True:
        tree, changed = _content(order.cwd)
        if tree != seen.tree:
            seen.tree = tree
            here = order if order.paths else replace(order, paths=changed, cwd=_root(order.cwd))
            try:
                with open_ledger(ctx, loaded) as ledger:
                    told = _look(ctx, here, loaded, ledger, manner, seen) or first
            except _OF_THE_ORDER as fault:
                if first:
                    raise
                warn(f"cannot be told: {one_line(fault.what, limit=300)}")
            except RoutecliError as fault:
                warn(f"no proposal: {one_line(fault.what, limit=300)}")
            first = False
            if told:  # only where it stands far above: a line for each save is enough
                note(f"watching: {one_line(command)} (Ctrl-C ends it)")
        time.sleep(_LOOK_S)


def _root(cwd: Path) -> Path:
    from routecli.git.repository import open_repository

    return open_repository(cwd, amid=True).root


def _content(cwd: Path) -> tuple[str, tuple[str, ...]]:
    """The tree of what is on disk, and the files that differ from HEAD."""
    from routecli.git.repository import open_repository
    from routecli.git.snapshot import take

    snapshot = take(open_repository(cwd))
    try:
        there = snapshot.changed_since_head() & set(snapshot.paths())
        return snapshot.tree, tuple(sorted(there))
    finally:
        snapshot.close()


def _look(ctx: typer.Context, order: Order, loaded: Loaded, ledger: Ledger, manner: Manner, seen: _Seen) -> bool:
    """Runs the command, and asks the tiers where it fails in a way that was not answered yet: then True."""
    from routecli.cli.running import carry_out
    from routecli.verification.accept import AcceptState

    said = _said(order, loaded, ledger)
    if said is None or said.state is AcceptState.PASSES_ALREADY:
        note("green")
        seen.failure = ""
        return False
    if said.state is AcceptState.CANNOT_RUN:
        raise UsageFault(said.why, hint=said.hint)
    why = said.why.removeprefix("fails before: ")
    if said.why == seen.failure:
        note(f"red: {one_line(why, limit=200)}: the same failure as before, no new proposal")
        return False
    note(f"red: {one_line(why, limit=300)}")
    seen.failure = said.why
    command = shlex.quote(loaded.settings.verify.accept_cmd or "")
    asked = replace(order, instruction=f"Make {command} pass. It fails: {why}")
    carry_out(ctx, asked, loaded, replace(manner, patch_only=True, quiet=False))
    newest = ledger.history(1)
    if newest and newest[0].outcome == "accepted":
        note(f"take it: routecli apply --run {newest[0].run_id}")
    return True


def _said(order: Order, loaded: Loaded, ledger: Ledger) -> AcceptBase | None:
    """What the command says of the content as it is, in a twin."""
    from routecli.compose import Broadcast, make_plan, make_ready

    plan = make_plan(replace(order, instruction=order.instruction or "watch", kind=Kind.FIX), loaded, ledger)
    try:
        return make_ready(plan, ledger, Broadcast()).verifier.check_accept()
    finally:
        plan.close()
