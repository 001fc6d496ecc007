"""Which of several places a block means, by what else the reply says of it."""

from __future__ import annotations

from collections.abc import Sequence

from routecli.edits.intents import Hunk
from routecli.edits.matcher import Lookup, Place, certain, plain
from routecli.edits.working import Working


def narrowed(working: Working, hunk: Hunk, places: list[Place]) -> list[Place]:
    """Places that the reply's own further evidence leaves: the stated line, the anchors, the file's end."""
    if hunk.line is not None:
        stated = [p for p in places if p.start + 1 == hunk.line]
        if len(stated) == 1:
            return stated
    if hunk.at_end:
        last = [p for p in places if p.stop == len(working.base.lines)]
        if len(last) == 1:
            return last
    if hunk.anchors:
        return _below(working, hunk, places)
    free = [p for p in places if not any(p.start < c.stop and c.start < p.stop for c in working.changes)]
    if len(free) == 1 and len(free) < len(places):
        left = certain(Lookup(working.text.lines), hunk.search, hunk.replace)
        return free if len(left) == 1 else places
    return places


def _below(working: Working, hunk: Hunk, places: list[Place]) -> list[Place]:
    """The places in the block that the anchors open; the anchors must lead to one line."""
    lines = working.base.lines
    starts = [0]
    for anchor in hunk.anchors:
        wanted = plain(anchor).strip()
        spans = [range(s, _block_end(lines, s - 1) if s else len(lines)) for s in starts]
        nexts = {i for span in spans for i in span if plain(lines[i]).strip() == wanted}
        if not nexts:
            nexts = {i for span in spans for i in span if wanted and plain(lines[i]).strip().startswith(wanted)}
        starts = sorted(i + 1 for i in nexts)
    if not starts:
        return places
    inside: dict[int, Place] = {}
    for start in starts:
        stop = _block_end(lines, start - 1)
        inside |= {p.start: p for p in places if start - 1 <= p.start < stop}
    if inside:
        return list(inside.values())
    after = [p for p in places if p.start >= starts[0]] if len(starts) == 1 else places
    return after or places


def _block_end(lines: Sequence[str], opening: int) -> int:
    depth = len(lines[opening]) - len(lines[opening].lstrip())
    for i in range(opening + 1, len(lines)):
        text = lines[i].strip()
        if text and len(lines[i]) - len(lines[i].lstrip()) <= depth and text[0] not in "})]{":
            return i
    return len(lines)
