"""The administrator of a unit and the accounts of that unit: looked after, and those of nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from axis.domain.people import Role
from axis.fronts.console import help as help_pages
from axis.fronts.console import home, unit_people
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY
from axis.fronts.identity import Identity, IdentitySettings
from axis.hub.accounts import open_accounts
from axis.hub.people import By
from axis.trust.passwords import Cost
from benchmarks.readers import HERE, PASSWORD
from tests.console.visitors import Visitor, Visits, visited
from tests.hub.world import RAIL, ROADS, World

AT, INVITE = "/console/unit/people", "/console/unit/invite"
BY = By("cli:thu")
NEW = {"login": "thu.nt", "name": "Nguyễn Thị Thư", "role": "clerk", "language": "vi"}


@dataclass
class Unit:
    """``me``: its administrator ``unit-admin-1``, beside the clerk ``cu`` of the unit and ``la`` of another one."""

    world: World
    visits: Visits
    me: Visitor

    async def text(self, path: str) -> str:
        return " ".join((await self.me.page(path)).text_content().split())

    async def send(self, path: str, status: int, **fields: str) -> str:
        answer = await self.me.send(path, fields)
        text = await answer.text()
        assert answer.status == status, (path, answer.status, text[:2000])
        return text

    async def journal(self, event: str, login: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.world.journal(event) if row["data"]["login"] == login]

    async def person(self, login: str) -> dict[str, Any]:
        sql = "select role, state, unit_id, password_hash from person where login = $1"
        return dict(await self.world.row(sql, login))


@pytest.fixture
async def unit(still: World) -> AsyncIterator[Unit]:
    core = still.core
    accounts = open_accounts(
        database=core.database, journal=core.journal, sealer=core.sealer, workers=core.workers,
        cost=Cost(memory=64, passes=1),
    )  # fmt: skip
    tools = {ACCOUNTS: accounts, IDENTITY: Identity(accounts.door, IdentitySettings(secure=False))}
    async with visited(core, tools, [home, unit_people, help_pages]) as visits:
        me = await visits.of(Role.UNIT_ADMIN, ROADS)
        for login, code in (("cu", ROADS), ("la", RAIL)):
            link = await visits.accounts.staffing.invite(
                login, f"Người {login}", Role.CLERK, by=BY, unit_id=still.units[code].id
            )
            await visits.accounts.own.join(link.token, PASSWORD, HERE)
        yield Unit(still, visits, me)


async def logins(unit: Unit, query: str = "") -> list[str]:
    return [a.text_content() for a in (await unit.me.page(f"{AT}?{query}")).xpath("//tbody//a")]


async def test_the_list_holds_the_people_of_the_unit_and_what_is_to_know_of_them(unit: Unit) -> None:
    await unit.visits.of(Role.OPERATOR)
    assert await logins(unit) == ["cu", "unit-admin-1"]
    for query in ("q=la", "role=operator", f"unit={RAIL}", f"unit_id={unit.world.units[RAIL].id}", "q=%00%25"):
        assert set(await logins(unit, query)) <= {"cu", "unit-admin-1"}, query
    assert await logins(unit, "role=clerk") == ["cu"] and await logins(unit, "q=NGƯỜI C") == ["cu"]
    assert await logins(unit, "state=disabled") == []
    page = await unit.me.page(AT)
    (row,) = [tr for tr in page.xpath("//tbody/tr") if "Người cu" in tr.text_content()]
    told = [td.text_content().strip() for td in row.xpath("td")]
    assert told[:4] == ["cu", "Người cu", "Văn thư", "đang dùng"] and "/" in told[4], "when they last came in"
    assert (await unit.me.part(AT)).strip().startswith('<div id="results">')


async def test_a_clerk_is_invited_by_a_link_that_is_shown_once(unit: Unit) -> None:
    answer = await unit.me.send(INVITE, {**NEW, "unit": RAIL, "unit_id": str(unit.world.units[RAIL].id)})
    text = await answer.text()
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    token = text.partition("/console/invitation/")[2].partition("<")[0]
    assert (await unit.visits.accounts.own.invitation(token)).login == "thu.nt"
    assert token not in await unit.text(f"{AT}/thu.nt")
    assert (await unit.person("thu.nt"))["unit_id"] == unit.world.units[ROADS].id, "whatever the form says"
    (event,) = await unit.journal("person.invited", "thu.nt")
    assert (event["actor"], event["unit_id"]) == ("person:unit-admin-1", unit.world.units[ROADS].id)
    assert event["data"]["name"] == NEW["name"] and token not in str(event["data"])
    assert "Chưa nhập" in await unit.send(INVITE, 422, **{**NEW, "login": ""})
    assert "đã có người dùng" in await unit.send(INVITE, 422, **NEW)


async def test_nobody_is_raised_above_the_one_who_raises(unit: Unit) -> None:
    """Another administrator of the unit may be made, an operator or an auditor not, here or by changing somebody."""
    offered = (await unit.me.page(INVITE)).xpath("//select[@name='role']/option/@value")
    assert offered == ["clerk", "unit-admin"]
    await unit.send(INVITE, 200, **{**NEW, "role": "unit-admin"})
    assert (await unit.person("thu.nt"))["role"] == "unit-admin"
    for role in ("operator", "auditor", "", "boss"):
        await unit.send(INVITE, 400, **{**NEW, "login": "khac", "role": role})
        await unit.send(f"{AT}/cu", 400, name="Khác", role=role, language="vi")
    assert (await unit.person("cu"))["role"] == "clerk"
    assert not await unit.world.rows("select from person where login = 'khac'")
    await unit.send(f"{AT}/cu", 303, name="Người cu", role="unit-admin", language="vi", unit=RAIL)
    assert await unit.person("cu") | {"password_hash": ""} == {
        "role": "unit-admin", "state": "active", "unit_id": unit.world.units[ROADS].id, "password_hash": "",
    }  # fmt: skip


async def test_a_person_of_the_unit_is_reset_disabled_enabled_and_signed_out(unit: Unit) -> None:
    session = await unit.visits.accounts.signing_in.password("cu", PASSWORD, HERE)
    at = f"{AT}/cu"
    asked = {"disable": "Khoá người dùng", "reset": "Cấp đường dẫn mới", "end-sessions": "Kết thúc mọi phiên"}
    for act, words in asked.items():
        page = await unit.me.page(f"{at}/{act}")
        assert words in page.text_content() and page.xpath("//form[@method='post']"), "asked before it is done"
    await unit.send(f"{at}/end-sessions", 303)
    assert await unit.visits.accounts.door.find(session.token) is None
    assert "/console/invitation/" in await unit.send(f"{at}/reset", 200)
    assert (await unit.person("cu"))["password_hash"] == ""
    await unit.send(f"{at}/disable", 422, reason=" ")
    await unit.send(f"{at}/disable", 303, reason="Chuyển công tác")
    assert "đã khoá" in await unit.text(at)
    await unit.send(f"{at}/reset", 422)
    await unit.send(f"{at}/enable", 303)
    assert (await unit.person("cu"))["state"] != "disabled"
    for name in ("sessions-ended", "reset", "disabled", "enabled"):
        (event,) = await unit.journal(f"person.{name}", "cu")
        assert (event["actor"], event["data"]["name"]) == ("person:unit-admin-1", "Người cu"), name
    assert (await unit.journal("person.disabled", "cu"))[0]["data"]["reason"] == "Chuyển công tác"


async def test_people_of_elsewhere_are_like_those_who_never_were(unit: Unit) -> None:
    operator = await unit.visits.of(Role.OPERATOR)
    before = await unit.world.rows("select * from person order by id")
    for login in ("la", "operator-2"):
        for tail in ("", "/disable", "/reset", "/enable", "/end-sessions"):
            sent = {"reason": "thử", "name": "Tên khác", "role": "clerk", "language": "vi"}
            for there, nowhere in (
                (await unit.me.see(f"{AT}/{login}{tail}"), await unit.me.see(f"{AT}/khong.co{tail}")),
                (await unit.me.send(f"{AT}/{login}{tail}", sent), await unit.me.send(f"{AT}/khong.co{tail}", sent)),
            ):
                assert (there.status, await there.text()) == (404, await nowhere.text()), f"{login}{tail}"
    assert await unit.world.rows("select * from person order by id") == before
    assert await unit.visits.accounts.door.find(operator.token, touch=False)


async def test_an_administrator_does_not_lock_themselves_out(unit: Unit) -> None:
    """Also the last one of the unit, and also when another one stands beside."""
    at = f"{AT}/unit-admin-1"
    for _ in range(2):
        page = await unit.me.page(at)
        assert not page.xpath(f"//a[starts-with(@href, '{at}/')]") and "chính anh chị" in page.text_content()
        for act in ("disable", "reset", "end-sessions", "enable"):
            assert (await unit.me.see(f"{at}/{act}")).status == 409
            await unit.send(f"{at}/{act}", 409, reason="thử")
        assert "đổi vai trò của mình" in await unit.send(at, 422, name="Tôi", role="clerk", language="vi")
        assert (await unit.me.see(AT)).status == 200
        await unit.visits.of(Role.UNIT_ADMIN, ROADS)
    await unit.send(at, 303, name="Tên mới", role="unit-admin", language="en")


async def test_one_who_was_disabled_meanwhile_looks_after_nobody(unit: Unit) -> None:
    await unit.visits.accounts.staffing.disable("unit-admin-1", by=BY)
    assert (await unit.me.see(AT)).status == 404, "there is no sign-in in this console to be sent to"
    await unit.send(f"{AT}/cu/disable", 404, reason="thử")
    assert (await unit.person("cu"))["state"] == "active"


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_every_page_has_its_help_in_both_languages(unit: Unit, language: str) -> None:
    me = await unit.visits.of(Role.UNIT_ADMIN, ROADS, language)
    for path in (AT, INVITE, f"{AT}/cu", f"{AT}/cu/disable", f"{AT}/cu/reset"):
        page = await me.page(path)
        (topic,) = page.xpath("//a[contains(@href, '/help/')]/@href")
        assert topic.endswith("/help/unit.people"), path
        assert (await me.see(topic)).status == 200
        assert any(a.get("href") == AT for a in page.xpath("//nav//a")), "it stands in the navigation"
