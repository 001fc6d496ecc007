"""The door's other side: what an agent in the sandbox may ask for, and where it goes.

The agent speaks plain HTTP to a loopback port. A request for its provider is checked, capped, given the real key and
sent on over TLS; its worst case is set aside before, its bill read off the answer as it passes. `CONNECT` is for agents
that bring their own credentials, to the declared hosts only. Everything else is refused with a reason.
"""

from __future__ import annotations

import json
import select
import shutil
import socket
import socketserver
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from routecli.domain.reply import PATIENT, Patience, Reply, StopReason
from routecli.errors import BudgetFault
from routecli.nouns import dataclass
from routecli.ports import Meter
from routecli.providers.agent.requests import Bill, NotAllowed, Wire, bounded, wire_of, worst_input_tokens
from routecli.providers.wire import DIRECT, Way

if TYPE_CHECKING:
    import httpx2

MAX_REQUEST_BYTES = 32_000_000
MAX_ANSWER_BYTES = 64_000_000
MAX_FAILURES = 10
"""An agent that meets errors asks again by itself; so often in a row at most."""
_GRACE_S = 5.0
_KEPT_BACK = frozenset({
    "host", "authorization", "x-api-key", "api-key", "cookie", "accept-encoding", "content-length", "connection",
    "transfer-encoding", "proxy-authorization", "proxy-connection", "keep-alive", "te", "trailer", "upgrade", "expect",
})  # fmt: skip
_NOT_PASSED_BACK = frozenset({
    "connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive", "set-cookie",
})  # fmt: skip


class Limit(NotAllowed):
    """A request more than the agent may make."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where requests go. `url` empty: nowhere, only CONNECT to `hosts`. `headers` are added to each request."""

    name: str
    url: str
    key: str
    model: str
    max_output_tokens: int
    max_turns: int
    hosts: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = PATIENT
    way: Way = DIRECT


@dataclass(slots=True)
class Seen:
    """What went through. `turns` are answered requests, `failures` those in a row that were not, `limit` says what
    stopped it; `status` is the last error's, with `said` in its words."""

    turns: int = 0
    failures: int = 0
    limit: str = ""
    status: int = 0
    said: str = ""
    budget: BudgetFault | None = None


