"""The one matcher: where in a file do these lines stand?

Levels, from certain to nearest; the first that finds anything decides: exact → line-end blanks → uniform
indentation → typographic equivalents (with the indentation shifts) → nearest unique place. Two places on the deciding
level are ambiguous, never a choice. Time is linear in the file for all levels: places are found through the rarest
searched line, and the nearest place through the searched lines that do occur.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from math import gcd

from routecli.domain.patch import Match
from routecli.edits.indentation import Shift, cut, shift_between
from routecli.edits.merging import merge, opcodes
from routecli.nouns import dataclass

NEAREST_SIMILARITY = 0.8
NEAREST_LEAD = 0.05
_COMMON_LINE = 200  # a line that stands more often than this says nothing about a place


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `start:stop` of the file, and the searched lines' replacement as items of a Change. `items` is None where
    the file and the reply changed the same words differently."""

    start: int
    stop: int
    match: Match
    items: tuple[int | str, ...] | None
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Near:
    """The most similar lines of the file, fit or not."""

    start: int
    stop: int
    score: float


_TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u00b4": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
        "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ",
        "\u2026": "...", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
    }
)  # fmt: skip


@lru_cache(maxsize=65536)
def plain(line: str) -> str:
    """`line` with typographic characters as ASCII, composed, without line-end blanks."""
    if line.isascii():
        return line.rstrip()
    return unicodedata.normalize("NFC", line).translate(_TYPOGRAPHY).rstrip()


def _exact(line: str) -> str:
    return line.removesuffix("\r")


def _blanks(line: str) -> str:
    return line.rstrip()


def stripped(line: str) -> str:
    """`line` without its indentation and line-end blanks."""
    return line.strip()


def plain_stripped(line: str) -> str:
    """`plain(line)` without its indentation."""
    return plain(line).strip()


_UNSHIFTED: dict[Callable[[str], str], Callable[[str], str]] = {stripped: _blanks, plain_stripped: plain}
"""Once the indentation is shifted it counts: a change of indentation alone is a change."""


