"""The hook in real git, each commit made twice: with it and without. What is committed is the same to the bit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest
from e2e.rig import RIGHT, Rig
from repositories import Repo, fingerprint
from serving import Hang, Say, ScriptedServer

GOOD = 'def add(a, b):\n    """The sum."""\n    return a + b\n'
BAD = GOOD.replace("+", "-")
TEST = (
    "import unittest\n\nfrom calc import add\n\n\nclass AddTest(unittest.TestCase):\n"
    "    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n"
)
FILES = {"calc.py": GOOD, "test_calc.py": TEST, "notes.txt": "one\ntwo\n"}
WHEN = {"GIT_AUTHOR_DATE": "2026-11-27T10:00:00Z", "GIT_COMMITTER_DATE": "2026-11-27T10:00:00Z"}
WHO = {f"GIT_{who}_{what}": said for who in ("AUTHOR", "COMMITTER")
       for what, said in (("NAME", "Test"), ("EMAIL", "test@example.com"))}  # fmt: skip


@dataclass
class Desk:
    """A repository with the hook, or without, and a person who types git commands in it."""

    rig: Rig
    at: Path

    def git(self, *args: str, said: str = "", cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        given = self.rig.environment() | WHEN | WHO | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"} | env
        return subprocess.run(
            ["git", *args], cwd=cwd or self.at, env=given, input=said, text=True, capture_output=True, check=False,
            timeout=120,
        )  # fmt: skip

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.at / name.replace("__", ".")).write_text(text)

    def hook(self, *args: str, cwd: Path | None = None) -> str:
        done = self.rig.run("hook", *args, cwd=cwd or self.at)
        assert done.status == 0, done.err
        return done.out + done.err

    def state(self) -> tuple[str, ...]:
        """HEAD, its commit, what is staged, what is unstaged, and every file of the person's."""
        said = [self.git(*words).stdout for words in (
            ("rev-parse", "HEAD"), ("cat-file", "-p", "HEAD"), ("ls-files", "-s"), ("diff",), ("status", "--porcelain"),
        )]  # fmt: skip
        return (*said, fingerprint_of_files(self.at))

    def count(self) -> int:
        return int(self.git("rev-list", "--count", "--all").stdout)


def fingerprint_of_files(root: Path) -> str:
    parts = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not name.startswith(".git/") and path.is_file():
            parts.append(f"{name} {path.lstat().st_mode:o} {path.read_bytes()!r}")
    return "\n".join(parts)


def desk(tmp_path: Path, *, hooked: bool, config: str = "") -> Desk:
    """One of two repositories that are the same to the bit, at the same place below different homes."""
    rig = Rig.make(tmp_path / ("with" if hooked else "without"), dict(FILES))
    shutil.rmtree(rig.repo.root)
    rig.repo.root.mkdir()
    (rig.home / "config.toml").write_text(config)
    made = Desk(rig, rig.repo.root)
    made.git("init", "-q", "-b", "main")
    made.write(**{name.replace(".", "__"): text for name, text in FILES.items()})
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "first")
    if hooked:
        made.hook("install")
    return made


def plain(d: Desk) -> None:
    d.write(calc__py=GOOD + "\n\nX = 1\n", new__py="Y = 2\n", notes__txt="one\n")
    d.git("add", "calc.py", "new.py")
    d.git("commit", "-m", "some")


def with_all(d: Desk) -> None:
    d.write(calc__py=GOOD + "\n\nX = 1\n", untracked__py="Y = 2\n")
    (d.at / "notes.txt").unlink()
    d.git("commit", "-a", "-m", "all")


def by_parts(d: Desk) -> None:
    d.write(calc__py="Z = 0\n\n\n" + GOOD + "\n\nX = 1\n")
    d.git("commit", "-p", "-m", "a part", said="s\ny\nn\n")


def of_a_path(d: Desk) -> None:
    d.write(calc__py=GOOD + "\n\nX = 1\n", notes__txt="staged\n")
    d.git("add", "notes.txt")
    d.git("commit", "-m", "one path", "--", "calc.py")


def amended(d: Desk) -> None:
    d.write(calc__py=GOOD + "\n\nX = 1\n")
    d.git("commit", "-a", "--amend", "-m", "anew")


