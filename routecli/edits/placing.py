"""Where the blocks of one file go: each against the file as it was, then against what earlier blocks made of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from routecli.domain.patch import Match
from routecli.edits.already import already_there, grown_already
from routecli.edits.filetext import Change, FileText
from routecli.edits.intents import Hunk, Lines, Replace
from routecli.edits.matcher import (
    Place,
    certain,
    closest,
    nearest,
    plain_stripped,
    stripped,
)
from routecli.edits.merging import opcodes
from routecli.edits.narrowing import narrowed
from routecli.edits.refusals import NumberedLine, Refusal, RefusalKind
from routecli.edits.transport import variants
from routecli.edits.working import Placed, Working

_DOTS = re.compile(r"^\s*(?:(?:#|//|--|/\*|<!--)\s*)?(?:\.{3}|…)\s*(?:\*/|-->)?\s*$")
_NEAR_LINES = 12
_DIVIDER = re.compile(r"^[ \t]*={5,9}[ \t]*$")
_LIKELY = 60.0
_TWO_READINGS = "markers inside the block leave two readings"


def place(working: Working, intent: Replace) -> list[Placed] | Refusal:
    """The changes that a block makes, recorded in `working`; none where the file has them already; or why there is no
    place for it."""
    if intent.within_lines:
        placed = _within(working, intent)
        if placed is not None:
            return placed if isinstance(placed, Refusal) else _record(working, intent, placed)
        intent = replace(intent, readings=tuple(_as_lines(h) for h in intent.readings), within_lines=False)
    if working.base.bom:
        intent = replace(intent, readings=tuple(_without_bom(h) for h in intent.readings))
    hunks = [h for reading in intent.readings for h in variants(reading)]
    found = _find(working, intent, hunks)
    if found is None and working.changes and any(_may_rely(working, h) for h in hunks):
        trial = Working(working.text)
        found = _find(trial, intent, hunks)
        if found is not None and not isinstance(found, Refusal):
            working.settle()
    if found is None and (there := already_there(working, intent.readings[0])):
        return [] if there > 0 else _refusal(working, intent, RefusalKind.NOT_FOUND)
    if found is None:
        found = _by_likeness(working, intent)
    if isinstance(found, Refusal):
        return found
    if found is None:
        return _refusal(working, intent, RefusalKind.NOT_FOUND)
    return _record(working, intent, found)


def _without_bom(hunk: Hunk) -> Hunk:
    """A diff shows a byte order mark as part of the first line; it is none of the text's."""
    if not hunk.search or not hunk.search[0].startswith("\ufeff"):
        return hunk
    drops = not any(line.startswith("\ufeff") for line in hunk.replace)
    search, new = (tuple(line.removeprefix("\ufeff") for line in part) for part in (hunk.search, hunk.replace))
    return replace(hunk, search=search, replace=new, drops_bom=drops)


def _may_rely(working: Working, hunk: Hunk) -> bool:
    """Whether every searched line stands in the file or in what earlier blocks put there: a cheap look before the
    changed file is searched."""
    there = working.lookup.where(plain_stripped)
    fresh = {plain_stripped(i) for change in working.changes for i in change.items if isinstance(i, str)}
    keys = (plain_stripped(line) for line in hunk.search)
    return all(not key or key in there or key in fresh or _DOTS.match(key) for key in keys)


def _as_lines(hunk: Hunk) -> Hunk:
    search, new = (tuple("\n".join(part).removesuffix("\n").split("\n")) for part in (hunk.search, hunk.replace))
    return replace(hunk, search=search, replace=new if hunk.replace != ("",) else ())


