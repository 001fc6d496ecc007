"""The static rule on added lines that are no tests (security.md row 9): code that speaks to the test runner.

Python is read off the syntax tree, so a word in a comment or a text flags nothing. Of 5,209 real commits 0.1 % were
flagged by the rule's first form; a word that the task itself names is never flagged.
"""

from __future__ import annotations

import ast
import difflib
import posixpath
import sys
from collections.abc import Iterator

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath, Task
from routecli.nouns import dataclass
from routecli.verification.cheats_javascript import hides_a_package, is_script, suspicious_lines
from routecli.verification.integrity import is_protected
from routecli.verification.python_tree import parsed

OURS = frozenset({"plugin_routecli", "lines_routecli", "calls_routecli", "probe_routecli", "vary_routecli"})
"""What is loaded beside the tests, or calls functions of the project: nothing in a repository may stand in for it."""
_RUNNER_MODULES = frozenset({"_pytest", "pytest", "pluggy", "unittest", "nose"}) | OURS
_SHADOWING = _RUNNER_MODULES | {"py", "iniconfig", "packaging", "exceptiongroup", "xdist", "hypothesis", "coverage"}
_WORDS = ("PYTEST_CURRENT_TEST", "PYTEST_ADDOPTS", "ROUTECLI_REPORT_DIR", *sorted(OURS))
_NEVER_IN_PIECES = (*_RUNNER_MODULES - {"nose"}, "_exit", "atexit", *_WORDS)
"""Words that nobody puts together from two texts who does not want them overlooked."""
_EXACT_UP_TO = 16_000_000
"""Lines before times lines after, up to which places are compared exactly; beyond it, lines as a set."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One suspicious place. `what` is for people."""

    path: RepoPath
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def flags(patch: Patch, task: Task) -> tuple[Flag, ...]:
    """Places in the patch's added code that reach for the runner, end the process or make everything equal."""
    found: list[Flag] = []
    for edit in patch.edits:
        if edit.after is None or is_protected(edit.path, task):
            continue
        if edit.path.endswith(".py"):
            found.extend(_shadowing(edit))
            found.extend(_in_code(edit))
        elif is_script(edit.path):
            found.extend(_in_script(edit))
    return tuple(f for f in found if not _asked_for(f, task))


def _asked_for(flag: Flag, task: Task) -> bool:
    words = task.instruction.lower()
    return any(w in words for w in (flag.what.split(" ", 1)[0].lower().strip("`"),))


def _shadowing(edit: FileEdit) -> Iterator[Flag]:
    """A new module at an import root that hides one of the runner's or of the standard library."""
    if edit.before is not None:
        return
    parts = edit.path.split("/")
    if parts[0] == "src":
        parts = parts[1:]
    at_root = len(parts) == 1 or (len(parts) == 2 and parts[1] == "__init__.py")
    name = posixpath.splitext(parts[0])[0]
    if at_root and (name in _SHADOWING or name in sys.stdlib_module_names):
        yield Flag(edit.path, 1, f"{name} would hide the module of that name")


def _in_code(edit: FileEdit) -> Iterator[Flag]:
    assert edit.after is not None
    tree = parsed(edit.after)
    if tree is None:
        return
    lines = _added_lines(edit.before or b"", edit.after)
    for node, owner in _owned(tree):
        if getattr(node, "lineno", 0) not in lines:
            continue
        what = _suspicious(node) or _equal_to_all(node, owner)
        if what:
            yield Flag(edit.path, node.lineno, what)  # type: ignore[attr-defined]


def _in_script(edit: FileEdit) -> Iterator[Flag]:
    assert edit.after is not None
    if edit.before is None and hides_a_package(edit.path):
        yield Flag(edit.path, 1, "node_modules is where installed packages are, and a file in it would hide one")
    for line, what in suspicious_lines(edit.after, _added_lines(edit.before or b"", edit.after)):
        yield Flag(edit.path, line, what)


