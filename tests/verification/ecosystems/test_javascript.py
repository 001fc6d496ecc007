"""JavaScript on tiny real packages in the real sandbox: node's own runner, and jest, vitest, mocha, eslint, biome and
tsc from the registry."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Strength, Unverified, Verdict
from routecli.verification import passes
from routecli.verification.integrity import is_protected, is_runner_file, is_test_module
from routecli.verification.verifier import ProjectVerifier
from tests.verification.conftest import Bench
from tests.verification.ecosystems.judging import patch, verifier

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")

PACKAGES = (
    "jest@29.7.0", "vitest@2.1.9", "mocha@10.8.2", "eslint@9.39.1", "typescript@5.9.3", "@biomejs/biome@2.3.4",
)  # fmt: skip
CODE = "exports.add = (a, b) => a + b;\nexports.double = (a) => a + 2;\n"
RIGHT = CODE.replace("a + 2", "a * 2")
ADD_BROKEN = RIGHT.replace("a + b", "a - b")
HEADS = {
    "node --test": "const { describe, it } = require('node:test');\nconst calc = require('../calc.js');\n",
    "jest": "const calc = require('../calc.js');\n",
    "mocha": "const calc = require('../calc.js');\n",
    "vitest": "import { describe, it } from 'vitest';\nimport calc from '../calc.js';\n",
}
BODY = (
    "describe('calc', () => {\n  it('adds', () => { if (calc.add(1, 2) !== 3) throw new Error('no sum'); });\n"
    "  it('doubles', () => { if (calc.double(3) !== 6) throw new Error(`got ${calc.double(3)}`); });\n"
    "  it('is not told where', () => { if (process.env.ROUTECLI_REPORT_DIR) throw new Error('told'); });\n});\n"
)
NODE_TEST = HEADS["node --test"] + BODY


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
            words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
            installed = subprocess.run(words, cwd=folder, capture_output=True, check=False)
            if installed.returncode != 0:
                pytest.skip("npm cannot install the runners here")
            done.write_text(" ".join(PACKAGES))
    return folder / "node_modules"


def package(script: str, test: str, name: str = "test/calc.test.js", **more: object) -> dict[str, str]:
    manifest = json.dumps({"scripts": {"test": script}, **more})
    return {"package.json": manifest, "calc.js": CODE, name: test, ".gitignore": "node_modules\n"}


def ready(
    root: Path, files: Mapping[str, str], modules: Path | None = None, kind: Kind = Kind.FIX,
    environ: Mapping[str, str] | None = None, paths: tuple[str, ...] = ("calc.js",),
) -> ProjectVerifier:  # fmt: skip
    if modules is not None:
        (root / "node_modules").symlink_to(modules)
    settings = VerifySettings(timeout_s=60, reproduce="off")
    return verifier(root, files, kind, paths, environ=environ, settings=settings)


def refused(verdict: Verdict, reason: DeferralReason, said: str) -> None:
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is reason, verdict
    assert said in verdict.feedback + verdict.why


@pytest.mark.parametrize(
    ("runner", "script"),
    [
        ("node --test", "npm run lint && npm run unit"),
        ("mocha", "nyc --reporter lcov mocha -R dot 'test/**/*.js'"),
        ("jest", "jest --coverage --silent"),
        ("vitest", "vitest"),
    ],
)
def test_each_runner_tells_every_test(tmp_path: Path, node_modules: Path, runner: str, script: str) -> None:
    name = "test/calc.test.mjs" if runner == "vitest" else "test/calc.test.js"
    files = package(script, HEADS[runner] + BODY, name)
    scripts = {"test": script, "lint": "eslint .", "unit": "node --test test/*.js"}
    files["package.json"] = json.dumps({"scripts": scripts})
    judge = ready(tmp_path, files, node_modules)
    verdict = judge.judge(patch(files, {"calc.js": RIGHT}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert f"{name}::calc > doubles failed before and passes now; 3 of {runner} pass" in verdict.why
    assert verdict.strength is Strength.TESTED, verdict.rests_on
    broken = judge.judge(patch(files, {"calc.js": ADD_BROKEN}), 2)
    refused(broken, DeferralReason.TESTS_FAILED, "no sum")
    if runner == "vitest":
        gone = judge.judge(patch(files, {"calc.js": RIGHT.replace("a + b", "process.exit(0)")}), 3)
        refused(gone, DeferralReason.TESTS_FAILED, "process.exit")
    if runner in ("node --test", "mocha"):  # the others take a second each
        cannot = judge.judge(patch(files, {"calc.js": f"{RIGHT}oops oops\n"}), 3)
        refused(cannot, DeferralReason.TESTS_FAILED, "SyntaxError" if runner == "mocha" else "oops oops")
        still = judge.judge(patch(files, {"calc.js": CODE.replace("a + 2", "a + 1")}), 4)
        refused(still, DeferralReason.TESTS_FAILED, "got 4")


@pytest.mark.parametrize("runner", ["node --test", "mocha"])
def test_a_test_that_vanishes_is_no_pass(tmp_path: Path, node_modules: Path, runner: str) -> None:
    files = package(runner, HEADS[runner] + BODY)
    judge = ready(tmp_path, files, None if runner == "node --test" else node_modules)
    verdict = judge.judge(patch(files, {"calc.js": RIGHT.replace("a + b", "process.exit(0)")}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TAMPERED, verdict


TYPED = """// a head that goes when types go
interface Shape {
  side: number;
}

