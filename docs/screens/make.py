"""Draws docs/screens/demo.svg: `routecli demo` as it is printed at a terminal of 100 columns.

`python docs/screens/make.py` in a checkout. Times and the run's id are those of the machine that drew it.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console

from routecli.cli import screen
from routecli.cli.app import run

SCREEN = Console(
    record=True,
    width=100,
    height=50,  # without it rich takes a dumb terminal for one of 80 columns
    file=io.StringIO(),
    force_terminal=True,
    color_system="truecolor",
    legacy_windows=False,
    markup=False,
    highlight=False,
    emoji=False,
    _environ={"TERM": "dumb"},  # no live line: only what stays
)


def draw() -> str:
    """The drawing as SVG, without fonts from elsewhere. Raises SystemExit where the demo failed."""
    screen.side_console = screen.answer_console = lambda **_: SCREEN  # type: ignore[assignment]
    status = run(["demo"])
    if status:
        sys.exit(f"the demo ended with {status}")
    drawn = SCREEN.export_svg(title="routecli demo", unique_id="routecli-demo")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL).replace("Fira Code", "ui-monospace")


if __name__ == "__main__":
    Path(__file__).with_name("demo.svg").write_text(draw(), "utf-8")
