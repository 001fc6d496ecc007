"""Runs a project's unittest tests and writes one JSON line for each, and one at the end.

Run in the project's folder by the project's own interpreter. Every `test*.py`, `*_test.py` and `tests.py` is imported
under the name that its packages give it, so folders without `__init__.py` are found too.
"""

# ruff: noqa: N802, PTH100, PTH109, PTH113, PTH118, PTH123
# Old Pythons run this file, and what it costs to start is paid with every run: os.path, nothing newer.

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
import unittest
from collections.abc import Iterator
from typing import Any, TextIO

from lines_routecli import CALLS_VARIABLE, VARIABLE, Lines  # type: ignore[import-not-found]

DETAIL_CHARS = 6000
SKIPPED_FOLDERS = frozenset(["venv", "env", "node_modules", "build", "dist", "__pycache__", "site-packages"])


def loaded(started_in: str) -> dict[str, str]:
    """Where each top-level module came from, relative to the folder that the run began in: the proof that the tests
    loaded the files under test and not another copy (security.md row 26)."""
    places, here = {}, os.path.realpath(started_in)
    for name, module in list(sys.modules.items()):
        if "." in name or name.startswith("_"):
            continue
        path = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", None) or []), None)
        if isinstance(path, str):
            places[name] = os.path.relpath(os.path.realpath(path), here).replace(os.sep, "/")
    return places


def files(started_in: str) -> list[str]:
    """The files below `started_in` that were loaded as modules, packages' inner ones too."""
    here = os.path.realpath(started_in) + os.sep
    found = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    real = {os.path.realpath(path) for path in found if isinstance(path, str)}
    return sorted(path[len(here) :].replace(os.sep, "/") for path in real if path.startswith(here))


class Record:
    """The report file."""

    def __init__(self, out: TextIO, started_in: str) -> None:
        self._out = out
        self._pid = os.getpid()
        self._started_in = started_in
        self._written = 0

    def write(self, record: dict[str, Any]) -> None:
        if os.getpid() != self._pid:
            return  # a fork of the run: only the run itself speaks
        self._out.write(json.dumps(record) + "\n")
        self._out.flush()
        self._written += 1

    def test(self, name: str, path: str, outcome: str, detail: str = "", phase: str = "call") -> None:
        shown = os.path.relpath(path, self._started_in).replace(os.sep, "/") if path else ""
        record = {"id": name, "outcome": outcome, "phase": phase, "file": shown}
        if detail:
            record["detail"] = detail if len(detail) <= DETAIL_CHARS else "[…]" + detail[-DETAIL_CHARS:]
        self.write(record)

    def end(self, status: int, lines: dict[str, list[int]] | None, calls: list[dict[str, Any]]) -> None:
        seen: dict[str, Any] = {"loaded": loaded(self._started_in), "files": files(self._started_in)}
        if lines is not None:
            seen["lines"], seen["calls"] = lines, calls
        self.write({"end": True, "records": self._written, "exit_status": status, **seen})


def file_of(test: Any) -> str:
    """The file that a test stands in: for a doctest the file of the documentation. Empty for what unittest makes up
    (a failing setUpClass) and for anything outside the project."""
    doctest = getattr(test, "_dt_test", None)
    module = sys.modules.get(type(test).__module__)
    path = getattr(doctest, "filename", None) or getattr(module, "__file__", None) or ""
    here = os.getcwd()
    return path if os.path.abspath(path).startswith(here + os.sep) else ""


class Result(unittest.TextTestResult):
    """Tells the record what unittest tells people."""

    record: Record

    def _tell(self, test: Any, outcome: str, err: Any = None) -> None:
        detail = self._exc_info_to_string(err, test) if err is not None else ""  # type: ignore[attr-defined]
        self.record.test(test.id(), file_of(test), outcome, detail)

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self._tell(test, "passed")

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._tell(test, "failed", err)

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._tell(test, "failed", err)

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._tell(test, "skipped")

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._tell(test, "xfailed")

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self.record.test(test.id(), file_of(test), "failed", "unexpected success")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.record.test(test.id(), file_of(test), "failed", self._exc_info_to_string(err, test))  # type: ignore[attr-defined]


def test_files(top: str) -> Iterator[str]:
    """Test files below `top`, sorted; hidden folders and environments left out."""
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in SKIPPED_FOLDERS)
        for name in sorted(files):
            if name.endswith(".py") and (name.startswith("test") or name.endswith(("_test.py", "_tests.py"))):
                yield os.path.join(folder, name)


def module_of(path: str) -> tuple[str, str]:
    """`(folder to import from, dotted name)`: up through every folder that is a package."""
    folder, name = os.path.split(path)
    parts = [name[:-3]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    return folder, ".".join(parts)


def load(path: str, record: Record) -> unittest.TestSuite | None:
    """The tests of one file; a file that cannot be imported is a record of its own."""
    folder, name = module_of(path)
    if folder not in sys.path:
        sys.path.insert(1, folder)
    known = sys.modules.get(name)
    if known is not None and os.path.realpath(getattr(known, "__file__", "") or "") != os.path.realpath(path):
        del sys.modules[name]
        sys.path.remove(folder)
        sys.path.insert(0, folder)
    shown = os.path.relpath(path).replace(os.sep, "/")
    try:
        module = importlib.import_module(name)
        return unittest.TestLoader().loadTestsFromModule(module)
    except unittest.SkipTest:
        record.test(shown, path, "skipped", phase="collect")
    except BaseException:  # noqa: BLE001 - sys.exit at import is a failure of that file, not the end of the run
        record.test(shown, path, "failed", traceback.format_exc(), phase="collect")
    return None


def main() -> int:
    """0 when all passed. The verdict is read from the records, never from this."""
    folder = os.environ.pop("ROUTECLI_REPORT_DIR")
    lines = Lines(os.environ.pop(VARIABLE, ""), os.environ.pop(CALLS_VARIABLE, ""))
    lines.begin()
    here = os.getcwd()
    sys.path[0] = here
    only = [os.path.abspath(a) for a in sys.argv[1:]]
    name = os.path.join(folder, f"unittest-{os.getpid()}.jsonl")
    with open(name, "w", encoding="ascii") as out:
        record = Record(out, here)
        result = Result(unittest.runner._WritelnDecorator(sys.stderr), True, 1)
        result.record = record
        broken = False
        for path in only or test_files(here):
            suite = load(path, record)  # run before the next is loaded: two files may have one module name
            broken = broken or suite is None
            lines.resume()
            if suite is not None:
                suite.run(result)
        result.printErrors()
        good = result.wasSuccessful() and not broken
        record.end(0 if good else 1, lines.end(), lines.kept())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
