"""JavaScript and TypeScript: node --test, jest, vitest and mocha, told by reporters of ours; eslint and tsc."""

from __future__ import annotations

import fnmatch
import json
import os
import posixpath
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routecli.domain.command import Command
from routecli.domain.task import RepoPath
from routecli.verification.ecosystems.javascript_findings import EslintFindings, TscFindings
from routecli.verification.interpreter import SYSTEM_PATH
from routecli.verification.marks import MARKS
from routecli.verification.planned import INSIDE, PlannedCheck, Reading, Role
from routecli.verification.project import Detected, Missing, Project

_NODE_TEST = "node --test"
_IMPORTS_NODE_TEST = re.compile(r"""['"]node:test['"]""")
_LOOKED_AT = 200
_SYSTEM = ("/usr", "/bin", "/lib")
_INSTALL = {"pnpm-lock.yaml": "pnpm install --frozen-lockfile", "yarn.lock": "yarn install --immutable"}
_ESLINT = re.compile(r"eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:json|js|cjs|ya?ml))?")
_DROPPED = re.compile(
    r"--(?:coverage|watch|watchAll|bail|reporters?|passWithNoTests|silent|verbose)(?:=.*)?|-[wbR]|run"
)
"""Words of a package's script that would hide results, or tell them to somebody else."""


@dataclass(frozen=True, slots=True)
class _Runner:
    """`words` follow the program: every test is run and told, whatever the project's own `--bail` says. Nothing is
    written below node_modules, which is shown read-only."""

    reporter: str
    words: tuple[str, ...]


_RUNNERS: dict[str, _Runner] = {
    "vitest": _Runner("reporter_vitest.mjs", ("run", "--bail=0", "--no-color", "--coverage.enabled=false")),
    "jest": _Runner("reporter_jest.cjs", ("--ci", "--bail=0", "--coverage=false", "--watchman=false")),
    "mocha": _Runner("reporter_mocha.cjs", ("--no-bail", "--no-color")),
    _NODE_TEST: _Runner("reporter_node.cjs", ()),
}
_OPTION = {"jest": "--reporters", _NODE_TEST: "--test-reporter"}


def detect(project: Project) -> Detected | None:
    """The checks of a package; None where the project's folder holds no package.json."""
    if not project.has("package.json"):
        return None
    found = _Package(project)
    settings = project.settings
    tests = found.tests() if settings.tests and not settings.test_cmd else None
    lints = list(found.linters()) if settings.lint and not settings.lint_cmd else []
    checks = [c for c in (tests, *lints) if isinstance(c, PlannedCheck)]
    skipped = tuple(text for text in lints if isinstance(text, str))
    return Detected(tuple(checks), skipped, tests if isinstance(tests, Missing) else None)


