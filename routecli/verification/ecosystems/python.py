"""Python: pytest and unittest; ruff, flake8 and mypy where the project configures them."""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath
from routecli.verification.changed_lines import Spots, Watch, asking, below, python_spots
from routecli.verification.interpreter import OWN, SYSTEM_PATH, Interpreter, environments, interpreters
from routecli.verification.planned import INSIDE, PLUGIN, PlannedCheck, Reading, Role, reporting
from routecli.verification.probing.calls import asked_for
from routecli.verification.project import Detected, Missing, Project

_LOOKED_AT = 400
_PYTEST_SIGN = re.compile(r"^\s*(?:import|from)\s+pytest\b|^(?:async\s+)?def test_|^class Test\w*(?:\(\s*\))?:", re.M)
_UNITTEST_SIGN = re.compile(r"\bTestCase\b|^\s*(?:import|from)\s+unittest\b", re.M)
_TELLING = ("--tb=auto",)
"""However short the project wants its failures: they are read here. No longer comparisons:
of long values they can take minutes."""
PYTEST_FLAGS = ("-p", PLUGIN, "--color=no", "--maxfail=0", "--continue-on-collection-errors", *_TELLING)
"""Every test is run and told: a project's own `-x` or a file that cannot be imported must not hide the others."""
PYTEST_BREAKS = re.compile(r"INTERNALERROR>")
OWN_RUFF = "routecli's own ruff"
_NO_WALK = ".venv,venv,node_modules"


def detect(project: Project) -> Detected | None:
    """The checks of a Python project; None where it holds no Python."""
    if not any(p.endswith(".py") for p in project.paths):
        return None
    found = _Python(project)
    checks: list[PlannedCheck] = []
    missing = None
    if project.settings.tests and not project.settings.test_cmd:
        tests = found.tests()
        if isinstance(tests, Missing):
            missing = tests
        elif tests is not None:
            checks.append(tests)
    skipped: list[str] = []
    if project.settings.lint and not project.settings.lint_cmd:
        for lint in found.linters():
            if isinstance(lint, str):
                skipped.append(lint)
            else:
                checks.append(lint)
    return Detected(tuple(checks), tuple(skipped), missing)


def custom_tests(project: Project, words: tuple[str, ...], name: str, role: Role) -> PlannedCheck:
    """A command of the user's. Where it calls pytest our plugin goes along by PYTEST_ADDOPTS; else its exit code is
    all there is."""
    found = _Python(project)
    python = found.any_interpreter()
    is_pytest = any(posixpath.basename(w) in ("pytest", "py.test") for w in words)
    env = python.env if python else {"PATH": SYSTEM_PATH}
    if is_pytest:
        env = reporting(env) | {"PYTEST_ADDOPTS": f"-p {PLUGIN} --color=no --continue-on-collection-errors"}
    return PlannedCheck(
        name,
        role,
        Reading.IDS if is_pytest else Reading.EXIT,
        Command(words, ".", project.settings.timeout_s, env, _binds(python), report=is_pytest),
        "given by you" if is_pytest else "given by you; judged by its exit code only",
        python.fingerprint if python else "",
        breaks=PYTEST_BREAKS if is_pytest else None,
        watch=WATCH if is_pytest else None,
    )


def _binds(python: Interpreter | None) -> tuple[Path, ...]:
    return (*(python.binds if python else ()), INSIDE)


def _watching(command: Command, spots: Spots) -> Command:
    """Our recorders look for what ROUTECLI_LINES names; a very long list is not looked for."""
    return asking(command, below(spots, command.cwd)) or command


def _keeping(command: Command, patch: Patch) -> Command:
    """Our recorders keep what the functions of ROUTECLI_CALLS are called with."""
    said = asked_for(patch, command.cwd)
    return replace(command, env={**command.env, "ROUTECLI_CALLS": said}) if said else command


WATCH = Watch(python_spots, _watching, _keeping)


