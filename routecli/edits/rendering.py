"""A Patch as git would show it, and turned around."""

from __future__ import annotations

import hashlib

from routecli.domain.patch import FileEdit, Patch
from routecli.edits.merging import opcodes

_CONTEXT = 3
_NO_END = "\\ No newline at end of file"


def render(patch: Patch) -> str:
    """A git-style unified diff of `patch`, readable by `git apply` and by our own reader. Bytes that are no UTF-8
    are kept as surrogates: encode with `surrogateescape`. Binary files are named, not shown. Untrusted text."""
    return "".join(_file(edit) for edit in patch.edits)


def reverse(patch: Patch) -> Patch:
    """The patch that undoes `patch`, modes included."""
    edits = tuple(
        FileEdit(e.path, e.after, e.before, e.mode_before or e.mode, e.mode if e.mode_before else "")
        for e in patch.edits
    )
    return Patch(edits, (), 0)


def _file(edit: FileEdit) -> str:
    old, new = _quoted("a/" + edit.path), _quoted("b/" + edit.path)
    head = [f"diff --git {old} {new}"]
    if edit.before is None:
        head.append(f"new file mode {edit.mode}")
    elif edit.after is None:
        head.append(f"deleted file mode {edit.mode}")
    elif edit.mode_before:
        head += [f"old mode {edit.mode_before}", f"new mode {edit.mode}"]
    if edit.before == edit.after or (not edit.before and not edit.after):
        return "\n".join(head) + "\n"
    if b"\0" in (edit.before or b"") or b"\0" in (edit.after or b""):
        return "\n".join([*head, f"Binary files {old} and {new} differ"]) + "\n"
    told = "" if edit.mode_before or edit.before is None or edit.after is None else f" {edit.mode}"
    head.append(f"index {_blob(edit.before)}..{_blob(edit.after)}{told}")
    head.append(f"--- {old if edit.before is not None else '/dev/null'}{_tab(edit.path)}")
    head.append(f"+++ {new if edit.after is not None else '/dev/null'}{_tab(edit.path)}")
    return "\n".join(head) + "\n" + "".join(_hunks(_lines(edit.before or b""), _lines(edit.after or b"")))


def _blob(raw: bytes | None) -> str:
    """Git's name of the content, shortened; zeros where there is no file."""
    if raw is None:
        return "0" * 10
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()[:10]


def _tab(path: str) -> str:
    """Git ends a name that holds a blank with a tab, so that its end can be told."""
    return "\t" if " " in path else ""


def _lines(raw: bytes) -> list[str]:
    text = raw.decode("utf-8", "surrogateescape")
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _hunks(old: list[str], new: list[str]) -> list[str]:
    grouped: list[list[tuple[str, int, int, int, int]]] = []
    for code in opcodes(old, new):
        if code[0] == "equal":
            continue
        if grouped and code[1] - grouped[-1][-1][2] <= 2 * _CONTEXT:
            grouped[-1].append(code)
        else:
            grouped.append([code])
    return [_hunk(old, new, group) for group in grouped]


def _hunk(old: list[str], new: list[str], codes: list[tuple[str, int, int, int, int]]) -> str:
    first = max(0, codes[0][1] - _CONTEXT)
    last = min(len(old), codes[-1][2] + _CONTEXT)
    new_first = codes[0][3] - (codes[0][1] - first)
    new_last = codes[-1][4] + (last - codes[-1][2])
    out = [f"@@ -{_range(first, last)} +{_range(new_first, new_last)} @@\n"]
    at = first
    for _, i1, i2, j1, j2 in codes:
        out += [_marked(" ", line) for line in old[at:i1]]
        out += [_marked("-", line) for line in old[i1:i2]]
        out += [_marked("+", line) for line in new[j1:j2]]
        at = i2
    out += [_marked(" ", line) for line in old[at:last]]
    return "".join(out)


def _range(start: int, stop: int) -> str:
    size = stop - start
    begin = start + 1 if size else start
    return f"{begin}" if size == 1 else f"{begin},{size}"


def _marked(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n{_NO_END}\n"


def _quoted(path: str) -> str:
    """Git's quoting: control characters, quotes, backslashes and bytes that are no UTF-8 are escaped."""
    raw = path.encode("utf-8", "surrogateescape")
    try:
        raw.decode("utf-8")
        odd = path != path.strip() or any(b < 32 or b in (34, 92, 127) for b in raw)
    except UnicodeDecodeError:
        odd = True
    if not odd:
        return path
    named = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\", 7: "\\a", 8: "\\b", 11: "\\v", 12: "\\f"}
    return '"' + "".join(named.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in raw) + '"'
