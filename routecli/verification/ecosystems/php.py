"""PHP: PHPUnit by its JUnit log, and PHPStan where the project configures it."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.task import RepoPath
from routecli.verification.ecosystems.php_report import PHPSTAN_FILE, PHPUNIT_FILE, PhpstanFindings, PhpunitReport
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.programs import installation, on_path, outside, search_path, stamp
from routecli.verification.project import Detected, Missing, Project

_CONFIGURED = ("phpunit.xml", "phpunit.dist.xml", "phpunit.xml.dist")
_PHPSTAN = ("phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon")
_TEST = re.compile(r"[A-Za-z_]\w*Test\.php")
_WORDS = ("--do-not-cache-result", "--colors=never", "--no-coverage")
_REPORTING = f'exec "$@" --log-junit "$ROUTECLI_REPORT_DIR/{PHPUNIT_FILE}"'
_TO_FILE = f'exec "$@" >"$ROUTECLI_REPORT_DIR/{PHPSTAN_FILE}"'
_UNABLE = re.compile(
    r"vendor/autoload\.php|PHPUnit requires|extension\(?s?\)? .*(?:required|not available)|requires ext-"
    r"|Cannot open bootstrap script|Could not open input file|does not satisfy that requirement"
)


def detect(project: Project) -> Detected | None:
    """The checks of a PHP project; None where its folder holds no PHP."""
    if not any(p.endswith(".php") for p in project.paths):
        return None
    settings = project.settings
    tests = _tests(project) if settings.tests and not settings.test_cmd else None
    lint = _phpstan(project) if settings.lint and not settings.lint_cmd else None
    checks = tuple(c for c in (tests, lint) if isinstance(c, PlannedCheck))
    return Detected(checks, (lint,) if isinstance(lint, str) else (), tests if isinstance(tests, Missing) else None)


def _tests(project: Project) -> PlannedCheck | Missing | None:
    files = tuple(p for p in project.paths if _TEST.fullmatch(posixpath.basename(p)) and "/vendor/" not in f"/{p}")
    configured = next((n for n in _CONFIGURED if project.has(n)), "")
    pest = next((n for n in ("tests/Pest.php", "Pest.php") if project.has(n)), "")
    if pest:
        what = f"{project.at(pest)} is for Pest, which routecli does not read"
        return Missing(what, "routecli run --test-cmd 'php vendor/bin/pest' … (judged by its exit code)")
    if not configured and not files:
        return None
    found_by = project.at(configured) if configured else files[0]
    php, program = on_path(project, "php"), _program(project, "phpunit")
    if php is None:
        return Missing(f"{found_by} asks for php, and there is no php on PATH", "install php, or pass --test-cmd")
    if program is None:
        return Missing(f"{found_by} asks for phpunit, and neither vendor/bin nor PATH has it", "composer install")
    folder = _test_folder(files, project) if not configured else ()
    argv = ("/bin/sh", "-c", _REPORTING, "sh", str(php), str(program), *_WORDS, *folder)
    why = f"found by {found_by}; run by {program}"
    return PlannedCheck(
        "phpunit", Role.TESTS, Reading.IDS, _command(project, php, program, argv), why,
        _environment(project, php, program), reads=PhpunitReport(project.repo_root, files), unable=_UNABLE,
    )  # fmt: skip


def _test_folder(files: tuple[RepoPath, ...], project: Project) -> tuple[str]:
    """Where the tests stand, for a project without a configuration, relative to it."""
    above = posixpath.commonpath([posixpath.dirname(f) or "." for f in files]) or "."
    return (posixpath.relpath(above, project.folder),)


def _phpstan(project: Project) -> PlannedCheck | str | None:
    configured = next((n for n in _PHPSTAN if project.has(n)), "")
    if not configured:
        return None
    found_by = project.at(configured)
    php, program = on_path(project, "php"), _program(project, "phpstan")
    if php is None or program is None:
        return f"phpstan is asked for by {found_by}, and neither vendor/bin nor PATH has it"
    words = ("analyse", "--error-format=json", "--no-progress", "--no-ansi", "--no-interaction", "--memory-limit=2G")
    argv = ("/bin/sh", "-c", _TO_FILE, "sh", str(php), str(program), *words)
    why = f"found by {found_by}; run by {program}"
    return PlannedCheck(
        "phpstan", Role.LINT, Reading.FINDINGS, _command(project, php, program, argv), why,
        _environment(project, php, program), foreign=not program.is_relative_to(project.repo_root),
        finds=PhpstanFindings(project.repo_root), unable=_UNABLE,
    )  # fmt: skip


def _program(project: Project, name: str) -> Path | None:
    """The project's own, by composer, else the one on PATH."""
    own = project.repo_root / project.at(f"vendor/bin/{name}")
    return own if own.is_file() else on_path(project, name)


def _command(project: Project, php: Path, program: Path, argv: tuple[str, ...]) -> Command:
    named = (program, Path(os.path.realpath(program)))
    shown = outside(project, (installation(Path(os.path.realpath(php))), *named, *map(_packages, named)))
    env = {"PATH": search_path(php), "COMPOSER_HOME": "/tmp/composer", "XDEBUG_MODE": "off"}
    binds = (*shown, *_settings_of_php())
    return Command(argv, project.folder, project.settings.timeout_s, env, binds, report=True)


def _packages(program: Path) -> Path:
    """What a program written in PHP loads: the packages beside it, where composer put it, for all projects too."""
    return next((above for above in program.parents if above.name == "vendor"), installation(program))


def _settings_of_php() -> Iterator[Path]:
    """Which extensions are loaded, as Debian keeps it; nothing of what a server is told."""
    for name in ("cli", "mods-available"):
        yield from sorted(Path("/etc/php").glob(f"*/{name}"))


def _environment(project: Project, php: Path, program: Path) -> str:
    installed = project.repo_root / project.at("vendor/composer/installed.json")
    return stamp(php, program, *([installed] if installed.is_file() else []))
