"""The help pages: plain text, no rich, so that `--help` costs little more than Python itself."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter

SHARED_NAMES = frozenset({"config", "profile", "quiet", "verbose", "no_color", "help_"})
"""The options of every command (verb.py): shown last."""
_WIDEST = 100
_FIRST_COLUMN = 30
_TWICE = re.compile(r"\[(\[.*\](?:\.\.\.)?)\](\.\.\.)?")
"""An optional argument whose metavar says so itself."""


def help_text(ctx: Context) -> str:
    """The page of the context's command: what it is, usage, arguments, options, commands below it, examples."""
    width = max(50, min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)) - 2
    command = ctx.command
    about = inspect.cleandoc(command.help or "").partition("\f")[0]
    params = [p for p in command.params if not getattr(p, "hidden", False)]
    arguments = [p for p in params if p.param_type_name == "argument"]
    own = [p for p in params if p.param_type_name == "option" and p.name not in SHARED_NAMES]
    everywhere = [p for p in params if p.param_type_name == "option" and p.name in SHARED_NAMES]
    sections = [
        _wrapped(about, width),
        f"{_bold('Usage:')} {usage_of(ctx)}",
        _section("Arguments", [untyped(record) for record in _records(arguments, ctx)], width),
        *_command_sections(ctx, width),
        _section("Options", _records(own, ctx), width),
        _section("Options of every command", _records(everywhere, ctx), width),
        _examples(command.epilog),
    ]
    return "\n\n".join(section for section in sections if section)


def usage_of(ctx: Context) -> str:
    """`routecli show [OPTIONS] [RUN]`: the parser puts marks of its own around those that a metavar has."""
    return " ".join([ctx.command_path, *map(_unmarked, ctx.command.collect_usage_pieces(ctx))])


def _unmarked(piece: str) -> str:
    twice = _TWICE.fullmatch(piece)
    if twice:
        inner, more = twice[1], twice[2] or ""
        return inner if inner.endswith("...") else inner + more
    return piece[1:-1] if piece.startswith("{") and piece.endswith("}") and "|" not in piece else piece


def untyped(record: tuple[str, str]) -> tuple[str, str]:
    """An argument without the name of its Python type; what it may be, it keeps."""
    name, text = record
    head, _, kind = name.partition(" <")
    return (name if "|" in kind else head), text.removesuffix("[required]").rstrip()


def _command_sections(ctx: Context, width: int) -> Iterable[str]:
    table = getattr(ctx.command, "help_table", None)
    if table is not None:
        return [_section(title, rows, width) for title, rows in table()]
    below = getattr(ctx.command, "commands", {})
    return [_section("Commands", [(name, c.get_short_help_str(200)) for name, c in below.items()], width)]


def _records(params: Iterable[Parameter], ctx: Context) -> list[tuple[str, str]]:
    found = (param.get_help_record(ctx) for param in params)
    return [record for record in found if record is not None]


def _section(title: str, rows: Iterable[tuple[str, str]], width: int) -> str:
    lines = list(rows)
    if not lines:
        return ""
    column = min(max(len(first) for first, _ in lines), _FIRST_COLUMN) + 2
    out = [_bold(f"{title}:")]
    for first, second in lines:
        body = textwrap.wrap(second, max(20, width - column - 2)) or [""]
        if len(first) + 2 > column:
            out.append(f"  {first}")
        else:
            out.append(f"  {first:<{column}}{body.pop(0)}".rstrip())
        out.extend(f"  {'':<{column}}{line}" for line in body)
    return "\n".join(out)


def _wrapped(text: str, width: int) -> str:
    return "\n\n".join(textwrap.fill(" ".join(part.split()), width) for part in text.split("\n\n"))


def _examples(epilog: str | None) -> str:
    lines = examples(epilog)
    return "\n".join([_bold("Examples:"), *(f"  {line}" for line in lines)]) if lines else ""


def examples(epilog: str | None) -> list[str]:
    """The example command lines of a command: its epilog, one a line."""
    return [line.strip() for line in (epilog or "").splitlines() if line.strip()]


def _bold(text: str) -> str:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb" or "--no-color" in sys.argv
    tty = sys.stdout is not None and sys.stdout.isatty()
    return text if plain or not tty else f"\x1b[1m{text}\x1b[0m"
