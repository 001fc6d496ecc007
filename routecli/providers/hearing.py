"""An answer as it arrives: read in a worker's thread, put together in the caller's, never past its deadline.

The worker may be stuck anywhere (name resolution, a dripping header, the SDK's sleep before a retry): the caller waits
on a queue, so that the total deadline holds within a fraction of a second, and so that Ctrl-C is heard at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import field, replace
from typing import Any, Protocol

from routecli.domain.money import Usage, UsageSource
from routecli.domain.reply import Reply, Request, StopReason
from routecli.errors import FaultKind, ProviderFault, RoutecliError
from routecli.nouns import dataclass
from routecli.ports import CallContext
from routecli.providers import faults
from routecli.providers.bodies import size_bytes
from routecli.providers.faults import Source
from routecli.providers.wire import Call

BYTES_PER_TOKEN = 4
"""For usage that nobody reported: an estimate, and marked as one."""
_CUT_SHORT = frozenset({
    StopReason.INTERRUPTED, StopReason.TOO_LONG, StopReason.MALFORMED, StopReason.LATE, StopReason.TRUNCATED,
})  # fmt: skip
"""Ends before which a provider may not have counted the whole output."""
_QUEUED_EVENTS = 256
_POLL_S = 0.1
_SLICE_S = 0.25


@dataclass(slots=True)
class Heard:
    """What has arrived of an answer so far."""

    text: list[str] = field(default_factory=list)
    size_bytes: int = 0
    hidden_bytes: int = 0
    stop: StopReason | None = None
    refusal: str = ""
    model: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    service_tier: str = ""
    events: int = 0
    first_token_s: float | None = None
    detail: str = ""

    def say(self, piece: str) -> str:
        """Adds text; returns it."""
        self.text.append(piece)
        self.size_bytes += size_bytes(piece)
        return piece


class Vendor(Protocol):
    """What differs between the APIs."""

    def events(self, request: Request, call: Call) -> Iterator[object]:
        """Sends the request and yields decoded events. Runs in the worker's thread; raises what the SDK raises."""

    def hear(self, heard: Heard, event: object) -> str:
        """Takes one event in; returns the text that came with it. An event of no known shape changes nothing."""

    def usage(self, raw: dict[str, Any]) -> Usage | None:
        """The bill in our words, or None where `raw` holds none."""


def listen(vendor: Vendor, request: Request, context: CallContext, call: Call, source: Source) -> Reply:
    """One answer. See ports.Provider.complete; a BaseException that ends it early carries `partial_reply`."""
    heard = Heard()
    try:
        return _listen(vendor, request, context, call, source, heard)
    except RoutecliError:
        raise
    except BaseException as stop:
        _attach(stop, _reply(vendor, heard, request, call, source, StopReason.INTERRUPTED))
        raise
    finally:
        call.cancel()


def _attach(stop: BaseException, reply: Reply) -> None:
    """Money that a stopped call has cost is not lost with it: the cascade looks for this attribute."""
    stop.partial_reply = reply  # type: ignore[attr-defined]


def _listen(vendor: Vendor, request: Request, context: CallContext, call: Call, source: Source, heard: Heard) -> Reply:
    def reply(stop: StopReason, detail: str = "") -> Reply:
        return _reply(vendor, heard, request, call, source, stop, detail)

    for event in _arriving(lambda: vendor.events(request, call), call):
        if isinstance(event, _Again):
            context.on_retry(event.why)
            continue
        if isinstance(event, _Late):
            if not heard.events:
                raise _no_answer(source, call, event)
            return reply(StopReason.LATE, f"stopped at the deadline of {request.deadline_s:g} s")
        if isinstance(event, _Broken):
            return _broken(event.error, heard, source, call, reply)
        heard.events += 1
        if piece := vendor.hear(heard, event):
            if heard.first_token_s is None:
                heard.first_token_s = time.monotonic() - call.started
            if heard.size_bytes > request.max_reply_bytes:
                return reply(StopReason.TOO_LONG, f"more than {request.max_reply_bytes:,} bytes")
            context.on_text(piece)
    return reply(*_ending(heard))


def _ending(heard: Heard) -> tuple[StopReason, str]:
    """Why an answer that came to its end did so."""
    if not heard.events:
        return StopReason.MALFORMED, "no event of a stream came"
    if heard.refusal or heard.stop is StopReason.REFUSED:
        return StopReason.REFUSED, heard.refusal
    if heard.stop is None:
        return StopReason.MALFORMED, heard.detail or "the stream ended before the answer did"
    if heard.stop is StopReason.END and not "".join(heard.text).strip():
        return StopReason.EMPTY, ""
    return heard.stop, ""


