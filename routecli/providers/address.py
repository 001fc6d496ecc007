"""Where a call may go and with which key (security.md rows 56, 59)."""

from __future__ import annotations

from urllib.parse import urlsplit

from routecli.domain.settings import ProviderSettings, Quirk
from routecli.errors import ConfigFault


def checked_url(settings: ProviderSettings, default: str) -> str:
    """The address of a provider. Raises ConfigFault: a key travels by https, or stays on this machine."""
    url = settings.base_url or default
    if Quirk.API_KEY_HEADER in settings.quirks and settings.base_url is None:
        hint = f'providers.{settings.name}.base_url = "https://RESOURCE.openai.azure.com/openai/v1"'
        raise ConfigFault(f"providers.{settings.name} has no base_url", hint=hint)
    where = f"providers.{settings.name}.base_url"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as fault:
        raise ConfigFault(f"{where} is no address: {fault}", hint="routecli config path") from fault
    if parts.username or parts.password:
        raise ConfigFault(f"{where} holds credentials", hint="name a variable in api_key_env instead")
    if not host or parts.scheme not in ("http", "https"):
        raise ConfigFault(f"{where} is no address: {url}", hint="routecli config path")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigFault(f"{where} is {url}: unencrypted to another machine", hint="use https")
    return url


def is_at(settings: ProviderSettings, default: str) -> bool:
    """Whether the provider is the vendor itself: at the host of `default`."""
    return settings.base_url is None or urlsplit(settings.base_url).hostname == urlsplit(default).hostname


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by its address or by the reserved name."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_key(settings: ProviderSettings, key: str | None) -> str:
    """The key as it can stand in a header. Raises ConfigFault naming the variable, never the value."""
    text = (key or "").strip()
    if not text:
        if settings.api_key_env:
            raise ConfigFault(f"${settings.api_key_env} is not set", hint=f"export {settings.api_key_env}=…")
        return "none"  # a local server asks for none, and the SDKs want some
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ConfigFault(f"${settings.api_key_env} holds characters that no key has", hint="set it again")
    return text


def checked_headers(settings: ProviderSettings) -> dict[str, str]:
    """The configured headers. Raises ConfigFault for what no header can hold."""
    for name, value in settings.headers.items():
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()) or " " in name:
            raise ConfigFault(f"providers.{settings.name}.headers: {name!r} is no header", hint="routecli config path")
    return dict(settings.headers)


def key_headers(settings: ProviderSettings, key: str) -> dict[str, str]:
    """The header that carries the key of an API that speaks like OpenAI's."""
    if Quirk.API_KEY_HEADER in settings.quirks:
        return {"api-key": key}
    if Quirk.PORTKEY_HEADERS in settings.quirks:
        return {"x-portkey-api-key": key}
    return {"Authorization": f"Bearer {key}"}
