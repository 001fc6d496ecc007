"""Faults of the command line in the same voice as all others: one line, and the command that shows how."""

from __future__ import annotations

from typing import Any

import typer


def usage_lines(fault: Any) -> tuple[str, str]:
    """What is wrong and what to type, for a usage error of typer's."""
    ctx: typer.Context | None = getattr(fault, "ctx", None)
    path = ctx.command_path if ctx is not None else "routecli"
    text = " ".join(str(fault.format_message()).split()).rstrip(".").replace(": Value error, ", ": ")
    return text[:1].lower() + text[1:], f"{path} --help"