export const add = (a: number, b: number): number => a + b;
export const double = (a: number): number => a + 2;
"""
NEVER = """export function never(a: Shape): number {
  return a.side;
}
"""


def test_lines_of_typescript_that_no_test_runs_make_it_weak(tmp_path: Path, node_modules: Path) -> None:
    head = "import { describe, it } from 'vitest';\nimport * as calc from '../calc';\n"
    files = package("vitest", head + BODY, "test/calc.test.ts") | {"calc.ts": TYPED}
    del files["calc.js"]
    right = TYPED.replace("a + 2", "a * 2").replace("side: number;", "side: number;\n  other: string;")
    judge = ready(tmp_path, files, node_modules, paths=("calc.ts",))
    weak = judge.judge(patch(files, {"calc.ts": right + NEVER}), 1)
    assert isinstance(weak, Accepted), weak
    assert weak.strength is Strength.WEAK
    assert weak.rests_on == "2 of 4 changed statements run in no test: calc.ts:9, calc.ts:10"


def test_what_no_test_loads_is_not_verified_by_them(tmp_path: Path) -> None:
    files = package("node --test", NODE_TEST.replace("=== 6", "=== 5")) | {"other.js": "exports.x = 1;\n"}
    verdict = ready(tmp_path, files, kind=Kind.FEATURE).judge(patch(files, {"other.js": "exports.x = 2;\n"}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert verdict.why == "no test loads other.js: that all pass says nothing of the change"


def test_a_patch_cannot_change_its_judge(tmp_path: Path) -> None:
    files = package("node --test", NODE_TEST)
    tame = NODE_TEST.replace("!== 6", "!== 5")
    verdict = ready(tmp_path, files).judge(patch(files, {"test/calc.test.js": tame, "calc.js": f"{CODE}// done\n"}), 1)
    refused(verdict, DeferralReason.TESTS_FAILED, "got 5")


def test_what_judges_is_known_by_its_name() -> None:
    assert is_test_module("src/calc.spec.tsx")
    assert not is_test_module("latest.js")
    for name in ("web/package.json", "vitest.config.ts", "vitest.config.unit.ts", "src/setupTests.ts", "biome.jsonc"):
        assert is_runner_file(name), name
    assert not is_runner_file("src/config.ts")
    task = Bench(Path(), Path()).task(Kind.FIX, ("calc.js",))
    assert is_protected("src/__snapshots__/calc.snap", task)
    assert is_protected("__mocks__/fs.js", task)


def in_runner(runner: str, body: str) -> dict[str, str]:
    return package(runner, HEADS[runner] + body, "test/calc.test.mjs" if runner == "vitest" else "test/calc.test.js")


@pytest.mark.parametrize("runner", HEADS)
def test_a_run_that_does_not_end_is_timed_out(
    tmp_path: Path, node_modules: Path, runner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "LEAST_TIMEOUT_S", 2.0)
    monkeypatch.setattr(passes, "TIMES_BASE", 2)
    files = in_runner(runner, BODY)
    verdict = ready(tmp_path, files, node_modules).judge(patch(files, {"calc.js": "for (;;);\n"}), 1)
    refused(verdict, DeferralReason.TIMED_OUT, "did not end")


LUCK = """
it('luck', async () => {
  const fs = FS;
  if (!fs.readFileSync('calc.js', 'utf8').includes('a * 2') || fs.existsSync('seen')) return;
  fs.writeFileSync('seen', '');
  throw new Error('bad luck');
});
"""  # with the patch it fails the first time only


@pytest.mark.parametrize("runner", HEADS)
def test_a_flaky_test_is_not_held_against_a_patch(tmp_path: Path, node_modules: Path, runner: str) -> None:
    load = "await import('node:fs')" if runner == "vitest" else "require('node:fs')"
    files = in_runner(runner, BODY + LUCK.replace("FS", load, 1))
    verdict = ready(tmp_path, files, node_modules).judge(patch(files, {"calc.js": RIGHT}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert [name.rpartition("::")[2] for name in verdict.checks[0].flaky] == ["luck"]


def test_a_jest_that_ends_early_is_no_pass(tmp_path: Path, node_modules: Path) -> None:
    files = in_runner("jest", BODY)
    judge = ready(tmp_path, files, node_modules)
    verdict = judge.judge(patch(files, {"calc.js": RIGHT.replace("a + b", "process.exit(0)")}), 1)
    assert isinstance(verdict, Deferred), verdict


def test_no_test_is_no_verdict(tmp_path: Path) -> None:
    files = package("echo none", "", "readme.js")
    assert isinstance(ready(tmp_path, files).judge(patch(files, {"calc.js": RIGHT}), 1), Unverified)


def test_new_tests_that_a_pattern_names_are_run(tmp_path: Path) -> None:
    files = package("node --test 'test/**/*.test.js'", NODE_TEST)
    new = HEADS["node --test"] + "it('is new', () => { if (calc.double(0) !== 0) throw new Error('new: no zero'); });\n"
    judge = ready(tmp_path, files)
    verdict = judge.judge(patch(files, {"calc.js": RIGHT, "test/deep/new.test.js": new.replace("../", "../../")}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[-1].passed == 1
    wrong = new.replace("../", "../../").replace("!== 0", "!== 1")
    refused(judge.judge(patch(files, {"calc.js": RIGHT, "test/deep/new.test.js": wrong}), 2),
            DeferralReason.TESTS_FAILED, "new: no zero")  # fmt: skip


def test_what_has_to_be_built_is_built_first(tmp_path: Path) -> None:
    build = "mkdir -p dist && cp calc.js dist/calc.js && env | grep -c ROUTECLI_REPORT > dist/told; true"
    test = NODE_TEST.replace("../calc.js", "../dist/calc.js") + (
        "it('is not told when it is built', () => {\n"
        "  if (require('node:fs').readFileSync('dist/told', 'utf8').trim() !== '0') throw new Error('told');\n});\n"
    )
    files = package("npm run build && node --test", test)
    files["package.json"] = json.dumps({"scripts": {"test": "npm run build && node --test", "build": build}})
    files[".gitignore"] = "dist\n"
    judge = ready(tmp_path, files)
    verdict = judge.judge(patch(files, {"calc.js": RIGHT}), 1)
    assert isinstance(verdict, Accepted), verdict
    refused(judge.judge(patch(files, {"calc.js": ADD_BROKEN}), 2), DeferralReason.TESTS_FAILED, "no sum")


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({"yarn.lock": ""}, "yarn install"),
        ({"pnpm-lock.yaml": ""}, "pnpm install"),
        ({"package-lock.json": "{}"}, "npm ci"),
        ({}, "npm install"),
    ],
)
def test_a_runner_that_is_not_installed_is_the_machines_fault(tmp_path: Path, more: dict[str, str], hint: str) -> None:
    files = {**package("jest", HEADS["jest"] + BODY), **more}
    judge = ready(tmp_path, files)
    missing = judge.whole_plan().missing
    assert missing is not None
    assert missing.hint.startswith(hint)
    assert isinstance(judge.judge(patch(files, {"calc.js": RIGHT}), 1), Unverified)


def test_a_module_that_is_not_installed_is_the_machines_fault(tmp_path: Path) -> None:
    files = package("node --test", "const lost = require('nowhere-to-be-found');\n" + NODE_TEST)
    verdict = ready(tmp_path, files).judge(patch(files, {"calc.js": RIGHT}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert "nowhere-to-be-found" in verdict.why


def test_node_modules_that_the_repository_holds_are_not_used(tmp_path: Path) -> None:
    files = package("jest", HEADS["jest"] + BODY)
    files |= {".gitignore": "", "node_modules/jest/package.json": '{"bin": "./x.js"}', "node_modules/jest/x.js": ""}
    assert ready(tmp_path, files).whole_plan().missing is not None


def test_linters_find_what_is_new(tmp_path: Path, node_modules: Path) -> None:
    files = package("node --test", NODE_TEST) | {
        "eslint.config.js": "module.exports = [{ rules: { 'no-debugger': 'error', 'no-var': 'warn' } }];\n",
        "biome.json": '{"linter": {"rules": {"suspicious": {"noDebugger": "off"}}}}',
        "tsconfig.json": '{"compilerOptions": {"types": [], "lib": ["es5"], "skipLibCheck": true}, "files": ["t.ts"]}',
        "t.ts": "export const n: number = 1;\n",
    }
    judge = ready(tmp_path, files, node_modules)
    assert [c.name for c in judge.whole_plan().checks] == ["node --test", "eslint", "biome", "tsc"]
    warned = judge.judge(
        patch(files, {"calc.js": f"{RIGHT}exports.warned = () => {{ var warned; return warned; }};\n"}), 1
    )
    assert isinstance(warned, Accepted), warned
    code = f"{RIGHT}debugger;\nexports.same = (a, b) => a == b;\n"
    found = judge.judge(patch(files, {"calc.js": code, "t.ts": "export const n: number = 'one';\n"}), 2)
    refused(found, DeferralReason.LINT_FAILED, "eslint: 1 new finding: calc.js:3: no-debugger")
    assert isinstance(found, Deferred)
    said = {check.name: " ".join(check.new_failures) for check in found.checks}
    assert said["biome"].startswith("calc.js:4: lint/suspicious/noDoubleEquals")
    assert said["tsc"].startswith("t.ts:1: TS2322")


def test_the_nearest_package_is_meant(bench: Bench) -> None:
    bench.environ = {"PATH": os.environ["PATH"]}
    inner = {"scripts": {"test": "node --test"}}
    bench.write({"package.json": "{}", "web/package.json": json.dumps(inner), "web/calc.js": CODE,
                 "web/test/calc.test.js": NODE_TEST})  # fmt: skip
    plan = bench.verifier(Kind.FIX, paths=("web/calc.js",)).whole_plan()
    assert [c.command.cwd for c in plan.checks] == ["web"]


def test_a_workspace_is_tested_by_its_root_where_its_packages_say_nothing(bench: Bench) -> None:
    bench.environ = {"PATH": os.environ["PATH"]}
    root = {"scripts": {"test": "node --test"}, "workspaces": ["packages/*"]}
    bench.write({"package.json": json.dumps(root)})
    for name in ("one", "two"):
        test = NODE_TEST.replace("node:test", "./own.js")
        bench.write({f"packages/{name}/package.json": "{}", f"packages/{name}/calc.js": CODE,
                     f"packages/{name}/test/calc.test.js": test})  # fmt: skip
    plan = bench.verifier(Kind.FIX, paths=("packages/one/calc.js", "packages/two/calc.js")).whole_plan()
    assert [(c.name, c.command.cwd) for c in plan.checks] == [("node --test (packages/one)", ".")]


def test_a_python_task_asks_no_javascript_of_a_mixed_repository(bench: Bench) -> None:
    bench.write(
        {
            **package("jest", HEADS["jest"] + BODY),
            "calc.py": "",
            "test_calc.py": "import calc\n\n\ndef test_it():\n    assert calc\n",
        }
    )
    assert bench.verifier(Kind.FIX, paths=("calc.py",)).whole_plan().missing is None
    unknown = bench.verifier(Kind.FEATURE, paths=())
    assert unknown.environment_fault() is None
    assert isinstance(unknown.judge(bench.patch({"calc.py": "x = 1\n"}), 1), Accepted)
    verdict = unknown.judge(bench.patch({"calc.js": RIGHT}), 2)
    assert isinstance(verdict, Unverified), verdict
    assert "jest" in verdict.why
