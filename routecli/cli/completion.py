"""`routecli completion`: the completion script of a shell."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from routecli.cli.verb import verb_app

app = verb_app()


class Shell(StrEnum):
    """The shells with a script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


@app.command(
    epilog="""
    routecli completion bash > ~/.local/share/bash-completion/completions/routecli
    routecli completion zsh > ~/.zfunc/_routecli
    routecli completion fish > ~/.config/fish/completions/routecli.fish
    """
)
def completion(shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="The shell.")]) -> None:
    """Print the completion script of a shell.

    The script is static: completing never starts Python.
    """
    from routecli.cli.completions import SHELLS
    from routecli.cli.screen import write_out
    from routecli.cli.tree import command_tree

    write_out(SHELLS[shell](command_tree()))
