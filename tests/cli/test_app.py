from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import Routecli
from routecli import __version__
from routecli.cli import app
from routecli.cli.app import VERBS, load
from routecli.cli.tree import command_tree, flat
from routecli.errors import BudgetFault, ExitStatus
from routecli.pricebook import Pricebook

SLOW = ("openai", "anthropic", "tiktoken", "genai_prices", "git", "rich", "rapidfuzz", "sqlite3", "httpx2", "psycopg")


def two_lines(stderr: bytes) -> None:
    """The one voice: a line, a blank line, `hint:`."""
    lines = stderr.decode().splitlines()
    assert lines[0].startswith("error: "), stderr
    assert lines[1] == ""
    assert lines[2].startswith("hint: ")
    assert b"Traceback" not in stderr


@pytest.mark.parametrize("verb", VERBS, ids=lambda v: v.name)
def test_the_table_says_what_the_module_says(verb: app.Verb) -> None:
    first = " ".join((load(verb).help or "").split("\n\n")[0].split())
    assert first == verb.help


def test_every_command_has_its_help_with_an_example_that_parses() -> None:
    for node in flat(command_tree()):
        if node.below:
            continue
        assert node.examples, f"{node.words}: no example"
        for example in node.examples:
            shorthand = node.words == "run" and example.startswith('routecli "')
            assert shorthand or re.search(rf"\b{node.words}\b", example), f"{node.words}: {example}"


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["-h"]])
def test_help_and_version_import_nothing_slow(args: list[str]) -> None:
    code = (
        "import sys; from routecli.cli.app import run; status = run(sys.argv[1:]); "
        f"print(status, sorted(set({SLOW!r}) & set(sys.modules)), "
        "sorted(m for m in sys.modules if m.startswith('routecli.') and m.split('.')[1] not in "
        "('cli', 'domain', 'errors', 'nouns', 'process', *(['pricebook'] if '--version' in sys.argv else []))))"
    )
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "0 [] []"


def test_the_version_and_the_day_of_the_prices(routecli: Routecli) -> None:
    said = routecli("--version").stdout.decode()
    assert said == f"routecli {__version__}, prices of {Pricebook({}, {}).as_of()}\n"


def test_help_lists_every_command_and_leaves_with_0(routecli: Routecli) -> None:
    done = routecli("--help")
    assert done.returncode == 0
    assert done.stderr == b""
    assert all(f"\n  {verb.name} " in done.stdout.decode() for verb in VERBS)


def test_the_help_of_a_command_shows_its_example(routecli: Routecli) -> None:
    done = routecli("history", "--help")
    assert done.returncode == 0
    assert b"Examples:\n  routecli history\n" in done.stdout
    assert b"Options of every command:" in done.stdout


def test_help_fits_a_narrow_screen_and_has_no_colour_in_a_pipe(routecli: Routecli) -> None:
    text = routecli("--help", env={"COLUMNS": "60"}).stdout.decode()
    about, _, _ = text.partition("Examples:")
    assert max(len(line) for line in about.splitlines()) <= 60
    assert "\x1b" not in text


def test_nothing_typed_is_exit_2_and_shows_how(routecli: Routecli) -> None:
    done = routecli()
    assert done.returncode == ExitStatus.USAGE
    assert done.stdout == b""
    assert b"Usage: routecli" in done.stderr


@pytest.mark.parametrize(("word", "meant"), [("histroy", "history"), ("modles", "models"), ("Trust", "trust")])
def test_a_mistyped_command_is_exit_2_with_did_you_mean(word: str, meant: str, routecli: Routecli) -> None:
    done = routecli(word, "a.py")
    assert done.returncode == ExitStatus.USAGE
    two_lines(done.stderr)
    assert f"did you mean `routecli {meant}`?" in done.stderr.decode()


