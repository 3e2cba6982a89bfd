"""sendEdoc by hand over a socket: stop anywhere, go on later, stream from a disk."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from axis.demo.vxp_wire import SHAPES, ServiceObject, head
from tests.scenarios.world import Unit

PIECE = 1 << 20


class RawUpload:
    """One sendEdoc; the head is sent by ``begin``, the body by ``send``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: Callable[[int, int], bytes],
                 size: int) -> None:  # fmt: skip
        self._reader, self._writer, self._source, self._size = reader, writer, source, size
        self.sent = 0

    @classmethod
    async def begin(cls, port: int, unit: Unit, data: bytes) -> RawUpload:
        return await cls._begin(port, unit, lambda at, count: data[at : at + count], len(data), hashlib.sha256(data))

    @classmethod
    async def begin_file(cls, port: int, unit: Unit, path: Path) -> RawUpload:
        with path.open("rb") as file:
            digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")

        def source(at: int, count: int) -> bytes:
            with path.open("rb") as file:
                file.seek(at)
                return file.read(count)

        return await cls._begin(port, unit, source, path.stat().st_size, digest)

    @classmethod
    async def _begin(
        cls, port: int, unit: Unit, source: Callable[[int, int], bytes], size: int, digest: Any
    ) -> RawUpload:
        service = ServiceObject(unit.system_id, unit.secret, datetime.now(UTC))
        service.put({"servicetype": "eDoc", "messagetype": "edoc", "from": unit.code})
        service.put({"hash-file": "".join(f"{byte:x}" for byte in digest.digest())})
        host = f"127.0.0.1:{port}"
        headers = [h for h in service.apache_headers(host, b"") if h[0] not in ("Content-Length", "Content-Type")]
        headers += [("Content-Type", "application/octet-stream"), ("Content-Length", str(size + 2))]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head("POST", "/vxp/sendEdoc", headers))
        await writer.drain()
        return cls(reader, writer, source, size)

    async def send(self, up_to: int | None = None) -> None:
        """Bytes of the file up to a place; all of them, and the CR LF after it, when none is given."""
        end = self._size if up_to is None else up_to
        while self.sent < end:
            piece = await asyncio.to_thread(self._source, self.sent, min(PIECE, end - self.sent))
            self._writer.write(piece)
            self.sent += len(piece)
            await self._writer.drain()
        if up_to is None:
            self._writer.write(b"\r\n")
            await self._writer.drain()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def answer(self, within: float = 60) -> dict[str, Any]:
        async with asyncio.timeout(within):
            lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
            found: dict[str, Any] = json.loads(await self._reader.readexactly(length))
        return found

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def cut(self) -> None:
        """Break off: everything handed over so far arrives, and then the end."""
        await self._writer.drain()
        await self.close()


async def fetch_to(path: Path, port: int, unit: Unit, operation: str, key: str) -> None:
    """The body of a fetching operation, streamed to a file. Its length was announced."""
    service, shape = ServiceObject(unit.system_id, unit.secret, datetime.now(UTC)), SHAPES[operation]
    service.put({"docId": key, "filePath": "/tmp/edoc"})
    headers = [h for h in service.apache_headers(f"127.0.0.1:{port}", shape.body) if h[0] != "Expect"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head(shape.method, f"/vxp/{operation}", headers) + (shape.body or b""))
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        assert " 200 " in lines[0], lines
        left = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
        with path.open("wb") as file:
            while left:
                piece = await reader.read(min(PIECE, left))
                assert piece, f"{left} bytes short"
                await asyncio.to_thread(file.write, piece)
                left -= len(piece)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
