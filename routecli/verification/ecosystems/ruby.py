"""Ruby: rspec and Minitest, told by runners of ours, and rubocop where the project configures it."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.task import RepoPath
from routecli.verification.ecosystems.ruby_findings import RUBOCOP_FILE, RubocopFindings
from routecli.verification.ecosystems.ruby_lines import WATCH
from routecli.verification.planned import INSIDE, PlannedCheck, Reading, Role
from routecli.verification.programs import home_of, installation, on_path, outside, search_path, stamp
from routecli.verification.project import Detected, Missing, Project

_LOOKED_AT = 200
_MINITEST = re.compile(r"\bminitest\b|\bMinitest::|\bActiveSupport::TestCase\b|rails/test_help")
_TEST_UNIT = re.compile(r"""\bTest::Unit::TestCase\b|require\s*\(?['"]test/unit['"]""")
_RSPEC = re.compile(r"\bRSpec\b|^\s*(?:describe|context)\b", re.M)
_TO_FILE = f'exec "$@" --out "$ROUTECLI_REPORT_DIR/{RUBOCOP_FILE}"'
"""Into a file: a large project says more than is kept of an output."""
_SHIMS = ("shims",)


def detect(project: Project) -> Detected | None:
    """The checks of a Ruby project; None where it holds no Ruby."""
    if not any(p.endswith(".rb") for p in project.paths):
        return None
    found = _Ruby(project)
    tests = list(found.tests()) if project.settings.tests and not project.settings.test_cmd else []
    lint = found.rubocop() if project.settings.lint and not project.settings.lint_cmd else None
    checks = [c for c in (*tests, lint) if isinstance(c, PlannedCheck)]
    missing = next((t for t in tests if isinstance(t, Missing)), None)
    return Detected(tuple(checks), (lint,) if isinstance(lint, str) else (), missing)


class _Ruby:
    """One project looked at once."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def _ruby(self) -> Path | None:
        return _unshimmed(on_path(self._project, "ruby"), self._project)

    @cached_property
    def _bundle(self) -> Path | None:
        """bundler, where a Gemfile says which versions are meant."""
        beside = self._ruby.with_name("bundle") if self._ruby else None
        if not self._project.has("Gemfile"):
            return None
        return beside if beside and beside.is_file() else on_path(self._project, "bundle")

    # tests

    def tests(self) -> Iterator[PlannedCheck | Missing]:
        """A check for each runner that its test files are written for; Missing where it cannot run."""
        rspec, minitest, test_unit = self._signs()
        if test_unit:
            yield Missing(
                f"{test_unit} is written for test-unit, which routecli does not read",
                "routecli run --test-cmd 'rake test' … (judged by its exit code)",
            )
        for name, found_by in (("rspec", rspec), ("minitest", minitest)):
            if not found_by:
                continue
            if self._ruby is None:
                yield Missing(f"{found_by} asks for ruby, and there is no ruby on PATH", "install ruby, or --test-cmd")
                return
            yield self._check(name, self._ruby, found_by)

    def _signs(self) -> tuple[RepoPath, RepoPath, RepoPath]:
        """`(found rspec by, a Minitest file, a test-unit file)`, each empty where none was seen."""
        rspec = self._project.at(".rspec") if self._project.has(".rspec") else ""
        minitest = test_unit = ""
        helpers = "".join(self._project.text(f"{f}/{f}_helper.rb") for f in ("test", "spec"))
        for path in [p for p in self._project.paths if _is_test(p)][:_LOOKED_AT]:
            text = (self._project.files.read(path) or b"").decode("utf-8", "replace")
            if _TEST_UNIT.search(text):
                test_unit = test_unit or path
            elif path.endswith("_spec.rb") and not _MINITEST.search(text + helpers):
                rspec = rspec or (path if _RSPEC.search(text) else "")
            elif _MINITEST.search(text + helpers):
                minitest = minitest or path
        return rspec, minitest, test_unit

    def _check(self, name: str, ruby: Path, found_by: str) -> PlannedCheck:
        bundled = ("-rbundler/setup",) if self._bundle else ()
        argv = (str(ruby), *bundled, str(INSIDE / f"runner_{name}.rb"))
        why = f"found by {found_by}; run by {ruby}{' with bundler' if bundled else ''}"
        command = self._command(ruby, argv)
        return PlannedCheck(
            name, Role.TESTS, Reading.IDS, command, why, self._environment(ruby), takes_files=True, watch=WATCH
        )

    def _command(self, ruby: Path, argv: tuple[str, ...]) -> Command:
        """With the user's gems, read-only. RubyGems looks below HOME, which is another one in there: a path that ends
        with a colon adds to where it looks by itself."""
        env = {"PATH": search_path(ruby), "BUNDLE_FROZEN": "false", "BUNDLE_DISABLE_VERSION_CHECK": "true"}
        gems = outside(self._project, self._gems())
        if gems:
            env["GEM_PATH"] = f"{':'.join(map(str, gems))}:"
        if (bundled := self._bundled()) is not None:
            env["BUNDLE_PATH"] = str(bundled)
        own = installation(Path(os.path.realpath(ruby)))
        shown = outside(self._project, (own, *gems, *([bundled] if bundled else []), Path("/var/lib/gems")))
        timeout_s = self._project.settings.timeout_s
        return Command(argv, self._project.folder, timeout_s, env, (*shown, INSIDE), report=True)

    def _gems(self) -> Iterator[Path]:
        environ, home = self._project.environ, home_of(self._project)
        for variable in ("GEM_HOME", "GEM_PATH"):
            yield from (Path(p) for p in environ.get(variable, "").split(os.pathsep) if p.startswith("/"))
        for folder in (home / ".local/share/gem/ruby", home / ".gem/ruby"):  # beside .gem/credentials
            yield from sorted(folder.glob("*"))

    def _bundled(self) -> Path | None:
        """Where bundler put the gems: its own configuration may hold passwords, and stays out of the copy."""
        own = self._project.repo_root / self._project.at("vendor/bundle")
        named = Path(self._project.environ.get("BUNDLE_PATH", ""))
        return next((p for p in (own, named) if p.is_absolute() and p.is_dir()), None)

    def _environment(self, ruby: Path) -> str:
        folders = [p for place in self._gems() for p in (place, place / "gems") if p.is_dir()]
        return stamp(ruby, *folders, *([self._bundle] if self._bundle else []))

    # linter

    def rubocop(self) -> PlannedCheck | str | None:
        """rubocop where it is configured; a text says why it cannot run."""
        if not self._project.has(".rubocop.yml"):
            return None
        found_by = self._project.at(".rubocop.yml")
        locked = re.search(r"^    rubocop \(", self._project.text("Gemfile.lock"), re.M) is not None
        program = self._bundle if locked and self._bundle else on_path(self._project, "rubocop")
        if self._ruby is None or program is None:
            return f"rubocop is asked for by {found_by}, and it is not installed"
        words = ("exec", "rubocop") if program == self._bundle else ()
        argv = ("/bin/sh", "-c", _TO_FILE, "sh", str(program), *words, "--format", "json", "--cache", "false")
        command = self._command(self._ruby, argv)
        why = f"found by {found_by}; run by {program}"
        return PlannedCheck(
            "rubocop", Role.LINT, Reading.FINDINGS, command, why, f"{self._environment(self._ruby)} {stamp(program)}",
            foreign=not locked, finds=RubocopFindings(self._project.folder),
        )  # fmt: skip


def _is_test(path: RepoPath) -> bool:
    name = posixpath.basename(path)
    return re.fullmatch(r"(?:.*_(?:test|spec)|test_.*)\.rb", name) is not None


def _unshimmed(ruby: Path | None, project: Project) -> Path | None:
    """A version switcher's stand-in on PATH looks for the real one below HOME, which is another one in the sandbox: so
    the version is looked up here, as rbenv and asdf do."""
    if ruby is None or ruby.parent.name not in _SHIMS:
        return ruby
    root = ruby.parent.parent
    tool = re.search(r"^ruby\s+(\S+)", project.text(".tool-versions"), re.M)
    fallback = root / "version"
    wanted = (
        project.text(".ruby-version").strip().removeprefix("ruby-")
        or (tool[1] if tool else "")
        or (fallback.read_text().strip() if fallback.is_file() else "")
    )
    places = [root / "versions" / wanted, root / "installs/ruby" / wanted] if wanted else []
    return next((p / "bin/ruby" for p in places if (p / "bin/ruby").is_file()), None)
