"""Guards of a connection that aiohttp lacks, below any handler.

Heads: a deadline, a size of the whole (aiohttp limits lines only), and complete answers to what cannot
be parsed. Connections: a cap per address and in all, counted here because only the machine that holds
the sockets can. Slow readers: a peer that takes nothing for a while is dropped, also after the answer,
when only the operating system's buffers hold its connection open.

A peer gets words wherever the protocol still lets us speak; then the connection ends.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

from axis.domain.errors import AxisError, PackageError, Unavailable

log = structlog.get_logger()

Refuse = Callable[[bytes, AxisError], tuple[int, bytes, str]]
"""(beginning of the request as far as it came, refusal) -> (HTTP status, body, content type)."""

_BEGINNING = 256
_PHRASES = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and counts. ``per_address`` and ``connections``: 0 is no cap; addresses in
    ``trusted`` (a reverse proxy of our own) are not capped one by one."""

    line: int = 128 * 1024
    head: int = 192 * 1024
    lines: int = 200
    head_seconds: float = 10.0
    keepalive_seconds: float = 5.0
    stalled_seconds: float = 60.0
    linger_seconds: float = 30.0
    per_address: int = 200
    connections: int = 4000
    trusted: frozenset[str] = frozenset()


class GuardedHandler(RequestHandler):
    """One connection."""

    def __init__(self, server: GuardedServer, **options: Any) -> None:
        super().__init__(server, **options)
        self._limits = server.limits
        self._refuse = server.refuse
        self._counts = server.counts
        self._address = ""
        self._counted = False
        self._leaving = False
        self._beginning = b""
        self._head_size = 0
        self._wire: asyncio.Transport | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    # the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        super().connection_made(transport)
        self._counts[""] += 1
        self._counts[self._address] += self._address != ""
        self._counted = True
        if self._too_many():
            self._turn_away(Unavailable("request.too-many-connections"))
        else:
            self._head_timer = self._loop.call_later(self._limits.head_seconds, self._head_late)

    def _too_many(self) -> bool:
        limits, counts = self._limits, self._counts
        capped = limits.per_address and self._address and self._address not in limits.trusted
        over = bool(capped) and counts[self._address] > limits.per_address
        return over or bool(limits.connections and counts[""] > limits.connections)

    def connection_lost(self, exc: BaseException | None) -> None:
        for timer in (self._head_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._stall_timer = None
        if self._counted:
            self._counted = False
            for key in {"", self._address}:
                self._counts[key] -= 1
                if self._counts[key] <= 0:
                    del self._counts[key]
        super().connection_lost(exc)
        self._wire = None

    async def start(self) -> None:
        try:
            await super().start()
        finally:
            if self._wire is not None:  # closing: what is still unsent must be taken within a while
                self._watch_stall()

    # the head

    def data_received(self, data: bytes) -> None:
        if self._busy():
            super().data_received(data)
            return
        if len(self._beginning) < _BEGINNING:
            self._beginning += data[: _BEGINNING - len(self._beginning)]
        self._head_size += len(data)
        super().data_received(data)
        if self._busy():  # the head is through; what follows is somebody else's limit
            self._head_size = 0
            self._stop_head_timer()
        elif self._head_size > self._limits.head:
            self._turn_away(PackageError("request.head-too-large"))
        elif self._head_timer is None and data:
            self._head_timer = self._loop.call_later(self._limits.head_seconds, self._head_late)

    def _busy(self) -> bool:
        """A request is under way, waits for its turn, or was just taken from the queue: until its task
        runs, aiohttp shows none of the first three, and the body must not be counted as a head."""
        taken = self._request_count > 0 and self._waiter is None
        return self._current_request is not None or bool(self._messages) or self._request_in_progress or taken

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._head_timer = None
        if not self._busy():
            self._turn_away(Unavailable("request.head-slow"))

    def _process_keepalive(self) -> None:
        """aiohttp's own timer would cut a first head off at the keep-alive time, without a word."""
        if self._head_timer is None:
            super()._process_keepalive()

    def _turn_away(self, refusal: AxisError) -> None:
        """Answer by hand, before any request exists, and end the connection."""
        self._stop_head_timer()
        wire = self._wire
        if wire is None or wire.is_closing():
            return
        log.info("connection.refused", code=refusal.code, remote=self._address)
        status, body, kind = self._refuse(self._beginning, refusal)
        lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Refused')}", f"Content-Length: {len(body)}"]
        lines += [f"Content-Type: {kind}"] if body else []
        wire.write("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
        self.force_close()
        self._watch_stall()

    # requests that cannot be parsed, and handlers that break

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size > 0 or isinstance(exc, ConnectionError):
            raise ConnectionError("a part of the answer is gone already: only breaking off tells the truth")
        if status == 500:
            from axis.fronts.problems import known

            refusal = known(exc or RuntimeError("no exception given"))
        else:
            too_large = isinstance(exc, LineTooLong) or "Too many headers" in str(exc)
            refusal = PackageError("request.head-too-large" if too_large else "request.malformed")
            log.info("request.unparsable", code=refusal.code, remote=self._address, kind=type(exc).__name__)
        code, body, kind = self._refuse(self._beginning, refusal)
        headers = {"Connection": "close"} | ({"Content-Type": kind} if body else {})
        response = web.Response(status=code, body=body, headers=headers)
        response.force_close()
        return response

    # leaving

    def close(self) -> None:
        """End after the request under way. aiohttp would stop reading at once, and with it the upload."""
        if self._request_in_progress:
            self._leaving = True
        else:
            super().close()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if self._leaving and not resp.prepared:
            resp.force_close()
        return await super().finish_response(request, resp, start_time)

    async def shutdown(self, timeout: float | None = 15.0) -> None:
        self.close()
        if self._request_in_progress and self._task_handler is not None:
            await asyncio.wait({self._task_handler}, timeout=timeout)
        await super().shutdown(1.0)

    # slow readers

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_stall()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _watch_stall(self) -> None:
        if self._stall_timer is None and self._wire is not None:
            self._stall_timer = self._loop.call_later(self._limits.stalled_seconds, self._stalled)

    def _stalled(self) -> None:
        self._stall_timer = None
        if self._wire is not None:
            log.info("connection.stalled", remote=self._address)
            self._wire.abort()


class GuardedServer(web.Server):
    """Makes GuardedHandlers; ``counts`` holds open connections by address, all of them under ''."""

    def __init__(self, plain: web.Server, limits: Limits, refuse: Refuse, **options: Any) -> None:
        super().__init__(plain.request_handler, request_factory=plain.request_factory)
        self.limits = limits
        self.refuse = refuse
        self.counts: Counter[str] = Counter()
        self._options = options

    def __call__(self) -> RequestHandler:
        return GuardedHandler(self, loop=self._loop, **self._options)
