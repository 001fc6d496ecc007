"""The names of files in the headers of a diff, as git quotes them and as others stamp them."""

from __future__ import annotations

import re

_STAMP = re.compile(r"(?:\t.*|\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*|\s+\((?:original|modified|new|old|updated)\))$")


def git_paths(rest: str) -> tuple[str, str]:
    """The old and the new name after `diff --git`, prefixes and all; twice the rest where there is no telling."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', rest)
    if len(quoted) == 2:
        return _unquoted(f'"{quoted[0]}"'), _unquoted(f'"{quoted[1]}"')
    half = len(rest) // 2
    if rest[half : half + 1] == " " and rest[:half].partition("/")[2] == rest[half + 1 :].partition("/")[2]:
        return rest[:half], rest[half + 1 :]
    old, _, new = rest.partition(" b/")
    if new:
        return old, "b/" + new
    words = rest.split(" ")
    return (words[0], words[-1]) if len(words) == 2 else (rest, rest)


def plain_path(path: str) -> str:
    """The name after `---` or `+++`, without quotes or the time behind it."""
    if path.startswith('"'):
        return _unquoted(path)
    return _STAMP.sub("", path)


_ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v", "\\": b"\\", '"': b'"'}


def _unquoted(path: str) -> str:
    """Git's quoting of odd names, undone."""
    raw = bytearray()
    inner = path[1 : path.rindex('"')] if path.count('"') > 1 else path.strip('"')
    for octal, escape, plain in re.findall(r"\\([0-7]{3})|\\(.)|([^\\]+)", inner):
        if octal:
            raw.append(int(octal, 8) & 255)
        elif escape:
            raw += _ESCAPES.get(escape, escape.encode())
        else:
            raw += plain.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogateescape")
