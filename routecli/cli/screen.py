"""The two screens: stdout for the answer, stderr for everything else. The only place that makes a rich console.

Rich does not sanitise: text from outside goes through `shown`, and no console here reads markup, emoji codes or links.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from routecli.cli.streams import quiet_stdout
from routecli.domain.untrusted import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from routecli.domain.events import Event

GOOD, BAD, MIND, QUIET, STRONG = "green", "red", "magenta", "dim", "bold"
"""The palette: colours that can be read on a light and on a dark ground (yellow, cyan and blue cannot)."""
REST = 10_000
"""The `max_width` of the one column of a table that is cut to what the others leave."""
_GAP, _LEAST_REST = 2, 8


def answer_console(*, no_color: bool = False) -> Console:
    """The screen of the answer."""
    return _console(stderr=False, no_color=no_color)


def side_console(*, no_color: bool = False) -> Console:
    """The screen of progress, warnings and questions."""
    return _console(stderr=True, no_color=no_color)


def _console(*, stderr: bool, no_color: bool) -> Console:
    return _screen()(
        stderr=stderr,
        no_color=True if no_color else None,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
        log_path=False,
    )


@cache
def _screen() -> type[Console]:
    from rich.console import Console

    class Screen(Console):
        """A console whose reader may leave (`| head`): that is no fault of the run, so it only falls silent.
        Rich's own would end the program with status 1."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            if not self.stderr:
                quiet_stdout()

    return Screen


def shown(text: str, style: str = "") -> Text:
    """Text from outside as rich text: every control character made visible, nothing read as markup."""
    from rich.text import Text

    return Text(visible(text), style=style)


def joined(*parts: Text) -> Text:
    """The parts as one text. What is appended to a text takes on its style; here each part keeps its own."""
    from rich.text import Text

    return Text().join(parts)


def beside(first: Text, second: Text) -> RenderableType:
    """`second` to the right of `first`, broken between words, its further lines below its beginning."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(first, second)
    return grid


def say(console: Console, *parts: RenderableType) -> None:
    """Prints each part. A table is padded to its width: where no terminal is, those blanks are only in the way."""
    from rich.text import Text

    for part in parts:
        if isinstance(part, str | Text):
            # rich joins the texts of one print into a new one, and forgets that a diff's lines are not to be broken
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
            continue
        _fit(part, console.width)
        if console.is_terminal:
            console.print(part)
            continue
        with console.capture() as drawn:
            console.print(part)
        lines = drawn.get().removesuffix("\n").split("\n")
        console.out("\n".join(line.rstrip(" ") for line in lines), highlight=False)


def _fit(part: RenderableType, width: int) -> None:
    """Cuts a table's REST column to what the others leave of `width`. Rich itself cuts all columns that do not wrap,
    and of those that stand at the right it leaves nothing."""
    from rich.table import Table

    if not isinstance(part, Table):
        return
    rest = [column for column in part.columns if column.max_width == REST]
    for column in rest:
        others = [one for one in part.columns if one is not column]
        used = sum(max(_cells(cell) for cell in (one.header, *one.cells)) + _GAP for one in others)
        column.max_width = max(_LEAST_REST, width - used)


def _cells(cell: RenderableType) -> int:
    from rich.text import Text

    return (cell if isinstance(cell, Text) else Text(str(cell))).cell_len


def write_out(text: str) -> None:
    """`text` as it is on stdout: JSON, or a patch for another program. Bytes that were no UTF-8 leave as they came."""
    if sys.stdout is None:
        return
    try:
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.flush()
    except BrokenPipeError:
        quiet_stdout()


def json_text(value: Any, *, indent: int | None = None) -> str:
    """`value` as JSON in plain ASCII: no control character in it, not even DEL, so that a terminal is safe too."""
    return json.dumps(value, indent=indent, ensure_ascii=True).replace("\x7f", "\\u007f")


def write_json(value: Any) -> None:
    """One JSON document on stdout."""
    write_out(json_text(value, indent=2) + "\n")


class JsonLines:
    """A listener: each event as one line of JSON on stdout, as it happens."""

    def __call__(self, event: Event) -> None:
        """Writes `event`. Never raises for a reader that left."""
        from routecli.domain.events_json import event_to_json

        write_out(json_text(event_to_json(event)) + "\n")
