"""Uniform shifts of indentation between a reply and a file: deeper, shallower, tabs against blanks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from math import gcd

from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Shift:
    """How the reply's indentation becomes the file's: `unit` blanks are one tab (positive) or one tab is so many
    blanks (negative), then `take` goes from the front of every line and `put` comes there."""

    unit: int = 0
    take: str = ""
    put: str = ""

    def apply(self, lines: Sequence[str]) -> list[str] | None:
        """The lines shifted; None where one is not indented deep enough or by no whole unit."""
        if not (self.unit or self.take or self.put):
            return list(lines)
        shifted = []
        for line in lines:
            if not line.strip():
                shifted.append(line)
                continue
            moved = self._line(line)
            if moved is None:
                return None
            shifted.append(moved)
        return shifted

    def _line(self, line: str) -> str | None:
        indent, rest = cut(line)
        if self.unit > 0:
            width = len(indent.expandtabs(self.unit))
            if width % self.unit:
                return None
            indent = "\t" * (width // self.unit)
        elif self.unit < 0:
            indent = indent.replace("\t", " " * -self.unit)
        if not indent.startswith(self.take):
            return None
        return self.put + indent[len(self.take) :] + rest


def cut(line: str) -> tuple[str, str]:
    """The leading blanks and tabs, and the rest."""
    rest = line.lstrip(" \t")
    return line[: len(line) - len(rest)], rest


def shift_between(
    here: Sequence[str], search: Sequence[str], replace: Sequence[str], *, loose: bool = False
) -> Shift | None:
    """The one shift that turns every searched line's indentation into the file's, None if there is none.

    `loose` aligns only the lines that stand in both and lets a few be indented otherwise: for the nearest place.
    """
    pairs = list(_pairs(here, search, loose))
    if not pairs:
        return Shift() if loose else None
    for shift in _candidates(pairs, search, replace):
        moved = shift.apply([s for _, s in pairs])
        if moved is None:
            continue
        good = sum(cut(m)[0] == cut(h)[0] for m, (h, _) in zip(moved, pairs, strict=True))
        if good == len(pairs) or (loose and good * 4 >= len(pairs) * 3):
            return shift
    return None


def _pairs(here: Sequence[str], search: Sequence[str], loose: bool) -> Iterator[tuple[str, str]]:
    if not loose:
        yield from ((h, s) for h, s in zip(here, search, strict=True) if s.strip())
        return
    matcher = SequenceMatcher(None, [h.strip() for h in here], [s.strip() for s in search], autojunk=False)
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            if here[block.a + k].strip():
                yield here[block.a + k], search[block.b + k]


def _candidates(pairs: list[tuple[str, str]], search: Sequence[str], replace: Sequence[str]) -> Iterator[Shift]:
    """Shifts to try: none, units alone, the same unit deeper or shallower. How many blanks a tab is must follow from
    the searched lines; where they leave it open, only the block's own smallest step counts."""
    yield Shift()
    file_tabs = any("\t" in cut(h)[0] for h, _ in pairs)
    file_blanks = any(" " in cut(h)[0] for h, _ in pairs)
    indents = [cut(line)[0] for line in (*search, *replace) if line.strip()]
    step = gcd(*(len(i) for i in indents if "\t" not in i))
    file_step = gcd(*(len(cut(h)[0]) for h, _ in pairs))
    if file_tabs and not file_blanks and any(" " in i for i in indents):
        yield from (Shift(unit) for unit in (2, 3, 4, 8))
        yield from _offsets(step, pairs) if step > 1 else ()
    if file_blanks and not file_tabs and any("\t" in i for i in indents):
        yield from (Shift(-unit) for unit in (2, 3, 4, 8))
        yield from _offsets(-file_step, pairs) if file_step > 1 else ()
    yield from _offsets(0, pairs)


def _offsets(unit: int, pairs: list[tuple[str, str]]) -> Iterator[Shift]:
    for file_line, reply_line in pairs[:8]:
        moved = Shift(unit).apply([reply_line])
        if moved is None:
            return
        have, want = cut(moved[0])[0], cut(file_line)[0]
        if want.endswith(have):
            yield Shift(unit, "", want[: len(want) - len(have)])
        elif have.endswith(want):
            yield Shift(unit, have[: len(have) - len(want)], "")