def merged(d: Desk) -> None:
    d.git("checkout", "-q", "-b", "side")
    d.write(notes__txt="side\n")
    d.git("commit", "-q", "-a", "-m", "side")
    d.git("checkout", "-q", "main")
    d.write(notes__txt="main\n", calc__py=GOOD + "\n\nX = 1\n")
    d.git("commit", "-q", "-a", "-m", "main")
    assert d.git("merge", "side").returncode == 1
    d.write(notes__txt="both\n")
    d.git("add", "notes.txt")
    assert d.git("commit", "-m", "merged").returncode == 0


def rebased(d: Desk) -> None:
    d.write(calc__py=GOOD + "\n\nX = 1\n")
    d.git("commit", "-q", "-a", "-m", "second")
    edit = "sed -i s/^pick/edit/"
    assert d.git("rebase", "-i", "HEAD~1", GIT_SEQUENCE_EDITOR=edit).returncode == 0
    d.write(calc__py=GOOD + "\n\nX = 2\n")
    assert d.git("commit", "-a", "--amend", "-m", "second anew").returncode == 0
    assert d.git("rebase", "--continue").returncode == 0


def linked(d: Desk) -> None:
    there = d.at / "linked"
    assert d.git("worktree", "add", "-q", "-b", "other", str(there)).returncode == 0
    (there / "calc.py").write_text(GOOD + "\n\nX = 1\n")
    assert d.git("commit", "-a", "-m", "in the other", cwd=there).returncode == 0
    d.git("worktree", "remove", "--force", str(there))
    d.git("checkout", "-q", "other")


def partly_staged(d: Desk) -> None:
    d.write(calc__py=GOOD + "\n\nX = 1\n")
    d.git("add", "calc.py")
    d.write(calc__py=BAD)
    assert d.git("commit", "-m", "what was staged").returncode == 0


def ended_by_crlf(d: Desk) -> None:
    d.git("config", "core.autocrlf", "true")
    (d.at / "calc.py").write_bytes(GOOD.replace("\n", "\r\n").encode() + b"\r\nX = 1\r\n")
    d.git("commit", "-a", "-m", "line ends")


def rebased_with_exec(d: Desk) -> None:
    """Commands between the picked commits, one of which commits, too; `exec` is given git's own variables."""
    for value in (1, 2):
        d.write(calc__py=GOOD + f"\n\nX = {value}\n")
        d.git("commit", "-q", "-a", "-m", f"part {value}")
    run = "echo Y = 1 >> new.py && git add new.py && git commit -q -m more"
    assert d.git("rebase", "-i", "--exec", run, "HEAD~2").returncode == 0


def intended(d: Desk) -> None:
    """`git add -N`: the path is known, its content is not staged."""
    d.write(new__py="Y = 2\n", calc__py=GOOD + "\n\nX = 1\n")
    d.git("add", "-N", "new.py")
    d.git("add", "calc.py")
    assert d.git("commit", "-m", "some").returncode == 0


def with_a_submodule(d: Desk) -> None:
    """One that is added, and a commit made inside of it, where no hook is."""
    other = d.at.parent / "other"
    d.git("init", "-q", "-b", "main", str(other))
    (other / "part.py").write_text("PART = 1\n")
    d.git("add", "-A", cwd=other)
    d.git("commit", "-q", "-m", "a part", cwd=other)
    allow = ("-c", "protocol.file.allow=always")
    assert d.git(*allow, "submodule", "--quiet", "add", "../other", "lib").returncode == 0
    assert d.git("commit", "-m", "with a part").returncode == 0
    (d.at / "lib" / "part.py").write_text("PART = 2\n")
    assert d.git("commit", "-a", "-q", "-m", "inside", cwd=d.at / "lib").returncode == 0
    d.write(calc__py=GOOD + "\n\nX = 1\n")
    assert d.git("commit", "-a", "-m", "the newer part").returncode == 0


SCENES = (plain, with_all, by_parts, of_a_path, amended, merged, rebased, linked, partly_staged, ended_by_crlf,
          rebased_with_exec, intended, with_a_submodule)  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.__name__)
