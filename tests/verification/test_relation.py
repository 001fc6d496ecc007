"""Whether a test has to do with a changed file."""

from __future__ import annotations

import pytest

from routecli.verification.relation import is_named_after, reaches


@pytest.mark.parametrize(("test_file", "source", "code", "expected"), [
    ("tests/test_a.py", "import thing\n", "thing/core.py", True),
    ("tests/test_a.py", "from thing.core import it\n", "src/thing/core.py", True),
    ("tests/test_a.py", "import os, thing.core as core\n", "thing/core.py", True),
    ("tests/test_a.py", "import other\n", "thing/core.py", False),
    ("thing/tests/test_a.py", "from ..core import it\n", "thing/core.py", True),
    ("thing/tests/test_a.py", "from .. import core\n", "thing/core.py", True),
    ("tests/test_a.py", "from .helpers import it\n", "thing/core.py", False),
    ("thing/tests/test_a.py", "def test(): pass\n", "thing/core.py", False),
    ("spec/cart_spec.rb", "describe ShopCart do\nend\n", "lib/shop_cart.rb", True),
    ("spec/cart_spec.rb", "describe Shop do\nend\n", "lib/shop_cart.rb", False),
    ("calc/tests/it.rs", "", "calc/src/deep/core.rs", True),
    ("calc/tests/it.rs", "", "shop/src/core.rs", False),
    ("tests/ATest.php", "use App\\Cart;\n", "src/Cart.php", True),
    ("src/test/java/app/ATest.java", "new Cart().add();\n", "src/main/java/app/Cart.java", True),
    ("src/test/java/app/ATest.java", "new Shop().add();\n", "src/main/java/app/Cart.java", False),
])  # fmt: skip
def test_a_test_reaches_the_package_that_it_imports(test_file: str, source: str, code: str, expected: bool) -> None:
    assert reaches(test_file, source, "", [code]) is expected


def test_a_failure_that_passes_through_the_file_reaches_it() -> None:
    assert reaches("tests/test_a.py", "", "thing/core.py:3: in it", ["thing/core.py"])


@pytest.mark.parametrize(("test_file", "code", "expected"), [
    ("tests/test_core.py", "thing/core.py", True),
    ("tests/test_score.py", "thing/core.py", False),
    ("spec/shop_cart_spec.rb", "lib/shop_cart.rb", True),
    ("test/test_shop_cart.rb", "lib/shop_cart.rb", True),
    ("spec/cart_spec.rb", "lib/shop_cart.rb", False),
    ("src/core.rs", "src/core.rs", True),
    ("tests/CartTest.php", "src/Cart.php", True),
    ("src/test/java/app/CartTests.java", "src/main/java/app/Cart.java", True),
    ("src/test/java/app/CartTests.java", "src/main/java/app/Car.java", False),
])  # fmt: skip
def test_a_test_is_named_after_a_file(test_file: str, code: str, expected: bool) -> None:
    assert is_named_after(test_file, [code]) is expected
