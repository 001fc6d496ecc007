"""The tiny task: one failing test in a repository of five files, a server without latency, the right edit at once.

    python benchmarks/tiny_task.py [--runs 11] [--claude PATH_OF_CLAUDE]

Medians, the peers taking turns, so that a busy moment of the machine meets all of them. Use the ratios.
`first`: until the first request arrives at the server. `wall`: until the program has ended.
`own`: wall less the time in which the tests were running; `strict`: wall less one run of the tests by themselves,
whatever else the program ran: routecli runs them before the patch, for a fix twice more (is a failure flaky?) and after
it, in a sandbox. With a real model all but the last hide behind its answer; a server without latency hides nothing.
Each run has a repository of its own, never seen before; the home is that of a person who has used the program before.
`claude` is measured where it is on PATH or named; nothing is installed. A key never leaves the machine: the addresses
are loopback's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import programs
import tiny_repository as tiny

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from serving import Raw, Received, Say, ScriptedServer

GOALS = {"first": ("claude", 0.9, "floor", 8.0), "own": ("claude", 1.2, "floor", 8.0)}
RSS_GOAL_MB = 150
PROMPT_GOAL_TOKENS = 1_200
_MOMENTS = "moments.txt"
_NOW = f"date +%s.%N >>{_MOMENTS};"
_FLOOR = Path(__file__).with_name("floor.py")
_CONFIG = """\
[providers.local]
api = "openai"
base_url = "{url}"
api_key_env = "BENCH_KEY"
price_as = "openai"
[[tiers]]
name = "tier1"
models = ["local/gpt-4o-mini"]
[[tiers]]
name = "tier2"
models = ["local/gpt-4o"]
"""


@dataclass(slots=True)
class Peer:
    """A program: how it is called in a repository, and what was measured of it."""

    name: str
    argv: Callable[[ScriptedServer, Path], list[str]]
    answer: Callable[[Received], Raw | Say]
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[ScriptedServer, Path], Mapping[str, str]] = lambda _server, _home: {}
    tests_s: Callable[[programs.Ended, Path], float] = lambda _ended, _root: 0.0
    first_ms: list[float] = field(default_factory=list)
    own_ms: list[float] = field(default_factory=list)
    strict_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    requests: int = 0
    prompt_tokens: int = 0


def tokens(received: Received) -> int:
    """The prompt's tokens by o200k: everything that was sent to be read, tool descriptions included."""
    from routecli.survey import tokens as counting

    read = [received.body.get("system", ""), received.body.get("messages", ""), received.body.get("tools", "")]
    texts = [received.text] if not received.body.get("tools") else [json.dumps(part) for part in read]
    return sum(counting.count(texts))


def one_run(peer: Peer, home: Path, root: Path, tests_s: float) -> None:
    """Runs `peer` once in the repository at `root`, and keeps what it took."""
    arrivals: list[float] = []

    def answer(received: Received) -> Raw | Say:
        arrivals.append(time.perf_counter())
        return peer.answer(received)

    with ScriptedServer([answer] * 100) as server:
        env = programs.environment(home, {**peer.env, **peer.prepare(server, home)})
        ended = programs.run(peer.argv(server, root), root, env)
        if not arrivals or not tiny.is_solved(root):
            said = "".join(line for _, line in ended.lines)[-2000:]
            raise SystemExit(f"{peer.name} did not solve it (exit {ended.exit_code}):\n{said}\n{ended.error[-2000:]}")
        peer.requests = len(server.posts)
        peer.prompt_tokens = sum(tokens(r) for r in server.posts)
    running_s = peer.tests_s(ended, root)
    peer.first_ms.append((arrivals[0] - ended.began_s) * 1000)
    peer.wall_ms.append(ended.wall_s * 1000)
    peer.own_ms.append((ended.wall_s - running_s) * 1000)
    peer.strict_ms.append((ended.wall_s - tests_s) * 1000)
    peer.cpu_ms.append(ended.cpu_s * 1000)
    peer.rss_mb.append(ended.rss_mb)


# the peers


def routecli_peer() -> Peer:
    def prepare(server: ScriptedServer, home: Path) -> dict[str, str]:
        file = home / "routecli.toml"
        file.write_text(_CONFIG.format(url=server.base_url))
        return {"ROUTECLI_CONFIG": str(file)}

    return Peer(
        "routecli",
        lambda _server, _root: [*programs.routecli(), "run", tiny.TASK, tiny.FILE, "--output", "jsonl"],
        lambda _received: Say(tiny.REPLY),
        {"BENCH_KEY": "no-key"},
        prepare,
        lambda ended, _root: programs.checks_s(ended),
    )


def floor_peer() -> Peer:
    return Peer(
        "floor",
        lambda server, _root: [sys.executable, str(_FLOOR), server.base_url, tiny.TASK, tiny.FILE],
        lambda _received: Say(tiny.REPLY),
        tests_s=lambda ended, _root: float(ended.lines[0][1]),
    )


