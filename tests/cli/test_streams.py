from __future__ import annotations

import subprocess
import sys

import pytest

from routecli.cli.streams import note, tell, warn


def held(code: str, encoding: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    program = f"from routecli.cli.streams import hold_standard_streams; hold_standard_streams()\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONIOENCODING": encoding, **more}, capture_output=True, check=True,
        timeout=60,
    )  # fmt: skip


def test_our_signs_have_a_plain_form_where_the_encoding_has_no_such_letter() -> None:
    assert held("print('✓ a → b · c – d … é')", "ascii").stdout == b"+ a -> b | c - d ... \\xe9\n"
    assert held("print('✓ é')", "utf-8").stdout == "✓ é\n".encode()
    assert held("print('✓ é')", "latin-1").stdout == b"+ \xe9\n"


def test_a_byte_that_was_no_utf_8_can_be_printed() -> None:
    assert held("print('caf\\udce9')", "utf-8").stdout == b"caf\\udce9\n"


def test_no_core_is_dumped_of_a_process_that_holds_keys() -> None:
    assert held("import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])", "utf-8").stdout == b"0\n"


def test_an_error_is_a_line_a_blank_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    tell("what\nhappened\x1b[2J", "type\x07 this")
    tell("no hint")
    warn("mind [bold]this[/x]")
    note("done\u202e")
    assert capsys.readouterr().err == (
        "error: what happened\\x1b[2J\n\nhint: type\\x07 this\nerror: no hint\nwarning: mind [bold]this[/x]\n"
        "done\\u202e\n"
    )
