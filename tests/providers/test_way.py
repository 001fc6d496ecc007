"""A company's network: certificates of its own, and a proxy on the way, over real TLS on loopback."""

from __future__ import annotations

import select
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from providers.conftest import KEY, Context
from serving import Say, ScriptedServer

from routecli.domain.reply import Request
from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault, ProviderFault
from routecli.providers import build
from routecli.providers.reach import reach

MakeRequest = Callable[..., Request]
APIS = ("openai", "anthropic")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "ca.pem", folder / "key.pem"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    words += f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    subprocess.run(words.split(), check=True, capture_output=True)
    return cert, key


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[ScriptedServer]:
    serving = ScriptedServer([Say("ok")] * 4)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    serving._http.socket = context.wrap_socket(serving._http.socket, server_side=True)
    with serving:
        yield serving


def at(server: ScriptedServer, api: str, **more: object) -> ProviderSettings:
    url = f"https://127.0.0.1:{server.port}" + ("/v1" if api == "openai" else "")
    return ProviderSettings("mine", api, url, "MINE_KEY", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("api", APIS)
def test_a_certificate_of_ones_own_is_trusted_where_it_is_named(
    api: str, server: ScriptedServer, certificate: tuple[Path, Path], make_request: MakeRequest, context: Context
) -> None:
    settings = at(server, api, ca_file=certificate[0])
    assert build(settings, KEY).complete(make_request(), context).text == "ok"
    reached = reach(settings, KEY)
    assert reached is not None
    assert reached.models == ("scripted",)


@pytest.mark.parametrize("api", APIS)
def test_elsewhere_it_is_not(api: str, server: ScriptedServer, make_request: MakeRequest, context: Context) -> None:
    with pytest.raises(ProviderFault, match="CERTIFICATE_VERIFY") as fault:
        build(at(server, api), KEY).complete(make_request(), context)
    assert "SSL_CERT_FILE" in fault.value.hint
    assert server.posts == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_holds_none_is_a_fault_of_the_configuration(
    content: str | None, server: ScriptedServer, tmp_path: Path, make_request: MakeRequest, context: Context
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigFault, match=r"ca_file .* cannot be used"):
        build(at(server, "openai", ca_file=file), KEY).complete(make_request(), context)


class Proxying(socketserver.BaseRequestHandler):
    """Reads CONNECT, then hands bytes on both ways."""

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096)
        self.server.heard.append(head.split(b"\r\n")[0].decode())  # type: ignore[attr-defined]
        self.server.all += head  # type: ignore[attr-defined]
        host, _, port = head.split()[1].decode().partition(":")
        with socket.create_connection((host, int(port))) as outside:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            ends = [self.request, outside]
            while True:
                for source in select.select(ends, [], [])[0]:
                    piece = source.recv(65_536)
                    if not piece:
                        return
                    ends[ends.index(source) - 1].sendall(piece)


@pytest.mark.parametrize("api", APIS)
def test_a_proxy_carries_what_it_can_not_read(
    api: str, server: ScriptedServer, certificate: tuple[Path, Path], make_request: MakeRequest, context: Context
) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxying) as proxy:
        proxy.daemon_threads = True
        proxy.heard, proxy.all = [], b""  # type: ignore[attr-defined]
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{proxy.server_address[1]}"
        settings = at(server, api, ca_file=certificate[0], proxy=url)
        assert build(settings, KEY).complete(make_request(), context).text == "ok"
        proxy.shutdown()
    assert proxy.heard == [f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"]  # type: ignore[attr-defined]
    assert KEY.encode() not in proxy.all  # type: ignore[attr-defined]
