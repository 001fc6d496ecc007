"""A reply from top to bottom: whichever dialect begins first takes its lines, and the next one goes on behind it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from routecli.domain.confidence import told
from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath
from routecli.edits import wrappers
from routecli.edits.assembly import Assembly
from routecli.edits.formats import EDIT_FORMATS
from routecli.edits.intents import Broken, Intent
from routecli.edits.memory import as_files
from routecli.edits.paths import Names, bare_name
from routecli.edits.refusals import EditsRefused, Refusal, RefusalKind
from routecli.edits.replies import FENCE, Reply, bare_name_above, fence_at
from routecli.ports import Files

MAX_REPLY_BYTES = 2_000_000
MAX_REPLY_LINES = 100_000
MAX_EDITS = 2_000

_QUOTED = re.compile(r"^[ \t]{0,3}>(?: |$)")
_THINKING = re.compile(r"^\s*<(think|thinking|reasoning)>.*?</\1>\s*", re.DOTALL)


def read(
    text: str,
    files: Files | Mapping[RepoPath, bytes | str],
    *,
    scope: Collection[RepoPath] | None = None,
    root: str = "",
) -> Patch:
    """The edits of a reply as a Patch against `files` (a plain mapping of paths to texts will do); writes nothing.

    `scope` names the existing files that may change (None: all); new files may always be made. `root` is the
    repository's absolute path: with it, absolute paths inside it are understood. Every edit applies or none does.
    A patch without edits and with `already_there` means that there is nothing to change. The writer's confidence on the
    last line is no edit. Raises EditsRefused.
    """
    if len(text) > MAX_REPLY_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_REPLY_BYTES:
        raise _too_big(f"the reply is over {MAX_REPLY_BYTES} bytes")
    if text.count("\n") > MAX_REPLY_LINES:
        raise _too_big(f"the reply has more than {MAX_REPLY_LINES} lines")
    names = Names(as_files(files), scope, root)
    _, text = told(text, in_fence=scope is not None and not _speaks_of_confidence(names, scope))
    intents = scan(text, names)
    if len(intents) > MAX_EDITS:
        raise _too_big(f"the reply holds more than {MAX_EDITS} edits")
    if not intents:
        what = "the reply is empty" if not text.strip() else "the reply holds no edits"
        raise EditsRefused((Refusal(RefusalKind.NO_EDITS, "", what),))
    return Assembly(names).patch(intents)


def _speaks_of_confidence(names: Names, scope: Collection[RepoPath]) -> bool:
    """Whether a file may end with such a line itself."""
    return any(b"CONFIDENCE" in (names.files.read(path) or b"") for path in scope)


def _too_big(what: str) -> EditsRefused:
    return EditsRefused((Refusal(RefusalKind.TOO_BIG, "", what),))


def scan(text: str, names: Names, current: str = "") -> list[Intent]:
    """Every edit of the reply in its order. `current` is the file that its surroundings name."""
    lines, carriage = _lines(_THINKING.sub("", text.removeprefix("\ufeff"), count=1))
    reply = Reply(_unquoted(lines), names, current, carriage)
    found: list[Intent] = []
    at = fence_until = 0
    while at < len(reply.lines) and len(found) <= MAX_EDITS:
        taken = None
        if at >= fence_until:
            reply.mark = ""
        for name, dialect in EDIT_FORMATS.items():
            if name == "whole_file" and (at < fence_until or _holds_dialect(reply, at)):
                continue
            taken = dialect.at(reply, at)
            if taken is not None:
                break
        if taken is None:
            taken = wrappers.at(reply, at, lambda inner, path: scan(inner, names, path))
        if taken is not None:
            found += taken.intents
            at = max(taken.upto, at + 1)
            continue
        if at >= fence_until and (fence := fence_at(reply, at)):
            fence_until = fence.after
            opened = FENCE.match(reply.line(at))
            reply.mark = opened["mark"] if opened else ""
        at += 1
    return found


def _lines(text: str) -> tuple[list[str], bool]:
    """Lines without ends. A `\\r` at every line is the transport's; at some, it belongs to the lines."""
    lines = text.split("\n")
    ended = lines[:-1] if not lines[-1] else lines
    carriage = any(line.endswith("\r") for line in ended)
    if carriage and all(line.endswith("\r") or i == len(lines) - 1 for i, line in enumerate(lines)):
        return [line.removesuffix("\r") for line in lines], False
    return lines, carriage


def _unquoted(lines: list[str]) -> list[str]:
    """Runs of `> ` lines that hold an edit, without their quoting."""
    out: list[str] = []
    at = 0
    while at < len(lines):
        stop = at
        while stop < len(lines) and _QUOTED.match(lines[stop]):
            stop += 1
        if stop == at:
            out.append(lines[at])
            at += 1
            continue
        bare = [re.sub(r"^[ \t]{0,3}> ?", "", line) for line in lines[at:stop]]
        edits = any(f.begins(line) for line in bare for f in EDIT_FORMATS.values())
        out += bare if edits else lines[at:stop]
        at = stop
    return out


def _holds_dialect(reply: Reply, number: int) -> bool:
    """Whether the fence on this line wraps another dialect: its text begins with one, after an optional path."""
    fence = fence_at(reply, number)
    if fence is None:
        return False
    dialects = [f for name, f in EDIT_FORMATS.items() if name != "whole_file"]
    seen = 0
    for i in range(fence.start, fence.stop):
        line = reply.line(i)
        if any(f.begins(line) and (f.name != "unified_diff" or f.at(reply, i)) for f in dialects):
            return True
        seen += bool(line.strip())
        if seen > 3 or (line.strip() and not FENCE.match(line) and not bare_name(line, reply.names)):
            break
    info = fence.info.split(" ")[0].casefold()
    return info in {"diff", "patch", "udiff"} and not _is_diff_file(reply, number)


def _is_diff_file(reply: Reply, number: int) -> bool:
    return bare_name_above(reply, number).endswith((".diff", ".patch"))


__all__ = ["Broken", "read", "scan"]
