"""How to test and lint a project in each language: one file and one row each.

A language's module is imported when a project first shows a sign of it: together they take longer to load than a commit
hook may hold a commit.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from routecli.verification.marks import MARKS
from routecli.verification.project import Detected, Project

Detect = Callable[[Project], Detected | None]
"""What a project's own files ask for; None where it is not of this ecosystem."""


def _of(name: str) -> Detect:
    """`detect` of the module `name`, asked only where the project has a file of that language or a marker of it."""

    def detect(project: Project) -> Detected | None:
        marks = MARKS[name]
        if not any(p.endswith(marks.code) for p in project.paths) and not any(map(project.has, marks.markers)):
            return None
        module: Any = importlib.import_module(f"{__name__}.{name}")
        found: Detected | None = module.detect(project)
        return found

    return detect


ECOSYSTEMS: dict[str, Detect] = {
    name: _of(name) for name in ("python", "go", "javascript", "java", "php", "ruby", "rust")
}
"""A row for each; the order is that in which checks are listed and run."""
