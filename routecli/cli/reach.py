"""Whether a provider has its key and answers: its list of models is asked for, which costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from routecli.domain.settings import ProviderSettings
from routecli.domain.untrusted import one_line, redact

if TYPE_CHECKING:
    from routecli.config.load import Loaded

TIMEOUT_S = 10.0
_REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class ProviderCheck:
    """What was found of one provider. `key_fault`: a key is missing, or was refused. `reachable` None: not asked."""

    name: str
    key_text: str
    key_fault: bool
    reachable: bool | None
    answer: str

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "provider": self.name,
            "key": self.key_text,
            "key_fault": self.key_fault,
            "reachable": self.reachable,
            "answer": self.answer,
        }


def check_providers(loaded: Loaded, *, offline: bool) -> list[ProviderCheck]:
    """Each provider of the ladder, in its order; all are asked at the same time."""
    from concurrent.futures import ThreadPoolExecutor

    names = dict.fromkeys(model.provider for tier in loaded.settings.tiers for model in tier.models)
    settings = [loaded.settings.providers[name] for name in names]
    with ThreadPoolExecutor(max_workers=max(1, len(settings))) as pool:
        return list(pool.map(lambda one: _check(one, loaded.key_of(one.name), offline=offline), settings))


def _check(provider: ProviderSettings, key: str | None, *, offline: bool) -> ProviderCheck:
    missing = provider.api_key_env is not None and key is None
    text = "needs none" if provider.api_key_env is None else provider.api_key_env + (" is not set" if missing else "")
    if missing or offline or provider.base_url is None:
        why = "not asked" if provider.base_url is not None else "nothing to ask: no address"
        return ProviderCheck(provider.name, text, missing, None, why)
    status, answer = _ask(_models_url(provider), _headers(provider, key))
    answer = redact(one_line(answer), [key] if key else [])
    if status in _REFUSED:
        return ProviderCheck(provider.name, f"{text} was refused" if key else text, True, True, answer)
    return ProviderCheck(provider.name, text, False, status is not None, answer)


def _models_url(provider: ProviderSettings) -> str:
    base = str(provider.base_url).rstrip("/")
    return f"{base}/v1/models" if provider.api == "anthropic" else f"{base}/models"


def _headers(provider: ProviderSettings, key: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "routecli", **provider.headers}
    if provider.api == "anthropic":
        headers["anthropic-version"] = "2023-06-01"
    if key and provider.api == "anthropic":
        headers["x-api-key"] = key
    elif key:
        headers["Authorization"] = f"Bearer {key}"
    return headers


def _ask(url: str, headers: Mapping[str, str]) -> tuple[int | None, str]:
    """The HTTP status and a line about it; None where nothing answered. No redirect is followed: the key stays here."""
    import http.client
    import time
    import urllib.error
    import urllib.request

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    host = urlsplit(url).hostname or ""
    direct = [urllib.request.ProxyHandler({})] if url.startswith("http:") else []
    opener = urllib.request.build_opener(NoRedirect, *direct)
    begun = time.monotonic()
    try:
        with opener.open(urllib.request.Request(url, headers=dict(headers)), timeout=TIMEOUT_S) as response:
            return response.status, f"{host} answers ({time.monotonic() - begun:.1f} s)"
    except urllib.error.HTTPError as fault:
        with fault:
            return fault.code, f"{host} answers with status {fault.code}"
    except urllib.error.URLError as fault:
        return None, f"{host} cannot be reached: {getattr(fault.reason, 'strerror', None) or fault.reason}"
    except (OSError, http.client.HTTPException, ValueError) as fault:
        return None, f"{host} cannot be reached: {fault or type(fault).__name__}"
