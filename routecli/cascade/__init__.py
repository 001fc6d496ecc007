"""The loop: prompt, call, price, read, judge; accept, or climb with what was learnt. It knows only nouns and ports."""

from routecli.cascade.classifying import Classifying
from routecli.cascade.loop import Cascade
from routecli.cascade.parts import Limits, Parts, Run

__all__ = ["Cascade", "Classifying", "Limits", "Parts", "Run"]
