"""Commands in isolation: one table of levels, one way to run, one way to read a report back.

A sandbox that could not be set up, or was killed itself, is never taken for an answer about the code (row 37).
`process.run` waits in the thread that started the child, so no sandbox outlives its thread or dies with it early.
"""

from __future__ import annotations

import os
import secrets
import shlex
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from routecli import process
from routecli.domain.command import Completed
from routecli.domain.receipt import Isolation
from routecli.errors import SandboxFault
from routecli.git.owners import remove
from routecli.nouns import dataclass
from routecli.workspace.levels import bubblewrap, none, unshare, wrapper
from routecli.workspace.reports import read_report
from routecli.workspace.view import NOT_FOUND, REPORT_VARIABLE, View
from routecli.workspace.watching import Watch


@dataclass(frozen=True, slots=True)
class Level:
    """One row of LEVELS. `note` says in one line what the level does not cover; empty for full isolation.
    `reports_start`: it tells by a descriptor that everything is in place; silence means that it failed.
    `told`: what the user's configuration said of it, for who remembers its self-test."""

    isolation: Isolation
    program: Callable[[], str | None]
    words: Callable[[View, int | None], list[str]]
    reports_start: bool
    note: str = ""
    told: str = ""


def wrapped(template: str, bind: str) -> Level:
    """The level of the user's own wrapper. Raises SandboxFault: its words do not say where the command goes."""
    try:
        words = shlex.split(template)
        shlex.split(bind)
    except ValueError as fault:
        raise SandboxFault(f"sandbox.wrapper cannot be read as a command: {fault}", hint=_WRAPPER_HINT) from None
    missing = [place for place in wrapper.NEEDED if not any(place in word for word in words)]
    if missing or "{command}" not in words:
        what = missing[0] if missing else "{command} as a word of its own"
        raise SandboxFault(f"sandbox.wrapper does not say {what}", hint=_WRAPPER_HINT)
    return Level(
        Isolation.WRAPPER,
        lambda: wrapper.program_of(template),
        lambda view, _: wrapper.words_of(template, bind, view),
        reports_start=False,
        note=f"isolated by your own wrapper, {words[0]}",
        told=f"{template}\0{bind}",
    )


_WRAPPER_HINT = (
    "sandbox.wrapper = 'docker run --rm --network none -v {tree}:{root} -v {report}:{report} {binds} -w {cwd} "
    "IMAGE {command}'"
)

LEVELS: dict[Isolation, Level] = {
    Isolation.BUBBLEWRAP: Level(Isolation.BUBBLEWRAP, bubblewrap.program, bubblewrap.words, reports_start=True),
    Isolation.UNSHARE: Level(Isolation.UNSHARE, unshare.program, unshare.words, reports_start=True),
    Isolation.NONE: Level(
        Isolation.NONE,
        none.program,
        none.words,
        reports_start=False,
        note="no sandbox: the tests ran with your rights, your files and your network, in a copy at another path",
    ),
}
"""Fullest first: the order in which they are tried."""


def run(level: Level, view: View, *, timeout_s: float, watch: Watch | None = None) -> Completed:
    """Runs `view.argv` at `level`, within the limits of `watch` (None: the machine's). Raises SandboxFault where the
    sandbox could not be set up."""
    watch = watch or Watch(view.tree)
    try:
        done = watch.settled(_run(level, view, timeout_s, watch))
    finally:
        watch.close()
    return _read_back(done, view)


def _run(level: Level, view: View, timeout_s: float, watch: Watch) -> Completed:
    if level.isolation is Isolation.NONE:
        return _run_bare(level, view, timeout_s, watch)
    if level.isolation is Isolation.WRAPPER:
        return _run_wrapped(level, view, timeout_s, watch)
    read_end, write_end = os.pipe()
    try:
        argv = level.words(view, write_end)
        outer = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | dict(view.env)
        done = process.run(
            argv, cwd=Path("/"), env=outer, timeout_s=timeout_s, pass_fds=(write_end,), watch=watch, gated=True
        )
    finally:
        os.close(write_end)
        started = _all_of(read_end)
    return _judged(level, view, done, started)


