"""How the tests of a commit are run, by the language of what it changes: the command that has to fail before and pass
after. Only what a clone can run: what needs packages installed into the tree is left out."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Callable, Sequence

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass

Read = Callable[[RepoPath], str]
"""The text of a file in the commit; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Language:
    """`suffixes` are those of its code, `runnable` is what a file of tests is called. `accept` makes the command of the
    tests that are to be run and the code that is changed; empty where there is none."""

    name: str
    suffixes: tuple[str, ...]
    runnable: re.Pattern[str]
    accept: Callable[[Sequence[RepoPath], Sequence[RepoPath], Read], str]

    def runs(self, path: RepoPath) -> bool:
        """Whether `path` is a file of tests that a runner takes."""
        return self.runnable.fullmatch(posixpath.basename(path)) is not None


def pytest_of(tests: Sequence[str], code: Sequence[RepoPath]) -> str:
    """In a project with a `src` folder its own files come before a copy that is installed in place."""
    first = ("-o", "pythonpath=src") if any(path.startswith("src/") for path in code) else ()
    return shlex.join(("python", "-m", "pytest", "-q", *first, *tests))


def _python(tests: Sequence[RepoPath], code: Sequence[RepoPath], _: Read) -> str:
    return pytest_of(tests, code) if tests else ""


def _go(tests: Sequence[RepoPath], code: Sequence[RepoPath], read: Read) -> str:  # noqa: ARG001
    folders = dict.fromkeys(f"./{posixpath.dirname(path)}".rstrip("/") for path in tests)
    return shlex.join(("go", "test", *folders)) if folders and read("go.mod") else ""


def _rust(tests: Sequence[RepoPath], code: Sequence[RepoPath], read: Read) -> str:  # noqa: ARG001
    names = [posixpath.splitext(posixpath.basename(path))[0] for path in tests if posixpath.dirname(path) == "tests"]
    words = [word for name in names for word in ("--test", name)]
    return shlex.join(("cargo", "test", "--offline", *words)) if words and read("Cargo.toml") else ""


def _ruby(tests: Sequence[RepoPath], code: Sequence[RepoPath], read: Read) -> str:  # noqa: ARG001
    specs = [path for path in tests if path.endswith("_spec.rb")]
    if specs:
        return shlex.join(("rspec", *specs)) if len(specs) == len(tests) else ""
    loads = "".join(f"require './{path}';" for path in tests)
    return shlex.join(("ruby", "-Ilib", "-Itest", "-e", loads)) if tests else ""


def _javascript(tests: Sequence[RepoPath], code: Sequence[RepoPath], read: Read) -> str:  # noqa: ARG001
    try:
        package = json.loads(read("package.json"))
        script, needs = package.get("scripts", {}).get("test", ""), package.get("dependencies", {})
    except (ValueError, AttributeError, RecursionError):
        return ""
    by_node = isinstance(script, str) and "node --test" in script and not needs
    return shlex.join(("node", "--test", *tests)) if tests and by_node else ""


LANGUAGES: tuple[Language, ...] = (
    Language("python", (".py",), re.compile(r"test.*\.py|.*_tests?\.py"), _python),
    Language("go", (".go",), re.compile(r".*_test\.go"), _go),
    Language("rust", (".rs",), re.compile(r".*\.rs"), _rust),
    Language("ruby", (".rb",), re.compile(r".*_(?:spec|test)\.rb|test_.*\.rb"), _ruby),
    Language("javascript", (".js", ".mjs", ".cjs"), re.compile(r".*[.-]test\.[mc]?js|test\.[mc]?js"), _javascript),
)
"""One row a language."""


def language_of(path: RepoPath) -> Language | None:
    """The language of a file of code; None for any other."""
    return next((row for row in LANGUAGES if path.endswith(row.suffixes)), None)
