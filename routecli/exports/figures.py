"""The ledger's sums as named figures with labels: what Prometheus and StatsD are told alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from decimal import Decimal

from routecli.domain.untrusted import one_line
from routecli.ledger.stats import Stats, TierSums
from routecli.ledger.steps import OVERRULED
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` without our prefix; `total` figures only grow, as long as the ledger is not pruned."""

    name: str
    value: int | Decimal
    help: str
    total: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)


def figures(stats: Stats, overruled: Mapping[str, int]) -> Iterator[Figure]:
    """Those of one name follow one another. `overruled` are the runs that a person overruled, by how. What was saved is
    an estimate, and says so in its name."""
    total, saved = stats.total, stats.saved
    yield Figure("runs_total", total.runs, "Runs that began.")
    yield Figure("runs_judged_total", total.judged, "Runs that ended with a say about a patch.")
    yield Figure("runs_verified_total", total.right, "Runs that ended with a verified patch.")
    yield Figure("runs_climbed_total", total.climbed, "Runs that needed more than one tier.")
    yield Figure("runs_good_total", total.good, "Verified patches that were called good later.")
    yield Figure("runs_bad_total", total.bad, "Verified patches that were called bad or taken back later.")
    for how in OVERRULED:
        said = "Runs that a person overruled: a tier named, done again, or a patch written that nothing accepted."
        yield Figure("runs_overruled_total", overruled.get(how, 0), said, labels={"how": how})
    yield Figure("runs_unpriced_total", total.unpriced, "Runs without a known cost, which are in no sum.")
    yield Figure("cost_usd_total", total.cost_usd, "What runs cost, US dollars.")
    estimate = saved.baseline_usd - saved.cost_usd
    yield Figure(
        "saved_estimate_usd", estimate, "Estimated cost of the top tier alone less what was paid.", total=False
    )
    yield from _by("tier", stats.by_tier)
    yield from _by("model", stats.by_model)


def _by(label: str, sums: Mapping[str, TierSums]) -> Iterator[Figure]:
    kept = {one_line(name, limit=200): found for name, found in sums.items()}

    def each(name: str, said: str, field_name: str, **more: str) -> Iterator[Figure]:
        for group, found in kept.items():
            yield Figure(f"{label}_{name}", getattr(found, field_name), said, labels={label: group} | more)

    yield from each("calls_total", f"Calls by {label}.", "calls")
    yield from each("attempts_total", f"Replies by {label}.", "attempts")
    yield from each("verified_total", f"Verified patches by {label}.", "right")
    yield from each("cost_usd_total", f"What calls cost by {label}, US dollars.", "cost_usd")
    tokens = f"Tokens by {label}; those read from a cache are among the input."
    yield from each("tokens_total", tokens, "input_tokens", kind="input")
    yield from each("tokens_total", tokens, "cache_read_tokens", kind="cache_read")
    yield from each("tokens_total", tokens, "output_tokens", kind="output")
