"""Right patches of each kind with a contract, and their mutants, made from the real files of a project.

A maker gets every file of the project and yields `Made`: files that have to be laid into the tree first (mostly none),
the right change, the words of the task, and changes that are wrong for that kind of task whatever the tests say.
"""

from __future__ import annotations

import ast
import builtins
import io
import random
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mutants import Slip, chosen, slips

from routecli.domain.task import Kind

Files = Mapping[str, bytes]
Changed = dict[str, bytes | None]
RUFF = Path(sys.executable).parent / "ruff"
_DIRECTIVE = re.compile(rb"[ \t]*# *(?:noqa|type: *ignore|pragma|pylint|fmt|isort|mypy)[^\r\n]*")


@dataclass(frozen=True)
class Made:
    """`laid` are files of the tree before the patch where they are not as in the project."""

    kind: Kind
    instruction: str
    right: Changed
    wrong: list[tuple[str, Changed]]
    laid: Changed = field(default_factory=dict)


Maker = Callable[[Files, random.Random], Iterator[Made]]


def code_files(files: Files) -> list[str]:
    """Python files of ordinary size that are no tests, in a fixed order."""
    found = [p for p, b in files.items() if p.endswith(".py") and 400 < len(b) < 60_000 and parses(b)]
    return sorted(p for p in found if "test" not in p.lower() and not p.startswith(("docs/", "setup.py", "examples/")))


def parses(source: bytes) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def all_lines(source: bytes) -> frozenset[int]:
    return frozenset(range(1, source.count(b"\n") + 2))


def body_lines(source: bytes) -> frozenset[int]:
    """Lines of plain statements inside functions: no signature, no annotated assignment."""
    lines: set[int] = set()
    for function in functions(ast.parse(source)):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.Return | ast.Expr | ast.AugAssign | ast.Raise) and node.end_lineno:
                lines.update(range(node.lineno, node.end_lineno + 1))
    return frozenset(lines)


def slipped(
    path: str, right: bytes, lines: frozenset[int], count: int, random_: random.Random
) -> list[tuple[str, Changed]]:
    """The right version of a file with one slip, `count` times."""
    found = slips(right, lines)
    return [(s.how, {path: s.on(right)}) for s in chosen(right, found, count, random_)] if found else []


def docstrings(files: Files, random_: random.Random) -> Iterator[Made]:
    """Words added to docstrings, and docstrings given to functions that had none."""
    for path in code_files(files):
        before = files[path]
        after = _documented(before, random_)
        if after is None:
            continue
        wrong = slipped(path, after, all_lines(after), 5, random_)
        wrong += [("directive left out", {path: b}) for b in _without_directive(after, random_)]
        yield Made(Kind.DOCSTRING, f"add docstrings to {path}", {path: after}, wrong)


def _documented(before: bytes, random_: random.Random) -> bytes | None:
    lines = before.splitlines(keepends=True)
    bare = [f for f in functions(ast.parse(before)) if ast.get_docstring(f) is None and f.body[0].lineno > f.lineno]
    bare = [f for f in bare if not lines[f.body[0].lineno - 2].lstrip().startswith((b"#", b"@"))]
    bare = [f for f in bare if f.body[0].col_offset > f.col_offset and not getattr(f.body[0], "decorator_list", [])]
    if not bare:
        return None
    for function in sorted(random_.sample(bare, min(3, len(bare))), key=lambda f: -f.lineno):
        first = function.body[0]
        margin = lines[first.lineno - 1][: first.col_offset]
        lines.insert(first.lineno - 1, margin + b'"""' + function.name.encode() + b' does what its name says."""\n')
    after = b"".join(lines)
    return after if parses(after) else None


def _without_directive(after: bytes, random_: random.Random) -> list[bytes]:
    found = [m for m in _DIRECTIVE.finditer(after) if m.start() > 200]
    return [after[: m.start()] + after[m.end() :] for m in random_.sample(found, 1)] if found else []


def formats(files: Files, random_: random.Random) -> Iterator[Made]:
    """What a formatter makes of a file at another width and with other quotes."""
    for path in code_files(files):
        before = files[path]
        width, quotes = random_.choice([(79, "double"), (100, "single"), (60, "double")])
        words = [str(RUFF), "format", "--isolated", f"--line-length={width}", "-", "--quiet", "--config",
                 f'format.quote-style="{quotes}"']  # fmt: skip
        done = subprocess.run(words, input=before, capture_output=True, check=False)
        if done.returncode or done.stdout == before or not parses(done.stdout):
            continue
        after = done.stdout
        wrong = slipped(path, after, all_lines(after), 5, random_)
        wrong += [(how, {path: b}) for how, b in _layout_slips(after, random_)]
        wrong += [("directive left out", {path: b}) for b in _without_directive(after, random_)]
        yield Made(Kind.FORMAT, f"reformat {path}", {path: after}, wrong)


def _layout_slips(after: bytes, random_: random.Random) -> Iterator[tuple[str, bytes]]:
    """What formatting by hand gets wrong: a statement that falls out of its block, a comma too few."""
    means = _meaning(after)
    lines = after.splitlines(keepends=True)
    ends = [
        n for n in range(1, len(lines)) if lines[n - 1].startswith(b"        ") and lines[n].startswith(b"        ")
    ]
    random_.shuffle(ends)
    moved = (b"".join([*lines[:n], lines[n][4:], *lines[n + 1 :]]) for n in ends)
    commas = [m.start() for m in re.finditer(rb",(?=\s*\)|\s*\n\s*[\"'])", after)]
    random_.shuffle(commas)
    dropped = (after[:n] + after[n + 1 :] for n in commas)
    for how, made in (("fell out of its block", moved), ("comma left out", dropped)):
        one = next((b for b in made if parses(b) and _meaning(b) != means), None)
        if one is not None:
            yield how, one


