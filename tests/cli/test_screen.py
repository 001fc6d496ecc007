from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from cli.samples import FORBIDDEN, HOSTILE, events
from routecli.cli.answer_view import Arriving
from routecli.cli.progress import Progress
from routecli.cli.render import diff_text
from routecli.cli.screen import REST, JsonLines, answer_console, beside, json_text, say, shown, side_console, write_out
from routecli.prompting.questions import wrong_by


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_is_plain_ascii_and_reads_back(value: object) -> None:
    text = json_text(value)
    assert text.isascii()
    assert not FORBIDDEN.search(text)
    assert json.loads(text) == value


def test_jsonl_is_an_object_a_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    listener = JsonLines()
    for event in events(HOSTILE):
        listener(event)
    lines = capfdbinary.readouterr().out.decode("ascii").splitlines()
    assert [json.loads(line)["type"] for line in lines][:3] == ["started", "surveyed", "routed"]
    assert len(lines) == len(list(events()))


def test_no_colour_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert answer_console().no_color
    monkeypatch.delenv("NO_COLOR")
    assert not answer_console().no_color
    assert answer_console(no_color=True).no_color


def test_row_11_markup_and_emoji_codes_are_only_text(capsys: pytest.CaptureFixture[str]) -> None:
    say(answer_console(), shown("[red]x[/blue] :smile: [link=http://x]y[/link]"))
    assert capsys.readouterr().out == "[red]x[/blue] :smile: [link=http://x]y[/link]\n"


def test_what_a_program_reads_leaves_as_the_bytes_it_was(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_out(os.fsdecode(b"+caf\xe9\x00\n"))
    assert capfdbinary.readouterr().out == b"+caf\xe9\x00\n"


def test_lines_are_broken_between_words_and_begin_below_one_another(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    answer_console().print(beside(shown("ok"), shown(f"three words here {'x' * 20}")))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["ok  three words here", f"    {'x' * 16}", "    xxxx"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_long_last_column_takes_nothing_from_the_figures(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("run", no_wrap=True)
    table.add_column("cost", no_wrap=True, justify="right")
    table.add_column("task", no_wrap=True, max_width=REST)
    table.add_row("20261128-084209-257f", "$0.00049", shown("fix the rounding " * 9))
    console = answer_console()
    console.width = width
    say(console, table)
    line = capsys.readouterr().out.splitlines()[1]
    assert line.startswith("20261128-084209-257f  $0.00049  fix the rounding")
    assert len(line) <= width


def test_the_lines_of_a_diff_are_never_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    line = f"+{'a long line of code ' * 9}".rstrip()
    say(answer_console(), diff_text(f"@@ -1 +1 @@\n{line}\n"))
    assert capsys.readouterr().out.splitlines()[1] == line


def test_an_answer_that_fills_a_line_leaves_no_empty_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    Arriving(Progress(side_console()), wrong_by(()), lambda: None).hear("aaaa bbbbb ccc  dddd\n\ne ")
    assert capsys.readouterr().out == "aaaa bbbbb\nccc  dddd\n\ne "
