"""The ledger in the forms of other programs, read back by their own parsers."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cli.samples import FORBIDDEN, HOSTILE
from cli.test_answering import record, says  # noqa: F401 - a fixture
from domain.receipts import receipt
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from routecli.domain.receipt import MoveKind
from routecli.errors import ExitStatus
from routecli.exports.otlp import traces

Says = Callable[..., tuple[int, str, str]]


def samples(text: str) -> dict[str, float]:
    families = text_string_to_metric_families(text)
    return {f"{s.name}{s.labels or ''}": s.value for family in families for s in family.samples}


def test_csv_is_a_row_a_day_tier_and_model(says: Says, tmp_path: Path) -> None:  # noqa: F811
    record(tmp_path, "")
    status, out, _ = says("export", "--format", "csv")
    assert status == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(r["calls"], r["accepted"], r["deferred"]) for r in rows] == [("1", "0", "1"), ("1", "1", "0")]
    assert sum(float(r["cost_usd"]) for r in rows) == pytest.approx(0.007343)


def test_jsonl_is_a_receipt_a_line(says: Says, tmp_path: Path) -> None:  # noqa: F811
    run_id = record(tmp_path, "")
    (line,) = says("export", "--format", "jsonl")[1].splitlines()
    assert json.loads(line)["run_id"] == run_id


def test_prometheus_is_read_by_its_own_parser(says: Says, tmp_path: Path) -> None:  # noqa: F811
    record(tmp_path, "")
    found = samples(says("export", "--format", "prometheus")[1])
    assert found["routecli_runs_total"] == 1
    assert found["routecli_cost_usd_total"] == pytest.approx(0.007343)
    assert {k: v for k, v in found.items() if k.startswith("routecli_runs_overruled_total")} == {
        f"routecli_runs_overruled_total{ {'how': how} }": 0 for how in ("tier", "again", "written")
    }
    assert sum(v for k, v in found.items() if k.startswith("routecli_tier_cost_usd_total")) > 0
    out = tmp_path / "routecli.prom"
    assert says("export", "--format", "prometheus", "--out", str(out))[0] == 0
    assert samples(out.read_text()) == found


@pytest.mark.parametrize("form", ["csv", "jsonl", "prometheus"])
def test_row_11_hostile_names_stay_within_their_field(says: Says, tmp_path: Path, form: str) -> None:  # noqa: F811
    record(tmp_path, HOSTILE)
    status, out, err = says("export", "--format", form)
    assert status == 0, err
    assert not FORBIDDEN.search(out)
    assert samples(out) if form == "prometheus" else out


def test_statsd_is_sent_as_gauges(says: Says, tmp_path: Path) -> None:  # noqa: F811
    record(tmp_path, HOSTILE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(10)
        status, _, err = says("export", "--format", "statsd", "--to", f"127.0.0.1:{heard.getsockname()[1]}")
        assert status == 0, err
        lines = heard.recv(65_536).decode().splitlines()
    assert "routecli.runs_total:1|g" in lines
    assert "routecli.runs_overruled_total.again:0|g" in lines
    assert all(re.fullmatch(r"routecli\.[\w.-]+:-?[\d.]+\|g", line) for line in lines)


@contextmanager
def collector(answer: int) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    got: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answer)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()
        thread.join()


def test_otlp_is_read_by_the_collectors_own_schema(says: Says, tmp_path: Path) -> None:  # noqa: F811
    run_id = record(tmp_path, "")
    with collector(200) as (url, got):
        assert says("export", "--format", "otlp", "--to", url)[0] == 0
    ((path, body),) = got
    assert path == "/v1/traces"
    request = Parse(body, ExportTraceServiceRequest())
    run, *below = request.resource_spans[0].scope_spans[0].spans
    calls = [span for span in below if span.name.startswith("chat ")]
    decided = [
        (span.name, {a.key: a.value.string_value for a in span.attributes}) for span in below if span not in calls
    ]
    assert [name for name, _ in decided] == ["routecli route", "routecli verdict", "routecli verdict"]
    assert decided[0][1]["routecli.ladder"].startswith("tier1 ")
    assert [said.get("routecli.verdict") for _, said in decided] == [None, "deferred", "accepted"]
    assert len({span.span_id for span in below}) == len(below)
    assert all(span.end_time_unix_nano <= run.end_time_unix_nano for span in below)
    assert run.name == "routecli run"
    assert {a.key: a.value.string_value for a in run.attributes}["routecli.run_id"] == run_id
    assert len(calls) == 2
    assert {span.parent_span_id for span in below} == {run.span_id}
    said = {a.key: a.value for a in calls[-1].attributes}
    assert said["gen_ai.operation.name"].string_value == "chat"
    assert said["gen_ai.usage.input_tokens"].int_value > 0
    assert run.start_time_unix_nano < run.end_time_unix_nano
    assert b"fix the rounding" not in body, "no text of a task leaves"


def test_a_move_is_a_span_after_the_attempt_that_it_came_of() -> None:
    spans = traces([receipt()])["resourceSpans"][0]["scopeSpans"][0]["spans"]
    names = [span["name"] for span in spans]
    assert sum(name.removeprefix("routecli ") in set(MoveKind) for name in names) == len(receipt().moves)
    repaired = names.index("routecli verdict", 4)  # the last call of attempt 1
    assert names[repaired + 1] == "routecli failover"
    assert names[-1] == "routecli reroute"  # from tier2, the last that was tried


@pytest.mark.parametrize(("words", "says_so"), [
    (("--format", "otlp", "--to", "http://example.com:4318"), "plain http"),
    (("--format", "otlp", "--to", "ftp://x"), "not an address"),
    (("--format", "otlp", "--to", "http://127.0.0.1:1"), "cannot be reached"),
    (("--format", "statsd", "--to", "nowhere"), "not HOST:PORT"),
    (("--format", "statsd", "--out", "x"), "is sent"),
    (("--format", "csv", "--to", "127.0.0.1:1"), "--to is for"),
    (("--format", "csv", "--out", "/nowhere/at/all.csv"), "cannot be written"),
    (("--format", "sft", "--out", "/nowhere/at/all.jsonl"), "hint: routecli export --format sft"),
    (("--format", "sql"), "sql"),
    ((), "--format"),
])  # fmt: skip
def test_what_cannot_be_done_is_said(says: Says, words: tuple[str, ...], says_so: str) -> None:  # noqa: F811
    status, _, err = says("export", *words)
    assert status == ExitStatus.USAGE
    assert says_so in err


def test_a_collector_that_refuses_is_told(says: Says, tmp_path: Path) -> None:  # noqa: F811
    record(tmp_path, "")
    with collector(503) as (url, _):
        status, _, err = says("export", "--format", "otlp", "--to", url)
    assert status == ExitStatus.USAGE
    assert "answers 503" in err


def test_serve_metrics_answers_prometheus_and_nobody_else(tmp_path: Path) -> None:
    record(tmp_path, "")
    env = {**os.environ, "ROUTECLI_STATE_DIR": str(tmp_path / "state")}
    argv = [sys.executable, "-m", "routecli", "serve-metrics", "--port", "0"]
    with subprocess.Popen(argv, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as served:
        try:
            assert served.stderr is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", served.stderr.readline())
            assert found is not None
            with urllib.request.urlopen(f"{found[0]}/metrics", timeout=30) as answer:
                assert "version=0.0.4" in answer.headers["Content-Type"]
                assert samples(answer.read().decode())["routecli_runs_total"] == 1
            for path, headers, status in (("/", {}, 404), ("/metrics", {"Host": "evil.example"}, 403)):
                asked = urllib.request.Request(found[0] + path, headers=headers)
                with pytest.raises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(asked, timeout=30)
                assert refused.value.code == status
            served.send_signal(signal.SIGINT)
            assert served.wait(30) == 130
        finally:
            served.kill()