class Gateway:
    """Serves at `socket` from `__enter__` to `__exit__`. One billed request at a time: what is left of a cap is then
    known before the next."""

    def __init__(self, upstream: Upstream, meter: Meter | None) -> None:
        self.upstream = upstream
        self.meter = meter
        self.seen = Seen()
        self.turn = threading.Lock()
        self.closing = threading.Event()
        self._folder = Path()
        self._server: _Server | None = None
        self._client: httpx2.Client | None = None

    @property
    def socket(self) -> Path:
        """Where the door leads."""
        return self._folder / "door"

    def __enter__(self) -> Gateway:
        # The path of a Unix socket has 107 bytes at most, and TMPDIR may be long.
        where = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
        self._folder = Path(tempfile.mkdtemp(prefix="routecli-door-", dir=where))
        self._server = _Server(str(self.socket), _Answering)
        self._server.gateway = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="agent-door", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        if self.turn.acquire(timeout=_GRACE_S):  # a request under way sees its reader gone, and is billed
            self.turn.release()
        if self._client is not None:
            self._client.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def client(self) -> httpx2.Client:
        """As every other call leaves: no redirect, TLS checked, no proxy to this machine. Made at the first request."""
        if self._client is None:
            import httpx2

            encrypted = urlsplit(self.upstream.url).scheme == "https"
            way = self.upstream.way if encrypted else DIRECT
            own = self.upstream.patience
            timeout = httpx2.Timeout(own.first_byte_s, connect=own.connect_s)
            self._client = httpx2.Client(
                follow_redirects=False, trust_env=encrypted, timeout=timeout, proxy=way.proxy, verify=way.trusted()
            )
        return self._client

    def address(self, path: str) -> str:
        """Where `path`, as the agent asked for it, goes. Raises NotAllowed outside of the provider's address."""
        base = urlsplit(self.upstream.url)
        if not base.hostname or not path.startswith(base.path.rstrip("/") + "/") or "/../" in path:
            raise NotAllowed("there is no such address here")
        return f"{base.scheme}://{base.netloc}{path}"


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    gateway: Gateway

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no fault of ours; what it was billed is on record."""


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """The core prints nothing."""

    @property
    def gateway(self) -> Gateway:
        return self.server.gateway

    def do_GET(self) -> None:
        self._forward(b"")

    def do_POST(self) -> None:
        size = self.headers.get("content-length", "")
        if not size.isdigit() or int(size) > MAX_REQUEST_BYTES:
            self._refuse(NotAllowed("a request needs a length, of 32 MB at most"))
            return
        self._forward(self.rfile.read(int(size)))

    def _refuse(self, why: Exception) -> None:
        """As both APIs word an error; 400, which no agent takes for a reason to ask again."""
        if isinstance(why, Limit):
            self.gateway.seen.limit = str(why)
        error = {"type": "invalid_request_error", "message": f"routecli: {why}"}
        self._whole(400, {"content-type": "application/json"}, json.dumps({"type": "error", "error": error}).encode())

    def _whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _forward(self, raw: bytes) -> None:
        gateway = self.gateway
        try:
            if self.headers.get("content-encoding", "identity") != "identity":
                raise NotAllowed("a compressed request cannot be read here")
            url = gateway.address(self.path)
            wire = wire_of(urlsplit(self.path).path)
            if wire is None:
                self._pass(url, raw, None, self._headers(None))
                return
            if self.command != "POST":
                raise NotAllowed("this address is asked by POST")
            with gateway.turn:
                self._paid(url, raw, wire)
        except (NotAllowed, BudgetFault) as why:
            if isinstance(why, BudgetFault):
                gateway.seen.budget = why
            self._refuse(why)

    def _paid(self, url: str, raw: bytes, wire: Wire) -> None:
        gateway, upstream = self.gateway, self.gateway.upstream
        seen = gateway.seen
        if gateway.closing.is_set() or seen.turns >= upstream.max_turns:
            raise Limit(f"the limit of {upstream.max_turns} requests is reached")
        if seen.failures >= MAX_FAILURES:
            raise Limit(f"{MAX_FAILURES} requests in a row failed")
        body, cap = bounded(raw, wire, upstream.model, upstream.max_output_tokens)
        if gateway.meter is None:
            raise NotAllowed("nobody pays for requests here")
        gateway.meter.reserve(worst_input_tokens(body), cap)
        started, reply = time.monotonic(), None
        try:
            reply = self._pass(url, body, wire, self._headers(wire))
        finally:
            seen.failures = 0 if reply else seen.failures + 1
            gateway.meter.bill(replace(reply, latency_s=time.monotonic() - started) if reply else None)

    def _headers(self, wire: Wire | None) -> dict[str, str]:
        """The agent's own, without its credentials; the real key; nothing of this machine."""
        upstream = self.gateway.upstream
        kept = {n.lower(): v for n, v in self.headers.items() if n.lower() not in _KEPT_BACK}
        kept["accept-encoding"] = "identity"
        if upstream.key and ("anthropic-version" in kept or (wire is not None and wire.key_header == "x-api-key")):
            kept["x-api-key"] = upstream.key
        elif upstream.key:
            kept["authorization"] = f"Bearer {upstream.key}"
        return kept | {n.lower(): v for n, v in upstream.headers.items()}

    def _pass(self, url: str, body: bytes, wire: Wire | None, headers: Mapping[str, str]) -> Reply | None:
        """Sends it on and hands the answer back as it comes. None: nothing was billed."""
        import httpx2

        seen = self.gateway.seen
        request = self.gateway.client().build_request(self.command, url, headers=dict(headers), content=body or None)
        try:
            response = self.gateway.client().send(request, stream=True)
        except httpx2.HTTPError as fault:
            seen.status, seen.said = 502, str(fault) or type(fault).__name__
            self._whole(502, {"content-type": "application/json"}, b'{"error": {"message": "not reached"}}')
            return None
        try:
            return self._answer(response, body, wire)
        finally:
            response.close()

    def _answer(self, response: httpx2.Response, body: bytes, wire: Wire | None) -> Reply | None:
        seen = self.gateway.seen
        back = {n: v for n, v in response.headers.items() if n.lower() not in _NOT_PASSED_BACK}
        if wire is None or response.status_code != 200:
            content = _at_most(response, 1_000_000)
            if response.status_code >= 400 and wire is not None:
                seen.status, seen.said = response.status_code, content[:2000].decode("utf-8", "replace")
            self._whole(response.status_code, back, content)
            return None
        seen.turns += 1
        bill = Bill(wire, body, response.headers.get("content-type", ""))
        whole = False
        try:
            self._stream(response, back, bill)
            whole = True
        except (OSError, httpx2_error()) as fault:
            seen.said = str(fault) or type(fault).__name__
            self.close_connection = True
        usage = bill.usage()  # which reads an answer that was no stream
        stop = (bill.heard.stop or StopReason.MALFORMED) if whole else StopReason.INTERRUPTED
        identity = response.headers.get("request-id") or response.headers.get("x-request-id") or ""
        model = bill.heard.model or self.gateway.upstream.model
        return Reply("", stop, usage, model, request_id=identity)

    def _stream(self, response: httpx2.Response, headers: Mapping[str, str], bill: Bill) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        size = 0
        for piece in response.iter_raw():
            size += len(piece)
            bill.take(piece)
            if size > MAX_ANSWER_BYTES or self.gateway.closing.is_set():
                self.close_connection = True
                return
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def do_CONNECT(self) -> None:
        """A tunnel to a declared host, by TLS of the agent's own."""
        host, _, port = self.path.rpartition(":")
        if port != "443" or host.lower() not in self.gateway.upstream.hosts:
            self._refuse(
                NotAllowed(f"{self.path[:100]} is no declared host (providers.{self.gateway.upstream.name}.hosts)")
            )
            self.close_connection = True
            return
        try:
            outside = socket.create_connection((host, 443), timeout=self.gateway.upstream.patience.connect_s)
        except OSError as fault:
            self.gateway.seen.said = f"{host}: {fault}"
            self.send_error(502)
            return
        with outside:
            self.send_response(200)
            self.end_headers()
            _pour_both(self.connection, outside, self.gateway.closing)
        self.close_connection = True


def httpx2_error() -> type[Exception]:
    """The root of what reading an answer raises; imported where an answer is there already."""
    import httpx2

    return httpx2.HTTPError


def _at_most(response: httpx2.Response, limit_bytes: int) -> bytes:
    content = b""
    for piece in response.iter_raw():
        content += piece
        if len(content) > limit_bytes:
            return content[:limit_bytes]
    return content


def _pour_both(one: socket.socket, other: socket.socket, closing: threading.Event) -> None:
    """Until one of them ends."""
    while not closing.is_set():
        ready, _, _ = select.select([one, other], [], [], 1.0)
        for source in ready:
            piece = source.recv(1 << 16)
            if not piece:
                return
            (other if source is one else one).sendall(piece)
