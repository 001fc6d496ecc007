"""The server: threads of the standard library, HTTP/1.1, chunked streams."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from serving import formats
from serving.script import Answer, Drop, Fail, Hang, Raw, Received, Say, Scripted, Wire


class ScriptedServer:
    """Answers each POST with the next value of the script; `GET …/models` lists models, `pages` are other paths.

    `script` is one list for all, or a mapping from a model's name to its own list. A request that finds no value left
    is answered by a 400 and counted in `beyond_script`. Every request is in `requests`, in the order of arrival.
    """

    def __init__(
        self,
        script: Sequence[Scripted] | Mapping[str, Sequence[Scripted]] = (),
        *,
        port: int = 0,
        models: Sequence[str] = ("scripted",),
        rejects_stream_options: bool = False,
        get_status: int = 200,
        pages: Mapping[str, Scripted] | None = None,
    ) -> None:
        self._scripts: dict[str | None, list[Scripted]] = (
            {name: list(values) for name, values in script.items()}
            if isinstance(script, Mapping)
            else {None: list(script)}
        )
        self._lock = threading.Lock()
        self.models = tuple(models)
        self.rejects_stream_options = rejects_stream_options
        self.get_status = get_status
        self.pages = dict(pages or {})
        self.requests: list[Received] = []
        self.beyond_script = 0
        self.disconnects = 0
        self.stopping = threading.Event()
        self._http = _Http(("127.0.0.1", port), _Answering)
        self._http.owner = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def base_url(self) -> str:
        """For chat completions."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def anthropic_url(self) -> str:
        """For messages: the SDK adds `/v1` itself."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> list[Received]:
        return [r for r in self.requests if r.method == "POST"]

    def start(self) -> ScriptedServer:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> ScriptedServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def next_for(self, received: Received) -> Answer:
        with self._lock:
            self.requests.append(received)
            if received.method == "POST" and self.rejects_stream_options and "stream_options" in received.body:
                return Fail(400, "Unrecognized request argument supplied: stream_options", kind="invalid_request_error")
            script = self._scripts.get(received.model, self._scripts.get(None, []))
            if not script:
                self.beyond_script += 1
                return Fail(400, f"the script has no answer left for {received.model}")
            value = script.pop(0)
        return value(received) if callable(value) else value

    def seen(self, received: Received) -> None:
        with self._lock:
            self.requests.append(received)

    def gone(self) -> None:
        with self._lock:
            self.disconnects += 1


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    owner: ScriptedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.owner.gone()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        self.server.owner.seen(self._received({}))
        if (page := self.server.owner.pages.get(self.path)) is not None:
            self._answer(page(self._received({})) if callable(page) else page, self._received({}))
        elif self.server.owner.get_status != 200:
            self._json(self.server.owner.get_status, {"error": {"message": "scripted failure"}})
        elif self.path.rstrip("/").endswith("/models"):
            data = [{"id": m, "object": "model", "type": "model"} for m in self.server.owner.models]
            self._json(200, {"object": "list", "data": data})
        else:
            self._json(404, {"error": {"message": "no such page"}})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        received = self._received(json.loads(raw or b"{}"))
        try:
            self._answer(self.server.owner.next_for(received), received)
        except (BrokenPipeError, ConnectionResetError):
            self.server.owner.gone()
            self.close_connection = True

    def _received(self, body: dict[str, Any]) -> Received:
        return Received(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)

    def _answer(self, value: Answer, received: Received) -> None:
        api = "anthropic" if received.path.partition("?")[0].endswith("/messages") else "openai"
        match value:
            case Fail():
                self._fail(value, api)
            case Drop():
                self._drop()
            case Hang():
                self._hang(value)
            case Raw():
                self._raw(value)
            case Wire():
                self._wire(value)
            case Say() if received.body.get("stream"):
                self._wait(value.first_pause_s)
                wants = bool((received.body.get("stream_options") or {}).get("include_usage"))
                events = (
                    formats.anthropic_events(value, received.model)
                    if api == "anthropic"
                    else formats.openai_events(value, received.model, usage=wants)
                )
                self._stream(events, value, api)
            case Say():
                whole = formats.anthropic_whole if api == "anthropic" else formats.openai_whole
                self._json(200, whole(value, received.model))

    def _stream(self, events: list[bytes], say: Say, api: str) -> None:
        self._begin(200, {"content-type": "text/event-stream", "x-request-id": "req-1", "request-id": "req-1"})
        for sent, event in enumerate(events):
            if sent == say.cut_after:
                self._drop()
                return
            if sent == say.errors_after:
                self._chunk(formats.error_event(api))
                break
            self._chunk(event)
            self._wait(say.pause_s)
        self._chunk(b"")

    def _raw(self, raw: Raw) -> None:
        self._begin(raw.status, raw.headers)
        while not self.server.owner.stopping.is_set():
            for chunk in raw.chunks:
                self._chunk(chunk)
                self._wait(raw.pause_s)
            if not raw.endless:
                self._chunk(b"")
                return

    def _fail(self, fail: Fail, api: str) -> None:
        error: dict[str, Any] = {"error": {"message": fail.message, "type": fail.kind}}
        body = fail.body if fail.body is not None else json.dumps(error | {"type": "error"}).encode()
        self.send_response(fail.status)
        names = {"content-type": "application/json", "x-request-id": "req-failed"} | dict(fail.headers)
        if fail.retry_after is not None:
            names["retry-after"] = fail.retry_after
        for name, text in names.items():
            self.send_header(name, text)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang(self, hang: Hang) -> None:
        if not hang.drip_s:
            self._wait(hang.seconds)
            self._drop()
            return
        for byte in _dripped(hang):
            if self.server.owner.stopping.is_set():
                break
            self.wfile.write(byte)
            self.wfile.flush()
            self._wait(hang.drip_s)
        self._drop()

    def _wire(self, wire: Wire) -> None:
        for piece in wire.pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            self._wait(wire.pause_s)
        self._wait(wire.silent_s)
        if wire.reset:  # what was sent is given time to arrive: a reset throws away what is still on its way
            self._wait(0.02)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        else:
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def _json(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _wait(self, seconds: float) -> None:
        if seconds:
            self.server.owner.stopping.wait(seconds)


def _dripped(hang: Hang) -> Iterable[bytes]:
    """A status line and then header bytes for as long as the script says."""
    yield b"HTTP/1.1 200 OK\r\nx-slow: "
    for _ in range(int(hang.seconds / hang.drip_s)):
        yield b"a"
