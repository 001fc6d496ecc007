"""Configuration and an order become a Plan, and a Plan a ready Cascade: the only place that wires the rooms."""

from routecli.compose.counterfactual import baseline_of
from routecli.compose.listening import Broadcast
from routecli.compose.planning import Order, Plan, make_plan
from routecli.compose.seams import Consent
from routecli.compose.showing import FirstCall, LeftOut, first_call
from routecli.compose.wiring import Ready, Wishes, edit_formats, make_ready

__all__ = [
    "Broadcast", "Consent", "FirstCall", "LeftOut", "Order", "Plan", "Ready", "Wishes", "baseline_of", "edit_formats",
    "first_call", "make_plan", "make_ready",
]  # fmt: skip
