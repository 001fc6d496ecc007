"""Which tests reach a change, and that they are run before the others, or alone where the user wants no more."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verification.conftest import FIXED, WRONG, Bench
from verification.ecosystems.judging import judge

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, Deferred
from routecli.verification.ahead import FROM_S
from routecli.verification.baseline import from_bytes, to_bytes
from routecli.verification.reaching import reaching

PYTHON = {
    "src/shop/__init__.py": "",
    "src/shop/cart.py": "from . import prices\n",
    "src/shop/prices.py": "RATE = 1\n",
    "src/shop/mail.py": "import smtplib\n",
    "src/shop/deep/__init__.py": "",
    "src/shop/deep/far.py": "from ..cart import (\n    total,  # of all\n    least,\n)\n",
    "tests/test_cart.py": "def test_it():\n    from shop.cart import total\n",
    "tests/test_far.py": "import os, shop.deep.far as far\n",
    "tests/test_mail.py": "import shop.mail\n",
    "tests/test_prices.py": "from shop import prices\n",
    "tests/sub/conftest.py": "from shop.prices import RATE\n",
    "tests/sub/test_by_fixture.py": "def test_it(rate):\n    pass\n",
}
GO = {
    "go.mod": "module example.com/shop\n",
    "cart/cart.go": 'package cart\n\nimport "example.com/shop/prices"\n',
    "cart/cart_test.go": "package cart\n",
    "prices/prices.go": 'package prices\n\nimport "fmt"\n',
    "prices/prices_test.go": "package prices_test\n",
    "mail/mail.go": "package mail\n",
    "mail/mail_test.go": "package mail\n",
    "main.go": 'package main\n\nimport (\n\tc "example.com/shop/cart"\n)\n',
    "main_test.go": "package main\n",
}
SCRIPT = {
    "src/index.ts": "export * from './cart.js'\n",
    "src/cart.ts": "import { rate } from './prices'\n",
    "src/prices.ts": "export const rate = 1\n",
    "src/mail.ts": "",
    "test/all.test.ts": "import { total } from '../src'\n",
    "test/cart.test.js": "const cart = require('../src/cart')\n",
    "test/mail.test.ts": "import '../src/mail.js'\n",
}


@pytest.mark.parametrize(("files", "changed", "reached"), [
    (PYTHON, "src/shop/prices.py", ["sub/test_by_fixture.py", "test_cart.py", "test_far.py", "test_prices.py"]),
    (PYTHON, "src/shop/cart.py", ["test_cart.py", "test_far.py"]),
    (PYTHON, "src/shop/mail.py", ["test_mail.py"]),
    (PYTHON, "src/shop/deep/far.py", ["test_far.py"]),
    (PYTHON, "src/shop/__init__.py", ["sub/test_by_fixture.py", "test_cart.py", "test_far.py", "test_mail.py",
                                      "test_prices.py"]),
    (GO, "prices/prices.go", ["cart_test.go", "main_test.go", "prices_test.go"]),
    (GO, "cart/cart.go", ["cart_test.go", "main_test.go"]),
    (GO, "mail/mail.go", ["mail_test.go"]),
    (SCRIPT, "src/prices.ts", ["all.test.ts", "cart.test.js"]),
    (SCRIPT, "src/mail.ts", ["mail.test.ts"]),
])  # fmt: skip
def test_what_reaches_a_change(files: dict[str, str], changed: str, reached: list[str]) -> None:
    tests = sorted(p for p in files if "test_" in p or "_test." in p or ".test." in p)
    found = reaching([changed], tests, files, lambda path: files[path].encode())
    assert found is not None
    assert sorted(p.removeprefix("tests/").rpartition("/")[2] if files is not PYTHON else p.removeprefix("tests/")
                  for p in found) == reached  # fmt: skip


def test_a_file_of_another_kind_may_reach_anything() -> None:
    assert reaching(["settings.toml"], ["test_a.py"], ["test_a.py"], lambda _: b"") is None


@given(st.text(), st.text())
def test_any_text_is_read(one: str, other: str) -> None:
    files = {"a.py": one, "test_a.py": other, "b.go": one, "go.mod": other, "c.js": one, "test_c.ts": other}
    found = reaching(["a.py"], ["test_a.py"], files, lambda path: files[path].encode("utf-8", "replace"))
    assert found is not None


OTHERS = {f"test_other_{n}.py": f"def test_{n}():\n    pass\n" for n in range(3)}


def slow(calc: Bench) -> None:
    """The base is remembered as one that takes long."""
    calc.write(OTHERS)
    calc.verifier(Kind.FEATURE, cached=True).prepare()
    for key, raw in list(calc.cache.kept.items()):
        measured = from_bytes(raw)
        if measured is not None:
            calc.cache.kept[key] = to_bytes(replace(measured, wall_s=2 * FROM_S))
    calc.workspace.commands.clear()


def arguments(calc: Bench) -> list[tuple[str, ...]]:
    return [tuple(w for w in c.argv if w.startswith("test_")) for c in calc.workspace.commands]


def test_a_slow_suite_defers_by_what_the_change_reaches(calc: Bench) -> None:
    slow(calc)
    verdict = calc.verifier(Kind.FEATURE, cached=True).judge(calc.patch({"calc.py": WRONG}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert set(arguments(calc)) == {("test_calc.py",)}


def test_it_accepts_by_the_whole(calc: Bench) -> None:
    slow(calc)
    verdict = calc.verifier(Kind.FEATURE, cached=True).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert arguments(calc) == [("test_calc.py",), ()]
    assert not verdict.checks[0].partial


def test_the_user_may_want_no_more_and_the_receipt_says_so(calc: Bench) -> None:
    calc.write(OTHERS)
    calc.verifier(Kind.FEATURE, cached=True).prepare()
    calc.workspace.commands.clear()
    settings = VerifySettings(timeout_s=60, suite="affected")
    verdict = calc.verifier(Kind.FEATURE, settings=settings, cached=True).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert arguments(calc) == [("test_calc.py",)]
    said = "only 1 of 4 test files were run: those that reach the change (verify.suite)"
    assert verdict.checks[0].partial == said
    assert said in verdict.checks[0].summary
    assert said in verdict.why


def test_where_nothing_reaches_the_change_all_of_it_is_run(calc: Bench) -> None:
    calc.write(OTHERS | {"lonely.py": "x = 1\n"})
    settings = VerifySettings(timeout_s=60, suite="affected")
    calc.verifier(Kind.DOCSTRING, settings=settings).judge(calc.patch({"lonely.py": "x = 2\n"}), 1)
    calc.verifier(Kind.TYPES, settings=settings, paths=("lonely.py",)).judge(
        calc.patch({"lonely.py": "x: int = 1\n"}), 1
    )
    assert arguments(calc)
    assert not any(arguments(calc))


@pytest.mark.skipif(shutil.which("go") is None, reason="go is not installed")
def test_go_runs_the_packages_that_reach_it(tmp_path: Path) -> None:
    files = {
        "go.mod": "module example.com/shop\n\ngo 1.18\n",
        "cart/cart.go": "package cart\n\nfunc Total() int { return 1 }\n",
        "cart/cart_test.go": 'package cart\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) {\n\tif Total() < 1 {\n'
                             '\t\tt.Fatal("less")\n\t}\n}\n',
        "mail/mail.go": "package mail\n",
        "mail/mail_test.go": 'package mail\n\nimport "testing"\n\nfunc TestMail(t *testing.T) {}\n',
    }  # fmt: skip
    settings = VerifySettings(timeout_s=120, suite="affected", lint=False)
    changed = {"cart/cart.go": "package cart\n\nfunc Total() int { return 2 }\n"}
    verdict = judge(tmp_path, changed, files, Kind.FEATURE, ("cart/cart.go",), settings=settings)
    assert isinstance(verdict, Accepted), verdict
    assert "only 1 of 2 test files" in verdict.why
    assert verdict.checks[0].passed == 1
