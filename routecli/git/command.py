"""Every git command is built here: a fixed prefix that lets no repository configuration run a program, and an
environment without `GIT_*` (security.md row 25).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from routecli import process
from routecli.domain.command import Completed
from routecli.errors import UsageFault

PREFIX = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "protocol.allow=never",
    "-c", "submodule.recurse=false",
    "-c", "safe.bareRepository=explicit",
    "-c", "core.quotePath=false",
    "--no-optional-locks",
    "--literal-pathspecs",
)  # fmt: skip
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "USER", "LOGNAME")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What git sees: a short allow-list, no `GIT_*` of the caller's, and `extra`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    kept["GIT_TERMINAL_PROMPT"] = "0"
    return kept | dict(extra or {})


def git(
    root: Path,
    *args: str,
    config: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout_s: float = 120.0,
    literal: bool = True,
) -> Completed:
    """Runs git in `root`. `config` holds further `key=value` overrides. Output is data: all of it is kept.

    `literal` False leaves `--literal-pathspecs` out, for `check-ignore`, which refuses it: begin its paths with `./`.
    """
    overrides = [word for pair in config for word in ("-c", pair)]
    prefix = PREFIX if literal else tuple(word for word in PREFIX if word != "--literal-pathspecs")
    argv = ["git", *prefix, *overrides, *args]
    done = process.run(argv, cwd=root, env=environment(env), stdin=stdin, timeout_s=timeout_s, output_bytes=None)
    if done.not_found:
        raise UsageFault("git is not installed", hint="apt-get install git")
    return done


def git_ok(
    root: Path,
    *args: str,
    config: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> bytes:
    """`git(…)`, its standard output; a failure is a UsageFault with git's own first line."""
    done = git(root, *args, config=config, env=env, stdin=stdin)
    if done.exit_code != 0:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise UsageFault(f"git {args[0]} failed in {root}: {said[0] if said else done.exit_code}")
    return done.stdout
