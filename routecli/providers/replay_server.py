"""Recorded replies over real HTTP on loopback, as chat completions, streamed: what `routecli demo` talks to.

With it the whole way is real (SDK, sockets, streaming, prices) and only the words are recorded.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from routecli.domain.reply import StopReason
from routecli.providers.recorded import Recorded, Tape, read

MAX_REQUEST_BYTES = 20_000_000
_PIECE_CHARS = 80
_FINISH = {StopReason.TRUNCATED: "length", StopReason.REFUSED: "content_filter"}


class ReplayServer(ThreadingHTTPServer):
    """A server on 127.0.0.1, on a port that the system picks. `base_url` is for a provider with `api = "openai"`."""

    daemon_threads = True

    def __init__(self, replies: tuple[Recorded, ...]) -> None:
        self.tape = Tape(replies)
        super().__init__(("127.0.0.1", 0), _Answering)

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news: the program that we serve tells of it."""


@contextmanager
def serving(path: Path) -> Iterator[ReplayServer]:
    """A running server with the replies of `path`. Raises ConfigFault for a file that cannot be read."""
    server = ReplayServer(read(path))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="replay-server", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ReplayServer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed from here."""

    def do_POST(self) -> None:
        asked = self._asked()
        if asked is None or not self.path.rstrip("/").endswith("/chat/completions"):
            self._json(400, {"error": {"message": "this server knows POST /v1/chat/completions only"}})
            return
        model = str(asked.get("model"))
        recorded = self.server.tape.take(model)
        if recorded is None:
            self._json(404, {"error": {"message": f"no recorded reply is left for {model}"}})
        elif asked.get("stream"):
            self._stream(recorded, model)
        else:
            self._json(200, _whole(recorded, model))

    def _asked(self) -> dict[str, Any] | None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
            self.close_connection = True
            return None
        try:
            asked = json.loads(self.rfile.read(int(length)))
        except ValueError:
            return None
        return asked if isinstance(asked, dict) else None

    def _stream(self, recorded: Recorded, model: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in _events(recorded, model):
            data = b"data: " + event + b"\n\n"
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _events(recorded: Recorded, model: str) -> Iterator[bytes]:
    def chunk(choices: list[object], **more: object) -> bytes:
        return json.dumps({"object": "chat.completion.chunk", "model": model, "choices": choices} | more).encode()

    for at in range(0, len(recorded.text), _PIECE_CHARS):
        yield chunk([{"index": 0, "delta": {"content": recorded.text[at : at + _PIECE_CHARS]}}])
    yield chunk([{"index": 0, "delta": {}, "finish_reason": _FINISH.get(recorded.stop, "stop")}])
    if (usage := _usage(recorded)) is not None:
        yield chunk([], usage=usage)
    yield b"[DONE]"


def _whole(recorded: Recorded, model: str) -> dict[str, object]:
    message = {"role": "assistant", "content": recorded.text}
    choice = {"index": 0, "message": message, "finish_reason": _FINISH.get(recorded.stop, "stop")}
    return {"object": "chat.completion", "model": model, "choices": [choice], "usage": _usage(recorded)}


def _usage(recorded: Recorded) -> dict[str, object] | None:
    if recorded.input_tokens is None or recorded.output_tokens is None:
        return None
    return {
        "prompt_tokens": recorded.input_tokens,
        "completion_tokens": recorded.output_tokens,
        "total_tokens": recorded.input_tokens + recorded.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": recorded.cache_read_tokens,
            "cache_write_tokens": recorded.cache_write_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": recorded.reasoning_tokens},
    }
