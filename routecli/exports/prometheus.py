"""Prometheus' text format 0.0.4, for its textfile collector or an endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from routecli.exports.figures import Figure, figures
from routecli.ledger.stats import Stats

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "routecli_"


def exposition(stats: Stats, overruled: Mapping[str, int]) -> str:
    """Every figure, each name with its help and type once."""
    lines: list[str] = []
    last = ""
    for one in figures(stats, overruled):
        if one.name != last:
            lines.append(f"# HELP {PREFIX}{one.name} {one.help}")
            lines.append(f"# TYPE {PREFIX}{one.name} {'counter' if one.total else 'gauge'}")
            last = one.name
        lines.append(f"{PREFIX}{one.name}{_labels(one)} {one.value:f}" if not isinstance(one.value, int)
                     else f"{PREFIX}{one.name}{_labels(one)} {one.value}")  # fmt: skip
    return "\n".join(lines) + "\n"


def _labels(one: Figure) -> str:
    said = ",".join(f'{name}="{_escaped(value)}"' for name, value in one.labels.items())
    return f"{{{said}}}" if said else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
