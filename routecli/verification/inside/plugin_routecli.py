"""A pytest plugin (pytest 7 to 9, xdist too) that writes one JSON line for each test, and one when the session ends.

Loaded by `-p plugin_routecli`. It writes to the folder that ROUTECLI_REPORT_DIR names and takes that name out of the
environment, so that a pytest started by a test writes nothing here. Workers of xdist stay silent: their reports reach
the controlling process, and what they loaded goes there with their farewell.
"""

# ruff: noqa: PTH109, PTH118, PTH123, SIM115
# Old Pythons run this file, and what it costs to start is paid with every run: os.path, nothing newer.

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import pytest
from lines_routecli import CALLS_VARIABLE, VARIABLE, Lines  # type: ignore[import-not-found]

LINES = Lines(os.environ.get(VARIABLE, ""), os.environ.get(CALLS_VARIABLE, ""))
LINES.begin()  # before any conftest.py is loaded, and the code with it
DETAIL_CHARS = 12000
SHORT_DETAIL_CHARS = 400
LONG_DETAILS = 40
REPEATED = 10
REPEATED_S = 2.0


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


class Recorder:
    """Writes what pytest reports. Each line is flushed: a run that dies keeps what it had."""

    def __init__(self, folder: str, rootdir: str) -> None:
        self._pid = os.getpid()
        self._rootdir = rootdir
        self._started_in = os.getcwd()
        self._written = 0
        self._details = 0
        self._loaded: dict[str, str] = {}
        self._files: set[str] = set()
        self._out = open(os.path.join(folder, f"pytest-{self._pid}.jsonl"), "w", encoding="ascii")

        self._failed: list[str] = []

    def _write(self, record: dict[str, Any]) -> None:
        if os.getpid() != self._pid:
            return  # a fork of the session: only the session itself speaks
        self._out.write(json.dumps(record) + "\n")
        self._out.flush()
        self._written += 1

    def _file(self, nodeid: str) -> str:
        path = os.path.join(self._rootdir, nodeid.split("::", 1)[0])
        return os.path.relpath(path, self._started_in).replace(os.sep, "/")

    def _detail(self, report: Any) -> str:
        text = str(getattr(report, "longreprtext", "") or getattr(report, "longrepr", "") or "")
        self._details += 1
        limit = DETAIL_CHARS if self._details <= LONG_DETAILS else SHORT_DETAIL_CHARS
        return text if len(text) <= limit else text[: limit // 2] + "\n[…]\n" + text[-limit // 2 :]

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A phase of a test ended. A phase that passed is told only for the call itself."""
        outcome = report.outcome
        if outcome not in ("passed", "failed", "skipped") or (outcome == "passed" and report.when != "call"):
            return
        record = {"id": report.nodeid, "outcome": outcome, "phase": report.when, "file": self._file(report.nodeid)}
        record["duration_s"] = round(getattr(report, "duration", 0.0), 4)
        if hasattr(report, "wasxfail"):
            record["outcome"] = "xfailed" if outcome == "skipped" else outcome
        raised = getattr(report, "routecli_raised", "")
        if raised and record["outcome"] == "passed":
            record["outcome"], record["detail"] = "failed", "reported as passed, and it raised " + raised
        elif outcome == "failed":
            record["detail"] = self._detail(report)
        if record["outcome"] == "failed" and report.nodeid not in self._failed:
            self._failed.append(report.nodeid)
        self._write(record)

    def repeat(self, items: Any, times: int) -> None:
        """Runs what failed again at the very end, `times` times each while there is time: one that passes meanwhile
        depends on more than the code. Nothing else of the session hears of it."""
        from _pytest.runner import runtestprotocol

        ends = time.monotonic() + REPEATED_S
        by_id = {item.nodeid: item for item in items}
        for name in self._failed[:REPEATED]:
            for _ in range(times):
                item = by_id.get(name)
                if item is None or time.monotonic() > ends:
                    break
                if hasattr(item, "_initrequest"):
                    item._initrequest()
                passed = all(report.outcome == "passed" for report in runtestprotocol(item, log=False))
                outcome = "passed" if passed else "failed"
                self._write({"id": name, "outcome": outcome, "phase": "again", "file": self._file(name)})

    def pytest_collectreport(self, report: Any) -> None:
        """A file that cannot be collected (or skips itself) is told as one record named after the file."""
        if report.outcome == "passed":
            return
        record = {"id": report.nodeid, "outcome": report.outcome, "phase": "collect", "file": self._file(report.nodeid)}
        if report.outcome == "failed":
            record["detail"] = self._detail(report)
        self._write(record)

    def pytest_sessionfinish(self, exitstatus: Any) -> None:
        """The end: without this line the run is not believed."""
        places = {**loaded(self._started_in), **self._loaded}
        seen = sorted(self._files.union(files(self._started_in)))
        end = {"end": True, "records": self._written, "exit_status": int(exitstatus), "loaded": places, "files": seen}
        lines = LINES.end()
        if lines is not None:
            end["lines"] = lines
            end["calls"] = LINES.kept()
        self._write(end)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist is done."""
        said = getattr(node, "workeroutput", {})
        self._loaded.update(said.get("routecli_loaded", {}))
        self._files.update(said.get("routecli_files", ()))
        LINES.add(said.get("routecli_lines"))
        LINES.kept().extend(said.get("routecli_calls") or [])


class Repeater:
    """Repeats at the end of the session; not where xdist runs the tests elsewhere."""

    def __init__(self, recorder: Recorder, times: int) -> None:
        self._recorder = recorder
        self._times = times

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtestloop(self, session: Any) -> Any:
        """After all tests."""
        yield
        if session.items and not session.config.getoption("numprocesses", None):
            self._recorder.repeat(session.items, self._times)


class Worker:
    """In a worker of xdist."""

    def __init__(self, config: Any, started_in: str) -> None:
        self._config = config
        self._started_in = started_in

    def pytest_sessionfinish(self) -> None:
        """Its farewell goes to the controlling process."""
        self._config.workeroutput["routecli_loaded"] = loaded(self._started_in)
        self._config.workeroutput["routecli_files"] = files(self._started_in)
        self._config.workeroutput["routecli_lines"] = LINES.end()
        self._config.workeroutput["routecli_calls"] = LINES.kept()


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: Any) -> Any:
    """Notes on the report what the call itself raised: code under test can reach the class of the reports and make
    them say "passed" (security.md row 9). The note travels with the report from a worker of xdist."""
    told = yield
    if call.when == "call" and call.excinfo is not None:
        told.get_result().routecli_raised = call.excinfo.typename


def pytest_collection() -> None:
    """Workers of xdist have been started by now; programs that tests start are not to look for lines."""
    os.environ.pop(VARIABLE, None)
    os.environ.pop(CALLS_VARIABLE, None)


def pytest_runtest_setup() -> None:
    """A test before this one may have taken the trace function away."""
    LINES.resume()


def pytest_configure(config: Any) -> None:
    """Registers the recorder in the controlling process only."""
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Worker(config, os.getcwd()), "routecli-worker")
        return
    folder = os.environ.pop("ROUTECLI_REPORT_DIR", "")
    times = os.environ.pop("ROUTECLI_AGAIN", "")
    if folder:
        rootdir = str(getattr(config, "rootpath", "") or config.rootdir)
        recorder = Recorder(folder, rootdir)
        config.pluginmanager.register(recorder, "routecli-recorder")
        if times.isdigit():
            config.pluginmanager.register(Repeater(recorder, int(times)), "routecli-repeater")
