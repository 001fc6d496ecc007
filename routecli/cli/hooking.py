"""A hook from git's call to its exit status: what is judged, what is told, when the commit goes on."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from routecli import process
from routecli.cli.streams import note, tell, warn
from routecli.domain.untrusted import one_line
from routecli.errors import ExitStatus, RoutecliError
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from routecli.cli.hook_ahead import Ahead
    from routecli.compose.hooking import Scales, Weighed
    from routecli.config.load import Loaded
    from routecli.verification.change import Judged

_LOOK_S = 0.2
_LAST_S = 1.0
"""After the deadline, for what is not a check and so was not told of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a hook is run. `fix` stands in for `hook.fix`; `words` are those that git gives it; `ahead` is what was begun
    before."""

    config: Path | None = None
    profile: str | None = None
    quiet: bool = False
    fix: str | None = None
    words: tuple[str, ...] = ()
    ahead: Ahead | None = None


class Late(KeyboardInterrupt):
    """The deadline is over."""


def run_hook(name: str, asked: Asked = Asked()) -> int:
    """Runs the hook `name` as git does. Returns the exit status; raises nothing but a signal's interrupt."""
    carry_out = _HOOKS.get(name)
    if carry_out is None:
        tell(f"there is no hook {one_line(name, limit=60)}", f"one of: {', '.join(_HOOKS)}")
        return ExitStatus.USAGE
    unable = ExitStatus.ACCEPTED
    if carry_out in (_pre_commit, _pre_push):
        asked = _begun(asked, weighs_staged=carry_out is _pre_commit)
    try:
        loaded = _configuration(asked)
        hook = loaded.settings.hook
        unable = ExitStatus.ACCEPTED if hook.unable == "pass" else ExitStatus.DEFERRED
        with _alone_with_git(), _within(hook.deadline_s + _LAST_S):
            return carry_out(loaded, asked)
    except Late:
        return _not_judged(f"the checks did not end within {hook.deadline_s:.0f} s", "", unable)
    except RoutecliError as fault:
        return _not_judged(fault.what, fault.hint, unable)
    except KeyboardInterrupt as stop:
        return int(getattr(stop, "status", ExitStatus.SIGINT))
    except Exception as bug:  # noqa: BLE001 - a bug of ours is told and saved, and is no reason to lose a commit
        from routecli.cli.crash import crash_lines

        return _not_judged(*crash_lines(bug), unable)
    finally:
        if asked.ahead is not None:
            asked.ahead.close()


def _begun(asked: Asked, *, weighs_staged: bool) -> Asked:
    """Other programs begin to answer now: this one has modules to load for the next 50 ms."""
    from routecli.cli.hook_asking import ask_python

    ask_python(Path.cwd())
    if not weighs_staged:
        return asked
    from routecli.cli.hook_ahead import Ahead

    return replace(asked, ahead=Ahead(Path.cwd()))


def _configuration(asked: Asked) -> Loaded:
    """All layers. The repository is found by its files alone: no git is asked twice."""
    from routecli.config.load import load
    from routecli.git.finding import find

    found = find(Path.cwd())
    root = found.root if found else None
    return load(repo_root=root, flags={}, environ=os.environ, config_file=asked.config, profile=asked.profile)


def _pre_commit(loaded: Loaded, asked: Asked) -> int:
    ends = time.monotonic() + loaded.settings.hook.deadline_s
    weighed = _scales(loaded, asked).staged()
    status = _told(weighed, loaded, asked, "this commit", "git commit --no-verify")
    how = asked.fix or loaded.settings.hook.fix
    if weighed.judged.breaks and how != "off":
        try:
            _fix(weighed, loaded, how, ends)
        except Late:
            warn("no fix: the time is up (hook.deadline_s)")
    return status


def _fix(weighed: Weighed, loaded: Loaded, how: str, ends: float) -> None:
    """Until `ends`; a person at a terminal is asked first, and that the answer took a while takes nothing from the
    time for the fix."""
    from routecli.cli.hook_fixing import is_wanted, is_watched, offer_fix

    hook = loaded.settings.hook
    if is_watched():
        if not is_wanted(hook.budget_usd):
            return
        ends = time.monotonic() + hook.deadline_s
        signal.setitimer(signal.ITIMER_REAL, hook.deadline_s + _LAST_S)
    offer_fix(weighed, loaded, how, ends)


