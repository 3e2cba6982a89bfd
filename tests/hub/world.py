"""A real hub for tests: a database, a data folder, units with their seals, and agencies that are programs
of the test. Nothing of the axis is replaced; agencies that are pushed to are a registered adapter kind
whose answers the test gives (``Scripted``) or real HTTP receivers.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

from axis.adapter import Delivered, Health, Inbound, Later, Outcome, Parcel, Refused, Tools, nothing
from axis.app import Hub
from axis.config import (
    Config,
    CourierSection,
    DatabaseSection,
    HubSection,
    IntakeSection,
    ListenSection,
    OutboundSection,
)
from axis.core import Core
from axis.demo.authority import Authority, Issued
from axis.domain.directory import Unit, UnitState
from axis.domain.document import (
    Business,
    Code,
    Dated,
    Kind,
    Organization,
    OtherInfo,
    Package,
    Policy,
    ResponseFor,
    Signer,
    Staff,
    Trace,
)
from axis.domain.ids import new_id
from axis.domain.states import WORDS
from axis.edxml.writer import FileToSend, document_bytes, status_bytes
from axis.hub.contracts import Acceptance, Source
from axis.store.sql import Query
from axis.trust import signature
from axis.trust.certificates import TrustAnchors

OWN = "000.00.00.G04"
MINISTRY, ROADS, RAIL, PORTS = OWN, "000.00.01.G04", "000.00.02.G04", "000.00.03.G04"
SECRET = "a-secret-of-sixteen-or-more"
ROOT = Authority.create("Cơ quan chứng thực thử nghiệm")
_numbers = itertools.count(1)
_seals: dict[str, Issued] = {}


def seal_of(code: str) -> Issued:
    """One seal per unit and test process: elliptic, so they cost nothing."""
    return _seals.setdefault(code, ROOT.issue(f"Văn thư {code}"))


async def until(true: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until a condition holds (plain or awaitable), at most so long; what it gave."""
    async with asyncio.timeout(seconds):
        while True:
            found = true()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.01)  # the one look-again of these suites: rows have no events


class Upload:
    """A body as a front hands it over."""

    def __init__(self, data: bytes, *, tail: bytes = b"", piece: int = 64 * 1024) -> None:
        self._data, self.tail, self._piece = data, tail, piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), self._piece):
            yield self._data[start : start + self._piece]


# -- packages -------------------------------------------------------------------------------------


def org(code: str) -> Organization:
    return Organization(organ_id=code, organ_name=f"Đơn vị {code}")


def document(sender: str, receivers: Sequence[str], **changes: Any) -> Package:
    """A new document with a number nobody used before."""
    number = str(next(_numbers))
    made = Package(
        kind=Kind.DOCUMENT, sender=org(sender), receivers=tuple(org(c) for c in receivers),
        document_id=f"{sender},2019/06/01,{number}/TB", code=Code(number, "TB"), place="Hà Nội",
        promulgation_date=Dated("2019/06/01", date(2019, 6, 1)), type_name="Thông báo",
        subject="Về việc thử nghiệm", content="Về việc thử nghiệm",
        signer=Signer("Chánh Văn phòng", "Chánh Văn phòng", "Nguyễn Văn A"),
    )  # fmt: skip
    return replace(made, **changes)


def urgent(level: int) -> OtherInfo:
    return OtherInfo(priority=level)


def business(kind: int, document_id: str) -> Business:
    return Business(type=kind, document_id=document_id, reason="sửa", staff=(Staff("Văn thư", "", "A", "", "a@x.vn"),))


def status_of(by: str, about: Package, code: str, reason: str = "", **changes: Any) -> Package:
    """``by`` says ``code`` about a document; 13 goes to the receiver named by ``to``."""
    to = changes.pop("to", about.sender.organ_id)
    found = Package(
        kind=Kind.STATUS, sender=org(by), status_code=code,
        status_description=reason or (WORDS[code][0] if code in WORDS else ""),
        response_for=(ResponseFor(to, about.code.full, about.document_id, about.promulgation_date),),
        status_staff=Staff(department="Văn thư", staff="Trần Thị B"), status_timestamp="2019/06/02 08:00:00",
    )  # fmt: skip
    return replace(found, **changes)