def _owned(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every node, with the name of the class whose body it stands in; empty for the others."""
    for node in ast.walk(tree):
        name = node.name if isinstance(node, ast.ClassDef) else ""
        yield from ((child, name) for child in ast.iter_child_nodes(node))


def _added_lines(before: bytes, after: bytes) -> frozenset[int]:
    """The line numbers of `after`, from 1, that are not in `before` at that place."""
    old, new = before.splitlines(), after.splitlines()
    if not old:
        return frozenset(range(1, len(new) + 1))
    if len(old) * len(new) > _EXACT_UP_TO:
        known = set(old)
        return frozenset(number for number, line in enumerate(new, 1) if line not in known)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    added: set[int] = set()
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag in ("insert", "replace"):
            added.update(range(start + 1, end + 1))
    return frozenset(added)


def _suspicious(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return _suspicious_attribute(node)
    if isinstance(node, ast.Import):
        return next((w for a in node.names if (w := _suspicious_module(a.name))), "")
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        if node.module == "os" and any(a.name == "_exit" for a in node.names):
            return "os._exit ends the process without a word"
        return _suspicious_module(node.module)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        word = next((w for w in _WORDS if w in node.value), "")
        return f"{word} is the test runner's" if word else ""
    if isinstance(node, ast.BinOp | ast.Call):
        word = _in_pieces(node)
        return f"{word} is put together from pieces" if word else ""
    if isinstance(node, ast.Compare) and _asks_for_the_runner(node):
        return "sys.modules is asked for the test runner"
    return ""


def _suspicious_attribute(node: ast.Attribute) -> str:
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    if (owner, node.attr) == ("os", "_exit"):
        return "os._exit ends the process without a word"
    if (owner, node.attr) in (("sys", "settrace"), ("sys", "setprofile")):
        return f"{owner}.{node.attr} watches the run"
    return ""


def _suspicious_module(name: str) -> str:
    top = name.partition(".")[0]
    if top == "atexit":
        return "atexit runs code after the tests"
    if top in _RUNNER_MODULES and name != "unittest.mock":
        return f"{top} is the test runner, and this is no test"
    return ""


def _equal_to_all(node: ast.AST, owner: str) -> str:
    """An `__eq__` that reads neither its object nor its class: every object of the class answers the same."""
    if not isinstance(node, ast.FunctionDef) or node.name not in ("__eq__", "__ne__") or not node.args.args:
        return ""
    own = {node.args.args[0].arg, owner, "__class__", "super"}
    names = {n.id for statement in node.body for n in ast.walk(statement) if isinstance(n, ast.Name)}
    answers = [n.value for s in node.body for n in ast.walk(s) if isinstance(n, ast.Return) and n.value is not None]
    told = [a for a in answers if not (isinstance(a, ast.Name) and a.id == "NotImplemented")]
    return f"{node.name} gives the same answer for every object" if told and not own & names else ""


def _in_pieces(node: ast.BinOp | ast.Call) -> str:
    """The word of the runner's that `node` puts together from texts none of which holds it; empty where none."""
    pieces = _pieces(node)
    whole = "".join(pieces)
    return next((w for w in _NEVER_IN_PIECES if w in whole and not any(w in p for p in pieces)), "")


def _pieces(node: ast.AST) -> list[str]:
    """The texts that `a + b` or `"".join([a, b])` puts together; what is no text is a NUL."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_pieces(node.left), *_pieces(node.right)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        texts = node.args[0] if node.args else None
        glued = isinstance(node.func.value, ast.Constant) and node.func.value.value == ""
        if glued and isinstance(texts, ast.List | ast.Tuple):
            return [piece for element in texts.elts for piece in _pieces(element)]
    return ["\0"]


def _asks_for_the_runner(node: ast.Compare) -> bool:
    if not isinstance(node.left, ast.Constant) or node.left.value not in _RUNNER_MODULES:
        return False
    return any(isinstance(c, ast.Attribute) and c.attr == "modules" for c in node.comparators)