def test_row_62_the_same_commit_as_without(tmp_path: Path, scene: Callable[[Desk], None]) -> None:
    found = []
    for hooked in (True, False):
        one = desk(tmp_path, hooked=hooked)
        scene(one)
        assert one.count() > 1 or scene is amended
        found.append(one.state())
    assert found[0] == found[1]


def test_row_62_what_is_staged_is_judged_and_nothing_else(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=True)
    one.write(calc__py=BAD)
    one.git("add", "calc.py")
    one.write(calc__py=GOOD)
    before, index = one.state(), (one.at / ".git" / "index").read_bytes()
    assert one.rig.run("hook", "run", cwd=one.at).status == 1
    assert (one.at / ".git" / "index").read_bytes() == index
    done = one.git("commit", "-m", "broken although the file is right")
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert "this commit breaks something: 1 test fails now: test_calc.AddTest.test_add" in told[0]
    assert len(told) <= 6
    assert "-1 != 5" in told[3]
    assert told[-1].startswith("hint: git commit --no-verify")
    assert one.state() == before
    assert one.git("commit", "--no-verify", "-m", "all the same").returncode == 0


def test_row_61_62_a_failure_that_was_known_stops_nothing(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=True)
    one.write(calc__py=BAD)
    one.git("commit", "-q", "-a", "--no-verify", "-m", "broken")
    one.write(calc__py=BAD + "\n\nX = 1\n")
    done = one.git("commit", "-a", "-m", "no worse")
    assert done.returncode == 0, done.stderr
    assert "1 failed before as well" in done.stderr
    (one.at / "test_calc.py").unlink()
    assert one.git("commit", "-a", "-m", "a person may delete a test").returncode == 0


def test_row_62_a_first_commit_and_a_linter(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=True)
    one.git("checkout", "-q", "--orphan", "fresh")
    assert one.git("commit", "-m", "first of all").returncode == 0
    one.write(pyproject__toml="[tool.ruff]\n")
    one.git("add", "pyproject.toml")
    one.git("commit", "-q", "-m", "a linter")
    one.write(calc__py="import os\n" + GOOD)
    done = one.git("commit", "-a", "-m", "unused")
    assert done.returncode == 1
    assert "calc.py:1: F401" in done.stderr


def test_only_what_the_change_reaches_is_run(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=True)
    names = [f"test_more{n}.py" for n in range(4)]
    for name in names:
        (one.at / name).write_text(TEST.replace("from calc", "from other"))
    one.write(other__py=GOOD)
    one.git("add", "-A")
    one.git("commit", "-q", "--no-verify", "-m", "more")
    one.write(calc__py=GOOD + "\n\nX = 1\n")
    assert "unittest: 1 test passed" in one.git("commit", "-a", "-m", "one of five").stderr
    one.write(notes__txt="nobody reads it\n")
    assert one.git("commit", "-a", "-m", "words").stderr == ""


def test_row_66_too_slow_lets_the_commit_pass_and_says_so(tmp_path: Path) -> None:
    slow = TEST.replace("        self", "        import time; time.sleep(60)\n        self")
    for unable, status in (("pass", 0), ("stop", 1)):
        config = f'hook.deadline_s = 2\nhook.unable = "{unable}"\n'
        one = desk(tmp_path / unable, hooked=True, config=config)
        one.write(test_calc__py=slow)
        done = one.git("commit", "-a", "-m", "slow")
        assert done.returncode == status, done.stderr
        assert "not judged: the checks did not end within 2 s" in done.stderr


def test_row_66_what_nobody_trusted_is_not_run(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=True)
    mark = tmp_path / "ran"
    (one.at / ".routecli.toml").write_text(f'verify.test_cmd = "touch {mark}"\n')
    one.git("add", "-A")
    done = one.git("commit", "-m", "a command of the repository's")
    assert done.returncode == 0
    assert "not judged: this repository's configuration is not trusted" in done.stderr
    assert not mark.exists()


def test_row_66_a_provider_that_is_down_is_told_and_a_broken_commit_stays_stopped(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=True)
    one.rig.configure("http://127.0.0.1:9/v1", more='[hook]\nfix = "offer"')
    one.write(calc__py=BAD)
    done = one.git("commit", "-a", "-m", "broken")
    assert done.returncode == 1
    assert "no fix" in done.stderr
    one.write(calc__py=GOOD + "\n\nX = 1\n")
    assert one.git("commit", "-a", "-m", "right").returncode == 0


