"""A body as it comes in: decoded piece by piece, and never more of it than an answer can have (security.md row 58)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

ERROR_PAGE_BYTES = 64_000
"""So much of a page that comes with an error status is read: the status has said what is to be known."""


class BodyTooLong(Exception):
    """An answer's body passed its cap."""


class Undecodable(Exception):
    """An answer's body came in an encoding that was not asked for and cannot be read."""


def capped(stream: Any, encoding: str, limit_bytes: int, released: Callable[[], object]) -> Any:
    """`stream` decoded, piece by piece, and cut off with BodyTooLong at `limit_bytes`, decoded. `released` is called
    once it is done with."""
    import httpx2

    class Capped(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            seen = 0
            for piece in decoded(stream, encoding, limit_bytes):
                seen += len(piece)
                if seen > limit_bytes:
                    raise BodyTooLong(f"the answer is longer than {limit_bytes:,} bytes")
                yield piece

        def close(self) -> None:
            released()
            stream.close()

    return Capped()


def beginning(stream: Any, encoding: str, released: Callable[[], object]) -> Any:
    """The first ERROR_PAGE_BYTES of `stream`, decoded as far as it can be: an error's page is never a fault itself."""
    import httpx2

    class Beginning(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            left = ERROR_PAGE_BYTES
            try:
                for piece in decoded(stream, encoding, left):
                    yield piece[:left]
                    left -= len(piece)
                    if left <= 0:
                        return
            except Undecodable:
                return

        def close(self) -> None:
            released()
            stream.close()

    return Beginning()


def decoded(stream: Any, encoding: str, limit_bytes: int) -> Iterator[bytes]:
    """The identity was asked for; gzip and deflate are read all the same, in pieces that no bomb can inflate."""
    if encoding in ("", "identity"):
        yield from stream
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Undecodable(f"the answer came encoded as {encoding[:40]}, which was not asked for")
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 32)
    piece_bytes = min(1 << 16, limit_bytes + 1)
    try:
        for raw in stream:
            rest = raw
            while rest and not unzip.eof:
                yield unzip.decompress(rest, piece_bytes)
                rest = unzip.unconsumed_tail
        yield unzip.flush()
    except zlib.error as fault:
        raise Undecodable(f"the answer is no valid {encoding}: {fault}") from fault
