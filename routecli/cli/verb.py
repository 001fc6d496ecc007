"""What every verb shares: its Typer app, and the options that are understood before and after the verb's name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.coercion import coerce_plainly
from routecli.cli.help import help_text
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from typer._click.core import Command, Parameter
    from typer.core import TyperGroup


def verb_app(cls: type[TyperGroup] | None = None) -> typer.Typer:
    """An empty app for a verb's module: no completion options of typer's own, no rich help, no trace of its own."""
    return typer.Typer(cls=cls, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@dataclass(slots=True)
class Shared:
    """The options every command understands, wherever they stood. It lives in the root context's `obj`."""

    config: Path | None = None
    profile: str | None = None
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False


def shared(ctx: typer.Context) -> Shared:
    """The shared options of this invocation."""
    root = ctx.find_root()
    if not isinstance(root.obj, Shared):
        root.obj = Shared()
    return root.obj


def _keep(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
    if value and param.name:
        setattr(shared(ctx), param.name, value)
    return value


def _help(ctx: typer.Context, value: bool) -> None:
    if value:
        typer.echo(help_text(ctx))
        raise typer.Exit


def _shared_options(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", callback=_keep, expose_value=False,
            help="Read this file instead of the user's own configuration (or name it in ROUTECLI_CONFIG).",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", metavar="NAME", callback=_keep, expose_value=False,
            help="Lay `[profiles.NAME]` of the configuration over the rest (or name it in ROUTECLI_PROFILE).",
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", envvar="ROUTECLI_QUIET", callback=_keep, expose_value=False,
            help="Only the answer and errors: no progress.",
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", envvar="ROUTECLI_VERBOSE", callback=_keep, expose_value=False,
            help="Say more while working.",
        ),
    ] = False,
    no_color: Annotated[
        bool,
        typer.Option(
            "--no-color", callback=_keep, expose_value=False,
            help="No colour. The variable NO_COLOR does the same.",
        ),
    ] = False,
    help_: Annotated[
        bool,
        typer.Option(
            "--help", "-h", is_eager=True, callback=_help, expose_value=False, help="Show this help and leave."
        ),
    ] = False,
) -> None:  # fmt: skip
    """Never called: it is where the shared options are declared."""


@cache
def _shared_params() -> tuple[Parameter, ...]:
    """Made once: reading annotations takes some milliseconds, and a parameter does not know whose it is."""
    app = verb_app()
    app.command()(_shared_options)
    return tuple(typer.main.get_command(app).params)


def with_shared_options(command: Command) -> Command:
    """`command` and its sub-commands, each with the shared options that it does not declare itself."""
    command.add_help_option = False
    own = {opt for param in command.params for opt in param.opts}
    command.params.extend(param for param in _shared_params() if not own.intersection(param.opts))
    for param in command.params:
        coerce_plainly(param)
    for below in getattr(command, "commands", {}).values():
        with_shared_options(below)
    return command