class _Package:
    """One package looked at once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        try:
            read = json.loads(project.text("package.json"))
        except (ValueError, RecursionError):
            read = {}
        self._json: Mapping[str, Any] = read if isinstance(read, dict) else {}

    def _table(self, name: str) -> Mapping[str, Any]:
        table = self._json.get(name)
        return table if isinstance(table, dict) else {}

    # tests

    def tests(self) -> PlannedCheck | Missing | None:
        """How its tests run: None without any, Missing where the runner is not installed."""
        runner, words, found_by = self._runner()
        if not runner:
            return None
        node = _node(self._project)
        if node is None:
            return Missing(f"{found_by} asks for {runner}, and there is no node on PATH", "install node, or --test-cmd")
        row, inside = _RUNNERS[runner], INSIDE / _RUNNERS[runner].reporter
        option = _OPTION.get(runner, "--reporter")
        if runner == _NODE_TEST:
            given = (f"{option}={inside}", "--test-reporter-destination=stdout", *self._expanded(words))
            argv = (str(node), "--test", *given)
        else:
            program = self._program(runner)
            if program is None:
                return Missing(f"{found_by} asks for {runner}, and node_modules does not have it", self._install())
            argv = (str(program), *row.words, f"{option}={inside}", *words)
        why = f"found by {found_by}; run by {argv[0]}"
        command = self._command(argv, node, (INSIDE,), report=True)
        return PlannedCheck(
            runner, Role.TESTS, Reading.IDS, command, why, self._stamp(node), takes_files=self._takes(runner, words)
        )

    def _runner(self) -> tuple[str, tuple[str, ...], str]:
        """`(runner, the script's own words for it, found by)`; all empty where none is asked for."""
        at = self._project.at("package.json")
        script = str(self._table("scripts").get("test") or "")
        for part in re.split(r"&&|;|\|\|", script):
            try:
                words = shlex.split(part)
            except ValueError:
                continue
            named = [posixpath.basename(w) for w in words]
            for runner in ("vitest", "jest", "mocha"):
                if runner in named:
                    return runner, _kept(words[named.index(runner) + 1 :]), f"the script `test` of {at}"
            if "node" in named and "--test" in words:
                return _NODE_TEST, _kept(words[words.index("--test") + 1 :]), f"the script `test` of {at}"
        asked = {**self._table("dependencies"), **self._table("devDependencies")}
        for runner in ("vitest", "jest", "mocha"):
            if runner in asked:
                return runner, (), f"{runner} in {at}"
        importing = next(self._importing_node_test(), "")
        return (_NODE_TEST, (), importing) if importing else ("", (), "")

    def _importing_node_test(self) -> Iterator[RepoPath]:
        tested = [p for p in self._project.paths if MARKS["javascript"].tested.fullmatch(p)]
        for path in tested[:_LOOKED_AT]:
            if _IMPORTS_NODE_TEST.search((self._project.files.read(path) or b"").decode("utf-8", "replace")):
                yield path

    def _takes(self, runner: str, words: tuple[str, ...]) -> bool:
        """Whether files after the command are all that then runs: not where others are named already."""
        named = any(not w.startswith("-") for w in words)
        if runner == "mocha":
            rc = any(posixpath.basename(p).startswith(".mocharc") for p in self._project.paths)
            named = named or rc or "mocha" in self._json
        return not named

    def _expanded(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """`words` with patterns as files: node 20 reads none itself, and there is no shell here."""
        prefix = "" if self._project.folder == "." else f"{self._project.folder}/"
        own = [p.removeprefix(prefix) for p in self._project.paths]
        done: list[str] = []
        for word in words:
            plain = word.removeprefix("./").replace("**/", "*")
            done.extend(fnmatch.filter(own, plain) if "*" in word and not word.startswith("-") else [word])
        return tuple(done)

    # what is installed

    def _program(self, name: str) -> Path | None:
        """`node_modules/.bin/name` of the project or of a folder above it in the repository, unless the repository
        holds it as content."""
        root, folder = self._project.repo_root, self._project.folder
        held = frozenset(self._project.files.paths())
        at = "" if folder == "." else folder
        while True:
            path = posixpath.join(at, "node_modules/.bin", name)
            if path not in held and (root / path).is_file():
                return root / path
            if not at:
                return None
            at = posixpath.dirname(at)

    def _install(self) -> str:
        named = (_INSTALL[n] for n in _INSTALL if self._project.has(n))
        return next(named, "npm ci" if self._project.has("package-lock.json") else "npm install")

    def _stamp(self, node: Path) -> str:
        stamps = [f"{node}@{node.stat().st_mtime_ns}"]
        for folder in {self._project.repo_root, self._project.repo_root / self._project.folder}:
            for name in ("node_modules", "node_modules/.package-lock.json"):
                if (folder / name).exists():
                    stamps.append(f"{folder / name}@{(folder / name).stat().st_mtime_ns}")
        return "|".join(sorted(stamps))

    def _command(
        self, argv: tuple[str, ...], node: Path, binds: tuple[Path, ...] = (), *, report: bool = False
    ) -> Command:
        env = {"PATH": f"{node.parent}:{SYSTEM_PATH}", "NO_COLOR": "1", "CI": "1"}
        home = () if str(node).startswith(_SYSTEM) else (node.parent.parent,)
        return Command(argv, self._project.folder, self._project.settings.timeout_s, env, (*home, *binds), report)

    # linters

    def linters(self) -> Iterator[PlannedCheck | str]:
        """The linters that the package configures; a text instead of one says why it cannot run."""
        prefix = "" if self._project.folder == "." else f"{self._project.folder}/"
        own = [p.removeprefix(prefix) for p in self._project.paths]
        eslint = next((n for n in own if _ESLINT.fullmatch(n)), "")
        if eslint:
            words = ("-c", 'exec "$@" --output-file "$ROUTECLI_REPORT_DIR/eslint.json"', "sh")
            yield self._linter("eslint", eslint, words, (".", "--format", "json"), (0, 1))
        if self._project.has("tsconfig.json"):
            yield self._linter("tsc", "tsconfig.json", (), ("--noEmit", "--pretty", "false", "-p", "."), (0, 1, 2))

    def _linter(
        self, name: str, configured: str, shell: tuple[str, ...], words: tuple[str, ...], codes: tuple[int, ...]
    ) -> PlannedCheck | str:
        node, program = _node(self._project), self._program(name)
        if node is None or program is None:
            return f"{name} is asked for by {configured}, and node_modules does not have it"
        started = ("/bin/sh", *shell) if shell else ()
        command = self._command((*started, str(program), *words), node, report=bool(shell))
        finds = EslintFindings(self._project.repo_root) if name == "eslint" else TscFindings(self._project.folder)
        return PlannedCheck(
            name, Role.LINT, Reading.FINDINGS, command, f"found by {configured}; run by {program}", self._stamp(node),
            clean_codes=codes, finds=finds,
        )  # fmt: skip


def _kept(words: list[str]) -> tuple[str, ...]:
    return tuple(w for w in words if not _DROPPED.fullmatch(w))


def _node(project: Project) -> Path | None:
    """The `node` on the user's PATH; none of the repository's own."""
    found = shutil.which("node", path=project.environ.get("PATH", ""))
    if found is None or not Path(found).is_absolute():
        return None
    path = Path(os.path.realpath(found))
    return None if path.is_relative_to(project.repo_root) else path
