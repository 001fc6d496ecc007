"""A first configuration of the user's own: a preset, its tiers and the keys that matter, as comments to edit."""

from __future__ import annotations

from pathlib import Path

from routecli.config.keys import KEYS, Key, Type
from routecli.config.nearest import nearest
from routecli.config.places import write_atomically
from routecli.config.preset import FOLDER, names
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault

_SHOWN = (
    "budget.run_usd", "budget.allow_unpriced", "limits.attempts", "routing.middle_files", "routing.top_files",
    "verify.test_cmd", "verify.lint_cmd", "verify.timeout_s", "context.exclude",
)  # fmt: skip
_EXAMPLES = {"verify.test_cmd": '"pytest -q"', "verify.lint_cmd": '"ruff check"', "limits.attempts": "3",
             "context.exclude": '["*.snap"]'}  # fmt: skip


def starter(preset: str) -> str:
    """The text of a configuration that changes nothing but the preset. Raises ConfigFault: no such preset."""
    if preset not in names():
        near = nearest(preset, names())
        hint = f"did you mean {near}?" if near else "one of: " + ", ".join(names())
        raise ConfigFault(f"no preset {one_line(preset, limit=60)}", hint=hint)
    lines = [
        "# routecli's configuration. Every key: docs/configuration.md, or: routecli config show",
        "# Keys of providers are never in here: they come from variables such as OPENROUTER_API_KEY.",
        "",
        f'preset = "{preset}"',
    ]
    section = ""
    for name in _SHOWN:
        key = next(key for key in KEYS if key.name == name)
        if name.split(".")[0] != section:
            section = name.split(".")[0]
            lines += ["", f"[{section}]"]
        lines += [f"# {key.doc}", f"# {name.split('.')[1]} = {_EXAMPLES.get(name, toml_value(key))}"]
    lines += ["", "# The tiers of the preset, cheapest first. Without their # they replace all of its."]
    preset_lines = (FOLDER / f"{preset}.toml").read_text().splitlines()
    lines += [f"# {line}" for line in preset_lines if line and not line.startswith(("#", "reviewed"))]
    return "\n".join(lines) + "\n"


def toml_value(key: Key) -> str:
    """The default of a key as TOML; empty where there is none."""
    value = key.default
    if value is None:
        return ""
    if key.type in (Type.TEXTS, Type.PATHS):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def write_starter(path: Path, preset: str, *, force: bool = False) -> Path:
    """Writes `starter(preset)` to `path`, mode 0600. Raises ConfigFault: it is there already (unless `force`), or the
    folder cannot be written."""
    return write_new(path, starter(preset), force=force, again="routecli config init --force")


def write_new(path: Path, text: str, *, force: bool, again: str) -> Path:
    """Writes `text` to `path`, mode 0600. Raises ConfigFault: it is there already (unless `force`; `again` is what to
    type then), or the folder cannot be written."""
    if path.exists() and not force:
        raise ConfigFault(f"{path} is there already", hint=again)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path.resolve() if path.is_symlink() else path, text.encode())
    except OSError as fault:
        raise ConfigFault(f"{path} cannot be written: {fault.strerror}") from None
    return path
