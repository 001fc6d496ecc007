"""From facts to a decision before paying: the kind of a task, the first tier, the ladder above it, and why."""

from __future__ import annotations

from routecli.routing.classifying import CLASSIFIERS, UNLEVELLED, Failed
from routecli.routing.complexity import History, complexity, measured
from routecli.routing.forecasting import PROMPT_TOKENS, Forecaster, forecast, output_tokens_for
from routecli.routing.kinds import KINDS, classify
from routecli.routing.lanes import LANES
from routecli.routing.policies import BY_EVIDENCE, POLICIES, middle_of
from routecli.routing.resolving import Detours, Flags, Resolution, Roles, detours, resolve, roles_of
from routecli.routing.route import TOOLS_TIER, Asked, Known, route, taking
from routecli.routing.selecting import Contender, select

__all__ = [
    "BY_EVIDENCE", "CLASSIFIERS", "KINDS", "LANES", "POLICIES", "PROMPT_TOKENS", "TOOLS_TIER", "UNLEVELLED", "Asked",
    "Contender", "Detours", "Failed", "Flags", "Forecaster", "History", "Known", "Resolution", "Roles", "classify",
    "complexity", "detours", "forecast", "measured", "middle_of", "output_tokens_for", "resolve", "roles_of", "route",
    "select", "taking",
]  # fmt: skip
