"""The only door to subprocess: time-outs, whole-group kill, capped output, no inherited environment.

Output is drained while the child runs and only its last bytes are kept, so a child that prints a gigabyte costs a
megabyte. A daemon that keeps the pipe open after its parent ended costs 0.3 s, not the time-out (security.md row 36).
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from routecli.domain.command import Completed
from routecli.errors import RoutecliError

DEFAULT_OUTPUT_BYTES = 1_000_000
_GRACE_S = 0.3
_LOOK_S = 0.1
_live: set[subprocess.Popen[bytes]] = set()
_live_lock = threading.RLock()  # re-entrant: `kill_all` runs in a signal's frame, perhaps inside the lock
_stopped = threading.Event()
_main_starts = False
_pending: list[BaseException] = []
_Child = subprocess.Popen[bytes]


class Stopped(RoutecliError):
    """The run was stopped by a signal: no further program is started."""


class _Ring:
    """The last `limit` bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self.truncated = False

    def take(self, handle: int) -> bool:
        """What there is to read; False at the end."""
        chunk = os.read(handle, 1 << 16)
        if chunk:
            self._add(chunk)
        return bool(chunk)

    def _add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > 2 * self._limit:
            self._chunks = [b"".join(self._chunks)[-self._limit :]]
            self._size = self._limit
            self.truncated = True

    def value(self) -> bytes:
        whole = b"".join(self._chunks)
        if len(whole) > self._limit:
            self.truncated = True
        return whole[-self._limit :]


class _Gate:
    """The child's standard input, for a child that says a byte there when it is ready, and goes on when it is answered.

    Only a living child is answered. The programs below it may have missed the death of one above them that came
    before they asked the kernel to be killed with it; without an answer they read the end, and leave.
    """

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.child: _Child | None = None

    def take(self, _handle: int) -> bool:
        """The one question, or the end: there is no more to come."""
        try:
            if self.ours.recv(1) and self.child is not None and self.child.poll() is None:
                self.ours.send(b"\n")
        except ConnectionError:
            return False  # it is gone, and nothing waits for an answer
        return False


class _Patience:
    """How long a child may go on: until its deadline, or until `watch` gives a reason, kept as `stopped`."""

    def __init__(self, child: _Child, deadline: float, watch: Callable[[int], str] | None) -> None:
        self._child = child
        self._watch = watch
        self.stopped = ""
        if watch is not None:
            self.stopped = watch(child.pid)  # at once: it may have to do something before the child goes far
        self._next_look = time.monotonic() + _LOOK_S
        self.deadline = deadline

    def is_over(self, now: float) -> bool:
        """Looks, if it is time for that again: a look takes a fiftieth of the time at most."""
        if now >= self.deadline:
            return True
        if self._watch is not None and now >= self._next_look:
            self.stopped = self._watch(self._child.pid)
            ended = time.monotonic()
            self._next_look = ended + max(_LOOK_S, 50 * (ended - now))
        return bool(self.stopped)


def kill_all() -> None:
    """Kills every child's whole group, and lets no new one start: called once when a signal ends the run."""
    _stopped.set()
    with _live_lock:
        children = list(_live)
    for child in children:
        _kill_group(child)


def stop(fault: BaseException) -> None:
    """For a signal's frame in the main thread: `kill_all`, then raises `fault`.

    Where the main thread is just starting a program, `fault` is raised right after that, by `run`: raised inside, it
    would leave a child behind that nobody knows.
    """
    kill_all()
    if not _main_starts:
        raise fault
    _pending.append(fault)


def _why_stopped(program: str) -> BaseException:
    in_main = threading.current_thread() is threading.main_thread()
    return _pending.pop() if in_main and _pending else Stopped(f"{program} was stopped")


def _start(
    words: tuple[str, ...], cwd: Path | None, env: Mapping[str, str], stdin: int, fds: tuple[int, ...]
) -> _Child:
    """A child that is in `_live` before anything can be raised. Raises OSError where it cannot be started."""
    global _main_starts  # noqa: PLW0603 - a signal's frame has no other way to look
    if threading.current_thread() is threading.main_thread():
        _main_starts = True
    try:
        child = subprocess.Popen(
            words,
            cwd=cwd,
            env=dict(env),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=fds,
        )
        with _live_lock:
            _live.add(child)
        if _stopped.is_set():  # `kill_all` came while another thread was starting it, and could not know it
            _kill_group(child)
        return child
    finally:
        if threading.current_thread() is threading.main_thread():
            _main_starts = False


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()


