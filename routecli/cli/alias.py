"""`routecli alias`: a short name for the shell."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.completion import Shell
from routecli.cli.session import open_config
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from routecli.config.load import Loaded

app = verb_app()


@app.command(
    epilog="""
    routecli alias --install
    eval "$(routecli alias bash)"
    """
)
def alias(
    ctx: typer.Context,
    shell: Annotated[
        Shell | None, typer.Argument(metavar="[SHELL]", help="bash, zsh or fish; else yours.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What it is called.")] = "rc",
    install: Annotated[bool, typer.Option("--install", help="Into the file that your shell reads.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Out of it again.")] = False,
) -> None:
    """Print or install a short name for the shell, and a prompt's segment.

    `rc fix the typo in README.md`: the task needs no quotes; words that name a file, and globs, are what it is about.
    Quotes and options work as ever. NAME_spend prints what today has cost, for a prompt.
    """
    from routecli.cli.aliases import NAME, alias_of, start_up_file, with_block
    from routecli.cli.screen import write_out
    from routecli.cli.streams import note, warn
    from routecli.errors import UsageFault

    if not NAME.fullmatch(name):
        raise UsageFault("--name: letters, digits, `_` and `-` alone", hint="routecli alias --name rc")
    if install and remove:
        raise UsageFault("--install and --remove: one of them", hint="routecli alias --install")
    which = (shell or _own_shell()).value
    text = alias_of(which, name, _ledger_file(open_config(ctx)))
    if not install and not remove:
        write_out(text)
        return
    file = start_up_file(which, Path.home())
    _rewrite(file, lambda before: with_block(before, text if install else ""))
    if not shared(ctx).quiet:
        note(f"{name}: {'in' if install else 'taken out of'} {file}; it counts in each new shell")
    if install and (there := shutil.which(name)):
        warn(f"{name} is a program too ({there}): the alias hides it; --name gives another name")


def _own_shell() -> Shell:
    from routecli.errors import UsageFault

    named = Path(os.environ.get("SHELL", "")).name
    if named not in list(Shell):
        raise UsageFault("your shell cannot be told from SHELL", hint="routecli alias bash   (or zsh, fish)")
    return Shell(named)


def _ledger_file(loaded: Loaded) -> Path | None:
    from routecli.config.places import state_place
    from routecli.ledger.opening import file_of

    return file_of(loaded.settings, state_place(os.environ).path)


def _rewrite(file: Path, change: Callable[[str], str]) -> None:
    from routecli.config.places import write_atomically
    from routecli.errors import ConfigFault

    try:
        before = file.read_text("utf-8", "surrogateescape") if file.exists() else ""
        after = change(before)
        if after == before:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
        write_atomically(file, after.encode("utf-8", "surrogateescape"), mode=mode)
        file.chmod(mode)
    except OSError as fault:
        raise ConfigFault(f"{file} cannot be written: {fault.strerror}", hint="routecli alias prints it") from None