def encoded(package: Package, content: bytes = b"%PDF-1.4 thu nghiem") -> bytes:
    if package.kind is Kind.STATUS:
        return status_bytes(package)
    files = [FileToSend("van-ban.pdf", lambda: io.BytesIO(content), "Văn bản", "f1")]
    return document_bytes(package, files, ids=lambda: UUID(int=7))


def signed(package: Package | bytes, by: Issued | None = None, content: bytes = b"%PDF-1.4 x") -> bytes:
    data = package if isinstance(package, bytes) else encoded(package, content)
    seal = by or seal_of(package.sender.organ_id if isinstance(package, Package) else MINISTRY)
    return signature.sign(data, seal.key, seal.chain)


def traced(*codes: str) -> tuple[Trace, ...]:
    return tuple(Trace(code, "2019/06/01 10:00:00") for code in codes)


# -- agencies -------------------------------------------------------------------------------------


class Peer:
    """The system of one pushed unit: ``answer`` decides, calls are kept in order."""

    def __init__(self) -> None:
        self.calls: list[Parcel] = []
        self.answer: Callable[[Parcel], Outcome | Awaitable[Outcome]] = lambda parcel: Delivered("ok")
        self.gate: asyncio.Event | None = None
        self.busy = 0
        self.most_at_once = 0

    async def __call__(self, parcel: Parcel) -> Outcome:
        self.calls.append(parcel)
        self.busy += 1
        self.most_at_once = max(self.most_at_once, self.busy)
        try:
            if self.gate is not None:
                await self.gate.wait()
            found = self.answer(parcel)
            return await found if isinstance(found, Awaitable) else found
        finally:
            self.busy -= 1

    @property
    def ids(self) -> list[str]:
        return [parcel.delivery_id for parcel in self.calls]


@dataclass(frozen=True, slots=True)
class ScriptedSettings:
    peer: str = ""


class Scripted:
    """An adapter kind whose agencies live in the test."""

    kind: ClassVar[str] = "scripted"
    pulls: ClassVar[bool] = False
    Settings: ClassVar[type] = ScriptedSettings
    peers: ClassVar[dict[str, Peer]] = defaultdict(Peer)

    def __init__(self, tools: Tools) -> None:
        self._name = str(tools.settings.get("peer", ""))

    async def deliver(self, parcel: Parcel) -> Outcome:
        return await self.peers[self._name](parcel)

    def collect(self) -> AsyncIterator[Inbound]:
        return nothing()

    async def probe(self) -> Health:
        return Health("ok", "scripted")


def down(text: str = "no answer", **more: Any) -> Callable[[Parcel], Outcome]:
    return lambda parcel: Later(text, **more)


def refuse(code: str = "no", text: str = "not ours") -> Callable[[Parcel], Outcome]:
    return lambda parcel: Refused(code, text)


# -- the hub --------------------------------------------------------------------------------------


def config(data: Path, url: str, **changes: Any) -> Config:
    base = Config(
        data, hub=HubSection(code=OWN), listen=ListenSection(public="127.0.0.1:0", drain=5.0),
        database=DatabaseSection(url=url, connections=8),
        intake=IntakeSection(free_bytes=0, workers=2),
        courier=CourierSection(poll=0.05, delays=(0.05,)),
        outbound=OutboundSection(approved=("127.0.0.0/8",), plain_http=True),
    )  # fmt: skip
    return replace(base, **changes)


