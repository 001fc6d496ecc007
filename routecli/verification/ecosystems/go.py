"""Go: `go test -json`, per test id, `go vet`, and golangci-lint where the project configures it."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.task import RepoPath
from routecli.verification.ecosystems.go_lines import watch_of
from routecli.verification.ecosystems.go_report import GOLANGCI_FILE, OUTPUT, GolangciFindings, GoReport
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.programs import installation, on_path, outside
from routecli.verification.project import Detected, Missing, Project

_FUNCTION = re.compile(r"^func ((?:Test|Example|Fuzz)\w*)\(", re.M)
_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.M)
_USE = re.compile(r"^use[ \t]*(?:\((?P<many>[^)]*)\)|(?P<one>[^\s(/]\S*))", re.M)
_TEST = ("test", "-json", "-count=1", "-timeout=0")
"""Its own cache of results would say what an earlier run said; the time-out is ours."""
_TO_FILE = f'exec "$@" >"$ROUTECLI_REPORT_DIR/{OUTPUT}"'
"""Into a file: a large project says more than is kept of an output."""
_GOLANGCI = tuple(f".golangci.{end}" for end in ("yml", "yaml", "toml", "json"))
_FORM_1 = f'--out-format json >"$ROUTECLI_REPORT_DIR/{GOLANGCI_FILE}"'
_FORM_2 = f'--path-mode abs --output.json.path "$ROUTECLI_REPORT_DIR/{GOLANGCI_FILE}"'


def detect(project: Project) -> Detected | None:
    """The checks of a Go module, or of the modules of a workspace; None where the project's folder holds neither, or
    no Go."""
    modules = _modules(project)
    if not modules or not any(p.endswith(".go") for p in project.paths):
        return None
    tests = tuple(p for p in project.paths if p.endswith("_test.go"))
    go = _toolchain(project)
    wants_tests = bool(tests) and project.settings.tests and not project.settings.test_cmd
    found_by = project.at("go.mod" if project.has("go.mod") else "go.work")
    if go is None:
        missing = Missing(f"{found_by} asks for go, and there is no go on PATH", "install go, or pass --test-cmd")
        return Detected(
            skipped=("vet is part of go, which is not installed",), missing=missing if wants_tests else None
        )
    why = f"found by {found_by}; run by {go}"
    patterns = tuple(posixpath.join(".", posixpath.relpath(m, project.folder), "...") for m in modules.values())
    checks = [_test_check(project, go, tests, modules, patterns, why)] if wants_tests else []
    lints: list[PlannedCheck | str] = []
    if project.settings.lint and not project.settings.lint_cmd:
        vet = _command(project, go, (str(go), "vet", *patterns), report=False)
        clean = (0, 1, 2)
        lints = [PlannedCheck("go vet", Role.LINT, Reading.FINDINGS, vet, why, _stamp(go), clean_codes=clean)]
        lints += _golangci(project, go)
    checks += [c for c in lints if isinstance(c, PlannedCheck)]
    return Detected(tuple(checks), tuple(text for text in lints if isinstance(text, str)))


def _modules(project: Project) -> dict[str, RepoPath]:
    """The folder of each module to be tested, by its name: the project's own, or those that its go.work uses."""
    folders = ["."] if project.has("go.mod") else []
    for match in () if folders else _USE.finditer(re.sub(r"//[^\n]*", "", project.text("go.work"))):
        folders += [word.strip('"') for word in (match["many"] or match["one"]).split()]
    found: dict[str, RepoPath] = {}
    for folder in folders:
        named = _MODULE.search(project.text(posixpath.join(folder, "go.mod")))
        if project.has(posixpath.join(folder, "go.mod")):
            found[named[1] if named else ""] = project.at(folder)
    return found


def _toolchain(project: Project) -> Path | None:
    """The `go` on the user's PATH, behind its links; none of the repository's own."""
    found = on_path(project, "go")
    return Path(os.path.realpath(found)) if found is not None else None


def _test_check(
    project: Project,
    go: Path,
    tests: tuple[RepoPath, ...],
    modules: Mapping[str, RepoPath],
    patterns: tuple[str, ...],
    why: str,
) -> PlannedCheck:
    argv = ("/bin/sh", "-c", _TO_FILE, "sh", str(go), *_TEST, *patterns)
    reads = GoReport(modules, _functions(project, tests))
    return PlannedCheck(
        "go test", Role.TESTS, Reading.IDS, _command(project, go, argv, report=True), why, _stamp(go),
        reads=reads, takes_folders=True, narrowed=len(patterns), watch=watch_of(modules),
    )  # fmt: skip


def _golangci(project: Project, go: Path) -> Iterator[PlannedCheck | str]:
    """golangci-lint where it is configured; a text says why it cannot run. Its second version took other options for
    the same form, and can be told to write whole paths."""
    configured = next((n for n in _GOLANGCI if project.has(n)), "")
    if not configured:
        return
    program = on_path(project, "golangci-lint")
    if program is None:
        yield f"golangci-lint is asked for by {project.at(configured)}, and it is not installed"
        return
    second = re.search(r"""^\s*"?version"?\s*[:=]\s*"?2""", project.text(configured), re.M) is not None
    form = _FORM_2 if second else _FORM_1
    argv = ("/bin/sh", "-c", f'exec "$@" {form}', "sh", str(program), "run")
    command = _command(project, go, argv, report=True)
    env = {**command.env, "GOLANGCI_LINT_CACHE": "/tmp/golangci-lint"}
    shown = outside(project, (program, Path(os.path.realpath(program))))
    command = replace(command, env=env, binds=(*command.binds, *shown))
    why = f"found by {project.at(configured)}; run by {program}"
    yield PlannedCheck(
        "golangci-lint", Role.LINT, Reading.FINDINGS, command, why, f"{_stamp(go)} {_stamp(program)}",
        finds=GolangciFindings(project.repo_root, project.folder),
    )  # fmt: skip


def _command(project: Project, go: Path, argv: tuple[str, ...], *, report: bool) -> Command:
    """Offline, with the user's modules and what was compiled before, both read-only: what is compiled anew is thrown
    away with the copy."""
    env = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOTELEMETRY": "off", "PATH": f"{go.parent}:/usr/bin:/bin"}
    binds = list(outside(project, (installation(go),)))
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
