"""What a clerk takes away: exactly what is filtered, in three forms, journalled; and the three registers."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from uuid import uuid4

import openpyxl
import pytest

from axis.domain.clock import VIETNAM
from axis.domain.document import Code, OtherInfo
from tests.console import html
from tests.console.office import PERSON, Office, office_of
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document, now

SUBJECTS = {901: "Quyết định về đường bộ", 902: "=HYPERLINK(\"http://x\")", 903: "<script>alert(1)</script>"}


@pytest.fixture
def office(still: World) -> Office:
    return office_of(still)


async def _three(office: Office) -> None:
    for number, subject in SUBJECTS.items():
        package = document(
            MINISTRY, [ROADS, RAIL], subject=subject, code=Code(str(number), "QĐ-BGTVT"),
            other=OtherInfo(priority=number - 901),
        )  # fmt: skip
        await office.desk.receive(await office.desk.sent(package), ROADS)


@pytest.mark.parametrize(
    ("query", "codes"),
    [("", ["903", "902", "901"]), ("&q=901/QĐ-BGTVT", ["901"]), ("&priority=1", ["903", "902"]),
     ("&state=returned", []), ("&from=01/01/2019&to=02/01/2019", [])],
)  # fmt: skip
async def test_a_file_holds_exactly_what_is_filtered(office: Office, query: str, codes: list[str]) -> None:
    await _three(office)
    async with office.at(ROADS) as roads, office.at(MINISTRY) as ministry:
        for browser, place in ((roads, "in"), (ministry, "out")):
            answer = await browser.see(f"/console/{place}/export?format=csv{query}")
            assert answer.status == 200 and answer.headers["Content-Type"] == "text/csv; charset=utf-8"
            assert answer.headers["Content-Disposition"].startswith('attachment; filename="danh-sach-van-ban')
            rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
            found = [row[0].partition("/")[0] for row in rows if row and "/QĐ-BGTVT" in row[0]]
            assert found == codes
            answer = await browser.see(f"/console/{place}/export?format=xlsx{query}")
            book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
            cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert not any(cell.data_type == "f" for cell in cells)
            told = [str(cell.value) for cell in cells]
            assert sum("/QĐ-BGTVT" in text and text.startswith("90") for text in told if "\n" not in text) >= len(codes)
            assert any("Trần Thị Thư" in text for text in told) and "Trạng thái" in told


async def test_the_page_for_printing_forbids_itself_everything(office: Office) -> None:
    await _three(office)
    async with office.at(MINISTRY) as ministry:
        answer = await ministry.see("/console/out/export?format=html")
        text = await answer.text()
        assert "<script>alert" not in text and "&lt;script&gt;" in text and "Điều kiện lọc" in text
        assert "Đơn vị 000.00.01.G04: " in text and "Chờ gửi" in text
        policy = answer.headers["Content-Security-Policy"]
        assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy
        assert answer.headers["Content-Disposition"].startswith("inline;")


async def test_every_export_is_journalled_with_the_person(office: Office) -> None:
    await _three(office)
    today = now().astimezone(VIETNAM).date()
    days = f"from={today - timedelta(days=3):%d/%m/%Y}&to={today:%d/%m/%Y}"
    async with office.at(ROADS) as roads:
        assert (await roads.see("/console/in/export?format=csv&q=b%00ao%E2%80%AE&priority=1")).status == 200
        assert (await roads.see(f"/console/registers/incoming-register?format=html&{days}")).status == 200
    first, second = await office.world.journal("report.exported")
    assert first["actor"] == second["actor"] == "person:tran.thi.thu"
    assert first["unit_id"] == office.world.units[ROADS].id
    assert first["data"]["list"] == "received" and first["data"]["format"] == "csv"
    assert first["data"]["filter"]["priority"] == "1" and "\u202e" not in first["data"]["filter"]["q"]
    assert second["data"]["register"] == "incoming-register"


async def test_slow_readers_keep_nobody_else_from_lists(office: Office) -> None:
    await _three(office)
    await office.world.execute("alter table package disable trigger user")
    await office.world.execute("update package set subject = repeat('đường bộ ', 300000)")
    path = "/console/in/export?format=csv"
    async with office.at(ROADS) as roads, asyncio.timeout(30):
        slow = [await roads.slow(path) for _ in range(4)]
        assert (await roads.see(path)).status == 503, "four of one person are enough"
        roads.person = uuid4()
        answer = await roads.see(path)
        assert answer.status == 200 and int(answer.headers["Content-Length"]) == len(await answer.read())
        assert len(await office.world.journal("report.exported")) == 5
        for _, writer in slow:
            writer.transport.abort()
        roads.person = PERSON.id
        while (await roads.see(path)).status != 200:
            await asyncio.sleep(0.01)  # until the server has seen them go


@pytest.mark.parametrize("kind", ["outgoing-register", "incoming-register", "follow-up-register"])
async def test_registers_are_the_own_units(office: Office, kind: str) -> None:
    await _three(office)
    today = now().astimezone(VIETNAM).date()
    days = f"from={today:%d/%m/%Y}&to={today:%d/%m/%Y}"
    mine = MINISTRY if kind == "outgoing-register" else ROADS
    async with office.at(mine) as own, office.at(RAIL) as rail:
        page = await own.text(f"/console/registers?{days}")
        html.check(page)
        assert page.count("Trang in") == 3
        for form in ("html", "csv", "xlsx"):
            answer = await own.see(f"/console/registers/{kind}?format={form}&{days}")
            assert answer.status == 200
            if form != "xlsx":
                assert "901/QĐ-BGTVT" in (await answer.read()).decode().replace("<wbr>", "")
        foreign = await rail.see(f"/console/registers/{kind}?format=csv&{days}&unit={mine}")
        assert "901/QĐ-BGTVT" not in (await foreign.read()).decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/in/export?format=exe", 404), ("/console/in/export?state=lost", 400),
        ("/console/in/export?from=99/99/2026", 400), ("/console/registers/summary?format=csv", 404),
        ("/console/registers/incoming-register?from=x", 400), ("/console/registers?from=x", 422),
        ("/console/registers?from=02/01/2026&to=01/01/2026", 422),
        ("/console/registers?from=01/01/2019&to=01/01/2026", 422),
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused_in_words(office: Office, path: str, status: int) -> None:
    async with office.at(ROADS) as roads:
        html.check(await roads.text(path, status))
        assert await office.world.journal("report.exported") == []


async def test_a_long_list_is_read_in_pages_up_to_the_most(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await _three(office)
    monkeypatch.setattr("axis.fronts.console.clerk_exports.PAGE", 1)
    monkeypatch.setattr("axis.fronts.console.clerk_exports.MOST", 2)
    async with office.at(ROADS) as roads:
        text = (await (await roads.see("/console/in/export?format=csv")).read()).decode()
        assert "903/QĐ" in text and "902/QĐ" in text and "901/QĐ" not in text


@pytest.mark.parametrize("days", ["from=31/12/9999", "to=01/01/0001", "from=01/01/2099&to=01/01/2199"])
async def test_days_that_nobody_can_mean_are_refused_with_words(office: Office, days: str) -> None:
    async with office.at(ROADS) as roads:
        page = await roads.see(f"/console/registers?{days}")
        assert page.status == 422 and "2000" in await page.text()
        assert (await roads.see(f"/console/registers/incoming-register?format=csv&{days}")).status in (400, 422)
        for path in ("in", "out"):
            assert (await roads.see(f"/console/{path}?{days}")).status in (200, 400, 422), path
