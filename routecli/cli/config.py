"""`routecli config`: write, show, find and check the configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from routecli.cli.session import open_config
from routecli.cli.streams import note
from routecli.cli.verb import shared, verb_app
from routecli.errors import ExitStatus

app = verb_app()

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback()
def config() -> None:
    """Write, show and check the configuration."""


@app.command(
    epilog="""
    routecli config init
    routecli config init --preset anthropic
    """
)
def init(
    ctx: typer.Context,
    preset: Annotated[str, typer.Option("--preset", metavar="NAME", help="The line-up to start from.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a first configuration of your own, with every choice as a comment.

    Without --preset it is the one that your keys lead to.
    """
    from routecli.config.init import write_starter
    from routecli.config.preset import preset_by_key

    name = preset or preset_by_key(os.environ) or "openrouter"
    file = write_starter(_own_file(ctx), name, force=force)
    note(f"written: {file} (preset {name})")


@app.command(
    name="import",
    epilog="""
    routecli config import litellm_config.yaml --print
    routecli config import litellm_config.yaml
    """,
)
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="LiteLLM's config.yaml.")],
    shown: Annotated[bool, typer.Option("--print", help="Print it; write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that is there.")] = False,
) -> None:
    """Carry a LiteLLM configuration over: model groups become tiers, fallbacks their order.

    What cannot be carried over is listed, line by line, on stderr. No key is ever written: variables are named.
    """
    from routecli.cli.importing import carry_over

    carry_over(file, _own_file(ctx), print_only=shown, force=force)


@app.command(
    epilog="""
    routecli config show
    routecli config show --json
    """
)
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show each value of the configuration and where it came from.

    With --verbose also the providers that no tier uses.
    """
    from routecli.cli import config_show
    from routecli.cli.screen import answer_console, write_json

    loaded = open_config(ctx)
    if as_json:
        write_json(config_show.as_json(loaded))
    else:
        options = shared(ctx)
        config_show.print_values(loaded, answer_console(no_color=options.no_color), everything=options.verbose)


@app.command(
    epilog="""
    routecli config path
    $EDITOR "$(routecli config path)"
    """
)
def path(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show where your own configuration is, or would be."""
    from routecli.cli.config_show import places_json
    from routecli.cli.screen import write_json, write_out

    file = _own_file(ctx)
    if as_json:
        write_json(places_json(file))
    else:
        write_out(f"{file}\n")


@app.command(
    epilog="""
    routecli config check
    routecli config check --offline
    """
)
def check(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Look at the keys only; ask no one.")] = False,
    as_json: AsJson = False,
) -> int:
    """Check the key of each provider of the ladder, and whether it answers.

    Asks each for its list of models: that costs nothing. Exit status 3: a key is missing or refused; 5: no answer.
    """
    from routecli.cli.config_show import print_checks
    from routecli.cli.reach import check_providers
    from routecli.cli.screen import answer_console, write_json
    from routecli.errors import ConfigFault

    loaded = open_config(ctx)
    if loaded.no_tiers:
        raise ConfigFault(loaded.no_tiers, hint=loaded.no_tiers_hint)
    checks = check_providers(loaded, offline=offline)
    if as_json:
        write_json([check.as_json() for check in checks])
    else:
        print_checks(checks, loaded, answer_console(no_color=shared(ctx).no_color))
    if any(check.key_fault for check in checks):
        return ExitStatus.CONFIG
    return ExitStatus.PROVIDER if any(check.reachable is False for check in checks) else ExitStatus.ACCEPTED


def _own_file(ctx: typer.Context) -> Path:
    from routecli.config.places import user_config_file

    return shared(ctx).config or user_config_file(os.environ)