def run(
    argv: Sequence[str | os.PathLike[str]],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout_s: float = 600.0,
    output_bytes: int | None = DEFAULT_OUTPUT_BYTES,
    pass_fds: Sequence[int] = (),
    watch: Callable[[int], str] | None = None,
    gated: bool = False,
) -> Completed:
    """Runs `argv` in a session of its own with exactly `env` (None: an empty environment but PATH).

    `output_bytes` None keeps everything: only for commands of our own whose output is data. Never raises for what
    the command does; a program that is not there is `not_found`. Raises Stopped after `kill_all`. `watch` is asked
    some times a second, with the child's id: where it gives a reason, the group is killed as at a time-out.
    `gated`, which leaves no room for `stdin`: the child has to ask there before it goes on (_Gate).
    """
    if _stopped.is_set():
        raise Stopped(f"{os.fspath(argv[0])} was not started: the run was stopped")
    started = time.monotonic()
    words = tuple(os.fspath(a) for a in argv)
    gate = _Gate() if gated else None
    try:
        source = gate.theirs.fileno() if gate else subprocess.PIPE if stdin else subprocess.DEVNULL
        given = env if env is not None else {"PATH": os.environ.get("PATH", os.defpath)}
        child = _start(words, cwd, given, source, tuple(pass_fds))
    except (FileNotFoundError, NotADirectoryError, PermissionError) as fault:
        if _stopped.is_set():
            raise _why_stopped(words[0]) from None
        if gate:
            gate.ours.close()
        said = f"{words[0]}: {fault.strerror}".encode()
        return Completed(words, None, b"", said, time.monotonic() - started, not_found=True)
    finally:
        if gate:
            gate.theirs.close()
    try:
        if _stopped.is_set():  # meanwhile: `kill_all` may have looked before the child was there
            raise _why_stopped(words[0])
        patience = _Patience(child, started + timeout_s, watch)
        rings, timed_out = _drain(child, stdin, patience, output_bytes, gate)
    finally:
        if child.poll() is None or child.returncode < 0:  # killed by somebody else: the rest of its group is not
            _kill_group(child)
        child.wait()
        if gate:
            gate.ours.close()
        with _live_lock:
            _live.discard(child)
        for stream in (child.stdin, child.stdout, child.stderr):
            _close(stream)
    out, err = rings[0].value(), rings[1].value()
    return Completed(
        words,
        None if timed_out else child.returncode,
        out,
        err,
        time.monotonic() - started,
        timed_out=timed_out,
        truncated=rings[0].truncated or rings[1].truncated,
        stopped=patience.stopped,
    )


def at_terminal(argv: Sequence[str | os.PathLike[str]], *, cwd: Path | None = None) -> int | None:
    """Runs a program of the person's own (an editor) with their terminal, variables and process group, and waits for
    it. Its exit status; None where it is not there."""
    try:
        return subprocess.run([os.fspath(word) for word in argv], cwd=cwd, check=False).returncode
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


def _close(stream: IO[bytes] | None) -> None:
    if stream is None:
        return
    try:
        stream.close()
    except BrokenPipeError:
        return  # unsent input of a child that is gone


def _drain(
    child: _Child, stdin: bytes, patience: _Patience, output_bytes: int | None, gate: _Gate | None
) -> tuple[tuple[_Ring, _Ring], bool]:
    limit = output_bytes if output_bytes is not None else 1 << 62
    rings = (_Ring(limit), _Ring(limit))
    assert child.stdout is not None
    assert child.stderr is not None
    ended: float | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ, rings[0])
        selector.register(child.stderr, selectors.EVENT_READ, rings[1])
        if stdin and child.stdin is not None:
            os.set_blocking(child.stdin.fileno(), False)
            selector.register(child.stdin, selectors.EVENT_WRITE, None)
        if gate:
            gate.child = child
            selector.register(gate.ours, selectors.EVENT_READ, gate)
        unsent = memoryview(stdin)
        while selector.get_map():
            now = time.monotonic()
            if child.poll() is None and patience.is_over(now):
                _kill_group(child)
                return rings, True
            if ended is None and child.poll() is not None:
                ended = now
            if ended is not None and now >= ended + _GRACE_S:
                break
            for key, _ in selector.select(
                timeout=max(0.0, min(0.05 if ended is None else 0.01, patience.deadline - now))
            ):
                if key.data is None:
                    unsent = _feed(selector, key.fileobj, unsent)  # type: ignore[arg-type]
                    continue
                if not key.data.take(key.fd):
                    selector.unregister(key.fileobj)
    while child.poll() is None:
        if patience.is_over(time.monotonic()):
            _kill_group(child)
            return rings, True
        time.sleep(0.002)
    return rings, False


def _feed(selector: selectors.BaseSelector, pipe: IO[bytes], unsent: memoryview) -> memoryview:
    try:
        sent = os.write(pipe.fileno(), unsent[: 1 << 16])
    except BlockingIOError:
        return unsent
    except BrokenPipeError:
        sent = len(unsent)
    rest = unsent[sent:]
    if not rest:
        selector.unregister(pipe)
        _close(pipe)
    return rest
