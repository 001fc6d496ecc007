"""What the options of `run`, `estimate` and `apply` promise, each as a person would type it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from e2e.rig import FILES, RIGHT, TASK, WRONG, Rig, block
from serving import Say, ScriptedServer

FIXED = FILES["calc.py"].replace("a - b", "a + b")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A server that is right every time."""
    made = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT)] * 4) as server:
        made.serve(server)
        yield made


def test_patch_only_writes_the_patch_to_stdout_and_nothing_else(rig: Rig) -> None:
    done = rig.run("run", TASK, "calc.py", "--patch-only")
    assert done.status == 0, done.err
    assert rig.code() == FILES["calc.py"]
    subprocess.run(["git", "apply"], input=done.out, text=True, cwd=rig.repo.root, check=True)
    assert rig.code() == FIXED


def test_commit_holds_only_the_patch(rig: Rig) -> None:
    rig.repo.write({"other.py": "VALUE = 5\n"})
    rig.repo.git("add", "other.py")
    rig.repo.git("config", "user.name", "A")
    rig.repo.git("config", "user.email", "a@example.org")
    done = rig.do("--commit")
    assert done.status == 0, done.err
    assert rig.repo.git("show", "--name-only", "--format=%s", "HEAD").split("\n\n") == [TASK, "calc.py\n"]
    assert rig.repo.git("status", "--porcelain") == "M  other.py\n"
    assert done.receipt["commit"] == rig.repo.git("rev-parse", "HEAD").strip()


def test_commit_is_refused_where_the_file_holds_other_changes(rig: Rig) -> None:
    rig.repo.write({"calc.py": FILES["calc.py"] + "# mine\n"})
    done = rig.do("--commit")
    assert done.status == 2
    assert done.refused_well()
    assert rig.server is not None
    assert rig.server.posts == []


def test_a_dry_run_measures_and_sends_nothing(rig: Rig) -> None:
    done = rig.do("--dry-run")
    assert done.status == 0, done.err
    plan = json.loads(done.out)
    assert plan["route"]["first"] == "tier1"
    assert [c["name"] for c in plan["checks"]] == ["unittest"]
    assert plan["prompt_tokens"] <= 1200
    assert rig.server is not None
    assert rig.server.posts == []
    assert rig.code() == FILES["calc.py"]


def test_tier_and_max_tier(rig: Rig) -> None:
    assert [a["tier"] for a in rig.do("--tier", "tier2").receipt["attempts"]] == ["tier2"]
    rig.repo.write({"calc.py": FILES["calc.py"]})
    rig.env["ROUTECLI_TIER"] = "tier3"
    assert [a["tier"] for a in rig.do().receipt["attempts"]] == ["tier3"]


def test_max_tier_and_attempts_cap_the_climb(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(WRONG)] * 3) as server:
        rig.serve(server)
        assert [a["tier"] for a in rig.do("--max-tier", "tier2").receipt["attempts"]] == ["tier1", "tier2"]
        capped = rig.do("--attempts", "1")
    assert capped.status == 1
    assert len(capped.receipt["attempts"]) == 1


def test_kind_decides_what_a_patch_may_do(rig: Rig) -> None:
    """The same right fix: no docstring, but a fix."""
    held = rig.do("--kind", "docstring", "--attempts", "1")
    assert held.status == 1, held.err
    assert held.receipt["attempts"][0]["verdict"]["reason"] == "contract-broken"
    assert rig.code() == FILES["calc.py"]
    rig.env["ROUTECLI_KIND"] = "docstring"
    assert rig.do("--kind", "fix").status == 0
    assert rig.code() == FIXED


def test_profile_lies_over_the_rest(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(WRONG)] * 3) as server:
        rig.serve(server, more='[profiles.careful.limits]\nmax_tier = "tier1"\n')
        done = rig.do("--profile", "careful")
        assert (done.status, [a["tier"] for a in done.receipt["attempts"]]) == (1, ["tier1"]), done.err
        other = f"{TASK}, please"  # the same task would begin above the tier that just failed at it
        nearer = rig.run("run", other, "calc.py", "--json", "--profile", "careful", "--max-tier", "tier2")
        assert [a["tier"] for a in nearer.receipt["attempts"]] == ["tier1", "tier2"]
        unknown = rig.do("--profile", "carefull")
        assert unknown.refused_well()
        assert unknown.status == 2, unknown.err
        assert "careful" in unknown.err
        rig.env["ROUTECLI_PROFILE"] = "carefull"
        assert rig.do().status == 3
        assert len(server.posts) == 3


