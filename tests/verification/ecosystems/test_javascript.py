"""JavaScript on tiny real packages: node's own runner, and jest, vitest, mocha, eslint and tsc from the registry."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from routecli.domain.command import Completed
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Unverified
from routecli.verification.ecosystems.javascript_findings import EslintFindings, TscFindings
from routecli.verification.integrity import is_runner_file, is_test_module
from tests.verification.conftest import Bench

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")

PACKAGES = ("jest@29.7.0", "vitest@2.1.9", "mocha@10.8.2", "eslint@9.39.1", "typescript@5.9.3")
CODE = "exports.add = (a, b) => a + b;\nexports.double = (a) => a + 2;\n"
RIGHT = CODE.replace("a + 2", "a * 2")
ADD_BROKEN = RIGHT.replace("a + b", "a - b")
NODE_HEAD = "const { describe, it } = require('node:test');\nconst calc = require('../calc.js');\n"
HEADS = {
    "jest": "const calc = require('../calc.js');\n",
    "mocha": "const calc = require('../calc.js');\n",
    "vitest": "import { describe, it } from 'vitest';\nimport calc from '../calc.js';\n",
}
BODY = (
    "describe('calc', () => {\n  it('adds', () => { if (calc.add(1, 2) !== 3) throw new Error('no sum'); });\n"
    "  it('doubles', () => { if (calc.double(3) !== 6) throw new Error(`got ${calc.double(3)}`); });\n});\n"
)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Installed once per machine, outside every repository."""
    folder = Path(tempfile.gettempdir()) / f"routecli-tests-npm-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.is_file() or done.read_text() != " ".join(PACKAGES):
            (folder / "package.json").write_text("{}")
            words = ["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
            installed = subprocess.run(words, cwd=folder, capture_output=True, check=False)
            if installed.returncode != 0:
                pytest.skip("npm cannot install the runners here")
            done.write_text(" ".join(PACKAGES))
    return folder / "node_modules"


def package(bench: Bench, script: str, test: str, name: str = "test/calc.test.js", **more: object) -> Bench:
    bench.environ = {"PATH": os.environ["PATH"]}
    bench.write({"package.json": json.dumps({"scripts": {"test": script}, **more}), "calc.js": CODE, name: test})
    return bench


def judge(bench: Bench, code: str, kind: Kind = Kind.FIX, **more: str | None) -> object:
    patch = bench.patch({"calc.js": code, **more})
    settings = VerifySettings(timeout_s=30, reproduce="off")
    return bench.verifier(kind, paths=("calc.js",), settings=settings).judge(patch, 1)


def test_a_fix_is_accepted_by_the_test_that_failed_before(bench: Bench) -> None:
    package(bench, "node --test", NODE_HEAD + BODY)
    verdict = judge(bench, RIGHT)
    assert isinstance(verdict, Accepted), verdict
    assert "test/calc.test.js::calc > doubles failed before and passes now" in verdict.why


def test_what_fails_now_or_still_is_deferred_with_its_message(bench: Bench) -> None:
    package(bench, "node --test", NODE_HEAD + BODY)
    broken = judge(bench, ADD_BROKEN)
    assert isinstance(broken, Deferred) and broken.reason is DeferralReason.TESTS_FAILED
    assert "no sum" in broken.feedback
    still = judge(bench, CODE.replace("a + 2", "a + 1"))
    assert isinstance(still, Deferred) and "got 4" in still.feedback


def test_a_test_that_vanishes_is_no_pass(bench: Bench) -> None:
    package(bench, "node --test", NODE_HEAD + BODY)
    verdict = judge(bench, RIGHT + "process.exit(0);\n")
    assert isinstance(verdict, Deferred) and verdict.reason is DeferralReason.TAMPERED, verdict


def test_the_patch_may_not_change_its_judge(bench: Bench) -> None:
    package(bench, "node --test", NODE_HEAD + BODY)
    tame = NODE_HEAD + BODY.replace("!== 6", "!== 5")
    patch = bench.patch({"test/calc.test.js": tame, "calc.js": CODE + "// done\n"})
    settings = VerifySettings(timeout_s=30)
    verdict = bench.verifier(Kind.FIX, paths=("calc.js",), settings=settings).judge(patch, 1)
    assert not isinstance(verdict, Accepted)
    assert is_test_module("src/calc.spec.tsx") and is_runner_file("web/package.json")
    assert is_runner_file("vitest.config.ts") and not is_runner_file("src/config.ts")
    assert not is_test_module("latest.js")


def test_a_run_that_does_not_end_is_timed_out(bench: Bench) -> None:
    package(bench, "node --test", NODE_HEAD + BODY)
    patch = bench.patch({"calc.js": "for (;;);\n"})
    settings = VerifySettings(timeout_s=3, reproduce="off")
    verdict = bench.verifier(Kind.FIX, paths=("calc.js",), settings=settings).judge(patch, 1)
    assert isinstance(verdict, Deferred) and verdict.reason is DeferralReason.TIMED_OUT, verdict


def test_a_runner_that_is_not_installed_is_the_machines_fault(bench: Bench) -> None:
    package(bench, "jest", HEADS["jest"] + BODY)
    bench.write({"yarn.lock": ""})
    plan = bench.verifier(Kind.FIX, paths=("calc.js",)).whole_plan()
    assert plan.missing is not None and plan.missing.hint.startswith("yarn install")
    assert isinstance(judge(bench, RIGHT), Unverified)


def test_a_python_task_asks_no_javascript_of_a_mixed_repository(bench: Bench) -> None:
    package(bench, "jest", HEADS["jest"] + BODY)
    bench.write({"calc.py": "", "test_calc.py": "def test_it():\n    pass\n"})
    plan = bench.verifier(Kind.FIX, paths=("calc.py",)).whole_plan()
    assert plan.missing is None or "jest" not in plan.missing.what


def test_no_test_is_no_verdict(bench: Bench) -> None:
    package(bench, "echo none", "", "readme.js")
    assert isinstance(judge(bench, RIGHT), Unverified)


def test_the_nearest_package_is_meant(bench: Bench) -> None:
    bench.environ = {"PATH": os.environ["PATH"]}
    inner = {"scripts": {"test": "node --test"}}
    bench.write({"package.json": "{}", "web/package.json": json.dumps(inner), "web/calc.js": CODE,
                 "web/test/calc.test.js": NODE_HEAD + BODY})  # fmt: skip
    plan = bench.verifier(Kind.FIX, paths=("web/calc.js",)).whole_plan()
    assert [c.command.cwd for c in plan.checks] == ["web"]


@pytest.mark.parametrize("runner", ["jest", "vitest", "mocha"])
def test_each_runner_tells_every_test(bench: Bench, node_modules: Path, runner: str) -> None:
    name = "test/calc.test.mjs" if runner == "vitest" else "test/calc.test.js"
    package(bench, "mocha test/*.js" if runner == "mocha" else f"{runner} --coverage", HEADS[runner] + BODY, name)
    (bench.root / "node_modules").symlink_to(node_modules)
    verdict = judge(bench, RIGHT)
    assert isinstance(verdict, Accepted), verdict
    assert f"{name}::calc > doubles failed before and passes now; 2 of {runner} pass" in verdict.why
    broken = judge(bench, ADD_BROKEN)
    assert isinstance(broken, Deferred) and "no sum" in broken.feedback, broken


def test_linters_find_what_is_new(bench: Bench, node_modules: Path) -> None:
    package(bench, "node --test", NODE_HEAD + BODY)
    bench.write({
        "eslint.config.js": "module.exports = [{ rules: { 'no-debugger': 'error' } }];\n",
        "tsconfig.json": '{"compilerOptions": {"allowJs": true, "checkJs": false, "types": []}, "files": ["typed.ts"]}',
        "typed.ts": "export const n: number = 1;\n",
    })  # fmt: skip
    (bench.root / "node_modules").symlink_to(node_modules)
    verifier = bench.verifier(Kind.FIX, paths=("calc.js",))
    assert [c.name for c in verifier.whole_plan().checks] == ["node --test", "eslint", "tsc"]
    verdict = verifier.judge(bench.patch({"calc.js": RIGHT + "debugger;\n"}), 1)
    assert isinstance(verdict, Deferred) and verdict.reason is DeferralReason.LINT_FAILED and "debugger" in verdict.why
    typed = verifier.judge(bench.patch({"calc.js": RIGHT, "typed.ts": "export const n: number = 'one';\n"}), 2)
    assert isinstance(typed, Deferred) and "TS2322" in typed.why, typed


@pytest.mark.parametrize("raw", [b"", b"{", b"[1, {}]", b'[{"messages": [3]}]', b"\xff"])
def test_garbage_is_no_traceback(raw: bytes) -> None:
    done = Completed((), 1, raw, b"", 0.1, report={"eslint.json": raw})
    assert isinstance(EslintFindings(Path("/r"))(done), tuple)
    assert TscFindings(".")(done) == ()
