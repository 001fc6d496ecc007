"""Presets: line-ups of models as data files, each with the date of its last review."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from routecli.config import services
from routecli.config.layers import Layer, Source, read_toml, user_layer
from routecli.config.nearest import nearest
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault

FOLDER = Path(__file__).parent / "presets"
BY_KEY: Mapping[str, str] = {
    "OPENROUTER_API_KEY": "openrouter",
    "ANTHROPIC_API_KEY": "anthropic",
    "OPENAI_API_KEY": "openai",
    "DEEPSEEK_API_KEY": "deepseek-anthropic",
}
"""Which preset follows which key, where nothing else is said; the first key that is set decides."""


def names() -> tuple[str, ...]:
    """All presets."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def preset_layer(name: str, asked_at: str) -> Layer:
    """The preset `name`. Raises ConfigFault, naming the nearest, where there is none (`asked_at`: who asked)."""
    if name not in names():
        near = nearest(name, names())
        raise ConfigFault(
            f"{asked_at}: no preset {one_line(name, limit=60)}",
            hint=f'preset = "{near}"' if near else "one of: " + ", ".join(names()),
        )
    return _packaged(FOLDER / f"{name}.toml", f"preset {name}")


def providers_layer() -> Layer:
    """The providers that every configuration knows."""
    return user_layer(services.as_table(), Source("built in", FOLDER))


def _packaged(file: Path, where: str) -> Layer:
    found = read_toml(file)
    if found is None:
        raise ConfigFault(f"{file} is missing from the installation", hint="pip install --force-reinstall routecli")
    table, _ = found
    return user_layer(table, Source(where, file.parent))


def preset_by_key(environ: Mapping[str, str]) -> str:
    """The preset of the first key that is set; empty where none is. Looks whether a key is there, not at its value."""
    return next((preset for variable, preset in BY_KEY.items() if environ.get(variable, "").strip()), "")
