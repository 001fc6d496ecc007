"""The same through a real terminal, where colour and erasing are on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect
import pytest

from cli.samples import FORBIDDEN, HOSTILE
from cli.test_answering import record

WATCH = """
import sys
from cli.samples import HOSTILE, events
from routecli.cli import app, render
from routecli.cli.progress import Progress
from routecli.cli.screen import answer_console, side_console
from routecli.cli.streams import hold_standard_streams
from routecli.errors import ConfigFault

hold_standard_streams()
with Progress(side_console(), verbose=True) as progress:
    for event in events(HOSTILE):
        progress(event)
render.patch("+" + HOSTILE, answer_console())

def fail(args):
    raise ConfigFault(HOSTILE, hint=HOSTILE)

app.invoke = fail
sys.exit(app.run(["x"]))
"""


def seen(tmp_path: Path, *argv: str, **env: str) -> tuple[str, int]:
    """All that reaches a terminal of 80 columns, and the exit status."""
    child = pexpect.spawn(
        sys.executable, list(argv), timeout=60, dimensions=(30, 80), cwd=str(tmp_path),
        env={**os.environ, "TERM": "xterm-256color", "ROUTECLI_STATE_DIR": str(tmp_path / "state"),
             "PYTHONPATH": str(Path(__file__).parents[1]), **env},
    )  # fmt: skip
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None
    return child.before.decode("utf-8").replace("\r", ""), child.exitstatus


@pytest.mark.parametrize("verb", [["history"], ["show"], ["show", "--json"], ["show", "--patch"]], ids=" ".join)
def test_row_11_what_was_recorded(verb: list[str], tmp_path: Path) -> None:
    record(tmp_path, HOSTILE)
    text, status = seen(tmp_path, "-m", "routecli", *verb)
    assert status == 0
    assert not FORBIDDEN.search(text)
    assert ("\x1b[" in text) == ("--json" not in verb)


def test_row_11_what_happens_and_what_fails(tmp_path: Path) -> None:
    text, status = seen(tmp_path, "-c", WATCH)
    assert status == 3
    assert "\x1b[?25l" in text  # the live line was there
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_no_colour_where_none_is_wanted(env: dict[str, str], tmp_path: Path) -> None:
    record(tmp_path, "")
    text, _ = seen(tmp_path, "-m", "routecli", "show", **env)
    assert "\x1b[3" not in text  # a colour of the palette; bold and dim may stay with NO_COLOR
    text, _ = seen(tmp_path, "-m", "routecli", "--help", **env)
    assert "\x1b" not in text
