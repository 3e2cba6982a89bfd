"""A real HTTP peer that can be told to misbehave, written on bare sockets so that nothing tidies up
after it. A script is a coroutine that gets the request once its head has been read and does with the
connection whatever the case asks for; what it leaves open is closed when the peer is."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

PATIENCE = 5.0  # how long a test waits for a signal before it fails; nothing waits that long when all is well


@dataclass
class Request:
    head: bytes
    headers: dict[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    body: bytes = b""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def read_body(self, keep: bool = True) -> int:
        """Read the body that Content-Length announces; gives the number of bytes."""
        left = int(self.headers.get("content-length", "0"))
        total = 0
        while left and (piece := await self.reader.read(min(left, 65536))):
            left -= len(piece)
            total += len(piece)
            if keep:
                self.body += piece
        return total

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Cut the connection with RST."""
        handle = self.writer.get_extra_info("socket")
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise ConnectionResetError


Script = Callable[[Request], Awaitable[None]]


async def answer(
    request: Request, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> None:
    """Read the request whole and answer properly."""
    await request.read_body()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    await request.say(("\r\n".join(lines) + "\r\n\r\n").encode() + body)


class Peer:
    """``greeting``: said on connecting, before anything was asked."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None, greeting: bytes = b"") -> None:
        self.script = script
        self._greeting = greeting
        self.requests: list[Request] = []
        self.open = 0
        self.most_open = 0
        self._tls = tls
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/in"

    async def __aenter__(self) -> Peer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def seen(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        await self._until(lambda: len(self.requests) >= count)

    async def all_closed(self) -> None:
        """Wait until the other side holds no connection any more."""
        await self._until(lambda: self.open == 0)

    async def _until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(reached)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        await self._count(1)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            self._tasks.discard(task)
            await self._count(-1)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._greeting)
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            pairs = (line.split(":", 1) for line in head.decode("latin-1").split("\r\n")[1:] if line)
            headers = {name.strip().lower(): value.strip() for name, value in pairs}
            request = Request(head, headers, reader, writer, len(self.requests) + 1)
            async with self._changed:
                self.requests.append(request)
                self._changed.notify_all()
            await self.script(request)

    async def _count(self, step: int) -> None:
        self.open += step
        self.most_open = max(self.most_open, self.open)
        with contextlib.suppress(asyncio.CancelledError):
            async with self._changed:
                self._changed.notify_all()


async def until_gone(request: Request) -> None:
    """Hold the connection, reading and throwing away, until the other side leaves."""
    while await request.reader.read(65536):
        pass
