"""Which other file a block may have meant: for the words of a refusal only, never to apply it there."""

from __future__ import annotations

from routecli.domain.task import RepoPath
from routecli.edits.filetext import NotText, decode
from routecli.edits.intents import Intent, Remove, Replace
from routecli.edits.matcher import Lookup, certain
from routecli.edits.paths import Names

_SUGGEST_FILES = 2000
_SUGGEST_BYTES = 20_000_000


def fits_elsewhere(names: Names, intent: Intent, path: RepoPath) -> tuple[RepoPath, ...]:
    """Other files that hold the searched lines: what a block that names the wrong file may have meant."""
    search = intent.readings[0].search if isinstance(intent, Replace) else getattr(intent, "lines", None) or ()
    if isinstance(intent, Remove) or not any(len(line.strip()) >= 6 for line in search):
        return ()
    longest = max((line.strip() for line in search), key=len)
    candidates = sorted(names.scope if names.scope is not None else names.known)
    left = _SUGGEST_BYTES
    found: list[RepoPath] = []
    for other in candidates[:_SUGGEST_FILES]:
        raw = names.files.read(other) if other != path else None
        if raw is None or left < 0:
            continue
        left -= len(raw)
        if longest.encode("utf-8", "surrogateescape") not in raw:
            continue
        try:
            lookup = Lookup(decode(raw).lines)
        except NotText:
            continue
        if certain(lookup, search, search):
            found.append(other)
    return tuple(found[:5])
