"""An SDK imported without its types: everything is still there, and is the same."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from routecli.providers.sparing import sparing


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with types, of a name that no other test has."""
    name = f"vendor_{tmp_path.name}".replace("-", "_")
    types = tmp_path / name / "types"
    (types / "chat").mkdir(parents=True)
    (tmp_path / name / "__init__.py").write_text("from . import types\n")
    (types / "__init__.py").write_text(
        "from .one import One as One\n"
        "from .two import (\n    Two as Two,\n    Second as Second,\n)\n"
        "from .plain import Plain\n"
        "__all__ = ['One', 'Two', 'Second', 'Plain', 'MADE']\n"
        "MADE = One\n"
    )
    (types / "one.py").write_text("class One: ...\n")
    (types / "two.py").write_text("class Two: ...\nclass Second: ...\n")
    (types / "plain.py").write_text("class Plain: ...\n")
    (types / "chat" / "__init__.py").write_text("from .deep import Deep as Deep\n")
    (types / "chat" / "deep.py").write_text("class Deep: ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def spared(vendor: str) -> object:
    with sparing(vendor):
        return importlib.import_module(vendor)


def test_nothing_of_the_types_is_imported_until_it_is_asked_for(vendor: str) -> None:
    spared(vendor)
    assert f"{vendor}.types" in sys.modules
    assert f"{vendor}.types.one" not in sys.modules


def test_a_name_comes_from_its_own_module_alone(vendor: str) -> None:
    types = spared(vendor).types  # type: ignore[attr-defined]
    assert types.Second is importlib.import_module(f"{vendor}.types.two").Second
    assert f"{vendor}.types.one" not in sys.modules


def test_a_package_below_is_spared_too(vendor: str) -> None:
    with sparing(vendor):
        chat = importlib.import_module(f"{vendor}.types.chat")
    assert f"{vendor}.types.chat.deep" not in sys.modules
    assert chat.Deep.__name__ == "Deep"


def test_a_module_of_the_package_can_be_imported(vendor: str) -> None:
    spared(vendor)
    scope: dict[str, object] = {}
    exec(f"from {vendor}.types import plain", scope)
    assert scope["plain"] is sys.modules[f"{vendor}.types.plain"]


def test_what_is_not_understood_runs_the_package_as_it_stands(vendor: str) -> None:
    types = spared(vendor).types  # type: ignore[attr-defined]
    assert types.MADE is types.One
    assert types.Plain.__name__ == "Plain"


def test_all_names_can_be_imported_at_once(vendor: str) -> None:
    spared(vendor)
    scope: dict[str, object] = {}
    exec(f"from {vendor}.types import *", scope)
    assert {"One", "Two", "Second", "Plain", "MADE"} <= set(scope)


def test_a_name_that_is_not_there_is_refused(vendor: str) -> None:
    types = spared(vendor).types  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="Nobody"):
        _ = types.Nobody


def test_outside_of_it_packages_are_whole(vendor: str) -> None:
    importlib.import_module(vendor)
    assert f"{vendor}.types.one" in sys.modules


class _Slow(MetaPathFinder):
    """Holds up whoever looks for `name` until the finder before it was taken out."""

    def __init__(self, name: str) -> None:
        self.name, self.inside, self.go_on = name, threading.Event(), threading.Event()

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == self.name:
            self.inside.set()
            assert self.go_on.wait(20)


def test_a_module_that_another_thread_looks_for_meanwhile_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "looked_for_meanwhile.py").write_text("THERE = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    slow, found = _Slow("looked_for_meanwhile"), list[object]()
    place = next(at for at, finder in enumerate(sys.meta_path) if finder is PathFinder)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path[:place], slow, *sys.meta_path[place:]])

    def look() -> None:
        found.append(importlib.import_module("looked_for_meanwhile").THERE)

    with sparing("no_such_vendor"):
        thread = threading.Thread(target=look)
        thread.start()
        assert slow.inside.wait(20)
    slow.go_on.set()
    thread.join(20)
    assert found == [True]
    assert sys.meta_path.count(slow) == 1


def test_the_real_sdk_has_every_name_and_makes_its_typed_answers() -> None:
    """In a process of its own: an import happens once."""
    program = """
import inspect
from routecli.providers.sparing import sparing
with sparing("openai"):
    import openai
import sys
early = sum(name.startswith("openai.types") for name in sys.modules)
from openai.types.chat import ChatCompletion
import openai.types.chat.chat_completion as home
assert ChatCompletion is home.ChatCompletion
client = openai.OpenAI(api_key="none", base_url="http://127.0.0.1:9")
assert inspect.ismethod(client.chat.completions.create)
assert inspect.ismethod(client.responses.create)
import openai.types as types
assert all(getattr(types, name) is not None for name in ("Model", "Batch", "Completion", "FileObject"))
late = sum(name.startswith("openai.types") for name in sys.modules)
assert early < late, (early, late)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
