"""Those who write in the pictures: units and persons by name, the desk whose packages bear them, a system that
is called. Codes of units and the names of persons are invented.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aiohttp import web

from axis.demo.authority import Issued
from axis.demo.pdf import render
from axis.domain.clock import VIETNAM
from axis.domain.document import Business, Code, Dated, Organization, Package, Signer, Staff
from axis.hub.contracts import Acceptance
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, ROOT, World, document, signed, status_of

AIR, HEALTH = "000.00.05.G04", "000.00.08.G04"
NAMES = {
    MINISTRY: "Bộ Giao thông vận tải", ROADS: "Tổng cục Đường bộ Việt Nam", RAIL: "Cục Đường sắt Việt Nam",
    PORTS: "Cục Hàng hải Việt Nam", AIR: "Cục Hàng không Việt Nam", HEALTH: "Cục Y tế Giao thông vận tải",
}  # fmt: skip
CLERKS = {
    MINISTRY: "Đỗ Thị Hạnh", ROADS: "Nguyễn Thị Thu Hà", RAIL: "Vũ Văn Quý", PORTS: "Hoàng Thị Bích",
}  # fmt: skip
LEADERS = {
    MINISTRY: Signer("KT. BỘ TRƯỞNG", "THỨ TRƯỞNG", "Lý Trọng Nghĩa"),
    ROADS: Signer("KT. TỔNG CỤC TRƯỞNG", "PHÓ TỔNG CỤC TRƯỞNG", "Đặng Xuân Lộc"),
    RAIL: Signer("", "CỤC TRƯỞNG", "Ngô Thế Vỹ"), PORTS: Signer("", "CỤC TRƯỞNG", "Lương Văn Kiệm"),
}  # fmt: skip
NOTATIONS = {MINISTRY: "BGTVT-KCHT", ROADS: "TCĐBVN-VP", RAIL: "CĐSVN-VP", PORTS: "CHHVN-VP"}


@dataclass
class System:
    """The system of the unit that is called by webhook: a program that answers as the scene wants."""

    status: int = 204
    said: dict[str, Any] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.Response:
        return web.json_response(self.said, status=self.status) if self.said else web.Response(status=self.status)


class Office(Desk):
    """The desk, where packages bear the names of units and persons."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._seals: dict[str, Issued] = {code: ROOT.issue(name, organization=name) for code, name in NAMES.items()}
        self._numbers = itertools.count(3411, 7)

    def seal(self, code: str) -> Issued:
        return self._seals[code]

    async def sent(self, package: Package) -> Acceptance:
        lines = [NAMES[package.sender.organ_id].upper(), f"So: {package.code.full}", "", package.subject]
        data = signed(_named(package), self.seal(package.sender.organ_id), render(lines))
        return await self.world.send(data, by=package.sender.organ_id)

    async def say(self, by: str, about: Package, code: str, **more: Any) -> Acceptance:
        more.setdefault("status_staff", Staff(department="Văn thư", staff=CLERKS[by]))
        more.setdefault("status_timestamp", f"{datetime.now(VIETNAM):%Y/%m/%d %H:%M:%S}")
        made = status_of(by, about, code, **more)
        return await self.world.send(signed(_named(made), self.seal(by)), by=by)

    def paper(self, sender: str, receivers: Sequence[str], subject: str, **changes: Any) -> Package:
        number, today = str(next(self._numbers)), datetime.now(VIETNAM).date()
        code = Code(number, NOTATIONS[sender])
        return document(
            sender, receivers, code=code, document_id=f"{sender},{today:%Y/%m/%d},{code.full}",
            promulgation_date=Dated(f"{today:%Y/%m/%d}", today), type_name="Công văn", subject=subject,
            content=subject, signer=LEADERS[sender], **changes,
        )  # fmt: skip

    def about(self, made: Package, subject: str) -> Package:
        """The package of a conversation, numbered and dated as the others are."""
        receivers = [one.organ_id for one in made.receivers]
        business = made.business or Business(type=0)
        staff = (Staff("Văn thư", "", CLERKS[made.sender.organ_id], "", "vanthu@tcdb.example"),)
        return self.paper(
            made.sender.organ_id, receivers, subject, business=replace(business, staff=staff),
            response_for=made.response_for,
        )  # fmt: skip

    async def arrived(self, package: Package) -> Acceptance:
        sent = await self.sent(package)
        for receiver in package.receivers:
            if receiver.organ_id != PORTS:
                await self.receive(sent, receiver.organ_id)
        return sent

    async def told(self, package: Package, *codes: str, by: str = "", reason: str = "") -> Acceptance:
        sent = await self.arrived(package)
        for code in codes:
            await self.say(by or package.receivers[0].organ_id, package, code, reason=reason)
        return sent


def _named(package: Package) -> Package:
    def named(one: Organization) -> Organization:
        return replace(one, organ_name=NAMES[one.organ_id])

    return replace(package, sender=named(package.sender), receivers=tuple(map(named, package.receivers)))
