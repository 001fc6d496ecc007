"""Which lines of JavaScript are looked for, and which of them V8 says were run."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit
from routecli.verification.ecosystems.javascript_lines import START, javascript_spots, watch_of
from routecli.verification.planned import INSIDE

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")


def spots(before: str, after: str, path: str = "a.ts") -> object:
    return javascript_spots(FileEdit(path, before.encode() or None, after.encode()))


def test_each_changed_line_of_code_is_looked_for() -> None:
    text = """// a comment
/* and
   another */ const a = 1;
interface Shape {
}
type Name = string;
import type { X } from "x";
import y from "y";
function f() {
  if (a) {
    return 1;
  } else {
    return 2;
  }
}
/** says nothing
 * at all */
"""
    assert spots("", text) == ((3,), (8,), (9,), (10,), (11,), (13,))


def test_where_lines_only_went_those_around_them_will_do() -> None:
    assert spots("a();\nb();\nc();\n", "a();\nc();\n") == ((1, 2),)
    assert spots("a();\n// b\nc();\n", "a();\nc();\n") == ()


def test_what_cannot_be_told() -> None:
    assert spots("", "x = 1\n", "a.py") is None
    assert spots("", "export declare const x: number;\n", "a.d.ts") == ()
    assert javascript_spots(FileEdit("a.js", b"x", None)) is None


@given(st.text("ab/*\n {};'`", max_size=60), st.text("ab/*\n {};'`", max_size=60))
def test_every_spot_is_a_line_of_the_file(before: str, after: str) -> None:
    found = javascript_spots(FileEdit("a.js", before.encode() or None, after.encode()))
    assert found is not None
    assert all(1 <= line <= len(after.splitlines()) for group in found for line in group)


def test_each_runner_is_asked_in_its_own_way() -> None:
    asked = {"web/a(1).ts": ((1,),), "other/b.ts": ((2,),)}
    node = Path("/usr/bin/node")
    jest = watch_of("jest", node).watching(Command(("n", "jest.js", "--coverage=false", "x"), "web"), asked)
    assert jest.argv[2:] == (
        "--coverage", "--coverageProvider=v8", "--coverageReporters=none", "--collectCoverageFrom=a\\(1\\).ts", "x",
    )  # fmt: skip
    assert json.loads(jest.env["ROUTECLI_LINES"]) == {"a(1).ts": [[1]]}
    plain = watch_of("mocha", node).watching(Command(("n", "mocha.js")), asked)
    assert plain.argv == (str(node), str(START), "--", "n", "mocha.js")
    assert watch_of("mocha", node).watching(plain, asked).argv == plain.argv
    elsewhere = Command(("n",), "nowhere")
    assert watch_of("mocha", node).watching(elsewhere, asked) == elsewhere


ASK = """
const { Lines, asked } = require(process.argv[1]);
const lines = new Lines(asked());
const { file, functions, ...code } = JSON.parse(process.argv[2]);
lines.add(require("node:path").resolve(file), functions, code);
process.stdout.write(JSON.stringify({ ...lines.told(), left: process.env.ROUTECLI_LINES }));
"""


def run_lines(folder: Path, asked: dict[str, list[list[int]]], **script: object) -> dict[str, object]:
    words = ["node", "-e", ASK, str(INSIDE / "lines_routecli.cjs"), json.dumps(script)]
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "ROUTECLI_LINES": json.dumps(asked)}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, check=True)
    told: dict[str, object] = json.loads(done.stdout)
    return told


def called(start: int, end: int, count: int) -> dict[str, object]:
    return {"ranges": [{"startOffset": start, "endOffset": end, "count": count}]}


@needs_node
def test_a_line_is_run_where_some_of_it_is_and_no_function_on_it_was_never_called(tmp_path: Path) -> None:
    text = "const a = 1;\nconst f = (x) => x;\nif (a) g(); else h();\nfunction k() {\n  a;\n}\n"
    whole = {"ranges": [{"startOffset": 0, "endOffset": len(text), "count": 1},
                        {"startOffset": text.index("g()"), "endOffset": text.index(" else"), "count": 0}]}  # fmt: skip
    functions = [whole, called(text.index("(x)"), text.index(";\nif"), 0), called(text.index("function"), len(text), 0)]
    asked = {"a.js": [[n] for n in range(1, 8)], "other.js": [[1]]}
    told = run_lines(tmp_path, asked, file="a.js", functions=functions, text=text)
    assert told == {"lines": {"a.js": [1, 3, 6, 7], "other.js": []}, "files": ["a.js"]}
    wrapped = [{"ranges": [{n: v + (0 if n == "count" else 9) for n, v in r.items()} for r in f["ranges"]]}
               for f in functions]  # type: ignore[attr-defined]  # fmt: skip
    assert run_lines(tmp_path, asked, file="a.js", functions=wrapped, text=text, skip=9) == told


@needs_node
def test_a_source_map_says_where_code_came_from(tmp_path: Path) -> None:
    # line 1 of the code is line 3 of the source, line 2 is line 1, and nothing came from line 2
    source_map = {"sources": ["../src/a.ts"], "mappings": "AAEA;AAFA", "sourceRoot": ""}
    code = {"file": "dist/a.js", "text": "one();\ntwo();\n", "map": source_map}
    functions = [called(0, 14, 1), called(7, 14, 0)]
    told = run_lines(tmp_path, {"src/a.ts": [[1], [2], [3]]}, functions=functions, **code)
    assert told == {"lines": {"src/a.ts": [2, 3]}, "files": ["src/a.ts"]}
