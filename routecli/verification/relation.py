"""Whether a test has to do with a file: by its name, by its failure, by what it imports."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection

from routecli.domain.task import RepoPath

_IMPORT = re.compile(r"^\s*(?:from\s+(?P<origin>\.*[\w.]*)\s+import\b|import\s+(?P<names>[\w., ]+))", re.M)
_JAVASCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
_REQUIRED = re.compile(r"""['"](\.{1,2}/[^'"\n]*)['"]""")
_BY_NAME = (".rb", ".rs", ".php", ".java")
"""Languages in which a test is known to be for a file by the name that it says."""
_ROOTS = ("src/", "lib/", "python/")


def is_named_after(test_file: RepoPath, code: Collection[RepoPath]) -> bool:
    """`test_totals.py` is named after `totals.py`; a doctest stands in the code itself."""
    if test_file in code:
        return True
    stem = posixpath.splitext(posixpath.basename(test_file))[0]
    names = {posixpath.splitext(posixpath.basename(p))[0] for p in code}
    if test_file.endswith(_BY_NAME):
        plain = _plain(stem)
        return any(plain in (f"test{n}", f"{n}test", f"{n}tests", f"{n}spec") for n in map(_plain, names))
    return any(
        stem in (f"test_{n}", f"{n}_test", f"{n}_tests", f"test{n}", f"{n}.test", f"{n}.spec", f"{n}-test")
        for n in names
        if n != "__init__"
    )


def reaches(test_file: RepoPath, source: str, details: str, code: Collection[RepoPath]) -> bool:
    """Whether a test whose file reads `source` and whose failure reads `details` gets at one of `code`: it imports the
    package that the file is in (by `from ..core import it` as well), or its failure passes through the file."""
    if any(path in details for path in code):
        return True
    if test_file.endswith(".go"):  # a package is a folder, and its tests stand in it
        return posixpath.dirname(test_file) in {posixpath.dirname(path) for path in code}
    if _JAVASCRIPT.search(test_file):
        folder = posixpath.dirname(test_file)
        asked = {_stem(posixpath.normpath(posixpath.join(folder, m[1]))) for m in _REQUIRED.finditer(source)}
        return any(_stem(path).removesuffix("/index") in asked or _stem(path) in asked for path in code)
    if test_file.endswith(".rs"):
        return _package(test_file) in {_package(path) for path in code}
    if test_file.endswith(_BY_NAME):
        return any(_says_name_of(source, path) for path in code)
    tops = {_top(path) for path in code}
    return any((name or _top(test_file)) in tops for name in _imported(source))


def speaks_of(source: str, path: RepoPath) -> bool:
    """Whether a test's text names `path` as a file or as a module, in a command line say."""
    name = posixpath.splitext(path)[0]
    for root in _ROOTS:
        name = name.removeprefix(root)
    dotted = name.removesuffix("/__main__").removesuffix("/__init__").replace("/", ".")
    return path in source or posixpath.basename(path) in source or dotted in source


def _stem(path: RepoPath) -> str:
    return _JAVASCRIPT.sub("", path)


def _package(path: RepoPath) -> RepoPath:
    """The folder of a file's Rust package, which holds `src` and `tests`."""
    return re.split(r"(?:^|/)(?:src|tests|examples|benches)/", f"{path}", maxsplit=1)[0]


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _says_name_of(source: str, path: RepoPath) -> bool:
    """Whether a text says the name of a file as a word, written `like_this`, `like-this` or `LikeThis`."""
    name = _plain(posixpath.splitext(posixpath.basename(path))[0])
    return bool(name) and any(_plain(word) == name for word in re.findall(r"[\w-]+", source))


def _top(path: RepoPath) -> str:
    """The name under which a file's package (or the file itself) is imported."""
    for root in _ROOTS:
        path = path.removeprefix(root)
    return posixpath.splitext(path.partition("/")[0])[0]


def _imported(source: str) -> set[str]:
    """Top-level names; empty for what is imported from the test's own package."""
    names: set[str] = set()
    for match in _IMPORT.finditer(source):
        for name in (match["origin"] or match["names"] or "").split(","):
            names.add(name.strip().partition(" ")[0].partition(".")[0])
    return names
