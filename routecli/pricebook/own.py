"""The user's own rates: they speak for the service tier asked for, and what the answer says it was served at counts.

`[prices."NAME/model@SERVED"]` are the rates of calls that were served at SERVED. Where there is none, the list says by
how much that service tier differs from the one asked for, and the user's rates differ by as much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from routecli.domain.money import Usage, Usd
from routecli.domain.settings import PriceOverride
from routecli.nouns import dataclass
from routecli.pricebook import bundled
from routecli.pricebook.rates import by_override, uncached

USUAL = frozenset({"", "default", "standard", "auto"})
"""How servers name the service tier of a call for which none is asked."""
_ONE = Decimal(1)
_MANY = 1_000_000

Listed = Callable[[Usage, str], Usd]
"""What the list asks for a usage at a service tier. Raises NoPrice."""


@dataclass(frozen=True, slots=True)
class OwnRates:
    """The rates of one model: `rates` at the service tier `asked` (empty: the usual), `served` those of others."""

    rates: PriceOverride
    served: Mapping[str, PriceOverride]
    asked: str
    listed: Listed

    def bill(self, usage: Usage) -> tuple[Usd, Usd]:
        """What `usage` costs, and what it would have cost without any cache. Raises NoPrice: it was served at a dearer
        service tier than asked for, and nobody says what that costs."""
        rates, share = self._at(usage)
        return _times(by_override(rates, usage), share), _times(by_override(rates, uncached(usage)), share)

    def most(self, input_tokens: int, max_output_tokens: int) -> Usd:
        """The most that a call of this size costs: at the service tier asked for or the usual one, which the server
        decides; the prompt newly written to the cache where that is dearer."""
        prompts = (Usage(input_tokens, output_tokens=max_output_tokens),
                   Usage(input_tokens, cache_write_tokens=input_tokens, output_tokens=max_output_tokens))  # fmt: skip
        known = [(self.rates, _ONE), *((rates, _ONE) for rates in self.served.values())]
        if self.asked and not USUAL & self.served.keys():
            known.append((self.rates, self._dearest_share()))
        return max(_times(by_override(rates, prompt), share) for rates, share in known for prompt in prompts)

    def _at(self, usage: Usage) -> tuple[PriceOverride, Decimal]:
        """The rates that count for `usage`, and how many times."""
        served = usage.service_tier
        if (exact := self.served.get(served)) is not None:
            return exact, _ONE
        if served in ("", self.asked) or (served in USUAL and self.asked in USUAL):
            return self.rates, _ONE
        try:
            there, here = self.listed(usage, served), self.listed(usage, self.asked)
        except bundled.NoPrice:
            if served in bundled.DEARER:
                raise
            return self.rates, _ONE
        return self.rates, there / here if here else _ONE

    def _dearest_share(self) -> Decimal:
        """How many times as dear the usual service tier can be as the one asked for, whatever a call is made of."""
        kinds = (Usage(_MANY), Usage(output_tokens=_MANY), Usage(_MANY, cache_read_tokens=_MANY),
                 Usage(_MANY, cache_write_tokens=_MANY))  # fmt: skip
        try:
            pairs = [(self.listed(kind, "default"), self.listed(kind, self.asked)) for kind in kinds]
        except bundled.NoPrice:
            return _ONE
        return max([_ONE, *(usual / asked for usual, asked in pairs if asked)])


def _times(amount: Usd, share: Decimal) -> Usd:
    return amount if share == _ONE else Usd(amount * share)
