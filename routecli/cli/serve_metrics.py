"""`routecli serve-metrics`: the ledger's figures over HTTP, for Prometheus."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.session import open_config, open_ledger
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from routecli.ledger.ledger import Ledger

app = verb_app()
PORT = 9464
"""What OpenTelemetry's Prometheus exporters listen on by default."""


@app.command(
    epilog="""
    routecli serve-metrics
    routecli serve-metrics --port 9200
    """
)
def serve_metrics(
    ctx: typer.Context,
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0: any that is free.")] = PORT,
) -> None:
    """Serve the ledger's figures to Prometheus, on loopback.

    Answers `GET /metrics` at 127.0.0.1 until Ctrl-C. Nobody outside this machine can ask.
    """
    from routecli.cli.streams import note
    from routecli.errors import UsageFault

    with open_ledger(ctx, open_config(ctx)) as ledger:
        try:
            server = HTTPServer(("127.0.0.1", port), _handler(ledger))
        except OSError as fault:
            raise UsageFault(f"port {port}: {fault.strerror}", hint="routecli serve-metrics --port 0") from None
        with server:
            if not shared(ctx).quiet:
                note(f"http://127.0.0.1:{server.server_port}/metrics until Ctrl-C")
            server.serve_forever()


def _handler(ledger: Ledger) -> type[BaseHTTPRequestHandler]:
    from routecli.exports.prometheus import CONTENT_TYPE, exposition

    class Handler(BaseHTTPRequestHandler):
        """GET /metrics, and nothing else. A page of another origin that finds the port learns nothing: its browser
        sends a name in Host that is not ours, and it may not read the answer."""

        server_version = "routecli"
        sys_version = ""
        timeout = 5  # one at a time: who connects and says nothing does not keep the others out for long

        def do_GET(self) -> None:
            """Answers one request."""
            host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host") or ""
            if host not in ("127.0.0.1", "localhost"):
                self.send_error(403)
            elif self.path.partition("?")[0] != "/metrics":
                self.send_error(404)
            else:
                body = exposition(ledger.stats(None), ledger.overruled()).encode("utf-8", "replace")
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: who asks every 15 s is no news."""

    return Handler