def test_timeout_ends_what_a_patch_made_endless(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    endless = block("    while True:\n        pass")
    with ScriptedServer([Say(endless), Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.do("--timeout", "4", "--no-lint")
    assert done.status == 0, done.err
    assert [a["verdict"]["reason"] or a["verdict"]["kind"] for a in done.receipt["attempts"]] == [
        "timed-out",
        "accepted",
    ]
    assert rig.code() == FIXED


def test_accept_beats_everything_and_must_fail_first(rig: Rig) -> None:
    passing = rig.do("--accept", "true")
    assert passing.status == 2
    assert "passes" in passing.err
    accepted = rig.do("--kind", "feature", "--accept", "python3 -c 'import calc; assert calc.add(1, 1) == 2'")
    assert accepted.status == 0, accepted.err


def test_a_benchmark_makes_it_a_performance_task_and_has_to_say_the_same(rig: Rig) -> None:
    failing = rig.do("--bench", "false")
    assert failing.status == 2
    assert "--bench fails before anything was changed: exit 1" in failing.err
    done = rig.do("--bench", "python3 -c 'import calc; print(calc.add(1, 1))'", "--attempts", "1", "--no-probe")
    assert done.status == 1
    assert done.receipt["kind"] == "performance"
    assert "says something else with the patch: 2, 0 before" in done.receipt["attempts"][0]["verdict"]["why"]


def test_no_tests_is_unverified_and_written_only_with_a_yes(rig: Rig) -> None:
    done = rig.do("--no-tests", "--no-lint")
    assert done.status == 6
    assert done.receipt["outcome"] == "unverified"
    assert rig.code() == FILES["calc.py"]
    applied = rig.run("apply", "--run", done.receipt["run_id"][:15])
    assert applied.status == 0, applied.err
    assert rig.code() == FIXED
    rig.repo.write({"calc.py": FILES["calc.py"]})
    assert rig.do("--no-tests", "--no-lint", "--yes").status == 6
    assert rig.code() == FIXED


def test_a_question_at_the_terminal_shows_the_patch(rig: Rig) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "routecli", "run", TASK, "calc.py", "--no-tests", "--no-lint"],
        cwd=str(rig.repo.root), env=rig.environment() | {"TERM": "xterm"}, timeout=60, encoding="utf-8",
    )  # fmt: skip
    child.expect("return a \\+ b")
    child.expect("\\[y/N\\]")
    child.sendline("y")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 6
    assert rig.code() == FIXED


def test_the_task_from_a_file_and_from_standard_input(rig: Rig) -> None:
    (rig.home / "task.md").write_text(TASK)
    assert rig.run("run", "--task-file", str(rig.home / "task.md"), "calc.py", "--json").status == 0
    rig.repo.write({"calc.py": FILES["calc.py"]})
    assert rig.run("run", "-", "calc.py", "--json", said=TASK).status == 0
    assert rig.server is not None
    assert all(TASK in post.text for post in rig.server.posts)


def test_files_by_folder_glob_name_and_from_below(rig: Rig) -> None:
    (rig.repo.root / "sub").mkdir()
    for words in (["."], ["*.py"], ["calc.py", "other.py"]):
        files = json.loads(rig.run("estimate", TASK, *words, "--json").out)["files"]
        assert "calc.py" in [f["path"] for f in files], words
    named = json.loads(rig.run("estimate", "fix the bug in calc.py", "--json").out)
    assert [f["path"] for f in named["files"]] == ["calc.py"]
    below = rig.run("run", TASK, "../calc.py", "--json", cwd=rig.repo.root / "sub")
    assert below.status == 0, below.err
    assert rig.code() == FIXED


def test_a_protected_file_needs_a_yes(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, FILES | {"setup.cfg": "[metadata]\nname = calc\n"})
    reply = RIGHT + block("name = calc2", "name = calc", "setup.cfg")
    with ScriptedServer([Say(reply)] * 2) as server:
        rig.serve(server)
        done = rig.run("run", TASK, "calc.py", "setup.cfg", "--tier", "tier1", "--json")
        assert done.status == 7, done.err
        assert "setup.cfg" in done.receipt["why"]
        assert rig.code() == FILES["calc.py"]
        agreed = rig.run("run", TASK, "calc.py", "setup.cfg", "--tier", "tier1", "--json", "--yes")
    assert agreed.status == 0, agreed.err
    assert rig.code() == FIXED


def test_row_19_a_command_of_the_repository_needs_trust(rig: Rig) -> None:
    rig.repo.write({".routecli.toml": '[verify]\ntest_cmd = "python3 -m unittest"\n'})
    refused = rig.do()
    assert refused.status == 3
    assert refused.refused_well()
    assert rig.server is not None
    assert rig.server.posts == []
    assert rig.run("trust", "add").status == 0
    assert rig.do().status == 0


def test_row_17_a_repository_cannot_send_the_key_elsewhere(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as thief:
        rig.repo.write({".routecli.toml": f'[providers.mine]\nbase_url = "{thief.base_url}"\n'})
        done = rig.do()
        assert thief.requests == []
    assert done.status == 0, done.err
    assert "ignored" in done.err


def test_apply_check_json_reverse_and_verify(rig: Rig) -> None:
    (rig.home / "reply.md").write_text(RIGHT)
    reply = str(rig.home / "reply.md")
    checked = rig.run("apply", "--check", reply)
    assert (checked.status, checked.out, rig.code()) == (0, "", FILES["calc.py"])
    told = rig.run("apply", "--verify", "--json", reply)
    assert told.status == 0, told.err
    assert json.loads(told.out)["edits"][0]["match"] == "exact"
    assert rig.code() == FIXED
    diff = rig.repo.git("diff")
    assert rig.run("apply", "--reverse", said=diff).status == 0
    assert rig.code() == FILES["calc.py"]
    refused = rig.run("apply", "--json", said=block("x", "no such line", "calc.py"))
    assert refused.status == 1
    assert json.loads(refused.out)["refusals"][0]["path"] == "calc.py"
    assert rig.code() == FILES["calc.py"]
    wrong = rig.run("apply", "--verify", said=block("    return 1 // 0"))
    assert wrong.status == 1
    assert rig.code() == FILES["calc.py"]


def test_the_demo_is_the_whole_path(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    done = rig.run("demo", str(tmp_path / "kept"))
    assert done.status == 0, done.err
    assert "recorded" in done.err
    assert "tests-failed" in done.out
    assert "ROUND_HALF_UP" in (tmp_path / "kept" / "invoice" / "totals.py").read_text()
    assert rig.run("demo", str(tmp_path / "kept")).status == 2
    drawn = (Path(__file__).parents[2] / "docs" / "screens" / "demo.svg").read_text().replace("&#160;", " ")
    for label in re.findall(r"^([a-z]+(?: by| alone)?) +\S", f"{done.err}\n{done.out}", re.MULTILINE):
        assert f">{label}<" in re.sub(r" +<", "<", drawn), f"{label}: python docs/screens/make.py"


def test_the_demo_on_a_machine_without_isolation_says_so(tmp_path: Path) -> None:
    """Inside a sandbox that allows no further one, neither level passes its self-test."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        pytest.skip("bubblewrap is not installed")
    rig = Rig.make(tmp_path)
    outer = [bubblewrap, "--unshare-user", "--disable-userns", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    done = subprocess.run(
        [*outer, "--", sys.executable, "-m", "routecli", "demo"],
        cwd=rig.repo.root, env=rig.environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode != 0 and done.stderr.startswith("bwrap: "):
        pytest.skip(f"bubblewrap does not work here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert "none: the tests ran with your rights" in " ".join(done.stdout.split())


def test_row_42_without_a_sandbox_a_standing_setting_is_no_yes(tmp_path: Path) -> None:
    """The option on the command line is the yes for one run; a variable or a file is not."""
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT)] * 2) as server:
        rig.serve(server)
        rig.env["ROUTECLI_UNSAFE_NO_SANDBOX"] = "1"
        done = rig.do()
        assert (done.status, done.refused_well(), server.posts) == (3, True, []), done.err
        assert "unittest" in done.err
        assert "--unsafe-no-sandbox" in done.err
        del rig.env["ROUTECLI_UNSAFE_NO_SANDBOX"]
        said = rig.do("--unsafe-no-sandbox")
    assert said.status == 0, said.err
    assert said.receipt["isolation"] == "none"


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_held_out_tests_judge_and_no_request_shows_them(tmp_path: Path, api: str) -> None:
    held = FILES["test_calc.py"].replace("2, 3), 5", "20, 3), 23, 'canary-word'").replace("add(0, 0)", "add(-4, 4)")
    rig = Rig.make(tmp_path, FILES | {"test_held.py": held})
    by_heart = block("    return 5 if a == 2 else a - b")
    with ScriptedServer([Say(by_heart), Say(RIGHT)]) as server:
        rig.serve(server, api, '[verify]\nholdout = ["*_held.py"]\n')
        done = rig.run("run", TASK, "calc.py", "test_calc.py", "test_held.py", "--json")
        assert done.status == 0, done.err
        assert [a["tier"] for a in done.receipt["attempts"]] == ["tier2", "tier3"]
        assert rig.code() == FIXED
        sent = "".join(json.dumps(post.body) for post in server.posts)
    assert "test_calc.py" in sent
    assert "withheld: solve the task" in sent
    for word in ("canary-word", "test_held", "20, 3"):
        assert word not in sent
    assert "test_held.py" in done.err + done.out
