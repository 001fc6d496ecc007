"""`routecli hook`: judge what is staged before each commit."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from routecli.cli.verb import shared, verb_app

app = verb_app()


class Name(StrEnum):
    """The hooks that routecli can be."""

    PRE_COMMIT = "pre-commit"
    PRE_MERGE_COMMIT = "pre-merge-commit"
    PREPARE_COMMIT_MSG = "prepare-commit-msg"
    PRE_PUSH = "pre-push"


class Fix(StrEnum):
    """What a stopped commit asks for."""

    OFF = "off"
    OFFER = "offer"
    STAGE = "stage"


_Names = Annotated[
    list[Name] | None,
    typer.Argument(
        metavar="[HOOK]...", help="pre-commit, pre-merge-commit, prepare-commit-msg, pre-push.", show_default=False
    ),
]


@app.callback()
def hook() -> None:
    """Judge what is staged before each commit, beside the hooks that are there.

    Lint and the tests that the change can reach, on exactly what is staged; only what did not fail before stops it.
    """


@app.command(
    epilog="""
    routecli hook install
    routecli hook install pre-commit pre-push
    """
)
def install(
    ctx: typer.Context,
    names: _Names = None,
    share: Annotated[
        bool, typer.Option("--shared", help="Also into a folder that others use too (core.hooksPath).")
    ] = False,
) -> None:
    """Install it: pre-commit if none is named. A hook that is there keeps running, first."""
    from routecli.cli.hook_script import script
    from routecli.cli.hook_status import named_by
    from routecli.cli.streams import note, warn
    from routecli.errors import UsageFault
    from routecli.git import hooks
    from routecli.git.repository import open_repository

    repository = open_repository(Path.cwd(), amid=True)
    folder = hooks.folder_of(repository)
    for name in names or [Name.PRE_COMMIT]:
        if folder.shared_by and not share:
            line = f"routecli hook run {name.value}"
            where = f".husky/{name.value}" if "husky" in folder.shared_by else str(folder.path / name.value)
            raise UsageFault(
                f"the hooks in {folder.path} are shared by {folder.shared_by}", hint=f"echo '{line}' >> {where}"
            )
        found = hooks.install(folder.path, name.value, partial(script, name.value))
        if not shared(ctx).quiet:
            note(f"{name.value}: {found.value} ({folder.path})")
        if name is Name.PRE_COMMIT and (tools := named_by(repository)):
            warn(f"the configuration of {tools[0]} names routecli: where that runs, each commit is judged twice")


@app.command(
    epilog="""
    routecli hook uninstall
    """
)
def uninstall(ctx: typer.Context, names: _Names = None) -> None:
    """Take it away, all of ours if none is named; a hook that was there before is put back."""
    from routecli.cli.streams import note
    from routecli.git import hooks
    from routecli.git.repository import open_repository

    folder = hooks.folder_of(open_repository(Path.cwd(), amid=True)).path
    gone = [name for name in names or list(Name) if hooks.uninstall(folder, name.value)]
    if not shared(ctx).quiet:
        note(f"taken away: {', '.join(gone)}" if gone else f"there is none of routecli's in {folder}")


@app.command(
    epilog="""
    routecli hook run
    routecli hook run pre-commit --fix offer
    """
)
def run(
    ctx: typer.Context,
    name: Annotated[Name, typer.Argument(metavar="[HOOK]", help="Which hook; else pre-commit.")] = Name.PRE_COMMIT,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="What git gives it.", show_default=False)
    ] = None,
    fix: Annotated[Fix | None, typer.Option("--fix", help="Instead of hook.fix: off, offer or stage.")] = None,
) -> int:
    """Judge what is staged now, as the hook does. Index, files and commit are never changed."""
    from routecli.cli.hooking import Asked, run_hook

    options = shared(ctx)
    asked = Asked(options.config, options.profile, options.quiet, fix.value if fix else None, tuple(words or ()))
    return run_hook(name.value, asked)


@app.command(
    epilog="""
    routecli hook status
    routecli hook status --json
    """
)
def status(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False
) -> None:
    """Say which hooks are there, whose they are, and what they do."""
    from routecli.cli.hook_status import show_status

    show_status(ctx, as_json=as_json)
