"""The manual page routecli(1), in the man macros of roff. Made of the command tree; a test compares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from routecli.cli.tree import Node, Param, flat
from routecli.errors import EXIT_MEANING, ExitStatus

_MADE = '.\\" Made of the code by `python -m routecli.cli.generate`; a test compares.'
_FILES = (
    ("~/.config/routecli/config.toml", "your own configuration; `routecli config path` names every file that counts"),
    (".routecli.toml", "the repository's, obeyed where you trust it: `routecli trust`"),
    (".git/routecli/", "kept patches and what undo needs, private to the repository"),
)


def manual(root: Node) -> str:
    """The whole page."""
    lines = [
        _MADE,
        ".TH ROUTECLI 1",
        ".SH NAME",
        "routecli \\- a coding task by the cheapest model that can, verified by your own tests",
        ".SH SYNOPSIS",
        *_synopsis(root),
        ".SH DESCRIPTION",
        *_text(root.help),
        ".SH OPTIONS OF EVERY COMMAND",
        *_params(p for p in root.options if p.shared),
        ".SH COMMANDS",
    ]
    for node in list(flat(root))[1:]:
        lines += _command(node)
    lines += [".SH EXIT STATUS"]
    for status in ExitStatus:
        lines += [".TP", f".B {status.value}", *_text(EXIT_MEANING[status])]
    lines += [".SH FILES"]
    for name, what in _FILES:
        lines += [".TP", f".I {escaped(name)}", *_text(what)]
    return "\n".join([*lines, ""])


def _synopsis(root: Node) -> Iterator[str]:
    yield from (f".B {escaped('routecli')}", escaped('"do this" [PATHS…]'), ".br")
    for node in root.below:
        yield from (f".B {escaped(f'routecli {node.words}')}", escaped(_rest(node)), ".br")


def _rest(node: Node) -> str:
    """What follows the command's own words in its usage."""
    return node.usage.removeprefix(f"routecli {node.words}").strip() or " "


def _command(node: Node) -> Iterator[str]:
    yield f".SS {escaped(f'routecli {node.words} {_rest(node)}'.strip())}"
    yield from _text(node.help)
    yield from _params(p for p in (*node.arguments, *node.options) if not p.shared)
    if node.examples:
        yield from (".PP", ".nf", *(escaped(line) for line in node.examples), ".fi")


def _params(params: Iterable[Param]) -> Iterator[str]:
    for param in params:
        name, what = param.record
        yield from (".TP", f".B {escaped(name.strip())}", *_text(what.strip() or "—"))


def _text(text: str) -> Iterator[str]:
    """Paragraphs; lines that are indented stay as they are."""
    for number, paragraph in enumerate(p for p in text.split("\n\n") if p.strip()):
        if number:
            yield ".PP"
        yield escaped(" ".join(paragraph.split()))


def escaped(line: str) -> str:
    """`line` so that roff prints it as it is: nothing in it is an escape, and it is no request."""
    plain = line.replace("\\", "\\e").replace("-", "\\-").replace("\u2026", "...")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
