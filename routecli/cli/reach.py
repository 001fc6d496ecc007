"""Whether a provider has its key and answers: its list of models is asked for, which costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from routecli.domain.settings import ProviderSettings
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, ProviderFault
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from routecli.config.load import Loaded


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
    if missing or offline:
        return ProviderCheck(provider.name, text, missing, None, "not asked")
    from routecli.providers.reach import reach

    try:
        reached = reach(provider, key)
    except ConfigFault as fault:
        said = one_line(fault.what)
        return ProviderCheck(provider.name, f"{text} was refused" if key else text, True, True, said)
    except ProviderFault as fault:
        return ProviderCheck(provider.name, text, False, False, one_line(fault.what))
    if reached is None:
        return ProviderCheck(provider.name, text, False, None, "nothing to ask")
    host = urlsplit(provider.base_url or "").hostname or provider.name
    return ProviderCheck(provider.name, text, False, True, f"{host} answers ({reached.latency_s:.1f} s)")
