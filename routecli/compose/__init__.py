"""Configuration and an order become a Plan, and a Plan a ready Cascade: the only place that wires the rooms.

A name is loaded when it is first asked for: who only judges what is staged needs no provider, prompt or price.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routecli.compose.counterfactual import baseline_of
    from routecli.compose.listening import Broadcast
    from routecli.compose.planning import Order, Plan, make_plan
    from routecli.compose.reviewing import beside
    from routecli.compose.seams import Consent
    from routecli.compose.showing import FirstCall, LeftOut, first_call
    from routecli.compose.wiring import Ready, Wishes, edit_formats, make_ready

_HOME = {
    "baseline_of": "counterfactual", "Broadcast": "listening", "Order": "planning", "Plan": "planning",
    "make_plan": "planning", "Consent": "seams", "FirstCall": "showing", "LeftOut": "showing", "first_call": "showing",
    "Ready": "wiring", "Wishes": "wiring", "edit_formats": "wiring", "make_ready": "wiring",
    "beside": "reviewing",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found


__all__ = [
    "Broadcast", "Consent", "FirstCall", "LeftOut", "Order", "Plan", "Ready", "Wishes", "baseline_of", "beside",
    "edit_formats", "first_call", "make_plan", "make_ready",
]  # fmt: skip