def _pre_push(loaded: Loaded, asked: Asked) -> int:
    """Each branch that is pushed, all tests; git says `LOCAL ID REMOTE ID` on standard input, a line each."""
    scales = _scales(loaded, asked)
    lines = [line.split() for line in sys.stdin.read(1_000_000).splitlines()] if sys.stdin else []
    status = 0
    for fields in lines:
        if len(fields) != 4 or set(fields[1]) == {"0"}:
            continue  # a branch that is taken away
        local, known = fields[1], None if set(fields[3]) == {"0"} else fields[3]
        weighed = scales.commit(local, known or scales.known_to_remotes(local))
        if weighed is not None:
            branch = fields[0].removeprefix("refs/heads/").replace("refs/tags/", "tag ", 1)
            what = f"the push of {one_line(branch, limit=60)}"
            status = _told(weighed, loaded, asked, what, "git push --no-verify") or status
    return status


def _prepare_commit_msg(loaded: Loaded, asked: Asked) -> int:
    from routecli.cli.hook_message import prepare

    return prepare(loaded, asked.words)


_HOOKS: dict[str, Callable[[Loaded, Asked], int]] = {
    "pre-commit": _pre_commit,
    "pre-merge-commit": _pre_commit,
    "prepare-commit-msg": _prepare_commit_msg,
    "pre-push": _pre_push,
}


def _scales(loaded: Loaded, asked: Asked) -> Scales:
    from routecli.compose.hooking import Scales

    ahead, limit_s = asked.ahead, loaded.settings.hook.deadline_s
    if ahead is None:
        return Scales(Path.cwd(), loaded, deadline_s=limit_s)
    return Scales(Path.cwd(), loaded, deadline_s=limit_s, seen=ahead.staged(), read=ahead.content)


def _told(weighed: Weighed, loaded: Loaded, asked: Asked, what: str, anyway: str) -> int:
    judged = weighed.judged
    if judged.breaks:
        told = _broken(judged, what)
        _on_stderr([*told, "", f"hint: {anyway}   (to do it all the same)"])
        return ExitStatus.DEFERRED
    if judged.unable:
        stop = loaded.settings.hook.unable == "stop"
        return _not_judged(judged.unable, "", ExitStatus.DEFERRED if stop else ExitStatus.ACCEPTED)
    if not asked.quiet and judged.ran:
        known = f"; {judged.known} failed before as well" if judged.known else ""
        note(f"✓ {what}: {', '.join(map(one_line, judged.ran))}{known} ({judged.wall_s:.2f} s)")
    return ExitStatus.ACCEPTED


def _broken(judged: Judged, what: str) -> list[str]:
    """At most five lines: what breaks, and the first failure in its own words."""
    first = judged.breaks[0]
    more = f" (and {len(judged.breaks) - 1} more checks)" if len(judged.breaks) > 1 else ""
    said = next((t.detail for t in first.failures.values() if t.detail), "")
    lines = [line.strip() for line in said.splitlines() if line.strip()][-3:]
    if first.findings:
        lines = [str(finding) for finding in first.findings[1:4]]
    head = f"error: {what} breaks something: {one_line(first.why, limit=300)}{more}"
    return [head, *(f"  {one_line(line, limit=160)}" for line in lines)]


def _on_stderr(lines: Sequence[str]) -> None:
    for line in lines:
        note(line)


def _not_judged(why: str, hint: str, status: int) -> int:
    """Says that nothing was judged, and what becomes of the commit."""
    goes_on = status == ExitStatus.ACCEPTED
    told = f"not judged: {one_line(why, limit=400)}"
    if goes_on:
        warn(f"{told}; git goes on (hook.unable)")
    else:
        tell(f"{told}; stopped (hook.unable)", hint or "git commit --no-verify")
    return status


@contextmanager
def _within(deadline_s: float) -> Iterator[None]:
    """Ends what is inside at the deadline, whatever it waits for (security.md row 66)."""
    before = signal.signal(signal.SIGALRM, lambda *_: process.stop(Late()))
    signal.setitimer(signal.ITIMER_REAL, deadline_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _alone_with_git() -> Iterator[None]:
    """Stops us when our parent is gone: a hook that survived its git would spend and save for nobody (row 47)."""
    parent, done = os.getppid(), threading.Event()

    def look() -> None:
        while not done.wait(_LOOK_S):
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    threading.Thread(target=look, name="routecli-parent", daemon=True).start()
    try:
        yield
    finally:
        done.set()


__all__ = ["Asked", "run_hook"]
