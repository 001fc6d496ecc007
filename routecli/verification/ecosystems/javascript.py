"""JavaScript and TypeScript: node --test, jest, vitest and mocha, told by reporters of ours; eslint, biome and tsc."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from routecli.domain.command import Command
from routecli.domain.globs import is_glob
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.ecosystems.javascript_lines import START, watch_of
from routecli.verification.ecosystems.javascript_lint import linters
from routecli.verification.ecosystems.javascript_scripts import NODE_TEST, Asked, asked_by
from routecli.verification.ecosystems.node import Node, find_node, installed, installed_stamp
from routecli.verification.interpreter import SYSTEM_PATH
from routecli.verification.marks import MARKS
from routecli.verification.planned import INSIDE, PlannedCheck, Reading, Role
from routecli.verification.project import Detected, Missing, Project

_IMPORTS_NODE_TEST = re.compile(r"""['"]node:test['"]""")
_LOOKED_AT = 200
_EXPANDED = (NODE_TEST, "mocha")
_NO_TEST = re.compile(r"\s*(?:echo\b.*)?(?:exit \d+)?\s*")
"""What npm writes into a new package.json, and the like."""
_INSTALL = (
    ("pnpm", "pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
    ("yarn", "yarn.lock", "yarn install --immutable"),
    ("bun", "bun.lock", "bun install --frozen-lockfile"),
    ("bun", "bun.lockb", "bun install --frozen-lockfile"),
    ("npm", "package-lock.json", "npm ci"),
)


@dataclass(frozen=True, slots=True)
class _Runner:
    """`words` follow the program: every test is run and told, whatever the project's own `--bail` says. `option` names
    our reporter."""

    reporter: str
    option: str
    words: tuple[str, ...]


_RUNNERS: dict[str, _Runner] = {
    "vitest": _Runner(
        "reporter_vitest.mjs", "--reporter",
        ("run", "--bail=0", "--cache=false", "--no-color", "--coverage.enabled=false"),
    ),
    "jest": _Runner(
        "reporter_jest.cjs", "--reporters", ("--ci", "--bail=0", "--coverage=false", "--watchman=false")
    ),
    "mocha": _Runner("reporter_mocha.cjs", "--reporter", ("--no-bail", "--no-color")),
    NODE_TEST: _Runner("reporter_node.cjs", "--test-reporter", ("--test-reporter-destination=stdout",)),
}  # fmt: skip


def detect(project: Project) -> Detected | None:
    """The checks of a package; None where the project's folder holds no package.json."""
    if not project.has("package.json"):
        return None
    settings = project.settings
    node = find_node(project.environ, project.repo_root)
    checks: list[PlannedCheck] = []
    missing = None
    if settings.tests and not settings.test_cmd:
        for found in _Package(project, node).tests():
            if isinstance(found, Missing):
                missing = missing or found
            else:
                checks.append(found)
    skipped: list[str] = []
    if settings.lint and not settings.lint_cmd:
        for lint in linters(project, node, _manifest(project)):
            if isinstance(lint, str):
                skipped.append(lint)
            else:
                checks.append(lint)
    return Detected(tuple(checks), tuple(skipped), missing)


def _manifest(project: Project) -> Mapping[str, Any]:
    try:
        read = json.loads(project.text("package.json"))
    except (ValueError, RecursionError):
        read = {}
    return read if isinstance(read, dict) else {}


class _Package:
    """One package looked at once."""

    def __init__(self, project: Project, node: Node | None) -> None:
        self._project = project
        self._node = node
        self._json = _manifest(project)

    def _table(self, name: str) -> Mapping[str, Any]:
        table = self._json.get(name)
        return table if isinstance(table, dict) else {}

    def tests(self) -> Iterator[PlannedCheck | Missing]:
        """How its tests run; Missing where something for it is not installed. Nothing where it has none."""
        asked = self._asked()
        above = None if asked else self._above()
        if above is not None:
            yield from above.tests()
            return
        for one in asked:
            name = one.runner if len(asked) == 1 else f"{one.runner} {asked.index(one) + 1}"
            yield self._check(one, name)
        script = str(self._table("scripts").get("test") or "")
        if not asked and self._tested and not _NO_TEST.fullmatch(script):
            what = f"the script `test` of {self._project.at('package.json')} runs no runner that is read test by test"
            yield Missing(what, "routecli run --test-cmd 'npm test' …")

    def _above(self) -> _Package | None:
        """The nearest package above in the repository that says how to test: in a workspace often the root alone."""
        at = "" if self._project.folder == "." else self._project.folder
        while at:
            at = posixpath.dirname(at)
            outer = _Package(replace(self._project, folder=at or "."), self._node)
            if outer._asked():
                return outer
        return None

    @cached_property
    def _tested(self) -> tuple[RepoPath, ...]:
        return tuple(p for p in self._project.paths if MARKS["javascript"].tested.fullmatch(p))

    def _asked(self) -> tuple[Asked, ...]:
        found = asked_by(self._table("scripts"))
        if found:
            return found
        depends = {**self._table("dependencies"), **self._table("devDependencies")}
        for runner in ("vitest", "jest", "mocha"):
            if runner in depends:
                return (Asked(runner),)
        for path in self._tested[:_LOOKED_AT]:
            if _IMPORTS_NODE_TEST.search((self._project.files.read(path) or b"").decode("utf-8", "replace")):
                return (Asked(NODE_TEST),)
        return ()

    def _check(self, asked: Asked, name: str) -> PlannedCheck | Missing:
        at = self._project.at("package.json")
        found_by = f"the script `{asked.script}` of {at}" if asked.script else f"{asked.runner} in {at}"
        if self._node is None:
            what = f"{found_by} asks for {asked.runner}, and there is no node on PATH"
            return Missing(what, "install node, or --test-cmd")
        program: tuple[str, ...] = ("--test",)
        if asked.runner != NODE_TEST:
            script = installed(self._project, self._project.folder, asked.runner)
            if script is None:
                what = f"{found_by} asks for {asked.runner}, and node_modules does not have it"
                return Missing(what, self._install())
            program = (str(script),)
        argv, takes_files = self._argv(asked, self._node, program)
        path = ":".join([*self._bin_folders(), str(self._node.path.parent), SYSTEM_PATH])
        env = {"NO_COLOR": "1", "CI": "1", **dict(asked.env), "PATH": path}
        timeout_s = self._project.settings.timeout_s
        command = Command(argv, self._project.folder, timeout_s, env, (*self._node.binds, INSIDE), report=True)
        stamp = f"{self._node.stamp}|{installed_stamp(self._project)}"
        why = f"found by {found_by}; run by {program[0] if program[0] != '--test' else self._node.path}"
        watch = watch_of(asked.runner, self._node.path)
        return PlannedCheck(name, Role.TESTS, Reading.IDS, command, why, stamp, takes_files=takes_files, watch=watch)

    def _argv(self, asked: Asked, node: Node, program: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
        """The command's words, and whether files may follow. Patterns are expanded in the copy, so that new files of a
        patch are among them."""
        row = _RUNNERS[asked.runner]
        # Never last: jest takes the files that follow `--reporters` for further reporters.
        told = (*row.words[:1], f"{row.option}={INSIDE / row.reporter}", *row.words[1:])
        patterns = asked.files if asked.runner in _EXPANDED and any(map(is_glob, asked.files)) else ()
        files = () if patterns else asked.files
        words = (str(node.path), *asked.node_words, *program, *told, *asked.words, *files)
        takes_files = not files and not self._own_spec(asked.runner)
        if not patterns and not asked.before:
            return words, takes_files
        before = ("--before", asked.before) if asked.before else ()
        named = ("--files", *patterns) if patterns else ()
        only = ("--only",) if patterns else ()
        return (str(node.path), str(START), *before, *named, "--", *words, *only), takes_files

    def _own_spec(self, runner: str) -> bool:
        """Whether mocha's own configuration may name files that would run beside those asked for."""
        if runner != "mocha":
            return False
        return "mocha" in self._json or any(posixpath.basename(p).startswith(".mocharc") for p in self._project.paths)

    def _bin_folders(self) -> Iterator[str]:
        root, at = self._project.repo_root, "" if self._project.folder == "." else self._project.folder
        while True:
            if (root / at / "node_modules/.bin").is_dir():
                yield str(root / at / "node_modules/.bin")
            if not at:
                return
            at = posixpath.dirname(at)

    def _install(self) -> str:
        """What to type, by the lock file that is nearest, or by `packageManager`."""
        at = "" if self._project.folder == "." else self._project.folder
        while True:
            for _, lock, said in _INSTALL:
                if self._project.files.read(posixpath.join(at, lock)) is not None:
                    return said
            if not at:
                break
            at = posixpath.dirname(at)
        named = str(self._json.get("packageManager") or "").partition("@")[0]
        return next((said for name, _, said in _INSTALL if name == named), "npm install")
