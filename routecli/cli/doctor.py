"""`routecli doctor`: what a run needs, looked at in one go, each line with the command that puts it right."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.verb import Shared, shared, verb_app
from routecli.errors import ExitStatus

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.config.load import Loaded
    from routecli.domain.condition import Condition

app = verb_app()


@app.command(
    epilog="""
    routecli doctor
    routecli doctor --offline --json
    routecli doctor --call
    """
)
def doctor(
    ctx: typer.Context,
    call: Annotated[
        bool, typer.Option("--call", help="Also send each provider of the ladder one call of one token: it costs.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no provider; look at the keys only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Look at everything that a run needs, and say how to mend what is missing.

    Versions, git, sandbox with its self-test, folders, configuration, prices, ledger, providers, locale, terminal.
    Asking a provider for its models costs nothing. Exit status 0 unless a line fails, then 3.
    """
    from routecli.cli.screen import answer_console, write_json
    from routecli.domain.condition import State
    from routecli.errors import UsageFault

    if call and offline:
        raise UsageFault("--call and --offline exclude each other", hint="routecli doctor --call")
    found: list[Condition] = []
    console = answer_console(no_color=shared(ctx).no_color)
    for finding in _findings(shared(ctx), call=call, offline=offline):
        found.append(finding)
        if not as_json:
            _print(finding, console)
    if as_json:
        write_json({"ok": all(f.state is not State.FAIL for f in found), "findings": [_json(f) for f in found]})
    return ExitStatus.CONFIG if any(f.state is State.FAIL for f in found) else ExitStatus.ACCEPTED


def _findings(options: Shared, *, call: bool, offline: bool) -> Iterator[Condition]:
    from datetime import UTC, datetime

    from routecli.cli.session import repository_root
    from routecli.cli.surroundings import check_locale, check_terminal
    from routecli.compose import health
    from routecli.domain.settings import SandboxSettings

    today = datetime.now(UTC).date()
    yield health.check_versions()
    yield health.check_git()
    loaded, finding = health.read_config(repository_root(), os.environ, options.config, options.profile, today)
    yield health.check_sandbox(loaded.settings.sandbox if loaded else SandboxSettings())
    yield health.check_folders()
    yield finding
    if loaded is not None:
        yield health.check_prices(loaded, today)
        yield health.check_ledger(loaded.settings, _state())
        yield from health.ask_providers(loaded, offline=offline)
        if call:
            yield from _calls(loaded)
    yield check_locale()
    yield check_terminal(no_color=options.no_color)


def _state() -> Path | None:
    from routecli.config.places import state_place

    return state_place(os.environ).path


def _calls(loaded: Loaded) -> Iterator[Condition]:
    from routecli.compose import health
    from routecli.ledger.opening import open_ledger

    ledger = open_ledger(loaded.settings, _state(), secrets=loaded.secrets)
    try:
        yield from health.call_providers(loaded, ledger)
    finally:
        ledger.close()


def _json(finding: Condition) -> dict[str, str]:
    return {"part": finding.part, "state": finding.state.value, "text": finding.text, "fix": finding.fix}


def _print(finding: Condition, console: Console) -> None:
    """One line, however long: it is to be searched. At a terminal it is broken between words, but never a cure: that
    is to be pasted."""
    from routecli.cli.screen import BAD, GOOD, MIND, QUIET, beside, joined, shown
    from routecli.domain.condition import State
    from routecli.domain.untrusted import one_line

    style = {State.OK: GOOD, State.WARN: MIND, State.FAIL: BAD}[finding.state]
    state, text = shown(f"{finding.state.value:<4}", style), f"{finding.part}: {one_line(finding.text, limit=1000)}"
    if console.is_terminal:
        console.print(beside(state, shown(text)))
    else:
        console.print(joined(state, shown(f"  {text}")), soft_wrap=True)
    if finding.fix:
        console.print(shown(f"      {one_line(finding.fix, limit=500)}", QUIET), soft_wrap=True)
