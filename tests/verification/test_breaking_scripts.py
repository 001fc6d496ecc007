"""Functions of JavaScript and TypeScript broken on purpose, and new tests that notice or do not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred
from routecli.verification.breaking_scripts import broken_scripts, imported_scripts
from tests.verification.ecosystems.judging import patch, verifier

pytest.importorskip("ast_grep_py")

CODE = """export const add = (a, b) => a + b;
export function clamp(x) {
  // over
  if (x > 9) {
    return 9;
  }
  return x;
}
export class Box {
  open(key) { return key === 1; }
  shut() { throw new Error('never'); }
}
exports.half = function (x) { return x / 2; };
const table = { pick: (x) => ({ x }), plain: 1 };
export const empty = () => {};
"""
TEST = "import { add } from '../src/calc';\nadd(1); clamp(2); box.open(3); half(4); pick(5); empty(); shut();\n"


def test_each_function_that_a_test_speaks_of_is_broken_in_its_ways() -> None:
    found = broken_scripts([("test/a.test.js", TEST)], ["src/calc.js"], {"src/calc.js": CODE.encode()}.get)
    texts = {(one.function, one.how): (one.edit.after or b"").decode() for one in found}
    assert {name for name, _ in texts} == {"add", "clamp", "open", "half", "pick"}
    assert "add = (a, b) => (undefined);" in texts["add", "gives nothing back"]
    assert "add = (a, b) => a - b;" in texts["add", "has an operator turned round"]
    assert "open(key) {}" in texts["open", "gives nothing back"]
    assert "half = function (x) { return x * 2; }" in texts["half", "has an operator turned round"]
    assert "pick: (x) => (undefined)," in texts["pick", "gives nothing back"]
    assert next(one.lines for one in found if one.function == "clamp") == (2, 4, 5, 7)
    assert all(one.must == (one.how == "gives nothing back") for one in found)


def test_a_function_that_no_test_speaks_of_is_left_alone() -> None:
    code = {"src/calc.js": CODE.encode(), "a.py": b"def add():\n    return 1\n"}
    assert broken_scripts([("t.js", "it('adds', () => other())\n")], list(code), code.get) == ()
    assert broken_scripts([("t.js", TEST)], ["gone.js"], code.get) == ()
    assert broken_scripts([("t.js", TEST)], ["b.js"], {"b.js": b"\xff\xfe"}.get) == ()


def test_what_a_test_imports_is_found_with_its_ending() -> None:
    code = {"src/calc.ts": b"", "src/index.js": b"", "test/other.test.js": b"", "data.json": b""}
    text = "import '../src/calc.js'; require('../src'); import './other.test.js'; require('../data.json'); require('x')"
    assert imported_scripts([("test/a.test.js", text)], code.get) == ("src/calc.ts", "src/index.js")


HEAD = "const { it } = require('node:test');\nconst calc = require('../calc.js');\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_a_new_test_that_notices_nothing_is_no_test(tmp_path: Path) -> None:
    files = {
        "package.json": json.dumps({"scripts": {"test": "node --test"}}),
        "calc.js": "exports.double = (a) => a * 2;\n",
        "test/old.test.js": "require('node:test').it('is there', () => {});\n",
    }
    settings = VerifySettings(timeout_s=60, reproduce="off")
    judge = verifier(tmp_path, files, Kind.TESTS, ("test",), settings=settings)
    hollow = HEAD + "it('doubles', () => { const got = calc.double(3); if (got === 'x') throw new Error(got); });\n"
    verdict = judge.judge(patch(files, {"test/new.test.js": hollow}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.CONTRACT_BROKEN
    assert "double gives nothing back" in verdict.why
    good = HEAD + "it('doubles', () => { if (calc.double(3) !== 6) throw new Error('wrong'); });\n"
    verdict = judge.judge(patch(files, {"test/new.test.js": good}), 2)
    assert isinstance(verdict, Accepted), verdict
    assert "notice 2 of 2 faults made on purpose" in verdict.why
