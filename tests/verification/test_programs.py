"""What of the user's machine is shown for a program to start, and what never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from routecli.domain.command import Command
from routecli.domain.settings import VerifySettings
from routecli.verification.ecosystems import ECOSYSTEMS
from routecli.verification.programs import installation
from routecli.verification.project import Project
from tests.verification.conftest import FolderFiles


def program(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"\x7fELF")
    place.chmod(0o755)
    return place


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("sdk/go1.22/bin/go", "sdk/go1.22"),
        (".rbenv/versions/3.3.0/bin/ruby", ".rbenv/versions/3.3.0"),
        ("bin/go", "bin/go"),
        (".local/bin/go", ".local/bin/go"),
        ("tools/go", "tools/go"),
    ],
)
def test_an_installation_is_shown_and_no_home(own_home: Path, place: str, shown: str) -> None:
    assert installation(own_home / place) == own_home / shown


def test_no_root_is_shown() -> None:
    assert installation(Path("/bin/go")) == Path("/bin/go")


PROJECTS = {
    "go": ("go", {"go.mod": "module m\n", "a_test.go": "package a\n\nfunc TestA(t *testing.T) {}\n", "a.go": ""}),
    "ruby": ("ruby", {".rspec": "", "spec/a_spec.rb": "RSpec.describe(1) {}\n"}),
    "php": ("php", {"phpunit.xml": "", "src/A.php": "", "tests/ATest.php": ""}),
    "java": ("java", {"pom.xml": "", "src/test/java/ATest.java": ""}),
}


def planned(root: Path, language: str, *folders: Path) -> Command:
    files = FolderFiles(root)
    for name, text in PROJECTS[language][1].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    environ = {"PATH": ":".join(map(str, folders)), "HOME": str(Path.home())}
    project = Project(root, ".", files, tuple(files.paths()), VerifySettings(), environ)
    found = ECOSYSTEMS[language](project)
    assert found is not None
    return found.checks[0].command


@pytest.mark.parametrize("language", PROJECTS)
@pytest.mark.parametrize("folder", ["bin", ".local/bin"])
def test_a_runner_in_the_users_home_lays_none_of_it_open(
    tmp_path: Path, own_home: Path, language: str, folder: str
) -> None:
    for name in ("go", "ruby", "php", "phpunit", "java", "mvn"):
        program(own_home / folder / name)
    (own_home / ".local/share/keyrings").mkdir(parents=True)
    command = planned(tmp_path, language, own_home / folder)
    assert not [b for b in command.binds if own_home.is_relative_to(b) or b == own_home / ".local"]
    assert own_home / folder / PROJECTS[language][0] in command.binds


def test_the_packages_of_a_phpunit_for_all_projects_are_shown(tmp_path: Path, own_home: Path) -> None:
    """`composer global require` puts a script into vendor/bin that loads what stands beside it; composer's keys lie
    above."""
    program(own_home / "php/bin/php")
    program(own_home / ".config/composer/vendor/bin/phpunit")
    (own_home / ".config/composer/auth.json").write_text("{}")
    command = planned(tmp_path, "php", own_home / "php/bin", own_home / ".config/composer/vendor/bin")
    assert own_home / ".config/composer/vendor" in command.binds
    assert own_home / ".config/composer" not in command.binds
    assert own_home / "php" in command.binds
