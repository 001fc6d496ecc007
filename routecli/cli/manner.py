"""How a run is told, and what becomes of its patch."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from routecli.cli.verb import shared
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from routecli.domain.receipt import Isolation


class Output(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run is told and what becomes of its patch. `isolation` is set by the demonstration alone."""

    output: Output = Output.TEXT
    dry_run: bool = False
    patch_only: bool = False
    commit: bool = False
    yes: bool = False
    quiet: bool = False
    verbose: bool = False
    explain: bool = False
    no_color: bool = False
    isolation: Isolation | None = None
    with_test: bool = False
    debug: bool = False


def manner_of(ctx: typer.Context) -> Manner:
    """By the options that every command shares."""
    options = shared(ctx)
    return Manner(quiet=options.quiet, verbose=options.verbose, no_color=options.no_color)
