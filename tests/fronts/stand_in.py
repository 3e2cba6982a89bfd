"""A listener with the VXP front over a recorder that answers from memory.

Only for what never reaches the hub's rules: malformed HTTP, slow peers, shapes on the wire. What the
API means is tested against the real hub.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.directory import Unit, UnitState
from axis.domain.document import Kind
from axis.domain.errors import AccessError, NotFound
from axis.fronts.guard import Limits
from axis.fronts.server import Listener
from axis.fronts.vxp import VxpFront
from axis.fronts.vxp_call import Hub, VxpSettings
from axis.hub.contracts import Acceptance, Body, Fetched, Sent, Source, Waiting

VECTORS = json.loads((Path(__file__).parents[2] / ".." / "shared" / "vectors" / "vxp-requests.json").read_text("utf-8"))
SYSTEM, SECRET = "demo.sys.01", "Made-up/Secret+key==1"
PACKAGE_ID = UUID("11111111-2222-3333-4444-555555555555")
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
UNIT = Unit(
    id=UUID(int=1), code="A01.10", aliases=("000.00.00.A01",), name="Vụ Thử nghiệm", state=UnitState.LIVE,
    adapter="mailbox", email="a@example.test", changed_at=NOW,
)  # fmt: skip


@dataclass(frozen=True)
class Key:
    system_id: str
    unit: Unit
    secrets: tuple[bytes, ...]


@dataclass
class Recorder:
    """Plays every use case; ``seen`` holds what it was asked."""

    file: bytes = b'<?xml version="1.0" encoding="UTF-8"?>\n<edXML>tiny</edXML>\n'
    encoding: str = "utf-8"
    unit: Unit = UNIT
    raises: Exception | None = None
    breaks_after: int | None = None
    seen: list[tuple[Any, ...]] = field(default_factory=list)
    bodies: list[tuple[bytes, bytes]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def by_system_id(self, system_id: str) -> Key | None:
        return Key(SYSTEM, self.unit, (SECRET.encode(),)) if system_id == SYSTEM else None

    async def units(self) -> list[Unit]:
        child = replace(UNIT, id=UUID(int=2), code="A01.10.01", aliases=(), parent="A01.10", changed_at=None)
        gone = replace(UNIT, id=UUID(int=3), code="A01.11", aliases=(), email="", state=UnitState.RETIRED)
        return [UNIT, child, gone]

    async def called(self, unit: Unit) -> None:
        return

    async def accept(self, body: Body, source: Source) -> Acceptance:
        self.sources.append(source)
        self.arrived.set()
        pieces = []
        try:
            async for piece in body:
                pieces.append(piece)
        except BaseException as error:
            self.failed.append(error)
            raise
        finally:
            self.arrived.set()
        if self.raises:
            raise self.raises
        self.bodies.append((b"".join(pieces), body.tail))
        return Acceptance(PACKAGE_ID, "doc", "proven", "", False)

    async def waiting(self, unit: Unit, kind: Kind, limit: int = 500) -> list[Waiting]:
        self.seen.append(("waiting", kind))
        if self.raises:
            raise self.raises
        return [Waiting(PACKAGE_ID, kind, "A", "B", "initial", "Trích yếu", "d", "1/ABC", 0, 1, "proven", NOW, NOW)]

    async def count(self, unit: Unit, kind: Kind) -> int:
        return 7 if kind is Kind.DOCUMENT else 3

    async def fetch(self, unit: Unit, delivery_id: UUID, system: str) -> Fetched:
        self.seen.append(("fetch", delivery_id))
        if delivery_id != PACKAGE_ID:
            raise NotFound("access.unknown-document")
        return self.fetched()

    async def open_link(self, token: str) -> Fetched:
        if token != "good":
            raise NotFound("access.unknown-document")
        return self.fetched()

    def fetched(self) -> Fetched:
        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(self.file), 7):
                if self.breaks_after is not None and start >= self.breaks_after:
                    raise OSError("the disk is gone")
                yield self.file[start : start + 7]

        digest = hashlib.sha256(self.file).hexdigest()
        return Fetched(PACKAGE_ID, digest, len(self.file), self.encoding, chunks)

    async def confirm(self, unit: Unit, delivery_id: UUID, status: str, note: str) -> None:
        self.seen.append(("confirm", delivery_id, status, note))

    async def sent(self, unit: Unit, kind: Kind, package_id: UUID | None, limit: int = 500) -> list[Sent]:
        self.seen.append(("sent", kind, package_id))
        if package_id not in (None, PACKAGE_ID):
            return []
        return [Sent(PACKAGE_ID, UUID(int=9), kind, "A", "B", "Trích yếu", "1/ABC", "delivered", "03", "", NOW, None)]

    async def request_agency(self, unit: Unit, text: str) -> None:
        self.seen.append(("request", text))
        raise AccessError("access.unit-inactive")

    async def retire_agency(self, unit: Unit, code: str) -> None:
        self.seen.append(("retire", code))
        raise AccessError("access.unit-inactive")


@dataclass
class Stand:
    recorder: Recorder
    listener: Listener
    port: int
    app: web.Application

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/vxp"

    async def raw(self, *parts: bytes) -> bytes:
        """Send bytes as they are; everything that comes back until the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def standing(
    recorder: Recorder | None = None, settings: VxpSettings | None = None, limits: Limits | None = None,
    **more: Any,
) -> AsyncIterator[Stand]:  # fmt: skip
    found = recorder or Recorder()
    app = web.Application()
    VxpFront(Hub(found, found, found, found), settings, **more).add_routes(app)
    listener = Listener(app, limits, drain=2.0)
    await listener.open()
    port = await listener.listen("127.0.0.1", 0)
    try:
        yield Stand(found, listener, port, app)
    finally:
        await listener.stop()


def parts(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by lower-case name, and body of one raw answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:])
    return int(lines[0].split()[1]), {n.lower(): v.strip() for n, _, v in pairs}, body
