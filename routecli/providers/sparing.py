"""Importing an SDK without its thousands of types.

`import openai` makes 470 modules of classes, and one request with plain dicts needs 55 of them: 0.43 s of processor
time, 0.20 s without the rest (openai 3.57, Python 3.11). Its packages of types hold nothing but lines `from .module
import Name as Name`. While `sparing` is in force, such a package is imported without running these lines; a name that
is asked for comes from its own module. Whatever is not understood runs the package as it stands: then nothing is saved,
and nothing is missing. (anthropic 2.14 uses its types while it is imported, so there it saves nothing.)
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType


@contextmanager
def sparing(vendor: str) -> Iterator[None]:
    """Imports inside leave the names of `vendor`.types and of the packages below it for later.

    The list of finders is replaced, never changed: another thread may be walking it, and where one is taken out before
    its place, it skips the next and finds no module that there is.
    """
    finder = _Finder(f"{vendor}.types")
    sys.meta_path = [finder, *sys.meta_path]
    try:
        yield
    finally:
        sys.meta_path = [other for other in sys.meta_path if other is not finder]


class _Finder(MetaPathFinder):
    def __init__(self, root: str) -> None:
        self._root = root

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._root and not fullname.startswith(f"{self._root}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.submodule_search_locations and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Later(spec.loader)
        return spec


class _Later(Loader):
    """Loads a package by giving it a `__getattr__` (PEP 562) in place of its own lines."""

    def __init__(self, real: SourceFileLoader) -> None:
        self._real = real

    def exec_module(self, module: ModuleType) -> None:
        """Nothing yet."""
        source = ""

        def __getattr__(name: str) -> object:  # noqa: N807 - the name that the import system asks for
            nonlocal source
            if name.startswith("__") and name != "__all__":
                raise AttributeError(name)
            source = source or self._real.get_data(self._real.path).decode("utf-8")
            if home := _home_of(name, source):
                found: object = getattr(importlib.import_module(home, module.__name__), name)
                setattr(module, name, found)
                return found
            if PathFinder.find_spec(f"{module.__name__}.{name}", module.__path__) is not None:
                raise AttributeError(name)  # a module of the package: the import system goes and gets it
            module.__dict__.pop("__getattr__", None)
            self._real.exec_module(module)
            return getattr(module, name)

        module.__dict__["__getattr__"] = __getattr__


def _home_of(name: str, source: str) -> str:
    """The relative module that a line `from .module import …, name as name, …` of `source` names; else empty."""
    line = re.search(
        rf"^from (\.\w[\w.]*) import (?:\([^()]*?|[^\n()]*?)\b{re.escape(name)} as {re.escape(name)}\b", source, re.M
    )
    return line[1] if line else ""
