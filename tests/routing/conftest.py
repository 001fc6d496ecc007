"""Tasks, surveys and ladders to route."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.money import Usage, Usd, usd
from routecli.domain.settings import Settings
from routecli.domain.task import FileRole, Kind, Survey, SurveyedFile, Task
from routecli.routing import Forecaster


def task(instruction: str = "fix it", kind: Kind = Kind.FIX) -> Task:
    return Task(instruction, kind, "said so", Path("/repo"), None, ("a.py",), usd(5))


def survey(*tokens: int, binaries: int = 0) -> Survey:
    files = [SurveyedFile(f"f{n}.py", "b", t * 4, t, FileRole.TEXT, "given") for n, t in enumerate(tokens)]
    files += [SurveyedFile(f"i{n}.png", "b", 9, 0, FileRole.BINARY, "given") for n in range(binaries)]
    return Survey("tree", tuple(files), sum(tokens), "o200k_base", len(files))


def tiers(count: int, **more: Any) -> tuple[Tier, ...]:
    return tuple(Tier(f"tier{n}", n, (ModelRef("p", f"m{n}"),), **more) for n in range(1, count + 1))


def settings(ladder: tuple[Tier, ...], **more: Any) -> Settings:
    return Settings(
        preset="none", lineup_reviewed=date(2026, 11, 1), providers={}, tiers=ladder, **{"policy": "thresholds", **more}
    )


def cost(model: ModelRef, usage: Usage) -> Usd | None:
    """A dollar a million tokens, times the tier; `m9` has no known price."""
    if model.model == "m9":
        return None
    return Usd(Decimal(usage.input_tokens + usage.output_tokens) * int(model.model[1:]) / 1_000_000)


FORECASTER = Forecaster(tokens=lambda _model, counted: counted, cost=cost)
