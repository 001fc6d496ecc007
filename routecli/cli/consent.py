"""Commands that need a yes before they run: those that a repository proposes, and any without a sandbox."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.config.load import Loaded
from routecli.config.places import state_place
from routecli.config.trust import Trust
from routecli.domain.events import Event, Patched
from routecli.domain.receipt import Isolation
from routecli.errors import ConfigFault

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.cli.progress import Progress
    from routecli.verification.planned import PlannedCheck


class Asking:
    """A yes-or-no question to the person at the terminal, with the patch that it is about."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._patch = ""

    def hear(self, event: Event) -> None:
        """Remembers the patch that a question may be about."""
        if isinstance(event, Patched):
            from routecli.edits import render

            self._patch = render(event.patch)

    def __call__(self, question: str) -> bool:
        """The answer; no where there is nobody to ask."""
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
            return False
        from routecli.cli.render import diff_text
        from routecli.cli.screen import say, shown

        with self._progress.paused():
            if self._patch:
                say(self._console, "", diff_text(self._patch), "")
            self._console.print(shown(f"{question} [y/N] "), end="")
            return sys.stdin.readline().strip().lower() in ("y", "yes")


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
