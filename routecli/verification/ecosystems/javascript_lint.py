"""eslint, biome and tsc, where a package configures them and node_modules has them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from routecli.domain.command import Command, Completed
from routecli.verification.ecosystems.javascript_findings import (
    OUTPUT,
    BiomeFindings,
    EslintFindings,
    TscFindings,
)
from routecli.verification.ecosystems.javascript_scripts import linted_by
from routecli.verification.ecosystems.node import Node, installed, installed_stamp
from routecli.verification.findings import Finding
from routecli.verification.interpreter import SYSTEM_PATH
from routecli.verification.planned import PlannedCheck, Reading, Role
from routecli.verification.project import Project

_ESLINT = re.compile(r"eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:json|js|cjs|ya?ml))?")
_BIOME = re.compile(r"\.?biome\.jsonc?")
_TO_FILE = f'exec "$@" >"$ROUTECLI_REPORT_DIR/{OUTPUT}"'
"""Into a file: a large project says more than is kept of an output."""
_NO_FILES = re.compile(r'"files"\s*:\s*\[\s*\]')
_REFERENCE = re.compile(r'"path"\s*:\s*"([^"]+)"')
_SCRATCH = "/tmp/routecli.tsbuildinfo"


def linters(project: Project, node: Node | None, manifest: Mapping[str, Any]) -> Iterator[PlannedCheck | str]:
    """Those that the package configures; a text instead of one says why it cannot run."""
    scripts = manifest.get("scripts")
    table = scripts if isinstance(scripts, dict) else {}
    eslint = _configured(project, _ESLINT) or ("eslintConfig" if "eslintConfig" in manifest else "")
    if eslint:
        words, strict = linted_by(table, "eslint")
        finds = EslintFindings(project.repo_root, strict)
        said = (*(words or (".",)), "--format", "json", "--no-color")
        yield _linter(project, node, ("eslint", "eslint", "eslint"), eslint, said, finds)
    biome = _configured(project, _BIOME)
    if biome:
        said = ("lint", "--reporter=github", "--diagnostic-level=error", "--max-diagnostics=none", ".")
        finds_biome = BiomeFindings(project.repo_root, project.folder)
        yield _linter(project, node, ("biome", "@biomejs/biome", "biome"), biome, said, finds_biome)
    for config in _type_checked(project):
        said = ("--noEmit", "--pretty", "false", "--incremental", "--tsBuildInfoFile", _SCRATCH, "-p", config)
        name = "tsc" if config in (".", "tsconfig.json") else f"tsc {config}"
        yield _linter(project, node, (name, "typescript", "tsc"), "tsconfig.json", said, TscFindings(project.folder))


def _configured(project: Project, names: re.Pattern[str]) -> str:
    """The configuration of such a name in the project's folder, or in the nearest one above it; empty where none is."""
    by_folder = {posixpath.dirname(p): p for p in project.files.paths() if names.fullmatch(posixpath.basename(p))}
    at = "" if project.folder == "." else project.folder
    while at not in by_folder and at:
        at = posixpath.dirname(at)
    return by_folder.get(at, "")


def _type_checked(project: Project) -> Iterator[str]:
    """The configurations to check: those that a tsconfig.json without files of its own refers to, else itself."""
    if not project.has("tsconfig.json"):
        return
    text = project.text("tsconfig.json")
    references = _REFERENCE.findall(text) if _NO_FILES.search(text) and '"references"' in text else []
    for config in dict.fromkeys(references) or (".",):
        path = config.removeprefix("./").rstrip("/") or "."
        yield path


def _linter(
    project: Project,
    node: Node | None,
    names: tuple[str, str, str],
    configured: str,
    words: tuple[str, ...],
    finds: Callable[[Completed], tuple[Finding, ...]],
) -> PlannedCheck | str:
    """`names` are the check's, the package's and the program's."""
    name, package, program = names
    if node is None:
        return f"{name} is asked for by {configured}, and there is no node on PATH"
    script: Path | None = installed(project, project.folder, package, program)
    if script is None:
        return f"{name} is asked for by {configured}, and node_modules does not have it"
    argv = ("/bin/sh", "-c", _TO_FILE, "sh", str(node.path), str(script), *words)
    env = {"PATH": f"{node.path.parent}:{SYSTEM_PATH}", "NO_COLOR": "1", "CI": "1"}
    command = Command(argv, project.folder, project.settings.timeout_s, env, node.binds, report=True)
    why, stamp = f"found by {configured}; run by {script}", f"{node.stamp}|{installed_stamp(project)}"
    codes = (0, 1, 2) if program == "tsc" else (0, 1)
    return PlannedCheck(name, Role.LINT, Reading.FINDINGS, command, why, stamp, clean_codes=codes, finds=finds)