def test_a_sentence_is_a_task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "echo_verb.py").write_text(
        "import typer\nfrom typing import Annotated\nfrom routecli.cli.verb import verb_app\napp = verb_app()\n"
        "@app.command()\ndef run(ctx: typer.Context, task: str, paths: list[str] = typer.Argument(None)) -> int:\n"
        "    '''Echo.'''\n    print(repr((task, paths)))\n    return 6\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(app._BY_NAME, "run", app.Verb("run", "echo_verb", "Echo.", app.WORK))
    assert app.run(["fix the thing", "a.py"]) == ExitStatus.UNVERIFIED
    assert app.run(["--quiet", "fix\tit"]) == ExitStatus.UNVERIFIED
    assert app.run(["fixit", "a.py"]) == ExitStatus.USAGE


def test_shared_options_are_understood_before_and_after_the_verb(routecli: Routecli, tmp_path: Path) -> None:
    absent = tmp_path / "absent.toml"
    before, after = routecli("--config", str(absent), "models"), routecli("models", "--config", str(absent))
    assert before.returncode == after.returncode == ExitStatus.CONFIG
    assert before.stderr == after.stderr
    assert str(absent).encode() in before.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["--nope"], ["--config"], ["history", "--nope"], ["history", "--limit", "x"], ["history", "--limit", "0"],
        ["history", "extra"], ["history", "--limit", "9" * 40], ["show", "a", "b"], ["completion"],
        ["completion", "tcsh"], ["config"], ["config", "shw"], ["config", "init", "--preset"], ["trust", "ad"],
        [""], [" "], ["\x1b[2J"], ["-"], ["--"], ["---"], ["=" * 100_000], ["--limit=5"], ["é\u202e"], ["[bold]x[/y]"],
        ["%s"], ["{0}"], ["history", "--json=1"], ["--version=1"], ["-qx"], ["show", "--patch"], ["show", ""],
        ["show", "[/x]"], ["trust", "add"], ["trust", "remove"],
    ],
    ids=lambda a: " ".join(a)[:30].encode("unicode_escape").decode() or "nothing",
)  # fmt: skip
def test_row_67_bad_input_is_exit_2_and_one_line(
    args: list[str], capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    assert app.run(args) == ExitStatus.USAGE
    said, told = capfdbinary.readouterr()
    two_lines(told)
    assert said == b""
    assert len(told) < 3000
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", told)


@pytest.mark.parametrize("args", [[b"caf\xe9"], [b"show", b"\xff\xfe"], [b"--\xff"], [b"history", b"--limit=\xff"]])
def test_row_67_words_that_are_no_utf_8(args: list[bytes], routecli: Routecli) -> None:
    done = routecli(*args)
    assert done.returncode == ExitStatus.USAGE, done.stderr
    two_lines(done.stderr)
    done.stderr.decode("utf-8")


@pytest.mark.parametrize(
    "env",
    [
        {"TERM": ""}, {"TERM": "dumb"}, {"TERM": "no-such-terminal"}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "0"}, {"COLUMNS": "x"}, {"COLUMNS": "1"}, {"HOME": ""}, {"HOME": "/nonexistent/home"},
        {"ROUTECLI_STATE_DIR": "/proc/nothing"}, {"TZ": "No/Where"}, {"NO_COLOR": "1"},
    ],
    ids=str,
)  # fmt: skip
def test_row_67_a_poor_environment(env: dict[str, str], routecli: Routecli) -> None:
    done = routecli(*(["history"] if "STATE" in str(env) else ["config", "show"]), env=env)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("name", ["HOME", "TERM", "PATH", "LANG"])
def test_row_67_a_variable_that_is_not_there(name: str, routecli: Routecli) -> None:
    done = routecli("history", drop=[name])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_row_67_closed_streams(closed: str, routecli: Routecli, tmp_path: Path) -> None:
    for verb, status in (("history", 0), ("nope", 2)):
        done = routecli(command=["sh", "-c", f'"{sys.executable}" -m routecli {verb} {closed}'])
        assert done.returncode == status, done.stderr
        assert b"Traceback" not in done.stderr
        assert b"Exception ignored" not in done.stderr


def test_row_67_a_ledger_is_never_written_to_by_a_print(routecli: Routecli, tmp_path: Path) -> None:
    routecli("history")
    before = (tmp_path / "state" / "ledger.db").read_bytes()
    routecli(command=["sh", "-c", f'"{sys.executable}" -m routecli history >&- 2>&-'])
    assert (tmp_path / "state" / "ledger.db").read_bytes()[:100] == before[:100]


@pytest.mark.parametrize("args", [["--help"], ["history"], ["models", "--json"], ["completion", "bash"]], ids=" ".join)
def test_row_67_a_reader_that_left_is_no_fault(args: list[str], routecli: Routecli) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = routecli(*args, stdout=writer)
    finally:
        os.close(writer)
    assert done.returncode == 0
    assert done.stderr == b""


def test_a_full_disk_is_told_and_is_no_bug(routecli: Routecli) -> None:
    with Path("/dev/full").open("wb") as full:
        done = routecli("models", "--json", stdout=full.fileno())
    assert done.returncode == ExitStatus.INTERNAL
    assert done.stderr == b"error: the output could not be written: No space left on device\n"


def test_every_error_has_its_exit_status(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_args: object) -> int:
        raise BudgetFault("the next call could cost $1\x1b[2J", hint="--budget 2")

    monkeypatch.setattr(app, "invoke", refuse)
    assert app.run(["x"]) == ExitStatus.BUDGET
    assert capsys.readouterr().err == "error: the next call could cost $1\\x1b[2J\n\nhint: --budget 2\n"


def test_what_the_parser_says_of_foreign_code_is_not_on_the_screen() -> None:
    code = (
        "import ast, sys\nfrom routecli.cli.app import main\nsys.argv = ['routecli', '--version']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nast.parse('x = 1if 2 else 3')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    loud = subprocess.run([sys.executable, "-W", "default", "-c", code], check=True, capture_output=True, text=True)
    assert "SyntaxWarning" in loud.stderr
