"""Which lines a patch changes that can be run: what the tests have to reach."""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.python_tree import parsed

Group = tuple[int, ...]
"""Lines of a file after the patch, of which any one will do: those of one statement."""
Spots = Mapping[RepoPath, tuple[Group, ...]]

_MOST_BYTES_ASKED = 60_000
"""An environment variable holds no more for sure."""
MOST_LINES = 40_000
"""What a longer file changes is not looked for: comparing its lines would take seconds."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How a runner tells which lines it ran. `spots_of` gives what to look for in one edit, None for a language that it
    does not tell of; `watching` is its command, told of what to look for. `keeping` is its command, told to keep what
    the changed functions are called with; None where it cannot."""

    spots_of: Callable[[FileEdit], tuple[Group, ...] | None]
    watching: Callable[[Command, Spots], Command]
    keeping: Callable[[Command, Patch], Command] | None = None


def changed(edit: FileEdit) -> tuple[frozenset[int], frozenset[int]]:
    """`(lines that are new or other than before, lines before which some went)`, counted from 1 in the file after."""
    before = (edit.before or b"").decode("utf-8", "replace").splitlines()
    after = (edit.after or b"").decode("utf-8", "replace").splitlines()
    new: set[int] = set()
    gone: set[int] = set()
    for what, _, _, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "delete":
            gone.add(start + 1)
        elif what != "equal":
            new |= {n + 1 for n in range(start, end) if after[n].strip()}
    return frozenset(new), frozenset(gone)


def is_too_long(edit: FileEdit) -> bool:
    """Whether comparing its lines would take seconds."""
    return max((edit.before or b"").count(b"\n"), (edit.after or b"").count(b"\n")) > MOST_LINES


def line_spots(edit: FileEdit, no_step: re.Pattern[bytes]) -> tuple[Group, ...] | None:
    """Each changed line for itself, but for what `no_step` fits whole (brackets, comments); where lines only went, the
    ones around them, any of which will do. None where the file went, or is too long to compare."""
    if edit.after is None or is_too_long(edit):
        return None
    return spots_among({n for n, t in enumerate(edit.after.splitlines(), 1) if not no_step.fullmatch(t.strip())}, edit)


def spots_among(steps: Collection[int], edit: FileEdit, *, gone_too: bool = True) -> tuple[Group, ...]:
    """The changed lines that are among `steps`, each for itself; with `gone_too`, where lines only went, the steps
    around them, any of which will do."""
    new, gone = changed(edit)
    spots: set[Group] = {(line,) for line in new & frozenset(steps)}
    for line in gone if gone_too else ():
        around = {max((n for n in steps if n < line), default=0), min((n for n in steps if n >= line), default=0)} - {0}
        spots |= {tuple(sorted(around))} if around else set()
    return tuple(sorted(spots))


def below(spots: Spots, cwd: str) -> dict[RepoPath, tuple[Group, ...]]:
    """What to look for in the files below `cwd`, by their paths there."""
    prefix = "" if cwd == "." else f"{cwd}/"
    return {path.removeprefix(prefix): groups for path, groups in spots.items() if path.startswith(prefix)}


def each_line(spots: Spots) -> dict[RepoPath, list[int]]:
    """The same, the groups as their lines."""
    return {path: sorted({line for group in groups for line in group}) for path, groups in spots.items()}


def asking(command: Command, asked: Mapping[RepoPath, object]) -> Command | None:
    """`command`, told in ROUTECLI_LINES what to look for; None where that is nothing, or too long to hand on."""
    said = json.dumps(asked, separators=(",", ":"))
    if not asked or len(said) > _MOST_BYTES_ASKED:
        return None
    return replace(command, env={**command.env, "ROUTECLI_LINES": said})


def python_spots(edit: FileEdit) -> tuple[Group, ...] | None:
    """The statements of a Python file that `edit` changes and that run; where lines only went, the functions that they
    went from. Empty: nothing that could be run, such as a docstring. None for another language, or one that cannot be
    read."""
    if not edit.path.endswith(".py") or edit.after is None:
        return None
    module = parsed(edit.after)
    if module is None or is_too_long(edit):
        return None
    lines, gone = changed(edit)
    comments = {n for n, text in enumerate(edit.after.splitlines(), 1) if text.lstrip().startswith(b"#")}
    heads = {head for head in _heads(module.body) if (lines - comments) & set(head)}
    return tuple(sorted(heads | set(_bodies(module, gone))))


def _heads(body: list[ast.stmt]) -> Iterator[Group]:
    """The lines of each statement without the blocks in it."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _heads(node.orelse)
            continue
        blocks = _blocks(node)
        if _runs(node):
            inner = [block[0].lineno for block in blocks if block]
            end = min([*(n - 1 for n in inner), node.end_lineno or node.lineno]) if inner else node.end_lineno
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            always = isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
            last = max(end or first, node.lineno) + (1 if always else 0)  # `while True:` is no step of its own
            yield tuple(range(first, last + 1))
        for block in blocks:
            yield from _heads(block)
        for handler in getattr(node, "handlers", []):
            yield tuple(range(handler.lineno, max(handler.lineno, handler.body[0].lineno - 1) + 1))


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    found = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    found += [handler.body for handler in getattr(node, "handlers", [])]
    found += [case.body for case in getattr(node, "cases", [])]
    return [block for block in found if block]


def _runs(node: ast.stmt) -> bool:
    """Whether a tracer sees it: not a docstring, a declaration, or a jump that the compiler may fold away."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return False
    return not isinstance(node, ast.Global | ast.Nonlocal | ast.Break | ast.Continue | ast.Pass)


def _bodies(module: ast.Module, gone: frozenset[int]) -> Iterator[Group]:
    """For each place where lines went: the statements of the innermost function around it, any of which will do."""
    functions = [n for n in ast.walk(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for line in gone:
        around = [f for f in functions if f.body[0].lineno <= line <= (f.end_lineno or 0) + 1]
        within = max(around, key=lambda f: f.lineno, default=None)
        if within is not None:
            yield tuple(n for head in _heads(within.body) for n in head)
