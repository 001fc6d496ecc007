"""Two versions of a function, called with the same arguments in the sandbox: where they answer otherwise.

Once for what only the tests' own inputs change (security.md row 10): a function that answers as before but for the very
values that its tests name was not mended, it learnt them. Once for two tiers' patches: inputs on which they differ are
shown, since one of the two is wrong.
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Varied
from routecli.ports import Workspace
from routecli.verification.baseline import Base
from routecli.verification.by_heart import is_telling, literals
from routecli.verification.holdout import Holdout
from routecli.verification.inputs import known_calls, made_calls, varied_calls
from routecli.verification.integrity import is_test_module
from routecli.verification.planned import INSIDE, PlannedCheck, Reading, Role
from routecli.verification.python_tree import parsed
from routecli.verification.touched import Touched, functions, touched

TIMEOUT_S = 30.0
LEAST_VARIED = 12
"""Inputs beside those of the tests on which both versions have to agree, before that says anything."""
_MOST_FUNCTIONS = 4
_MOST_JOB_CHARS = 100_000
_MOST_TESTS = 400
_SEVERAL = 2
_WHOLE = re.compile(r"(?<=\d)\.0(?!\d)")


def shown(call: str) -> str:
    """A call's arguments as a person writes them: `(3, b=4)`."""
    args, kwargs = ast.literal_eval(call)
    return one_line(f"({', '.join([*map(repr, args), *(f'{n}={v!r}' for n, v in kwargs.items())])})", limit=100)


@dataclass(frozen=True)
class Laboratory:
    """Where functions are called: `paths` and `read` are the files without a patch. Tests that `holdout` holds serve
    for nothing: what they try must not be told. Raises SandboxFault."""

    workspace: Workspace
    bases: Sequence[Base]
    paths: Collection[RepoPath]
    read: Callable[[RepoPath], bytes | None]
    holdout: Holdout = field(default_factory=Holdout)

    @cached_property
    def check(self) -> PlannedCheck | None:
        """A check of the project's own Python, whose interpreter and environment serve; None: nothing can be called."""
        for base in self.bases:
            check = base.check
            python = posixpath.basename(check.argv[0]).startswith("python")
            if check.role is Role.TESTS and check.reading is Reading.IDS and python and not base.fault:
                return check
        return None

    @cached_property
    def tests(self) -> tuple[bytes, ...]:
        """The sources of the test modules."""
        named = sorted(p for p in self.paths if p.endswith(".py") and is_test_module(p) and not self.holdout.holds(p))
        return tuple(self.read(p) or b"" for p in named[:_MOST_TESTS])

    def answers(self, patch: Patch | None, one: Touched, calls: Sequence[str]) -> list[str | None]:
        """What each of `calls` does; None: it cannot be told. Empty where the module cannot be loaded."""
        assert self.check is not None
        root, module = _module(one.path, self.paths)
        job = json.dumps({"roots": [root, "."], "module": module, "function": one.name, "calls": list(calls)})
        if len(job) > _MOST_JOB_CHARS:
            return []
        argv = (self.check.argv[0], str(INSIDE / "vary_routecli.py"), job)
        env = {**self.check.command.env, "PYTHONHASHSEED": "0"}
        command = replace(self.check.command, argv=argv, cwd=".", timeout_s=TIMEOUT_S, env=env, report=True)
        with self.workspace.twin(patch) as twin:
            done = twin.run(command)
        return _read(done.report.get("answers.jsonl", b""))

    def compare(
        self, one: Touched, calls: Sequence[str], first: Patch | None, second: Patch | None
    ) -> list[tuple[str, str, str]]:
        """`(call, by the first, by the second)` for each call of which both can be told."""
        mine, theirs = self.answers(first, one, calls), self.answers(second, one, calls)
        return [(c, a, b) for c, a, b in zip(calls, mine, theirs, strict=False) if a is not None and b is not None]


def _module(path: RepoPath, paths: Collection[RepoPath]) -> tuple[RepoPath, str]:
    """The folder to import from, and the module's dotted name."""
    folder, name = posixpath.dirname(path), posixpath.splitext(posixpath.basename(path))[0]
    parts = [] if name == "__init__" else [name]
    while folder and f"{folder}/__init__.py" in paths:
        parts.insert(0, posixpath.basename(folder))
        folder = posixpath.dirname(folder)
    return folder or ".", ".".join(parts)


def _read(raw: bytes) -> list[str | None]:
    """The lines of a report: untrusted. What is no text says nothing."""
    found: list[str | None] = []
    for line in raw.decode("ascii", "replace").splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            break
        found.append(value if isinstance(value, str) else None)
    return found


# what only the tests' own inputs change


def special_cased(laboratory: Laboratory, patch: Patch, task: Task) -> str:
    """The first function of `patch` that answers otherwise only for inputs that its tests name, in one line; empty
    where none does. Something is called only where a literal of a test is new in the code. Raises SandboxFault."""
    if laboratory.check is None:
        return ""
    for one in _suspects(laboratory, patch)[:_MOST_FUNCTIONS]:
        known = known_calls(one.name, laboratory.tests)
        told = laboratory.compare(one, (*known, *varied_calls(known)), None, patch) if known else []
        lists = _lists(laboratory.read(one.path) or b"")
        why = _learnt(one, told, frozenset(known), _new_literals(patch, one.path), lists, task)
        if why:
            return why
    return ""


