"""What every call over HTTP goes through, whichever SDK makes it: what may leave, how long it may wait, how much may
come back (security.md rows 12, 54, 55, 58).

The SDKs keep their own retries; two hooks on the HTTP client hold them to our limits.
"""

from __future__ import annotations

import math
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from routecli import __version__
from routecli.domain.reply import PATIENT, Patience
from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault
from routecli.nouns import dataclass
from routecli.providers import incoming

if TYPE_CHECKING:
    import httpx2

MAX_RETRIES = 3
MAX_WAIT_S = 60.0
"""All waiting between the retries of one call together. A server that asks for more is not waited for: another model
of the tier may be up."""
JITTER = 0.1
"""Up to so much is added to what a Retry-After asks for, a second at most: processes that were throttled together do
not come back together."""
_BACK_OFF_S = (0.5, 1.0, 2.0)
"""What the SDKs wait before each retry where the server asks for nothing, at most."""
MIN_BODY_BYTES = 16_000_000
WIRE_BYTES_PER_TOKEN = 1_000
"""A streamed token is a JSON event of 200 to 400 bytes; a body of more than this a token is no answer."""

_OURS = frozenset({
    "host", "connection", "accept", "accept-encoding", "content-type", "content-length", "user-agent",
    "anthropic-version", "idempotency-key", "transfer-encoding",
})  # fmt: skip
"""The headers of an SDK that may leave. What it reads from the environment (organisation, project, custom headers,
another key) or tells of this machine stays here: the address may be a third party's."""


_SIGNATURE = frozenset({"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"})
"""What an SDK signs a request with, where it holds the credentials itself."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a provider is reached: through `proxy` (None: as the environment says), trusting `ca_file` beside the
    machine's certificates."""

    proxy: str | None = None
    ca_file: Path | None = None

    def trusted(self) -> Any:
        """For the HTTP client's `verify`. Raises ConfigFault: the file holds no certificates."""
        if self.ca_file is None:
            return True
        import ssl

        context = ssl.create_default_context()
        try:
            context.load_verify_locations(self.ca_file)
        except (OSError, ssl.SSLError) as fault:
            raise ConfigFault(f"ca_file {self.ca_file} cannot be used: {fault}", hint="routecli config show") from None
        return context


DIRECT = Way()
"""As the environment says."""


def way_of(settings: ProviderSettings) -> Way:
    """The way to the provider of `settings`."""
    return Way(settings.proxy, settings.ca_file)


class Abandoned(Exception):
    """Nobody waits for this call any more, so nothing is sent for it."""


class Call:
    """One request with all its retries, under one idempotency key. The caller's thread reads it, the worker's thread
    writes it."""

    def __init__(self, deadline_s: float, max_output_tokens: int, patience: Patience = PATIENT) -> None:
        self.patience = patience
        self.started = time.monotonic()
        self.ends = self.started + deadline_s
        self.max_body_bytes = max(MIN_BODY_BYTES, max_output_tokens * WIRE_BYTES_PER_TOKEN)
        self.cancelled = threading.Event()
        self.id = os.urandom(16).hex()
        self.sends = 0
        self.request_id = ""
        self.asked_wait_s: float | None = None
        self.on_again: Callable[[str], object] | None = None
        self._why = "the connection was lost"
        self._waited_s = 0.0
        self._sent_at = self.started
        self._answered = True
        self._socket: Any = None
        self._lock = threading.Lock()

    def left_s(self) -> float:
        """Seconds until the deadline."""
        return self.ends - time.monotonic()

    def silent_left_s(self) -> float:
        """Seconds until the head of the answer is late; endless while nobody has to answer."""
        return math.inf if self._answered else self._sent_at + self.patience.first_byte_s - time.monotonic()

    def sending(self) -> None:
        """Before each send. Raises Abandoned: after a cancel, past the deadline, or after a long silence, since a
        request that a server may still be answering is not paid for twice."""
        now = time.monotonic()
        silent = not self._answered and now - self._sent_at >= self.patience.first_byte_s
        if self.cancelled.is_set() or now >= self.ends or silent:
            raise Abandoned(f"no answer within {now - self.started:.0f} s")
        if self.sends and self.on_again is not None:
            self.on_again(self._why)
        self._sent_at, self._answered, self._why = now, False, "the connection was lost"
        self.sends += 1

    def answered(self, response: httpx2.Response) -> None:
        """At each answer's headers: remembers its id and its socket, and caps what it says about retrying."""
        self._answered = True
        self._why = f"status {response.status_code}"
        headers = response.headers
        self.request_id = headers.get("x-request-id") or headers.get("request-id") or self.request_id
        stream = response.extensions.get("network_stream")
        with self._lock:
            self._socket = stream.get_extra_info("socket") if stream is not None else None
        self.asked_wait_s = asked_wait_s(headers)
        for name in ("retry-after", "retry-after-ms"):
            headers.pop(name, None)
        self._wait(headers, self.asked_wait_s)

    def _wait(self, headers: MutableMapping[str, str], asked_s: float | None) -> None:
        """Says in `headers` whether to try again and after how long, and counts the wait."""
        left_s = min(MAX_WAIT_S - self._waited_s, self.left_s())
        if asked_s is None:
            asked_s, spread_s = _BACK_OFF_S[min(self.sends, len(_BACK_OFF_S)) - 1], 0.0
        else:
            spread_s = random.uniform(0, min(1.0, JITTER * asked_s))
            headers["retry-after"] = f"{min(asked_s + spread_s, max(left_s, 0)):.3f}"
        if asked_s > left_s:
            headers["x-should-retry"] = "false"
        self._waited_s += asked_s + spread_s

    def released(self) -> None:
        """The answer's body is done with: its connection goes back to the pool and may be another call's at once."""
        with self._lock:
            self._socket = None

    @property
    def begun(self) -> bool:
        """Whether the head of an answer had come to the last send."""
        return self.sends > 0 and self._answered

    def cancel(self) -> None:
        """Ends the call from outside: its socket, while it has one, is shut down, which wakes a blocked read."""
        self.cancelled.set()
        with self._lock:
            if self._socket is None:
                return
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # closed already

    @property
    def retries(self) -> int:
        """Sends after the first."""
        return max(0, self.sends - 1)


