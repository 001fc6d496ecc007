"""Makes what is made of the code: the completion scripts, the manual page, docs/commands.md, docs/exit-status.md and
the table of docs/providers.md.

`python -m routecli.cli.generate` in a checkout writes them; tests compare.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from routecli.cli.completions import SHELLS
from routecli.cli.manpage import manual
from routecli.cli.tree import Node, Param, command_tree, flat
from routecli.config import services
from routecli.errors import EXIT_MEANING, ExitStatus

_MADE = "<!-- Made of the code by `python -m routecli.cli.generate`; a test compares. -->"
_SHORTHAND = (
    'A sentence in the place of a command is a task: `routecli "do this" a.py` is `routecli run "do this" a.py`.'
)


def generated(root: Node | None = None) -> dict[str, str]:
    """Each generated file by its path in the checkout, with its text."""
    tree = root or command_tree()
    scripts = {f"completions/routecli.{shell}": script(tree) for shell, script in SHELLS.items()}
    return {
        **scripts,
        "completions/routecli.1": manual(tree),
        "docs/commands.md": commands_page(tree),
        "docs/exit-status.md": exit_status_page(),
        "docs/providers.md": providers_page((Path(__file__).parents[2] / "docs" / "providers.md").read_text("utf-8")),
    }


_TABLE = ("<!-- The table of services, made of the code by `python -m routecli.cli.generate`; a test compares. -->",
          "<!-- End of the table. -->")  # fmt: skip


def providers_page(page: str) -> str:
    """docs/providers.md with its table of services as the code has it."""
    before, _, rest = page.partition(_TABLE[0])
    after = rest.partition(_TABLE[1])[2]
    return f"{before}{_TABLE[0]}\n\n{services.markdown()}\n{_TABLE[1]}{after}"


def exit_status_page() -> str:
    """docs/exit-status.md, off the enum."""
    rows = [f"| {status.value} | {status.name.lower().replace('_', ' ')} | {EXIT_MEANING[status]} |"
            for status in ExitStatus]  # fmt: skip
    return "\n".join(
        [
            "# Exit status",
            "",
            _MADE,
            "",
            "The same for every command. An error is one line on stderr, a blank line, and `hint:` with what to type.",
            "",
            "| status | name | meaning |",
            "|--:|---|---|",
            *rows,
            "",
        ]
    )


def commands_page(root: Node) -> str:
    """docs/commands.md, off the command tree."""
    shared = [param for param in root.options if param.shared]
    lines = ["# Commands", "", _MADE, "", f"{root.help}", ""]
    lines += [f"- [`routecli {node.words}`](#{_anchor(node)}): {_first(node.help)}" for node in root.below]
    lines += ["", _SHORTHAND, "", "What every exit status means: [exit-status.md](exit-status.md).", ""]
    lines += ["## Options of every command", "", "Before or after the command's name.", "", *_params(shared), ""]
    for node in list(flat(root))[1:]:
        lines += _command(node)
    return "\n".join(lines).rstrip("\n") + "\n"


def _command(node: Node) -> Iterator[str]:
    depth = "##" if " " not in node.words else "###"
    yield from (f"{depth} routecli {node.words}", "", node.help, "", "```", node.usage, "```", "")
    own = [param for param in (*node.arguments, *node.options) if not param.shared]
    if own:
        yield from (*_params(own), "")
    if node.examples:
        yield from ("```sh", *node.examples, "```", "")


def _params(params: list[Param]) -> list[str]:
    return [f"- `{name}`: {text.strip()}" if text else f"- `{name}`" for name, text in (p.record for p in params)]


def _anchor(node: Node) -> str:
    return f"routecli-{node.words.replace(' ', '-')}"


def _first(text: str) -> str:
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def main() -> None:
    """Writes every generated file into the checkout that holds this module."""
    checkout = Path(__file__).parents[2]
    for name, text in generated().items():
        path = checkout / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
