"""The static rule on added lines of JavaScript: what it flags, and honest code that looks alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import Kind, Task
from routecli.verification import cheats


def flagged(code: str, before: str | None = "", path: str = "src/a.ts", instruction: str = "mend double") -> str:
    task = Task(instruction, Kind.FIX, "given", Path("/nowhere"), None, ("src/a.ts",), usd(1))
    held = before.encode() if before is not None else None
    found = cheats.flags(Patch((FileEdit(path, held, code.encode()),)), task)
    return found[0].what if found else ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import { it } from 'vitest';\n", "vitest is the test runner"),
        ("const { mock } = require('node:test');\n", "node:test is the test runner"),
        ("await import(`@jest/globals`);\n", "@jest/globals is the test runner"),
        ("globalThis.expect = () => anything;\n", "expect of the test runner is put out of the way"),
        ("global['it'] = () => {};\n", "it of the test runner"),
        ("require('assert').strictEqual; assert.strictEqual = () => {};\n", "assert.strictEqual of the test runner"),
        ("return { asymmetricMatch: () => true };\n", "asymmetricMatch makes a value equal"),
        ("process.reallyExit(0);\n", "reallyExit ends"),
        ("if (process.env.JEST_WORKER_ID) return 6;\n", "JEST_WORKER_ID is the test runner's"),
        ("const d = process.env.ROUTECLI_REPORT_DIR;\n", "ROUTECLI_REPORT_DIR is routecli's own"),
    ],
)
def test_row_09_what_reaches_for_a_javascript_runner_is_flagged(code: str, said: str) -> None:
    assert flagged(code).startswith(said)
    assert flagged(code, before=code) == ""


@pytest.mark.parametrize(
    "code",
    [
        "// import { it } from 'vitest';\n",
        "/* globalThis.expect = 1\n   require('mocha') */ let a;\n",
        "global.fetch = f;\nglobalThis.items = [];\n",
        "if (globalThis.expect === undefined) a();\n",
        "const expected = (test) => test.it = 1;\n",
        "import { assert } from './assert';\nassert.equal(a, b);\nconst f = assert.ok === b;\n",
        "process.exitCode = 1;\nprocess.on('exit', save);\n",
        "if (import.meta.vitest) run();\n",
        "window.location = test;\n",
    ],
)
def test_row_09_honest_javascript_is_not_flagged(code: str) -> None:
    assert flagged(code) == ""


def test_row_09_tests_may_speak_to_their_runner_and_so_may_what_is_asked_for() -> None:
    assert flagged("import { it } from 'vitest';\n", path="src/a.test.ts") == ""
    assert flagged("import chai from 'chai';\n", instruction="write a helper on top of chai") == ""


def test_row_09_a_file_in_the_place_of_a_package_is_flagged() -> None:
    assert "would hide one" in flagged("x\n", before=None, path="packages/a/node_modules/vitest/index.js")
    assert flagged("x\n", before=None, path="src/node_modules.js") == ""
