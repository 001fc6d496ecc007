"""Comments: what they say to people is free, what they say to tools is not."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Sequence

_TO_TOOLS = re.compile(
    r"""^(?:
      \#!                                                                         # which program runs it
    | \#\s*(?: type:|noqa\b|nopep8\b|nosec\b|pragma\b|pytype:|pyright:|pyre-|mypy:|pylint:|ruff:|flake8:|isort:|fmt:
             | yapf:|autopep8:|cython:|distutils:|-\*-|skipcq\b )                 # Python
    | (?://|/\*)[\s*]*(?: @ts-|eslint\b|tslint:|jshint\b|jslint\b|globals?\s|exported\s|prettier-ignore|biome-ignore
             | deno-lint-ignore|istanbul\b|[cv]8\s+ignore|@flow\b|\$Flow|@(?:vitest|jest)-environment|@jsx|@vite-ignore
             | [\#@]__|webpack[A-Z]|[\#@]\s*source(?:Mapping)?URL )               # JavaScript, TypeScript
    | ///\s*<                                                                     # TypeScript's references
    | //(?: go:|nolint|line\s|export\s|extern\s|\s*\+build\s )                    # Go
    | (?://|/\*)\s*(?: CHECKSTYLE|NOSONAR|NOPMD|noinspection\b|@formatter:|spotless: )   # Java
    )""",
    re.VERBOSE,
)
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
"""PEP 263; in the first two lines only."""


def of_python(source: bytes) -> tuple[str, ...] | None:
    """Every comment in order; None where the source cannot be read."""
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
    return tuple(t.string for t in tokens if t.type == tokenize.COMMENT)


def to_tools(comments: Iterable[str], *, head: str = "") -> tuple[str, ...]:
    """Those that steer an interpreter, a checker, a linter, a formatter or a build, in order. `head` are the first two
    lines of a Python file, where its encoding may be declared."""
    steering = [" ".join(c.split()) for c in comments if _TO_TOOLS.match(c)]
    coding = [" ".join(line.split()) for line in head.splitlines()[:2] if _CODING.match(line)]
    return (*steering, *(c for c in coding if c not in steering))


def python_to_tools(source: bytes) -> tuple[str, ...] | None:
    """`to_tools` of a Python file; None where it cannot be read."""
    comments = of_python(source)
    return None if comments is None else to_tools(comments, head=source[:2000].decode("utf-8", "replace"))


def same_words(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether two files' comments say the same: a formatter may wrap and move them, and never drops a word."""
    return _words(before) == _words(after)


def _words(comments: Iterable[str]) -> Counter[str]:
    return Counter(word for comment in comments for word in re.findall(r"\w+", comment))
