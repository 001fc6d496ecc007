"""claude and codex themselves as tiers, against a scripted server: `npm install -g @anthropic-ai/claude-code
@openai/codex`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from e2e.rig import FILES, KEY, Rig
from serving import ScriptedServer
from serving.agents import claude_mends, codex_mends

MENDS = {"claude": claude_mends, "codex": codex_mends}
BILLS = {
    # Two requests, at 3 and 15 dollars a million, cached input at the price of plain input.
    "claude": ((1500 + 1200) * 3 + (50 + 5) * 15) / Decimal(1_000_000),
    "codex": (2 * 900 * 3 + 2 * 40 * 15) / Decimal(1_000_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("agent", MENDS)
def test_a_run_is_accepted_and_paid_to_the_token(tmp_path: Path, agent: str) -> None:
    rig = Rig.make(tmp_path, FILES | {".env": "SECRET=1\n"})
    with ScriptedServer([MENDS[agent]] * 10, models=("m1",)) as server:
        url = server.anthropic_url if agent == "claude" else server.base_url
        (tmp_path / "config.toml").write_text(
            f'[providers.it]\napi = "agent"\nagent = "{agent}"\nbase_url = "{url}"\napi_key_env = "RIG_KEY"\n'
            '[[tiers]]\nname = "agent"\nmodels = ["it/m1"]\n'
            '[prices."it/m1"]\ninput_usd_per_mtok = 3\noutput_usd_per_mtok = 15\n'
        )
        done = rig.do()
    assert done.status == 0, done.err
    assert rig.code() == FILES["calc.py"].replace("a - b", "a + b")
    (attempt,) = done.receipt["attempts"]
    assert attempt["usage"]["source"] == "reported"
    assert Decimal(done.receipt["cost_usd"]) == BILLS[agent]
    assert KEY not in done.out + done.err
    assert {post.headers.get("x-api-key") or post.headers["authorization"] for post in server.posts} <= {
        KEY, f"Bearer {KEY}",
    }  # fmt: skip