@pytest.mark.parametrize(
    ("how", "words", "into_index"),
    [("offer", (), False), ("stage", (), True), ("stage", ("-a",), False), ("stage", ("--", "calc.py"), False)],
    ids=str,
)
def test_a_fix_is_saved_and_one_command_takes_it(
    tmp_path: Path, how: str, words: tuple[str, ...], *, into_index: bool
) -> None:
    """After `commit -a` index and files differ, which `git apply --index` refuses: the other command is named."""
    one = desk(tmp_path, hooked=True)
    with ScriptedServer([Say(RIGHT)]) as server:
        one.rig.serve(server, more=f'[hook]\nfix = "{how}"')
        one.write(calc__py=BAD)
        if not words:
            one.git("add", "calc.py")
        before = one.state()
        done = one.git("commit", "-m", "broken", *words)
        assert one.state() == before
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith("a verified fix for $0.0"), done.stderr
    command = line.partition("not applied: ")[2].replace("routecli", f"{sys.executable} -m routecli")
    taken = subprocess.run(
        ["sh", "-c", command], cwd=one.at, env=one.rig.environment(), capture_output=True, text=True, check=False
    )
    assert taken.returncode == 0, taken.stderr
    assert (one.at / "calc.py").read_text() == GOOD
    assert ("git apply --index" in line) == into_index
    assert ("+" in one.git("show", ":calc.py").stdout) == (into_index or bool(words))
    assert one.git("diff", "HEAD").stdout == ""


@pytest.mark.parametrize(("answer", "asks"), [("y", 1), ("n", 0), ("", 0)])
def test_a_person_at_a_terminal_is_asked_for_a_fix(tmp_path: Path, answer: str, asks: int) -> None:
    one = desk(tmp_path, hooked=True)
    with ScriptedServer([Say(RIGHT)]) as server:
        one.rig.serve(server, more='[hook]\nfix = "offer"')
        one.write(calc__py=BAD)
        env = one.rig.environment() | WHEN | WHO
        words = ["commit", "-a", "-m", "broken"]
        child = pexpect.spawn("git", words, cwd=str(one.at), env=env, timeout=60, encoding="utf-8")
        child.expect("hint: git commit --no-verify")
        child.expect(r"Ask the tiers for a fix, at most \$0\.25\? ")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 1
        assert ("a verified fix for $0.0" in child.before) == bool(asks)
        assert len(server.posts) == asks
    assert one.count() == 1


@pytest.mark.parametrize("how", ["Ctrl-C", "kill git"])
def test_row_47_a_hook_whose_git_is_gone_writes_nothing(tmp_path: Path, how: str) -> None:
    one = desk(tmp_path, hooked=True)
    with ScriptedServer([Say(RIGHT, every_chars=2, pause_s=0.4)]) as server:
        one.rig.serve(server, more='[hook]\nfix = "stage"')
        one.write(calc__py=BAD)
        one.git("add", "calc.py")
        before = one.state()
        env = one.rig.environment() | WHEN | WHO
        child = pexpect.spawn("git", ["commit", "-m", "broken"], cwd=str(one.at), env=env, timeout=60, encoding="utf-8")
        child.expect("Ask the tiers for a fix, at most \\$0.25")
        child.sendline("y")
        waited = time.monotonic() + 60
        while not server.posts and time.monotonic() < waited:
            time.sleep(0.05)
        assert server.posts, "the hook asks the tiers"
        if how == "Ctrl-C":
            child.sendintr()
        else:
            os.kill(child.pid, signal.SIGKILL)
        child.expect(pexpect.EOF)
        child.close()
        while one.rig.run("show", "last", "--json").receipt.get("outcome") != "interrupted":
            assert time.monotonic() < waited, "the hook lives on without its git"
            time.sleep(0.2)
    assert one.state() == before
    assert one.count() == 1
    assert not (one.at / ".git" / "index.lock").exists()


