"""`hook status`: each hook that routecli can be, whose it is here, and the settings it obeys."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.figures import cap_text
from routecli.cli.hook_script import script
from routecli.cli.screen import QUIET, answer_console, beside, say, shown, write_json
from routecli.cli.session import open_config
from routecli.cli.verb import shared
from routecli.git import hooks
from routecli.git.repository import Repository, open_repository

if TYPE_CHECKING:
    import typer

    from routecli.domain.settings import HookSettings

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
    tools = named_by(repository)
    if as_json:
        said: dict[str, Any] = {key: str(value) for key, value in asdict(settings).items()}
        said["deadline_s"] = settings.deadline_s
        write_json({"folder": str(folder.path), "shared_by": folder.shared_by, "hooks": found, "run_by": tools,
                    "settings": said})  # fmt: skip
        return
    console = answer_console(no_color=shared(ctx).no_color)
    say(console, shown(f"hooks in {folder.path}", QUIET))
    for name, state in found.items():
        say(console, beside(shown(f"{name:<18}"), shown(state)))
    for tool in tools:
        say(console, shown(f"named in the configuration of {tool}"))
    if folder.shared_by:
        say(console, shown(f"the folder is shared by {folder.shared_by}"))
    for name, value in _settings(settings).items():
        say(console, shown(f"{name:<20}{value}", QUIET))


def _settings(hook: HookSettings) -> dict[str, str]:
    """What the configuration says of hooks, as it is shown below them."""
    fix = f"{hook.fix}, at most {cap_text(hook.budget_usd)}" if hook.fix != "off" else hook.fix
    message = hook.message if hook.message == "tier0" else f"{hook.message}, at most {cap_text(hook.budget_usd)}"
    held = f"{hook.deadline_s:g} s at most"
    return {"tests": hook.tests, "fix": fix, "held": held, "not judged": hook.unable, "message": message}


def _state(folder: Path, name: str) -> str:
    found = hooks.whose(folder, name)
    if found is hooks.Whose.ASIDE:
        return f"{found.value}: name it in that tool's configuration, or: routecli hook install {name}"
    mine = found in (hooks.Whose.OURS, hooks.Whose.BESIDE, hooks.Whose.MOVED)
    if mine and not hooks.is_current(folder, name, partial(script, name)):
        return f"{found.value}; by another routecli: routecli hook install {name}"
    return found.value


def named_by(repository: Repository) -> list[str]:
    """The tools whose configuration starts our hook before a commit."""
    found = []
    for tool, files in _TOOLS.items():
        texts = ((repository.root / name) for name in files)
        if any(path.is_file() and "routecli" in path.read_text("utf-8", "replace") for path in texts):
            found.append(tool)
    return found
