"""A file's bytes as lines and back, without losing a byte: line ends, BOM, encoding, final newline.

Only `\\n` and `\\r\\n` end a line: a form feed or U+2028 inside a line stays where it is.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Sequence

from routecli.nouns import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class NotText(Exception):
    """The bytes are no text that can be edited."""


@dataclass(frozen=True, slots=True)
class FileText:
    """Lines without their ends, and the end of each (`\\n`, `\\r\\n`, or empty for a last line without one)."""

    lines: tuple[str, ...]
    ends: tuple[str, ...]
    encoding: str = "utf-8"
    bom: bytes = b""

    @property
    def main_end(self) -> str:
        """The commonest line end, `\\n` where there is none."""
        counted = Counter(e for e in self.ends if e)
        return counted.most_common(1)[0][0] if counted else "\n"

    @property
    def final_newline(self) -> bool:
        """Whether the last line is ended. An empty file counts as ended."""
        return not self.ends or bool(self.ends[-1])

    def to_bytes(self) -> bytes:
        """The file again. Raises UnicodeEncodeError where the encoding lacks a character."""
        joined = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        errors = "surrogatepass" if self.encoding.startswith("utf-16") else "strict"
        return self.bom + joined.encode(self.encoding, errors)

    def replaced(self, changes: Sequence[Change]) -> FileText:
        """With `changes` made; they must not overlap."""
        lines: list[str] = []
        ends: list[str] = []
        at = 0
        for change in sorted(changes, key=lambda c: (c.start, c.stop)):
            lines += self.lines[at : change.start]
            ends += self.ends[at : change.start]
            new_lines, new_ends = self._rendered(change)
            lines += new_lines
            ends += new_ends
            at = change.stop
        lines += self.lines[at:]
        ends += self.ends[at:]
        final = next((c.final_newline for c in changes if c.final_newline is not None), self.final_newline)
        bom = b"" if any(c.drops_bom for c in changes) else self.bom
        return FileText(tuple(lines), self._ended(ends, final), self.encoding, bom)

    def _rendered(self, change: Change) -> tuple[list[str], list[str]]:
        near = self.ends[change.start] if change.start < len(self.ends) else ""
        if not near and change.start > 0:
            near = self.ends[change.start - 1]
        default = near or self.main_end
        lines: list[str] = []
        ends: list[str] = []
        for item in change.items:
            if isinstance(item, int):
                lines.append(self.lines[item])
                ends.append(self.ends[item])
            elif change.keeps_ends:
                text = item.removesuffix("\r")
                lines.append(text)
                ends.append("\r\n" if text != item else "\n")
            else:
                lines.append(item.removesuffix("\r"))
                ends.append(default)
        return lines, ends

    def _ended(self, ends: list[str], final_newline: bool) -> tuple[str, ...]:
        if not ends:
            return ()
        known = next((e for e in reversed(ends) if e), self.main_end)
        body = [e or known for e in ends]
        if not final_newline:
            body[-1] = ""
        return tuple(body)


@dataclass(frozen=True, slots=True)
class Change:
    """Lines `start:stop` of a file become `items`: an int keeps that line of the file, a str is a new line.
    With `keeps_ends` the new lines' own `\\r` counts; `final_newline` None leaves the file's end as it is;
    `drops_bom` takes the byte order mark away."""

    start: int
    stop: int
    items: tuple[int | str, ...]
    keeps_ends: bool = False
    final_newline: bool | None = None
    drops_bom: bool = False


def decode(raw: bytes) -> FileText:
    """The text of a file: UTF-8, UTF-16 with a BOM, else Latin-1 or Windows-1252. Raises NotText for binary."""
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            try:
                return split(raw[len(bom) :].decode(encoding), encoding, bom)
            except UnicodeDecodeError as fault:
                raise NotText(f"it is no {encoding}") from fault
    if b"\0" in raw:
        raise NotText("it is binary")
    try:
        return split(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _one_byte(raw)


def _one_byte(raw: bytes) -> FileText:
    odd = sum(b < 32 and b not in b"\t\n\r\f\v\x1b" for b in raw)
    if odd * 20 > len(raw):
        raise NotText("it is binary")
    if any(0x80 <= b <= 0x9F for b in raw):
        try:
            return split(raw.decode("cp1252"), "cp1252")
        except UnicodeDecodeError:
            return split(raw.decode("latin-1"), "latin-1")
    return split(raw.decode("latin-1"), "latin-1")


def split(text: str, encoding: str = "utf-8", bom: bytes = b"") -> FileText:
    """`text` as lines and their ends."""
    lines: list[str] = []
    ends: list[str] = []
    parts = text.split("\n")
    for part in parts[:-1]:
        if part.endswith("\r"):
            lines.append(part[:-1])
            ends.append("\r\n")
        else:
            lines.append(part)
            ends.append("\n")
    if parts[-1]:
        lines.append(parts[-1])
        ends.append("")
    return FileText(tuple(lines), tuple(ends), encoding, bom)


def new_file(lines: Sequence[str], *, final_newline: bool = True) -> FileText:
    """A file that did not exist: `\\n` ends, `\\r\\n` where the lines bring their own `\\r`."""
    texts = tuple(line.removesuffix("\r") for line in lines)
    ends = ["\r\n" if line.endswith("\r") else "\n" for line in lines]
    if ends and not final_newline:
        texts = (*texts[:-1], lines[-1])
        ends[-1] = ""
    return FileText(texts, tuple(ends))
