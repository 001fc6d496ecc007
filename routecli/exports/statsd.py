"""StatsD over UDP: every figure as a gauge, since a ledger knows sums, not what changed since it was last asked."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping

from routecli.errors import UsageFault
from routecli.exports.figures import Figure, figures
from routecli.ledger.stats import Stats

DEFAULT = "127.0.0.1:8125"
_MOST_BYTES = 1_400
"""Of one packet: what an Ethernet frame carries whole."""
_ODD = re.compile(r"[^A-Za-z0-9_-]+")


def packets(stats: Stats, overruled: Mapping[str, int]) -> list[bytes]:
    """Lines such as `routecli.tier_calls_total.tier1:3|g`, as many in a packet as fit."""
    found: list[bytes] = []
    for line in (_line(one) for one in figures(stats, overruled)):
        if found and len(found[-1]) + 1 + len(line) <= _MOST_BYTES:
            found[-1] += b"\n" + line
        else:
            found.append(line)
    return found


def _line(one: Figure) -> bytes:
    words = [one.name, *(_ODD.sub("_", value) for value in one.labels.values())]
    value = one.value if isinstance(one.value, int) else f"{one.value:f}"
    return f"routecli.{'.'.join(words)}:{value}|g".encode("ascii")


def send(stats: Stats, overruled: Mapping[str, int], to: str) -> int:
    """Sends to `host:port`; how many packets. UDP: nobody says whether they arrived. Raises UsageFault."""
    host, _, port = to.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageFault(f"--to {to}: not HOST:PORT", hint=f"routecli export --format statsd --to {DEFAULT}")
    found = packets(stats, overruled)
    try:
        family, kind, _, _, place = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as out:
            for packet in found:
                out.sendto(packet, place)
    except OSError as fault:
        raise UsageFault(f"--to {to}: {fault.strerror or fault}", hint="check the address") from None
    return len(found)
