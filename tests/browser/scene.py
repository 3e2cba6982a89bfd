"""A ministry as people know it, for pictures: units with names, persons with names, documents that could be real.

It is a ``Town`` (tests/console/world.py), so what fills the routes of the matrix fills them here too. Codes of units,
persons and texts are invented. Nothing is written past the use cases but three due moments that are dated back: a
deadline takes a working day to be missed, and a picture cannot wait.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from axis import settings
from axis.app import Hub
from axis.config import CourierSection
from axis.core import open_core
from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit, UnitState
from axis.domain.document import Kind
from axis.domain.ids import new_id
from axis.domain.people import OF_A_UNIT, Role
from axis.hub.alerting.watch import Watch
from axis.hub.contracts import Acceptance
from axis.hub.doorkeeper import Where
from axis.hub.people import By
from axis.webhooks import new_secret
from benchmarks.readers import signed_in
from tests.browser.writers import AIR, CLERKS, HEALTH, NAMES, Office, System
from tests.conftest import ServerForTests
from tests.console.visitors import Visitor, Visits
from tests.console.world import NOBODY, Papers, Town, visited
from tests.hub.talks import recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, ROOT, World, config, system_id, urgent

BY = By("cli:van-hanh")
BROWSER = Where("10.20.30.41", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36")
PEOPLE = {
    Role.CLERK: ("ntt.ha", "Nguyễn Thị Thu Hà"), Role.UNIT_ADMIN: ("tv.minh", "Trần Văn Minh"),
    Role.OPERATOR: ("lq.anh", "Lê Quốc Anh"), Role.AUDITOR: ("pt.lan", "Phạm Thị Lan"),
}  # fmt: skip
MORE = (
    "V/v góp ý dự thảo Nghị định quy định về kinh doanh và điều kiện kinh doanh vận tải",
    "V/v rà soát vị trí việc làm và tinh giản biên chế",
    "V/v báo cáo kết quả thực hiện nhiệm vụ Bộ trưởng giao quý IV",
    "V/v giải ngân kế hoạch vốn đầu tư công quý IV",
    "V/v chấp thuận thiết kế nút giao đấu nối vào Quốc lộ 14, tỉnh Đắk Lắk",
)


async def _units(office: Office, system: str) -> None:
    world, add = office.world, office.world.core.onboarding.add
    await world.core.onboarding.trust(ROOT.certificate, actor=BY.actor)
    for code, name in NAMES.items():
        pushed, state = code == PORTS, {AIR: UnitState.TESTING, HEALTH: UnitState.DRAFT}.get(code, UnitState.LIVE)
        unit = Unit(
            id=new_id(), code=code, name=name, state=state, adapter="webhook" if pushed else "mailbox",
            settings={"url": system} if pushed else {}, parent="" if code == MINISTRY else MINISTRY,
            contacts=(f"vanthu@{code[7:9]}.example",),
        )  # fmt: skip
        await add(
            unit, system_id=system_id(code), secrets={"webhook": new_secret()} if pushed else {},
            certificates=() if code == HEALTH else (office.seal(code).certificate,), actor=BY.actor,
        )  # fmt: skip
        await world.refresh(code)


async def _papers(office: Office, system: System) -> Papers:
    to = office.paper
    for subject in MORE:
        await office.told(to(MINISTRY, [ROADS], subject), "01", "03")
    received = to(MINISTRY, [ROADS], "V/v sửa chữa hư hỏng mặt đường Quốc lộ 6 đoạn qua tỉnh Hòa Bình", other=urgent(1))
    sent = to(ROADS, [MINISTRY, RAIL, PORTS], "V/v báo cáo kết quả duy tu, bảo trì đường bộ quý III")
    papers = Papers(
        received=await office.told(received, "01"), sent=await office.told(sent, "01", "03", "04"),
        shared=await office.arrived(to(MINISTRY, [ROADS, RAIL], "V/v bảo đảm an toàn giao thông dịp Tết Dương lịch")),
        rails=await office.arrived(to(PORTS, [RAIL], "V/v kết nối đường sắt vào cảng biển Cái Mép - Thị Vải")),
        rails_sent=await office.arrived(to(RAIL, [MINISTRY], "V/v công khai dự toán ngân sách năm nay")),
    )  # fmt: skip
    await office.say(RAIL, sent, "02", reason="Văn bản thiếu phụ lục số liệu kèm theo, đề nghị gửi lại.")
    await _states(office, system, papers.by_state)
    await _at_rest(office)
    return papers


async def _at_rest(office: Office) -> None:
    """Systems that poll have fetched what was said to them: what waits in the pictures waits for a reason."""
    mailroom = office.world.hub.mailroom
    for code in (MINISTRY, ROADS, RAIL):
        unit = office.world.units[code]
        for item in await mailroom.waiting(unit, Kind.STATUS):
            fetched = await mailroom.fetch(unit, item.id)
            assert [piece async for piece in fetched.chunks()]
            await mailroom.confirm(unit, item.id, "done")
        await mailroom.called(unit)


async def _states(office: Office, system: System, kept: dict[str, Acceptance]) -> None:
    world, to = office.world, office.paper
    kept["queued"] = await office.sent(to(ROADS, [RAIL], "V/v rà soát đường ngang, lối đi tự mở khu vực ga Giáp Bát"))
    for codes, level, words in (
        (("01", "03"), 0, "V/v triển khai gửi, nhận văn bản điện tử theo Quyết định số 28/2018/QĐ-TTg"),
        (("01", "03", "04"), 1, "V/v xử lý điểm đen, điểm tiềm ẩn tai nạn giao thông trên Quốc lộ 1"),
        (("01", "03", "05"), 3, "Công điện ứng phó với bão và mưa lũ tại khu vực tỉnh Quảng Ngãi"),
        (("01", "03", "06"), 0, "V/v công khai dự toán ngân sách năm nay"),
    ):  # fmt: skip
        kept[codes[-1]] = await office.told(to(MINISTRY, [ROADS], words, other=urgent(level)), *codes)
    returned = to(ROADS, [MINISTRY], "V/v đề nghị bổ sung kinh phí bảo trì Quốc lộ 279")
    kept["02"] = await office.told(returned, "01", "02", reason="Văn bản không thuộc thẩm quyền giải quyết của Bộ.")
    for code, subject in (
        ("13", "V/v tiến độ dự án cải tạo, nâng cấp Quốc lộ 30"), ("15", "V/v cử cán bộ tham gia lớp bồi dưỡng"),
        ("16", "V/v giá dịch vụ sử dụng đường bộ năm tới"),
    ):  # fmt: skip
        asked = to(ROADS, [MINISTRY], subject)
        kept[code] = await office.told(asked, "01")
        await office.say(ROADS, asked, "13", to=MINISTRY, reason="Gửi nhầm bản chưa duyệt")
        if code != "13":
            await office.say(MINISTRY, asked, code, reason="Đã xem xét")
    for name, made, words, after in (
        ("recall", recall_of, "V/v báo cáo số liệu (bản dự thảo)", "Thông báo thu hồi công văn gửi nhầm bản dự thảo"),
        ("update", update_of, "Kế hoạch kiểm tra an toàn giao thông quý IV", "Đính chính ngày ban hành của kế hoạch"),
        ("replace", replacement_of, "Phương án phân luồng Quốc lộ 5", "Phương án phân luồng Quốc lộ 5 (thay thế)"),
    ):  # fmt: skip
        first = to(ROADS, [MINISTRY], words)
        kept[f"{name}-of"] = await office.arrived(first)
        kept[name] = await office.arrived(office.about(made(first), after))
    kept["delivered"] = await office.sent(to(ROADS, [PORTS], "V/v đấu nối đường bộ vào cảng Nghi Sơn"))
    await world.in_state((await office.row(kept["delivered"], PORTS))["id"], "delivered")
    system.status, system.said = 422, {"refused": True, "code": "tep-hong", "reason": "Tệp đính kèm không mở được"}
    kept["refused"] = await office.sent(to(ROADS, [PORTS], "V/v vận tải hàng hoá qua cảng Quy Nhơn"))
    await world.in_state((await office.row(kept["refused"], PORTS))["id"], "refused")
    system.status, system.said = 503, {}
    kept["held"] = await office.sent(to(ROADS, [PORTS], "V/v phối hợp kiểm soát tải trọng xe tại cảng Vũng Áng"))
    await world.in_state((await office.row(kept["held"], PORTS))["id"], "queued")
    await world.change(PORTS, paused=True)  # so that the courier does not hold what an operator parks
    parked = await office.sent(to(MINISTRY, [PORTS], "V/v nạo vét duy tu luồng hàng hải Hải Phòng"))
    await world.core.deliveries.park((await office.row(parked, PORTS))["id"], BY.actor, "đơn vị đang nâng cấp hệ thống")
    kept["parked"] = parked
    await world.change(PORTS, paused=False)
    await world.core.onboarding.change(AIR, {"paused": True}, actor=BY.actor, reason="đơn vị bảo trì máy chủ")
    kept["again"] = kept["02"]


async def _missed(office: Office, papers: Papers) -> None:
    """Three documents nobody has registered in time, and the sweep that says so."""
    core, now = office.world.core, datetime.now(VIETNAM)
    late = [office.paper(MINISTRY, [ROADS], subject, other=urgent(level)) for subject, level in (
        ("V/v kiểm điểm tiến độ dự án cầu Mỹ Thuận 2", 0), ("V/v khắc phục sạt lở, thông xe Quốc lộ 37", 2),
        ("V/v sửa chữa cầu Long Biên", 0),
    )]  # fmt: skip
    for days, paper in enumerate(late, 1):
        kept = await office.told(paper, "01")
        await office.world.execute(
            "update delivery set register_due_at = $2, look_at = $2 where package_id = $1", kept.package_id,
            (now - timedelta(days=days)).replace(hour=17, minute=0, second=0, microsecond=0),
        )  # fmt: skip
    await Watch(
        database=core.database, alerts=core.alerts, almanac=core.almanac, directory=core.directory,
        telemetry=core.telemetry, settings=settings.watch(core.config),
    ).sweep()  # fmt: skip


async def _enters(visits: Visits, role: Role, login: str, name: str, world: World, unit: str = "") -> Visitor:
    """A person of that name, signed in with all they must prove."""
    unit_id = world.units[unit].id if role in OF_A_UNIT else None
    token = await signed_in(visits.accounts, login, name, role, unit_id, where=BROWSER)
    return Visitor(visits.reader, token)


@asynccontextmanager
async def scene(server: ServerForTests, folder: Path) -> AsyncIterator[Town]:
    """The ministry, served. ``folder``: for its keys and payloads."""
    system, name = System(), server.migrated()
    app = web.Application()
    app.router.add_post("/van-ban", system.answer)
    quick = config(folder, server.dsn(name), courier=CourierSection(poll=0.05))
    async with TestServer(app) as there, open_core(quick) as core:
        world = World(Hub(core), core)
        await world.hub.start()
        try:
            office = Office(world)
            await _units(office, str(there.make_url("/van-ban")))
            papers = await _papers(office, system)
            await _missed(office, papers)
            async with visited(world) as visits:
                yield await _town(world, office, visits, papers)
        finally:
            await world.hub.stop()
    server.drop(name)


async def _town(world: World, office: Office, visits: Visits, papers: Papers) -> Town:
    people = {role.value: await _enters(visits, role, *PEOPLE[role], world, ROADS) for role in Role}
    people[NOBODY] = visits.anybody
    link = await visits.accounts.staffing.invite(
        "vv.quy", CLERKS[RAIL], Role.CLERK, by=BY, unit_id=world.units[RAIL].id
    )
    rail = await _enters(visits, Role.CLERK, "bt.mai", "Bùi Thị Mai", world, RAIL)
    logins = {role.value: PEOPLE[role][0] for role in Role}
    return Town(world, visits, office, papers, people, rail, logins, link.token, spare="vv.quy")
