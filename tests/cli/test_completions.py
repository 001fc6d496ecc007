"""Real shells complete from the committed scripts. A shell that is not here is skipped; .ci/run installs all three."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "completions"


def shell(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def bash(*words: str, cwd: Path = ROOT, path: str = "/nonexistent") -> set[str]:
    code = (
        f'source "{SCRIPTS}/routecli.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _routecli; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [shell("bash"), "--norc", "-c", code, "bash", "routecli", *words], capture_output=True, text=True, cwd=cwd,
        env={"PATH": path}, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return set(done.stdout.split("\n")) - {""}


def fish(line: str) -> set[str]:
    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", f"source {SCRIPTS}/routecli.fish; complete -C 'routecli {line}'"],
        capture_output=True, text=True, cwd=ROOT, check=True, timeout=60,
    )  # fmt: skip
    return {found.split("\t")[0] for found in done.stdout.splitlines()}


def test_bash_completes_without_starting_anything(tmp_path: Path) -> None:
    (tmp_path / "two words.toml").write_text("")
    assert bash("co") == {"config", "completion"}
    assert bash("config", "") == {"init", "import", "show", "path", "check"}
    assert bash("--quiet", "config", "sh") == {"show"}
    assert bash("config", "init", "--preset", "open") == {"openai", "openrouter"}
    assert bash("config", "init", "--preset", "=", "open") == {"openai", "openrouter"}
    assert bash("completion", "") == {"bash", "zsh", "fish"}
    assert bash("models", "--config", "two", cwd=tmp_path) == {"two words.toml"}
    assert "--patch" in bash("show", "--")
    assert "--patch" not in bash("config", "show", "--")
    assert bash("history", "--limit", "") == set()


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A routecli on PATH that has two runs and three tiers, and answers only where it is asked for them."""
    program = tmp_path / "routecli"
    program.write_text(
        "#!/bin/sh\n"
        '[ "$*" = "history --ids" ] && printf "20261128-051248-d286\\n20261127-1\\n"\n'
        '[ "$*" = "models show --names" ] && printf "tools\\nmine\\nhosted\\n"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("runs")
def test_runs_are_completed_where_a_run_is_wanted() -> None:
    both = {"20261128-051248-d286", "20261127-1"}
    for verb in ("show", "again", "receipt"):
        assert bash(verb, "", path=os.environ["PATH"]) == {"last", *both}
        assert fish(f"{verb} ") == {"last", *both}
    assert bash("show", "202611281"[:8], path=os.environ["PATH"]) == {"20261128-051248-d286"}
    assert bash("show", "--pa", path=os.environ["PATH"]) == {"--patch"}
    assert not both & bash("ask", "", path=os.environ["PATH"])


@pytest.mark.usefixtures("runs")
def test_tiers_are_those_of_the_configuration() -> None:
    for words in (("run", "fix it", "--tier"), ("ask", "--max-tier"), ("eval", "advise", "--tier")):
        assert bash(*words, "", path=os.environ["PATH"]) == {"tools", "mine", "hosted"}
        assert fish(" ".join([*words[:1], *words[-2:], ""])) >= {"tools", "mine", "hosted"}
    assert bash("run", "--policy", "casc") == {"cascade"}


def test_zsh_is_told_of_one_rest_of_arguments() -> None:
    """`_arguments` refuses a second, and then completes nothing at all of that command."""
    for function in (SCRIPTS / "routecli.zsh").read_text().split("\n}\n"):
        assert function.count("'*:") <= 1, function[:40]


def test_fish_completes() -> None:
    assert fish("co") == {"config", "completion"}
    assert fish("config ") == {"init", "import", "show", "path", "check"}
    assert fish("config init --preset open") == {"openai", "openrouter"}
    assert "--patch" in fish("show --")
    assert "--patch" not in fish("config show --")
    assert "--offline" in fish("config check --")


@pytest.mark.usefixtures("runs")
def test_zsh_completes(tmp_path: Path) -> None:
    (tmp_path / "two.py").touch()
    child = pexpect.spawn(
        shell("zsh"), ["-f", "-i"], cwd=str(tmp_path), encoding="utf-8", timeout=30, dimensions=(40, 120),
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "dumb"},
    )  # fmt: skip
    try:
        child.sendline("PS1='rea''dy> '; unsetopt zle_bracketed_paste; autoload -Uz compinit && compinit -D -u")
        child.expect("ready> ")
        child.sendline("tell() { print -r -- \"<$BUFFER>\"; BUFFER= }; zle -N tell; bindkey '^X' tell; unsetopt beep")
        child.expect("ready> ")
        child.sendline(f"source {SCRIPTS}/routecli.zsh; echo sour''ced")
        child.expect("sourced")
        child.expect("ready> ")
        for typed, whole in (
            ("routecli hist", "routecli history "),
            ("routecli config che", "routecli config check "),
            ("routecli config check --off", "routecli config check --offline "),
            ("routecli config init --preset five", "routecli config init --preset five-tiers "),
            ("routecli completion zs", "routecli completion zsh "),
            ("routecli show 20261128", "routecli show 20261128-051248-d286 "),
            ("routecli run fix two", "routecli run fix two.py "),
            ("routecli ask why --tier ho", "routecli ask why --tier hosted "),
            ("routecli estimate it tw", "routecli estimate it two.py "),
        ):
            child.send(f"{typed}\t\x18")
            child.expect_exact(f"<{whole}>")
    finally:
        child.close(force=True)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_scripts_are_well_formed(name: str) -> None:
    done = subprocess.run(
        [shell(name), "-n", str(SCRIPTS / f"routecli.{name}")], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
