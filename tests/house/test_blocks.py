"""Every block of code in the docs that can be checked without running it: commands are understood, files load."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from routecli.cli.app import root_command
from routecli.config.load import load
from routecli.providers.recorded import read

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
HEREDOC = re.compile(r"<<'(\w+)'.*?^\1$", re.MULTILINE | re.DOTALL)
LANGUAGES = {"sh", "toml", "yaml", "json", "python", ""}
"""Without a name: what a program says, formulas; nothing to check."""


class Block(NamedTuple):
    page: str
    language: str
    text: str


def blocks(language: str) -> list[Block]:
    return [block for page in PAGES for block in of(page) if block.language == language]


def of(page: Path) -> Iterator[Block]:
    for found in BLOCK.finditer(page.read_text()):
        yield Block(page.name, found[2], found[3])


def commands(text: str) -> Iterator[list[str]]:
    """The words of each `routecli …` in shell text: after a comment is cut off, between its operators."""
    for line in HEREDOC.sub("", text).replace("\\\n", " ").splitlines():
        words: list[str] = []
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&()<>")
        lexer.whitespace_split = True
        skip = False
        for word in [*lexer, ";"]:
            if set(word) <= set("|;&()<>"):
                skip = set(word) <= set("<>")
                if not skip and words:
                    yield words
                words = words if skip else []
            elif skip:
                skip = False
            else:
                words.append(word)


def ours(text: str) -> Iterator[list[str]]:
    """Without the path to the program, and what stands before it as a setting of one variable."""
    for words in commands(text):
        while words and re.fullmatch(r"\w+=.*", words[0]):
            words = words[1:]
        if words and Path(words[0]).name == "routecli":
            yield words[1:]


def understand(words: list[str]) -> None:
    """As typed, up to where the verb would begin. Raises what the command line raises."""
    command: Any = root_command()
    with command.make_context("routecli", list(words)) as ctx:
        rest, parent = [*getattr(ctx, "_protected_args", ()), *ctx.args], ctx
        while hasattr(command, "resolve_command") and rest:
            name, command, rest = command.resolve_command(parent, rest)
            parent = command.make_context(name, rest, parent=parent)
            rest = [*getattr(parent, "_protected_args", ()), *parent.args]


TYPED = sorted({tuple(words) for block in blocks("sh") for words in ours(block.text)})


def test_each_block_says_its_language() -> None:
    assert {b.language for page in PAGES for b in of(page)} <= LANGUAGES
    assert len(TYPED) > 100


def test_each_command_of_the_docs_is_understood() -> None:
    wrong = []
    for words in TYPED:
        if {"--help", "-h", "--version"} & set(words):
            continue
        try:
            understand(list(words))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the page is wrong
            wrong.append(f"routecli {shlex.join(words)}: {fault}")
    assert wrong == []


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    for line in ("routecli hook instal", "routecli run x --no-such-option", "true | routecli budget set day"):
        (words,) = ours(line)
        with pytest.raises(Exception):  # noqa: B017 - see above
            understand(words)
    assert list(ours('X=1 routecli run "a # b" c.py > out.txt  # no word of it')) == [["run", "a # b", "c.py"]]


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda b: b.page)
def test_each_configuration_loads(block: Block, tmp_path: Path) -> None:
    text = block.text
    if "[[replies]]" in text:
        file = tmp_path / "replies.toml"
        file.write_text(text)
        assert read(file)
        return
    if "[[tiers]]" not in text and "preset" not in text:
        text += '\n[[tiers]]\nname = "tier2"\nmodels = ["openrouter/anthropic/claude-opus-5.5"]\n'
    file = tmp_path / "config.toml"
    file.write_text(text)
    found = load(repo_root=None, flags={}, environ={"HOME": str(tmp_path), "OPENROUTER_API_KEY": "k"}, config_file=file)
    assert [w.text for w in found.warnings if "unknown" in w.text] == []


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda b: b.page)
def test_each_yaml_speaks_of_what_there_is(block: Block) -> None:
    read = yaml.safe_load(block.text)
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    for repo in read.get("repos", ()):
        assert {hook["id"] for hook in repo["hooks"]} <= hooks
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    for job in read.get("jobs", {}).values() if isinstance(read.get("jobs"), dict) else ():
        for step in job["steps"]:
            if "routecli@" in step.get("uses", ""):
                assert set(step["with"]) <= set(inputs)


def test_each_json_is_some_and_each_python_imports_what_there_is() -> None:
    for block in blocks("json"):
        json.loads(block.text)
    for block in blocks("python"):
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("routecli"):
                module = importlib.import_module(str(node.module))
                for name in (n.name for n in node.names if not hasattr(module, n.name)):
                    importlib.import_module(f"{node.module}.{name}")


def test_the_example_of_edits_runs() -> None:
    (block,) = (b for b in blocks("python") if b.page == "edits.md")
    files = {"src/invoice.py": "TOTAL = 1\n"}
    reply = "src/invoice.py\n```python\n<<<<<<< SEARCH\n{}\n=======\nTOTAL = 2\n>>>>>>> REPLACE\n```\n"
    said: dict[str, Any] = {"reply": reply.format("TOTAL = 1"), "files": files}
    exec(block.text, said)
    assert said["patch"].paths == ("src/invoice.py",)
    refused: dict[str, Any] = {"reply": reply.format("NOTHING = 7"), "files": files}
    exec(block.text, refused)
    assert "TOTAL = 1" in refused["again"]
