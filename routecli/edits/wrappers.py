"""Tool calls as text: JSON with path, old and new; XML with the same. Each is an edit of one of the four dialects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from routecli.edits.intents import Broken, Hunk, Intent, Lines, Remove, Replace, Taken, Write
from routecli.edits.refusals import RefusalKind
from routecli.edits.replies import Reply

_PATH = ("path", "file_path", "filePath", "file", "filename", "fileName", "target_file", "relative_path", "filepath",
         "file_name", "absolute_path", "TargetFile")  # fmt: skip
_OLD = ("old_string", "old_str", "oldString", "old", "old_text", "oldText", "search", "find", "original", "old_code",
        "before", "search_text", "TargetContent")  # fmt: skip
_NEW = ("new_string", "new_str", "newString", "new", "new_text", "newText", "replace", "replacement", "updated",
        "new_code", "after", "replace_text", "replace_with", "ReplacementContent")  # fmt: skip
_WHOLE = ("content", "contents", "file_text", "new_content", "code", "file_content", "CodeContent")
_NESTED = ("arguments", "input", "parameters", "args", "tool_input", "function", "params")
_LISTS = ("edits", "changes", "files", "tool_calls", "operations", "replacements", "modifications", "blocks")
_INNER = ("diff", "patch", "patch_text", "patchText")
_JSON_START = re.compile(r'^[ \t]*(?:\{|\[\s*\{?)[ \t]*(?:"|$)')
_JSON_HINT = re.compile('"(?:' + "|".join((*_PATH, *_NESTED, *_LISTS, *_INNER, "command")) + r')"\s*:')
_MAX_JSON_TRIES = 50
_JSON_LOOK_CHARS = 20_000

_ELEMENT = re.compile(
    r"^[ \t]*<(?P<tag>edit|file|change|write_to_file|replace_in_file|str_replace|search_and_replace|write_file|"
    r"edit_file|create_file|new_file|apply_diff|replace|modify|update|invoke|antml:invoke|file_edit|delete_file)"
    r"(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*>"
)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CHILD = re.compile(r"<(?P<tag>[\w:-]+)(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*>")

Inner = Callable[[str, str], list[Intent]]
"""Reads text that is a dialect inside a wrapper; the second argument is the file that the wrapper names."""


def at(reply: Reply, number: int, inner: Inner) -> Taken | None:
    """The tool call that begins on this line."""
    line = reply.line(number).lstrip()
    if line.startswith(("{", "[")) and _JSON_START.match(reply.line(number)):
        return _json(reply, number, inner)
    if line.startswith("<") and (opened := _ELEMENT.match(reply.line(number))):
        return _xml(reply, number, opened, inner)
    return None


def _json(reply: Reply, number: int, inner: Inner) -> Taken | None:
    if reply.json_tries >= _MAX_JSON_TRIES:
        return None
    text, start = reply.text_from(number)
    if not _JSON_HINT.search(text, start, start + _JSON_LOOK_CHARS):
        return None
    reply.json_tries += 1
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, start + _lead(reply.lines[number]))
    except (ValueError, RecursionError):
        return None
    intents = list(_from_json(value, "", number + 1, inner))
    return Taken(intents, number + text.count("\n", start, end) + 1) if intents else None


def _lead(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _first(value: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((value[k] for k in keys if isinstance(value.get(k), str)), None)


def _from_json(value: Any, path: str, number: int, inner: Inner, depth: int = 0) -> Iterator[Intent]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _from_json(item, path, number, inner, depth + 1)
    if not isinstance(value, Mapping):
        return
    path = _first(value, _PATH) or path
    for key in _NESTED:
        nested = value.get(key)
        if isinstance(nested, str) and nested.lstrip().startswith(("{", "[")):
            nested = _loaded(nested)
        if isinstance(nested, Mapping | list):
            yield from _from_json(nested, path, number, inner, depth + 1)
    found = list(_one(value, path, number, inner))
    yield from found
    if not found:
        for key in _LISTS:
            if isinstance(value.get(key), list):
                yield from _from_json(value[key], path, number, inner, depth + 1)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _one(value: Mapping[str, Any], path: str, number: int, inner: Inner) -> Iterator[Intent]:
    old, new, whole, diff = (_first(value, keys) for keys in (_OLD, _NEW, _WHOLE, _INNER))
    command = value.get("command")
    every = any(value.get(k) is True for k in ("replace_all", "replaceAll", "all", "allow_multiple"))
    if old is not None and new is not None and path:
        yield _replace(path, old, new, number, every=every)
    elif diff is not None:
        yield from inner(diff, path)
    elif path and (command == "delete" or value.get("action") == "delete" or value.get("delete") is True):
        yield Remove(path, "whole_file", number)
    elif path and whole is not None:
        yield _write(path, whole, number)
    elif path and command == "insert":
        what = "an insertion at a line number is not read: give the lines around it"
        yield Broken(path, "search_replace", number, RefusalKind.MALFORMED, what)
    elif isinstance(command, list):
        yield from inner(next((w for w in command if isinstance(w, str) and "*** Begin Patch" in w), ""), path)


def _split(text: str) -> tuple[Lines, bool]:
    lines = text.replace("\r\n", "\n").split("\n")
    return (tuple(lines[:-1]), True) if lines[-1] == "" else (tuple(lines), False)


def _replace(path: str, old: str, new: str, number: int, *, every: bool) -> Intent:
    """A string edit. Whole lines on both sides are a block; anything else is looked up as a string, which must begin
    and end where lines do for the block to fit, so the part-line reading is left to `within_lines`."""
    search, old_ended = _split(old)
    replace, new_ended = _split(new)
    if old and old_ended != new_ended and new:
        return Replace(path, "search_replace", number, (Hunk((old,), (new,)),), every=every, within_lines=True)
    if not old_ended and old:
        readings = (Hunk((old,), (new,)),)
        return Replace(path, "search_replace", number, readings, every=every, within_lines=True)
    return Replace(path, "search_replace", number, (Hunk(search, replace),), every=every)


def _write(path: str, text: str, number: int) -> Intent:
    lines, ended = _split(text)
    return Write(path, "whole_file", number, lines, may_replace=True, final_newline=ended or None)


def _xml(reply: Reply, number: int, opened: re.Match[str], inner: Inner) -> Taken | None:
    tag = opened["tag"]
    text, begin = reply.text_from(number)
    start = begin + opened.end()
    close = text.find(f"</{tag}>", start) if tag not in reply.unclosed else -1
    attributes = _attributes(opened["attributes"])
    if close < 0:
        reply.unclosed.add(tag)
        if _first(attributes, (*_PATH, "name")) or re.search(r"<(?:path|file_path)>", text[start : start + 300]):
            what = "the reply ends inside this element: it may be cut off"
            return Taken([Broken("", "whole_file", number + 1, RefusalKind.TRUNCATED, what)], len(reply.lines))
        return None
    body = text[start:close]
    intents = list(_element(tag, attributes, body, number + 1, inner))
    upto = number + text.count("\n", begin, close) + 1
    return Taken(intents, upto) if intents else None


def _attributes(text: str) -> dict[str, str]:
    return {name: a or b for name, a, b in _ATTRIBUTE.findall(text)}


def _element(tag: str, attributes: dict[str, str], body: str, number: int, inner: Inner) -> Iterator[Intent]:
    children = list(_children(body))
    values = dict(attributes)
    olds, news = [], []
    for name, value in children:
        if name in _OLD:
            olds.append(value)
        elif name in _NEW:
            news.append(value)
        else:
            values[name] = value
    path = (_first(values, _PATH) or (values.get("name") if tag in {"file", "edit"} else "") or "").strip()
    if tag == "delete_file" and path:
        yield Remove(path, "whole_file", number)
    elif path and olds and len(olds) == len(news):
        every = values.get("replace_all", "").strip() == "true"
        for old, new in zip(olds, news, strict=True):
            yield _block(path, old, new, number, every=every)
    elif (diff := _first(values, _INNER)) is not None:
        yield from inner(diff, path)
    elif path and (whole := _first(values, _WHOLE)) is not None:
        yield Write(path, "whole_file", number, _shaved(whole), may_replace=True)
    elif path and not children and "\n" in body:
        yield from _bare_body(path, body, number, inner)


def _bare_body(path: str, body: str, number: int, inner: Inner) -> Iterator[Intent]:
    nested = inner(body, path)
    if nested:
        yield from nested
    else:
        yield Write(path, "whole_file", number, _shaved(body), may_replace=True)


def _block(path: str, old: str, new: str, number: int, *, every: bool) -> Intent:
    if "\n" not in old and not old.startswith((" ", "\t")):
        whole = Hunk((old,), (new,))
        return Replace(path, "search_replace", number, (whole,), every=every, within_lines=True)
    return Replace(path, "search_replace", number, (Hunk(_shaved(old), _shaved(new)),), every=every)


def _shaved(text: str) -> Lines:
    """An element's lines: the breaks after the opening and before the closing tag are the markup's."""
    text = text.removeprefix("\n")
    lines = text.split("\n")
    if lines and not lines[-1].strip():
        lines.pop()
    return tuple(lines)


def _children(body: str) -> Iterator[tuple[str, str]]:
    at = 0
    while opened := _CHILD.search(body, at):
        tag = opened["tag"]
        close = body.find(f"</{tag}>", opened.end())
        if close < 0:
            at = opened.end()
            continue
        attributes = _attributes(opened["attributes"])
        known = {*_PATH, *_OLD, *_NEW, *_WHOLE, *_INNER, "replace_all"}
        name = attributes.get("name", tag) if tag.endswith("parameter") else tag
        if name in known:
            yield name, body[opened.end() : close]
            at = close + len(tag) + 3
        else:
            at = opened.end()