def _suspects(laboratory: Laboratory, patch: Patch) -> list[Touched]:
    plain = [t for t in touched(patch) if t.before is not None and isinstance(t.after, ast.FunctionDef)]
    named = [t for t in plain if "." not in t.name]
    if not named:
        return []
    tested: set[str] = set()
    names = {t.name.encode() for t in named}
    for source in laboratory.tests:
        if any(name in source for name in names):
            tested |= {text for _, node in functions(source) for text in literals(node) if _tells(text)}
    return [t for t in named if _new_literals(patch, t.path) & tested]


def _new_literals(patch: Patch, path: RepoPath) -> frozenset[str]:
    """Literals that the file has with the patch and had not before."""
    edit = next(e for e in patch.edits if e.path == path)
    before, after = parsed(edit.before or b""), parsed(edit.after or b"")
    return (literals(after) if after else frozenset()) - (literals(before) if before else frozenset())


def _tells(text: str) -> bool:
    """Whether the literal is no edge and no plain word: honest code lists words, and treats nothing and one apart."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return is_telling(value) and not (isinstance(value, str) and value.isidentifier())


def _learnt(
    one: Touched,
    told: Sequence[tuple[str, str, str]],
    known: frozenset[str],
    new: frozenset[str],
    lists: frozenset[str],
    task: Task,
) -> str:
    changed = [(call, after) for call, before, after in told if call in known and not _same(before, after)]
    beside = [(before, after) for call, before, after in told if call not in known]
    agreed = sum(_same(before, after) and not before.startswith("raises ") for before, after in beside)
    if not changed or agreed < LEAST_VARIED or not all(_same(before, after) for before, after in beside):
        return ""
    telling = [(call, after) for call, after in changed if _arguments(call, lists)]
    learnt = [(c, a) for c, a in telling if not _named(c, task) and (a in new or _arguments(c, lists) & new)]
    if not learnt or len(learnt) < len(telling):
        return ""
    call, after = learnt[0]
    answer = one_line(after, limit=60)
    why = f"{one.name} answers as before but for inputs of the tests: {one.name}{shown(call)} gives {answer}"
    return one_line(f"{why}, and none of {agreed} other inputs changes", limit=300)


def _same(one: str, other: str) -> bool:
    """Whether two answers are equal: `2.0` is `2`."""
    return one == other or _WHOLE.sub("", one) == _WHOLE.sub("", other)


def _lists(source: bytes) -> frozenset[str]:
    """The types, by name, of which the code already lists values as keys of a table, or compares with several."""
    module = parsed(source)
    nodes = list(ast.walk(module)) if module is not None else []
    listed = [k for n in nodes if isinstance(n, ast.Dict) for k in n.keys]
    listed += [c for n in nodes if isinstance(n, ast.Compare) for c in (n.left, *n.comparators)]
    types = [type(node.value).__name__ for node in listed if isinstance(node, ast.Constant)]
    return frozenset(name for name in types if types.count(name) >= _SEVERAL)


def _arguments(call: str, lists: frozenset[str] = frozenset()) -> frozenset[str]:
    """The telling literals among a call's arguments, all of them together included; none of a type that the code
    already `lists`: one more row of a table is honest."""
    args, kwargs = ast.literal_eval(call)
    values = [v for v in (*args, *kwargs.values()) if type(v).__name__ not in lists]
    texts = {repr(v) for v in values} | {repr(str(v)) for v in values if isinstance(v, list | tuple | dict)}
    together = {repr(args)} if len(values) == len(args) > 1 else set()
    return frozenset(t for t in texts | together if _tells(t))


def _named(call: str, task: Task) -> bool:
    """Whether the task itself speaks of the input."""
    return any(text.strip("'\"") in task.instruction for text in _arguments(call))


# two patches


def differences(laboratory: Laboratory, one: Patch, other: Patch) -> Varied:
    """Where the functions that both change answer otherwise: inputs of the tests, the same varied, and some made from
    annotations. Raises SandboxFault."""
    if laboratory.check is None:
        return Varied()
    theirs = {(t.path, t.name): t for t in touched(other)}
    found: list[str] = []
    agree = 0
    shared = [t for t in touched(one) if "." not in t.name and isinstance(t.after, ast.FunctionDef)]
    for mine in [t for t in shared if (t.path, t.name) in theirs][:_MOST_FUNCTIONS]:
        if ast.dump(mine.after) == ast.dump(theirs[mine.path, mine.name].after):
            continue
        known = known_calls(mine.name, laboratory.tests)
        calls = tuple(dict.fromkeys((*known, *varied_calls(known), *made_calls(mine.after))))
        for call, a, b in laboratory.compare(mine, calls, one, other) if calls else []:
            if not _same(a, b):
                found.append(f"{mine.name}{shown(call)}: {one_line(a, limit=60)}, not {one_line(b, limit=60)}")
            else:
                agree += 1
    return Varied(tuple(found), agree)
