"""The library as programs use it, and as its page says: the same receipt as the command's, nothing printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from e2e.rig import RIGHT, WRONG, Done, Rig
from serving import Say, ScriptedServer

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
RUN = 'from routecli import run\nr = run("fix add: it subtracts", ["calc.py"], {more})\n'

CAUGHT = """
import routecli, routecli.errors
try:
    routecli.run("fix add", ["calc.py"], {more})
except routecli.errors.RoutecliError as fault:
    print(type(fault).__name__)
"""
SLOW = ("openai", "anthropic", "rich", "typer")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig.make(tmp_path)


def python(rig: Rig, code: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=rig.repo.root, env=rig.environment(), text=True, capture_output=True,
        check=False, timeout=120,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def test_every_block_of_the_page_runs(rig: Rig) -> None:
    assert len(BLOCKS) == 4
    with ScriptedServer([Say(RIGHT)] * 2) as server:
        rig.serve(server)
        first, before, wrong, last = (python(rig, block) for block in BLOCKS)
    for done in (first, before, wrong, last):
        assert (done.status, done.err) == (0, "")
    assert "+    return a + b" in first.out
    assert before.out.startswith("tier1 [")
    assert "there is no file 'no-such-file.py'" in wrong.out
    assert wrong.out.rstrip().endswith(" 2")
    assert last.out.startswith("mine/m1 0.")
    assert "a + b" in rig.code()


def test_the_receipt_is_the_one_that_the_command_shows(rig: Rig) -> None:
    code = RUN.format(more="") + (
        "import json\nfrom routecli.domain.receipt_json import to_json\nprint(json.dumps(to_json(r)))\n"
    )
    with ScriptedServer([Say(WRONG), Say(RIGHT)]) as server:
        rig.serve(server)
        done = python(rig, code)
    assert done.err == ""
    receipt = json.loads(done.out)
    shown = rig.run("receipt", "--json").receipt
    assert shown.keys() == receipt.keys()
    for key in shown.keys() - {"attempts", "files"}:  # of a stored run only the patch as a text is kept
        assert shown[key] == receipt[key], key
    assert [a["tier"] for a in receipt["attempts"]] == ["tier1", "tier2"]


def test_a_cap_is_a_receipt_and_what_is_not_begun_is_raised(rig: Rig) -> None:
    with ScriptedServer([]) as server:
        rig.serve(server)
        capped = python(rig, RUN.format(more='budget_usd="0.000001"') + "print(r.outcome, r.cost_usd)")
        assert (capped.out, capped.err) == ("budget 0\n", "")
        for more, fault in (
            ('kind="ask"', "UsageFault"),
            ('kind="no"', "UsageFault"),
            ('root="/no/such"', "UsageFault"),
            ('tier="no"', "UsageFault"),
            ('profile="no"', "UsageFault"),
            ('config={"verify.require": "no"}', "UsageFault"),
        ):
            done = python(rig, CAUGHT.format(more=more))
            assert (done.out, done.err) == (f"{fault}\n", ""), more
        assert server.posts == []


def test_commands_that_nobody_trusted_do_not_run_unless_consent_says_so(rig: Rig) -> None:
    (rig.repo.root / ".routecli.toml").write_text('[verify]\ntest_cmd = "python -m unittest -q"\n')
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        refused = python(rig, "from routecli.errors import ConfigFault\ntry:\n    " + RUN.format(more="").replace(
            "\n", "\n    ") + "\nexcept ConfigFault as f:\n    print(f.hint)\n")  # fmt: skip
        assert (refused.out, refused.err) == ("routecli trust add\n", "")
        agreed = python(rig, RUN.format(more="consent=lambda question: True, write=False") + "print(r.outcome)")
    assert (agreed.out, agreed.err) == ("accepted\n", "")
    assert "a - b" in rig.code()


def test_the_import_loads_nothing_of_ours_and_names_are_typed(rig: Rig) -> None:
    code = (
        f"import sys, routecli\nprint([m for m in sys.modules if m.startswith(('routecli.', *{SLOW}))])\n"
        "from routecli import Estimate, estimate, run\n"
        f"print(run.__annotations__['return'], [m for m in {SLOW} if m in sys.modules])"
    )
    done = python(rig, code)
    assert (done.out, done.err) == ("[]\nReceipt []\n", "")
    assert "no attribute" in python(rig, "import routecli; routecli.nothing").err
