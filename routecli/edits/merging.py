"""Three versions of a few lines: what the reply searched, what it wants there, and what the file really has.

Lines that the reply leaves alone stay as the file has them, to the byte. Where the reply changes a line that it
quoted wrongly, its version is taken only if nothing of the file is lost by that: otherwise there is no merge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Item = int | str
Opcode = tuple[str, int, int, int, int]
_WORDS = re.compile(r"\w+|\s+|.")
_LARGE = 4_000_000  # line pairs above which lines are no longer aligned


def opcodes(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """Like difflib's, with common first and last lines taken off before anything is compared."""
    head = 0
    limit = min(len(old), len(new))
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    codes: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    if a and b and len(a) * len(b) <= _LARGE:
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            codes.append((tag, i1 + head, i2 + head, j1 + head, j2 + head))
    elif a or b:
        tag = "replace" if a and b else "delete" if a else "insert"
        codes.append((tag, head, len(old) - tail, head, len(new) - tail))
    if tail:
        codes.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return codes


def merge(
    here: Sequence[str], start: int, old: Sequence[str], new: Sequence[str], key: Callable[[str], str]
) -> tuple[Item, ...] | None:
    """`here` (the file's lines from `start` on) with the change from `old` to `new` made. An int is a line of the
    file that stays. None: file and reply changed the same words differently."""
    here_keys, old_keys, new_keys = ([key(line) for line in part] for part in (here, old, new))
    if here_keys == old_keys:
        return tuple(_same_place(here, start, old, new, opcodes(old_keys, new_keys)))
    return _drifted(here, start, old, new, key)


def _same_place(
    here: Sequence[str], start: int, old: Sequence[str], new: Sequence[str], codes: list[Opcode]
) -> Iterator[Item]:
    for tag, i1, i2, j1, j2 in codes:
        if tag == "equal":
            yield from range(start + i1, start + i2)
        elif i2 - i1 == j2 - j1:
            for h, o, n in zip(here[i1:i2], old[i1:i2], new[j1:j2], strict=True):
                yield n if h.rstrip() == o.rstrip() else words(h, o, n) or n
        else:
            yield from new[j1:j2]


@dataclass(frozen=True, slots=True)
class _Owned:
    """The file's lines that one searched line stands for. `before` are lines of the file's own in front of it;
    `joined` lines cannot be told from the next one's."""

    before: tuple[int, int]
    lines: tuple[int, int]
    same: bool
    joined: bool = False


def _owned(codes: list[Opcode], size: int) -> list[_Owned]:
    owned: list[_Owned] = []
    gap = (0, 0)
    for tag, i1, i2, j1, j2 in codes:
        if tag == "insert":
            gap = (j1, j2)
            continue
        pairwise = i2 - i1 == j2 - j1
        for k in range(i2 - i1):
            before = gap if k == 0 else (0, 0)
            if pairwise:
                owned.append(_Owned(before, (j1 + k, j1 + k + 1), tag == "equal"))
            else:
                lines = (j1, j2) if k == 0 else (j2, j2)
                owned.append(_Owned(before, lines, False, joined=tag == "replace" and k < i2 - i1 - 1))
        gap = (0, 0)
    assert len(owned) == size
    return [*owned, _Owned(gap, (0, 0), True)]


def _drifted(
    here: Sequence[str], start: int, old: Sequence[str], new: Sequence[str], key: Callable[[str], str]
) -> tuple[Item, ...] | None:
    here_keys, old_keys, new_keys = ([key(line) for line in part] for part in (here, old, new))
    owned = _owned(opcodes(old_keys, here_keys), len(old))
    items: list[Item] = []
    for tag, i1, i2, j1, j2 in opcodes(old_keys, new_keys):
        torn = (i1 > 0 and owned[i1 - 1].joined) or (i2 > i1 and owned[i2 - 1].joined)
        if torn or (tag == "insert" and owned[i1].before != (0, 0)):
            return None
        if tag == "insert":
            items += new[j1:j2]
            continue
        items += range(start + owned[i1].before[0], start + owned[i1].before[1])
        if tag == "equal":
            for one in owned[i1:i2]:
                if one is not owned[i1]:
                    items += range(start + one.before[0], start + one.before[1])
                items += range(start + one.lines[0], start + one.lines[1])
            continue
        if any(one.before != (0, 0) for one in owned[i1 + 1 : i2]):
            return None
        first, last = owned[i1].lines[0], owned[i2 - 1].lines[1]
        if not _taken(here[first:last], old[i1:i2], new[j1:j2], all(one.same for one in owned[i1:i2])):
            return None
        items += new[j1:j2]
    last_gap = owned[-1].before
    return (*items, *range(start + last_gap[0], start + last_gap[1]))


def _taken(here: Sequence[str], old: Sequence[str], new: Sequence[str], same: bool) -> bool:
    if same or list(here) == list(new):
        return True
    if not len(here) == len(old) == len(new):
        return False
    return all(words(h, o, n) == n for h, o, n in zip(here, old, new, strict=True))


def words(here: str, old: str, new: str) -> str | None:
    """`here` with the words changed that differ between `old` and `new`; None where that is not clear."""
    if here == old:
        return new
    h, o, n = (_WORDS.findall(part) for part in (here, old, new))
    theirs = [c for c in opcodes(o, h) if c[0] != "equal"]
    ours = [c for c in opcodes(o, n) if c[0] != "equal"]
    merged: list[str] = []
    at = 0
    while theirs or ours:
        mine = ours and (not theirs or ours[0][1:3] <= theirs[0][1:3])
        code = ours.pop(0) if mine else theirs.pop(0)
        other = theirs if mine else ours
        side = n if mine else h
        if other and other[0][1] < max(code[2], code[1] + 1):
            rival = other.pop(0)
            far = h if mine else n
            if rival[1:3] != code[1:3] or side[code[3] : code[4]] != far[rival[3] : rival[4]]:
                return None
        if code[1] < at:
            return None
        merged += o[at : code[1]] + side[code[3] : code[4]]
        at = code[2]
    return "".join(merged + o[at:])