def _within(working: Working, intent: Replace) -> list[Placed] | Refusal | None:
    """A string edit, which may begin and end inside lines: the string must stand once, unless every one is meant."""
    working.settle()
    text = "\n".join(working.base.lines) + ("\n" if working.base.final_newline and working.base.lines else "")
    old, new = (part[0].replace("\r\n", "\n") for part in (intent.readings[0].search, intent.readings[0].replace))
    spots = [m.start() for m in re.finditer(re.escape(old), text)] if old else []
    if not spots:
        return None
    if len(spots) > 1 and not intent.every:
        lines = tuple(text.count("\n", 0, s) + 1 for s in spots[:20])
        return replace(_refusal(working, intent, RefusalKind.AMBIGUOUS), places=lines)
    after = text.replace(old, new)
    lines_after = after.split("\n")
    final = working.base.final_newline
    if lines_after[-1] == "":
        lines_after.pop()
        final = True if lines_after else final
    else:
        final = False
    items: list[int | str] = []
    for tag, i1, i2, j1, j2 in opcodes(working.base.lines, lines_after):
        items += range(i1, i2) if tag == "equal" else lines_after[j1:j2]
    change = Change(0, len(working.base.lines), tuple(items), final_newline=final)
    first = text.count("\n", 0, spots[0])
    start = _core(change)[0] if change.items else first
    return [Placed(replace_start(change, start), Match.EXACT, 1.0)]


def replace_start(change: Change, start: int) -> Change:
    """The same change beginning at its first changed line."""
    kept = min(start, len(change.items), change.stop)
    return replace(change, start=kept, items=change.items[kept:])


def _record(working: Working, intent: Replace, found: list[Placed]) -> list[Placed] | Refusal:
    real = [p for p in found if not _idle(p.change, working.base)]
    for one in real:
        for other in working.changes:
            if _overlap(one.change, other):
                refusal = _refusal(working, intent, RefusalKind.OVERLAP)
                return replace(refusal, places=(one.change.start + 1, other.start + 1))
    working.changes += [_bare(p.change) for p in real]
    working.shifted |= any(p.match is Match.INDENTATION for p in real)
    working.rivals |= any(p.rivals for p in real)
    if working.shifted and working.rivals:
        what = (
            "other blocks of this file are indented otherwise than the file, and so this one fits more than one place"
        )
        return replace(_refusal(working, intent, RefusalKind.AMBIGUOUS), what=what)
    return real


def _bare(change: Change) -> Change:
    """Only what changes: two blocks may quote the same line beside their changes."""
    start, stop = _core(change)
    head, tail = start - change.start, change.stop - stop
    return replace(change, start=start, stop=stop, items=change.items[head : len(change.items) - tail])


def _idle(change: Change, base: FileText) -> bool:
    same = change.items == tuple(range(change.start, change.stop)) or [
        base.lines[i] if isinstance(i, int) else i.removesuffix("\r") for i in change.items
    ] == list(base.lines[change.start : change.stop])
    if same and change.keeps_ends:
        ends = [base.ends[i] if isinstance(i, int) else ("\r\n" if i.endswith("\r") else "\n") for i in change.items]
        have = base.ends[change.start : change.stop]
        same = all(e == h or not h for e, h in zip(ends, have, strict=True))
    return (
        same and not change.drops_bom and (change.final_newline is None or change.final_newline == base.final_newline)
    )


def _overlap(one: Change, other: Change) -> bool:
    """Whether two changes touch the same lines, the lines that they only quote left out."""
    a, b = _core(one), _core(other)
    if a[0] == a[1] and b[0] == b[1]:
        return a[0] == b[0]
    return a[0] < b[1] and b[0] < a[1]


def _core(change: Change) -> tuple[int, int]:
    start, stop = change.start, change.stop
    items = list(change.items)
    while items and items[0] == start and start < stop:
        items.pop(0)
        start += 1
    while items and items[-1] == stop - 1 and start < stop:
        items.pop()
        stop -= 1
    return start, stop


