"""Request bodies as they arrive: pieces, limits, and a floor under the sender's speed.

An Upload never holds more than one piece. Time counts against the sender only while we wait for its
bytes; a hub that is slow to take them is no reason to throw a sender out. Bytes past the limit are not
kept. When the sender goes away the reader gets Unavailable, so that whatever was begun is undone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from axis.domain.errors import PackageError, Unavailable

PIECE = 256 * 1024
_TAIL = b"\r\n"


@dataclass(frozen=True, slots=True)
class Pace:
    """The slowest sender that is served: ``floor`` bytes per second, averaged over ``window`` seconds
    of waiting for it. The default lets a 2 kB/s modem through."""

    floor: float = 1000.0
    window: float = 10.0


class Upload:
    """A request's body; fulfils ``hub.contracts.Body``. ``crlf``: the client appends CR LF to the file
    (VXP); a final CR LF is then held back in ``tail`` instead of being given as the file's."""

    def __init__(self, request: web.Request, limit: int, pace: Pace | None = None, crlf: bool = False) -> None:
        self.tail = b""
        self.received = 0
        self._content = request.content
        self._limit = limit + (len(_TAIL) if crlf else 0)
        self._told_limit = limit
        self._pace = pace or Pace()
        self._crlf = crlf
        self._waited = 0.0
        self._in_window = 0
        check_head(request, self._limit, limit)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # What arrives is joined once into a piece, and copied no more often: at gigabytes a minute it counts.
        parts: list[bytes] = []
        size, keep = 0, len(_TAIL) if self._crlf else 0
        while data := await self._read():
            parts.append(data)
            size += len(data)
            if size >= PIECE + keep:
                held = b"".join(parts)
                whole = len(held) - keep
                for start in range(0, whole - PIECE + 1, PIECE):
                    yield held[start : start + PIECE]
                parts = [held[whole - whole % PIECE :]]
                size = len(parts[0])
        held = b"".join(parts)
        if self._crlf and held.endswith(_TAIL):
            self.tail = _TAIL
            held = held[: -len(_TAIL)]
        for start in range(0, len(held), PIECE):
            yield held[start : start + PIECE]

    async def whole(self) -> bytes:
        """All of a small body at once."""
        return b"".join([piece async for piece in self])

    async def _read(self) -> bytes:
        started = time.monotonic()
        try:
            data = self._content.read_nowait()
            if not data:
                async with asyncio.timeout(self._pace.window):
                    data = await self._content.readany()
        except TimeoutError:
            raise Unavailable("request.too-slow") from None
        except (RequestPayloadError, HttpProcessingError, ClientPayloadError, ConnectionError) as error:
            raise Unavailable("request.cut-off") from error
        except RuntimeError as error:  # so aiohttp says that the connection went before we asked for more
            raise Unavailable("request.cut-off") from error
        self._judge_pace(time.monotonic() - started, len(data))
        self.received += len(data)
        if self.received > self._limit:
            raise PackageError("request.too-large", limit=self._told_limit)
        return data

    def _judge_pace(self, waited: float, count: int) -> None:
        self._waited += waited
        self._in_window += count
        if self._waited < self._pace.window:
            return
        if count and self._in_window < self._pace.floor * self._waited:
            raise Unavailable("request.too-slow")
        self._waited, self._in_window = 0.0, 0


def check_head(request: web.Request, limit: int, told: int) -> None:
    """Refuse by the head alone what would be refused later: compressed or announced too large."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise PackageError("request.compressed")
    if (request.content_length or 0) > limit:
        raise PackageError("request.too-large", limit=told)


def announced_size(request: web.Request) -> int | None:
    """Content-Length, which counts the client's appended CR LF too; None for a chunked body."""
    return request.content_length