class _Python:
    """One project looked at once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.repo_root / ("" if project.folder == "." else project.folder)

    @cached_property
    def _pyproject(self) -> dict[str, object]:
        tool = self._project.toml("pyproject.toml").get("tool", {})
        return tool if isinstance(tool, dict) else {}

    def _candidates(self) -> Iterable[Interpreter]:
        project = self._project
        return interpreters(project.repo_root, self._folder, project.environ, frozenset(project.files.paths()))

    def any_interpreter(self) -> Interpreter | None:
        """The first there is, whatever it has installed."""
        return next(iter(self._candidates()), None)

    def _with(self, module: str) -> Interpreter | None:
        return next((i for i in self._candidates() if module in i.modules), None)

    @cached_property
    def _environments(self) -> tuple[Interpreter, ...]:
        project = self._project
        held = frozenset(project.files.paths())
        return tuple(environments(project.repo_root, self._folder, project.environ, held))

    def _environment_with(self, module: str) -> Interpreter | None:
        """For a linter: the project's environments, and a python on PATH only where there is none. Another python
        lacks the project's packages and would find other things; asking it takes a tenth of a second, too."""
        candidates = self._environments or (i for i in self._candidates() if i.why != OWN)
        return next((i for i in candidates if module in i.modules), None)

    # tests

    def _pytest_configured(self) -> str:
        project = self._project
        if project.has("pytest.ini") or project.has(".pytest.ini"):
            return "pytest.ini"
        if "pytest" in self._pyproject:
            return "[tool.pytest] in pyproject.toml"
        for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
            if section in project.sections(name):
                return f"[{section}] in {name}"
        return next((p for p in project.paths if posixpath.basename(p) == "conftest.py"), "")

    def _signs(self) -> tuple[str, str]:
        """`(a file of pytest tests, a file of unittest tests)`, each empty where none was seen."""
        pytest_file = unittest_file = ""
        for path in self._project.test_files()[:_LOOKED_AT]:
            text = (self._project.files.read(path) or b"").decode("utf-8", "replace")
            if _UNITTEST_SIGN.search(text):
                unittest_file = unittest_file or path
            if re.search(r"^\s*(?:import|from)\s+pytest\b", text, re.M) or (
                not _UNITTEST_SIGN.search(text) and _PYTEST_SIGN.search(text)
            ):
                return path, unittest_file
        return pytest_file, unittest_file

    def tests(self) -> PlannedCheck | Missing | None:
        """How its tests run: None without any, Missing where the runner is not installed."""
        configured = self._pytest_configured()
        pytest_file, unittest_file = self._signs()
        found_by = configured or pytest_file
        if found_by:
            python = self._with("pytest")
            if python is not None:
                return self._pytest(python, found_by)
            if not unittest_file or pytest_file:
                first = self.any_interpreter()
                where = str(first.python) if first else "any python"
                return Missing(
                    f"{found_by} asks for pytest, and pytest is not installed in {where}",
                    f"{first.python if first else 'python3'} -m pip install pytest, or pass --test-cmd",
                )
        if unittest_file:
            python = self.any_interpreter()
            return self._unittest(python, unittest_file) if python else Missing("there is no python to run unittest")
        return None

    def _pytest(self, python: Interpreter, found_by: str) -> PlannedCheck:
        argv = (str(python.python), "-m", "pytest", *PYTEST_FLAGS)
        return self._test_check("pytest", python, argv, found_by)

    def _unittest(self, python: Interpreter, found_by: str) -> PlannedCheck:
        argv = (str(python.python), str(INSIDE / "runner_unittest.py"))
        return self._test_check("unittest", python, argv, found_by)

    def _test_check(self, name: str, python: Interpreter, argv: tuple[str, ...], found_by: str) -> PlannedCheck:
        project, env = self._project, python.env
        if python.copies and (self._folder / "src").is_dir():
            env = {**env, "PYTHONPATH": str(self._folder / "src")}
        command = Command(argv, project.folder, project.settings.timeout_s, reporting(env), _binds(python), report=True)
        why = f"found by {found_by}; run by {python.python} ({python.why})"
        return PlannedCheck(
            name, Role.TESTS, Reading.IDS, command, why, python.fingerprint, takes_files=True, watch=WATCH,
            followed=True, breaks=PYTEST_BREAKS,
        )  # fmt: skip

    # linters

    def linters(self) -> Iterable[PlannedCheck | str]:
        """The linters that the project configures; a text instead of one says why it cannot run."""
        for name, configured in (
            ("ruff", self._ruff_configured()),
            ("flake8", self._ini_configured("flake8", (".flake8", "setup.cfg", "tox.ini"))),
            ("mypy", self._ini_configured("mypy", ("mypy.ini", ".mypy.ini", "setup.cfg"))),
        ):
            if configured:
                yield self._ruff(configured) if name == "ruff" else self._module_linter(name, configured)

    def _ruff_configured(self) -> str:
        named = next((n for n in ("ruff.toml", ".ruff.toml") if self._project.has(n)), "")
        return named or ("[tool.ruff] in pyproject.toml" if "ruff" in self._pyproject else "")

    def _ini_configured(self, name: str, files: tuple[str, ...]) -> str:
        if name == "mypy" and "mypy" in self._pyproject:
            return "[tool.mypy] in pyproject.toml"
        return next((f"[{name}] in {f}" for f in files if name in self._project.sections(f)), "")

    def _ruff(self, configured: str) -> PlannedCheck | str:
        program, whose, binds = self._ruff_program()
        if program is None:
            return f"ruff is asked for by {configured}, and it is not installed"
        # No .git in the copy, so no .gitignore is read: what is bound into it has to be left out by name.
        argv = (
            str(program),
            "check",
            "--output-format=concise",
            "--no-cache",
            "--no-fix",
            f"--extend-exclude={_NO_WALK}",
            ".",
        )
        stamp = program.resolve().stat()
        command = Command(argv, self._project.folder, self._project.settings.timeout_s, {"NO_COLOR": "1"}, binds)
        why = f"found by {configured}; {whose}"
        stamped = f"{program}@{stamp.st_mtime_ns}"
        return PlannedCheck("ruff", Role.LINT, Reading.FINDINGS, command, why, stamped, foreign=whose == OWN_RUFF)

    def _ruff_program(self) -> tuple[Path | None, str, tuple[Path, ...]]:
        for python in self._environments:
            if program := python.program("ruff"):
                outside = () if python.prefix.is_relative_to(self._project.repo_root) else (python.prefix,)
                return program, f"{program} ({python.why})", (*python.binds, *outside)
        own = Path(sys.executable).parent / "ruff"
        found = shutil.which("ruff", path=f"{SYSTEM_PATH}:{own.parent}")
        return (Path(found), OWN_RUFF, (Path(found).resolve(),)) if found else (None, "", ())

    def _module_linter(self, name: str, configured: str) -> PlannedCheck | str:
        python = self._environment_with(name)
        if python is None:
            return f"{name} is asked for by {configured}, and the project's environment has none"
        if name == "flake8":
            words: tuple[str, ...] = ("--format=default", "--color=never", f"--extend-exclude={_NO_WALK}", ".")
        else:
            targets = self._mypy_targets()
            if targets is None:
                return f"{name} has nothing to check: {configured} names no files, and there is no package"
            words = ("--no-pretty", "--no-color-output", "--no-error-summary", "--hide-error-context",
                     "--show-error-codes", "--cache-dir=/dev/null", *targets)  # fmt: skip
        argv = (str(python.python), "-m", name, *words)
        command = Command(argv, self._project.folder, self._project.settings.timeout_s, python.env, python.binds)
        why = f"found by {configured}; run by {python.python} ({python.why})"
        return PlannedCheck(name, Role.LINT, Reading.FINDINGS, command, why, python.fingerprint)

    def _mypy_targets(self) -> tuple[RepoPath, ...] | None:
        """None: nothing to check. Empty: its configuration names the files."""
        tables = [self._pyproject.get("mypy", {})]
        tables += [
            s["mypy"] for n in ("mypy.ini", ".mypy.ini", "setup.cfg") if "mypy" in (s := self._project.sections(n))
        ]
        if any(key in table for table in tables for key in ("files", "packages", "modules")):  # type: ignore[operator]
            return ()
        prefix = "" if self._project.folder == "." else f"{self._project.folder}/"
        own = [p.removeprefix(prefix) for p in self._project.paths if p.endswith(".py")]
        if any(p.startswith("src/") for p in own):
            return ("src",)
        packages = sorted({p.split("/")[0] for p in own if p.count("/") == 1 and p.endswith("/__init__.py")})
        modules = sorted(p for p in own if "/" not in p and p not in ("setup.py", "conftest.py"))
        chosen = [p for p in packages if p not in ("tests", "test")] or modules
        return tuple(chosen) or None
