"""The rows of the agents: what each is started with, and what its last words mean."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from routecli.config.keys import AGENTS as NAMED
from routecli.providers.agent.table import AGENTS, INSIDE_KEY, Start

START = Start("do it", "m1", "http://127.0.0.1:9/v1", ("a.py", "b c.py"), 100, 40,
              "mine --model {model} --url={url} -- {prompt} {paths}")  # fmt: skip


def test_the_configuration_knows_the_rows() -> None:
    assert tuple(AGENTS) == NAMED


@pytest.mark.parametrize("name", AGENTS)
def test_each_is_told_the_task_the_model_and_the_door_and_no_real_key(name: str) -> None:
    agent = AGENTS[name]
    argv, env = agent.argv(START), agent.env(START)
    words = " ".join([*argv, *env.values()])
    assert "do it" in argv
    assert "m1" in words
    assert START.url in words
    assert INSIDE_KEY in words
    assert agent.install or name == "command"


def test_a_template_is_split_before_it_is_filled() -> None:
    start = Start('it\'s $(a) "task"', "m1", "u", ("a.py", "b c.py"), 100, 40, START.template)
    assert AGENTS["command"].argv(start) == [
        "mine", "--model", "m1", "--url=u", "--", "it's $(a) \"task\"", "a.py", "b c.py",
    ]  # fmt: skip


def test_claude_says_text_usage_and_cost() -> None:
    usage = {"input_tokens": 10, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2, "output_tokens": 7}
    line = json.dumps({"type": "result", "result": "done", "total_cost_usd": 0.25, "usage": usage})
    said = AGENTS["claude"].read(f"noise\n{line}\n")
    assert said.usage is not None
    assert (said.text, said.usage.input_tokens, said.usage.output_tokens) == ("done", 17, 7)
    assert Decimal(said.cost_usd or "") == Decimal("0.25")


def test_codex_says_text_and_the_usage_of_each_turn() -> None:
    turn = {"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 9}}
    item = {"type": "item.completed", "item": {"type": "agent_message", "text": "done"}}
    said = AGENTS["codex"].read("\n".join(json.dumps(e) for e in (item, turn, turn)))
    assert said.usage is not None
    assert (said.text, said.usage.input_tokens, said.usage.cache_read_tokens, said.usage.output_tokens) == (
        "done", 200, 120, 18,
    )  # fmt: skip


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("text", ["", "plain words", "[1]\nnull\n{", '{"type": "result", "usage": 3}', '{"usage": {}}'])
def test_other_last_words_say_nothing_of_money(name: str, text: str) -> None:
    said = AGENTS[name].read(text)
    assert (said.usage, said.cost_usd) == (None, None)
