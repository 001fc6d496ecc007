"""Which failures are the machine's: something is not installed, not reachable, or not in the copy."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass

_NO_MODULE = re.compile(r"No module named '?([\w.]+)")
_NO_RUBY = re.compile(r"cannot load such file -- ([\w./-]+)")
_MACHINE = re.compile(
    r"Name or service not known|Temporary failure in name resolution|Network is unreachable|Connection refused"
    r"|gaierror|NewConnectionError|not a git repository|Read-only file system|PermissionError: \[Errno"
    r"|cannot open shared object file|PackageNotFoundError|ImproperlyConfigured|fixture '\w+' not found"
    r"|module lookup disabled by GOPROXY=off|Cannot find package '|Cannot find module '@?\w"
)
"""Failures for which the sandbox or the machine is to blame: no network, no `.git`, something not installed."""


OWN_ENVIRONMENT = "python3 -m venv .venv && .venv/bin/pip install -e . (an environment of this folder's own)"
"""What makes the tests load the files here. Never `pip install -e .` alone: in the environment of another checkout it
would point that one here."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run is held against: the repository's `paths` (without its ignored files), its folder on disk, and the
    `code` to be changed, tests aside."""

    repo_root: Path
    paths: Collection[RepoPath]
    code: Collection[RepoPath] = ()

    def blamed(self, detail: str) -> str:
        """The line of a failure that puts the blame on the machine; empty where the code may be at fault."""
        for line in reversed(detail.splitlines()):
            missing = _NO_MODULE.search(line)
            if missing is not None:
                ignored = self._only_on_disk(missing.group(1))
                if ignored:
                    return f"{ignored} is ignored by git, so it is not in the copy that is tested"
                if self._foreign(missing.group(1).partition(".")[0]):
                    return one_line(line.removeprefix("E "))
            elif (ruby := _NO_RUBY.search(line)) is not None:
                if not any(f"/{p}".endswith(f"/{ruby[1]}.rb") for p in self.paths):
                    return one_line(line)
            elif _MACHINE.search(line):
                return one_line(line.removeprefix("E "))
        return ""

    def _foreign(self, module: str) -> bool:
        """Whether `module` is nothing that the repository could provide."""
        if module in sys.stdlib_module_names:
            return False
        return not any(f"/{module}.py" in f"/{p}" or f"/{module}/" in f"/{p}" for p in self.paths)

    def _only_on_disk(self, module: str) -> RepoPath:
        """The file of `module` where it stands in a folder of the repository and is none of its paths: generated or
        built, and ignored. Empty where there is none (a module that the task is about to make, say)."""
        package, _, name = module.rpartition(".")
        folder = package.replace(".", "/")
        ends = {posixpath.dirname(p) for p in self.paths if f"/{posixpath.dirname(p)}".endswith(f"/{folder}")}
        for place in sorted(ends) if package else ("", "src"):
            for found in sorted((self.repo_root / place).glob(f"{name}*")):
                path = found.relative_to(self.repo_root).as_posix()
                module_file = found.suffix in (".py", ".so", ".pyd") and found.name.partition(".")[0] == name
                if module_file and path not in self.paths:
                    return path
        return ""

    def another_copy(self, loaded: Mapping[str, RepoPath]) -> str:
        """Whether the tests loaded another copy of `code` than the repository's: then they say nothing of a patch
        (security.md row 26). One line, or empty; OWN_ENVIRONMENT says what to do. A module that no test loads in its
        own process proves nothing."""
        for path in sorted(self.code):
            top = self._import_name(path)
            place = loaded.get(top, "") if top else ""
            if place.startswith("../") or "/site-packages/" in place:
                shown = f"…/{place.replace('../', '')}" if place.startswith("../") else place
                why = f"the tests load {top} from {shown}, not from the files here"
                return one_line(why, limit=300)
        return ""

    def _import_name(self, path: RepoPath) -> str:
        """The top-level name under which `path` is imported; empty where it cannot be told, or is no module."""
        if not path.endswith(".py"):
            return ""
        at, folder = posixpath.splitext(path)[0], posixpath.dirname(path)
        while folder and f"{folder}/__init__.py" in self.paths:
            at, folder = folder, posixpath.dirname(folder)
        name = posixpath.basename(at)
        known_root = folder in ("", "src", "lib") or at != posixpath.splitext(path)[0]
        return name if known_root and name not in sys.stdlib_module_names else ""
