"""How many requests wait at a server of one's own: vLLM and llama.cpp say so at `/metrics`, in Prometheus' text format.

Ollama has a queue and tells nobody: `/api/ps` lists the models that are loaded, not who waits for them, and it has no
metrics. Hosted services tell none either: then nothing is known here. Asked only of this machine, without the key, for
a moment: an answer that does not come is no answer.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from routecli.domain.settings import ProviderSettings
from routecli.providers.address import is_loopback

ANSWER_S = 0.3
_MOST_BYTES = 2_000_000
_WAITING = re.compile(
    r"^(?:vllm:num_requests_waiting|llamacpp:requests_deferred)(?:\{(?P<labels>[^}]*)\})?\s+(?P<count>[0-9.eE+]+)\s*$",
    re.MULTILINE,
)
_NAME = re.compile(r'model_name="([^"]*)"')


def is_own_server(settings: ProviderSettings) -> bool:
    """Whether it serves models on this machine and bills nothing, so that requests wait for one another there."""
    host = urlsplit(settings.base_url or "").hostname
    return settings.price_as == "local" and host is not None and is_loopback(host)


def waiting_at(settings: ProviderSettings, model: str) -> int | None:
    """Requests that wait for `model`; None where the server does not say. Never raises."""
    parts = urlsplit(settings.base_url or "")
    if settings.api not in ("openai", "anthropic") or not parts.hostname or not is_loopback(parts.hostname):
        return None
    text = _metrics(parts.hostname, parts.port, secure=parts.scheme == "https")
    return None if text is None else read_waiting(text, model)


def read_waiting(text: str, model: str) -> int | None:
    """The count in a page of metrics: of the lines that name `model`, or that name none."""
    counts = []
    for found in _WAITING.finditer(text):
        name = _NAME.search(found["labels"] or "")
        if name is None or name[1] == model:
            try:
                counts.append(max(0, int(float(found["count"]))))
            except (ValueError, OverflowError):
                continue
    return sum(counts) if counts else None


def _metrics(host: str, port: int | None, *, secure: bool) -> str | None:
    import http.client

    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(host, port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/metrics", headers={"Accept": "text/plain"})
        answer = connection.getresponse()
        return answer.read(_MOST_BYTES).decode("utf-8", "replace") if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
