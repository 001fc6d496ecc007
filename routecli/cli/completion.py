"""`routecli completion`: the shell's script, as it is packaged."""

from __future__ import annotations

from enum import StrEnum
from importlib import resources
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
def completion(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Print the completion script of a shell.

    The script is static: completing never starts Python.
    """
    script = resources.files("routecli.data").joinpath(f"completions/routecli.{shell}")
    typer.echo(script.read_text("utf-8"), nl=False)
