"""The one way out of a sandbox: a socket of ours behind a loopback port, at every level."""

from __future__ import annotations

import socket
import socketserver
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from repositories import Repo

from routecli.domain.command import Command, Door
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.workspace.workspace import GitWorkspace
from workspace.conftest import snap

ASKS = """\
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    s.sendall(b"hello\\n" + b"x" * 200_000 + b"\\nend\\n")
    sys.stdout.write(s.makefile().read())
try:
    socket.create_connection((sys.argv[2], int(sys.argv[3])), timeout=2)
    sys.stdout.write(" and the host was reached")
except OSError:
    pass
"""


class Answering(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        first = self.rfile.readline()
        size = len(self.rfile.readline())
        self.rfile.readline()
        self.wfile.write(first.strip() + b" " + str(size).encode())


@pytest.fixture
def door() -> Iterator[Door]:
    with tempfile.TemporaryDirectory(prefix="door-") as folder:
        path = Path(folder) / "door"
        with socketserver.ThreadingUnixStreamServer(str(path), Answering) as server:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            yield Door(path, 23_456)
            server.shutdown()


def test_what_is_inside_reaches_the_door_and_nothing_else(repo: Repo, level: Isolation, door: Door) -> None:
    with closing(snap(repo)) as snapshot, socket.create_server(("127.0.0.1", 0)) as host:
        workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
        port = str(host.getsockname()[1])
        argv = (sys.executable, "-c", ASKS, str(door.port), "127.0.0.1", port)
        with workspace.twin() as twin:
            done = twin.run(Command(argv, timeout_s=60, door=door))
            assert twin.changes() == ()
            without = twin.run(Command(argv, timeout_s=60))
    assert (done.exit_code, done.stdout) == (0, b"hello 200001"), done.stderr
    assert without.exit_code == 1
    assert b"ConnectionRefused" in without.stderr


@pytest.mark.parametrize(("words", "code"), [(("sh", "-c", "exit 7"), 7), (("sh", "-c", "kill -9 $$"), 137)])
def test_the_command_ends_as_it_would_alone(
    repo: Repo, copying: Isolation, door: Door, words: tuple[str, ...], code: int
) -> None:
    with closing(snap(repo)) as snapshot:
        workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=copying)
        with workspace.twin() as twin:
            assert twin.run(Command(words, timeout_s=60, door=door)).exit_code == code
            assert twin.run(Command(("no-such-program",), timeout_s=60, door=door)).not_found
