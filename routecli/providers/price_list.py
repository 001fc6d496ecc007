"""The published price list, over HTTP: by TLS, without a redirect, within its time and size. What it says is judged by
the pricebook."""

from __future__ import annotations

from routecli.domain.settings import ProviderSettings
from routecli.errors import ProviderFault
from routecli.providers import address, incoming, wire
from routecli.providers.faults import Source, fault

DEADLINE_S = 30.0
HINT = "routecli models shows the prices that stay in use"


def fetch(url: str, *, deadline_s: float = DEADLINE_S) -> bytes:
    """What is served at `url`. Nothing of ours is sent: no key, no name.

    Raises ConfigFault (not https, nor this machine) and ProviderFault (nobody there, an error status, a redirect, too
    long, too slow).
    """
    import httpx2

    settings = ProviderSettings("the price list", "openai", url)
    address.checked_url(settings, url)
    line, call, source = wire.Line(url, {}), wire.Call(deadline_s, 0), Source(settings, "", "")
    line.begin(call)
    try:
        with line.client() as client, client.stream("GET", url) as answer:
            if answer.status_code != 200:
                why = "redirects are not followed" if 300 <= answer.status_code < 400 else "it is not there"
                raise ProviderFault(f"the price list: status {answer.status_code}, {why}", hint=HINT)
            pieces = []
            for piece in answer.iter_bytes():
                pieces.append(piece)
                if call.left_s() <= 0:
                    raise ProviderFault(f"the price list did not come within {deadline_s:g} s", hint=HINT)
            return b"".join(pieces)
    except incoming.BodyTooLong as error:
        raise ProviderFault(f"the price list: {error}", hint=HINT) from None
    except (httpx2.HTTPError, incoming.Undecodable, wire.Abandoned) as error:
        raised = fault(error, source, call)
        raise ProviderFault(raised.what, hint=HINT) from None
