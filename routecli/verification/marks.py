"""By which names each ecosystem's projects, tests and runner configuration are known: one row each."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Marks:
    """`markers` make a folder a project. A file whose base name matches `tests` is a test wherever it stands; one whose
    path matches `tested` shows that a project has tests. One whose base name matches `runner` decides how tests or
    linters run. All patterns have to match the whole.
    Of a task that names only files ending in one of `unmoved_by` its tests say nothing. Its own code ends in one of
    `code`. `anywhere`: a folder that another ecosystem marks as a project may hold one of this, too."""

    markers: tuple[str, ...]
    tests: re.Pattern[str]
    tested: re.Pattern[str]
    runner: re.Pattern[str]
    code: tuple[str, ...]
    unmoved_by: tuple[str, ...] = ()
    anywhere: bool = False


MARKS: dict[str, Marks] = {
    "python": Marks(
        code=(".py", ".pyi"),
        anywhere=True,
        markers=("pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini"),
        tests=re.compile(r"(?:test_.*|.*_tests?|tests?|conftest)\.py"),
        tested=re.compile(r"(?:.*/)?(?:test[^/]*|[^/]*_tests?)\.py"),
        runner=re.compile(
            r"conftest\.py|\.?pytest\.(?:ini|toml)|tox\.ini|setup\.cfg|pyproject\.toml|\.coveragerc|noxfile\.py"
            r"|(?:site|user)customize\.py|\.?ruff\.toml|\.?mypy\.ini|\.flake8|\.pylintrc|manage\.py|.*\.pth"
            r"|plugin_routecli.*"
        ),
    ),
    "go": Marks(
        code=(".go",),
        markers=("go.mod", "go.work"),
        tests=re.compile(r".*_test\.go"),
        tested=re.compile(r".*_test\.go"),
        runner=re.compile(r"go\.(?:mod|sum|work)|\.golangci\.(?:ya?ml|toml|json)"),
    ),
    "javascript": Marks(
        code=(".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte"),
        unmoved_by=(".py", ".pyi"),
        markers=("package.json",),
        tests=re.compile(r"(?:.*[._-])?(?:test|spec)\.[cm]?[jt]sx?"),
        tested=re.compile(r"(?:.*/)?(?:(?:[^/]*[._-])?(?:test|spec)|(?:__tests__|tests?|spec)/.*)\.[cm]?[jt]sx?"),
        runner=re.compile(
            r"package\.json|(?:jest|vitest|vite|babel|eslint|playwright)\.(?:config|setup|workspace|projects)(?:\..*)?\.[cm]?[jt]s(?:on)?"
            r"|\.mocharc\..*|\.babelrc.*|\.swcrc|\.eslintrc.*|\.eslintignore|tsconfig.*\.json|\.?biome\.jsonc?|\.npmrc"
            r"|setupTests\.[jt]sx?|pnpm-workspace\.yaml|(?:reporter|start|writer)_(?:node|jest|mocha|vitest|routecli)\.[cm]js"
        ),
    ),
    "ruby": Marks(
        code=(".rb",),
        anywhere=True,
        unmoved_by=(".py", ".pyi"),
        markers=("Gemfile", "Rakefile", ".rspec"),
        tests=re.compile(r"(?:.*_(?:test|spec)|test_.*|(?:spec|rails|test|minitest)_helper)\.rb"),
        tested=re.compile(r"(?:.*/)?(?:[^/]*_(?:test|spec)|test_[^/]*)\.rb"),
        runner=re.compile(
            r"\.rspec(?:-local)?|(?:spec|rails|test|minitest)_helper\.rb|Rakefile|Gemfile(?:\.lock)?|gems\.(?:rb|locked)"
            r"|.*\.gemspec|\.rubocop.*\.ya?ml|\.simplecov|\.ruby-version|\.tool-versions"
            r"|(?:runner_(?:rspec|minitest)|record_routecli)\.rb"
        ),
    ),
    "java": Marks(
        code=(".java", ".kt", ".groovy", ".scala"),
        unmoved_by=(".py", ".pyi"),
        markers=("pom.xml", "build.gradle", "build.gradle.kts"),
        tests=re.compile(r"(?:\w+(?:Tests?|TestCase|IT|Spec)|Test\w+)\.(?:java|kt|groovy|scala)"),
        tested=re.compile(r"(?:.*/)?(?:src/[^/]*[tT]est[^/]*/.*|\w+Tests?)\.(?:java|kt|groovy|scala)"),
        runner=re.compile(
            r"pom\.xml|(?:build|settings|init)\.gradle(?:\.kts)?|gradle(?:-wrapper)?\.properties|maven-wrapper\.properties"
            r"|maven\.config|jvm\.config|extensions\.xml|gradlew|mvnw|libs\.versions\.toml|junit-platform\.properties"
        ),
    ),
    "php": Marks(
        code=(".php",),
        anywhere=True,
        unmoved_by=(".py", ".pyi"),
        markers=("composer.json", "phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"),
        tests=re.compile(r"\w*Test(?:Case)?\.php"),
        tested=re.compile(r"(?:.*/)?\w+Test\.php"),
        runner=re.compile(
            r"phpunit\.(?:dist\.)?xml(?:\.dist)?|phpstan.*\.(?:neon|php)(?:\.dist)?|composer\.(?:json|lock)"
            r"|Pest\.php|\.user\.ini|php\.ini"
        ),
    ),
    "rust": Marks(
        code=(".rs",),
        unmoved_by=(".py", ".pyi"),
        markers=("Cargo.toml",),
        tests=re.compile(r"(?:tests?|test_.*|.*_tests?)\.rs"),
        tested=re.compile(r".*\.rs"),  # tests stand in the files that they test
        runner=re.compile(
            r"Cargo\.(?:toml|lock)|\.?(?:clippy|rustfmt|nextest)\.toml|rust-toolchain(?:\.toml)?|build\.rs"
        ),
    ),
}


def has_test_name(path: RepoPath) -> bool:
    """Whether the base name of `path` is a test's in any ecosystem."""
    name = posixpath.basename(path)
    return any(m.tests.fullmatch(name) for m in MARKS.values())


def shows_tests(path: RepoPath) -> bool:
    """Whether a project that holds `path` has tests."""
    return any(path.endswith(m.code) and m.tested.fullmatch(path) for m in MARKS.values())


def decides_how(path: RepoPath) -> bool:
    """Whether `path` decides how tests or linters run."""
    name = posixpath.basename(path)
    return any(m.runner.fullmatch(name) for m in MARKS.values())


def concerned(ecosystem: str, paths: Collection[RepoPath]) -> bool:
    """Whether the tests of `ecosystem` can say something of a task about `paths`."""
    unmoved = MARKS[ecosystem].unmoved_by if ecosystem in MARKS else ()
    return not (paths and unmoved) or not all(p.endswith(unmoved) for p in paths)
