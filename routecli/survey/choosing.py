"""PATHS of the command line as files of the repository: files, folders and globs, relative to where one stands."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from routecli.domain import globs
from routecli.domain.task import FileRole, RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.survey.content import Chosen, Content, role_of_mode

_SHOWN = 3
_ALIKE = 60
"""Of 100, by edit distance (rapidfuzz): two typing errors in a short name pass."""


def chosen_by_paths(paths: Sequence[str], cwd: Path, root: Path, content: Content) -> tuple[Chosen, ...]:
    """The files that `paths` mean, each once, in the order given; a folder's or a glob's sorted.

    Raises UsageFault for a path outside `root`, one that is not there (with the nearest that are), a file that git
    ignores, and a folder or a glob without files.
    """
    found: dict[RepoPath, Chosen] = {}
    for given in paths:
        for chosen in _resolve(given, cwd, root, content):
            found.setdefault(chosen.path, chosen)
    return tuple(found.values())


def nearest(wanted: str, paths: Collection[RepoPath], *, limit: int = _SHOWN) -> list[RepoPath]:
    """The paths most like `wanted`: by base name, then by the whole path. Milliseconds for 50,000 paths."""
    from rapidfuzz import fuzz, process  # only a refusal needs it

    base = wanted.rpartition("/")[2]
    by_base: dict[str, list[RepoPath]] = {}
    for path in paths:
        by_base.setdefault(path.rpartition("/")[2], []).append(path)
    names = process.extract(base, list(by_base), scorer=fuzz.ratio, limit=limit, score_cutoff=_ALIKE)
    close = [
        path
        for name, _, _ in names
        for path in sorted(by_base[name], key=lambda p: (-fuzz.ratio(wanted, p), p))[:limit]
    ]
    if not close:
        found = process.extract(wanted, sorted(paths), scorer=fuzz.ratio, limit=limit, score_cutoff=_ALIKE)
        close = [path for path, _, _ in found]
    return close[:limit]


def _resolve(given: str, cwd: Path, root: Path, content: Content) -> list[Chosen]:
    path = _inside(given, cwd, root)
    entry = content.entries.get(path)
    if entry is not None:
        return [Chosen(path, "given")]
    under = _under(path, content)
    if under:
        return [Chosen(p, f"in {given}") for p in under]
    if globs.is_glob(given):
        matched = sorted(p for p in content.entries if globs.matches(path, p))
        if matched:
            return [Chosen(p, f"matches {given}") for p in matched]
        raise UsageFault(f"no file matches {_quoted(given)}", hint=_look(path, content))
    behind = _behind_links(given, cwd, root)
    if behind is not None and behind in content.entries:
        return [Chosen(behind, f"behind {given}")]
    raise _missing(given, path, root, content)


def _inside(given: str, cwd: Path, root: Path) -> RepoPath:
    """`given` relative to `root`, by its letters alone. Raises UsageFault outside."""
    if "\0" in given or not given.strip():
        raise UsageFault("an empty path was given", hint='routecli run "the task" FILE…')
    absolute = os.path.normpath(os.path.join(cwd, given))  # noqa: PTH118 - Path would keep `..`
    for base in (root, Path(os.path.realpath(root))):
        relative = os.path.relpath(absolute, base)
        if relative == ".":
            return ""
        if relative != ".." and not relative.startswith("../"):
            return relative
    behind = _behind_links(given, cwd, root)
    if behind is not None:
        return behind
    raise UsageFault(
        f"{_quoted(given)} lies outside the repository {root}",
        hint="name files inside it, or run routecli in the repository of that file",
    )


def _behind_links(given: str, cwd: Path, root: Path) -> RepoPath | None:
    """Where `given` leads when links are followed, if that is inside `root`. The name of a file, not its content."""
    try:
        real = os.path.realpath(os.path.join(cwd, given))  # noqa: PTH118
    except OSError:
        return None
    relative = os.path.relpath(real, os.path.realpath(root))
    if relative == ".":
        return ""
    return None if relative == ".." or relative.startswith("../") else relative


def _under(folder: RepoPath, content: Content) -> list[RepoPath]:
    if not folder:
        return sorted(content.entries)
    prefix = folder + "/"
    return sorted(p for p in content.entries if p.startswith(prefix))


def _missing(given: str, path: RepoPath, root: Path, content: Content) -> UsageFault:
    for at in range(1, path.count("/") + 1):
        above = "/".join(path.split("/")[:at])
        entry = content.entries.get(above)
        if entry is not None and role_of_mode(entry.mode) is FileRole.SUBMODULE:
            return UsageFault(f"{_quoted(given)} is inside the submodule {above}", hint=f"cd {above} && routecli run …")
    on_disk = root / path
    if os.path.isdir(on_disk):  # noqa: PTH112 - never raises for odd names
        return UsageFault(f"the folder {_quoted(given)} holds no file that git would track", hint=_look(path, content))
    if os.path.lexists(on_disk):
        return UsageFault(
            f"{_quoted(given)} is ignored by git, so a change of it could be neither tested nor undone",
            hint=f"git add -f {one_line(given)}",
        )
    return UsageFault(f"there is no file {_quoted(given)}", hint=_look(path, content))


def _look(path: RepoPath, content: Content) -> str:
    close = nearest(path, content.entries.keys())
    if close:
        return "did you mean " + " or ".join(one_line(p) for p in close) + "?"
    return "git ls-files shows what is there"


def _quoted(given: str) -> str:
    return f"'{one_line(given)}'"
