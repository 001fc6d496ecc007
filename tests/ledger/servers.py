"""A real PostgreSQL for the tests: a private cluster on a socket, one for all workers, and a proxy that cuts."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NOBODY = 65534


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`; None where they are not installed."""
    found = [Path(p).parent for p in [shutil.which("initdb")] if p]
    found += [p.parent for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    real = [folder.resolve() for folder in found if (folder / "postgres").exists()]
    return real[0] if real else None


def carry_out(*argv: str | Path) -> None:
    """As somebody who is not root: the server refuses to be."""
    who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(
        [str(word) for word in argv], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **who
    )


@contextmanager
def cluster(shared: Path) -> Iterator[Path]:
    """The folder of the socket. The first worker that comes starts it, the last that leaves stops it; `shared` is a
    folder that they have in common."""
    binaries = programs()
    assert binaries is not None
    with _counted(shared, +1) as count:
        if count == 1:
            home = Path(tempfile.mkdtemp(prefix="routecli-pg-", dir="/tmp"))
            if os.geteuid() == 0:
                os.chown(home, NOBODY, NOBODY)
            carry_out(binaries / "initdb", "-D", home / "data", "-A", "trust", "-U", "team", "--no-sync", "-E", "UTF8",
                      "--locale=C")  # fmt: skip
            _start(home, binaries)
            (shared / "home").write_text(str(home))
        home = Path((shared / "home").read_text())
    try:
        yield home
    finally:
        with _counted(shared, -1) as count:
            if count == 0:
                stop(home)
                shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _counted(shared: Path, by: int) -> Iterator[int]:
    with (shared / "users").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        count = int(file.read() or 0) + by
        file.truncate(0)
        file.write(str(count))
        file.flush()
        yield count


def _start(home: Path, binaries: Path) -> None:
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c shared_buffers=16MB"
    carry_out(binaries / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log", "-o", options, "start")


def stop(home: Path) -> None:
    """Stops the server at once, connections and all."""
    binaries = programs()
    assert binaries is not None
    carry_out(binaries / "pg_ctl", "-D", home / "data", "-w", "-m", "immediate", "stop")


class Proxy:
    """A port on loopback in front of the server's socket. `cut()` resets every connection, with whatever is under way;
    while `down`, none is let through."""

    def __init__(self, socket_file: Path) -> None:
        self._to = str(socket_file)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.down = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                if self.down:
                    raise ConnectionRefusedError
                far.connect(self._to)
            except OSError:
                near.close()
                far.close()
                continue
            with self._lock:
                self._pairs.add((near, far))
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target, (near, far)), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        self._end(pair)

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self) -> None:
        """Ends every connection now."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._end(pair)

    def close(self) -> None:
        """Listens no more."""
        self._listening.close()
        self.cut()
