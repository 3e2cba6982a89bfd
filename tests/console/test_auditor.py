"""An auditor at the console: sees everything, changes nothing, and leaves a trace of every look."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import asyncpg
import lxml.html
import openpyxl
import pytest

from axis.domain.document import Code, OtherInfo
from axis.domain.events import Event
from axis.domain.people import Role
from axis.fronts.console import auditor, auditor_journal
from axis.fronts.console.auditor_room import AUDITING
from axis.hub.desk import Clerk
from axis.store.reader import ROLE, Reader
from tests.console.auditors import audited
from tests.console.visitors import Visitor, Visits
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, now
from tests.sheets import hostile

SUBJECTS = {
    901: "Quyết định về quản lý đường bộ tỉnh Đắk Lắk", 902: "V/v báo cáo an toàn đường sắt",
    903: "Kế hoạch kiểm tra phương tiện thuỷ",
}  # fmt: skip
PAGES = ("", "/documents", "/journal", "/reconciliation", "/receipts", "/alerts", "/people")


@dataclass
class Room:
    world: World
    visits: Visits
    me: Visitor
    sent: dict[int, UUID]

    async def text(self, path: str, status: int = 200) -> str:
        page = await self.me.page(f"/console/audit{path}", status)
        return " ".join(page.text_content().split())

    async def codes(self, query: str) -> list[str]:
        page = await self.me.page(f"/console/audit/documents?{query}")
        return [" ".join(cell.text_content().split()) for cell in page.xpath("//tbody//td[1]")]

    async def looks(self) -> list[dict[str, Any]]:
        return await self.world.journal(Event.LOOKED)


@asynccontextmanager
async def _room(still: World) -> AsyncIterator[Room]:
    desk, sent = Desk(still), {}
    for number, subject in SUBJECTS.items():
        sender, receivers = (RAIL, [ROADS]) if number == 903 else (MINISTRY, [ROADS, RAIL])
        package = document(
            sender, receivers, subject=subject, code=Code(str(number), "QĐ-BGTVT"),
            other=OtherInfo(priority=number - 901),
        )  # fmt: skip
        accepted = await desk.sent(package)
        await desk.receive(accepted, ROADS)
        await desk.say(ROADS, package, "03")
        sent[number] = accepted.package_id
    async with audited(still) as visits:
        yield Room(still, visits, await visits.of(Role.AUDITOR), sent)


@pytest.fixture
async def room(still: World) -> AsyncIterator[Room]:
    async with _room(still) as found:
        yield found


# looks


async def test_every_page_is_valid_in_both_languages_and_every_look_is_written_down(room: Room) -> None:
    english = await room.visits.of(Role.AUDITOR, language="en")
    paths = [*PAGES, f"/documents/{room.sent[901]}", "/reconciliation?deep=1", "/journal?event=person.joined"]
    for path in paths:
        before = len(await room.looks())
        await room.me.page(f"/console/audit{path}")
        (look,) = (await room.looks())[before:]
        assert look["actor"] == "person:auditor-1" and look["data"]["path"] == f"/console/audit{path}"
        assert look["data"]["staff"] == "Người auditor-1"
        page = await english.page(f"/console/audit{path}")
        assert page.getroottree().getroot().get("lang") == "en"
    told = await room.text("/journal?event=auditor.looked")
    assert "người kiểm tra xem đối chiếu số liệu – Người auditor-1" in told


async def test_a_look_that_cannot_be_written_down_shows_nothing(room: Room) -> None:
    await room.world.execute(
        "create function no_more() returns trigger language plpgsql as $$ begin"
        " if new.event = 'auditor.looked' then raise exception 'full'; end if; return new; end $$"
    )
    await room.world.execute("create trigger no_more before insert on journal for each row execute function no_more()")
    answer = await room.me.see(f"/console/audit/documents/{room.sent[901]}")
    assert answer.status == 500 and "901" not in await answer.text()


async def test_what_is_forbidden_is_not_a_look_and_does_not_exist(room: Room) -> None:
    others = [await room.visits.of(Role.CLERK, ROADS), await room.visits.of(Role.UNIT_ADMIN, ROADS)]
    others.append(await room.visits.of(Role.OPERATOR))
    unknown = await others[0].see("/console/audit/nothing")
    for other in others:
        for path in (*PAGES, f"/documents/{room.sent[901]}", f"/documents/{uuid4()}"):
            answer = await other.see(f"/console/audit{path}")
            assert answer.status == 404 and await answer.text() == await (
                await other.see("/console/audit/nothing")
            ).text()
            same = set(answer.headers) - {"Date", "Content-Length"}
            assert same == set(unknown.headers) - {"Date", "Content-Length"}
    assert (await room.visits.anybody.see("/console/audit")).status == 404, "there is no sign-in in this console"
    assert await room.looks() == []


async def test_an_auditor_sees_the_attempts_of_each_delivery_and_the_look_is_written_down(room: Room) -> None:
    world, at = room.world, f"/documents/{room.sent[901]}"
    first, other = await world.deliveries(room.sent[901])
    page = await room.me.page(f"/console/audit{at}")
    links = page.xpath("//table//a[contains(@href, 'attempts=')]/@href")
    assert {link.partition("attempts=")[2].partition("#")[0] for link in links} == {str(first["id"]), str(other["id"])}
    assert "Chưa gửi lần nào" in await room.text(f"{at}?attempts={first['id']}")
    await world.execute(
        "insert into attempt (delivery_id, attempt, started_at, finished_at, outcome, detail, holder, request)"
        " select $1, n, now(), now(), 'later', 'HTTP 503', 'h:1',"
        " case when n < 53 then 'POST https://a.example/' || n end"
        " from generate_series(1, 53) n", first["id"],
    )  # fmt: skip
    before = len(await room.looks())
    page = await room.me.page(f"/console/audit{at}?attempts={first['id']}")
    called = [cell.text_content() for cell in page.xpath("//td[@data-label='Trục đã gọi']")]
    assert called == ["không ghi", *(f"POST https://a.example/{n}" for n in range(52, 3, -1))]
    assert "Còn 3 lần gửi trước đó." in page.text_content()
    (look,) = (await room.looks())[before:]
    assert str(first["id"]) in look["data"]["path"]
    strange = (await world.deliveries(room.sent[902]))[0]["id"]
    assert (await room.me.see(f"/console/audit{at}?attempts={strange}")).status == 404
    assert (await room.me.see(f"/console/audit{at}?attempts=x")).status == 404


# read-only by the database


async def test_pages_are_read_by_a_role_that_cannot_write(room: Room) -> None:
    auditing = room.visits.console.app[AUDITING]
    assert await auditing.reader.standing() == "ready"
    for database in (auditing.reader, auditing.audit._db, auditing.lookups._db, auditing.alerts._db):
        assert isinstance(database, Reader)
    with pytest.raises(asyncpg.PostgresError):
        await auditing.alerts.put_off("email", 1, "x")
    assert "Cơ sở dữ liệu chưa tự bảo đảm" not in await room.text("")


async def test_a_missing_role_is_told_on_every_page(room: Room) -> None:
    room.visits.console.app[AUDITING].reader._standing = "absent"
    room.visits.console.app[AUDITING].reader._looked = float("inf")
    for path in (*PAGES, f"/documents/{room.sent[901]}"):
        told = await room.text(path)
        assert "Cơ sở dữ liệu chưa tự bảo đảm việc chỉ đọc." in told and f"create role {ROLE} nologin" in told


def test_no_route_of_an_auditor_changes_anything() -> None:
    assert {(route.path, route.name) for route in auditor.ROUTES if route.method != "GET"} == {
        ("/audit/receipts", "auditor.receipts")
    }
    assert all(route.roles == {Role.AUDITOR} for route in auditor.ROUTES)


# documents


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [903, 902, 901]), ("q=902/QĐ-BGTVT", [902]), ("q=dak+lak", [901]), ("q=ĐƯỜNG", [902, 901]),
        ("q=khong+co", []), (f"sender={MINISTRY}", [902, 901]), (f"sender={RAIL}", [903]),
        (f"receiver={RAIL}", [902, 901]), (f"receiver={ROADS}&sender={RAIL}", [903]),
        (f"receiver={RAIL}&q=đường+sắt", [902]), (f"receiver={PORTS}", []),
        ("from=01/01/2019&to=02/01/2019", []), ("days=all", [903, 902, 901]), (f"q=901/QĐ-BGTVT&sender={RAIL}", []),
        ("q=902/QĐ-BGTVT&days=7", [902]), ("q=902", [902]),
        ("q=Số: 902/QĐ-BGTVT", [902]), ("q=902/QĐ", [902]), (f"receiver={ROADS}&q=đường", [902, 901]),
    ],
)  # fmt: skip
async def test_documents_are_found_by_code_words_sender_receiver_and_days(
    room: Room, query: str, found: list[int]
) -> None:
    assert await room.codes(query) == [f"{number}/QĐ-BGTVT" for number in found]


async def test_documents_are_found_by_their_ids(room: Room) -> None:
    key = room.sent[902]
    (row,) = await room.world.rows("select document_id from package where id = $1", key)
    delivery = (await room.world.deliveries(key, ROADS))[0]["id"]
    for typed in (key, delivery, row["document_id"]):
        assert await room.codes(f"q={typed}") == ["902/QĐ-BGTVT"]


async def test_a_document_is_shown_whole_and_its_files_are_taken_away(room: Room) -> None:
    where = f"/documents/{room.sent[901]}"
    told = await room.text(where)
    for words in ("901/QĐ-BGTVT", "Đắk Lắk", ROADS, RAIL, "Đã tiếp nhận", "van-ban.pdf", "Trục tiếp nhận gói tin"):
        assert words in told
    page = await room.me.page(f"/console/audit{where}")
    assert not page.xpath("//main//form[@method='post']"), "there is nothing to do"
    for link in page.xpath("//a[@download]/@href"):
        answer = await room.me.see(link)
        assert answer.status == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    (check,) = page.xpath("(//a[contains(@href,'receipt=')])[1]/@href")
    assert "Biên nhận đúng." in " ".join((await room.me.page(check)).text_content().split())
    assert "901/QĐ-BGTVT" in await room.text(f"/journal?package={room.sent[901]}")
    assert {look["data"]["look"] for look in await room.looks()} >= {"document", "file", "receipt"}


@pytest.mark.parametrize("where", ["{unknown}", "{one}/receipts/{unknown}", "{one}/files/99", "{unknown}/original"])
async def test_what_there_is_not_is_not_found(room: Room, where: str) -> None:
    path = where.format(unknown=uuid4(), one=room.sent[901]).replace("files/", "attachment/")
    assert (await room.me.see(f"/console/audit/documents/{path}")).status == 404


async def test_long_lists_go_on(room: Room) -> None:
    desk = Desk(room.world)
    for number in range(60):
        await desk.sent(document(MINISTRY, [ROADS], code=Code(str(1000 + number), "TB")))
    for query in ("days=30", f"receiver={ROADS}", f"sender={MINISTRY}"):
        seen: list[str] = []
        path = f"/console/audit/documents?{query}"
        while path:
            page = await room.me.page(path)
            seen += [" ".join(cell.text_content().split()) for cell in page.xpath("//tbody//td[1]")]
            path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
        assert len(seen) == len(set(seen)) == (62 if "sender" in query else 63)
        assert seen[0] == "1059/TB" and page.xpath("//nav[@class='pages']//a[contains(., 'Đầu danh sách')]")


@pytest.mark.parametrize(
    "query", ["sender=nobody", "days=31", "after=x", "receiver=%00", "after=WyJ4Il0"],
)  # fmt: skip
async def test_what_no_form_offers_is_refused(room: Room, query: str) -> None:
    assert (await room.me.see(f"/console/audit/documents?{query}")).status == 400


async def test_a_day_that_is_none_is_told_beside_its_field(room: Room) -> None:
    for path in ("/documents", "/journal", "/alerts"):
        told = await room.text(f"{path}?from=31/02/2026", 422)
        assert "Ghi ngày theo mẫu 05/11/2026." in told


# the journal


async def test_the_journal_is_searched(room: Room) -> None:
    async def events(query: str) -> list[str]:
        page = await room.me.page(f"/console/audit/journal?{query}")
        return [small.text_content().split()[0] for small in page.xpath("//tbody//td[2]//span[@class='small'][1]")]

    assert set(await events("event=package.accepted")) == {"package.accepted"}
    assert len(await events(f"event=package.accepted&unit={RAIL}")) == 1
    assert set(await events(f"package={room.sent[903]}")) >= {"package.accepted", "delivery.fetched", "status.moved"}
    page = await room.me.page("/console/audit/journal?actor=PERSON:auditor&event=person.joined")
    assert len(page.xpath("//tbody/tr")) == 1, "in any case of letters"
    assert await events("from=01/01/2019&to=31/01/2019") == []
    told = await room.text("/journal?package=x", 422)
    assert "Gõ số và ký hiệu" in told
    assert (await room.me.see("/console/audit/journal?event=no.such")).status == 400


async def test_the_journal_of_a_document_is_found_by_what_people_call_it(room: Room) -> None:
    async def documents(typed: str) -> set[str]:
        page = await room.me.page(f"/console/audit/journal?package={quote(typed)}")
        found = {" ".join(cell.text_content().split()) for cell in page.xpath("//td[@data-label='Văn bản']")}
        return {one for one in found if "/" in one}

    row = await room.world.row("select document_id from package where id = $1", room.sent[903])
    delivery = (await room.world.deliveries(room.sent[903]))[0]["id"]
    for typed in ("903/QĐ-BGTVT", "903/qđ-bgtvt", row["document_id"], str(room.sent[903]), str(delivery)):
        assert await documents(typed) == {"903/QĐ-BGTVT"}, typed
    for sender in (RAIL, MINISTRY):
        await Desk(room.world).sent(document(sender, [ROADS], code=Code("77", "TB"), subject=f"Của {sender}"))
    page = await room.me.page("/console/audit/journal?package=77/TB&event=package.accepted")
    assert len(page.xpath("//tbody/tr")) == 2, "two documents of one number"
    page = await room.me.page(f"/console/audit/journal?package=77/TB&event=package.accepted&unit={RAIL}")
    assert len(page.xpath("//tbody/tr")) == 1
    assert "Không có văn bản nào mang số" in await room.text("/journal?package=404/TB", 422)
    nobody = await room.text(f"/journal?package={uuid4()}")
    assert "Không có dòng nào." in nobody, "an id may be one that was refused"
    answer = await room.me.see("/console/audit/journal/export?package=77/TB&format=csv&days=all")
    assert answer.status == 200 and "77/TB" in await answer.text()


async def test_a_number_borne_by_too_many_says_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditor_journal, "MOST_NAMED", 1)
    assert "Có nhiều hơn" not in await room.text("/journal?package=901/QĐ-BGTVT")
    await Desk(room.world).sent(document(RAIL, [ROADS], code=Code("901", "QĐ-BGTVT")))
    assert "Có nhiều hơn 1 gói; tìm trong 1 gói mới nhất." in await room.text("/journal?package=901/QĐ-BGTVT")


async def test_the_journal_says_whom_and_what_and_finds_what_a_person_did(room: Room) -> None:
    world = room.world
    key = (await world.deliveries(room.sent[902], ROADS))[0]["id"]
    await world.hub.desk.say(Clerk(world.units[ROADS], "Trần Thị Thư", "person:van-thu"), key, "04")
    (row,) = (await room.me.page("/console/audit/journal?actor=van-thu&event=status.moved")).xpath("//tbody/tr")
    assert row.xpath("td[@data-label='Ai']")[0].text_content().strip() == "van-thu"
    assert "04" in row.text_content() and world.units[ROADS].name in row.text_content()
    await world.core.onboarding.change(RAIL, {"paused": True}, actor="cli:root", reason="bảo trì")
    told = await room.text("/journal?event=unit.changed")
    assert "tạm dừng gửi: không → có" in told and "root (dòng lệnh)" in told


async def test_a_rare_thing_is_looked_for_a_part_at_a_time(room: Room) -> None:
    room.visits.console.app[AUDITING].audit._journal_window = 10
    path, pages, found = "/console/audit/journal?event=package.accepted&days=all", 0, 0
    while path:
        page = await room.me.page(path)
        pages, found = pages + 1, found + len(page.xpath("//tbody/tr"))
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
        if path:
            assert "Đã tìm ngược tới" in page.text_content()
    assert pages > 2 and found == 6, "three documents and three statuses"


async def test_events_aside_from_the_traffic_are_found_without_it(room: Room) -> None:
    room.visits.console.app[AUDITING].audit._journal_window = 3
    page = await room.me.page("/console/audit/journal?event=unit.added&days=all")
    assert len(page.xpath("//tbody/tr")) == 3 and page.xpath("//a[@rel='next']")


# alerts and people


async def test_alerts_are_listed_and_filtered(room: Room) -> None:
    assert "Không có cảnh báo nào." in await room.text("/alerts")
    for level, days in ((1, 2), (2, 1)):
        await room.world.execute(
            "insert into alert (id, at, rule, level, delivery_id, package_id, unit_id, due_at, priority)"
            " select gen_random_uuid(), $1, 'register', $2::int, d.id, d.package_id, d.unit_id, $1, 1 from delivery d"
            " where d.package_id = $3 and d.unit_id = $4",
            now() - timedelta(days=days), level, room.sent[901], room.world.units[RAIL].id,
        )  # fmt: skip
    told = await room.text("/alerts")
    assert "Báo cấp trên" in told and "901/QĐ-BGTVT" in told and "tiếp nhận (03) hoặc trả lại (02)" in told
    long_ago = "from=01/01/2019&to=02/01/2019"
    for query, count in ((f"unit={RAIL}", 2), (f"unit={ROADS}", 0), ("level=2", 1), (long_ago, 0)):
        page = await room.me.page(f"/console/audit/alerts?{query}")
        assert len(page.xpath("//tbody/tr")) == count, query


async def test_people_are_seen_without_their_secrets(room: Room) -> None:
    await room.visits.of(Role.CLERK, ROADS)
    page = await room.me.page("/console/audit/people")
    assert len(page.xpath("//tbody/tr")) == 2 and not page.xpath("//main//form[@method='post']")
    source = lxml.html.tostring(page, encoding="unicode")
    for row in await room.world.rows("select password_hash, totp_sealed from person"):
        assert not row["password_hash"] or row["password_hash"] not in source
        assert not row["totp_sealed"] or row["totp_sealed"] not in source
    for query, count in (("role=clerk", 1), ("state=disabled", 0), ("q=NGUOI", 2), ("q=nobody", 0)):
        assert len((await room.me.page(f"/console/audit/people?{query}")).xpath("//tbody/tr")) == count
    assert (await room.me.see("/console/audit/people?role=king")).status == 400


# files


@pytest.mark.parametrize(
    ("path", "needle", "count"),
    [("documents", "/QĐ-BGTVT", 3), ("journal", "package.accepted", 6), ("reconciliation", MINISTRY, 2)],
)
async def test_what_is_shown_is_taken_away_and_journalled(room: Room, path: str, needle: str, count: int) -> None:
    answer = await room.me.see(f"/console/audit/{path}/export?format=csv")
    assert answer.status == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig")), delimiter=";"))
    assert sum(any(needle in cell for cell in row) for row in rows) >= count
    answer = await room.me.see(f"/console/audit/{path}/export")
    book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    exported = await room.world.journal(Event.EXPORTED)
    assert [row["data"]["format"] for row in exported] == ["csv", "xlsx"]
    assert {row["actor"] for row in exported} == {"person:auditor-1"}
    assert (await room.me.see(f"/console/audit/{path}/export?format=exe")).status == 400


async def test_a_file_holds_exactly_what_is_filtered(room: Room) -> None:
    answer = await room.me.see(f"/console/audit/documents/export?format=html&sender={RAIL}")
    text = (await answer.text()).replace("<wbr>", "")
    assert "903/QĐ-BGTVT" in text and "901/QĐ-BGTVT" not in text
    assert f"{RAIL} Đơn vị" in text and "Người auditor-1 (auditor-1)" in text, "who took it, and of what"


# hostile texts


async def test_hostile_texts_are_inert_everywhere(room: Room) -> None:
    desk = Desk(room.world)
    for number, text in enumerate([*hostile.MARKUP[:20], *hostile.FORMULAS[:6], "abc\u202edocx.exe"]):
        await desk.sent(document(MINISTRY, [ROADS], subject=text or "x", code=Code(str(2000 + number), "TB")))
    await room.world.execute("update person set name = $1 where role = 'auditor'", "<script>alert(1)</script>")
    for path in ("/documents", "/journal", "/people", "", "/documents?q=<script>", '/journal?actor="><script>'):
        page = await room.me.page(f"/console/audit{path}")
        assert not page.xpath("//main//script|//main//img|//main//iframe|//main//svg[@onload]")
    answer = await room.me.see("/console/audit/documents/export")
    book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