def test_beside_a_hook_that_was_there(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=False)
    mine = one.at / ".git" / "hooks" / "pre-commit"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("#!/bin/sh\necho mine was here >&2\ntest ! -e stop\n")
    mine.chmod(0o755)
    text = mine.read_bytes()
    assert "installed, after the hook that was there" in one.hook("install")
    assert "installed, after the hook that was there" in one.hook("install")
    one.write(calc__py=GOOD + "\n\nX = 1\n")
    said = one.git("commit", "-a", "-m", "both").stderr
    assert said.index("mine was here") < said.index("1 test passed")
    one.write(stop="", calc__py=GOOD)
    assert one.git("commit", "-a", "-m", "its no is a no").returncode == 1
    one.hook("uninstall")
    assert mine.read_bytes() == text
    assert not list(mine.parent.glob("*.before-routecli"))


def test_what_another_tool_put_aside_is_not_called_installed(tmp_path: Path) -> None:
    """As `lefthook install` does: ours is renamed, the hook in its place does not run it. A second install does."""
    one = desk(tmp_path, hooked=False)
    folder = one.at / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    theirs = folder / "pre-commit"

    def installed() -> None:
        if theirs.exists():
            theirs.rename(folder / "pre-commit.old")
        theirs.write_text("#!/bin/sh\necho lefthook >&2\n")
        theirs.chmod(0o755)

    one.write(lefthook__yml="pre-commit: {jobs: [{run: routecli hook run}]}\n")
    installed()
    text = theirs.read_bytes()
    assert "the configuration of lefthook names routecli" in one.hook("install")
    installed()
    assert "put aside by another tool, which does not run it" in one.hook("status")
    assert "installed, after the hook that was there" in one.hook("install")
    one.write(calc__py=BAD)
    done = one.git("commit", "-a", "-m", "broken")
    assert done.returncode == 1
    assert "lefthook" in done.stderr
    one.hook("uninstall")
    assert theirs.read_bytes() == text
    assert [path.name for path in folder.iterdir() if path.suffix != ".sample"] == ["pre-commit"]


def test_hooks_path_of_others_is_left_alone(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=False)
    one.git("config", "core.hooksPath", ".githooks")
    done = one.rig.run("hook", "install", cwd=one.at)
    assert done.status == 2
    assert done.refused_well()
    assert not (one.at / ".githooks").exists()
    one.hook("install", "--shared")
    assert one.hook("status").count("installed") == 1
    one.write(calc__py=BAD)
    assert one.git("commit", "-a", "-m", "broken").returncode == 1


def test_all_tests_before_a_push(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=False)
    one.git("init", "-q", "--bare", str(tmp_path / "remote"))
    one.git("remote", "add", "origin", str(tmp_path / "remote"))
    one.hook("install", "pre-push")
    done = one.git("push", "-q", "origin", "main")
    assert done.returncode == 0
    assert "the push of main: unittest: 1 test passed" in done.stderr
    one.write(calc__py=BAD)
    one.git("commit", "-q", "-a", "-m", "broken")
    one.write(calc__py=GOOD)
    done = one.git("push", "origin", "main")
    assert done.returncode == 1
    assert "the push of main breaks something: 1 test fails now" in done.stderr
    assert one.git("push", "-q", "origin", ":main").returncode in (0, 1)


def test_a_message_from_the_diff_only_where_nobody_gave_one(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=False)
    one.hook("install", "prepare-commit-msg")

    def committed(*words: str) -> str:
        done = one.git("commit", *words)
        assert done.returncode == 0, done.stderr
        return one.git("log", "-1", "--format=%B").stdout.strip()

    one.write(calc__py=GOOD.replace("a + b", "b + a"))
    assert committed("-a") == "Change add in calc.py"
    one.write(calc__py=GOOD, more__py="X = 1\n")
    assert committed("-a", "-m", "mine") == "mine"
    one.git("add", "more.py")
    assert committed() == "Add more.py"
    one.git("mv", "more.py", "other.py")
    assert committed() == "Rename more.py to other.py"
    assert committed("--amend", "--allow-empty") == "Rename more.py to other.py"
    one.git("rm", "-q", "other.py")
    one.write(calc__py="A = 1\n" + GOOD)
    assert committed("-a") == "Change 2 files\n\n- change calc.py\n- remove other.py"


