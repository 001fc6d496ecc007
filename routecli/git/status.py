"""What git's own status says of the user's tree, without letting the repository run a filter for it."""

from __future__ import annotations

from routecli.domain.task import RepoPath
from routecli.git.command import git_ok
from routecli.git.repository import Repository

_STATUS = ("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
_FIELDS_BEFORE_PATH = {"1": 8, "u": 10}


def without_filters(repository: Repository) -> dict[str, str]:
    """Variables that switch off every filter that any configuration defines. git reads them as configuration; a name
    may hold any character, so they cannot be `-c` words."""
    listed = git_ok(repository.root, "config", "--list", "--name-only", "-z").decode("utf-8", "surrogateescape")
    drivers = {key.rpartition(".")[0] for key in listed.split("\0") if key.startswith("filter.")}
    pairs = [(f"{d}.{key}", "") for d in sorted(drivers) for key in ("clean", "smudge", "process")]
    pairs += [(f"{d}.required", "false") for d in sorted(drivers)]
    env = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (key, value) in enumerate(pairs):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


def changed_paths(repository: Repository) -> frozenset[RepoPath]:
    """The files that differ from HEAD, in the index or on disk, untracked ones included and ignored ones not."""
    listed = git_ok(repository.root, *_STATUS, env=without_filters(repository))
    found = set()
    for line in listed.decode("utf-8", "surrogateescape").split("\0"):
        if line.startswith("? "):
            found.add(line[2:].rstrip("/"))
        elif line[:1] in _FIELDS_BEFORE_PATH:
            found.add(line.split(" ", _FIELDS_BEFORE_PATH[line[0]])[-1])
    return frozenset(found)
