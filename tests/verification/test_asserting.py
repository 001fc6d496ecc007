"""Whether a test asserts anything that could be false."""

from __future__ import annotations

import pytest

from routecli.verification.asserting import asserts_nothing

HEAD = "import pytest, unittest\n\n\ndef _looks_right(x):\n    assert x\n\n\ndef _help(x):\n    return x\n\n\n"


def found(body: str, head: str = HEAD) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return asserts_nothing(["test_a.py::test_it[1]"], f"{head}def test_it():\n{lines}".encode())


@pytest.mark.parametrize(
    "body",
    [
        "assert f() == 1", "with pytest.raises(ValueError):\n    f()", "_looks_right(f())", "mock.assert_called_once()",
        "np.testing.assert_allclose(f(), 1)", "if f() != 1:\n    raise AssertionError", "pytest.fail('x')",
        "try:\n    f()\nexcept ValueError:\n    pass\nassert g()", "assert f() or True is g()", "assert f() == f()",
        "try:\n    f()\nexcept Exception:\n    pytest.fail('x')",
    ],
)  # fmt: skip
def test_these_assert(body: str) -> None:
    assert found(body) == ""


@pytest.mark.parametrize(
    "body",
    [
        "f()", "f() == 1", "assert True", "assert True or f()", "assert (f() == 1, 'said')", "x = f()\nassert x == x",
        "try:\n    assert f() == 1\nexcept Exception:\n    pass", "try:\n    assert f()\nexcept:\n    pass",
        "_help(f())",
        "assert not 0", "print('assert')",
    ],
)  # fmt: skip
def test_these_do_not(body: str) -> None:
    assert found(body) == "test_a.py::test_it[1]"


def test_methods_and_what_cannot_be_found() -> None:
    source = (
        b"class TestA:\n    def test_it(self):\n        self.assertEqual(1, 2)\n\n    def test_b(self):\n        f()\n"
    )
    assert asserts_nothing(["t.py::TestA::test_it"], source) == ""
    assert asserts_nothing(["t.TestA.test_b"], source) == "t.TestA.test_b"
    assert asserts_nothing(["t.py::test_elsewhere"], source) == ""
    assert asserts_nothing(["t.py::test_it"], b"def (") == ""