def claude_peer(program: str) -> Peer:
    """Claude Code: it reads the file, edits it, runs the tests, ends."""
    tests = f"{sys.executable} -m pytest -q"
    argv = [program, "-p", f"{tiny.TASK} in {tiny.FILE}, then run: {tests}", "--allowedTools", "Read,Edit,Bash"]
    own = {
        "ANTHROPIC_API_KEY": "no-key", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
    }  # fmt: skip

    def answer(received: Received) -> Raw | Say:
        results = sum(
            block.get("type") == "tool_result"
            for message in received.body.get("messages", [])
            for block in (message["content"] if isinstance(message["content"], list) else [])
        )
        file = str(_claude_root[0] / tiny.FILE)
        uses: list[tuple[str, dict[str, object]]] = [
            ("Read", {"file_path": file}),
            ("Edit", {"file_path": file, "old_string": tiny.BEFORE, "new_string": tiny.AFTER}),
            ("Bash", {"command": f"{_NOW} {tests}; {_NOW}", "description": "Run the tests"}),
        ]
        if not received.body.get("tools") or results >= len(uses):
            return Say("Fixed: totals are rounded.")
        return _tool_use(results, *uses[results])

    _claude_root: list[Path] = []

    def call(_server: ScriptedServer, root: Path) -> list[str]:
        _claude_root[:] = [root]
        return argv

    def tests_s(_ended: programs.Ended, root: Path) -> float:
        began, ended = map(float, (root / _MOMENTS).read_text().split())
        return ended - began

    def prepare(server: ScriptedServer, _home: Path) -> dict[str, str]:
        return {"ANTHROPIC_BASE_URL": server.anthropic_url}

    return Peer("claude", call, answer, own, prepare, tests_s)


def _tool_use(number: int, name: str, given: dict[str, object]) -> Raw:
    """An answer of the messages API that calls a tool, streamed."""
    start = {
        "id": f"msg_{number}", "type": "message", "role": "assistant", "model": "claude-scripted", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 100, "output_tokens": 1},
    }  # fmt: skip
    block = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}
    delta = {"type": "input_json_delta", "partial_json": json.dumps(given)}
    events: list[tuple[str, dict[str, object]]] = [
        ("message_start", {"message": start}),
        ("content_block_start", {"index": 0, "content_block": block}),
        ("content_block_delta", {"index": 0, "delta": delta}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": {"output_tokens": 9}}),
        ("message_stop", {}),
    ]
    return Raw(tuple(f"event: {e}\ndata: {json.dumps({'type': e} | more)}\n\n".encode() for e, more in events))


# the table


def tests_alone_s(root: Path, home: Path) -> float:
    """One run of the tests on the solved repository, by themselves: the median of five."""
    argv = [sys.executable, "-m", "pytest", "-q"]
    return statistics.median(programs.run(argv, root, programs.environment(home)).wall_s for _ in range(5))


def measured(peers: list[Peer], runs: int) -> float:
    """Runs the peers in turns, each once unmeasured. Returns the time of the tests alone, in seconds."""
    with tempfile.TemporaryDirectory(prefix="routecli-bench-") as name:
        place = Path(name).resolve()
        homes = {peer.name: place / f"home-{peer.name}" for peer in peers}
        for home in homes.values():
            home.mkdir()
        solved = tiny.make(place / "alone", -1)
        (solved / tiny.FILE).write_text((solved / tiny.FILE).read_text().replace(tiny.BEFORE, tiny.AFTER))
        tests_s = tests_alone_s(solved, place)
        for number in range(runs + 1):
            for peer in peers:
                one_run(peer, homes[peer.name], tiny.make(place / f"{peer.name}-{number}", number), tests_s)
            if number == 0:
                for peer in peers:
                    for kept in (peer.first_ms, peer.own_ms, peer.strict_ms, peer.wall_ms, peer.cpu_ms, peer.rss_mb):
                        kept.clear()
        return tests_s


def table(peers: list[Peer], tests_s: float) -> list[str]:
    """The rows, and below them each goal with what became of it."""
    heads = "".join(f"{head:>8}" for head in ("first", "wall", "own", "strict", "cpu"))
    rows = [f"{'':<10}{heads} ms {'RSS MB':>8}{'requests':>10}{'prompt':>9}"]
    for p in peers:
        times = [statistics.median(v) for v in (p.first_ms, p.wall_ms, p.own_ms, p.strict_ms, p.cpu_ms)]
        numbers = "".join(f"{t:8.0f}" for t in times)
        rows.append(f"{p.name:<10}{numbers}    {statistics.median(p.rss_mb):8.0f}{p.requests:>10}{p.prompt_tokens:>9,}")
    rows.append(f"{'the tests alone':<18}{tests_s * 1000:8.0f}")
    by_name = {p.name: p for p in peers}
    ours = by_name["routecli"]
    for what, (peer, most, other, other_most) in GOALS.items():
        for name, limit in ((peer, most), (other, other_most)):
            if name in by_name:
                ratio = statistics.median(getattr(ours, f"{what}_ms")) / statistics.median(
                    getattr(by_name[name], f"{what}_ms")
                )
                rows.append(f"{what:<6} {ratio:5.2f} x {name:<8} goal {limit} x")
    rows.append(f"RSS    {statistics.median(ours.rss_mb):5.0f} MB         goal {RSS_GOAL_MB} MB")
    rows.append(f"prompt {ours.prompt_tokens:5,} tokens     goal {PROMPT_GOAL_TOKENS:,} tokens")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--claude", default=shutil.which("claude"), help="the program, where it is not on PATH")
    options = parser.parse_args()
    peers = [floor_peer(), routecli_peer()] + ([claude_peer(options.claude)] if options.claude else [])
    tests_s = measured(peers, options.runs)
    sys.stdout.write("\n".join(table(peers, tests_s)) + "\n")


if __name__ == "__main__":
    main()