def _find(working: Working, intent: Replace, hunks: Sequence[Hunk]) -> list[Placed] | Refusal | None:
    ambiguous: Refusal | None = None
    fits: list[list[Placed]] = []
    for hunk in hunks:
        if fits and hunk not in intent.readings:
            break
        outcome = _one(working, intent, hunk)
        if isinstance(outcome, Refusal):
            ambiguous = ambiguous or outcome
        elif outcome is not None:
            fits.append(outcome)
    if len(fits) > 1 and len(hunks) == len(intent.readings):
        fits = _widest(fits)
    if len(fits) > 1 and any(f != fits[0] for f in fits):
        return replace(_refusal(working, intent, RefusalKind.AMBIGUOUS), what=_TWO_READINGS)
    if fits and len(intent.readings) > 1 and _goes_on(working, intent, fits[0]):
        return replace(_refusal(working, intent, RefusalKind.AMBIGUOUS), what=_TWO_READINGS)
    return fits[0] if fits else ambiguous


def _goes_on(working: Working, intent: Replace, fit: list[Placed]) -> bool:
    """Whether the file goes on behind the searched lines as a longer reading does: marker, then lines much like that
    reading's. Then the marker was quoted, and a slip further down hides the true reading."""
    from rapidfuzz import fuzz

    lines = working.base.lines
    if not fit or fit[-1].change.stop >= len(lines) or not _DIVIDER.match(lines[fit[-1].change.stop]):
        return False
    size = fit[-1].change.stop - fit[0].change.start
    at = fit[-1].change.stop + 1
    for hunk in intent.readings:
        if len(hunk.search) > size:
            further = hunk.search[size + 1 :]
            there = lines[at : at + len(further)]
            if not further or fuzz.ratio("\n".join(further), "\n".join(there)) >= _LIKELY:
                return True
    return False


def _widest(fits: list[list[Placed]]) -> list[list[Placed]]:
    """Of readings that differ in which marker divides the block, the one whose searched lines hold the others': text
    and marker of the others stand there in the file, so they were quoted, not divided."""

    def span(fit: list[Placed]) -> tuple[int, int]:
        return (fit[0].change.start, fit[-1].change.stop) if fit else (0, 0)

    widest = max(fits, key=lambda f: span(f)[1] - span(f)[0])
    a, b = span(widest)
    inside = all(f is widest or (a <= span(f)[0] and span(f)[1] < b) for f in fits)
    return [widest] if inside and all(p.match is Match.EXACT for p in widest) else fits


def _one(working: Working, intent: Replace, hunk: Hunk) -> list[Placed] | Refusal | None:
    places = certain(working.lookup, hunk.search, hunk.replace, hunk.quoted)
    if not places:
        return _elided(working, intent, hunk)
    if any(p.match is not Match.EXACT for p in places) and len(places) == 1 and places[0].items is None:
        return replace(_refusal(working, intent, RefusalKind.STALE), places=(places[0].start + 1,))
    if intent.every:
        return [_placed(working, hunk, p) for p in places if p.items is not None]
    if len(places) > 1:
        places = narrowed(working, hunk, places)
    if len(places) != 1:
        refusal = _refusal(working, intent, RefusalKind.AMBIGUOUS)
        return replace(refusal, places=tuple(p.start + 1 for p in places[:20]))
    if grown_already(working, hunk, places[0]):
        return []
    return [_placed(working, hunk, places[0])]


def _placed(working: Working, hunk: Hunk, place: Place) -> Placed:
    assert place.items is not None
    ends = working.base.ends
    faithful = hunk.keeps_ends and _carries_ends(hunk, place, ends)
    if faithful:
        raw: list[int | str] = []
        for tag, i1, i2, j1, j2 in opcodes(hunk.search, hunk.replace):
            kept = range(place.start + i1, place.start + i2) if tag == "equal" else ()
            raw += (
                [i if ends[i] else new for i, new in zip(kept, hunk.replace[j1:j2], strict=True)]
                if kept
                else (hunk.replace[j1:j2])
            )
        items = tuple(raw)
    else:
        items = tuple(i if isinstance(i, int) else i.removesuffix("\r") for i in place.items)
    final = hunk.final_newline if place.stop == len(ends) else None
    change = Change(place.start, place.stop, items, faithful, final, hunk.drops_bom)
    rivals = place.match is Match.EXACT and len(working.lookup.starts(hunk.search, stripped)) > 1
    return Placed(change, place.match, place.score, rivals)


