"""What the suites about a document's life share: packages that speak of others, and offices that answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from axis.domain.document import Business, BusinessType, Kind, Package, Replacement, ResponseFor, Staff
from axis.hub.contracts import Acceptance
from tests.hub.world import MINISTRY, World, document, status_of

STAFF = (Staff("Văn thư", "", "Nguyễn Văn Thư", "", "vt@x.vn"),)


def recall_of(*about: Package, receivers: Sequence[str] = (), reason: str = "Sai thẩm quyền") -> Package:
    """Type 1: the documents stand in ResponseFor (edxml.md section 3)."""
    to = receivers or [o.organ_id for o in about[0].receivers]
    return document(
        about[0].sender.organ_id, to, business=Business(type=1, reason=reason, staff=STAFF),
        response_for=tuple(
            ResponseFor(p.sender.organ_id, p.code.full, p.document_id, p.promulgation_date) for p in about
        ),
    )  # fmt: skip


def update_of(about: Package, receivers: Sequence[str] = (), reason: str = "Sửa lỗi thể thức") -> Package:
    to = receivers or [o.organ_id for o in about.receivers]
    business = Business(type=2, document_id=about.document_id, reason=reason, staff=STAFF)
    return document(about.sender.organ_id, to, business=business)


def replacement_of(*about: Package, receivers: Sequence[str] = (), reason: str = "Sai nội dung") -> Package:
    to = receivers or [o.organ_id for o in about[0].receivers]
    named = tuple(Replacement(p.document_id, tuple(to)) for p in about)
    business = Business(type=3, reason=reason, replacements=named, staff=STAFF)
    return document(about[0].sender.organ_id, to, business=business)


class Desk:
    """The hub's own verbs as the systems around it use them, by package and unit."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def sent(self, package: Package) -> Acceptance:
        return await self.world.send(package)

    async def say(self, by: str, about: Package, code: str, **more: Any) -> Acceptance:
        """A status; 13 is said by the sender to the receiver ``to``."""
        return await self.world.send(status_of(by, about, code, **more))

    async def row(self, package: Acceptance | UUID, code: str) -> dict[str, Any]:
        """The newest delivery of a package to a unit."""
        key = package if isinstance(package, UUID) else package.package_id
        return max(await self.world.deliveries(key, code), key=lambda row: row["round"])

    async def stands(self, package: Acceptance | UUID, code: str) -> tuple[str, str, str]:
        """Transport, handling, taking back."""
        row = await self.row(package, code)
        return row["state"], row["handling"], row["taking_back"]

    async def waiting(self, code: str, kind: Kind = Kind.DOCUMENT) -> list[UUID]:
        """The delivery ids a unit that pulls is shown."""
        return [item.id for item in await self.world.hub.mailroom.waiting(self.world.units[code], kind)]

    async def fetch(self, package: Acceptance | UUID, code: str) -> bytes:
        key = (await self.row(package, code))["id"]
        found = await self.world.hub.mailroom.fetch(self.world.units[code], key)
        return b"".join([piece async for piece in found.chunks()])

    async def confirm(self, package: Acceptance | UUID, code: str) -> None:
        key = (await self.row(package, code))["id"]
        await self.world.hub.mailroom.confirm(self.world.units[code], key, "done")

    async def receive(self, package: Acceptance | UUID, code: str) -> None:
        await self.fetch(package, code)
        await self.confirm(package, code)

    async def told_sender(self, sender: str = MINISTRY) -> list[tuple[str, str]]:
        """(who, code) of every status package waiting for a sender, oldest first."""
        rows = await self.world.rows(
            "select p.sender, p.status_code from delivery d join package p on p.id = d.package_id"
            " join unit u on u.id = d.unit_id where p.kind = 'status' and u.code = $1 order by d.id", sender,
        )  # fmt: skip
        return [(row["sender"], row["status_code"]) for row in rows]

    async def events(self, package: Acceptance | UUID) -> list[Mapping[str, Any]]:
        key = package if isinstance(package, UUID) else package.package_id
        return await self.world.core.packages.timeline(key)  # type: ignore[return-value]


def of_type(kind: BusinessType, about: Package) -> Package:
    return {
        BusinessType.RECALL: recall_of,
        BusinessType.UPDATE: update_of,
        BusinessType.REPLACE: replacement_of,
    }[kind](about)


def renamed(package: Package, **changes: Any) -> Package:
    return replace(package, **changes)
