"""Edits that the file has already: said so, never made twice, never guessed."""

from __future__ import annotations

from routecli.domain.patch import Match
from routecli.edits.intents import Hunk
from routecli.edits.matcher import NEAREST_LEAD, Lookup, Place, certain, nearest, plain_stripped
from routecli.edits.working import Working


def grown_already(working: Working, hunk: Hunk, place: Place) -> bool:
    """Whether the file around the place already is the replacement: an insertion that was made before."""
    if hunk.line is not None or len(hunk.replace) <= len(hunk.search) or not hunk.search:
        return False
    old = [line.rstrip() for line in hunk.search]
    new = [line.rstrip() for line in hunk.replace]
    size, lines = len(old), working.base.lines
    for offset in range(len(new) - size + 1):
        if new[offset : offset + size] != old:
            continue
        first = place.start - offset
        here = [line.rstrip() for line in lines[max(first, 0) : first + len(new)]]
        added = "".join(new[:offset] + new[offset + size :])
        if first >= 0 and here == new and sum(c.isalnum() for c in added) >= 4:
            return True
    return False


def already_there(working: Working, hunk: Hunk) -> int:
    """1 where the searched lines are nowhere, their replacement is in the file once, and nothing else in the file is
    as like the searched lines as that place; -1 where the replacement is there but this is less sure; 0 otherwise."""
    old = [line.strip() for line in hunk.search if line.strip()]
    new = [line.rstrip("\r") for line in hunk.replace]
    fresh = [line for line in new if line.strip() and line.strip() not in old]
    if sum(c.isalnum() for line in fresh for c in line) < 8 or not old:
        return 0
    there = [p for p in certain(working.lookup, new, new) if p.match is Match.EXACT]
    if len(there) != 1:
        return 0
    start, stop = there[0].start, there[0].stop
    kept = {line.strip() for line in new}
    going = [line for line in old if line not in kept]
    ranked = nearest(working.lookup, hunk.search, 2)
    best = not ranked or (ranked[0].start < stop and start < ranked[0].stop)
    lead = len(ranked) < 2 or ranked[0].score - ranked[1].score >= NEAREST_LEAD
    return 1 if best and lead and all(_likest_inside(working.lookup, line, start, stop) for line in going) else -1


def _likest_inside(lookup: Lookup, line: str, start: int, stop: int) -> bool:
    """Whether no line outside of `start:stop` is as like `line` as the likest one inside."""
    from rapidfuzz import fuzz

    keyed = lookup.keyed(plain_stripped)
    inside = max((100.0 if line in other else fuzz.ratio(line, other) for other in keyed[start:stop]), default=0.0)
    floor = max(inside, 60.0)
    outside = (other for part in (keyed[:start], keyed[stop:]) for other in part)
    return not any(fuzz.ratio(line, other, score_cutoff=floor) for other in outside)
