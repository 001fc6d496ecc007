"""`checks adopt`: a proposal becomes the command of this repository, with the yes that it needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from routecli.cli.session import open_config
from routecli.cli.streams import note
from routecli.compose.checking import find_checks
from routecli.compose.consenting import trusted
from routecli.config.adopting import adopt
from routecli.config.places import state_place
from routecli.config.trust import Trust
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.verification.planned import Role

if TYPE_CHECKING:
    from routecli.config.load import Loaded

_KEYS = {Role.TESTS: "verify.test_cmd", Role.LINT: "verify.lint_cmd"}


def adopt_command(ctx: typer.Context, command: str, loaded: Loaded) -> None:
    """Writes and says what was written. Raises UsageFault: nothing proposes `command`; ConfigFault: it cannot be
    written."""
    found = find_checks((), Path.cwd(), loaded)
    found.close()
    proposal = next((p for p in found.proposals if p.command == command.strip()), None)
    if proposal is None:
        known = [f"routecli checks adopt {p.command!r}" for p in found.proposals]
        hint = known[0] if known else "routecli run --test-cmd CMD …, or verify.test_cmd in your configuration"
        raise UsageFault(f"nothing here proposes {one_line(command)}", hint=hint)
    root, agreed = found.repository.root, trusted(loaded, found.repository.root)
    file, before = adopt(root, _KEYS[proposal.role], proposal.command)
    note(f"{file}: {_KEYS[proposal.role]} = {proposal.command}" + (f" (was {one_line(before)})" if before else ""))
    if agreed:  # the yes covers this one; other commands that the file proposes were agreed to before
        Trust(state_place(os.environ).path).add(root, open_config(ctx).repo_commands)
        note("trusted: it runs in the sandbox from now on")
    else:
        note("not trusted yet, as the file proposes other commands too: routecli trust show, then routecli trust add")
