"""Whether a level really isolates on this machine: tried, not assumed (security.md row 42).

The self-test runs once per boot, program and profile; its answer is kept in the cache folder. Nothing that a
repository says can skip it or lower the level.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from routecli.config.places import cache_place, read_small, write_atomically
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.errors import SandboxFault
from routecli.workspace import sandbox
from routecli.workspace import view as seen
from routecli.workspace.sandbox import LEVELS, Level, wrapped
from routecli.workspace.view import View, environment

_INSTALL = "apt-get install bubblewrap (or allow user namespaces); --unsafe-no-sandbox runs the tests without one"
_ALLOW = (
    "allow user namespaces: `sysctl kernel.unprivileged_userns_clone kernel.apparmor_restrict_unprivileged_userns` "
    "says what forbids them, a container needs the options of docs/installing.md; --unsafe-no-sandbox tests without"
)
_SELF_TEST = """\
echo inside > written || exit 11
[ "$(cat given)" = given ] || exit 12
[ -e "$1" ] && exit 13
(echo x > "$1") 2>/dev/null
(echo x > /usr/routecli-probe) 2>/dev/null && exit 15
[ "$(grep -c : /proc/net/dev)" -le 1 ] || exit 16
[ "$(tr '\\0' ' ' 2>/dev/null < "/proc/$2/cmdline")" = "$3" ] && exit 17
[ -w /proc/sys/kernel/core_pattern ] && exit 18
exit 0
"""
_MEANING = {
    11: "the tree cannot be written",
    12: "the tree is not mounted over its own path",
    13: "a file outside can be seen",
    14: "a file outside can be written",
    15: "/usr can be written",
    16: "the network is there",
    17: "other processes can be seen",
    18: "the kernel's settings can be written",
}


def probe(settings: SandboxSettings) -> Level:
    """The fullest level that passes its self-test; the user's own wrapper where they have one. NONE only if the user's
    settings allow it.

    Raises SandboxFault with the reason of each level and what to install.
    """
    if settings.unsafe_no_sandbox:
        return LEVELS[Isolation.NONE]
    if settings.wrapper is not None:
        return _wrapped(settings)
    reasons = []
    for level in LEVELS.values():
        if level.isolation is Isolation.NONE:
            continue
        reason = why_not(level)
        if not reason:
            return level
        reasons.append(f"{level.isolation.value}: {reason}")
    there = LEVELS[Isolation.BUBBLEWRAP].program() is not None
    what = f"no sandbox works on this machine ({'; '.join(reasons)})"
    raise SandboxFault(what, hint=_ALLOW if there else _INSTALL)


def _wrapped(settings: SandboxSettings) -> Level:
    """The user's own wrapper, which must be there and isolate. Nothing else is tried in its place."""
    level = wrapped(settings.wrapper or "", settings.wrapper_bind)
    reason = why_not(level, network=settings.network == "host")
    if reason:
        raise SandboxFault(f"sandbox.wrapper does not isolate: {reason}", hint="routecli config show")
    return level


def why_not(level: Level, *, layered: bool = False, network: bool = False) -> str:
    """Why `level` cannot be used here, in one line; empty where it can. `layered`: over the user's tree as a layer."""
    program = level.program()
    if program is None:
        return "not installed"
    key = _key(level, program, layered, network)
    place = cache_place(os.environ).path
    known = place / "isolation" if place else None
    if known and _passed(known, key):
        return ""
    reason = try_out(level, layered=layered, network=network)
    if known and not reason:
        _note(known, key)
    return reason


def try_out(level: Level, *, layered: bool = False, network: bool = False) -> str:
    """Runs the self-test of `level` now; why it failed, or empty."""
    with tempfile.TemporaryDirectory(prefix="routecli-probe-") as name:
        base = Path(name).resolve()
        tree, root = base / "twin" / "tree", base / "repository"
        tree.mkdir(parents=True)
        root.mkdir()
        work = base / "twin" / "work" if layered else None
        if work is not None:
            work.mkdir()
        ((root if layered else tree) / "given").write_text("given")
        outside = base / "outside"
        outside.write_text("outside")
        argv = ("/bin/sh", "-c", _SELF_TEST, "sh", str(outside), str(os.getpid()), " ".join(_own_command_line()))
        env = environment(os.environ, (), {"PATH": seen.SYSTEM_PATH})
        try:
            done = sandbox.run(level, View(tree, root, root, argv, env, layer_work=work), timeout_s=20)
        except SandboxFault as fault:
            return fault.what
        if outside.read_text() != "outside":
            return _MEANING[14]
        if done.exit_code == 0 and not (tree / "written").exists():
            return _MEANING[11]
        if (root / "written").exists():
            return _MEANING[14]
    if done.exit_code == 0 or (network and done.exit_code == 16):
        return ""
    return _MEANING.get(done.exit_code or 0) or f"its self-test ended with {done.exit_code}"


@lru_cache(maxsize=1)
def _own_command_line() -> tuple[str, ...]:
    try:
        return tuple(os.fsdecode(w) for w in Path("/proc/self/cmdline").read_bytes().split(b"\0"))
    except OSError:
        return ()


@lru_cache(maxsize=8)
def _key(level: Level, program: str, layered: bool, network: bool) -> str:
    """Changes with the boot, the program's content, who runs it, and what we ask of it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        limit = Path("/proc/sys/user/max_user_namespaces").read_text().strip()
    except OSError:
        boot = limit = ""
    own = b"".join(p.read_bytes() for p in sorted(Path(__file__).parent.rglob("*.py")) if "levels" in p.parts)
    asked = [level.told, f"{layered} {network}", str(os.geteuid())]
    parts = [level.isolation.value, program, boot, limit, *asked, seen.LAUNCHER, _SELF_TEST]
    digest = hashlib.sha256("\0".join(parts).encode() + own + Path(program).read_bytes())
    return digest.hexdigest()


def _passed(known: Path, key: str) -> bool:
    try:
        return key.encode() in (read_small(known) or b"").split()
    except OSError:
        return False


def _note(known: Path, key: str) -> None:
    try:
        kept = (read_small(known) or b"").split()[-7:]
        write_atomically(known, b"\n".join([*kept, key.encode()]) + b"\n")
    except OSError:
        return  # only remembered less: the next start tries again
