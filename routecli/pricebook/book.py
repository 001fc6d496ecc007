"""Who is asked for a price: the user's overrides, then what is declared free, then the bundled list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.domain.money import ZERO_USD, Cost, Usage, Usd
from routecli.domain.settings import PriceOverride, ProviderSettings, Quirk
from routecli.pricebook import bundled, dated, fetched
from routecli.pricebook.lineage import later
from routecli.pricebook.own import OwnRates
from routecli.pricebook.rates import Rates, from_override, uncached

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

FREE = "local"
"""`price_as = "local"`: a declaration of the user's that this provider bills nothing (their own Ollama or vLLM)."""

FREE_APIS = frozenset({"replay", "tools"})
"""Backends that call nobody: no bill can come from them. `price_as` overrules, so that a demo shows real prices."""

_DEFAULT_ID = {
    "openai": "openai", "openai-responses": "openai", "codex": "openai",
    "anthropic": "anthropic", "claude": "anthropic",
}  # fmt: skip
"""The price list's name for an API, or an agent, without a `base_url`: the vendor's own."""


class Pricebook:
    """Satisfies ports.Pricer. `overrides` are keyed `provider/model`, or `provider/model@SERVED` (own.py); `providers`
    by the configuration's names.

    `price_list` is the file of a fetched list: it counts where it is newer than the bundled one and can be read. An
    unknown price is a Cost without an amount and with the reason: never zero. Nothing here uses the network.
    """

    def __init__(
        self,
        overrides: Mapping[str, PriceOverride],
        providers: Mapping[str, ProviderSettings] | None = None,
        price_list: Path | None = None,
    ) -> None:
        self._overrides = overrides
        self._providers = providers or {}
        self._kept = dated.newest(price_list)

    def cost(self, provider: str, model: str, usage: Usage) -> Cost:
        """See ports.Pricer.cost."""
        try:
            if (own := self._own(provider, model)) is not None:
                amount, plain = own.bill(usage)
                return Cost(amount, uncached_usd=plain)
            if self._free(provider):
                return Cost(ZERO_USD)
            if self._unmetered(provider):
                return self._said_or_declared(provider, usage)
            if (billed := self._billed(provider, usage)) is not None:
                return Cost(billed)
            entry = self._find(provider, model)
            amount = self._listed(provider, entry, usage)
            cached = usage.cache_read_tokens or usage.cache_write_tokens
            plain = self._listed(provider, entry, uncached(usage)) if cached else amount
            return Cost(amount, self.as_of(), uncached_usd=plain)
        except bundled.NoPrice as fault:
            return Cost(None, why_unknown=str(fault))

    def worst_case(self, provider: str, model: str, input_tokens: int, max_output_tokens: int) -> Cost:
        """The most that a call with this prompt and this cap can cost: all output used, the prompt newly written to
        the cache where that is dearer, at the dearest hour of the day. Never falls when either number grows."""
        if (own := self._own(provider, model)) is not None:
            return Cost(own.most(input_tokens, max_output_tokens))
        if self._free(provider):
            return Cost(ZERO_USD)
        if self._unmetered(provider):
            return self._said_or_declared(provider, Usage())
        try:
            entry = self._find(provider, model)
            most = bundled.dearest(*entry, input_tokens, max_output_tokens, asked=self._asked_tier(provider))
            return Cost(most, self.as_of())
        except bundled.NoPrice as fault:
            return Cost(None, why_unknown=str(fault))

    def rates(self, provider: str, model: str) -> Rates | None:
        """Today's rates for people, or None where they are unknown."""
        if (own := self._overrides.get(f"{provider}/{model}")) is not None:
            return from_override(own)
        if self._free(provider):
            return Rates(ZERO_USD, ZERO_USD, ZERO_USD, ZERO_USD, source=self._why_free(provider))
        try:
            return bundled.rates(*self._find(provider, model), source=self.source(), asked=self._asked_tier(provider))
        except bundled.NoPrice:
            return None

    def rates_on(self, provider: str, model: str, day: date) -> Rates | None:
        """The list's rates on `day` as far as it remembers; None where they are unknown, or the user's own."""
        if f"{provider}/{model}" in self._overrides or self._free(provider):
            return None
        try:
            return bundled.rates(*self._find(provider, model), datetime.combine(day, time(12), UTC))
        except bundled.NoPrice:
            return None

    def retired(self, provider: str, model: str) -> bool:
        """Whether the list calls it deprecated."""
        try:
            return bool(self._find(provider, model)[1].deprecated)
        except bundled.NoPrice:
            return False

    def later(self, provider: str, model: str) -> tuple[str, ...]:
        """Names, as the list has them, of later models of the same family, the latest first (lineage.py)."""
        try:
            vendor: Provider | None = self._find(provider, model)[0]
        except bundled.NoPrice:
            vendor = self._vendor(provider)
        listed = [one.id for one in vendor.models if not one.deprecated] if vendor is not None else []
        return later(model, listed)

    def by_the_hour(self, provider: str, model: str) -> bool:
        """Whether its price hangs on the time of the day."""
        if f"{provider}/{model}" in self._overrides or self._free(provider):
            return False
        try:
            return bundled.by_the_hour(self._find(provider, model)[1])
        except bundled.NoPrice:
            return False

    def context_limit(self, provider: str, model: str) -> int | None:
        """Tokens of prompt and answer that the model takes, or None where the list does not say (911 of 2,330)."""
        try:
            limit: int | None = self._find(provider, model)[1].context_window
        except bundled.NoPrice:
            return None
        return limit

    def as_of(self) -> date | None:
        """The day that the list's prices speak for."""
        return dated.as_of() if self._kept is None else self._kept.day

    def source(self) -> str:
        """Which list that is, in a few words."""
        if self._kept is None:
            return f"genai-prices {bundled.version()}"
        return f"genai-prices, fetched on {self._kept.day.isoformat()}"

    def providers(self) -> Sequence[Provider]:
        """All that the list knows."""
        self._readable()
        return bundled.models(self._kept).providers

    def _readable(self) -> None:
        """A kept list that cannot be read any more (another release of its reader) is as good as none."""
        try:
            bundled.models(self._kept)
        except fetched.BadBook:
            self._kept = None

    def preload(self) -> None:
        """Loads the list (0.2 s); called in a thread beside work that waits."""
        self.as_of()
        self.providers()

    def _listed(self, provider: str, entry: tuple[Provider, ModelInfo], usage: Usage) -> Usd:
        """At the service tier that the answer names. Where it names none and one was asked for: at the dearer of that
        and the usual one."""
        asked = self._asked_tier(provider)
        if usage.service_tier or asked is None:
            return bundled.price(*entry, usage, served=usage.service_tier)
        return max(bundled.price(*entry, usage, served=served) for served in ("", asked))

    def _own(self, provider: str, model: str) -> OwnRates | None:
        """The user's own rates of a model; None: there are none."""
        name = f"{provider}/{model}"
        if (rates := self._overrides.get(name)) is None:
            return None
        named = ((*other.rpartition("@")[::2], own) for other, own in self._overrides.items())
        served = {tier: own for model_of, tier, own in named if model_of == name}

        def listed(usage: Usage, tier: str) -> Usd:
            return bundled.price(*self._find(provider, model), usage, served=tier)

        return OwnRates(rates, served, self._asked_tier(provider) or "", listed)

    def _asked_tier(self, provider: str) -> str | None:
        settings = self._settings(provider)
        return settings.service_tier if settings else None

    def _settings(self, provider: str) -> ProviderSettings | None:
        return self._providers.get(provider)

    def _free(self, provider: str) -> bool:
        settings = self._settings(provider)
        if settings is None:
            return False
        return settings.price_as == FREE or (settings.price_as is None and settings.api in FREE_APIS)

    def _billed(self, provider: str, usage: Usage) -> Usd | None:
        """What the service states as the bill of a call, where it does; with a key of the user's own at the upstream,
        what that will charge as well (OpenRouter's usage accounting)."""
        settings = self._settings(provider)
        if settings is None or Quirk.BILLED_COST not in settings.quirks:
            return None
        cost = _amount(usage.raw.get("cost"))
        details = usage.raw.get("cost_details")
        if cost is not None and usage.raw.get("is_byok") is True and isinstance(details, Mapping):
            upstream = _amount(details.get("upstream_inference_cost"))
            return None if upstream is None else Usd(cost + upstream)
        return cost

    def _said_or_declared(self, provider: str, usage: Usage) -> Cost:
        """One run of an agent whose requests are not seen: its own word on what it cost, else the user's."""
        settings = self._settings(provider)
        declared = settings.run_usd if settings else None
        amount = _own_count(usage)
        if amount is None and declared is None:
            return Cost(None, why_unknown="its requests are not seen, and no run_usd says what a run costs")
        return Cost(amount if amount is not None else Usd(Decimal(str(declared))))

    def _unmetered(self, provider: str) -> bool:
        settings = self._settings(provider)
        return settings is not None and settings.api == "agent" and not (settings.api_key_env or settings.base_url)

    def _why_free(self, provider: str) -> str:
        settings = self._settings(provider)
        return 'price_as = "local"' if settings and settings.price_as == FREE else "calls nobody"

    def _vendor(self, provider: str) -> Provider | None:
        settings = self._settings(provider)
        own = (settings.price_as or _DEFAULT_ID.get(settings.api, provider)) if settings else provider
        url = settings.base_url if settings and not settings.price_as else None
        self._readable()
        return bundled.vendor(own, url, within=self._kept)

    def _find(self, provider: str, model: str) -> tuple[Provider, ModelInfo]:
        self._readable()
        settings = self._settings(provider)
        if settings is None:
            return bundled.find(provider, model, within=self._kept)
        if settings.price_as is not None:
            return bundled.find(settings.price_as, model, within=self._kept)
        if settings.base_url is not None:
            return bundled.find(None, model, settings.base_url, within=self._kept)
        known_as = _DEFAULT_ID.get(settings.agent or settings.api, provider)
        return bundled.find(known_as, model, within=self._kept)


def _own_count(usage: Usage) -> Usd | None:
    """What an agent says itself that its run cost."""
    said = usage.raw.get("cost_usd")
    return _amount(Decimal(said)) if isinstance(said, str) else None


def _amount(stated: object) -> Usd | None:
    """A stated amount as dollars; None where it is none. Binary fractions come with noise in their last digits, which
    no bill has: 12 of them are kept."""
    if isinstance(stated, bool) or not isinstance(stated, int | float | Decimal):
        return None
    amount = Decimal(f"{stated:.12g}") if isinstance(stated, float) else Decimal(stated)
    return Usd(amount) if amount.is_finite() and amount >= 0 else None