def _carries_ends(hunk: Hunk, place: Place, ends: Sequence[str]) -> bool:
    """Whether the searched lines' own `\\r` are exactly the file's: then the new lines' are meant as well."""
    if place.match is not Match.EXACT or place.stop - place.start != len(hunk.search):
        return False
    pairs = [(s, e) for s, e in zip(hunk.search, ends[place.start : place.stop], strict=True) if e]
    if not pairs:
        return any(line.endswith("\r") for line in hunk.replace)
    return all(line.endswith("\r") == (end == "\r\n") for line, end in pairs)


def _elided(working: Working, intent: Replace, hunk: Hunk) -> list[Placed] | Refusal | None:
    """`...` lines stand for lines left out, where every part between them is unique and in order."""
    if not any(_DOTS.match(line) for line in hunk.search):
        return None
    old, new = _parts(hunk.search), _parts(hunk.replace)
    if len(old) != len(new):
        return replace(_refusal(working, intent, RefusalKind.ELIDED), what="SEARCH and REPLACE leave out differently")
    placed: list[Placed] = []
    at = 0
    for search, new_lines in zip(old, new, strict=True):
        if not any(line.strip() for line in search):
            if any(line.strip() for line in new_lines):
                return replace(_refusal(working, intent, RefusalKind.ELIDED), what="lines are added beside `...`")
            continue
        places = certain(working.lookup, search, new_lines)
        if not places:
            return None
        if len(places) > 1 or places[0].start < at or places[0].items is None:
            refusal = _refusal(working, intent, RefusalKind.AMBIGUOUS)
            return replace(refusal, places=tuple(p.start + 1 for p in places[:20]))
        at = places[0].stop
        placed.append(_placed(working, replace(hunk, search=search, replace=new_lines), places[0]))
    return placed or None


def _parts(lines: Lines) -> list[Lines]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if _DOTS.match(line):
            parts.append([])
        else:
            parts[-1].append(line)
    return [tuple(part) for part in parts]


def _by_likeness(working: Working, intent: Replace) -> list[Placed] | Refusal | None:
    if intent.every or len(intent.readings) > 1:
        return None
    for hunk in intent.readings:
        place = closest(working.lookup, hunk.search, hunk.replace)
        if place is None:
            continue
        if place.items is None:
            return replace(_refusal(working, intent, RefusalKind.STALE), places=(place.start + 1,))
        return [_placed(working, replace(hunk, keeps_ends=False), place)]
    return None


_WHAT = {
    RefusalKind.NOT_FOUND: "the searched lines are not in the file",
    RefusalKind.AMBIGUOUS: "the searched lines stand more than once",
    RefusalKind.OVERLAP: "two blocks change the same lines",
    RefusalKind.STALE: "the file has other words where the block changes something",
    RefusalKind.ELIDED: "lines are left out",
}


def _refusal(working: Working, intent: Replace, kind: RefusalKind) -> Refusal:
    hunk = intent.readings[0]
    shown: tuple[NumberedLine, ...] = ()
    score = 0.0
    there = 0
    if kind in {RefusalKind.NOT_FOUND, RefusalKind.STALE} and hunk.search:
        ranked = nearest(working.lookup, hunk.search, 1)
        if ranked and ranked[0].score >= 0.4:
            near, score = ranked[0], ranked[0].score
            stop = min(near.stop, near.start + _NEAR_LINES)
            shown = tuple(NumberedLine(i + 1, working.base.lines[i]) for i in range(near.start, stop))
    if kind is RefusalKind.NOT_FOUND and any(line.strip() for line in hunk.replace):
        known = certain(working.lookup, hunk.replace, hunk.replace)
        there = known[0].start + 1 if len(known) == 1 else 0
    return Refusal(kind, intent.path, _WHAT[kind], intent.dialect, intent.reply_line, hunk.search,
                   nearest=shown, score=score, there_at=there)  # fmt: skip
