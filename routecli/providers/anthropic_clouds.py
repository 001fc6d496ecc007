"""Anthropic's models at Amazon and Google, through the clients that Anthropic's SDK has for them: paths, signatures and
event streams are theirs; what may leave, deadlines and caps are ours as everywhere.

`pip install 'routecli[bedrock]'` (boto3) and `'routecli[vertex]'` (google-auth).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault
from routecli.providers import address, wire
from routecli.providers.anthropic_messages import AnthropicMessages
from routecli.providers.importing import uncollected

if TYPE_CHECKING:
    import anthropic
    import httpx2


class BedrockMessages(AnthropicMessages):
    """See ports.Provider. With `api_key_env` a Bedrock key; without, signed by AWS's own chain of credentials."""

    def _open(self) -> tuple[anthropic.Anthropic, wire.Line]:
        with self._lock:
            if self._client is None or self._line is None:
                settings = self._settings
                _needs(settings, "boto3", "bedrock")
                region = _said(settings, "region", settings.region)
                url = address.checked_url(settings, f"https://bedrock-runtime.{region}.amazonaws.com")
                key = address.checked_key(settings, self._given_key) if settings.api_key_env else None
                self._line = wire.Line(url, address.checked_headers(settings), wire.way_of(settings), signed=True)
                with uncollected():
                    self._client = _bedrock(self._line, url, region, key)
            return self._client, self._line


class VertexMessages(AnthropicMessages):
    """See ports.Provider. With `api_key_env` an access token; without, Google's application default credentials."""

    def _open(self) -> tuple[anthropic.Anthropic, wire.Line]:
        with self._lock:
            if self._client is None or self._line is None:
                settings = self._settings
                _needs(settings, "google.auth", "vertex")
                region = _said(settings, "region", settings.region)
                project = _said(settings, "project", settings.project)
                host = "aiplatform.googleapis.com" if region == "global" else f"{region}-aiplatform.googleapis.com"
                url = address.checked_url(settings, f"https://{host}/v1")
                key = address.checked_key(settings, self._given_key) if settings.api_key_env else None
                self._line = wire.Line(url, address.checked_headers(settings), wire.way_of(settings), signed=True)
                with uncollected():
                    import anthropic

                    client: Any = anthropic.AnthropicVertex(
                        region=region, project_id=project, access_token=key, base_url=url,
                        max_retries=wire.MAX_RETRIES, open_telemetry=False, http_client=self._line.client(),
                    )  # fmt: skip
                    self._client = client
            return self._client, self._line


def _bedrock(line: wire.Line, url: str, region: str, key: str | None) -> Any:
    """A client that signs what is left of a request's headers once ours have been put in order."""
    import anthropic

    class Signing(anthropic.AnthropicBedrock):
        def _prepare_request(self, request: httpx2.Request) -> None:
            line.clean(request)
            super()._prepare_request(request)

    return Signing(
        api_key=key, aws_region=region, base_url=url, max_retries=wire.MAX_RETRIES, open_telemetry=False,
        http_client=line.client(),
    )  # fmt: skip


def _needs(settings: ProviderSettings, module: str, extra: str) -> None:
    """Raises ConfigFault where the extra is not installed."""
    try:
        found = find_spec(module) is not None
    except ModuleNotFoundError:  # its parent package is not there either
        found = False
    if not found:
        what = f"providers.{settings.name} needs the extra {extra}"
        raise ConfigFault(what, hint=f"pip install 'routecli[{extra}]'")


def _said(settings: ProviderSettings, name: str, value: str | None) -> str:
    if value is None or not all(c.isalnum() or c in "-_" for c in value):
        raise ConfigFault(
            f"providers.{settings.name} has no {name}", hint=f'{name} = "…" in [providers.{settings.name}]'
        )
    return value
