"""`checks run`: the checks on the code as it is, in the sandbox, and their answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from routecli.cli.checks_view import Ran, print_ran, ran_json
from routecli.cli.consent import Asking
from routecli.cli.progress import Progress
from routecli.cli.screen import answer_console, side_console, write_json
from routecli.cli.verb import shared
from routecli.compose.checking import Bench, Found, find_checks
from routecli.compose.consenting import ensure_trust, ensure_yes_without_sandbox
from routecli.domain.events import Checking, Event
from routecli.errors import ExitStatus
from routecli.verification.last import Ending, said

if TYPE_CHECKING:
    from routecli.config.load import Loaded


def run_checks(ctx: typer.Context, paths: Sequence[str], loaded: Loaded, *, fresh: bool, as_json: bool) -> int:
    """Runs, tells, and returns the exit status. Raises ConfigFault (no yes), SandboxFault, UsageFault."""
    options = shared(ctx)
    found = find_checks(paths, Path.cwd(), loaded)
    try:
        with Progress(side_console(no_color=options.no_color), quiet=options.quiet) as progress:
            ran = _ran(found, progress, Asking(progress, side_console(no_color=options.no_color)), fresh=fresh)
    finally:
        found.close()
    if as_json:
        write_json(ran_json(found, ran))
    else:
        print_ran(found, ran, answer_console(no_color=options.no_color), everything=options.verbose)
    broken = any(one.result.ending in (Ending.CANNOT_RUN, Ending.EMPTY) for one in ran)
    return ExitStatus.UNVERIFIED if broken or found.plan.missing or not ran else ExitStatus.ACCEPTED


def _ran(found: Found, progress: Progress, asking: Asking, *, fresh: bool) -> tuple[Ran, ...]:
    if not found.plan.checks:
        return ()
    root = found.repository.root
    ensure_trust(found.loaded, root, asking)
    bench = Bench(found)
    ensure_yes_without_sandbox(found.loaded, root, bench.isolation, found.plan.checks, asking)

    def hear(event: Event) -> None:
        if isinstance(event, Checking):  # how each ended is the answer itself
            progress(event)

    return tuple(
        Ran(base.check, said(base, found.snapshot.tree), base.measured.cached, base.measured.output_tail)
        for base in bench.run(hear, fresh=fresh)
    )
