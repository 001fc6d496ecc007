"""Which project each file belongs to, in a repository of several languages: the nearest that can tell."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

from routecli.domain.task import RepoPath
from routecli.verification.marks import MARKS

_Folders = dict[str, frozenset[str]]
"""By ecosystem, the folders (empty: the root) that are projects of it and have tests of it."""

_BY_MARKER = {
    base: tuple(name for name, marks in MARKS.items() if base in marks.markers)
    for base in {base for marks in MARKS.values() for base in marks.markers}
}


def homes_of(paths: Collection[RepoPath], everything: Collection[RepoPath]) -> dict[RepoPath, RepoPath]:
    """The folder of each of `paths`, `.` for the root: the nearest above it with tests of the file's own language; else
    the nearest with any tests. `everything` are the repository's files."""
    folders = _folders(everything)
    known: dict[tuple[str, tuple[str, ...]], RepoPath] = {}
    homes = {}
    for path in paths:
        own = tuple(name for name, marks in MARKS.items() if path.endswith(marks.code))
        place = posixpath.dirname(path), own
        if place not in known:
            known[place] = _home(place[0], own, folders) or "."
        homes[path] = known[place]
    return homes


def _home(folder: RepoPath, own: tuple[str, ...], folders: _Folders) -> RepoPath:
    found = _nearest(folder, [folders[name] for name in own])
    return _nearest(folder, list(folders.values())) or "" if found is None else found


def _nearest(folder: RepoPath, among: list[frozenset[str]]) -> RepoPath | None:
    return next((at for at in _upwards(folder) if any(at in found for found in among)), None)


def _upwards(folder: RepoPath) -> Iterable[str]:
    """`folder` and those above it, the root (empty) last."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _folders(everything: Collection[RepoPath]) -> _Folders:
    marked: dict[str, set[str]] = {name: set() for name in MARKS}
    for path in everything:
        folder, _, base = path.rpartition("/")
        for name in _BY_MARKER.get(base, ()):
            marked[name].add(folder)
    anyone = set().union(*marked.values()) - {""}
    if not anyone:
        return dict.fromkeys(MARKS, frozenset())
    found = {}
    for name, marks in MARKS.items():
        projects = marked[name] | anyone if marks.anywhere else marked[name]
        found[name] = frozenset(_tested(name, everything, projects) & projects)
    return found


def _tested(name: str, everything: Collection[RepoPath], projects: set[str]) -> set[str]:
    """Every folder that has tests of this ecosystem in it or somewhere below it; the root only where these lie in none
    of the `projects` below it."""
    marks, found = MARKS[name], set[str]()
    for path in everything:
        if path.endswith(marks.code) and marks.tested.fullmatch(path):
            above = [at for at in _upwards(posixpath.dirname(path)) if at]
            found.update(above)
            if projects.isdisjoint(above):
                found.add("")
    return found
