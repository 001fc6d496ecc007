"""How to test and lint a project in each language: one file and one row each."""

from __future__ import annotations

from collections.abc import Callable

from routecli.verification.ecosystems import go, java, javascript, php, python, ruby, rust
from routecli.verification.project import Detected, Project

Detect = Callable[[Project], Detected | None]
"""What a project's own files ask for; None where it is not of this ecosystem."""

ECOSYSTEMS: dict[str, Detect] = {
    "python": python.detect,
    "go": go.detect,
    "javascript": javascript.detect,
    "java": java.detect,
    "php": php.detect,
    "ruby": ruby.detect,
    "rust": rust.detect,
}