@dataclass
class World:
    """One hub and those around it. ``send`` is the front's part of the walk."""

    hub: Hub
    core: Core
    units: dict[str, Unit] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hub.port}"

    @property
    def anchors(self) -> TrustAnchors:
        """What a unit is given to check receipts with."""
        return TrustAnchors([self.core.identity.chain[-1]])

    async def add(self, code: str, adapter: str = "mailbox", **changes: Any) -> Unit:
        secrets = changes.pop("secrets", {})
        certificates = changes.pop("certificates", None)
        unit = Unit(
            id=new_id(), code=code, name=f"Đơn vị {code}", state=UnitState.LIVE, adapter=adapter,
            settings={"peer": code} if adapter == "scripted" else {},
        )  # fmt: skip
        unit = replace(unit, **changes)
        bound = (seal_of(code).certificate,) if certificates is None else certificates
        await self.core.onboarding.add(
            unit, system_id=system_id(code), secret=SECRET, secrets=secrets, certificates=bound, actor="test"
        )
        return await self.refresh(code)

    async def refresh(self, code: str) -> Unit:
        found = (await self.core.directory.current(0)).named(code)
        assert found is not None
        self.units[code] = found
        return found

    async def change(self, code: str, **changes: Any) -> Unit:
        await self.core.onboarding.change(code, changes, actor="test")
        return await self.refresh(code)

    def peer(self, code: str) -> Peer:
        return Scripted.peers[code]

    async def send(self, package: Package | bytes, by: str = "", **source: Any) -> Acceptance:
        """Through the door, signed by its sender unless it is bytes already."""
        code = by or (package.sender.organ_id if isinstance(package, Package) else MINISTRY)
        data = package if isinstance(package, bytes) else signed(package)
        upload = Upload(data, tail=source.pop("tail", b""), piece=source.pop("piece", 64 * 1024))
        return await self.hub.intake.accept(upload, Source(front="test", unit=self.units[code], **source))

    # looking, past the aggregates: what a test says about the rows must not rest on our own reading

    async def rows(self, sql: str, *args: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.core.database.fetch(Query("test.look", "look", sql), *args)]

    async def row(self, sql: str, *args: object) -> dict[str, Any]:
        (found,) = await self.rows(sql, *args)
        return found

    async def execute(self, sql: str, *args: object) -> None:
        await self.core.database.execute(Query("test.act", "act", sql), *args)

    async def journal(self, event: str = "") -> list[dict[str, Any]]:
        return await self.rows("select * from journal where $1 = '' or event = $1 order by position", event)

    async def deliveries(self, package_id: UUID | None = None, code: str = "") -> list[dict[str, Any]]:
        return await self.rows(
            "select d.*, u.code from delivery d join unit u on u.id = d.unit_id"
            " where ($1::uuid is null or d.package_id = $1) and ($2 = '' or u.code = $2) order by u.code, d.id",
            package_id, code,
        )  # fmt: skip

    async def delivery(self, package_id: UUID, code: str = "") -> dict[str, Any]:
        (found,) = await self.deliveries(package_id, code)
        return found

    async def in_state(self, delivery_id: UUID, *states: str) -> dict[str, Any]:
        """The row of a delivery once it stands in one of the states."""

        async def look() -> dict[str, Any] | None:
            row = await self.row("select * from delivery where id = $1", delivery_id)
            return row if row["state"] in states else None

        return await until(look)

    async def counts(self) -> Mapping[str, int]:
        """How much is stored; equal before and after a refusal, the journal aside."""
        return await self.row(
            "select (select count(*) from package) package, (select count(*) from delivery) delivery,"
            " (select count(*) from receipt) receipt, (select count(*) from attempt) attempt"
        )

    def spooled(self) -> list[Path]:
        return list(self.core.payloads.spool_folder.iterdir())


def system_id(code: str) -> str:
    return "he-thong." + code.replace(".", "-").lower()


async def standard(world: World) -> None:
    """The ministry, two units that fetch and one that is pushed to."""
    await world.core.onboarding.trust(ROOT.certificate, actor="test")
    for code, adapter in ((MINISTRY, "mailbox"), (ROADS, "mailbox"), (RAIL, "mailbox"), (PORTS, "scripted")):
        await world.add(code, adapter)


def now() -> datetime:
    return datetime.now(UTC)


def unknown() -> UUID:
    return uuid4()


POLICIES = tuple(Policy)
