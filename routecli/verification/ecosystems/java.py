"""Java, Kotlin, Groovy: Maven by Surefire's XML, Gradle by its own. No network: what was downloaded before is shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.task import RepoPath
from routecli.verification.ecosystems.java_report import GRADLE, MAVEN, JavaReport, Tool
from routecli.verification.planned import INSIDE, PlannedCheck, Reading, Role
from routecli.verification.programs import home_of, installation, on_path, outside, search_path, stamp
from routecli.verification.project import Detected, Missing, Project

_GRADLE_FILES = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
_TESTED = re.compile(r"(?:.*/)?(?:src/[^/]*[tT]est[^/]*/.*|[^/]*Tests?)\.(?:java|kt|groovy|scala)")
_MAVEN = (
    "-o", "-B", "-ntp", "-Dstyle.color=never", "-Dmaven.test.failure.ignore=true", "-DtrimStackTrace=false",
    "-Dmaven.legacyLocalRepo=true", "-Daether.enhancedLocalRepository.trackingFilename=none-of-routecli",
)  # fmt: skip
"""What was downloaded through a mirror of the user's settings, which are not read, is theirs all the same."""
_GRADLE = ("--offline", "--no-daemon", "--console=plain", "--continue", "--no-build-cache", "test")
_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A build is short: what a just-in-time compiler gains it costs before."""
_UNABLE = re.compile(
    r"in offline mode|offline mode\.|Could not resolve |could not be resolved|Non-resolvable |Could not find artifact "
    r"|has not been downloaded|No cached version|No compiler is provided|release version \S+ not supported"
    r"|invalid (?:source|target) release|Unsupported class file major version|JAVA_HOME"
    r"|Could not determine java version"
)


def detect(project: Project) -> Detected | None:
    """The checks of a Maven or Gradle project; None where its folder holds neither."""
    gradle = next((n for n in _GRADLE_FILES if project.has(n)), "")
    found_by = "pom.xml" if project.has("pom.xml") else gradle
    tests = tuple(p for p in project.paths if _TESTED.fullmatch(p))
    if not found_by or not tests or not project.settings.tests or project.settings.test_cmd:
        return Detected() if found_by else None
    name, tool = ("mvn", MAVEN) if found_by == "pom.xml" else ("gradle", GRADLE)
    java, program = _java(project), _wrapped(project, name) or on_path(project, name)
    if java is None or program is None:
        absent = "java" if java is None else name
        what = f"{project.at(found_by)} asks for {absent}, and there is none here"
        return Detected(missing=Missing(what, f"install {absent}, or pass --test-cmd"))
    return Detected((_check(project, program, java, tool, project.at(found_by), tests),))


def _check(
    project: Project, program: Path, java: Path, tool: Tool, found_by: RepoPath, tests: tuple[RepoPath, ...]
) -> PlannedCheck:
    maven = tool is MAVEN
    store = _local_repository(project) if maven else _gradle_home(project) / "caches"
    words = (*_MAVEN, *((f"-Dmaven.repo.local={store}",) if store.is_dir() else ()), "test") if maven else _GRADLE
    env = {"PATH": search_path(java / "bin/java", program), "JAVA_HOME": str(java)}
    env |= (
        {"MAVEN_OPTS": _JVM}
        if maven
        else {
            "GRADLE_OPTS": _JVM,
            "GRADLE_RO_DEP_CACHE": str(store),
            "GRADLE_USER_HOME": "/tmp/gradle",
        }
    )
    real = Path(os.path.realpath(program))
    programs = map(installation, (java / "bin/java", real))
    shown = outside(project, (*programs, store if maven else store / "modules-2"))
    argv = ("/bin/sh", str(INSIDE / "build_java.sh"), str(program), *words)
    command = Command(
        argv, project.folder, project.settings.timeout_s, env, (*shown, *_settings_of_the_system(), INSIDE), report=True
    )
    why = f"found by {found_by}; run by {program} with {java}"
    return PlannedCheck(
        f"{'mvn' if maven else 'gradle'} test", Role.TESTS, Reading.IDS, command, why,
        stamp(real, java / "bin/java"), reads=JavaReport(tool, tests), unable=_UNABLE,
    )  # fmt: skip


def _java(project: Project) -> Path | None:
    """The home of the user's Java."""
    named = Path(project.environ.get("JAVA_HOME", ""))
    if named.is_absolute() and (named / "bin/java").is_file() and not named.is_relative_to(project.repo_root):
        return named
    java = on_path(project, "java")
    return Path(os.path.realpath(java)).parent.parent if java is not None else None


def _wrapped(project: Project, name: str) -> Path | None:
    """The version that the project's wrapper names, where it was downloaded before. The wrapper itself is the
    repository's script, and would download."""
    place = {"mvn": ".mvn/wrapper/maven-wrapper.properties", "gradle": "gradle/wrapper/gradle-wrapper.properties"}[name]
    found = re.search(
        r"^distributionUrl\s*=.*/([\w.-]+?)(?:-bin|-all)?\.(?:zip|tar\.gz)\s*$", project.text(place), re.M
    )
    if found is None:
        return None
    home = home_of(project) / ".m2" if name == "mvn" else _gradle_home(project)
    return next(iter(sorted((home / "wrapper/dists").glob(f"{found[1]}*/*/*/bin/{name}"))), None)


def _gradle_home(project: Project) -> Path:
    return Path(project.environ.get("GRADLE_USER_HOME") or home_of(project) / ".gradle")


def _local_repository(project: Project) -> Path:
    """Where Maven keeps what it downloaded. Of the user's settings nothing else is read: passwords stand there."""
    home = home_of(project) / ".m2"
    settings = home / "settings.xml"
    text = settings.read_text("utf-8", "replace") if settings.is_file() else ""
    named = re.search(r"<localRepository>\s*(/[^<]*?)\s*</localRepository>", text)
    return Path(named[1]) if named else home / "repository"


def _settings_of_the_system() -> Iterator[Path]:
    """What Debian's Maven cannot start without; its settings.xml is not among it."""
    for name in ("m2.conf", "logging"):
        if (place := Path("/etc/maven") / name).exists():
            yield place
