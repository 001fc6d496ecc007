"""A runner that never began says which file keeps it from beginning."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.task import Kind
from routecli.verification.starting import why_not_started
from tests.verification.conftest import Bench

ROOT = Path("/home/ann/shop")
PATHS = ("conftest.py", "pytest.ini", "pyproject.toml", "shop/db.py", "api/conftest.py", "api/tests/conftest.py")


@pytest.mark.parametrize(
    ("text", "cwd", "told"),
    [
        (
            f"ImportError while loading conftest '{ROOT}/conftest.py'.\nconftest.py:1: in <module>\n"
            "    import nowhere\nE   ModuleNotFoundError: No module named 'nowhere'\n",
            ".", "conftest.py:1: ModuleNotFoundError: No module named 'nowhere'",
        ),
        (
            f"ImportError while loading conftest '{ROOT}/api/tests/conftest.py'.\ntests/conftest.py:3: in <module>\n"
            "    import x\nE   ModuleNotFoundError: No module named 'x'\n",
            "api", "api/tests/conftest.py:3: ModuleNotFoundError: No module named 'x'",
        ),
        (
            "ERROR: usage: python -m pytest [options] [file_or_dir]\n"
            "python -m pytest: error: unrecognized arguments: --cov=x\n"
            f"  inifile: {ROOT}/pytest.ini\n  rootdir: {ROOT}\n",
            ".", "pytest.ini: python -m pytest: error: unrecognized arguments: --cov=x",
        ),
        (f"ERROR: {ROOT}/pyproject.toml: Expected ']' (at line 1, column 25)\n", ".",
         "pyproject.toml: Expected ']' (at line 1, column 25)"),
        (
            f'INTERNALERROR>   File "{ROOT}/conftest.py", line 2, in pytest_configure\n'
            f'INTERNALERROR>   File "{ROOT}/shop/db.py", line 9, in open\n'
            "INTERNALERROR>     raise RuntimeError(\"no db\")\nINTERNALERROR> RuntimeError: no db\n",
            ".", "shop/db.py:9: RuntimeError: no db",
        ),
        ("ERROR: Missing required plugins: pytest-xx\n\n", ".",
         "Missing required plugins: pytest-xx (found by pytest.ini)"),
        ("", ".", "no output (found by pytest.ini)"),
    ],
    ids=["conftest", "below", "addopts", "toml", "hook", "no-file", "silent"],
)  # fmt: skip
def test_the_cause_and_its_file(text: str, cwd: str, told: str) -> None:
    assert why_not_started(text, ROOT, cwd, PATHS, "found by pytest.ini") == told


@given(st.text(max_size=300), st.sampled_from([".", "api"]))
def test_any_output_is_one_line(text: str, cwd: str) -> None:
    told = why_not_started(text, ROOT, cwd, PATHS, "found by pytest.ini")
    assert told
    assert "\n" not in told
    assert "\x1b" not in told


def test_a_real_pytest_that_cannot_load_its_conftest(bench: Bench) -> None:
    bench.write({"calc.py": "", "pytest.ini": "[pytest]\n", "conftest.py": "x = 1\nimport calk\n",
                 "test_calc.py": "def test_it():\n    pass\n"})  # fmt: skip
    verifier = bench.verifier(Kind.FIX)
    verifier.prepare()
    fault = verifier.environment_fault() or ""
    assert fault == "pytest did not start before the patch: conftest.py:2: ModuleNotFoundError: No module named 'calk'"


def test_a_runner_that_breaks_while_it_collects_has_not_found_no_test(bench: Bench) -> None:
    hook = "def pytest_benchmark_update_machine_info(config):\n    pass\n"
    bench.write({"pyproject.toml": "[tool.pytest.ini_options]\n", "calc.py": "A = 1\n",
                 "tests/test_calc.py": "def test_a():\n    assert True\n", "benchmarking/conftest.py": hook,
                 "benchmarking/test_speed.py": "def test_b():\n    pass\n"})  # fmt: skip
    verifier = bench.verifier(Kind.FEATURE)
    verifier.prepare()
    fault = verifier.environment_fault()
    assert fault is not None
    assert "unknown hook 'pytest_benchmark_update_machine_info'" in fault