def asked_wait_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for: `retry-after-ms`, seconds or an HTTP date; None where it says nothing that
    can be meant."""
    for name, per_s in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name)
        if text is None:
            continue
        try:
            seconds = float(text) / per_s
        except ValueError:
            continue
        return None if math.isnan(seconds) or seconds < 0 else seconds
    import email.utils  # slow to import, and dates are rare

    try:
        when = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, when.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


class Line:
    """One provider's HTTP client. Calls of several threads may share it; each has its own Call.

    `headers` are what every request carries, the key among them, whatever the SDK would have said instead.
    """

    def __init__(self, base_url: str, headers: Mapping[str, str], way: Way = DIRECT, *, signed: bool = False) -> None:
        self._base_url = base_url
        self._way = way
        self._kept = _OURS | _SIGNATURE if signed else _OURS
        self._headers = {name.lower(): value for name, value in headers.items()}
        self._here = threading.local()

    def client(self) -> httpx2.Client:
        """An HTTP client that follows no redirect and has no proxy to a loopback address."""
        import httpx2

        encrypted = urlsplit(self._base_url).scheme == "https"
        return httpx2.Client(
            follow_redirects=False,
            trust_env=encrypted,
            proxy=self._way.proxy if encrypted else None,
            verify=self._way.trusted() if encrypted else _trusts_nobody(),
            timeout=None,  # each call brings its own
            event_hooks={"request": [self._leaving], "response": [self._arriving]},
        )

    def begin(self, call: Call) -> None:
        """This thread's requests belong to `call` from here on."""
        self._here.call = call

    def _leaving(self, request: httpx2.Request) -> None:
        call: Call = self._here.call
        self.clean(request)
        left_s, own = max(0.001, call.left_s()), call.patience
        silence_s = min(own.first_byte_s, left_s)
        request.extensions["timeout"] = {
            "connect": min(own.connect_s, left_s), "read": silence_s, "write": silence_s, "pool": left_s,
        }  # fmt: skip
        call.sending()

    def clean(self, request: httpx2.Request) -> None:
        """Takes away what may not leave, and adds what always does. A signature is made of what this leaves."""
        for name in [n for n in request.headers if n.lower() not in self._kept]:
            del request.headers[name]
        request.headers.update({"accept-encoding": "identity", "user-agent": f"routecli/{__version__}"} | self._headers)

    def _arriving(self, response: httpx2.Response) -> None:
        call: Call = self._here.call
        call.answered(response)
        # The transport reads this again before each piece of the body.
        response.request.extensions["timeout"]["read"] = min(call.patience.idle_s, max(0.001, call.left_s()))
        encoding = response.headers.pop("content-encoding", "identity").strip().lower()
        if response.status_code >= 400:
            response.stream = incoming.beginning(response.stream, encoding, call.released)
        else:
            response.stream = incoming.capped(response.stream, encoding, call.max_body_bytes, call.released)


def _trusts_nobody() -> Any:
    """A TLS context for addresses that need none: loading the machine's certificates costs 20 ms."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
