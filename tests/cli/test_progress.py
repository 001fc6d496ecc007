from __future__ import annotations

import dataclasses
import io

import pytest
from rich.console import Console

from cli.samples import FORBIDDEN, HOSTILE, events, failed, receipt
from routecli.cli.progress import Progress
from routecli.cli.progress_lines import lasting_lines
from routecli.cli.screen import side_console
from routecli.domain.events import Calling, Checked, Judged
from routecli.domain.money import usd
from routecli.domain.verdict import DeferralReason, Deferred


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, force_terminal=terminal, width=80, markup=False, highlight=False, emoji=False), out


def watched(text: str = "", *, terminal: bool = False, quiet: bool = False, verbose: bool = False) -> str:
    screen, out = console(terminal=terminal)
    with Progress(screen, quiet=quiet, verbose=verbose) as progress:
        for event in events(text):
            progress(event)
    return out.getvalue()


def test_without_a_terminal_there_is_one_plain_line_for_each_thing() -> None:
    text = watched()
    assert "\x1b" not in text
    assert "survey   1 file, 212 tokens of context" in text
    assert "route    tier1 → tier2: 1 file and 212 tokens" in text
    assert "at most $0.0021" in text
    assert "$0.00021" in text
    assert text.index("route") < text.index("at most")  # said before anything is paid for
    assert "✗ pytest 1 of 12 fails" in text
    assert "         tests-failed\nescalate tier1 → tier2\n" in text  # the reason stands above, once
    assert "warning  the ledger could not be written" in text


def test_what_no_check_said_is_said_with_the_verdict() -> None:
    attempt = receipt().attempts[0]
    refused = dataclasses.replace(attempt, verdict=Deferred(DeferralReason.NO_EDITS, "prose only", ""))
    assert [line.plain for _, line in lasting_lines(Judged(refused), verbose=False)] == ["no-edits: prose only"]


def test_the_checks_before_the_patch_are_said_to_be_so() -> None:
    before = dataclasses.replace(failed(), summary="6 passed, 1 failing before")
    lines = list(lasting_lines(Checked(0, before), verbose=False))
    assert [line.plain for _, line in lines] == ["before: pytest 6 passed, 1 failing (0.3 s)"]


def test_tier_0_calls_no_model() -> None:
    lines = list(lasting_lines(Calling(1, "tools", "tools/tools", 681, usd(0)), verbose=False))
    assert [(label, line.plain) for label, line in lines] == [("tools", "no model, $0")]


def test_at_a_terminal_the_cursor_comes_back() -> None:
    text = watched(terminal=True)
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1


def test_the_cursor_comes_back_after_ctrl_c() -> None:
    screen, out = console(terminal=True)

    def stopped() -> None:
        with Progress(screen) as progress:
            for event in list(events())[:6]:
                progress(event)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert out.getvalue().rindex("\x1b[?25h") > out.getvalue().rindex("\x1b[?25l")


def test_a_question_has_the_screen_for_itself() -> None:
    screen, out = console(terminal=True)
    heard = list(events())
    with Progress(screen) as progress:
        for event in heard[:4]:
            progress(event)
        with progress.paused():
            before = out.getvalue()
            progress(heard[4])
            assert out.getvalue() == before
            assert before.endswith("\x1b[2K")
        progress(heard[4])
        assert out.getvalue() != before


def test_quiet_says_nothing() -> None:
    assert watched(quiet=True, terminal=True) == ""


def test_verbose_says_what_a_check_runs_and_what_a_tier_may_cost() -> None:
    assert "pytest -q" in watched(verbose=True)
    assert "about $0.0010, at most $0.0021" in watched(verbose=True)
    assert "pytest -q" not in watched()


@pytest.mark.parametrize("terminal", [True, False])
def test_row_11_nothing_hostile_reaches_the_terminal(terminal: bool) -> None:
    assert not FORBIDDEN.search(watched(HOSTILE, terminal=terminal, verbose=True).replace("\r", ""))


@pytest.mark.parametrize("fault", [BrokenPipeError, OSError, ValueError])
def test_a_terminal_that_went_away_ends_the_view_and_not_the_run(fault: type[Exception]) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise fault

    screen = side_console()
    screen.file = Gone()
    with Progress(screen) as progress:
        for event in events():
            progress(event)
