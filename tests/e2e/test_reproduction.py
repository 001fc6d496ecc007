"""A test of the task, written first by a cheap tier: what it judges, what it costs, what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.rig import FILES, RIGHT, TASK, WRONG, Rig, bill
from serving import Say, ScriptedServer

SILENT = FILES | {"test_calc.py": "from calc import add\n\n\ndef test_zero():\n    assert add(0, 0) == 0\n"}
"""Its own tests pass before and after any fix: they say nothing of the task."""
TEST = """\
```python
from calc import add


def test_sums():
    assert add(2, 3) == 5
    assert add(-1, 1) == 0
```
"""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    yield Rig.make(tmp_path, SILENT)


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_the_right_fix_is_accepted_and_the_wrong_one_is_not(rig: Rig, api: str) -> None:
    """fix (wrong) · test · fix (right): the wrong one passes every test that was there."""
    says = [Say(WRONG), Say(TEST, input_tokens=300, output_tokens=80), Say(RIGHT)]
    with ScriptedServer(list(says)) as server:
        rig.serve(server, api)
        done = rig.do()
        posts = server.posts
    assert done.status == 0, done.err
    receipt = done.receipt
    told = [(a["purpose"], a["tier"], a["verdict"].get("reason") or "") for a in receipt["attempts"]]
    assert told == [("reproduction", "tier1", ""), ("", "tier1", "tests-failed"), ("", "tier2", "")]
    assert "written from the task alone, failed before and passes now" in receipt["why"]
    assert Decimal(receipt["cost_usd"]) == bill(posts, says)
    assert rig.repo.git("status", "--porcelain").split() == ["M", "calc.py"]
    asked = posts[1].text
    assert "return a * b" not in asked, "whoever writes the test must not see a fix"
    assert "test_reproduction_" in asked
    assert "def test_sums" not in posts[2].text.partition("Output of the checks")[0]


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("```python\nfrom calc import add\n\n\ndef test_sums():\n    assert add(0, 0) == 0\n```\n", "it passes before"),
        ("```python\nimport nothing_here\n\n\ndef test_sums():\n    assert False\n```\n", "it cannot be read"),
        ("```python\ndef test_sums(:\n```\n", "it cannot be read"),
        ("```python\ndef test_sums():\n    assert unknown_name\n```\n", "for another reason"),
        ("```python\ndef test_sums(no_such_fixture):\n    pass\n```\n", "for another reason"),
        ("I can not.", "holds no test file"),
    ],
)
def test_what_is_no_reproduction_changes_nothing(rig: Rig, test: str, said: str) -> None:
    with ScriptedServer([Say(RIGHT), Say(test)]) as server:
        rig.serve(server)
        done = rig.do()
    assert done.status == 6, done.err
    assert said in done.err
    assert "nothing shows that it is fixed" in done.receipt["why"]
    assert rig.code() == FILES["calc.py"]


def test_it_can_be_kept_and_switched_off(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT), Say(TEST), Say(RIGHT)]) as server:
        rig.serve(server)
        kept = rig.do("--with-test")
        assert kept.status == 0, kept.err
        (made,) = rig.repo.root.glob("test_reproduction_*.py")
        assert "assert add(2, 3) == 5" in made.read_text()
        assert rig.run("undo").status == 0
        off = rig.do("--reproduce", "off")
        assert len(server.posts) == 3
    assert off.status == 6, off.err


def test_where_a_failing_test_speaks_of_it_none_is_written(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT), Say(RIGHT), Say(TEST)]) as server:
        rig.serve(server)
        assert rig.do().status == 0
        assert len(server.posts) == 1
        assert rig.run("undo").status == 0
        always = rig.do("--reproduce", "always")
        assert len(server.posts) == 3
    assert always.status == 0, always.err
    assert [a["purpose"] for a in always.receipt["attempts"]] == ["reproduction", ""]


def test_the_most_of_several_decide(rig: Rig) -> None:
    misread = TEST.replace("== 5", "== 6")
    with ScriptedServer([Say(RIGHT), Say(misread), Say(TEST), Say(TEST)]) as server:
        rig.serve(server, more="[verify]\nreproduce_candidates = 3\n")
        done = rig.do()
    assert done.status == 0, done.err
    assert len(done.receipt["attempts"]) == 4


def test_another_tier_may_write_it(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT), Say(TEST)]) as server:
        rig.serve(server, more='[verify]\nreproduce_tier = "tier3"\n')
        done = rig.do()
        assert [p.model for p in server.posts] == ["m1", "m3"]
    assert done.status == 0, done.err


def test_a_tier_that_is_not_there_is_configuration(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server, more='[verify]\nreproduce_tier = "tier9"\n')
        done = rig.run("run", TASK, "calc.py")
        assert server.posts == []
    assert (done.status, done.refused_well()) == (3, True), done.err
    assert "tier1" in done.err
