"""Rust: `cargo test`, per test and documentation example, nextest and clippy where the project asks for them."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from routecli.domain.command import Command, Completed
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.ecosystems.nextest_report import NextestReport
from routecli.verification.ecosystems.rust_report import OUTPUT, RustReport
from routecli.verification.findings import Finding
from routecli.verification.json_rows import as_table, number, parsed, rows
from routecli.verification.planned import INSIDE, PlannedCheck, Reading, Role
from routecli.verification.programs import home_of, on_path, outside, search_path, stamp
from routecli.verification.project import Detected, Missing, Project

_MOST_FILES = 5_000
_TEST_SIGN = re.compile(r"#\[(?:\w+::)*(?:test|rstest|test_case|cfg\(test\))\b")
_EXAMPLE_SIGN = re.compile(r"^\s*//[/!]\s*```", re.M)
_CLIPPY_SIGN = re.compile(r"#!\[(?:deny|warn|forbid)\([^\]]*\bclippy::")
_TESTS = ("test", "--workspace", "--offline", "--no-fail-fast")
_NEXTEST = ("nextest", "run", "--workspace", "--offline", "--no-fail-fast", "--retries=0", "--color=never")
_CLIPPY = ("clippy", "--workspace", "--all-targets", "--offline", "--message-format=json")
_CLIPPY_FILE = "clippy.json"
_INTO_FILE = ("/bin/sh", str(INSIDE / "into_file.sh"))
_NEXTEST_ASKED = ".config/nextest.toml"
_UNABLE = re.compile(
    r"no matching package|attempting to make an HTTP request|without the (?:`--offline`|--offline flag)"
    r"|failed to (?:load|get|download|fetch|query) |unable to update |is not installed|linker `[^`]*` not found"
    r"|requires rustc \d|rustc \d\S* is not supported|no such command: `clippy`|Could not resolve host"
)
_SECRET = re.compile(r"token|password|credential|secret", re.I)


def detect(project: Project) -> Detected | None:
    """The checks of a Cargo package or workspace; None where the project's folder holds no Cargo.toml."""
    if not project.has("Cargo.toml") or not any(p.endswith(".rs") for p in project.paths):
        return None
    sources = {p: _text(project, p) for p in _rust_files(project)[:_MOST_FILES]}
    tested = tuple(p for p, text in sources.items() if _TEST_SIGN.search(text))
    examples = tuple(p for p, text in sources.items() if _EXAMPLE_SIGN.search(text))
    wants_tests = bool(tested or examples) and project.settings.tests and not project.settings.test_cmd
    cargo = on_path(project, "cargo")
    asked = _clippy_asked(project, sources) if project.settings.lint and not project.settings.lint_cmd else ""
    if cargo is None:
        missing = Missing(f"{project.at('Cargo.toml')} asks for cargo, and there is none on PATH", "install rust")
        return Detected((), ("clippy is part of rust, which is not installed",) if asked else (),
                        missing if wants_tests else None)  # fmt: skip
    checks = list(_test_checks(project, cargo, tested, examples)) if wants_tests else []
    skipped: tuple[str, ...] = ()
    if asked and on_path(project, "cargo-clippy") is None:
        skipped = (f"clippy is asked for by {asked}, and it is not installed",)
    elif asked:
        checks.append(_clippy(project, cargo, asked))
    return Detected(tuple(checks), skipped)


def _rust_files(project: Project) -> list[RepoPath]:
    """Of the whole repository: a workspace's packages are tested together."""
    return sorted(p for p in project.files.paths() if p.endswith(".rs"))


def _text(project: Project, path: RepoPath) -> str:
    return (project.files.read(path) or b"").decode("utf-8", "replace")


def _test_checks(
    project: Project, cargo: Path, tested: tuple[RepoPath, ...], examples: tuple[RepoPath, ...]
) -> Iterator[PlannedCheck]:
    """cargo's own runner. Where the project configures nextest and it is installed, that; then cargo runs the examples
    of a library's documentation only, which nextest does not."""
    root = posixpath.relpath(_workspace_folder(project), project.folder)
    asked = posixpath.normpath(posixpath.join(root, _NEXTEST_ASKED))
    nextest = on_path(project, "cargo-nextest") if tested and project.has(asked) else None
    cargo_tests = (*_INTO_FILE, OUTPUT, str(cargo))
    if nextest is None:
        every = tuple(sorted({*tested, *examples}))
        yield _test_check(project, cargo, "cargo test", (*cargo_tests, *_TESTS), _reads(project, every))
        return
    words = ("/bin/sh", str(INSIDE / "nextest.sh"), str(nextest), *_NEXTEST)
    reads = NextestReport(frozenset(_rust_files(project)), _crates(project), tested)
    yield _test_check(project, cargo, "cargo nextest", words, reads, nextest, asked)
    if examples and any(posixpath.basename(p) == "lib.rs" for p in _rust_files(project)):
        argv = (*cargo_tests, *_TESTS, "--doc")
        yield _test_check(project, cargo, "cargo test --doc", argv, _reads(project, examples))


def _reads(project: Project, tested: tuple[RepoPath, ...]) -> RustReport:
    return RustReport(frozenset(_rust_files(project)), _crates(project), tested)


def _test_check(
    project: Project, cargo: Path, name: str, argv: tuple[str, ...], reads: RustReport | NextestReport,
    nextest: Path | None = None, found_by: RepoPath = "Cargo.toml",
) -> PlannedCheck:  # fmt: skip
    programs = [nextest] if nextest is not None else []
    command = _command(project, cargo, argv, *programs)
    why = f"found by {project.at(found_by)}; run by {nextest or cargo}"
    environment = " ".join([_environment(project, cargo), *map(stamp, programs)])
    return PlannedCheck(name, Role.TESTS, Reading.IDS, command, why, environment, reads=reads, unable=_UNABLE)


