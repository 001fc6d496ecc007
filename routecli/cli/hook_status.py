"""`hook status`: each hook that routecli can be, whose it is here, and the settings it obeys."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.hook_script import script
from routecli.cli.screen import QUIET, answer_console, say, shown, write_json
from routecli.cli.session import open_config
from routecli.cli.verb import shared
from routecli.git import hooks
from routecli.git.repository import Repository, open_repository

if TYPE_CHECKING:
    import typer

_TOOLS = {
    "pre-commit": (".pre-commit-config.yaml",),
    "husky": (".husky/pre-commit", ".husky/pre-merge-commit", ".husky/pre-push"),
    "lefthook": ("lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml", "lefthook.toml"),
}
"""Other tools that start hooks, by the files in which they would name ours."""


def show_status(ctx: typer.Context, *, as_json: bool) -> None:
    """Prints it. Raises UsageFault (no repository), ConfigFault."""
    repository = open_repository(Path.cwd(), amid=True)
    folder = hooks.folder_of(repository)
    settings = open_config(ctx).settings.hook
    found = {name: _state(folder.path, name) for name in hooks.NAMES}
    tools = _named_by(repository)
    if as_json:
        said: dict[str, Any] = {key: str(value) for key, value in asdict(settings).items()}
        said["deadline_s"] = settings.deadline_s
        write_json({"folder": str(folder.path), "shared_by": folder.shared_by, "hooks": found, "run_by": tools,
                    "settings": said})  # fmt: skip
        return
    console = answer_console(no_color=shared(ctx).no_color)
    say(console, shown(f"hooks in {folder.path}", QUIET))
    for name, state in found.items():
        say(console, shown(f"{name:<20}{state}"))
    for tool in tools:
        say(console, shown(f"named in the configuration of {tool}"))
    if folder.shared_by:
        say(console, shown(f"the folder is shared by {folder.shared_by}"))
    fix = f"a fix: {settings.fix}, at most ${settings.budget_usd}" if settings.fix != "off" else "no fix is asked for"
    say(console, shown(f"tests: {settings.tests}; {fix}; at most {settings.deadline_s:.0f} s; "
                       f"what cannot be judged: {settings.unable}; messages: {settings.message}", QUIET))  # fmt: skip


def _state(folder: Path, name: str) -> str:
    found = hooks.whose(folder, name)
    mine = found in (hooks.Whose.OURS, hooks.Whose.BESIDE, hooks.Whose.MOVED)
    if mine and not hooks.is_current(folder, name, partial(script, name)):
        return f"{found.value}; by another routecli: routecli hook install {name}"
    return found.value


def _named_by(repository: Repository) -> list[str]:
    """The tools whose configuration starts ours."""
    found = []
    for tool, files in _TOOLS.items():
        texts = ((repository.root / name) for name in files)
        if any(path.is_file() and "routecli" in path.read_text("utf-8", "replace") for path in texts):
            found.append(tool)
    return found
