"""From facts to a decision before paying: the kind of a task, the first tier, the ladder above it, and why."""

from __future__ import annotations

from routecli.routing.forecasting import Forecaster, forecast, output_tokens_for
from routecli.routing.kinds import KINDS, classify
from routecli.routing.policies import POLICIES, middle_of
from routecli.routing.route import TOOLS_TIER, Asked, route

__all__ = [
    "KINDS", "POLICIES", "TOOLS_TIER", "Asked", "Forecaster", "classify", "forecast", "middle_of",
    "output_tokens_for", "route",
]  # fmt: skip