class Lookup:
    """A file's lines, indexed per level when first asked for."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._keyed: dict[Callable[[str], str], list[str]] = {}
        self._where: dict[Callable[[str], str], dict[str, list[int]]] = {}

    def keyed(self, key: Callable[[str], str]) -> list[str]:
        """Every line under `key`."""
        if key not in self._keyed:
            self._keyed[key] = [key(line) for line in self.lines]
        return self._keyed[key]

    def where(self, key: Callable[[str], str]) -> dict[str, list[int]]:
        """Line under `key` → its positions, ascending."""
        if key not in self._where:
            table: dict[str, list[int]] = defaultdict(list)
            for number, line in enumerate(self.keyed(key)):
                table[line].append(number)
            self._where[key] = table
        return self._where[key]

    def starts(self, search: Sequence[str], key: Callable[[str], str]) -> list[int]:
        """Every position where the searched lines stand under `key`."""
        wanted = [key(line) for line in search]
        if not wanted:
            return []
        table, lines = self.where(key), self.keyed(key)
        rarest = min(range(len(wanted)), key=lambda i: len(table.get(wanted[i], ())))
        size = len(wanted)
        found = []
        for position in table.get(wanted[rarest], ()):
            start = position - rarest
            if start >= 0 and lines[start : start + size] == wanted:
                found.append(start)
        return found


def certain(
    lookup: Lookup, search: Sequence[str], replace: Sequence[str], quoted: frozenset[int] = frozenset()
) -> list[Place]:
    """The places of the first level that has any, nearest left out; blank first and last lines may be too many.
    `quoted` are searched lines that may have lost one leading blank, their mark."""
    for key, match, shifted in (
        (_exact, Match.EXACT, False),
        (_blanks, Match.BLANKS, False),
        (stripped, Match.INDENTATION, True),
        (plain, Match.TYPOGRAPHIC, False),
        (plain_stripped, Match.TYPOGRAPHIC, True),
    ):
        found = _level(lookup, search, replace, key, match, shifted)
        if found:
            return found
        as_blanks = Match.BLANKS if match is Match.EXACT else match
        for _, alike in groupby(trimmed(search, replace), key=lambda less: len(less.search)):
            # Which of the blank lines is too many cannot be told: readings at several places are several places.
            readings = [(less, _level(lookup, less.search, less.replace, key, as_blanks, shifted)) for less in alike]
            firm = [found for less, found in readings if found and all(_firm(lookup, less, p) for p in found)]
            if firm:
                return [place for found in firm for place in found]
        if match is Match.BLANKS and (found := _unmarked(lookup, search, replace, quoted)):
            return found
    return []


def _unmarked(lookup: Lookup, search: Sequence[str], replace: Sequence[str], quoted: frozenset[int]) -> list[Place]:
    """Places where every line that goes stands as searched, and every line that stays stands so or one blank deeper.
    Lines that come are taken as they are: the slip was in the marks, not in the indentation."""
    if not quoted:
        return []
    places = []
    for start in lookup.starts(search, stripped):
        here = lookup.lines[start : start + len(search)]
        slips = [h.rstrip() == " " + s.rstrip() for h, s in zip(here, search, strict=True)]
        if any(
            h.rstrip() != s.rstrip() and not (i in quoted and slips[i])
            for i, (h, s) in enumerate(zip(here, search, strict=True))
        ):
            continue
        codes = opcodes([_exact(line) for line in search], [_exact(line) for line in replace])
        known = {s: h for h, s, slip in zip(here, search, slips, strict=True) if slip}
        items: list[int | str] = []
        for tag, i1, i2, j1, j2 in codes:
            items += range(start + i1, start + i2) if tag == "equal" else [known.get(n, n) for n in replace[j1:j2]]
        shift = shift_between(here, search, replace)
        if shift is not None and not _marks_lost(here, [i for i in items if isinstance(i, str)], shift):
            places.append(Place(start, start + len(search), Match.INDENTATION, None))
        else:
            places.append(Place(start, start + len(search), Match.INDENTATION, tuple(items)))
    return places


def _marks_lost(here: Sequence[str], new: Sequence[str], shift: Shift) -> bool:
    """Whether, of two readings (all lines shifted by one, or only the marks lost), the new lines' indentation fits
    the file's unit as they are, and shifted it would not."""
    widths = [len(cut(line)[0]) for line in here if line.strip()]
    unit = gcd(*widths)
    moved = shift.apply(new)
    if not any(line.strip() for line in new) or moved is None:
        return True
    fits, shifted = (
        all(len(cut(line)[0]) % unit == 0 for line in lines if line.strip()) if unit else False
        for lines in (new, moved)
    )
    return fits and not shifted


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A block without blank lines at its ends. `first` and `last` say what happens where some were taken: an opcode
    that changes something right there, or empty."""

    search: list[str]
    replace: list[str]
    first: str
    last: str


def trimmed(search: Sequence[str], replace: Sequence[str]) -> Iterator[Trimmed]:
    """The block without blank first or last lines of the search, and without as many of the replacement; fewest
    taken first."""
    first = next((i for i, line in enumerate(search) if line.strip()), None)
    if first is None:
        return
    last = next(i for i, line in enumerate(reversed(search)) if line.strip())
    cuts = [(a, b) for a in range(min(first, 4) + 1) for b in range(min(last, 4) + 1) if a or b]
    for head, tail in sorted(cuts, key=sum):
        old, new = list(search[head : len(search) - tail]), _shortened(replace, head, tail)
        at_first = _edge(old[::-1], new[::-1]) if head else ""
        at_last = _edge(old, new) if tail else ""
        if head and (any(line.strip() for line in replace[:head]) or len(replace) < head):
            at_first = at_first or "delete"
        if tail and (any(line.strip() for line in replace[-tail:]) or len(replace) < tail):
            at_last = at_last or "delete"
        yield Trimmed(old, new, at_first, at_last)


def _edge(old: Sequence[str], new: Sequence[str]) -> str:
    """What happens at the end of a block, over blank lines that stay: an opcode's name, empty where a line stays."""
    a, b = list(old), list(new)
    while a and b and not a[-1].strip() and not b[-1].strip():
        a.pop()
        b.pop()
    codes = opcodes([line.rstrip() for line in a], [line.rstrip() for line in b])
    return codes[-1][0] if codes and codes[-1][0] != "equal" else ""


def _firm(lookup: Lookup, less: Trimmed, place: Place) -> bool:
    """Whether a place holds without the blank lines that were taken from the block. New lines need the file's own
    edge there; changed lines, that no blank line is near which the block may have meant, with a line lost between."""
    lines = lookup.lines
    above, below = lines[max(place.start - 3, 0) : place.start], lines[place.stop : place.stop + 3]
    for what, beside in ((less.first, above), (less.last, below)):
        if what == "insert" and beside:
            return False
        if what and any(not line.strip() for line in beside):
            return False
    return True


def _shortened(lines: Sequence[str], head: int, tail: int) -> list[str]:
    new = list(lines)
    for _ in range(head):
        if new and not new[0].strip():
            new.pop(0)
    for _ in range(tail):
        if new and not new[-1].strip():
            new.pop()
    return new


