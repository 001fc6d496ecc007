from __future__ import annotations

from pathlib import Path

import pytest

from routecli.cli import app
from routecli.cli.generate import exit_status_page, generated
from routecli.errors import EXIT_MEANING, ExitStatus

ROOT = Path(__file__).parents[2]


def test_what_is_generated_is_current() -> None:
    old = [name for name, text in generated().items() if (ROOT / name).read_text("utf-8") != text]
    assert old == [], "run: python -m routecli.cli.generate"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_command_prints_the_very_script(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert app.run(["completion", name]) == 0
    assert capfd.readouterr().out == (ROOT / "completions" / f"routecli.{name}").read_text("utf-8")


def test_every_exit_status_has_a_meaning_and_a_row() -> None:
    assert set(EXIT_MEANING) == set(ExitStatus)
    page = exit_status_page()
    assert all(f"| {status.value} |" in page for status in ExitStatus)
