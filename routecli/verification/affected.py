"""Which test files a change can reach: by imports for Python, by name for everything else. Never proof that others
cannot be reached (`importlib`, programs that are started, data found by a glob), so it is for a first answer only.
"""

from __future__ import annotations

import json
import posixpath
import re
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.marks import decides_how, has_test_name
from routecli.verification.reaching import named_files, python_names, with_parents

if TYPE_CHECKING:
    from routecli.verification.baseline import BaselineCache

_NAMED = re.compile(r"""import_module\(\s*["']([\w.]+)|["']-m["'],\s*["']([\w.]+)["']""")
_MOST_SHARE = 0.6
"""Where more of the test files than this are reached, all are run: the list would save nothing."""
_KEY = "imports:1:"
_MOST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Content:
    """A tree to look through: `blobs` is the id of each file's bytes, `mentions` the text files that hold a word."""

    blobs: Mapping[RepoPath, str]
    read: Callable[[RepoPath], bytes | None]
    mentions: Callable[[list[str]], Collection[RepoPath]]


def affected_tests(
    content: Content, changed: Collection[RepoPath], cache: BaselineCache, root: str
) -> tuple[RepoPath, ...] | None:
    """The test files to run for `changed` paths (gone ones included), sorted; None: all of them.

    `root` names the repository in the cache of what each file imports, which is kept by the id of its bytes.
    """
    if any(decides_how(path) and not path.endswith("conftest.py") for path in changed):
        return None
    tests = {path for path in content.blobs if path.endswith(".py") and _is_test_file(path)}
    reached = _reached(content, changed, cache, root)
    wanted = tests & reached
    if len(wanted) > _MOST_SHARE * len(tests) and len(tests) > 3:
        return None
    return tuple(sorted(wanted))


def _is_test_file(path: RepoPath) -> bool:
    return has_test_name(path) and posixpath.basename(path) != "conftest.py"


def _reached(content: Content, changed: Collection[RepoPath], cache: BaselineCache, root: str) -> set[RepoPath]:
    """`changed` and every Python file that imports one of them, however far round."""
    python = [path for path in content.blobs if path.endswith(".py")]
    begin = {path for path in changed if path.endswith(".py")}
    others = [path for path in changed if not path.endswith(".py")]
    begin |= set(_mentioning(content, others))
    for path in others:
        begin.update(_beside(path, python))
    users = _users_of(content, {*python, *begin}, cache, root)
    seen, todo = set(begin), deque(begin)
    while todo:
        for user in users[todo.popleft()] - seen:
            seen.add(user)
            todo.append(user)
    return seen


def _mentioning(content: Content, others: list[RepoPath]) -> Iterable[RepoPath]:
    names = sorted({posixpath.basename(path) for path in others})
    return [path for path in content.mentions(names) if path.endswith(".py")] if names else ()


def _beside(data: RepoPath, python: list[RepoPath]) -> Iterable[RepoPath]:
    """The tests in the folders above a data file, the repository's root left out: they may find it by a glob."""
    folder = posixpath.dirname(data)
    above = set()
    while folder:
        above.add(folder)
        folder = posixpath.dirname(folder)
    return [path for path in python if _is_test_file(path) and posixpath.dirname(path) in above]


def _users_of(
    content: Content, python: Collection[RepoPath], cache: BaselineCache, root: str
) -> dict[RepoPath, set[RepoPath]]:
    """Who imports each file. A test file is taken to import every conftest.py above it."""
    users: dict[RepoPath, set[RepoPath]] = defaultdict(set)
    for path, imported in named_files(_imports(content, cache, root).items(), python):
        for found in imported:
            users[found].add(path)
    for path in python:
        if posixpath.basename(path) == "conftest.py":
            folder = posixpath.dirname(path)
            inside = f"{folder}/" if folder else ""
            users[path].update(p for p in python if p.startswith(inside) and has_test_name(p))
    return users


def _imports(content: Content, cache: BaselineCache, root: str) -> dict[RepoPath, tuple[str, ...]]:
    known = _unpacked(cache.get(_KEY + root))
    found: dict[RepoPath, tuple[str, ...]] = {}
    kept: dict[str, tuple[str, ...]] = {}
    for path, blob in content.blobs.items():
        if not path.endswith(".py"):
            continue
        key = f"{blob}:{posixpath.dirname(path)}"
        names = known.get(key)
        kept[key] = found[path] = names if names is not None else imports_of(path, content.read(path) or b"")
    if kept.keys() - known.keys():
        cache.put(_KEY + root, zlib.compress(json.dumps(kept).encode(), 1))
    return found


def _unpacked(raw: bytes | None) -> dict[str, tuple[str, ...]]:
    if raw is None:
        return {}
    try:
        whole = json.loads(zlib.decompressobj().decompress(raw, _MOST_BYTES))
        return {str(key): tuple(map(str, names)) for key, names in whole.items()}
    except (zlib.error, ValueError, TypeError, AttributeError):
        return {}


def imports_of(path: RepoPath, source: bytes) -> tuple[str, ...]:
    """The dotted names of modules that `source` may import, packages above them included. Read by patterns, so that
    one in a text counts too: rather one test more."""
    text = source.decode("utf-8", "replace")
    names = set(python_names(path, text))
    for match in _NAMED.finditer(text):
        name = match[1] or match[2]
        names.update((*with_parents(name), f"{name}.__main__"))
    return tuple(sorted(name for name in names if name))
