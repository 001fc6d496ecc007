"""Which of the changed lines were run: the strength of a verdict rests on it.

`ROUTECLI_LINES` names files, relative to where the run began, and for each of them groups of lines, any one of which
will do: `{"shop/money.py": [[3], [7, 8]]}`. From Python 3.12 on by sys.monitoring, which costs next to nothing; before,
by a trace function that looks at those files only, and that ends when all was seen. Another tracer that is at work
(a debugger, coverage) is left alone; coverage is asked what it saw.
"""

# ruff: noqa: PTH109, PTH118
# Old Pythons run this file, and what it costs to start is paid with every run: os.path, nothing newer.

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

VARIABLE = "ROUTECLI_LINES"
CALLS_VARIABLE = "ROUTECLI_CALLS"
TOOL_ID = 4


class Lines:
    """What is looked for, and what was seen of it. Idle where nothing is asked for."""

    def __init__(self, asked: str, calls: str = "") -> None:
        self.calls: Any = None
        if calls:
            from calls_routecli import Calls  # type: ignore[import-not-found]

            self.calls = Calls(calls)
        self._pid = os.getpid()
        self._here = os.path.realpath(os.getcwd())
        groups = json.loads(asked) if asked else {}
        self._names = {os.path.join(self._here, *name.split("/")): name for name in groups}
        self._groups = {path: [set(group) for group in groups[name]] for path, name in self._names.items()}
        self._left = {path: set().union(*held) for path, held in self._groups.items()}
        self._seen: dict[str, set[int]] = {path: set() for path in self._names}
        self._real: dict[str, str] = {}
        self._replaced = False
        self._done = False
        self._monitors = False

    def begin(self) -> None:
        """From here on lines count."""
        if not self._names:
            return
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is not None and monitoring.get_tool(TOOL_ID) is None:
            monitoring.use_tool_id(TOOL_ID, "routecli")
            monitoring.register_callback(TOOL_ID, monitoring.events.LINE, self._on_line)
            monitoring.register_callback(TOOL_ID, monitoring.events.PY_START, self._on_start)
            monitoring.set_events(TOOL_ID, monitoring.events.LINE | monitoring.events.PY_START)
            self._monitors = True
        else:
            self.resume()

    def resume(self) -> None:
        """Once more, where a test of a debugger or the like took the trace function away."""
        if not self._names or self._monitors or self._done:
            return
        held = sys.gettrace()
        if held is None:
            sys.settrace(self._on_call)
            threading.settrace(self._on_call)
        elif held != self._on_call:
            self._replaced = True

    def end(self) -> dict[str, list[int]] | None:
        """What was seen, by file; None where it cannot be known."""
        if not self._names:
            return None
        if self._monitors:
            sys.monitoring.set_events(TOOL_ID, 0)  # type: ignore[attr-defined]
            sys.monitoring.free_tool_id(TOOL_ID)  # type: ignore[attr-defined]
        elif sys.gettrace() == self._on_call:
            sys.settrace(None)
            threading.settrace(None)
        elif self._wants() and sys.gettrace() is not None:
            self._replaced = True
        others = self._of_coverage()
        if self._replaced and others is None:
            return None
        for path, lines in (others or {}).items():
            self._seen[path] |= lines
        return {name: sorted(self._seen[path]) for path, name in self._names.items()}

    def add(self, seen: dict[str, list[int]] | None) -> None:
        """What another process of the same run saw."""
        for path, name in self._names.items():
            self._seen[path].update((seen or {}).get(name, ()))

    def kept(self) -> list[Any]:
        """The calls that were written down."""
        return self.calls.kept if self.calls else []

    def _wants(self) -> bool:
        return any(self._left.values())

    def _place(self, filename: str) -> str:
        """The file of a code object as we name it; empty for any other."""
        if filename not in self._real:
            path = os.path.realpath(os.path.join(self._here, filename))
            self._real[filename] = path if path in self._names else ""
        return self._real[filename]

    def _saw(self, path: str, line: int) -> None:
        self._seen[path].add(line)
        held = self._groups[path] = [group for group in self._groups[path] if line not in group]
        self._left[path] = set().union(*held)

    def _on_line(self, code: Any, line: int) -> Any:
        path = self._place(code.co_filename)
        if path and line in self._left[path]:
            self._saw(path, line)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined]

    def _on_start(self, code: Any, offset: int) -> Any:
        del offset
        path = self._place(code.co_filename)
        if not path or not self.calls:
            return sys.monitoring.DISABLE  # type: ignore[attr-defined]
        self.calls.note(self._names[path], sys._getframe(1))
        return None

    def _on_call(self, frame: Any, event: str, arg: Any) -> Any:
        del event, arg
        path = self._place(frame.f_code.co_filename)
        if not self._wants() and not (self.calls and self.calls.open()):
            sys.settrace(None)  # all was seen: the rest runs at full speed
            threading.settrace(None)
            self._done = True
        if not path:
            return None
        if self.calls:
            self.calls.note(self._names[path], frame)
        if not self._left[path]:
            return None
        left = self._left

        def on_line(inner: Any, event: str, arg: Any) -> Any:
            del event, arg
            if inner.f_lineno in left[path]:
                self._saw(path, inner.f_lineno)
            return on_line

        return on_line(frame, "", None)

    def _of_coverage(self) -> dict[str, set[int]] | None:
        """What coverage.py measured meanwhile; None where it is not at work."""
        coverage = getattr(sys.modules.get("coverage"), "Coverage", None)
        running = coverage.current() if coverage is not None and hasattr(coverage, "current") else None
        if running is None or os.getpid() != self._pid:
            return None
        data = running.get_data()
        return {path: set(data.lines(path) or ()) for path in self._names}
