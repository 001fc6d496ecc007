"""The kind of a task by its words: under a millisecond, no cost. docs/kinds.md is this table in prose.

The words come from the published routers: the keyword lists and classes of a three-class calculator, the skills of a
classifier with three layers, and a task table of a static router. Kinds decide what tools may try and what proves a
patch; the tier is the policy's business.
"""

from __future__ import annotations

import re
from functools import cache

from routecli.domain.task import Kind
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind. Telling rows are tried first, from the top, and the first match wins; among the others the word that
    comes first in the task decides. A word may be several words; `…` in it stands for up to four words between.
    `published` is the class that the routers give such tasks: 1 cheap, 2 middle, 3 top."""

    kind: Kind
    telling: bool
    words: tuple[str, ...]
    published: str
    example: str


KINDS: tuple[KindRow, ...] = (
    KindRow(
        Kind.RENAME, True,
        ("rename … to", "renaming … to", "change the name of"),
        "1", "rename get_total to total_of in invoice.py",
    ),
    KindRow(
        Kind.IMPORTS, True,
        ("sort imports", "sort the imports", "import order", "order of imports", "order the imports", "isort",
         "organize imports", "organise imports", "unused import", "unused imports"),
        "1", "sort the imports of src/app.py",
    ),
    KindRow(
        Kind.LINT, True,
        ("lint", "linter", "linting", "ruff", "flake8", "pylint", "eslint", "clippy"),
        "1", "fix the lint errors in report.py",
    ),
    KindRow(
        Kind.FORMAT, True,
        ("reformat", "code formatting", "format the code", "format the file", "format the files", "code style",
         "run black", "with black", "prettier", "gofmt", "rustfmt"),
        "1", "reformat report.py",
    ),
    KindRow(
        Kind.SECURITY, True,
        ("security", "vulnerability", "vulnerabilities", "vulnerable", "sql injection", "command injection",
         "code injection", "xss", "csrf", "cve", "path traversal"),
        "3", "security review of the upload form",
    ),
    KindRow(
        Kind.ARCHITECTURE, True,
        ("architect", "architecture", "re-architect", "redesign", "system design", "rewrite", "novel algorithm",
         "cross-codebase"),
        "3", "redesign the storage layer",
    ),
    KindRow(
        Kind.PERFORMANCE, True,
        ("optimize", "optimise", "optimization", "optimisation", "performance", "speed up", "faster", "too slow",
         "memory usage", "bottleneck"),
        "3", "optimize the parser",
    ),
    KindRow(
        Kind.DEAD_CODE, True,
        ("dead code", "unused code", "unused function", "unused functions", "unused variable", "unused variables",
         "unused class", "remove unused", "unreachable code"),
        "1", "remove dead code from legacy.py",
    ),
    KindRow(
        Kind.DOCSTRING, True,
        ("docstring", "docstrings", "doc comment", "doc comments", "jsdoc", "javadoc"),
        "1", "add docstrings to totals.py",
    ),
    KindRow(
        Kind.TYPES, True,
        ("type hint", "type hints", "type annotation", "type annotations", "add types", "add typing", "mypy",
         "pyright"),
        "1", "add type hints to report.py",
    ),
    KindRow(
        Kind.TESTS, True,
        ("write test", "write tests", "write a test", "write … tests", "add test", "add tests", "add a test",
         "add … tests", "unit test for", "unit tests for", "test coverage", "test scaffolding",
         "integration test for", "integration tests for"),
        "1–2", "write tests for totals.py",
    ),
    KindRow(
        Kind.FIX, False,
        ("fix", "fixes", "fixed", "fixing", "bug", "bugs", "debug", "debugging", "broken", "crash", "crashes",
         "fails", "failing", "failure", "regression", "traceback", "incorrect", "wrong", "off by one", "repair",
         "does not work", "doesn't work"),
        "2", "fix the rounding in invoice totals",
    ),
    KindRow(
        Kind.DEPENDENCY, False,
        ("upgrade … version", "bump", "dependency", "dependencies", "lockfile", "lock file"),
        "2", "bump the requests dependency",
    ),
    KindRow(
        Kind.DOCS, False,
        ("update the readme", "write a readme", "changelog", "documentation", "document", "docs", "comments",
         "explain"),
        "1", "document the options of report.py",
    ),
    KindRow(
        Kind.REFACTOR, False,
        ("refactor", "refactoring", "restructure", "extract", "simplify", "clean up", "cleanup", "deduplicate",
         "split … into", "move … to", "inline", "migrate", "modernize", "modernise"),
        "2", "refactor report.py into two functions",
    ),
    KindRow(
        Kind.RENAME, False,
        ("rename", "renaming"),
        "1", "rename the class everywhere",
    ),
    KindRow(
        Kind.BOILERPLATE, False,
        ("boilerplate", "generate boilerplate", "scaffold", "scaffolding", "crud", "skeleton"),
        "1", "generate boilerplate for a plugin",
    ),
    KindRow(
        Kind.FEATURE, False,
        ("implement", "add", "create", "build", "support", "introduce", "extend", "allow", "enable", "feature"),
        "2", "implement discounts in totals.py",
    ),
    KindRow(
        Kind.FORMAT, False,
        ("formatting", "format"),
        "1", "apply our formatting to report.py",
    ),
)  # fmt: skip
UNKNOWN_PUBLISHED = "2"
"""What a published task table gives a task of no known type."""


@cache
def _pattern(word: str) -> re.Pattern[str]:
    parts = [r"\s+".join(re.escape(w) for w in piece.split()) for piece in word.split("…")]
    # A word between dots, slashes or underscores is part of a file's or a symbol's name, not of the task.
    return re.compile(r"(?<![\w./-])" + r"(?:\s+\S+){0,4}\s+".join(parts) + r"(?![\w/(-]|\.\w)", re.IGNORECASE)


_WORDS = tuple((row, word, word.partition("…")[0].split()[0]) for row in KINDS for word in row.words)
_QUOTED = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def classify(instruction: str) -> tuple[Kind, str]:
    """The kind, and in one line why. Quoted code does not decide: it is what the task is about, not what it asks."""
    asked = " ".join(_QUOTED.sub("` `", instruction).split())
    earliest: tuple[int, KindRow, str] | None = None
    lowered = asked.lower()
    for row, word, first in _WORDS:
        # A look for the first letters spares compiling and trying nearly every pattern.
        match = _pattern(word).search(asked) if first in lowered else None
        if match is None:
            continue
        if row.telling:
            return row.kind, _why(word)
        if earliest is None or match.start() < earliest[0]:
            earliest = (match.start(), row, word)
    if earliest is None:
        return Kind.OTHER, "no word of the table in the task"
    return earliest[1].kind, _why(earliest[2])


def _why(word: str) -> str:
    return f'"{word}" in the task'
