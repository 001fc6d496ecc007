"""Whether a test has to do with a changed file."""

from __future__ import annotations

import pytest

from routecli.verification.relation import reaches


@pytest.mark.parametrize(("test_file", "source", "code", "expected"), [
    ("tests/test_a.py", "import thing\n", "thing/core.py", True),
    ("tests/test_a.py", "from thing.core import it\n", "src/thing/core.py", True),
    ("tests/test_a.py", "import os, thing.core as core\n", "thing/core.py", True),
    ("tests/test_a.py", "import other\n", "thing/core.py", False),
    ("thing/tests/test_a.py", "from ..core import it\n", "thing/core.py", True),
    ("thing/tests/test_a.py", "from .. import core\n", "thing/core.py", True),
    ("tests/test_a.py", "from .helpers import it\n", "thing/core.py", False),
    ("thing/tests/test_a.py", "def test(): pass\n", "thing/core.py", False),
])  # fmt: skip
def test_a_test_reaches_the_package_that_it_imports(test_file: str, source: str, code: str, expected: bool) -> None:
    assert reaches(test_file, source, "", [code]) is expected


def test_a_failure_that_passes_through_the_file_reaches_it() -> None:
    assert reaches("tests/test_a.py", "", "thing/core.py:3: in it", ["thing/core.py"])
