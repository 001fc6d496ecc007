"""An answer that can be kept: SVG or HTML drawn from the very screen, and a CSV of its figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.errors import UsageFault
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where an answer goes: to the screen, and into the files that were named."""

    console: Console
    svg: Path | None = None
    html: Path | None = None
    csv: Path | None = None

    def show(self, title: str, parts: Sequence[RenderableType], rows: Sequence[dict[str, Any]]) -> None:
        """Prints `parts`; draws them, and writes `rows`, where asked. Raises UsageFault: a file cannot be written."""
        from routecli.cli.screen import say

        say(self.console, *parts)
        if self.svg or self.html:
            drawn = self._drawn(parts)
            if self.svg:
                _write(self.svg, drawn.export_svg(title=title, clear=False))
            if self.html:
                _write(self.html, drawn.export_html(clear=False))
        if self.csv:
            _write(self.csv, _csv(rows))

    def _drawn(self, parts: Sequence[RenderableType]) -> Console:
        from rich.console import Console

        # A screen of its own: what is drawn does not depend on the terminal that happens to be there.
        console = Console(
            record=True, file=io.StringIO(), width=_WIDTH, force_terminal=True, color_system="truecolor",
            markup=False, highlight=False, emoji=False, legacy_windows=False,
        )  # fmt: skip
        for part in parts:
            console.print(part)
        return console


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise UsageFault(f"{path} cannot be written: {fault.strerror}") from None


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: _plain(v) for k, v in row.items()} for row in rows)
    return out.getvalue()


def _plain(value: Any) -> Any:
    """A spreadsheet takes a text that begins with one of these for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
