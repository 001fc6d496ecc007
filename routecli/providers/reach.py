"""Whether a provider answers and takes the key, for `config check`: its list of models, which costs nothing."""

from __future__ import annotations

import json
import time

from routecli.domain.settings import ProviderSettings
from routecli.errors import ProviderFault
from routecli.nouns import dataclass
from routecli.providers import address, anthropic_messages, incoming, openai_compat, wire
from routecli.providers.faults import Source, fault

_LISTS = {
    "openai": (openai_compat.DEFAULT_URL, "/models"),
    "openai-responses": (openai_compat.DEFAULT_URL, "/models"),
    "anthropic": (anthropic_messages.DEFAULT_URL, "/v1/models"),
}
VERSION = "2023-06-01"
"""The `anthropic-version` that every server of the messages API knows."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A provider answered. `models` are the names that it lists; empty where it has no such list."""

    models: tuple[str, ...]
    latency_s: float


def reach(settings: ProviderSettings, key: str | None, *, deadline_s: float = 10.0) -> Reached | None:
    """Asks `settings`' provider for its models. None: this API calls nobody.

    Raises ConfigFault (address, key) and ProviderFault (nobody there, or it is down). A server without a list of
    models counts as reached.
    """
    if settings.api not in _LISTS:
        return None
    default, path = _LISTS[settings.api]
    url = address.checked_url(settings, default).rstrip("/")
    given = address.checked_key(settings, key)
    headers = address.key_headers(settings, given) | {"anthropic-version": VERSION} | address.checked_headers(settings)
    if settings.api == "anthropic":
        url = url.removesuffix("/v1")
        headers["x-api-key"] = given
    return _ask(url + path, url, headers, Source(settings, "", given), deadline_s)


def _ask(list_url: str, base_url: str, headers: dict[str, str], source: Source, deadline_s: float) -> Reached:
    import httpx2

    line, call, started = (
        wire.Line(base_url, headers, wire.way_of(source.settings)),
        wire.Call(deadline_s, 0),
        time.monotonic(),
    )
    line.begin(call)
    try:
        with line.client() as client:
            answer = client.get(list_url, timeout=httpx2.Timeout(deadline_s))
    except (httpx2.HTTPError, incoming.BodyTooLong, incoming.Undecodable, wire.Abandoned) as error:
        raise fault(error, source, call) from None
    if answer.status_code in (404, 405):
        return Reached((), time.monotonic() - started)
    if answer.status_code >= 300:
        raise fault(_Answered(answer.status_code, _json(answer.content)), source, call)
    return Reached(_names(_json(answer.content)), time.monotonic() - started)


class _Answered(Exception):
    """An error status, in the shape that the SDKs give it."""

    def __init__(self, status_code: int, body: object) -> None:
        super().__init__(f"status {status_code}")
        self.status_code, self.body = status_code, body


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw[:2000].decode("utf-8", "replace")


def _names(body: object) -> tuple[str, ...]:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        raise ProviderFault("the list of models is none: is base_url right?", hint="routecli config path")
    return tuple(str(m["id"]) for m in data if isinstance(m, dict) and "id" in m)
