"""Three versions of a few lines: what the reply searched, what it wants there, and what the file really has.

Lines that the reply leaves alone stay as the file has them, to the byte. Where the reply changes a line that it
quoted wrongly, its version is taken only if nothing of the file is lost by that: otherwise there is no merge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from routecli.nouns import dataclass

Item = int | str
Opcode = tuple[str, int, int, int, int]
_WORDS = re.compile(r"\w+|\s+|.")
_LARGE = 2_000_000  # pairs of equal lines above which lines are no longer aligned


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
    if a and b and _pairs(a, b) <= _LARGE:
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            codes.append((tag, i1 + head, i2 + head, j1 + head, j2 + head))
    elif a or b:
        tag = "replace" if a and b else "delete" if a else "insert"
        codes.append((tag, head, len(old) - tail, head, len(new) - tail))
    if tail:
        codes.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return codes


def _pairs(a: Sequence[str], b: Sequence[str]) -> int:
    """How many pairs of equal lines there are: what aligning costs."""
    counted = Counter(b)
    return sum(counted[line] for line in a)


def merge(
    here: Sequence[str], start: int, old: Sequence[str], new: Sequence[str], key: Callable[[str], str]
) -> tuple[Item, ...] | None:
    """`here` (the file's lines from `start` on) with the change from `old` to `new` made. An int is a line of the
    file that stays. None: file and reply changed the same words differently."""
    old, new = ([line.removesuffix("\r") for line in part] for part in (old, new))
    if [key(line) for line in here] == [key(line) for line in old]:
        return tuple(_same_place(here, start, old, new, opcodes(old, new)))
    return _drifted(here, start, old, new, key)


def _same_place(
    here: Sequence[str], start: int, old: Sequence[str], new: Sequence[str], codes: list[Opcode]
) -> Iterator[Item]:
    known = {o: h for h, o in zip(here, old, strict=True) if h != o and o.strip()}  # misquoted once, misquoted again
    for tag, i1, i2, j1, j2 in codes:
        if tag == "equal":
            yield from range(start + i1, start + i2)
        elif i2 - i1 == j2 - j1:
            for h, o, n in zip(here[i1:i2], old[i1:i2], new[j1:j2], strict=True):
                yield known.get(n) or (n if h.rstrip() == o.rstrip() else words(h, o, n) or n)
        else:
            yield from (known.get(n, n) for n in new[j1:j2])


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
    """The merge read from the top; None unless reading from the bottom gives the same, so that no choice between
    like lines decides."""
    keys = [[key(line) for line in part] for part in (here, old, new)]
    down = _merged(here, old, new, keys, opcodes(keys[1], keys[0]), opcodes(old, new))
    if down is None:
        return None
    up = _merged(here, old, new, keys, _upward(keys[1], keys[0]), _upward(old, new))
    if up is None or [here[i] if isinstance(i, int) else i for i in up] != [
        here[i] if isinstance(i, int) else i for i in down
    ]:
        return None
    return tuple(start + i if isinstance(i, int) else i for i in down)


def _upward(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    a, b = len(old), len(new)
    flipped = opcodes(old[::-1], new[::-1])
    return [(tag, a - i2, a - i1, b - j2, b - j1) for tag, i1, i2, j1, j2 in reversed(flipped)]


def _merged(
    here: Sequence[str],
    old: Sequence[str],
    new: Sequence[str],
    keys: list[list[str]],
    to_file: list[Opcode],
    to_new: list[Opcode],
) -> list[Item] | None:
    owned = _owned(to_file, len(old))
    if any(not old[i].strip() and own.lines[1] > own.lines[0] and not own.same for i, own in enumerate(owned[:-1])):
        return None  # a blank line is no misquoted one: the place is not the right one
    slips = (i for i, own in enumerate(owned[:-1]) if not own.same and own.lines[1] - own.lines[0] == 1)
    known = {old[i]: here[owned[i].lines[0]] for i in slips}  # misquoted once, misquoted again
    items: list[Item] = []
    for tag, i1, i2, j1, j2 in to_new:
        if tag == "equal":
            for one in owned[i1:i2]:
                items += [*range(*one.before), *range(*one.lines)]
            continue
        torn = (i1 > 0 and owned[i1 - 1].joined) or (i2 > i1 and owned[i2 - 1].joined)
        low, high = _over_blanks(old, i1, i2)
        if torn or any(one.before != (0, 0) for one in owned[low : high + 1]):
            return None  # the file has lines of its own just where something changes
        if i1 == i2 and not _anchored([owned[i] for i in (i1 - 1, i1) if 0 <= i < len(old)]):
            return None
        first, last = (owned[i1].lines[0], owned[i2 - 1].lines[1]) if i2 > i1 else (0, 0)
        same = all(own.same for own in owned[i1:i2])
        if not same and keys[0][first:last] == keys[2][j1:j2] and last > first:
            items += [i if here[i] == line else line for i, line in zip(range(first, last), new[j1:j2], strict=True)]
        elif all(_may_go(here, old, new[j1:j2], i, owned[i]) for i in range(i1, i2)):
            items += [known.get(line, line) for line in new[j1:j2]]
        else:
            return None
    return [*items, *range(*owned[-1].before)]


def _over_blanks(old: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """`first:last` with the blank lines around it: they tell no place."""
    while first > 0 and not old[first - 1].strip():
        first -= 1
    while last < len(old) and not old[last].strip():
        last += 1
    return first, last


def _anchored(beside: list[_Owned]) -> bool:
    """Whether new lines have a certain place: the searched lines beside them stand in the file, one of them exactly."""
    return any(one.same for one in beside) and all(one.lines[1] - one.lines[0] == 1 for one in beside)


def _may_go(here: Sequence[str], old: Sequence[str], new: Sequence[str], i: int, own: _Owned) -> bool:
    """Whether the file's line for a searched line may be replaced: it is that line, or the reply only misspelled it."""
    if own.same:
        return True
    if own.lines[1] - own.lines[0] != 1:
        return False
    line = here[own.lines[0]]
    return misspelled(line, old[i]) or any(words(line, old[i], n) == n for n in new if n != old[i])


def misspelled(line: str, quoted: str) -> bool:
    """Whether `quoted` is `line` but for blanks, punctuation at the end and a letter or two of long words: a slip in
    copying, not another statement. Digits and words of their own never differ in a slip."""
    a, b = (_WORDS.findall(part.strip().rstrip(",;: ")) for part in (line, quoted))
    a, b = [w for w in a if not w.isspace()], [w for w in b if not w.isspace()]
    if len(a) != len(b):
        return False
    return all(x == y or _slip(x, y) for x, y in zip(a, b, strict=True))


def _slip(x: str, y: str) -> bool:
    parts_x, parts_y = (re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+|\W|_", word) for word in (x, y))
    if len(parts_x) != len(parts_y):
        return False
    odd = [(p, q) for p, q in zip(parts_x, parts_y, strict=True) if p != q]
    if len(odd) != 1:
        return False
    p, q = odd[0]
    if min(len(p), len(q)) < 4 or not (p.isalpha() and q.isalpha()):
        return False
    codes = [c for c in opcodes(list(p), list(q)) if c[0] != "equal"]
    return len(codes) == 1 and max(codes[0][2] - codes[0][1], codes[0][4] - codes[0][3]) == 1


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
