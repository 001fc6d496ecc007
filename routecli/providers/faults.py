"""What an SDK raised, in our words. Both SDKs share the shape of their errors, so neither is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from routecli.domain.settings import ProviderSettings
from routecli.domain.untrusted import one_line, redact
from routecli.errors import ConfigFault, FaultKind, ProviderFault, RoutecliError
from routecli.nouns import dataclass
from routecli.providers.incoming import BodyTooLong, Undecodable
from routecli.providers.wire import Abandoned, Call

CHECK = "routecli config check"
TRY = "routecli doctor --call"
_THROTTLES = (429, 503, 529)
"""503 and 529: overloaded, and it will pass."""
_REFUSALS = ("content_filter", "content_policy_violation", "content_policy", "responsibleaipolicyviolation")


class ErrorInBody(Exception):
    """An error that came with status 200, as some gateways send theirs."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__("an error with status 200")
        self.body = body
        inner = body.get("error")
        code = inner.get("code") if isinstance(inner, Mapping) else None
        self.status_code = code if isinstance(code, int) and 400 <= code < 600 else None


@dataclass(frozen=True, slots=True)
class Source:
    """Whose fault it would be, for messages: never with the key in them."""

    settings: ProviderSettings
    model: str
    key: str

    def clean(self, text: str) -> str:
        """`text` on one line, without the key."""
        return one_line(redact(text, [self.key]))


def fault(error: Exception, source: Source, call: Call) -> RoutecliError:
    """The error to raise for `error`, before anything of an answer had arrived."""
    found = _fault(error, source, begun=call.begun)
    if isinstance(found, ProviderFault):
        found.wait_s, found.retries, found.request_id = call.asked_wait_s, call.retries, call.request_id
    return found


def _fault(error: Exception, source: Source, *, begun: bool) -> RoutecliError:
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status >= 300:  # an error event in a stream comes with the stream's own 200
        return _by_status(status, said(error, source), source)
    name = source.settings.name
    abandoned = _abandoned(error)
    if abandoned is not None:
        return ProviderFault(f"{name} gave {abandoned}", hint=CHECK, kind=FaultKind.SILENT)
    why = said(error, source)
    if _timed_out(error):
        return ProviderFault(f"{name} fell silent: {why}", hint=CHECK, kind=FaultKind.SILENT)
    if getattr(error, "body", None):
        return ProviderFault(f"{name} answered with an error: {why}", hint=CHECK)
    if begun:
        return ProviderFault(f"{name} broke its answer off: {why}", hint=CHECK)
    hint = "apt-get install ca-certificates, or set SSL_CERT_FILE" if "CERTIFICATE_VERIFY" in why else CHECK
    return ProviderFault(f"{name} cannot be reached: {why}", hint=hint, kind=FaultKind.UNREACHABLE)


def _timed_out(error: BaseException | None) -> bool:
    """Whether the transport waited in vain for the next piece of an answer."""
    while error is not None and type(error).__name__ != "ReadTimeout":
        error = error.__cause__
    return error is not None


def _abandoned(error: BaseException | None) -> Abandoned | None:
    """The Abandoned behind `error`: the SDKs wrap what a hook raises."""
    while error is not None and not isinstance(error, Abandoned):
        error = error.__cause__
    return error


def _by_status(status: int, why: str, source: Source) -> RoutecliError:
    name, variable = source.settings.name, source.settings.api_key_env
    if status in (401, 403):
        if variable is None:
            return ConfigFault(f"{name} wants a key ({status}): {why}", hint=f"set providers.{name}.api_key_env")
        return ConfigFault(f"{name} refused the key in ${variable} ({status}): {why}", hint=f"export {variable}=…")
    if 300 <= status < 400:
        return ProviderFault(
            f"{name} redirects ({status}), and redirects are not followed: a key could go to a stranger",
            hint=f"set providers.{name}.base_url to where it leads",
            kind=FaultKind.REDIRECTS,
        )
    if status == 404:
        what = f"{name} has no model {source.model} ({status}): {why}"
        return ProviderFault(what, hint="routecli models", kind=FaultKind.NO_MODEL)
    if status in (408, 409, 429, 529) or status >= 500:
        kind = FaultKind.THROTTLED if status in _THROTTLES else FaultKind.DOWN
        return ProviderFault(f"{name} is down or throttles ({status}): {why}", hint=CHECK, kind=kind)
    return ProviderFault(
        f"{name} did not take the request for {source.model} ({status}): {why}", hint=TRY, kind=FaultKind.NOT_TAKEN
    )


def said(error: Exception, source: Source) -> str:
    """The server's own words, or the network's: untrusted, on one line, without the key."""
    body = getattr(error, "body", None)
    if isinstance(body, list) and body:  # Google's endpoint wraps its errors
        body = body[0]
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        words = inner.get("message") if isinstance(inner, Mapping) else inner
        return source.clean(str(words or body))
    if isinstance(body, str) and body.strip():
        return "a page of HTML" if is_html(body) else source.clean(body)
    deepest: BaseException = error
    while deepest.__cause__ is not None:
        deepest = deepest.__cause__
    return source.clean(str(deepest) or str(error) or type(error).__name__)


def is_html(text: str) -> bool:
    """Whether a proxy's page came instead of the API's answer."""
    return text.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<head", "<body", "<?xml"))


def refusal(error: Exception) -> str:
    """The words of a safety filter that turned the prompt down with an error status; empty for any other error."""
    body = getattr(error, "body", None)
    if getattr(error, "status_code", None) not in (400, 403, 422) or not isinstance(body, Mapping):
        return ""
    inner: Any = body.get("error", body)
    if not isinstance(inner, Mapping):
        return ""
    marks = (str(inner.get("code")).lower(), str(inner.get("type")).lower())
    return str(inner.get("message") or "refused") if any(mark in _REFUSALS for mark in marks) else ""


def unreadable(error: Exception) -> bool:
    """Whether `error` is about the answer's form: bad JSON or UTF-8 (both ValueErrors), JSON that is nested without
    end, bad compression, or a body beyond what any answer of that many tokens takes (a bomb, a line without end)."""
    return isinstance(error, ValueError | RecursionError | Undecodable | BodyTooLong)