def _meaning(source: bytes) -> str:
    """The syntax tree, what stands alone as a text left out: moving a docstring's lines is no slip."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.dump(tree)


def names_of(source: bytes) -> list[tokenize.TokenInfo]:
    try:
        return [t for t in tokenize.tokenize(io.BytesIO(source).readline) if t.type == tokenize.NAME]
    except (tokenize.TokenError, SyntaxError):
        return []


def renamed(source: bytes, old: str, new: str, skip: int = -1) -> bytes:
    """Every name token `old` as `new`, but for the one numbered `skip`."""
    lines = source.decode().splitlines(keepends=True)
    found = [t for t in names_of(source) if t.string == old]
    for number, token in reversed(list(enumerate(found))):
        if number != skip:
            line = lines[token.start[0] - 1]
            lines[token.start[0] - 1] = line[: token.start[1]] + new + line[token.end[1] :]
    return "".join(lines).encode()


def renames(files: Files, random_: random.Random) -> Iterator[Made]:
    """A function or class whose name stands for one thing in the whole project, and in no text."""
    python = {p: b for p, b in files.items() if p.endswith(".py") and parses(b)}
    text = b"\n".join(b for p, b in files.items() if p not in python)
    words = {p: [t.string for t in names_of(b)] for p, b in python.items()}
    for path in code_files(files):
        tree = ast.parse(python[path])
        places = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        random_.shuffle(places)
        for node in places:
            if _alone(node.name, python, text):
                yield _rename(node.name, python, words, random_)
                break


def _alone(name: str, python: Files, text: bytes) -> bool:
    """Defined once, used again, named in no text: then there is no doubt what is meant."""
    if len(name) < 6 or hasattr(builtins, name) or name.startswith("__") or "test" in name.lower():
        return False
    whole = b"\n".join(python.values())
    word = re.compile(rb"\b" + name.encode() + rb"\b")
    defined = len(re.findall(rb"\b(?:def|class)\s+" + name.encode() + rb"\b", whole))
    in_code = sum(1 for b in python.values() for t in names_of(b) if t.string == name)
    used = [b for b in python.values() if word.search(b)]
    arguments = re.search(rb"\b" + name.encode() + rb"\s*=[^=]|\." + name.encode() + rb"\b", whole)
    return (
        defined == 1
        and 2 <= in_code == len(word.findall(whole))
        and len(used) <= 8
        and not (arguments or word.search(text))
    )


def _rename(old: str, python: Files, words: Mapping[str, list[str]], random_: random.Random) -> Made:
    new = f"{old}_anew" if old.islower() else f"{old}Anew"
    right: Changed = {p: renamed(b, old, new) for p, b in python.items() if old in words[p]}
    wrong: list[tuple[str, Changed]] = []
    for path, after in right.items():
        assert after is not None
        uses = words[path].count(old)
        if uses > 1 or len(right) > 1:
            skip = random_.randrange(uses)
            wrong.append(("one use left", {**right, path: renamed(python[path], old, new, skip)}))
        wrong += [(how, {**right, **change}) for how, change in slipped(path, after, all_lines(after), 2, random_)]
    path = next(iter(right))
    others = sorted(
        {w for w in words[path] if words[path].count(w) > 1 and len(w) > 5 and w != old and not hasattr(builtins, w)}
    )
    if others:
        other = random_.choice(others)
        after = right[path]
        assert after is not None
        wrong.append(("another name as well", {**right, path: renamed(after, other, f"{other}_too")}))
    return Made(Kind.RENAME, f"rename {old} to {new}", right, wrong[:8])


def types(files: Files, random_: random.Random) -> Iterator[Made]:
    """Annotations for arguments and results that had none."""
    for path in code_files(files):
        before = files[path]
        after = _annotated(before, random_)
        if after is None:
            continue
        wrong = slipped(path, after, body_lines(after), 5, random_)
        wrong += [("default changed", {path: b}) for b in _other_default(after, random_)]
        yield Made(Kind.TYPES, f"add type hints to {path}", {path: after}, wrong)


def _annotated(before: bytes, random_: random.Random) -> bytes | None:
    lines = before.splitlines(keepends=True)
    places: list[tuple[int, int, bytes]] = []
    for function in functions(ast.parse(before)):
        for argument in function.args.args:
            if argument.annotation is None and argument.arg not in ("self", "cls") and argument.end_col_offset:
                places.append((argument.lineno, argument.end_col_offset, b": object"))
    if not places:
        return None
    for line, column, new in sorted(random_.sample(places, min(4, len(places))), reverse=True):
        lines[line - 1] = lines[line - 1][:column] + new + lines[line - 1][column:]
    after = b"".join(lines)
    return after if parses(after) else None


def _other_default(after: bytes, random_: random.Random) -> list[bytes]:
    found: list[Slip] = []
    read = after.splitlines(keepends=True)
    for function in functions(ast.parse(after)):
        for default in function.args.defaults:
            if isinstance(default, ast.Constant) and default.value in (True, False, None) and default.end_col_offset:
                start = sum(map(len, read[: default.lineno - 1]))
                span = start + default.col_offset, start + default.end_col_offset
                found.append(Slip("default changed", *span, b"False" if default.value is not False else b"True"))
    return [s.on(after) for s in random_.sample(found, 1)] if found else []
