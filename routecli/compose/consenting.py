"""Commands that need a yes before they run: those that a repository proposes, and any without a sandbox."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.config.load import Loaded
from routecli.config.places import state_place
from routecli.config.trust import Trust
from routecli.domain.receipt import Isolation
from routecli.errors import ConfigFault

if TYPE_CHECKING:
    from routecli.verification.planned import PlannedCheck


def trusted(loaded: Loaded, root: Path) -> bool:
    """Whether every command that the repository's own configuration proposes has its yes (security.md row 19)."""
    return Trust(state_place(os.environ).path).is_trusted(root, loaded.repo_commands)


def ensure_trust(loaded: Loaded, root: Path, asking: Callable[[str], bool]) -> None:
    """Commands that the repository's own configuration proposes run only after one yes (security.md row 19)."""
    commands = loaded.repo_commands
    if trusted(loaded, root):
        return
    listed = "; ".join(f"{name} = {command}" for name, command in sorted(commands.items()))
    if asking(f"This repository's configuration wants to run, in the sandbox: {listed}. Trust it?"):
        Trust(state_place(os.environ).path).add(root, commands)
        return
    raise ConfigFault(f"this repository's configuration is not trusted: {listed}", hint="routecli trust add")


def ensure_yes_without_sandbox(
    loaded: Loaded, root: Path, isolation: Isolation, checks: Sequence[PlannedCheck], asking: Callable[[str], bool]
) -> None:
    """Without isolation even commands that were only detected need a yes: the option on this command line is one, a
    standing one in a configuration or a variable is not (security.md row 42)."""
    where = loaded.provenance["sandbox.unsafe_no_sandbox"].where
    demonstration = not loaded.settings.sandbox.unsafe_no_sandbox
    if isolation is not Isolation.NONE or demonstration or where.startswith("--"):
        return
    commands = {f"without a sandbox, {c.name}": shlex.join(c.argv) for c in checks}
    trust = Trust(state_place(os.environ).path)
    commands |= loaded.repo_commands
    if trust.is_trusted(root, commands):
        return
    listed = "; ".join(commands.values())
    if asking(f"No sandbox: a model's patch would run with your rights, by: {listed}. Run it here from now on?"):
        trust.add(root, commands)
        return
    raise ConfigFault(
        f"{where} switches the sandbox off, and nobody said yes to that here: {listed}",
        hint="--unsafe-no-sandbox on the command line is the yes for one run",
    )
