"""Go: `go test -json`, per test id, and `go vet`."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.task import RepoPath
from routecli.verification.ecosystems.go_report import OUTPUT, GoReport
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.project import Detected, Missing, Project

_FUNCTION = re.compile(r"^func ((?:Test|Example|Fuzz)\w*)\(", re.M)
_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.M)
_SYSTEM = ("/usr", "/bin", "/lib")
_TEST = ("test", "-json", "-count=1", "-timeout=0", "./...")
"""Its own cache of results would say what an earlier run said; the time-out is ours."""
_TO_FILE = f'exec "$@" >"$ROUTECLI_REPORT_DIR/{OUTPUT}"'
"""Into a file: a large project says more than is kept of an output."""


def detect(project: Project) -> Detected | None:
    """The checks of a Go module; None where the project's folder holds no go.mod, or the module no Go."""
    if not project.has("go.mod") or not any(p.endswith(".go") for p in project.paths):
        return None
    tests = tuple(p for p in project.paths if p.endswith("_test.go"))
    go = _toolchain(project)
    wants_tests = bool(tests) and project.settings.tests and not project.settings.test_cmd
    if go is None:
        missing = Missing("go.mod asks for go, and there is no go on PATH", "install go, or pass --test-cmd")
        return Detected(
            skipped=("vet is part of go, which is not installed",), missing=missing if wants_tests else None
        )
    checks = []
    if wants_tests:
        checks.append(_test_check(project, go, tests))
    if project.settings.lint and not project.settings.lint_cmd:
        checks.append(_vet(project, go))
    return Detected(tuple(checks))


def _toolchain(project: Project) -> Path | None:
    """The `go` on the user's PATH; none of the repository's own."""
    found = shutil.which("go", path=project.environ.get("PATH", ""))
    if found is None or not Path(found).is_absolute():
        return None
    path = Path(os.path.realpath(found))
    return None if path.is_relative_to(project.repo_root) else path


def _test_check(project: Project, go: Path, tests: tuple[RepoPath, ...]) -> PlannedCheck:
    argv = ("/bin/sh", "-c", _TO_FILE, "sh", str(go), *_TEST)
    module = _MODULE.search(project.text("go.mod"))
    reads = GoReport(module[1] if module else "", project.folder, _functions(project, tests))
    why = f"found by {project.at('go.mod')}; run by {go}"
    return PlannedCheck(
        "go test",
        Role.TESTS,
        Reading.IDS,
        _command(project, go, argv, report=True),
        why,
        _stamp(go),
        reads=reads,
        takes_folders=True,
    )


def _vet(project: Project, go: Path) -> PlannedCheck:
    command = _command(project, go, (str(go), "vet", "./..."), report=False)
    why = f"found by {project.at('go.mod')}; run by {go}"
    return PlannedCheck("go vet", Role.LINT, Reading.FINDINGS, command, why, _stamp(go), clean_codes=(0, 1, 2))


def _command(project: Project, go: Path, argv: tuple[str, ...], *, report: bool) -> Command:
    """Offline, with the user's modules and what was compiled before, both read-only: what is compiled anew is thrown
    away with the copy."""
    env = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOTELEMETRY": "off", "PATH": f"{go.parent}:/usr/bin:/bin"}
    binds = [] if str(go).startswith(_SYSTEM) else [go.parent.parent]
    for variable, folder in _caches(project.environ).items():
        if folder.is_dir() and not folder.is_relative_to(project.repo_root):
            env[variable] = str(folder)
            binds.append(folder)
    return Command(argv, project.folder, project.settings.timeout_s, env, tuple(binds), report)


def _caches(environ: Mapping[str, str]) -> dict[str, Path]:
    home = Path(environ.get("HOME") or Path.home())
    path = Path((environ.get("GOPATH") or str(home / "go")).split(os.pathsep)[0])
    cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    return {
        "GOMODCACHE": Path(environ.get("GOMODCACHE") or path / "pkg/mod"),
        "GOCACHE": Path(environ.get("GOCACHE") or cache / "go-build"),
    }


def _stamp(go: Path) -> str:
    return f"{go}@{go.stat().st_mtime_ns}"


def _functions(project: Project, tests: tuple[RepoPath, ...]) -> dict[tuple[RepoPath, str], RepoPath]:
    """Where each test function stands, by `(folder, name)`: go itself does not say."""
    found: dict[tuple[RepoPath, str], RepoPath] = {}
    for path in tests:
        text = (project.files.read(path) or b"").decode("utf-8", "replace")
        for name in _FUNCTION.findall(text):
            found[posixpath.dirname(path), name] = path
    return found
