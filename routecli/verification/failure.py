"""A failure cut down to what helps to mend it: the assertion, expected and got, the repository's frames."""

from __future__ import annotations

import re
from collections.abc import Callable

from routecli.domain.task import RepoPath
from routecli.verification.report import TestRecord

_ENTRY = re.compile(r"^(?:_ )+_?$", re.MULTILINE)
"""Between two frames of pytest's long tracebacks."""
_PLACE = re.compile(r"^(?P<file>[^\s:][^:\n]*):\d+: ", re.MULTILINE)
"""The last line of such a frame."""
_SHORT = re.compile(r"^(?P<file>[^\s:][^:\n]*):\d+: in .*\n(?:    .*(?:\n|\Z))*", re.MULTILINE)
"""A frame of pytest's short tracebacks: what lies between the first and the last of a long one."""
_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line \d+.*\n(?:    .*\n)*', re.MULTILINE)
"""A frame of Python's own tracebacks, with its source and marks."""
_ELSEWHERE = re.compile(r"(?:^|/)(?:site-packages|dist-packages|lib/python\d|lib64/python\d)|^\.\./|^<frozen")
_LEFT_OUT = "[… frames outside the repository]"
_ABOVE = 12
_AROUND = 4
_MOST_SAID = 60
_LONG = 200


def condensed(detail: str, limit_bytes: int) -> str:
    """`detail` as it is where it fits; else without frames of other packages, source far above the line that failed
    and the midst of a long comparison, and at last with its middle cut out."""
    if len(detail.encode("utf-8", "replace")) <= limit_bytes:
        return detail
    for shorter in (
        _without_foreign_entries,
        _without_foreign_frames,
        _without_far_source,
        _without_long_lines,
        _without_midst,
    ):
        detail = shorter(detail)
        if len(detail.encode("utf-8", "replace")) <= limit_bytes:
            return detail
    raw = detail.encode("utf-8", "replace")
    note = "\n[… cut]\n"
    first = (limit_bytes - len(note)) // 2
    begin = raw[:first].decode("utf-8", "ignore").rpartition("\n")[0]
    end = raw[len(raw) - (limit_bytes - len(note) - first) :].decode("utf-8", "ignore").partition("\n")[2]
    return f"{begin}{note}{end}"


def _without_foreign_entries(detail: str) -> str:
    """The first frame is the test's, and what the last one says is what went wrong: these words stay."""
    detail = _SHORT.sub(lambda m: "" if _is_outside(m["file"]) else m.group(), detail)
    entries = _ENTRY.split(detail)
    if len(entries) < 2:
        return detail
    kept: list[str] = []
    for place, entry in enumerate(entries):
        if place and _is_foreign(entry):
            said = [line for line in entry.splitlines() if line.startswith("E  ")] if entry is entries[-1] else []
            entry = "\n".join(["", _LEFT_OUT, *said, *entry.splitlines()[-1:] * bool(said), ""])
            if kept and _LEFT_OUT in kept[-1] and not said:
                continue
        kept.append(entry)
    return "_ _ _".join(kept)


def _is_foreign(entry: str) -> bool:
    places = _PLACE.findall(entry)
    return bool(places) and _is_outside(places[-1]) and not _SHORT.search(entry)


def _is_outside(file: str) -> bool:
    """pytest names the repository's files from where it runs."""
    return file.startswith(("/", "../", "<"))


def _without_foreign_frames(detail: str) -> str:
    return _FRAME.sub(lambda m: "" if _ELSEWHERE.search(m["file"]) else m.group(), detail)


def _without_far_source(detail: str) -> str:
    """Of each frame's function, the lines just above the one that failed and the first, which names it."""
    lines = detail.splitlines()
    marks = [n for n, line in enumerate(lines) if line.startswith((">", "E ", "E\t"))]
    near = {n for mark in marks for n in range(mark - _ABOVE, mark + 1)}
    named = re.compile(r"^ {0,8}(?:async )?def |^(?:_ )+_?$|^[^\s:][^:]*:\d+: ")
    kept: list[str] = []
    for n, line in enumerate(lines):
        if not marks or n in near or named.match(line) or line.startswith(_LEFT_OUT):
            kept.append(line)
        elif kept and kept[-1] != "    …":
            kept.append("    …")
    return "\n".join(kept)


def _without_midst(detail: str) -> str:
    """Of a comparison of many lines, both ends."""
    lines = detail.splitlines()
    said = [n for n, line in enumerate(lines) if line.startswith(("E ", "+ ", "- ", "? "))]
    if len(said) <= _MOST_SAID:
        return detail
    dropped = set(said[_MOST_SAID // 2 : -_MOST_SAID // 2])
    first = min(dropped)
    lines[first] = "[… of the comparison]"
    return "\n".join(line for n, line in enumerate(lines) if n == first or n not in dropped)


def _without_long_lines(detail: str) -> str:
    lines = detail.splitlines()
    return "\n".join(f"{t[:_LONG]} […] {t[-_LONG // 3 :]}" if len(t) > 2 * _LONG else t for t in lines)


def source_of_assertion(record: TestRecord, read: Callable[[RepoPath], bytes | None]) -> str:
    """The lines of the test's own file around the last place there that `record` speaks of, numbered; empty where it
    shows them itself, as pytest does, or names none."""
    if not record.file or re.search(r"^>", record.detail, re.MULTILINE):
        return ""
    base = re.escape(record.file.rpartition("/")[2])
    places = re.findall(rf'{base}(?::|", line )(\d+)', record.detail)
    lines = (read(record.file) or b"").decode("utf-8", "replace").splitlines() if places else []
    at = int(places[-1][:9]) if places else 0
    if not 0 < at <= len(lines):
        return ""
    numbers = range(max(1, at - _AROUND), min(len(lines), at + _AROUND) + 1)
    return "\n".join(f"{'>' if n == at else ' '} {n:>4}  {lines[n - 1][:300]}" for n in numbers)