def _clippy(project: Project, cargo: Path, asked: str) -> PlannedCheck:
    argv = (*_INTO_FILE, _CLIPPY_FILE, str(cargo), *_CLIPPY)
    command = _command(project, cargo, argv)
    root = _workspace_folder(project)
    return PlannedCheck(
        "clippy", Role.LINT, Reading.FINDINGS, command, f"found by {asked}; run by {cargo}",
        _environment(project, cargo), clean_codes=(0, 101), finds=ClippyFindings(root), unable=_UNABLE,
    )  # fmt: skip


def _crates(project: Project) -> dict[str, RepoPath]:
    """The folder of each package, by the names of what is built from it."""
    found: dict[str, RepoPath] = {}
    for path in sorted(project.files.paths()):
        if posixpath.basename(path) != "Cargo.toml":
            continue
        folder = posixpath.relpath(posixpath.dirname(path) or ".", project.folder)
        whole = project.toml(posixpath.join(folder, "Cargo.toml"))
        for table in (whole.get("package"), whole.get("lib")):
            name = as_table(table).get("name")
            if isinstance(name, str):
                found.setdefault(name.replace("-", "_"), posixpath.dirname(path) or ".")
    return found


def _workspace_folder(project: Project) -> RepoPath:
    """Where the workspace of the project begins: the paths of its complaints are relative to that."""
    at = "" if project.folder == "." else project.folder
    while True:
        own = posixpath.relpath(at or ".", project.folder)
        if "workspace" in project.toml(posixpath.join(own, "Cargo.toml")):
            return at or "."
        if not at:
            return project.folder
        at = posixpath.dirname(at)


def _clippy_asked(project: Project, sources: dict[RepoPath, str]) -> str:
    """What of the project asks for clippy; empty where nothing does."""
    for name in ("clippy.toml", ".clippy.toml"):
        if project.has(name):
            return project.at(name)
    whole = project.toml("Cargo.toml")
    for lints in (whole.get("lints"), as_table(whole.get("workspace")).get("lints")):
        if as_table(lints).get("clippy") or as_table(lints).get("workspace"):
            return f"[lints] in {project.at('Cargo.toml')}"
    return next((p for p, text in sources.items() if _CLIPPY_SIGN.search(text)), "")


def _command(project: Project, cargo: Path, argv: tuple[str, ...], *programs: Path) -> Command:
    """Offline, with the user's crates read-only. What is built stands in the copy and goes with it: each copy builds
    its dependencies anew."""
    home, rustup = _homes(project, cargo)
    env = {
        "PATH": search_path(cargo, *programs), "CARGO_HOME": str(home), "CARGO_NET_OFFLINE": "true",
        "CARGO_INCREMENTAL": "0", "CARGO_TERM_COLOR": "never", "RUSTUP_HOME": str(rustup), "RUSTUP_AUTO_INSTALL": "0",
    }  # fmt: skip
    real = Path(os.path.realpath(cargo))
    places = [real.parent if real.parent.name == "bin" else real, rustup / "toolchains", rustup / "settings.toml"]
    places += [home / "registry", home / "git", *_configuration(home)]
    places += [place for p in programs for place in (p, Path(os.path.realpath(p)))]
    binds = (*outside(project, (*places, cargo.parent)), INSIDE)
    return Command(argv, project.folder, project.settings.timeout_s, env, binds, report=True)


def _homes(project: Project, cargo: Path) -> tuple[Path, Path]:
    """`(cargo's, rustup's)` folders. Beside the stand-ins in `.cargo/bin`, where the variables do not say."""
    own = home_of(project)
    beside = cargo.parent.parent if cargo.parent.parent.name == ".cargo" else own / ".cargo"
    home = Path(project.environ.get("CARGO_HOME") or beside)
    return home, Path(project.environ.get("RUSTUP_HOME") or beside.with_name(".rustup"))


def _configuration(home: Path) -> Iterator[Path]:
    """The user's own settings (a linker, a mirror), unless a secret stands among them."""
    for name in ("config.toml", "config"):
        path = home / name
        if path.is_file() and not _SECRET.search(path.read_text("utf-8", "replace")):
            yield path


def _environment(project: Project, cargo: Path) -> str:
    home, rustup = _homes(project, cargo)
    beside = [rustup / "settings.toml", rustup / "update-hashes", home / "registry/src", home / "config.toml"]
    return stamp(cargo, *(p for p in beside if p.exists()))


@dataclass(frozen=True, slots=True)
class ClippyFindings:
    """Reads `cargo clippy --message-format=json`; its paths are relative to the `folder` of the workspace."""

    folder: RepoPath

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """Every warning and error that has a place, each once: a library is looked at once more for its tests."""
        found: dict[Finding, None] = {}
        for line in done.report.get(_CLIPPY_FILE, b"").splitlines():
            entry = as_table(parsed(line))
            message = as_table(entry.get("message"))
            if entry.get("reason") == "compiler-message" and message.get("level") in ("warning", "error"):
                found |= dict.fromkeys(self._places(message))
        return tuple(found)

    def _places(self, message: object) -> Iterator[Finding]:
        said = as_table(message)
        code = str(as_table(said.get("code")).get("code") or said.get("level"))
        for span in rows(message, "spans"):
            if span.get("is_primary") is True:
                file = posixpath.normpath(posixpath.join(self.folder, str(span.get("file_name"))))
                yield Finding(file, number(span.get("line_start")), code, str(said.get("message") or ""))
