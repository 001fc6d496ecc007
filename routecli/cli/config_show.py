"""The configuration as a table or JSON: each value and the place that set it. A key is its variable's name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.figures import NONE
from routecli.cli.screen import BAD, GOOD, QUIET, say, shown
from routecli.domain.untrusted import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from routecli.cli.reach import ProviderCheck
    from routecli.config.layers import Value
    from routecli.config.load import Loaded


def as_json(loaded: Loaded) -> dict[str, Any]:
    """Every value with where it came from; money and rates as strings."""
    return {
        "files": [str(file) for file in loaded.files],
        "profile": loaded.profile,
        "profiles": list(loaded.profiles),
        "no_tiers": loaded.no_tiers or None,
        "values": {
            name: {"value": plain(value.value), "from": value.where} for name, value in loaded.provenance.items()
        },
    }


def plain(value: Any) -> Any:
    """A value of the configuration as JSON has it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return value


def print_values(loaded: Loaded, console: Console, *, everything: bool) -> None:
    """The table of `config show`; providers that no tier uses only with `everything`."""
    table = _grid("key", "value", "from")
    used = {model.provider for tier in loaded.settings.tiers for model in tier.models}
    for name, value in _rows(loaded.provenance, used, everything=everything):
        table.add_row(shown(name), shown(_text(value.value)), shown(_where(value.where), _style(value.where)))
    say(console, table)
    if loaded.no_tiers:
        say(console, "", shown(loaded.no_tiers), shown(f"hint: {loaded.no_tiers_hint}"))


def _rows(values: Mapping[str, Value], used: set[str], *, everything: bool) -> Iterator[tuple[str, Value]]:
    for name, value in values.items():
        section, _, rest = name.partition(".")
        if section != "providers" or everything or rest.partition(".")[0] in used:
            yield name, value


def _where(where: str) -> str:
    return one_line(where.replace(f"{Path.home()}/", "~/") if "HOME" in os.environ else where, limit=160)


def _style(where: str) -> str:
    return QUIET if where == "default" or where.startswith(("preset ", "built in")) else ""


def _text(value: Any) -> str:
    given = plain(value)
    if given is None or given in ("", [], {}):
        return NONE
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, list):
        return one_line(", ".join(str(item) for item in given), limit=300)
    return one_line(str(given), limit=300)


def places_json(file: Path) -> dict[str, Any]:
    """All places where routecli keeps its own things; None where a folder cannot be had."""
    from routecli.config.places import cache_place, state_place

    def text(path: Path | None) -> str | None:
        return None if path is None else str(path)

    return {
        "config": str(file),
        "config_exists": file.exists(),
        "state": text(state_place(os.environ).path),
        "cache": text(cache_place(os.environ).path),
    }


def print_checks(checks: Sequence[ProviderCheck], loaded: Loaded, console: Console) -> None:
    """The table of `config check`."""
    table = _grid("provider", "its key", "answer")
    for check in checks:
        table.add_row(
            shown(check.name),
            shown(check.key_text, BAD if check.key_fault else GOOD),
            shown(check.answer, QUIET if check.reachable is None else GOOD if check.reachable else BAD),
        )
    say(console, table)
    if loaded.files:
        say(console, "", shown("read: " + ", ".join(str(file) for file in loaded.files), QUIET))


def _grid(*names: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in ("key", "provider"))
    return table
