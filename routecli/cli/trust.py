"""`routecli trust`: a yes to the commands that a repository's own configuration proposes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.session import open_config, repository_root
from routecli.cli.streams import note
from routecli.cli.verb import shared, verb_app
from routecli.errors import UsageFault

if TYPE_CHECKING:
    from routecli.config.trust import Trust

app = verb_app()


@app.callback()
def trust() -> None:
    """Say which commands of a repository's own configuration may run.

    A yes is for this folder and these very words: a changed command asks again.
    """


@app.command(
    epilog="""
    routecli trust show
    routecli trust show --json
    """
)
def show(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False
) -> None:
    """Show what this repository proposes, and every yes given so far."""
    from routecli.cli.screen import BAD, GOOD, QUIET, answer_console, say, shown, write_json

    root = repository_root()
    commands = dict(open_config(ctx).repo_commands)
    kept = _trust()
    trusted = root is not None and bool(commands) and kept.is_trusted(root, commands)
    if as_json:
        given = [{"path": one.path, "commands": one.commands, "at": one.at} for one in kept.list()]
        write_json({"repo_root": root and str(root), "commands": commands, "trusted": trusted, "given": given})
        return
    console = answer_console(no_color=shared(ctx).no_color)
    where = f"{root} proposes no command" if root and not commands else root or "no repository here"
    say(console, shown(str(where)))
    for name, command in commands.items():
        say(console, shown(f"  {name}: {command}", GOOD if trusted else BAD))
    if commands:
        say(console, shown("  trusted" if trusted else "  not trusted: routecli trust add", QUIET))
    for one in kept.list():
        say(console, shown(f"given: {one.path}: {'; '.join(one.commands.values())} ({one.at[:10]})", QUIET))


@app.command(
    epilog="""
    routecli trust add
    """
)
def add(ctx: typer.Context) -> None:
    """Let the commands that this repository proposes run, in the sandbox as all others."""
    commands = dict(open_config(ctx).repo_commands)
    if not commands:
        raise UsageFault("this repository's configuration proposes no command", hint="routecli trust show")
    given = _trust().add(_root(), commands)
    note(f"trusted in {given.path}:")
    for name, command in given.commands.items():
        note(f"  {name}: {command}")


@app.command(
    epilog="""
    routecli trust remove
    """
)
def remove() -> None:
    """Take the yes for this repository back."""
    root = _root()
    note(f"no longer trusted: {root}" if _trust().remove(root) else f"there was no yes for {root}")


def _root() -> Path:
    root = repository_root()
    if root is None:
        raise UsageFault(f"{Path.cwd()} is in no git repository", hint="cd into the repository")
    return root


def _trust() -> Trust:
    from routecli.config.places import state_place
    from routecli.config.trust import Trust

    return Trust(state_place(os.environ).path)
