"""Makers for the kinds whose contract looks at more than one file's syntax tree: dead code, dependencies, prose."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator

from contract_makers import Changed, Files, Made, all_lines, code_files, functions, parses, slipped

from routecli.domain.task import Kind

_PIN = re.compile(
    rb"(?m)^(?P<name>[ \t]*[\"']?[A-Za-z][\w.-]*(?:\[[\w,]+\])?) *(?P<how>[=~>]=) *(?P<major>\d+)\.(?P<minor>\d+)"
)


def dead_code(files: Files, random_: random.Random) -> Iterator[Made]:
    """A private copy of a real function that nothing uses lies in the tree; the task is to take it out."""
    for path in code_files(files):
        held = files[path]
        tree = ast.parse(held)
        plain = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.end_lineno and not f.decorator_list]
        if len(plain) < 2:
            continue
        lines = held.splitlines(keepends=True)
        copied = random_.choice(plain)
        name = f"_unused_{copied.name.strip('_')}"
        body = b"".join(lines[copied.lineno - 1 : copied.end_lineno])
        body = body.replace(b"def " + copied.name.encode(), b"def " + name.encode(), 1)
        laid = held.rstrip(b"\n") + b"\n\n\n" + body
        if not parses(laid) or name.encode() in b"".join(files.values()):
            continue
        wrong = slipped(path, held, all_lines(held), 4, random_)
        wrong += [("a used function too", {path: b}) for b in _without_used(held, files, random_)]
        wrong += [("an import too", {path: b}) for b in _without_import(held)]
        yield Made(Kind.DEAD_CODE, f"remove the unused function {name} from {path}", {path: held}, wrong, {path: laid})


def _without_used(held: bytes, files: Files, random_: random.Random) -> list[bytes]:
    whole = b"\n".join(files.values())
    lines = held.splitlines(keepends=True)
    used = [
        f for f in functions(ast.parse(held))
        if f.col_offset == 0 and f.end_lineno and len(re.findall(rb"\b" + f.name.encode() + rb"\b", whole)) > 2
    ]  # fmt: skip
    for function in random_.sample(used, len(used)):
        start = min([function.lineno, *(d.lineno for d in function.decorator_list)])
        after = b"".join([*lines[: start - 1], *lines[function.end_lineno :]])
        if parses(after):
            return [after]
    return []


def _without_import(held: bytes) -> list[bytes]:
    lines = held.splitlines(keepends=True)
    for node in ast.parse(held).body:
        if isinstance(node, ast.Import) and node.end_lineno == node.lineno and len(node.names) == 1:
            name = (node.names[0].asname or node.names[0].name).split(".")[0]
            if len(re.findall(rb"\b" + name.encode() + rb"\b", held)) > 1:
                return [b"".join([*lines[: node.lineno - 1], *lines[node.lineno :]])]
    return []


def dependencies(files: Files, random_: random.Random) -> Iterator[Made]:
    """A version in a manifest, raised; wrong: another package's, a new package, code beside it, a lower bound lost."""
    for path in sorted(files):
        if path.rpartition("/")[2] not in ("pyproject.toml", "setup.cfg") and not re.search(
            r"requirements[^/]*\.txt$", path
        ):
            continue
        before = files[path]
        pins = list(_PIN.finditer(before))
        for pin in random_.sample(pins, min(3, len(pins))):
            name = pin["name"].decode().strip(" \t\"'")
            after = _raised(before, pin)
            code = code_files(files)
            wrong: list[tuple[str, Changed]] = [
                ("another package's version", {path: _raised(before, other)})
                for other in pins if other["name"] != pin["name"]
            ][:1]  # fmt: skip
            wrong.append(("another package as well", {path: _raised_all(before, pins)})) if len(pins) > 1 else None
            margin = b'"' if b'"' in pin["name"] else b""
            line = b"    " + margin + b"left-pad-py>=1.0" + margin + (b"," if margin else b"") + b"\n"
            start = before.rfind(b"\n", 0, pin.start("name")) + 1
            wrong.append(("a new package", {path: after[:start] + line + after[start:]}))
            if code:
                other_path = random_.choice(code)
                held = files[other_path]
                wrong += [
                    (f"code: {how}", {path: after, **change})
                    for how, change in slipped(other_path, held, all_lines(held), 1, random_)
                ]
            yield Made(Kind.DEPENDENCY, f"bump the dependency {name} to {_next(pin)}", {path: after}, wrong)


def _next(pin: re.Match[bytes]) -> str:
    return f"{pin['major'].decode()}.{int(pin['minor']) + 1}"


def _raised(before: bytes, pin: re.Match[bytes]) -> bytes:
    return before[: pin.start("major")] + _next(pin).encode() + before[pin.end("minor") :]


def _raised_all(before: bytes, pins: list[re.Match[bytes]]) -> bytes:
    for pin in reversed(pins):
        before = _raised(before, pin)
    return before


def prose(files: Files, random_: random.Random) -> Iterator[Made]:
    """A page of documentation; wrong: code or configuration changed beside it."""
    pages = sorted(p for p in files if p.endswith((".md", ".rst")) and len(files[p]) > 500)
    for path in random_.sample(pages, min(4, len(pages))):
        after = files[path].rstrip(b"\n") + b"\n\nMore of this is told in the source.\n"
        wrong: list[tuple[str, Changed]] = []
        for other in random_.sample(code_files(files), min(3, len(code_files(files)))):
            held = files[other]
            wrong += [
                (f"code: {how}", {path: after, **change})
                for how, change in slipped(other, held, all_lines(held), 1, random_)
            ]
        if "pyproject.toml" in files:
            held = files["pyproject.toml"]
            changed = re.sub(rb'(?m)^(version|name) = "', rb'\1 = "x', held, count=1)
            if changed != held:
                wrong.append(("configuration", {path: after, "pyproject.toml": changed}))
        yield Made(Kind.DOCS, f"update the documentation in {path}", {path: after}, wrong)
