"""The one door to other programs: real children, real pipes."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from routecli import process


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def test_both_streams_and_the_exit_code_come_back() -> None:
    done = process.run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"))
    assert (done.stdout, done.stderr, done.exit_code) == (b"out\n", b"err\n", 3)


def test_a_missing_program_is_a_value() -> None:
    done = process.run(["no-such-program-here"])
    assert done.not_found
    assert done.exit_code is None
    assert b"no-such-program-here" in done.stderr


def test_input_larger_than_a_pipe_is_fed_while_output_is_drained() -> None:
    big = b"x" * 3_000_000
    done = process.run(["cat"], stdin=big, output_bytes=None)
    assert done.stdout == big


def test_input_that_nobody_reads_is_no_error() -> None:
    done = process.run(["true"], stdin=b"x" * 3_000_000)
    assert done.exit_code == 0


def test_row_39_output_is_capped_to_its_last_bytes() -> None:
    done = process.run(python("print('a' * 5_000_000); print('end')"), output_bytes=1000)
    assert len(done.stdout) == 1000
    assert done.stdout.endswith(b"end\n")
    assert done.truncated


def test_row_38_a_time_out_kills_the_whole_group(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import subprocess, time; p = subprocess.Popen(['sleep', '60']); "
        f"open({str(note)!r}, 'w').write(str(p.pid)); time.sleep(60)"
    )
    done = process.run(python(code), timeout_s=1.5)
    assert done.timed_out
    assert done.exit_code is None
    deadline = time.monotonic() + 5
    while alive(int(note.read_text())) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(int(note.read_text()))


def test_row_36_a_daemon_that_keeps_the_pipe_does_not_hold_us() -> None:
    started = time.monotonic()
    done = process.run(["sh", "-c", "sleep 20 & echo done"], timeout_s=15)
    assert done.exit_code == 0
    assert done.stdout == b"done\n"
    assert time.monotonic() - started < 10  # the daemon's 20 s and the 15 s time-out are both far away


def test_row_30_the_environment_is_exactly_what_was_given() -> None:
    os.environ["ROUTECLI_CANARY"] = "leak"
    try:
        done = process.run(["env"], env={"ONLY": "this", "PATH": os.environ["PATH"]})
    finally:
        del os.environ["ROUTECLI_CANARY"]
    assert b"ONLY=this" in done.stdout
    assert b"leak" not in done.stdout


def test_row_38_standard_input_is_empty() -> None:
    assert process.run(["cat"], timeout_s=10).stdout == b""
