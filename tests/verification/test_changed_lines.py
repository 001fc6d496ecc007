"""Which lines have to be run, and which were: the recorders in real runs of pytest and unittest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.patch import FileEdit
from routecli.verification.changed_lines import changed, python_spots
from routecli.verification.planned import INSIDE
from tests.verification.newer import recorders, with_monitoring

OLD = """\
import os


def rate(country):
    if country == "DE":
        return 19
    return 0


def name():
    return "x"
"""


def spots(after: str, before: str | None = OLD) -> set[tuple[int, ...]]:
    found = python_spots(FileEdit("a.py", None if before is None else before.encode(), after.encode()))
    assert found is not None
    return set(found)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (OLD, set()),
        (OLD.replace("19", "20"), {(6,)}),
        (OLD.replace("import os", "# why\nimport os"), set()),
        (OLD.replace("def name():", 'def name():\n    """Doc."""'), set()),
        (OLD.replace('return "x"', 'return (\n        "x"\n        "y"\n    )'), {(11, 12, 13, 14)}),
        (OLD.replace("    return 0", "    for n in [1]:\n        continue\n    return 0"), {(7,)}),
        (OLD.replace("return 0", "while True:\n        return 0"), {(7, 8), (8,)}),
        (OLD.replace("import os", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os"), {(1,)}),
        (OLD.replace('    if country == "DE":\n        return 19\n', ""), {(5,)}),
        (OLD.replace("import os\n", ""), set()),
        (OLD.replace("return 0", "try:\n        x = 1\n    except ValueError:\n        x = 2\n    return x"),
         {(7,), (8,), (9,), (10,), (11,)}),
    ],
)  # fmt: skip
def test_what_has_to_be_run(after: str, found: set[tuple[int, ...]]) -> None:
    assert spots(after) == found


def test_another_language_and_what_cannot_be_read() -> None:
    assert python_spots(FileEdit("a.js", b"", b"x")) is None
    assert python_spots(FileEdit("a.py", b"", b"def (")) is None
    assert python_spots(FileEdit("a.py", b"x = 1\n", None)) is None


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_every_line_is_kept_or_changed(before: list[str], after: list[str]) -> None:
    lines, gone = changed(FileEdit("a.txt", "\n".join(before).encode(), "\n".join(after).encode()))
    assert lines <= set(range(1, len(after) + 1))
    kept = [text for n, text in enumerate(after, 1) if n not in lines]
    left = iter(before)
    assert all(text in left for text in kept)
    assert (lines or gone or len(after) < len(before)) or before == after


# the recorders

CODE = OLD + "\n\nLATE = name()\n"
GROUPS = {"a.py": [[5], [6], [7], [11], [14]]}


NEWER = with_monitoring()


@pytest.fixture(params=["tracing", "monitoring"])
def way(request: pytest.FixtureRequest) -> str:
    """How lines are seen."""
    return str(request.param)


@pytest.fixture
def python(way: str) -> str:
    """A Python that sees them so."""
    if way == "monitoring" and NEWER is not None:
        return str(NEWER)
    if way != ("monitoring" if sys.version_info >= (3, 12) else "tracing"):
        pytest.skip(f"this machine has no Python for {way}")
    return sys.executable


def run(python: str, folder: Path, argv: list[str], **extra: str) -> dict[str, list[int]] | None:
    """What the session said that it ran."""
    reports = folder / "reports"
    reports.mkdir()
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": recorders(), "ROUTECLI_REPORT_DIR": str(reports),
           "ROUTECLI_LINES": json.dumps(GROUPS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **extra}  # fmt: skip
    subprocess.run([python, *argv], cwd=folder, env=env, check=False, capture_output=True)
    told = [line for p in reports.iterdir() for line in p.read_text().splitlines()]
    ends = [entry for line in told if (entry := json.loads(line)).get("end")]
    assert len(ends) == 1, told
    lines = ends[0].get("lines")
    return dict(lines) if lines is not None else None


PYTEST = ["-m", "pytest", "-q", "-p", "plugin_routecli"]


def project(folder: Path, tests: str, **more: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in {"a": CODE, "test_a": tests, **more}.items():
        (folder / f"{name}.py").write_text(text)


TESTS = "import a\n\n\ndef test_a():\n    assert a.rate('FR') == 0\n"


@pytest.mark.parametrize("workers", [[], ["-p", "xdist", "-n", "2"]], ids=["alone", "workers"])
def test_pytest_tells_which_lines_it_ran(python: str, tmp_path: Path, workers: list[str]) -> None:
    """Those of the import too, though a conftest.py loads the code before any test is looked for."""
    project(tmp_path, TESTS, conftest="import a\n")
    assert run(python, tmp_path, [*PYTEST, *workers]) == {"a.py": [5, 7, 11, 14]}


def test_unittest_tells_too(python: str, tmp_path: Path) -> None:
    tests = "import a, unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        a.rate('DE')\n"
    project(tmp_path, tests)
    assert run(python, tmp_path, [str(INSIDE / "runner_unittest.py")]) == {"a.py": [5, 6, 11, 14]}


def test_a_test_that_takes_the_trace_function_costs_only_itself(python: str, tmp_path: Path) -> None:
    project(tmp_path, "import sys, a\n\n\ndef test_1():\n    sys.settrace(None)\n" + TESTS.replace("import a\n", ""))
    assert run(python, tmp_path, PYTEST) == {"a.py": [5, 7, 11, 14]}


def test_threads_count(python: str, tmp_path: Path) -> None:
    tests = "import a, threading\n\n\ndef test_a():\n    t = threading.Thread(target=a.rate, args=('DE',))\n"
    project(tmp_path, tests + "    t.start()\n    t.join()\n")
    assert run(python, tmp_path, PYTEST) == {"a.py": [5, 6, 11, 14]}


def test_another_tracer_leaves_it_unknown_where_we_trace(way: str, python: str, tmp_path: Path) -> None:
    tracer = "import sys\n\n\ndef trace(*_):\n    return None\n\n\nsys.settrace(trace)\n"
    project(tmp_path, TESTS, conftest=tracer)
    told = run(python, tmp_path, PYTEST)
    assert told == (None if way == "tracing" else {"a.py": [5, 7, 11, 14]})


def test_the_lines_to_look_for_are_no_business_of_the_tests(python: str, tmp_path: Path) -> None:
    project(tmp_path, "import os\n\n\ndef test_a():\n    assert 'ROUTECLI_LINES' not in os.environ\n    import a\n")
    assert run(python, tmp_path, PYTEST) == {"a.py": [11, 14]}
