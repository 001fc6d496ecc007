"""A reply as lines, and the fences in it."""

from __future__ import annotations

import re
from dataclasses import field

from routecli.edits.paths import Names, bare_name
from routecli.nouns import dataclass

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
TAG_FENCE = re.compile(r"^[ \t]*<(?P<tag>source|sourcecode|code|pre|codeblock)>[ \t]*$")
MARKER = re.compile(
    r"^[ \t]*(?:<{5,12}[ \t]*(?:SEARCH|ORIGINAL)\b|>{5,12}[ \t]*(?:REPLACE|UPDATED)\b|\*{3} (?:Begin|End) Patch\b)"
)
"""A line that belongs to a block of edits, whatever the dialect: no file's own, unless the file has such lines."""
_INFO_NAME = re.compile(r"""(?:^|\s|\{)(?:title|file(?:name|path)?|path|name|src)\s*[=:]\s*["']?(?P<name>[^"'\s}]+)""")


@dataclass(slots=True)
class Reply:
    """The reply's lines, without line ends; `carriage` says that line ends were mixed and `\\r` belongs to the lines.
    `current` is the file of the block before: some models name a file once and go on; `mark` opened the fence that is
    being read, empty outside of one."""

    lines: list[str]
    names: Names
    current: str = ""
    carriage: bool = False
    mark: str = ""
    json_tries: int = 0
    unclosed: set[str] = field(default_factory=set)
    _text: str = ""
    _offsets: list[int] = field(default_factory=list)
    _special: dict[str, tuple[bool, bool]] = field(default_factory=dict)

    def line(self, number: int) -> str:
        """A line without its `\\r`; empty past the end."""
        return self.lines[number].rstrip("\r") if 0 <= number < len(self.lines) else ""

    def text_from(self, number: int) -> tuple[str, int]:
        """The whole reply as one text, and where in it a line begins."""
        if not self._offsets:
            self._text = "\n".join(self.lines)
            self._offsets = [0]
            for line in self.lines:
                self._offsets.append(self._offsets[-1] + len(line) + 1)
        return self._text, self._offsets[number]

    def special_lines(self, path: str) -> tuple[bool, bool]:
        """Whether the file of that name holds lines like an edit's markers, and lines like fences."""
        if path not in self._special:
            known = self.names.existing(self.names.spelled(path)) if path else None
            raw = self.names.files.read(known) if known else None
            lines = (raw or b"").decode("utf-8", "replace").splitlines()
            self._special[path] = (any(map(MARKER.match, lines)), any(map(FENCE.match, lines)))
        return self._special[path]


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced part: its lines are `start:stop`; `after` is the first line behind it. `closed` False: the reply ended
    first. `clean` False: fences inside it make its end uncertain."""

    start: int
    stop: int
    after: int
    info: str
    indent: int
    closed: bool
    clean: bool = True


def dedented(line: str, indent: int) -> str:
    """`line` without up to `indent` leading blanks or tabs: a block inside a list."""
    taken = 0
    while taken < indent and taken < len(line) and line[taken] in " \t":
        taken += 1
    return line[taken:]


def closes(line: str, mark: str) -> bool:
    """Whether a line closes a fence that `mark` opened: the same character, as many or more, no language."""
    fence = FENCE.match(line)
    return bool(
        fence and fence["mark"][0] == mark[:1] and len(fence["mark"]) >= len(mark) and not fence["info"].strip()
    )


def fence_at(reply: Reply, number: int) -> Fence | None:
    """The fence that opens at a line. Inside it a fence with a language opens another one, a bare one closes."""
    tag = TAG_FENCE.match(reply.line(number))
    if tag:
        return _tagged(reply, number, tag["tag"])
    opened = FENCE.match(reply.line(number))
    if not opened:
        return None
    mark, info, indent = opened["mark"], opened["info"].strip(), len(opened["indent"])
    depth, nested = 0, False
    for at in range(number + 1, len(reply.lines)):
        inner = FENCE.match(reply.line(at))
        if not inner or inner["mark"][0] != mark[0] or len(inner["mark"]) < len(mark):
            continue
        if inner["info"].strip():
            depth, nested = depth + 1, True
        elif depth:
            depth -= 1
        else:
            clean = not nested or _balanced(reply, at + 1)
            return Fence(number + 1, at, at + 1, info, indent, True, clean)
    return Fence(number + 1, len(reply.lines), len(reply.lines), info, indent, False)


def _balanced(reply: Reply, start: int) -> bool:
    """Whether the fences behind a line pair up: then the fence that closed there was the right one."""
    return sum(bool(FENCE.match(reply.line(at))) for at in range(start, len(reply.lines))) % 2 == 0


def _tagged(reply: Reply, number: int, tag: str) -> Fence:
    for at in range(number + 1, len(reply.lines)):
        if reply.line(at).strip() == f"</{tag}>":
            return Fence(number + 1, at, at + 1, "", 0, True)
    return Fence(number + 1, len(reply.lines), len(reply.lines), "", 0, False)


def info_name(info: str, names: Names) -> str:
    """The file that a fence's info string names: `src/a.py`, `python src/a.py`, `py:src/a.py`, `title="src/a.py"`."""
    if not info:
        return ""
    if keyed := _INFO_NAME.search(info):
        return bare_name(keyed["name"], names)
    for word in (info.rsplit(":", 1)[-1] if ":" in info else info, info.split(None, 1)[-1]):
        name = bare_name(word, names)
        if name and ("." in name or "/" in name or name in names.known):
            return name
    return ""


def name_above(reply: Reply, number: int, *, reach: int = 4) -> str:
    """The file named above a line: the nearest line that is a path, over blanks and fences; the info string of a
    fence counts. Else the only known file that the nearest sentence names in backticks."""
    seen = 0
    at = number - 1
    while at >= 0 and seen < reach:
        line = reply.line(at)
        at -= 1
        opened = FENCE.match(line)
        if opened or TAG_FENCE.match(line):
            if opened and (name := info_name(opened["info"].strip(), reply.names)):
                return name
            seen += 1
            continue
        if not line.strip():
            continue
        seen += 1
        if name := bare_name(line, reply.names):
            return name
        mentioned = reply.names.named_in(line)
        return mentioned[0] if len(mentioned) == 1 else ""
    return ""


def bare_name_above(reply: Reply, number: int) -> str:
    """The path on the line directly above, over one blank line; empty where it is none."""
    above = reply.line(number - 1)
    if not above.strip():
        above = reply.line(number - 2)
    return bare_name(above, reply.names)
