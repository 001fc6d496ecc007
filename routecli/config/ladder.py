"""`[providers]` and `[[tiers]]` as nouns, checked against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from routecli.config.layers import Value
from routecli.config.nearest import nearest
from routecli.config.services import SERVICES
from routecli.domain.ladder import ModelRef, Reason, Tier
from routecli.domain.settings import ProviderSettings, Quirk
from routecli.domain.task import Kind
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault

_RESERVED = ("tools", "auto")
"""`tools` is tier 0."""


def build_providers(records: Mapping[str, Mapping[str, Value]]) -> dict[str, ProviderSettings]:
    """Raises ConfigFault: no `api`, an address in the clear, or recorded replies without a file."""
    providers = {}
    for name, record in records.items():
        where = next(iter(record.values())).where if record else "configuration"
        if not name or "/" in name:
            raise ConfigFault(f"{where}: a provider's name holds no slash: {one_line(name, limit=60)!r}")
        fields = _from_service(name, record)
        if "api" not in fields:
            raise ConfigFault(f"{where}: providers.{name} has no api", hint='api = "openai"')
        if "base_url" in record:
            _check_url(name, record["base_url"])
        if "proxy" in record:
            _check_proxy(name, record["proxy"])
        fields["quirks"] = _quirks(name, fields.get("quirks", ()), where)
        if fields["api"] == "replay" and "replies" not in fields:
            raise ConfigFault(f"{where}: providers.{name} has no replies", hint='replies = "replies.json"')
        if "service_tier" in record:
            _check_service_tier(name, fields, record["service_tier"].where)
        if fields["api"] == "agent":
            _check_agent(name, fields, where)
        providers[name] = ProviderSettings(name=name, **fields)
    return providers


def _from_service(name: str, record: Mapping[str, Value]) -> dict[str, Any]:
    """The keys of a provider: its own, and beneath them those of the service that it names. Raises ConfigFault."""
    own = {key: value.value for key, value in record.items()}
    if "service" not in own:
        return own
    service = own.pop("service")
    rows = {row.name: row for row in SERVICES}
    if service not in rows:
        near = nearest(service, rows)
        raise ConfigFault(
            f"{record['service'].where}: providers.{name}: no service {one_line(service, limit=60)}",
            hint=f'service = "{near}"' if near else "one of: " + ", ".join(rows),
        )
    return dict(rows[service].record) | own


def _quirks(name: str, told: Sequence[str], where: str) -> frozenset[Quirk]:
    known = {quirk.value: quirk for quirk in Quirk}
    wrong = next((text for text in told if text not in known), None)
    if wrong is not None:
        raise ConfigFault(
            f"{where}: providers.{name}.quirks: no quirk {one_line(wrong, limit=60)}",
            hint="one of: " + ", ".join(known),
        )
    return frozenset(known[text] for text in told)


def _check_service_tier(name: str, fields: Mapping[str, Any], where: str) -> None:
    said = f"{where}: providers.{name}.service_tier"
    if fields["service_tier"] == "batch":
        why = "a batch is a file that is answered within a day, and a run waits for its answer"
        raise ConfigFault(f"{said}: no batch: {why}", hint='service_tier = "flex"')
    if fields["api"] not in ("openai", "openai-responses"):
        raise ConfigFault(f"{said}: {fields['api']} knows none", hint=f"leave it out of [providers.{name}]")


def _check_proxy(name: str, value: Value) -> None:
    said = f"{value.where}: providers.{name}.proxy"
    try:
        url = urlsplit(value.value)
        _ = url.port
    except ValueError as fault:
        raise ConfigFault(f"{said} is no address: {fault}") from None
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ConfigFault(f"{said} must be an http(s) address", hint='proxy = "http://proxy.example:3128"')
    if url.username or url.password:
        raise ConfigFault(f"{said} holds a user or a password", hint="leave it out, and set HTTPS_PROXY instead")


def _check_agent(name: str, fields: Mapping[str, Any], where: str) -> None:
    if "agent" not in fields:
        raise ConfigFault(f"{where}: providers.{name} has no agent", hint='agent = "claude"')
    if fields["agent"] == "command" and "command" not in fields:
        raise ConfigFault(f"{where}: providers.{name} has no command", hint="command = 'my-agent --task {prompt}'")
    if "api_key_env" in fields and fields["api_key_env"] in fields.get("pass_env", ()):
        raise ConfigFault(f"{where}: providers.{name} passes on the key that is put in outside of the sandbox",
                          hint="take it out of pass_env")  # fmt: skip


def _check_url(name: str, value: Value) -> None:
    """https, or http to this very machine; no user or password in it (security.md row 18)."""
    said = f"{value.where}: providers.{name}.base_url"
    try:
        url = urlsplit(value.value)
        host = url.hostname or ""
        _ = url.port
    except ValueError as fault:
        raise ConfigFault(f"{said} is no address: {fault}") from None
    if url.username or url.password:
        raise ConfigFault(f"{said} holds a user or a password", hint='name a variable: api_key_env = "MY_KEY"')
    if url.scheme not in ("http", "https") or not host:
        raise ConfigFault(f"{said} must be an http(s) address, not {one_line(value.value, limit=80)!r}")
    if url.scheme == "http" and not is_loopback(host):
        raise ConfigFault(
            f"{said} must be https: http is for this machine only, and {one_line(host, limit=60)} is another",
            hint=f'base_url = "https://{one_line(host, limit=60)}{one_line(url.path, limit=60)}"',
        )


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its very name: nothing is resolved."""
    if host in ("localhost", "127.0.0.1", "::1"):
        return True
    if not host[:1].isdigit() and ":" not in host:
        return False
    import ipaddress  # rarely needed, and start-up is a feature

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def build_tiers(tables: Sequence[Mapping[str, Value]], providers: Mapping[str, ProviderSettings]) -> tuple[Tier, ...]:
    """The ladder, ranks from 1. Raises ConfigFault: a name twice, or a model of a provider that is not there."""
    tiers: list[Tier] = []
    for place, table in enumerate(tables):
        name = table["name"]
        if name.value in _RESERVED or name.value in {tier.name for tier in tiers}:
            why = "is tier 0, which is always there" if name.value in _RESERVED else "is there twice"
            raise ConfigFault(f"{name.where}: the tier {one_line(name.value, limit=60)} {why}", hint="rename the tier")
        models = tuple(_model(table["models"], text, providers) for text in table["models"].value)
        _check_kinds(table)
        rest = {key: value.value for key, value in table.items() if key not in ("name", "models", "lane")}
        lane = table["lane"].value if table.get("lane") and table["lane"].value else _lane(models, providers)
        tiers.append(Tier(name.value, place + 1, models, lane=lane, **rest))
    return tuple(tiers)