def _judged(level: Level, view: View, done: Completed, started: bytes) -> Completed:
    done = replace(done, argv=view.argv)
    if done.not_found:
        raise SandboxFault(f"{level.isolation.value} is not installed", hint="apt-get install bubblewrap util-linux")
    if done.timed_out:
        return done
    if done.exit_code is not None and done.exit_code < 0:
        return replace(done, exit_code=None, died=f"the sandbox was killed by signal {-done.exit_code}")
    if done.exit_code != 0 and not _was_started(level, started):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SandboxFault(f"the {level.isolation.value} sandbox failed: {said[-1] if said else done.exit_code}")
    return _not_found(done)


def _was_started(level: Level, status: bytes) -> bool:
    """bubblewrap tells an exit code only of a command that it did start."""
    return (b"exit-code" if level.isolation is Isolation.BUBBLEWRAP else b"started") in status


def _not_found(done: Completed) -> Completed:
    if done.exit_code == 127 and done.stderr.startswith(NOT_FOUND):
        return replace(done, exit_code=None, not_found=True)
    return done


def _run_bare(level: Level, view: View, timeout_s: float, watch: Watch) -> Completed:
    env = dict(view.env)
    home, scratch = view.tree.parent / "home", view.tree.parent / "tmp"
    for folder in (home, scratch):
        folder.mkdir(exist_ok=True)
    env |= {"HOME": str(home), "TMPDIR": str(scratch)}
    if view.report is not None:
        env[REPORT_VARIABLE] = str(view.report)
    cwd = view.tree / view.cwd.relative_to(view.root)
    mark = env["ROUTECLI_RUN"] = secrets.token_hex(16)
    try:
        done = process.run(level.words(view, None), cwd=cwd, env=env, timeout_s=timeout_s, watch=watch)
    finally:
        _kill_marked(f"ROUTECLI_RUN={mark}".encode())
    return _not_found(replace(done, argv=view.argv))


def _run_wrapped(level: Level, view: View, timeout_s: float, watch: Watch) -> Completed:
    """A wrapper does not tell whether it came to the command at all: its self-test did that once."""
    mark = secrets.token_hex(16)
    env = dict(view.env) | {"ROUTECLI_RUN": mark}
    if view.report is not None:
        env[REPORT_VARIABLE] = str(view.report)
    inner = replace(view, env=env)
    outer = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": os.environ.get("HOME", "/"), "ROUTECLI_RUN": mark}
    try:
        words = level.words(inner, None)
        done = process.run(words, cwd=Path("/"), env=outer, timeout_s=timeout_s, watch=watch)
    finally:
        _kill_marked(f"ROUTECLI_RUN={mark}".encode())
    if done.not_found:
        raise SandboxFault(f"the wrapper {words[0]} is not there", hint="routecli config show")
    return _not_found(replace(done, argv=view.argv))


def _kill_marked(mark: bytes) -> None:
    """Kills what the command left running, found by its environment. A program that cleared that is not found: the
    level's note says that it covers nothing."""
    for found in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in found.read_bytes():
                os.kill(int(found.parent.name), signal.SIGKILL)
        except OSError:
            continue  # gone, or somebody else's


def _read_back(done: Completed, view: View) -> Completed:
    if done.stopped:
        done = replace(done, stderr=done.stderr + f"\nroutecli: stopped: {done.stopped}\n".encode())
    if view.report is None:
        return done
    report = read_report(view.report)
    remove(view.report)
    return replace(done, report=report)


def _all_of(handle: int) -> bytes:
    """What is in a pipe whose other end may still be held by a daemon: never waited for."""
    os.set_blocking(handle, False)
    try:
        return os.read(handle, 4096)
    except BlockingIOError:
        return b""
    finally:
        os.close(handle)