def _level(
    lookup: Lookup,
    search: Sequence[str],
    replace: Sequence[str],
    key: Callable[[str], str],
    match: Match,
    shifted: bool,
) -> list[Place]:
    if key is not _exact and not any(line.strip() for line in search):
        return []
    if shifted and not any(c.isalnum() for line in search for c in line):
        return []  # brackets alone stand at every depth
    places = []
    for start in lookup.starts(search, key):
        stop = start + len(search)
        here = lookup.lines[start:stop]
        shift = shift_between(here, search, replace) if shifted else Shift()
        if shift is None:
            continue
        old, new = shift.apply(search), shift.apply(replace)
        if old is None or new is None:
            continue
        places.append(Place(start, stop, match, merge(here, start, old, new, _UNSHIFTED.get(key, key))))
    return places


def nearest(lookup: Lookup, search: Sequence[str], limit: int = 8) -> list[Near]:
    """The most similar places, best first, no two overlapping. Places are voted for by the searched lines that do
    occur; where none occurs, there is none."""
    votes: dict[int, int] = defaultdict(int)
    table = lookup.where(plain_stripped)
    for offset, line in enumerate(search):
        word = plain_stripped(line)
        spots = table.get(word, ()) if word else ()
        if len(spots) <= _COMMON_LINE:
            for position in spots:
                votes[position - offset] += 1
    from rapidfuzz import fuzz

    wanted = "\n".join(plain_stripped(line) for line in search)
    keyed = lookup.keyed(plain_stripped)
    starts = sorted(votes.items(), key=lambda v: (-v[1], v[0]))[: limit * 2]
    rough = []
    for start, count in starts:
        if count * 4 >= starts[0][1]:
            first, stop = max(0, start), min(len(keyed), start + len(search))
            if first < stop:
                rough.append((fuzz.ratio("\n".join(keyed[first:stop]), wanted), start))
    rough.sort(reverse=True)
    scored = []
    for _, start in rough[: max(3, limit // 2)]:
        scored.extend(_windows(keyed, start, len(search), wanted, fuzz.ratio))
    scored.sort(key=lambda n: (-n.score, n.start, n.stop))
    best: list[Near] = []
    for near in scored:
        if all(near.stop <= b.start or near.start >= b.stop for b in best):
            best.append(near)
    return best[:limit]


def _windows(keyed: list[str], start: int, size: int, wanted: str, ratio: Callable[[str, str], float]) -> list[Near]:
    near = []
    for first in {max(0, start - 1), max(0, start), max(0, start + 1)}:
        for last in {first + size - 1, first + size, first + size + 1}:
            stop = min(last, len(keyed))
            if first < stop and keyed[first] and keyed[stop - 1]:
                near.append(Near(first, stop, ratio("\n".join(keyed[first:stop]), wanted) / 100))
    return near


def _to_edges(lookup: Lookup, near: Near, search: Sequence[str]) -> Near:
    """The place widened by up to three lines to where the first and last searched lines stand."""
    keyed = lookup.keyed(plain_stripped)
    first, last = plain_stripped(search[0]), plain_stripped(search[-1])
    start, stop = near.start, near.stop
    if keyed[start] != first:
        start = next((i for i in range(start - 1, max(start - 4, -1), -1) if keyed[i] == first), start)
    if keyed[stop - 1] != last:
        stop = next((i + 1 for i in range(stop, min(stop + 3, len(keyed))) if keyed[i] == last), stop)
    return Near(start, stop, near.score)


def closest(lookup: Lookup, search: Sequence[str], replace: Sequence[str]) -> Place | None:
    """The nearest place if it is safe to use: at least two searched lines, similarity ≥ 0.8, a lead ≥ 0.05 over the
    runner-up, half of the searched lines exactly there."""
    bare = [less for less in trimmed(search, replace) if not less.first and not less.last]
    old, new = (bare[-1].search, bare[-1].replace) if bare else (list(search), list(replace))
    if sum(any(c.isalnum() for c in line) for line in old) < 2:
        return None  # brackets alone are like any others
    ranked = nearest(lookup, old)
    if not ranked or ranked[0].score < NEAREST_SIMILARITY:
        return None
    best = _to_edges(lookup, ranked[0], old)
    if len(ranked) > 1 and best.score - ranked[1].score < NEAREST_LEAD:
        return None
    here = lookup.lines[best.start : best.stop]
    there = {plain_stripped(line) for line in here}
    words = [w for line in old if (w := plain_stripped(line))]
    if sum(w in there for w in words) * 2 < len(words):
        return None
    shift = shift_between(here, old, new, loose=True)
    if shift is None:
        return None
    moved_old, moved_new = shift.apply(old), shift.apply(new)
    if moved_old is None or moved_new is None:
        return None
    return Place(best.start, best.stop, Match.NEAREST, merge(here, best.start, moved_old, moved_new, plain), best.score)
