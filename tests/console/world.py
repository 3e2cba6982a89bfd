"""A whole ministry at the console: a hub, units, a person of every role, documents in every state.

Nothing here is written past the use cases: packages come through the door, agencies answer, clerks' software says
statuses, the courier delivers. What is *own* and what is *other* is seen from the Roads (ROADS): the two Rail
documents are the foreign ones, and the word SECRET stands in nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import pytest

import axis.core
from axis.app import Hub
from axis.console import console
from axis.core import open_core
from axis.domain.document import Package
from axis.domain.people import Role
from axis.fronts.console.app import Console
from axis.hub.accounts import open_accounts
from axis.hub.contracts import Acceptance
from axis.hub.people import By
from axis.trust.passwords import Cost
from tests.conftest import ServerForTests
from tests.console.stand_in import served
from tests.console.visitors import Visitor, Visits
from tests.hub.talks import Desk, recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, Scripted, World, config, document, refuse, urgent

SECRET = "KHÔNG-AI-KHÁC-ĐƯỢC-ĐỌC"
NOBODY = "nobody"
WHO = (*(role.value for role in Role), NOBODY)


@dataclass
class Papers:
    """What was sent, by what became of it."""

    received: Acceptance
    sent: Acceptance
    shared: Acceptance
    rails: Acceptance
    rails_sent: Acceptance
    by_state: dict[str, Acceptance] = field(default_factory=dict)

    @property
    def all(self) -> list[Acceptance]:
        return [self.received, self.sent, self.shared, self.rails, self.rails_sent, *self.by_state.values()]


@dataclass
class Town:
    """``people``: one visitor for each of WHO, those of a unit from ROADS; ``rail``: a clerk of the other unit;
    ``spare``: somebody nobody needs, invited by the link ``invitation``."""

    world: World
    visits: Visits
    desk: Desk
    papers: Papers
    people: dict[str, Visitor]
    rail: Visitor
    logins: dict[str, str]
    invitation: str
    spare: str = "nguoi.du"
    _neighbours: dict[Role, Visitor] = field(default_factory=dict)

    async def neighbour(self, role: Role) -> Visitor:
        """Somebody of that role in the other unit."""
        if role not in self._neighbours:
            self._neighbours[role] = self.rail if role is Role.CLERK else await self.visits.of(role, RAIL)
        return self._neighbours[role]

    async def colleague(self) -> str:
        """Somebody of the Roads whom nobody needs, invited when first asked for."""
        login = "dong.nghiep"
        if not await self.world.rows("select from person where login = $1", login):
            await self.visits.accounts.staffing.invite(
                login, "Lưu Văn Đồng", Role.CLERK, by=By("cli:thu"), unit_id=self.world.units[ROADS].id
            )
        return login

    def login(self, role: Role) -> str:
        return self.logins[role.value]

    @property
    def console(self) -> Console:
        return self.visits.console

    async def delivery(self, sent: Acceptance, code: str) -> UUID:
        found: UUID = (await self.desk.row(sent, code))["id"]
        return found

    async def receipt(self, sent: Acceptance, code: str = "") -> UUID:
        """The newest receipt of a document, or of what it means for one receiver."""
        key = await self.delivery(sent, code) if code else None
        rows = await self.world.rows(
            "select event_id from receipt where package_id = $1 and delivery_id is not distinct from $2"
            " order by event_id desc limit 1", sent.package_id, key,
        )  # fmt: skip
        found: UUID = rows[0]["event_id"]
        return found


def pages(world: World) -> Console:
    """Every page there is, over a hub, as the hub puts them together, where everybody sees the public page."""
    core, hub = world.core, world.hub
    shown = replace(core.config.console, secure_cookies=False, public_page=True)
    seen = replace(core, config=replace(core.config, console=shown))
    return console(
        seen, desk=hub.desk, checks=hub._checks(), trouble=lambda: hub.courier.trouble, wake=hub.courier.wake
    )


@asynccontextmanager
async def visited(world: World) -> AsyncIterator[Visits]:
    """All pages, served, with nobody in front of them yet. Passwords cost little here."""
    core = world.core
    core.accounts = open_accounts(
        database=core.database, journal=core.journal, sealer=core.sealer, workers=core.workers,
        cost=Cost(memory=64, passes=1),
    )  # fmt: skip
    made = pages(world)
    async with served(made) as reader:
        yield Visits(core, core.accounts, reader, made)


@asynccontextmanager
async def town(world: World) -> AsyncIterator[Town]:
    """Of a *serving* hub: the courier brings PORTS what is theirs."""
    desk = Desk(world)
    papers = await written(desk)
    async with visited(world) as visits:
        people = {role.value: await visits.of(role, ROADS) for role in Role}
        people[NOBODY] = visits.anybody
        logins = {role.value: f"{role.value}-{number}" for number, role in enumerate(Role, 1)}
        link = await visits.accounts.staffing.invite(
            "nguoi.du", "Người Dư", Role.CLERK, by=By("cli:thu"), unit_id=world.units[RAIL].id
        )
        rail = await visits.of(Role.CLERK, RAIL)
        yield Town(world, visits, desk, papers, people, rail, logins, link.token)


@asynccontextmanager
async def opened(server: ServerForTests, furnished: tuple[str, Path], folder: Path) -> AsyncIterator[Town]:
    """A town that several tests look at."""
    async with hub_of(server, furnished, folder) as world, town(world) as found:
        yield found


@asynccontextmanager
async def hub_of(server: ServerForTests, furnished: tuple[str, Path], folder: Path) -> AsyncIterator[World]:
    """A serving hub over a database of its own that lives as long as its caller: see tests/hub/conftest.py."""
    name, installed = server.create(furnished[0]), axis.core.adapter_kinds()
    for shared in ("keys", "payloads"):
        (folder / shared).symlink_to(furnished[1] / shared)
    Scripted.peers.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(axis.core, "adapter_kinds", lambda: {**installed, "scripted": Scripted})
        async with open_core(config(folder, server.dsn(name))) as core:
            world = World(Hub(core), core)
            for unit in (await core.directory.current(0)).units.values():
                world.units[unit.code] = unit
            try:
                await world.hub.start()
                yield world
            finally:
                await world.hub.stop()
    server.drop(name)


async def written(desk: Desk) -> Papers:
    """Documents in every state a document can be in."""
    rails = document(PORTS, [RAIL], subject=f"{SECRET} về đường sắt")
    papers = Papers(
        received=await arrived(desk, document(MINISTRY, [ROADS], subject="Về việc duy tu quốc lộ")),
        sent=await arrived(desk, document(ROADS, [MINISTRY], subject="Báo cáo duy tu quốc lộ")),
        shared=await arrived(desk, document(MINISTRY, [ROADS, RAIL], subject="Gửi cả hai cục")),
        rails=await arrived(desk, rails),
        rails_sent=await arrived(desk, document(RAIL, [MINISTRY], subject=f"{SECRET} gửi Bộ")),
    )
    await _states(desk, papers.by_state)
    return papers


async def _states(desk: Desk, kept: dict[str, Acceptance]) -> None:
    world = desk.world
    kept["queued"] = await desk.sent(document(ROADS, [RAIL], subject="Chờ lấy", other=urgent(2)))
    for code, words in (("03", "Tiếp nhận"), ("04", "Phân công"), ("05", "Đang xử lý"), ("06", "Hoàn thành")):
        kept[code] = await _said(desk, document(MINISTRY, [ROADS], subject=words, other=urgent(int(code) - 3)), code)
    kept["02"] = await _said(desk, document(ROADS, [MINISTRY], subject="Bị trả lại"), "02")
    for code in ("13", "15", "16"):
        kept[code] = await _asked_back(desk, code)
    for name, made in (("recall", recall_of), ("update", update_of), ("replace", replacement_of)):
        about = document(ROADS, [MINISTRY], subject=f"Sẽ đổi: {name}")
        kept[f"{name}-of"] = await arrived(desk, about)
        kept[name] = await arrived(desk, made(about))
    again = document(ROADS, [MINISTRY], subject="Gửi lại lần hai")
    kept["again"] = await _said(desk, again, "02")
    delivered = await desk.sent(document(ROADS, [PORTS], subject="Phát tới hệ thống"))
    await world.in_state((await desk.row(delivered, PORTS))["id"], "delivered")
    kept["delivered"] = delivered
    world.peer(PORTS).answer = refuse("E42", "hệ thống nhận không lưu được")
    refused = await desk.sent(document(ROADS, [PORTS], subject="Bị từ chối"))
    await world.in_state((await desk.row(refused, PORTS))["id"], "refused")
    kept["refused"] = refused
    await world.change(PORTS, paused=True)
    kept["held"] = await desk.sent(document(ROADS, [PORTS], subject="Đơn vị tạm dừng"))
    parked = await desk.sent(document(ROADS, [PORTS], subject="Được giữ lại"))
    await world.core.deliveries.park((await desk.row(parked, PORTS))["id"], "test", "để tìm hiểu")
    kept["parked"] = parked


async def arrived(desk: Desk, package: Package) -> Acceptance:
    """Sent, and fetched and confirmed by every receiver that fetches."""
    sent = await desk.sent(package)
    for receiver in package.receivers:
        if receiver.organ_id != PORTS:
            await desk.receive(sent, receiver.organ_id)
    return sent


async def _said(desk: Desk, package: Package, code: str) -> Acceptance:
    sent = await arrived(desk, package)
    await desk.say(package.receivers[0].organ_id, package, code, reason="theo quy trình")
    return sent


async def _asked_back(desk: Desk, code: str) -> Acceptance:
    package = document(ROADS, [MINISTRY], subject=f"Yêu cầu lấy lại ({code})")
    sent = await arrived(desk, package)
    await desk.say(ROADS, package, "13", to=MINISTRY, reason="gửi nhầm")
    if code != "13":
        await desk.say(MINISTRY, package, code, reason="đã xem")
    return sent
