"""Changes written in each dialect, by rules of their own: nothing here is shared with the readers under test.

A change is `{path: (before, after)}` in bytes, None for a file that is not there. Each writer says which files of a
change its dialect can express; `parts` keeps blocks apart so that damages can be done to one of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

Change = Mapping[str, tuple[bytes | None, bytes | None]]


@dataclass
class Block:
    """One block of a reply: old and new lines, and how many of them at each end are only quoted."""

    path: str
    old: list[str]
    new: list[str]
    start: int = 0
    fresh: bool = False
    gone: bool = False
    head: int = 0
    tail: int = 0


@dataclass
class Written:
    """A reply in the making."""

    dialect: str
    blocks: list[Block]
    wholes: dict[str, list[str]] = field(default_factory=dict)
    olds: dict[str, list[str]] = field(default_factory=dict)


def text_of(raw: bytes | None) -> str | None:
    """The text of a file, None where it cannot be shown in a reply."""
    if raw is None or b"\0" in raw or raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def lines_of(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def ends_of(raw: bytes) -> set[str]:
    crlf = raw.count(b"\r\n")
    return ({"crlf"} if crlf else set()) | ({"lf"} if raw.count(b"\n") > crlf else set())


def expressible(before: bytes | None, after: bytes | None, *, deletes: bool) -> bool:
    """Whether lines alone say it all: the same line ends, BOM and final newline before and after."""
    if after is None:
        return deletes and text_of(before) is not None
    if text_of(after) is None or (before is not None and text_of(before) is None):
        return False
    if before is None:
        return (
            (not after or after.endswith(b"\n")) and ends_of(after) <= {"lf"} and not after.startswith(b"\xef\xbb\xbf")
        )
    if before.startswith(b"\xef\xbb\xbf") != after.startswith(b"\xef\xbb\xbf"):
        return False
    if not (text_of(before) or "").strip() or not (text_of(after) or "").strip():
        return False
    if before.endswith(b"\n") != after.endswith(b"\n") or len(ends_of(before) | ends_of(after)) > 1:
        return False
    # A character that the file's own encoding had before must do for the new text.
    if text_of(before) != before.decode("utf-8-sig", "replace"):
        return False
    return lines_of(text_of(before) or "") != lines_of(text_of(after) or "")


def stands(lines: list[str], part: list[str]) -> int:
    if not part:
        return 0
    size = len(part)
    return sum(lines[i : i + size] == part for i in range(len(lines) - size + 1) if lines[i] == part[0])


def blocks_of(path: str, old: list[str], new: list[str], context: int) -> list[Block]:
    """Blocks with `context` lines around each change, more where the old lines would not stand once."""
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    spans: list[tuple[int, int]] = []
    for tag, i1, i2, _, _ in codes:
        if tag == "equal":
            continue
        size = context
        while True:
            a, b = max(0, i1 - size), min(len(old), i2 + size)
            if stands(old, old[a:b]) == 1 or (a == 0 and b == len(old)):
                break
            size += 1
        while spans and a <= spans[-1][1]:
            last = spans.pop()
            a, b = min(a, last[0]), max(b, last[1])
        spans.append((a, b))
    return [Block(path, old[a:b], new[_moved(codes, a, 0) : _moved(codes, b, 1)], a) for a, b in spans]


def _moved(codes: list[tuple[str, int, int, int, int]], at: int, end: int) -> int:
    """Where a boundary of the old lines is in the new ones; `end` 1 takes an insertion there in, 0 as well."""
    found = [j1 + (at - i1) for tag, i1, i2, j1, _ in codes if tag == "equal" and i1 <= at <= i2]
    if not found:
        return codes[-1][4] if end else codes[0][3]
    ends = [j for tag, i1, i2, j1, j2 in codes if tag != "equal" and i1 <= at <= i2 for j in (j1, j2)]
    return (max if end else min)(found + ends)


def write(dialect: str, change: Change, context: int = 3) -> tuple[Written, Change] | None:
    """The reply's blocks and the part of the change that they say; None where that is nothing."""
    deletes = dialect in {"begin_patch", "unified_diff"}
    said = {p: c for p, c in change.items() if expressible(*c, deletes=deletes)}
    if dialect == "whole_file":
        said = {p: c for p, c in said.items() if not _fenced(c[1])}
    if not said:
        return None
    written = Written(dialect, [])
    for path, (before, after) in said.items():
        old = written.olds[path] = lines_of(text_of(before) or "") if before is not None else []
        new = lines_of(text_of(after) or "") if after is not None else []
        if dialect == "whole_file":
            written.wholes[path] = new
        elif before is None:
            written.blocks.append(Block(path, [], new, fresh=True))
        elif after is None:
            written.blocks.append(Block(path, old, [], gone=True))
        else:
            written.blocks += blocks_of(path, old, new, context)
    return written, said


def _fenced(after: bytes | None) -> bool:
    return b"~~~~" in (after or b"")


def show(written: Written) -> str:
    """The reply as text."""
    return {
        "search_replace": _search_replace,
        "begin_patch": _begin_patch,
        "unified_diff": _unified_diff,
        "whole_file": _whole_file,
    }[written.dialect](written)


def fence_for(lines: list[str]) -> str:
    longest = max((len(line.strip()) - len(line.strip().lstrip("`")) for line in lines), default=0)
    return "`" * max(3, longest + 1)


def _search_replace(written: Written) -> str:
    out = []
    for block in written.blocks:
        fence = fence_for(block.old + block.new)
        body = ["<<<<<<< SEARCH", *block.old, "=======", *block.new, ">>>>>>> REPLACE"]
        out += [block.path, fence, *body, fence, ""]
    return "Here is the change.\n\n" + "\n".join(out) + "\n"


def marked(block: Block) -> list[str]:
    lines = []
    matcher = difflib.SequenceMatcher(None, block.old, block.new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            lines += [" " + line for line in block.old[i1:i2]]
        else:
            lines += ["-" + line for line in block.old[i1:i2]] + ["+" + line for line in block.new[j1:j2]]
    return lines


def _begin_patch(written: Written) -> str:
    out = ["*** Begin Patch"]
    last = ""
    for block in written.blocks:
        if block.fresh:
            out += [f"*** Add File: {block.path}", *("+" + line for line in block.new)]
        elif block.gone:
            out.append(f"*** Delete File: {block.path}")
        else:
            if block.path != last:
                out.append(f"*** Update File: {block.path}")
            out += ["@@", *marked(block)]
        last = block.path
    return "\n".join([*out, "*** End Patch"]) + "\n"


def _unified_diff(written: Written) -> str:
    """As models write them: no line numbers."""
    out = ["```diff"]
    last = ""
    for block in written.blocks:
        if block.path != last:
            out.append("--- /dev/null" if block.fresh else f"--- a/{block.path}")
            out.append("+++ /dev/null" if block.gone else f"+++ b/{block.path}")
        out += ["@@ ... @@", *marked(block)]
        last = block.path
    if any("```" in line[:4] for block in written.blocks for line in (*block.old, *block.new)):
        out = ["", *out[1:], ""]
        return "\n".join(out) + "\n"
    return "\n".join([*out, "```"]) + "\n"


def _whole_file(written: Written) -> str:
    out = ["All files in full:", ""]
    for path, lines in written.wholes.items():
        fence = fence_for(lines)
        out += [path, fence, *lines, fence, ""]
    return "\n".join(out)