def test_a_message_of_the_cheapest_tier_or_the_one_of_tier_0(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=False)
    one.hook("install", "prepare-commit-msg")
    more = '[hook]\nmessage = "tier1"\n'
    signed = (
        "```\nSwap the summands\n\nThe order is of no matter.\nSigned-off-by: A Model <m@example.com>\n# x\x1b[31m\n```"
    )
    says = [Say(f"```\n{signed}```"), Say(""), Say("x" * 200)]

    def committed(text: str, *words: str) -> tuple[str, str]:
        one.write(calc__py=text)
        done = one.git("commit", "-a", *words)
        assert done.returncode == 0, done.stderr
        return one.git("log", "-1", "--format=%B").stdout.strip(), done.stderr

    with ScriptedServer(says) as server:
        one.rig.serve(server, more=more)
        (one.at / ".env").write_text("TOKEN=abc123\n")
        one.git("add", ".env")
        message, said = committed(GOOD.replace("a + b", "b + a"))
        assert message == "Swap the summands\n\nThe order is of no matter."
        assert "message by mine/m1 for $0." in said
        assert "b + a" in str(server.posts[0].body)
        assert "abc123" not in str(server.posts[0].body)
        for text in (GOOD, GOOD.replace("a + b", "b + a")):
            message, said = committed(text)
            assert message == "Change add in calc.py"
            assert "warning: no message of a model, for $0." in said
        assert committed(GOOD, "-m", "mine")[0] == "mine"
        assert [post.model for post in server.posts] == ["m1"] * 3
        one.rig.serve(server, more=more + "budget_usd = 0.0000001\n")
        message, said = committed(GOOD.replace("a + b", "b + a"))
        assert message == "Change add in calc.py"
        assert "could cost" in said
        assert len(server.posts) == 3
    rows = json.loads(one.rig.run("history", "--json", cwd=one.at).out)
    assert [row["kind"] for row in rows] == ["message"] * 4
    assert [row["outcome"] for row in rows] == ["budget", "deferred", "deferred", "answered"]
    assert one.rig.run("again", cwd=one.at).refused_well()


def test_a_message_that_is_too_late_holds_no_commit(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=False)
    one.hook("install", "prepare-commit-msg")
    one.write(calc__py=GOOD.replace("a + b", "b + a"))
    with ScriptedServer([Hang()]) as server:
        one.rig.serve(server, more='[hook]\nmessage = "tier1"\ndeadline_s = 1\n')
        done = one.git("commit", "-a")
    assert done.returncode == 0, done.stderr
    assert one.git("log", "-1", "--format=%B").stdout.strip() == "Change add in calc.py"
    assert "warning: no message of a model" in done.stderr


def test_the_hook_obeys_one_repository(tmp_path: Path) -> None:
    """`--git-dir` of another repository: what is staged there is nothing that the files here could be judged for."""
    one = desk(tmp_path, hooked=True)
    other = Repo(tmp_path / "other.git")
    one.git("init", "-q", "--bare", str(other.root))
    shutil.copy(one.at / ".git" / "hooks" / "pre-commit", other.root / "hooks" / "pre-commit")
    words = ("--git-dir", str(other.root), "--work-tree", str(one.at))
    one.git(*words, "add", "calc.py")
    done = one.git(*words, "commit", "-m", "dotfiles")
    assert done.returncode == 0, done.stderr
    assert "not judged: git works on" in done.stderr


def test_outside_of_git(tmp_path: Path) -> None:
    one = desk(tmp_path, hooked=False)
    away = tmp_path / "away"
    away.mkdir()
    for verb in (("install",), ("status",), ("uninstall",)):
        done = one.rig.run("hook", *verb, cwd=away)
        assert done.status == 2
        assert done.refused_well()
    assert fingerprint(away) == fingerprint(away)


def need(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path=str(Path(sys.executable).parent))
    if not found:
        pytest.skip(f"{program} is not installed")
    return found


