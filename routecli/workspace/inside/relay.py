"""Inside the sandbox: the loopback port behind which a socket of ours stands, and the command that may use it.

Run as `python -I -S relay.py SOCKET PORT -- COMMAND…`. The sandbox has no network; what connects to PORT is handed on,
byte by byte, to SOCKET, and there a door of ours decides what may leave (Command.door).
"""

from __future__ import annotations

import os
import socket
import sys
import threading

_PIECE_BYTES = 1 << 16


def pour(source: socket.socket, into: socket.socket) -> None:
    """Hands on everything that comes, and then the end."""
    try:
        while piece := source.recv(_PIECE_BYTES):
            into.sendall(piece)
    except OSError:
        pass
    for end, how in ((into, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            continue  # closed already


def join(client: socket.socket, door: str) -> None:
    with client, socket.socket(socket.AF_UNIX) as ours:
        try:
            ours.connect(door)
        except OSError:
            return
        back = threading.Thread(target=pour, args=(ours, client), daemon=True)
        back.start()
        pour(client, ours)
        back.join()


def serve(listener: socket.socket, door: str) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=join, args=(client, door), daemon=True).start()


def main() -> None:
    door, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[4:]
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        listener.set_inheritable(False)
        try:
            child = os.posix_spawnp(command[0], command, os.environ)
        except OSError:
            sys.stderr.write(f"routecli: not found: {command[0]}\n")
            os._exit(127)
        threading.Thread(target=serve, args=(listener, door), daemon=True).start()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
