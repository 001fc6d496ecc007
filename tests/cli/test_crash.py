from __future__ import annotations

from pathlib import Path

import pytest

from routecli.cli import app
from routecli.errors import ExitStatus

KEY = "sk-canary-0123456789abcdef"


@pytest.fixture(autouse=True)
def crashing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def crash(_args: object) -> int:
        raise ZeroDivisionError(f"bad \x1b[2J {KEY}")

    monkeypatch.setattr(app, "invoke", crash)
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("MY_API_KEY", KEY)


def test_a_bug_is_one_line_and_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert app.run(["history"]) == ExitStatus.INTERNAL
    said = capsys.readouterr().err
    assert said.startswith("error: internal error: ZeroDivisionError: bad \\x1b[2J [redacted]\n\nhint: ")
    assert "Traceback" not in said
    (saved,) = (tmp_path / "state").glob("crash-*.txt")
    assert str(saved) in said
    assert saved.stat().st_mode & 0o777 == 0o600
    assert "ZeroDivisionError" in saved.read_text()


def test_row_59_no_key_is_in_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    app.run(["history"])
    assert KEY not in capsys.readouterr().err
    assert not [f for f in tmp_path.rglob("*") if f.is_file() and KEY in f.read_text()]


def test_with_debug_the_trace_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUTECLI_DEBUG", "1")
    assert app.run(["history"]) == ExitStatus.INTERNAL
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert KEY not in said


def test_without_a_state_folder_it_still_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "file" / "below"))
    assert app.run(["history"]) == ExitStatus.INTERNAL
    assert "ROUTECLI_DEBUG=1" in capsys.readouterr().err