def test_with_pre_commit_beside_it(tmp_path: Path) -> None:
    """Installed before ours, and again after ours: both run, once each, and the commit is the same."""
    program = need("pre-commit")
    one = desk(tmp_path, hooked=False)
    hook = (
        "{id: local, name: theirs, entry: sh -c 'echo theirs >&2', language: system, verbose: true, always_run: true}"
    )
    (one.at / ".pre-commit-config.yaml").write_text(f"repos: [{{repo: local, hooks: [{hook}]}}]\n")
    one.git("add", "-A")
    one.git("commit", "-q", "-m", "their configuration")

    def installed() -> None:
        subprocess.run([program, "install"], cwd=one.at, env=one.rig.environment(), check=True, capture_output=True)

    installed()
    one.hook("install")
    for value in (1, 2):
        one.write(calc__py=GOOD + f"\n\nX = {value}\n", notes__txt=f"{value}\n")
        one.git("add", "calc.py")
        said = one.git("commit", "-m", "both")
        both = said.stdout + said.stderr
        assert said.returncode == 0, both
        assert both.count("1 test passed") == 1
        assert both.count("theirs\n") == 1
        assert one.git("show", "--name-only", "--format=", "HEAD").stdout.split() == ["calc.py"]
        one.git("checkout", "-q", "notes.txt")
        installed()
    assert "run by the tool that put it aside" in one.hook("status")
    one.write(calc__py=BAD)
    assert one.git("commit", "-a", "-m", "broken").returncode == 1


def test_what_pre_commit_is_told_of_us() -> None:
    need("pre-commit")
    from pre_commit.clientlib import load_manifest  # type: ignore[import-untyped,unused-ignore]

    hooks = load_manifest(str(Path(__file__).parents[2] / ".pre-commit-hooks.yaml"))
    assert [hook["id"] for hook in hooks] == ["routecli-check", "routecli-fix"]
    for hook in hooks:
        words = hook["entry"].split()
        assert words[:3] == ["routecli", "hook", "run"]
        done = subprocess.run(
            [sys.executable, "-m", *words, "--help"], capture_output=True, text=True, check=False, env=dict(os.environ)
        )
        assert done.returncode == 0, done.stderr


def test_with_husky(tmp_path: Path) -> None:
    program = need("husky")
    one = desk(tmp_path, hooked=False)
    (one.at / "package.json").write_text("{}\n")
    subprocess.run([program], cwd=one.at, env=one.rig.environment(), check=True, capture_output=True)
    done = one.rig.run("hook", "install", cwd=one.at)
    assert done.status == 2
    assert "husky" in done.err
    hint = done.err.partition("hint: ")[2].strip()
    line = hint.replace("routecli", f"{sys.executable} -m routecli")
    subprocess.run(["sh", "-c", line], cwd=one.at, check=True)
    assert "named in the configuration of husky" in one.hook("status")
    one.write(calc__py=BAD)
    assert one.git("commit", "-a", "-m", "broken").returncode == 1
    one.write(calc__py=GOOD + "\n\nX = 1\n")
    assert one.git("commit", "-a", "-m", "right").returncode == 0


def test_with_lefthook(tmp_path: Path) -> None:
    """As docs/hook.md has it: it judges what is staged, through lefthook's own hook."""
    program = need("lefthook")
    one = desk(tmp_path, hooked=False)
    run = f"{sys.executable} -m routecli hook run pre-commit"
    (one.at / "lefthook.yml").write_text(f"pre-commit:\n  jobs:\n    - name: routecli\n      run: {run}\n")
    one.git("add", "-A")
    one.git("commit", "-q", "-m", "its configuration")
    subprocess.run([program, "install"], cwd=one.at, env=one.rig.environment(), check=True, capture_output=True)
    assert "named in the configuration of lefthook" in one.hook("status")
    one.write(calc__py=BAD, notes__txt="not staged\n")
    one.git("add", "calc.py")
    before = one.state()
    done = one.git("commit", "-m", "broken")
    assert done.returncode == 1
    assert "this commit breaks something" in done.stdout + done.stderr
    assert one.state() == before
    one.write(calc__py=GOOD + "\n\nX = 1\n")
    one.git("add", "calc.py")
    assert one.git("commit", "-m", "right").returncode == 0
    assert one.git("show", "--name-only", "--format=", "HEAD").stdout.split() == ["calc.py"]
