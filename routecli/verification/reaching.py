"""Which test files can reach a changed file, by what each file says that it imports: Python, Go, JavaScript.

Read from the text, nothing is run. It errs on the side of too many: a name counts for every file that it may mean. What
is imported by a computed name is not seen, so this orders the tests; it decides nothing by itself.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from routecli.domain.task import RepoPath

Read = Callable[[RepoPath], bytes | None]
_PYTHON = (".py", ".pyi")
_SCRIPT = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
_MOST_FILES = 20_000
_FROM = re.compile(r"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#]+)", re.MULTILINE)
_NAME = re.compile(r"(?:^|,)\s*\(?\s*([\w.]+)")
_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_QUOTED = re.compile(r"\"([^\"\s]+)\"")
_SPECIFIER = re.compile(r"""(?:from|import|require|import\.meta\.glob|mock)\s*\(?\s*['"](\.{1,2}/[^'"\n]*)['"]""")


def reaching(
    changed: Collection[RepoPath], tests: Collection[RepoPath], paths: Collection[RepoPath], read: Read
) -> tuple[RepoPath, ...] | None:
    """Those of `tests` that reach one of `changed`, in order. None: it cannot be told, since a changed file is of no
    kind that is read here (configuration, data), or there are too many."""
    everything = sorted({*paths, *changed})
    if len(everything) > _MOST_FILES or not all(_is_read(path) for path in changed):
        return None
    importers = _importers(everything, read)
    reached = set(changed)
    waiting = list(changed)
    while waiting:
        for path in importers.get(waiting.pop(), ()):
            if path not in reached:
                reached.add(path)
                waiting.append(path)
    return tuple(path for path in tests if path in reached)


def _is_read(path: RepoPath) -> bool:
    return path.endswith((*_PYTHON, *_SCRIPT, ".go"))


def _importers(paths: list[RepoPath], read: Read) -> dict[RepoPath, set[RepoPath]]:
    """By file, those that import it."""
    importers: dict[RepoPath, set[RepoPath]] = defaultdict(set)
    for language in (_python, _go, _script):
        for importer, imported in language(paths, read):
            for path in imported:
                importers[path].add(importer)
    return importers


def _text(path: RepoPath, read: Read) -> str:
    return (read(path) or b"").decode("utf-8", "replace")


# Python


def _python(paths: list[RepoPath], read: Read) -> Iterator[tuple[RepoPath, Iterable[RepoPath]]]:
    files = [p for p in paths if p.endswith(_PYTHON)]
    fixtures = {posixpath.dirname(p): p for p in files if posixpath.basename(p) == "conftest.py"}
    for path, found in named_files(((p, python_names(p, _text(p, read))) for p in files), files):
        yield path, (found | set(_fixtures(path, fixtures))) - {path}


def named_files(
    named: Iterable[tuple[RepoPath, Iterable[str]]], files: Collection[RepoPath]
) -> Iterator[tuple[RepoPath, set[RepoPath]]]:
    """Each file of `named` with those of `files` that its dotted names may mean."""
    known = _modules(files)
    for path, names in named:
        yield path, {file for name in names for file in known.get(name, ())}


def _modules(files: Collection[RepoPath]) -> dict[str, set[RepoPath]]:
    """By every dotted name under which a file may be imported, whatever folder is the root; a package by its own."""
    known: dict[str, set[RepoPath]] = defaultdict(set)
    for path in files:
        parts = posixpath.splitext(path)[0].split("/")
        if parts[-1] == "__init__":
            parts = parts[:-1]
        for start in range(len(parts)):
            known[".".join(parts[start:])].add(path)
    return known


def python_names(path: RepoPath, text: str) -> Iterator[str]:
    """The modules that a file may import: `from a import b` may mean a, and a.b; importing a.b runs a as well."""
    for dots, origin, imported in _FROM.findall(text):
        base = _absolute(path, len(dots), origin)
        yield from with_parents(base)
        yield from (f"{base}.{name}".strip(".") for name in _NAME.findall(imported))
    for names in _IMPORT.findall(text):
        for name in _NAME.findall(names):
            yield from with_parents(name)


def _absolute(path: RepoPath, dots: int, origin: str) -> str:
    if not dots:
        return origin
    folder = posixpath.dirname(path).split("/") if "/" in path else []
    return ".".join([*folder[: len(folder) - (dots - 1)], *filter(None, [origin])])


def with_parents(name: str) -> Iterator[str]:
    """`a.b.c`: a, a.b and itself."""
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _fixtures(path: RepoPath, fixtures: dict[str, RepoPath]) -> Iterator[RepoPath]:
    """The conftest.py of every folder above, which pytest loads unasked."""
    folder = posixpath.dirname(path)
    while True:
        if folder in fixtures:
            yield fixtures[folder]
        if not folder:
            return
        folder = posixpath.dirname(folder)


# Go: a package is a folder, and its tests stand in it


def _go(paths: list[RepoPath], read: Read) -> Iterator[tuple[RepoPath, Iterable[RepoPath]]]:
    folders: dict[str, list[RepoPath]] = defaultdict(list)
    for path in paths:
        if path.endswith(".go"):
            folders[posixpath.dirname(path)].append(path)
    roots = {posixpath.dirname(p): _module(p, read) for p in paths if posixpath.basename(p) == "go.mod"}
    code = {folder: [f for f in files if not f.endswith("_test.go")] for folder, files in folders.items()}
    for folder, files in folders.items():
        for path in files:
            asked = _go_folders(_text(path, read), roots)
            found = {f for place in asked for f in code.get(place, ())}
            yield path, (found | set(code[folder])) - {path}


def _module(path: RepoPath, read: Read) -> str:
    found = _MODULE.search(_text(path, read))
    return found[1] if found else ""


def _go_folders(text: str, roots: dict[str, str]) -> Iterator[str]:
    for quoted in _QUOTED.findall(text):
        for root, module in roots.items():
            if module and (quoted == module or quoted.startswith(f"{module}/")):
                folder = posixpath.normpath(posixpath.join(root, quoted[len(module) + 1 :]))
                yield "" if folder == "." else folder


# JavaScript and TypeScript: relative paths


def _script(paths: list[RepoPath], read: Read) -> Iterator[tuple[RepoPath, Iterable[RepoPath]]]:
    known: dict[str, set[RepoPath]] = defaultdict(set)
    for path in paths:
        if path.endswith(_SCRIPT):
            stem = posixpath.splitext(path)[0]
            for name in (path, stem, stem.removesuffix("/index")):
                known[name].add(path)
    for path in (p for p in paths if p.endswith(_SCRIPT)):
        asked = (posixpath.normpath(posixpath.join(posixpath.dirname(path), s)) for s in _specifiers(path, read))
        yield path, {f for name in asked for f in known.get(name, known.get(posixpath.splitext(name)[0], ()))} - {path}


def _specifiers(path: RepoPath, read: Read) -> list[str]:
    return _SPECIFIER.findall(_text(path, read))