def _check_kinds(table: Mapping[str, Value]) -> None:
    told = table.get("kinds")
    known = [kind.value for kind in Kind]
    wrong = next((text for text in told.value if text not in known), None) if told else None
    if told and wrong is not None:
        near = nearest(wrong, known)
        raise ConfigFault(
            f"{told.where}: no kind of task is called {one_line(wrong, limit=60)}",
            hint=f"did you mean {near}?" if near else "one of: " + ", ".join(known),
        )


def _model(value: Value, text: str, providers: Mapping[str, ProviderSettings]) -> ModelRef:
    provider, slash, model = text.partition("/")
    if not slash or not provider or not model:
        raise ConfigFault(
            f"{value.where}: a model is named provider/model, not {one_line(text, limit=80)!r}",
            hint="one of the providers: " + ", ".join(providers),
        )
    if provider not in providers:
        near = nearest(provider, providers)
        raise ConfigFault(
            f"{value.where}: no provider {one_line(provider, limit=60)!r} for {one_line(text, limit=80)}",
            hint=f"did you mean {near}/{one_line(model, limit=60)}?" if near else f"add [providers.{provider}]",
        )
    return ModelRef(provider, model)


def _lane(models: Sequence[ModelRef], providers: Mapping[str, ProviderSettings]) -> str:
    """`local` where every model of the tier answers from this machine."""
    urls = [providers[model.provider].base_url for model in models]
    return "local" if all(url and is_loopback(urlsplit(url).hostname or "") for url in urls) else "cloud"


def drop_keyless(
    tiers: tuple[Tier, ...], providers: Mapping[str, ProviderSettings], environ: Mapping[str, str]
) -> tuple[tuple[Tier, ...], list[Reason]]:
    """A preset's tiers without the models whose key is not set; one warning for the tiers that are lost by it.

    Looks whether a variable is set, not at its value."""
    kept: list[Tier] = []
    lost: dict[str, list[str]] = {}
    for tier in tiers:
        usable = tuple(m for m in tier.models if _has_key(providers[m.provider], environ))
        if usable:
            kept.append(replace(tier, models=usable, rank=len(kept) + 1))
        else:
            variables = dict.fromkeys(str(providers[m.provider].api_key_env) for m in tier.models)
            lost.setdefault(" or ".join(variables), []).append(tier.name)
    listed = "; ".join(f"{', '.join(names)}: {variables} is not set" for variables, names in lost.items())
    warnings = [Reason("tier-without-key", f"left out for want of a key: {listed}")] if lost else []
    return tuple(kept), warnings


def _has_key(provider: ProviderSettings, environ: Mapping[str, str]) -> bool:
    return provider.api_key_env is None or bool(environ.get(provider.api_key_env, "").strip())
