from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from routecli.cli.coercion import Coercion
from routecli.cli.verb import verb_app, with_shared_options


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


def parsed(*words: str) -> dict[str, Any]:
    app, seen = verb_app(), {}

    @app.command()
    def verb(
        task: Annotated[str, typer.Argument()],
        paths: Annotated[list[Path] | None, typer.Argument()] = None,
        number: Annotated[int, typer.Option("--number", min=1, max=9)] = 3,
        low: Annotated[int | None, typer.Option("--low", min=0)] = None,
        colour: Annotated[Colour, typer.Option("--colour")] = Colour.RED,
        flag: Annotated[bool, typer.Option("--flag", envvar="VERB_FLAG")] = False,
        also: Annotated[list[str] | None, typer.Option("--also")] = None,
        rate: Annotated[float | None, typer.Option("--rate", min=0, max=1)] = None,
    ) -> None:
        """Verb."""
        seen.update(task=task, paths=paths, number=number, low=low, colour=colour, flag=flag, also=also, rate=rate)

    command = with_shared_options(typer.main.get_command(app))
    with command.make_context("verb", list(words)) as ctx:
        command.invoke(ctx)
    return seen


def test_values_are_of_their_types() -> None:
    got = parsed("do it", "a.py", "b", "--number", "4", "--colour", "green", "--also", "x", "--also", "y", "--flag")
    assert got == {
        "task": "do it", "paths": [Path("a.py"), Path("b")], "number": 4, "low": None, "colour": Colour.GREEN,
        "flag": True, "also": ["x", "y"], "rate": None,
    }  # fmt: skip


def test_defaults_are_as_declared() -> None:
    got = parsed("t")
    assert (got["number"], got["colour"], got["flag"], got["low"]) == (3, Colour.RED, False, None)
    assert not got["paths"]
    assert not got["also"]


def test_numbers_with_a_point() -> None:
    assert parsed("t", "--rate", "0.5")["rate"] == 0.5
    for word in ("x", "nan", "1,5"):
        with pytest.raises(typer.BadParameter):
            parsed("t", "--rate", word)
    with pytest.raises(typer.BadParameter):
        parsed("t", "--rate", "x")


@pytest.mark.parametrize(("word", "flag"), [("1", True), ("TRUE", True), ("no", False), ("0", False)])
def test_a_flag_from_a_variable(word: str, flag: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERB_FLAG", word)
    assert parsed("t")["flag"] is flag


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--number", "x"], "'x' is no whole number"),
        (["--number", "1.5"], "'1.5' is no whole number"),
        (["--number", "²"], "'²' is no whole number"),
        (["--number", "9" * 5000], "is no whole number"),
        (["--number", "10"], "10 is not from 1 to 9"),
        (["--low", "-1"], "-1 is not at least 0"),
        (["--colour", "gren"], "did you mean green?"),
    ],
)
def test_what_does_not_fit_says_what_would(words: list[str], said: str) -> None:
    with pytest.raises(typer.BadParameter, match=r".") as fault:
        parsed("t", *words)
    assert said in str(fault.value)


def test_a_variable_that_is_neither_true_nor_false(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERB_FLAG", "maybe")
    with pytest.raises(typer.BadParameter, match="neither true nor false"):
        parsed("t")


def test_every_option_of_our_verbs_is_read_without_pydantic() -> None:
    from routecli.cli.app import VERBS, load

    for verb in VERBS:
        for command in [load(verb), *getattr(load(verb), "commands", {}).values()]:
            slow = [p.name for p in command.params if not isinstance(getattr(p, "_runtime_param", None), Coercion)]
            assert slow == [], f"{verb.name}: these import pydantic before anything is done: {slow}"


def test_a_command_line_is_read_without_pydantic(tmp_path: Path) -> None:
    code = "import sys; from routecli.cli.app import run; run(sys.argv[1:]); print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "history", "--limit", "3", "--quiet"], capture_output=True, text=True, check=True,
        timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False"
