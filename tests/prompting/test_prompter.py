"""ports.Prompter, with real edits, real counts and files on disk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.money import Usage, usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Attempt
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Unverified, Verdict
from routecli.edits import EDIT_FORMATS, render
from routecli.errors import UsageFault
from routecli.ports import Prompter
from routecli.prompting import TaskPrompter
from routecli.survey import Counter, Remembered, tokens

GPT, CLAUDE = ModelRef("openai", "gpt-5.5"), ModelRef("anthropic", "claude-opus-4.7")
PAID = Usage(100, output_tokens=9)
TIER = Tier("tier1", 1, (GPT,))
PATCH = Patch((FileEdit("a.py", b"x = 1\n", b"x = 3\n"),))


@dataclass
class Folder:
    """ports.Files over a folder."""

    root: Path
    reads: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        self.reads.append(path)
        return (self.root / path).read_bytes() if (self.root / path).is_file() else None

    def paths(self) -> Collection[str]:
        return [p.name for p in self.root.iterdir()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "a.py").write_text("x = 1\n")
    return Folder(tmp_path)


def prompter(folder: Folder, *paths: str, secrets: Collection[str] = ()) -> TaskPrompter:
    task = Task("make x two", Kind.FEATURE, "", folder.root, None, paths, usd(5))
    return TaskPrompter(
        task,
        paths or ("a.py",),
        folder,
        lambda _tier, _model: ("search_replace", EDIT_FORMATS["search_replace"].instructions),
        render,
        Counter(Remembered(None)),
        lambda model, counted: tokens.for_model(counted, model.model),
        secrets,
    )


def attempt(verdict: Verdict, patch: Patch | None = PATCH, usage: Usage = PAID) -> Attempt:
    return Attempt(1, "tier1", str(GPT), "gpt-5.5", usage, usd(0), 1.0, verdict, patch)


def test_it_is_a_prompter(folder: Folder) -> None:
    made: Prompter = prompter(folder)
    prompt = made.ask(TIER, GPT, ())
    assert prompt.edit_format == "search_replace"
    assert "x = 1\n" in prompt.messages[-1].text
    assert "make x two" in prompt.messages[-1].text
    assert prompt.input_tokens >= sum(tokens.count([m.text for m in prompt.messages]))


def test_each_model_is_counted_by_its_own_tokenizer(folder: Folder) -> None:
    tokens.preload()
    made = prompter(folder)
    ours, theirs = made.ask(TIER, GPT, ()).input_tokens, made.ask(TIER, CLAUDE, ()).input_tokens
    assert theirs == tokens.for_model(ours, CLAUDE.model)


def test_every_tier_is_asked_about_the_same_bytes(folder: Folder) -> None:
    made = prompter(folder)
    first = made.ask(TIER, GPT, ())
    (folder.root / "a.py").write_text("something else\n")
    assert made.ask(TIER, GPT, ()) == first
    assert folder.reads == ["a.py"]


def test_a_file_that_is_gone_is_a_refusal(folder: Folder) -> None:
    with pytest.raises(UsageFault, match=r"gone\.py is gone"):
        prompter(folder, "gone.py").ask(TIER, GPT, ())


def test_the_next_tier_sees_the_change_and_why_it_failed(folder: Folder) -> None:
    failed = attempt(Deferred(DeferralReason.TESTS_FAILED, "1 test failed", "assert 3 == 2"))
    told = prompter(folder).ask(TIER, CLAUDE, (failed,)).messages[-1].text
    assert "+x = 3" in told
    assert "1 test failed" in told
    assert "assert 3 == 2" in told


@pytest.mark.parametrize(
    "earlier",
    [
        attempt(Accepted((), "tests")),
        attempt(Deferred(DeferralReason.NO_EDITS, "the tools changed nothing", ""), None, Usage()),
    ],
)
def test_what_teaches_nothing_is_not_told(folder: Folder, earlier: Attempt) -> None:
    made = prompter(folder)
    assert made.ask(TIER, GPT, (earlier,)) == made.ask(TIER, GPT, ())


def test_an_unverified_attempt_and_one_without_a_patch_are_told(folder: Folder) -> None:
    made = prompter(folder)
    assert "nothing ran" in made.ask(TIER, GPT, (attempt(Unverified("nothing ran")),)).messages[-1].text
    refused = attempt(Deferred(DeferralReason.REFUSED, "the model refused", ""), None)
    assert "the model refused" in made.ask(TIER, GPT, (refused,)).messages[-1].text


def test_row_16_no_key_reaches_the_next_tier(folder: Folder) -> None:
    key = "sk-canary-0123456789"
    leaked = attempt(Deferred(DeferralReason.TESTS_FAILED, "failed", f"printed {key}"))
    told = prompter(folder, secrets=[key]).ask(TIER, GPT, (leaked,))
    assert all(key not in m.text for m in told.messages)


def test_a_repair_costs_what_was_added(folder: Folder) -> None:
    made = prompter(folder)
    prompt = made.ask(TIER, GPT, ())
    refusal = Deferred(DeferralReason.DOES_NOT_APPLY, "does not apply", "no such lines in a.py")
    repaired = made.repair(prompt, GPT, "the edits", refusal)
    assert repaired.messages[: len(prompt.messages)] == prompt.messages
    assert "no such lines" in repaired.messages[-1].text
    assert repaired.input_tokens > prompt.input_tokens
    assert repaired.edit_format == prompt.edit_format


def test_a_tier_that_tries_again_marks_its_files_for_the_cache(folder: Folder) -> None:
    twice = Tier("tier1", 1, (GPT,), attempts=2)
    assert [m.cache_here for m in prompter(folder).ask(twice, GPT, ()).messages] == [True, True, False]
    assert [m.cache_here for m in prompter(folder).ask(TIER, GPT, ()).messages] == [True, False]
