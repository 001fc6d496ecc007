"""`checks`: what verifies a patch here, and how it goes on the code as it is, in the real sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from e2e.rig import FILES, Rig

RUFF = {"ruff.toml": 'lint.select = ["F"]\n', "bad.py": "import os\n"}


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig.make(tmp_path, FILES | RUFF)


def test_what_was_found_runs_and_is_remembered(rig: Rig) -> None:
    before = json.loads(rig.run("checks", "--json").out)
    assert [(c["name"], c["role"], c["last"]) for c in before["checks"]] == [
        ("unittest", "tests", None),
        ("ruff", "lint", None),
    ]
    assert "found by test_calc.py" in before["checks"][0]["why"]
    ran = rig.run("checks", "run", "--json")
    assert ran.status == 0, ran.err
    tests, lint = json.loads(ran.out)["checks"]
    assert (tests["ending"], tests["passed"], tests["failed"], tests["cached"]) == ("failed", 1, 1, False)
    assert tests["failing"] == ["test_calc.AddTest.test_add"]
    assert lint["findings"] == 1
    assert "bad.py:1: F401" in lint["failing"][0]
    again = json.loads(rig.run("checks", "run", "--json").out)["checks"]
    assert [(c["cached"], c["at"]) for c in again] == [(True, tests["at"]), (True, lint["at"])]
    anew = json.loads(rig.run("checks", "run", "--json", "--fresh").out)["checks"]
    assert [c["cached"] for c in anew] == [False, False]
    assert all(one["at"] > other["at"] for one, other in zip(anew, again, strict=True))
    rig.repo.write({"calc.py": FILES["calc.py"].replace("a - b", "a + b")})
    stale = json.loads(rig.run("checks", "calc.py", "--json").out)["checks"]
    assert [(c["last"]["failed"], c["last"]["on_these_files"]) for c in stale] == [(1, False), (0, False)]
    mended = json.loads(rig.run("checks", "run", "--no-lint", "--json").out)["checks"]
    assert [(c["ending"], c["passed"]) for c in mended] == [("passed", 2)]


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_answer_for_people_fits_and_has_no_colour(rig: Rig, columns: str) -> None:
    rig.env["COLUMNS"] = columns
    shown = [rig.run("checks"), rig.run("checks", "run"), rig.run("checks", "calc.py")]
    assert [done.status for done in shown] == [0, 0, 0]
    for done in shown:
        assert "\x1b" not in done.out
        assert max(len(line) for line in done.out.splitlines()) <= int(columns)
    assert "nothing is known of it yet" in shown[0].out
    assert "1 passed, 1 failing" in shown[1].out
    assert "test_calc.AddTest.test_add" in shown[1].out
    assert "never held against a patch" in shown[1].out
    assert "on these very files" in " ".join(shown[2].out.split())


def test_a_runner_that_cannot_begin_is_exit_6_and_names_the_file(tmp_path: Path) -> None:
    broken = {"test_a.py": "def test_a():\n    pass\n", "conftest.py": "import nowhere\n"}
    rig = Rig.make(tmp_path, broken)
    done = rig.run("checks", "run", "--test-cmd", "python3 -m pytest", "--no-lint")
    assert done.status == 6, done.err
    assert "before the patch: " in " ".join(done.out.split())
    missing = rig.run("checks", "run", "--test-cmd", "no-such-runner", "--no-lint")
    assert missing.status == 6
    assert "no-such-runner of --test-cmd is not there" in missing.out
    assert "hint: " in missing.out


def test_nothing_to_run_is_exit_6_and_said(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, {"README": "text\n"})
    done = rig.run("checks", "run")
    assert done.status == 6
    assert "no test or linter was found" in done.out
    assert "hint: " in done.out
    assert rig.run("checks").status == 0


def test_row_19_a_proposed_command_is_shown_and_needs_trust_to_run(rig: Rig) -> None:
    rig.repo.write({".routecli.toml": '[verify]\ntest_cmd = "touch ran"\n'})
    shown = rig.run("checks")
    assert shown.status == 0
    assert "nobody said yes" in shown.out
    assert "routecli trust add" in shown.out
    refused = rig.run("checks", "run")
    assert refused.status == 3
    assert refused.refused_well()
    assert json.loads(rig.run("checks", "--json").out)["trusted"] is False


@pytest.mark.parametrize(
    ("words", "status"),
    [(["nowhere.py"], 2), (["show", "nowhere.py"], 2), (["run", "nowhere.py"], 2), (["--test-cmd", "'"], 2),
     (["--what"], 2), (["run", "--timeout", "no"], 2)],
)  # fmt: skip
def test_wrong_words_are_refused(rig: Rig, words: list[str], status: int) -> None:
    done = rig.run("checks", *words)
    assert done.status == status
    assert done.refused_well()


def test_paths_and_options_may_come_in_any_order(rig: Rig) -> None:
    for words in (["--json", "calc.py"], ["show", "calc.py", "--json"], ["--profile", "p", "--json"], ["-q", "--json"]):
        (rig.home / "config.toml").write_text("[profiles.p]\n")
        assert len(json.loads(rig.run("checks", *words).out)["checks"]) == 2, words
    assert "Commands:" in rig.run("checks", "--help").out


PROPOSES = {"Makefile": "test:\n\tpython3 -m unittest -q\nlint:\n\tfalse\n", "calc.py": "VALUE = 1\n",
            ".gitlab-ci.yml": "t:\n  script:\n    - pytest -q\n"}  # fmt: skip


def test_what_the_repository_names_is_proposed_adopted_and_only_then_run(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, PROPOSES)
    shown = rig.run("checks")
    assert "make test" in shown.out
    assert "routecli checks adopt 'make test'" in shown.out
    named = json.loads(rig.run("checks", "--json").out)
    assert [(p["role"], p["command"], p["file"], p["line"]) for p in named["proposals"]] == [
        ("tests", "make test", "Makefile", 1),
        ("tests", "pytest -q", ".gitlab-ci.yml", 3),
        ("lint", "make lint", "Makefile", 3),
    ]
    assert rig.run("checks", "run").status == 6  # nothing is run unasked
    wrong = rig.run("checks", "adopt", "make tset")
    assert (wrong.status, wrong.refused_well()) == (2, True)
    assert not (rig.repo.root / ".routecli.toml").exists()
    rig.repo.write({".routecli.toml": "# ours\n[context]\nexclude = ['a']\n"})
    adopted = rig.run("checks", "adopt", "make test")
    assert adopted.status == 0, adopted.err
    text = (rig.repo.root / ".routecli.toml").read_text()
    assert text.startswith("# ours\n[context]\nexclude = ['a']\n")
    assert 'test_cmd = "make test"' in text
    ran = json.loads(rig.run("checks", "run", "--json").out)["checks"]
    assert [(c["name"], c["argv"]) for c in ran] == [("tests", ["make", "test"])]


def test_row_19_adopting_one_command_says_no_yes_to_another(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, PROPOSES | {".routecli.toml": '[verify]\nlint_cmd = "touch ran"\n'})
    done = rig.run("checks", "adopt", "make test")
    assert done.status == 0, done.err
    assert "routecli trust add" in done.err
    refused = rig.run("checks", "run")
    assert (refused.status, refused.refused_well()) == (3, True)


@pytest.mark.parametrize("content", ["[verify\n", "verify = 3\n"])
def test_a_broken_file_is_not_adopted_into(tmp_path: Path, content: str) -> None:
    rig = Rig.make(tmp_path, PROPOSES | {".routecli.toml": content})
    done = rig.run("checks", "adopt", "make test")
    assert (done.status, done.refused_well()) == (3, True), done.err
    assert (rig.repo.root / ".routecli.toml").read_text() == content


def test_an_environment_of_tox_runs_the_files_here_and_not_its_copy(tmp_path: Path) -> None:
    """tox installs the project as a copy, into a folder that no sandbox shows by itself."""
    rig = Rig.make(tmp_path, {
        "pyproject.toml": "[tool.pytest.ini_options]\n", ".gitignore": ".tox\n",
        "src/shop/__init__.py": "def add(a, b):\n    return a + b\n",
        "tests/test_shop.py": "from shop import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
    })  # fmt: skip
    made = rig.repo.root / ".tox/py311"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True, timeout=60)
    packages = next(made.glob("lib/python3*/site-packages"))
    (packages / "dev.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "pytest").symlink_to(Path(sysconfig.get_path("purelib")) / "pytest")
    (packages / "shop").mkdir()
    (packages / "shop/__init__.py").write_text("def add(a, b):\n    return 0\n")
    done = rig.run("checks", "run", "--no-lint", "--json")
    (check,) = json.loads(done.out)["checks"]
    assert (check["ending"], check["passed"]) == ("passed", 1), check
    assert "(tox's environment py311)" in check["why"]
    looked_at = rig.run("checks", "--verbose").out
    assert "(tox's environment py311): pytest" in " ".join(looked_at.split())
    first = json.loads(rig.run("checks", "--json").out)["pythons"][0]
    assert (first["python"], first["modules"]) == (str(made / "bin/python"), ["pytest"])
