"""What the scripts of a package.json say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.command import Completed
from routecli.verification.ecosystems.javascript_findings import OUTPUT, BiomeFindings, EslintFindings, TscFindings
from routecli.verification.ecosystems.javascript_scripts import NODE_TEST, OPTIONS, Asked, asked_by, kept, linted_by
from routecli.verification.planned import INSIDE


@pytest.mark.parametrize(
    ("script", "asked"),
    [
        ("jest", Asked("jest")),
        ("npx jest --coverage --reporters default -u", Asked("jest")),
        ("jest --config x.js -- src/a", Asked("jest", "", ("--config", "x.js"), ("src/a",))),
        ("vitest run --reporter verbose --coverage.provider=v8", Asked("vitest")),
        ("NODE_ENV=test vitest --project unit",
         Asked("vitest", "", ("--project", "unit"), env=(("NODE_ENV", "test"),))),
        ("cross-env NODE_OPTIONS='--a b' PATH=x jest", Asked("jest", env=(("NODE_OPTIONS", "--a b"),))),
        ("node --experimental-vm-modules node_modules/jest/bin/jest.js",
         Asked("jest", node_words=("--experimental-vm-modules",))),
        ("nyc -r lcov mocha --bail -r ts-node/register -R dot 'test/**/*.ts'",
         Asked("mocha", "", ("-r", "ts-node/register"), ("test/**/*.ts",))),
        ("c8 node --import tsx --test --test-reporter spec test/*.ts",
         Asked(NODE_TEST, "", (), ("test/*.ts",), ("--import", "tsx"))),
        ("tsx --test --watch", Asked(NODE_TEST, node_words=("--import", "tsx"))),
        ("node --test --test-name-pattern 'a b' t.js", Asked(NODE_TEST, "", ("--test-name-pattern", "a b"), ("t.js",))),
        ("yarn unit", Asked("mocha", before="")),
        ("npm run build --silent && npm run unit", Asked("mocha", before="tsc -p . && cp 'a b' dist")),
        ("eslint . && tsc --noEmit && pnpm run unit", Asked("mocha")),
        ("run-s lint unit", Asked("mocha")),
        ("cp a b 2>&1 | cat; rm -f x || true && mocha --watch | tap", Asked("mocha", before=
         "cp a b 2>&1 | cat ; rm -f x || true")),
    ],
)  # fmt: skip
def test_the_run_that_a_script_asks_for(script: str, asked: Asked) -> None:
    scripts = {"test": script, "build": "tsc -p . && cp 'a b' dist", "lint": "eslint .", "unit": "mocha"}
    assert [(a.runner, a.words, a.files, a.node_words, a.env, a.before) for a in asked_by(scripts)] == [
        (asked.runner, asked.words, asked.files, asked.node_words, asked.env, asked.before)
    ]


@pytest.mark.parametrize(
    "script", ["", "echo jest", "eslint --plugin jest .", "gulp test", "node build.js", "npm test", "tap 'x", "ava"]
)
def test_a_script_that_runs_none(script: str) -> None:
    assert asked_by({"test": script}) == ()


def test_several_runs_are_each_told() -> None:
    scripts = {"test": "npm run a && npm run b", "a": "mocha", "prea": "tsc", "b": "vitest run"}
    assert [(a.runner, a.before) for a in asked_by(scripts)] == [("mocha", "tsc"), ("vitest", "tsc")]


@given(st.dictionaries(st.sampled_from(["test", "a", "pretest"]), st.text("abn &|;\"'=-\\$*mochatest", max_size=60)))
def test_no_script_is_a_traceback(scripts: dict[str, str]) -> None:
    for asked in asked_by(scripts):
        assert asked.runner in OPTIONS
        assert kept(asked.runner, (*asked.words, *asked.files))[0] == asked.words
    linted_by(scripts, "eslint")


def test_scripts_that_start_one_another_end() -> None:
    assert asked_by({"test": "npm run a", "a": "npm run b; npm run b", "b": "npm run a; npm run a"}) == ()


def test_the_words_of_a_linter() -> None:
    words = "eslint --fix src lib --ext .ts,.js -f pretty --max-warnings 0 --cache"
    assert linted_by({"lint": words}, "eslint") == (("--ext", ".ts,.js", "src", "lib"), True)
    assert linted_by({"lint": "npx eslint ."}, "eslint") == ((".",), False)
    assert linted_by({"test": "x"}, "eslint") == ((), False)


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
@pytest.mark.parametrize(
    ("patterns", "files"),
    [
        (["test/*.js"], ["test/a.js"]),
        (["./test/**/*.{js,ts}"], ["test/a.js", "test/deep/b.ts"]),
        (["**/[ab].js", "./x.js"], ["./x.js", "test/a.js"]),
    ],
)
def test_patterns_name_the_files_of_now(tmp_path: Path, patterns: list[str], files: list[str]) -> None:
    for name in ("test/a.js", "test/deep/b.ts", "node_modules/a.js", "test/a+b.js.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    words = ["node", INSIDE / "start_routecli.cjs", "--files", *patterns, "--", "/bin/echo", "-n", "--only"]
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert said == " ".join(f.removeprefix("./") for f in files)
    only = subprocess.run([*words, "other.js"], cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert only == "other.js"
    none = subprocess.run([*words[:3], "*.py", *words[-4:]], cwd=tmp_path, capture_output=True, check=False, text=True)
    assert none.returncode == 1
    assert "no file is named by *.py" in none.stderr


@given(st.one_of(st.binary(max_size=80), st.sampled_from([b"[1, {}]", b'[{"messages": [3]}]', b"[" * 9000])))
def test_garbage_of_a_linter_is_no_traceback(raw: bytes) -> None:
    done = Completed((), 1, raw, b"", 0.1, report={OUTPUT: raw})
    for reader in (EslintFindings(Path("/r")), TscFindings("."), BiomeFindings(Path("/r"), "web")):
        assert isinstance(reader(done), tuple)


def test_what_each_linter_says() -> None:
    def said(text: str) -> Completed:
        return Completed((), 1, b"", b"", 0.1, report={OUTPUT: text.encode()})

    both = '[{"filePath": "/r/web/a.js", "messages": [{"severity": 1, "ruleId": "w", "line": 1, "message": "one"},'
    both += '{"severity": 2, "ruleId": null, "line": 2, "message": "two"}]}]'
    assert [str(f) for f in EslintFindings(Path("/r"))(said(both))] == ["web/a.js:2: syntax two"]
    assert len(EslintFindings(Path("/r"), strict=True)(said(both))) == 2
    line = "::error title=lint/style/noVar,file={},line=2,endLine=2,col=3,endColumn=12::Use let%2C or const\n"
    for file in ("./a%2Cb.js", "/r/web/a%2Cb.js"):
        found = BiomeFindings(Path("/r"), "web")(said(line.format(file)))
        assert [str(f) for f in found] == ["web/a,b.js:2: lint/style/noVar Use let, or const"]
    tsc = TscFindings("web")(said("a.ts(1,14): error TS2322: No.\n  more\nerror TS5033: x\n"))
    assert [str(f) for f in tsc] == ["web/a.ts:1: TS2322 No."]