def _no_answer(source: Source, call: Call, late: _Late) -> ProviderFault:
    what = f"{source.settings.name} gave no answer within {late.after_s:g} s"
    return ProviderFault(what, hint=faults.CHECK, kind=FaultKind.SILENT, retries=call.retries)


def _broken(
    error: Exception, heard: Heard, source: Source, call: Call, reply: Callable[[StopReason, str], Reply]
) -> Reply:
    """An error in an answer is a value once something of it had arrived, or where it is about the answer's form."""
    if faults.unreadable(error):
        return reply(StopReason.MALFORMED, f"unreadable answer: {source.clean(str(error))}")
    if words := faults.refusal(error):
        return reply(StopReason.REFUSED, source.clean(words))
    if heard.size_bytes or heard.hidden_bytes:
        return reply(StopReason.MALFORMED, f"cut off: {faults.said(error, source)}")
    raised = faults.fault(error, source, call)
    if heard.usage:
        _attach(raised, reply(StopReason.MALFORMED, f"cut off: {faults.said(error, source)}"))
    raise raised from None


def _reply(
    vendor: Vendor, heard: Heard, request: Request, call: Call, source: Source, stop: StopReason, detail: str = ""
) -> Reply:
    usage = vendor.usage(heard.usage) if heard.usage else None
    estimated = _estimate(heard, request, call)
    if usage is None or not heard.events:
        usage = estimated
    elif stop in _CUT_SHORT:
        usage = _at_least(usage, estimated, complete=heard.stop is not None)
    return Reply(
        text="".join(heard.text),
        stop=stop,
        usage=replace(usage, service_tier=heard.service_tier),
        model_served=heard.model or request.model.model,
        latency_s=time.monotonic() - call.started,
        first_token_s=heard.first_token_s,
        retries=call.retries,
        request_id=call.request_id,
        detail=source.clean(detail),
    )


def _estimate(heard: Heard, request: Request, call: Call) -> Usage:
    if not call.sends:
        return Usage(source=UsageSource.ESTIMATED)  # stopped before anything had left
    asked = request.input_tokens or sum(size_bytes(m.text) for m in request.messages) // BYTES_PER_TOKEN
    got = heard.size_bytes + heard.hidden_bytes
    return Usage(asked, output_tokens=-(-got // BYTES_PER_TOKEN), source=UsageSource.ESTIMATED, raw=heard.usage)


def _at_least(usage: Usage, estimated: Usage, *, complete: bool) -> Usage:
    """A stream that broke off had its input billed, but its output count is from before the end."""
    if complete or usage.output_tokens >= estimated.output_tokens:
        return usage
    return Usage(
        usage.input_tokens, usage.cache_read_tokens, usage.cache_write_tokens, estimated.output_tokens,
        usage.reasoning_tokens, UsageSource.ESTIMATED, usage.raw,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Late:
    """A deadline of so many seconds passed."""

    after_s: float


@dataclass(frozen=True, slots=True)
class _Again:
    """The same request is being sent again."""

    why: str


@dataclass(frozen=True, slots=True)
class _Broken:
    """The worker ended with this error."""

    error: Exception


_END = object()


def _arriving(start: Callable[[], Iterator[object]], call: Call) -> Iterator[object]:
    """Events of `start()`, run in a thread of its own, until it ends, breaks, or the deadline passes."""
    box: queue.Queue[object] = queue.Queue(_QUEUED_EVENTS)

    def put(item: object) -> bool:
        while not call.cancelled.is_set():
            try:
                box.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for event in start():
                if not put(event):
                    return
        except Exception as error:  # noqa: BLE001 (handed to the caller's thread, whatever it is)
            put(_Broken(error))
            return
        put(_END)

    call.on_again = lambda why: put(_Again(why))
    threading.Thread(target=work, name="provider-call", daemon=True).start()
    while (left_s := min(call.left_s(), call.silent_left_s())) > 0:
        try:
            # In slices: a request that is sent while we wait begins a silence of its own.
            item = box.get(timeout=min(left_s, _SLICE_S))
        except queue.Empty:
            continue
        if item is _END:
            return
        yield item
        if isinstance(item, _Broken):
            return
    yield _Late(call.ends - call.started if call.left_s() <= 0 else call.patience.first_byte_s)
