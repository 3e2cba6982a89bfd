"""Listening: aiohttp applications on sockets, with the guards of guard.py.

Only aiohttp's compiled parser is trusted with other people's bytes (its Python one is laxer about
requests that two servers read differently): a start without it is refused. Stopping is graceful: new
connections are refused first, requests under way get their time, then everything ends.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from pathlib import Path

import aiohttp.http_parser
from aiohttp import web

from axis.domain.errors import AxisError, SetupError
from axis.fronts import problems, vxp_answers
from axis.fronts.guard import GuardedServer, Limits
from axis.fronts.plain_http import in_problems

READ_BUFFER = 256 * 1024
HANDSHAKE_SECONDS = 10.0


def require_compiled_parser() -> None:
    """Raises SetupError ``listener.parser`` unless the C parser reads requests."""
    if os.environ.get("AIOHTTP_NO_EXTENSIONS") or "_http_parser" not in (
        aiohttp.http_parser.HttpRequestParser.__module__
    ):
        raise SetupError("listener.parser")


def refuse_unparsed(beginning: bytes, refusal: AxisError) -> tuple[int, bytes, str]:
    """The answer to a request nobody could parse: JSON in the VXP shape, which no client of ours mistakes
    for success; nothing at all for a download, whose client would store it as the document."""
    row = problems.row(refusal)
    if b"/downloadEdoc" in beginning.split(b"\r\n", 1)[0]:
        return row.http, b"", ""
    answer = vxp_answers.fail("", row.vxp, problems.vxp_text(refusal))
    return row.http, vxp_answers.encode(answer), "application/json"


def _bound(path: Path, mode: int) -> socket.socket:
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path.unlink(missing_ok=True)  # left over from a process that was killed
    held.bind(str(path))
    path.chmod(mode)
    return held


class _Runner(web.AppRunner):
    __slots__ = ("_guarded",)

    def __init__(self, app: web.Application, limits: Limits, drain: float) -> None:
        super().__init__(app, shutdown_timeout=drain)
        self._guarded = limits

    async def _make_server(self) -> web.Server:
        limits = self._guarded
        return GuardedServer(
            await super()._make_server(),
            limits,
            refuse_unparsed,
            access_log=None,
            max_line_size=limits.line,
            max_field_size=limits.line,
            max_headers=limits.lines,
            keepalive_timeout=limits.keepalive_seconds,
            lingering_time=limits.linger_seconds,
            read_bufsize=READ_BUFFER,
            auto_decompress=False,
        )


class Listener:
    """One application on any number of sockets, with its refusals as problem details.

    Use: ``await open()``, then ``listen*()`` as often as wanted, then ``stop()``.
    ``drain``: seconds that requests under way are given when stopping."""

    def __init__(self, app: web.Application, limits: Limits | None = None, drain: float = 20.0) -> None:
        self.limits = limits or Limits()
        app.middlewares.append(in_problems)
        self._runner = _Runner(app, self.limits, drain)
        self._servers: list[asyncio.Server] = []

    async def open(self) -> None:
        require_compiled_parser()
        await self._runner.setup()

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None, reuse_port: bool = False) -> int:
        """Listen on an address; the port, which the system chooses when 0 was asked for."""
        shaken = HANDSHAKE_SECONDS if tls else None
        server = await asyncio.get_running_loop().create_server(
            self._protocols, host, port, ssl=tls, reuse_port=reuse_port or None, backlog=1024,
            ssl_handshake_timeout=shaken,
        )  # fmt: skip
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def listen_unix(self, path: Path, mode: int = 0o660) -> None:
        """Listen on a unix socket, for a reverse proxy on the same machine."""
        held = _bound(path, mode)
        self._servers.append(await asyncio.get_running_loop().create_unix_server(self._protocols, sock=held))

    async def listen_socket(self, held: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a socket that is bound already (socket activation, tests)."""
        server = await asyncio.get_running_loop().create_server(self._protocols, sock=held, ssl=tls)
        self._servers.append(server)

    @property
    def _protocols(self) -> web.Server:
        if self._runner.server is None:
            raise RuntimeError("open() comes first")
        return self._runner.server

    @property
    def connections(self) -> int:
        """Open connections."""
        server = self._runner.server
        return server.counts[""] if isinstance(server, GuardedServer) else 0

    async def stop(self) -> None:
        """Refuse new connections, let requests under way end within ``drain`` seconds, then cut."""
        for server in self._servers:
            server.close()
        if self._runner.server is not None:
            await self._runner.cleanup()
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()
