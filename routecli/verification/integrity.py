"""Who may change what a patch is judged by: nobody (security.md rows 7 and 9)."""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import Kind, RepoPath, Task
from routecli.nouns import dataclass
from routecli.verification.inline_tests import with_former_tests
from routecli.verification.marks import decides_how, has_test_name
from routecli.verification.python_tree import parsed

_TEST_FOLDERS = frozenset({
    "tests", "test", "testing", "__tests__", "__mocks__", "__fixtures__", "__snapshots__", "spec", "testdata",
})  # fmt: skip


def is_test_module(path: RepoPath) -> bool:
    """Whether `path` has a test module's name (conftest.py is one)."""
    return has_test_name(path)


def stands_with_tests(path: RepoPath) -> bool:
    """Whether `path` is a test, or stands in a folder of tests: what these use."""
    return is_test_module(path) or bool(_TEST_FOLDERS & set(PurePosixPath(path).parts[:-1]))


def is_runner_file(path: RepoPath) -> bool:
    """Whether `path` decides how tests or linters run."""
    return decides_how(path)


def is_protected(path: RepoPath, task: Task) -> bool:
    """Whether `path` judges: tests, what stands in a test folder, runner configuration. A file in a test folder that
    is no test module and that the user named is the thing to change, so it is not."""
    if is_runner_file(path) or is_test_module(path):
        return True
    in_folder = bool(_TEST_FOLDERS & set(PurePosixPath(path).parts[:-1]))
    return in_folder and path not in task.paths


@dataclass(frozen=True, slots=True)
class Split:
    """A patch and its first step. `guarded` is `whole` without edits of what judges it; `held_back` are these edits."""

    whole: Patch
    guarded: Patch
    held_back: tuple[FileEdit, ...]

    @property
    def two_passes(self) -> bool:
        """Whether the patch has to pass twice: without its own edits of what judges it, and with them."""
        return bool(self.held_back)

    @property
    def only_new_or_changed_tests(self) -> tuple[RepoPath, ...]:
        """The test modules to run in the second pass, where running these is enough; empty: run everything."""
        paths = [e.path for e in self.held_back]
        plain = all(is_test_module(p) and not is_runner_file(p) for p in paths)
        return tuple(e.path for e in self.held_back if e.after is not None) if plain else ()


def split(patch: Patch, task: Task) -> Split:
    """Divides `patch`. An edit of a test that changes nothing but its layout, or for a rename nothing but the one
    name, judges as before and is not held back. Of a file that holds its own tests only what changes these is."""
    renamed = _rename(patch, task) if task.kind is Kind.RENAME else None
    held: list[FileEdit] = []
    kept: list[FileEdit] = []
    for edit in patch.edits:
        if is_protected(edit.path, task) and not _harmless(edit, renamed):
            held.append(edit)
        elif (guarded := with_former_tests(edit)) is not None:
            held.append(edit)
            kept += [guarded] if guarded.after != guarded.before else []
        else:
            kept.append(edit)
    return Split(patch, replace(patch, edits=tuple(kept)), tuple(held))


def _harmless(edit: FileEdit, renamed: tuple[str, str] | None) -> bool:
    if edit.before is None or edit.after is None or not edit.path.endswith(".py"):
        return False
    before, after = tree_of(edit.before), tree_of(edit.after)
    if before is not None and before == after:
        return True
    return renamed is not None and _name_change(edit) == renamed


def tree_of(source: bytes) -> str | None:
    """The syntax tree as text, None where there is none: equal trees mean that only the layout differs."""
    module = parsed(source)
    return ast.dump(module) if module is not None else None


def _rename(patch: Patch, task: Task) -> tuple[str, str] | None:
    """The one `(old, new)` by which the patch's code files differ, where the task names both; else None."""
    pairs = {
        pair for edit in patch.edits if not is_protected(edit.path, task) and (pair := _name_change(edit)) is not None
    }
    if len(pairs) != 1:
        return None
    old, new = pair = pairs.pop()
    words = set(re.findall(r"\w+", task.instruction))
    return pair if old in words and new in words else None


def _name_change(edit: FileEdit) -> tuple[str, str] | None:
    """`(old, new)` where the tokens of an edit differ in exactly this one name, everywhere alike."""
    if edit.before is None or edit.after is None:
        return None
    try:
        before, after = list(_tokens(edit.before)), list(_tokens(edit.after))
    except (SyntaxError, tokenize.TokenError, ValueError):
        return None
    if len(before) != len(after):
        return None
    pairs = {(a, b) for a, b in zip(before, after, strict=True) if a != b}
    if len(pairs) != 1:
        return None
    (kind, old), (other_kind, new) = pairs.pop()
    names = kind == other_kind == tokenize.NAME and not keyword.iskeyword(old) and not keyword.iskeyword(new)
    unmixed = (tokenize.NAME, old) not in after
    return (old, new) if names and unmixed else None


def _tokens(source: bytes) -> Iterator[tuple[int, str]]:
    layout = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type not in layout:
            yield token.type, token.string


def only_tests_were_asked_for(task: Task) -> bool:
    """Whether the user pointed at tests and nothing else."""
    return bool(task.paths) and all(is_test_module(p) for p in task.paths)


def listed(paths: Collection[RepoPath], most: int = 3) -> str:
    """A few paths for one line."""
    shown = sorted(paths)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
