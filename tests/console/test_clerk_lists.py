"""The lists of a clerk: what is in them, what is found, what they say when there is nothing, whose they are."""

from __future__ import annotations

import re
from datetime import date

import lxml.html
import pytest

from axis.domain.document import Code, OtherInfo, Package
from axis.domain.people import Role
from axis.domain.period import bounds
from tests.console import html
from tests.console.office import Browser, Office, office_of
from tests.hub.talks import recall_of, replacement_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document

HOSTILE = "<script>alert(1)</script>\u202egnp.exe\"'{{7*7}}=cmd|' /C calc'!A0"


@pytest.fixture
def office(still: World) -> Office:
    return office_of(still)


async def _three(office: Office) -> list[Package]:
    """Fetched by ROADS; RAIL has not asked yet. Oldest first, more urgent each time."""
    found = []
    for number, subject in ((901, "Quyết định về đường bộ tỉnh Đắk Lắk"), (902, "Báo cáo đường sắt"), (903, HOSTILE)):
        package = document(
            MINISTRY, [ROADS, RAIL], subject=subject, code=Code(str(number), "QĐ-BGTVT"),
            other=OtherInfo(priority=number - 901),
        )  # fmt: skip
        sent = await office.desk.sent(package)
        await office.desk.receive(sent, ROADS)
        found.append(package)
    return found


def _codes(text: str) -> list[str]:
    page = html.parse(text)
    return [row.findtext(".//bdi") or "" for row in page.xpath("//table[contains(@class,'records')]/tbody/tr")]


def _words(text: str) -> str:
    return " ".join(lxml.html.document_fromstring(text.encode()).text_content().split())


async def test_both_lists_show_what_there_is_worst_receiver_first(office: Office) -> None:
    for package in await _three(office):
        # Else the day's end, when that must have been said, comes before the urgent hour every afternoon.
        await office.desk.say(ROADS, package, "01")
    await office.world.execute("update delivery set missed = 2 where state = 'delivered'")
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads, office.at(RAIL) as rail:
        text = await ministry.text("/console/out")
        html.check(text)
        assert _codes(text) == ["903/QĐ-BGTVT", "902/QĐ-BGTVT", "901/QĐ-BGTVT"]
        assert "Thượng khẩn" in text and "30 ngày gần đây" in text and "Chờ gửi" in text
        text = await roads.text("/console/in")
        html.check(text)
        assert _codes(text) == ["903/QĐ-BGTVT", "902/QĐ-BGTVT", "901/QĐ-BGTVT"]
        assert "Đã đến, chưa tiếp nhận" in text and "tiếp nhận (03) hoặc trả lại (02): còn" in text
        text = await rail.text("/console/in")
        assert _codes(text) == [] and "3 văn bản đang chờ hệ thống của đơn vị lấy về" in _words(text)
        assert "901" not in text, "not fetched: not theirs to see yet"


async def test_what_was_replaced_is_shown_so_and_without_a_deadline(office: Office) -> None:
    package = document(MINISTRY, [ROADS], code=Code("901", "QĐ-BGTVT"))
    await office.desk.receive(await office.desk.sent(package), ROADS)
    new = await office.desk.sent(replacement_of(package))
    async with office.at(ROADS) as roads:
        words = _words(await roads.text("/console/in?q=901"))
        assert "báo đã đến (01): " in words and "Đã được thay thế" not in words, "it has not come yet"
        await office.desk.receive(new, ROADS)
        words = _words(await roads.text("/console/in?q=901"))
        assert "báo đã đến (01): " not in words and "Đã được thay thế" in words


async def test_what_waits_for_the_units_system_is_told_by_weight_and_age(office: Office) -> None:
    had = document(MINISTRY, [RAIL])
    await office.desk.receive(await office.desk.sent(had), RAIL)
    await office.desk.sent(document(MINISTRY, [RAIL], other=OtherInfo(priority=3)))
    async with office.at(RAIL) as rail, office.at(RAIL, language="en") as english, office.at(PORTS) as ports:
        fresh = html.parse(await rail.text("/console/in")).xpath("//div[contains(@class,'note')]")[0]
        assert "1 văn bản đang chờ hệ thống của đơn vị lấy về, trong đó 1 hoả tốc. Văn bản" in fresh.text_content()
        assert "bad" in fresh.get("class"), "marked"
        await office.desk.sent(recall_of(had))
        for priority in (2, 0):
            await office.desk.sent(document(MINISTRY, [RAIL], other=OtherInfo(priority=priority)))
        await office.world.execute("update delivery set created_at = created_at - interval '3 hours'")
        assert (
            "4 văn bản đang chờ hệ thống của đơn vị lấy về, trong đó 1 hoả tốc, 1 khẩn, 1 lệnh thu hồi;"
            " lâu nhất 3 giờ; hãy báo quản trị phần mềm của đơn vị."
        ) in _words(await rail.text("/console/in"))
        assert "among them 1 express, 1 urgent, 1 recall; the oldest for 3 h; tell" in _words(
            await english.text("/console/in")
        )
        await office.desk.sent(document(MINISTRY, [PORTS]))
        text = _words(await ports.text("/console/in"))
        assert "1 văn bản đang chờ gửi tới hệ thống của đơn vị. Văn bản" in text and "lâu nhất" not in text
        await office.world.change(RAIL, paused=True)
        text = _words(await rail.text("/console/in"))
        assert "lâu nhất 3 giờ" in text and "hãy báo" not in text, "it is the axis that holds them back"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=901/QĐ-BGTVT", ["901"]), ("q=dak lak", ["901"]), ("q=ĐƯỜNG", ["902", "901"]), ("q=khong co", []),
        ("priority=1", ["903", "902"]), ("state=arrived", ["903", "902", "901"]), ("state=returned", []),
        (f"unit={MINISTRY}", ["903", "902", "901"]), (f"unit={PORTS}", []), ("days=7", ["903", "902", "901"]),
        ("days=all&q=902", ["902"]), ("from=01/01/2019&to=31/01/2019", []), ("q=901/QĐ", ["901"]),
        ("q=Quyết định số 901 / QĐ-BGTVT ngày 1/7/2019", ["901"]), ("q=QĐ-BGTVT", ["903", "902", "901"]),
        (f"q={MINISTRY}", ["903", "902", "901"]), (f"q=Mã định danh: {MINISTRY.lower()}", ["903", "902", "901"]),
        (f"q={MINISTRY}&priority=1", ["903", "902"]), (f"q={PORTS}", []), (f"q={PORTS}&unit={MINISTRY}", []),
    ],
)  # fmt: skip
async def test_filters_stand_in_the_address(office: Office, query: str, found: list[str]) -> None:
    await _three(office)
    async with office.at(ROADS) as roads:
        text = await roads.text(f"/console/in?{query}")
        html.check(text)
        assert [code.partition("/")[0] for code in _codes(text)] == found
        if not found:
            assert "Không có văn bản nào" in text or "Kỳ này không có" in text


async def test_the_code_of_an_agency_is_told_with_its_name_and_finds_what_went_there(office: Office) -> None:
    await _three(office)
    async with office.at(MINISTRY) as ministry:
        text = await ministry.text(f"/console/out?q={ROADS}")
        html.check(text)
        assert len(_codes(text)) == 3
        assert f"“{ROADS}” {office.world.units[ROADS].name}" in _words(text)
        assert _codes(await ministry.text(f"/console/out?q={PORTS}")) == []
        file = (await ministry.text(f"/console/out/export?format=html&q={ROADS}")).replace("<wbr>", "")
        assert office.world.units[ROADS].name in file and "901/QĐ-BGTVT" in file


@pytest.mark.parametrize("query", ["state=lost", "priority=9", "unit=nobody", "days=3000", "after=x", "before=%00"])
async def test_what_no_form_sends_is_refused(office: Office, query: str) -> None:
    async with office.at(ROADS) as roads:
        await roads.text(f"/console/in?{query}", 400)


async def test_a_day_typed_wrong_is_shown_beside_its_field(office: Office) -> None:
    async with office.at(ROADS) as roads:
        for query in ("from=31/02/2026", "from=x&to=01/01/2026", "from=02/01/2026&to=01/01/2026"):
            text = await roads.text(f"/console/in?{query}", 422)
            html.check(text)
            assert 'aria-invalid="true"' in text


async def test_days_are_told_as_people_write_them(office: Office) -> None:
    async with office.at(ROADS) as roads, office.at(ROADS, language="en") as english:
        for query, vi, en in (
            ("from=02/01/2026&to=01/01/2026", "bắt đầu (02/01/2026) sau khi kết thúc (01/01/2026)",
             "begins (02/01/2026) after its end (01/01/2026)"),
            ("from=02/01/1990&to=03/01/1990", "từ 02/01/1990 đến 03/01/1990 nằm ngoài các năm 2000–2099",
             "from 02/01/1990 to 03/01/1990 is outside the years 2000 to 2099"),
        ):  # fmt: skip
            assert vi in _words(await roads.text(f"/console/in?{query}", 422))
            assert en in _words(await english.text(f"/console/in?{query}", 422))
        assert "không theo ngày ghi trên văn bản" in await roads.text("/console/in")


@pytest.mark.parametrize(
    ("query", "period", "since", "chip"),
    [
        ("", "30 ngày gần đây", "", "30 ngày gần đây"),
        ("days=30", "30 ngày gần đây", "", "30 ngày gần đây"),
        ("from=01/02/2026&to=03/02/2026", "Theo khoảng ngày", "01/02/2026", "Từ ngày 01/02/2026 đến ngày 03/02/2026"),
        # a named period chosen where dates were shown
        ("days=all&shown=&from=01/02/2026&to=03/02/2026", "Từ trước tới nay", "", ""),
        ("days=30&shown=&from=01/02/2026", "30 ngày gần đây", "", "30 ngày gần đây"),
        ("days=90&from=01/02/2026&to=03/02/2026", "90 ngày gần đây", "", "90 ngày gần đây"),
        # dates typed where a named period was shown
        ("days=90&shown=90&from=01/02/2026&to=03/02/2026", "Theo khoảng ngày", "01/02/2026",
         "Từ ngày 01/02/2026 đến ngày 03/02/2026"),
        ("days=all&shown=all&from=01/02/2026&to=03/02/2026", "Theo khoảng ngày", "01/02/2026",
         "Từ ngày 01/02/2026 đến ngày 03/02/2026"),
        # by its number: all years, which the form says too
        ("q=1/TB", "Từ trước tới nay", "", ""), ("q=1/TB&days=30", "30 ngày gần đây", "", "30 ngày gần đây"),
    ],
)  # fmt: skip
async def test_the_period_the_dates_and_the_chip_agree(
    office: Office, query: str, period: str, since: str, chip: str
) -> None:
    async with office.at(ROADS) as roads:
        text = await roads.text(f"/console/in?{query}")
        html.check(text)
        page = html.parse(text)
        chosen = page.xpath("//select[@name='days']/option[@selected]") or page.xpath("//select[@name='days']/option")
        assert chosen[0].text == period
        assert page.xpath("//input[@name='shown']/@value") == [chosen[0].get("value")]
        labels = [option.text for option in page.xpath("//select[@name='days']/option")]
        assert len(labels) == len(set(labels))
        assert page.xpath("//input[@name='from']/@value") == [since]
        chips = " ".join("".join(part.itertext()) for part in page.xpath("//p[@class='chips']"))
        assert chip in chips and ("gần đây" in chips or "Từ ngày" in chips) is bool(chip)


@pytest.mark.parametrize(
    ("where", "older", "newer", "words"),
    [
        ("in?from=01/01/2019&to=31/01/2019", 0, 3, "Xem các văn bản mới hơn"),
        ("out?from=01/01/2019&to=31/01/2019", 0, 3, "Xem các văn bản mới hơn"),
        ("in?from=01/01/2090&to=31/01/2090", 3, 0, "Xem các văn bản cũ hơn"),
        ("out?from=01/02/2021&to=02/02/2021", 1, 3, "Xem mọi văn bản, cũ hơn và mới hơn"),
    ],
)
async def test_an_empty_period_says_what_lies_on_either_side_of_it(
    office: Office, where: str, older: int, newer: int, words: str
) -> None:
    await _three(office)
    if older and newer:
        columns = await office.world.rows(
            "select string_agg(column_name, ', ') as names from information_schema.columns where table_name = 'package'"
            " and is_generated = 'NEVER' and column_name not in ('id', 'identity')"
        )
        await office.world.execute(
            f"insert into package (id, identity, {columns[0]['names']}) select $1, 'old', {columns[0]['names']}"
            " from package where kind = 'document' limit 1", bounds(date(2021, 1, 1), date(2021, 1, 1))[1],
        )  # fmt: skip
    async with office.at(ROADS if where.startswith("in") else MINISTRY) as browser:
        text = await browser.text(f"/console/{where}")
        html.check(text)
        told = _words(text)
        assert "Kỳ này không có văn bản nào." in told and words in told
        assert (f"còn {older} văn bản cũ hơn" in told) == bool(older)
        assert (f"còn {newer} văn bản mới hơn" in told) == bool(newer)
        (link,) = html.parse(text).xpath(f"//a[contains(., '{words}')]/@href")
        assert len(_codes(await browser.text(link))) == older + newer


async def test_a_number_is_looked_for_in_all_years(office: Office) -> None:
    await _three(office)
    await office.world.execute("update delivery set created_at = now()")  # ids stay: the period goes by them
    async with office.at(ROADS) as roads:
        assert "30 ngày gần đây –" not in _words(await roads.text("/console/in?q=901/QĐ-BGTVT"))
        assert "30 ngày gần đây –" in _words(await roads.text("/console/in?q=bo"))


async def _walk(browser: Browser, path: str, rel: str) -> tuple[list[str], str]:
    """The codes of a list page by page, and the last page's address."""
    seen: list[str] = []
    while True:
        text = await browser.text(path)
        seen += _codes(text)
        (link,) = html.parse(text).xpath(f"//nav[@class='pages']//a[@rel='{rel}']/@href") or (None,)
        if link is None:
            return seen, path
        path = str(link)


@pytest.mark.parametrize(
    "path", ["/console/out", "/console/in", "/console/in?q=thử", "/console/out?q=TB", "/console/unaccepted"]
)
async def test_pages_lead_to_every_document_once_and_back(
    office: Office, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axis.fronts.console.paging.SIZE", 3)
    monkeypatch.setattr("axis.fronts.console.paging.position.__defaults__", (3,))
    for _ in range(8):
        await office.desk.receive(await office.desk.sent(document(MINISTRY, [ROADS])), ROADS)
    async with office.at(MINISTRY if "/out" in path else ROADS) as browser:
        down, last = await _walk(browser, path, "next")
        assert len(down) == len(set(down)) == 8
        up, _ = await _walk(browser, last, "prev")
        assert sorted(up) == sorted(down)
        assert up[-3:] == down[:3] or up[-2:] == down[:2], "the first page is the first page"


async def test_new_documents_are_counted_and_nothing_moves(office: Office) -> None:
    await _three(office)
    async with office.at(ROADS) as roads:
        text = await roads.text("/console/in?priority=1")
        (poll,) = html.parse(text).xpath("//div[@class='newer']/@hx-get")
        quiet = await roads.text(poll)
        assert "văn bản mới" not in quiet and "<html" not in quiet
        await office.desk.receive(await office.desk.sent(document(MINISTRY, [ROADS])), ROADS)
        told = await roads.text(poll)
        assert "1 văn bản mới – bấm để xem" in told and 'href="/console/in?priority=1"' in told
        assert (await roads.see("/console/in/newer?since=x")).status == 404


async def test_htmx_gets_the_results_alone(office: Office) -> None:
    await _three(office)
    async with office.at(ROADS) as roads:
        answer = await roads.see("/console/in?q=902", HX_Request="true")
        part = await answer.text()
        assert part.lstrip().startswith('<div id="results">') and "902" in part and "<h1" not in part


async def test_empty_lists_say_what_to_do(office: Office) -> None:
    async with office.at(ROADS) as roads:
        assert "Chưa có văn bản nào đến đơn vị" in await roads.text("/console/in")
        assert "Đơn vị chưa gửi văn bản nào" in await roads.text("/console/out")
        assert "Không có văn bản nào quá hạn" in await roads.text("/console/late")
        assert "Mọi văn bản đã đến đều được tiếp nhận" in await roads.text("/console/unaccepted")
        assert "Tìm từ trước tới nay" in await roads.text("/console/in?q=abc")


async def test_what_is_open_is_listed_on_both_sides_and_counted_in_the_navigation(office: Office) -> None:
    await _three(office)
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads, office.at(RAIL) as rail:
        assert len(_codes(await roads.text("/console/unaccepted"))) == 3
        assert _codes(await ministry.text("/console/unaccepted")) == []
        assert len(_codes(await ministry.text("/console/unaccepted?side=sent"))) == 3
        assert _codes(await roads.text("/console/late")) == []
        await office.world.execute(
            "update delivery set missed = 2, register_due_at = now() - interval '1 day' where state = 'delivered'"
        )
        text = await roads.text("/console/late")
        html.check(text)
        assert len(_codes(text)) == 3 and "quá hạn" in text
        menu = html.parse(text).xpath("//nav[@class='menu']//span[@class='count']")
        assert [badge.text for badge in menu] == ["3", "3"]
        assert len(_codes(await ministry.text("/console/late?side=sent"))) == 3
        assert _codes(await rail.text("/console/late")) == _codes(await rail.text("/console/unaccepted")) == []


async def test_hostile_words_stay_words(office: Office) -> None:
    await _three(office)
    async with office.at(ROADS) as roads, office.at(MINISTRY) as ministry:
        for browser, path in ((roads, "/console/in"), (ministry, "/console/out"), (roads, "/console/unaccepted")):
            text = await browser.text(path)
            html.check(text)
            assert "<script>alert" not in text and "&lt;script&gt;" in text
        text = await roads.text("/console/in?q=" + "%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE%00")
        html.check(text)
        assert "<script>alert" not in text


async def test_every_page_speaks_english(office: Office) -> None:
    await _three(office)
    async with office.at(ROADS, Role.UNIT_ADMIN, "en") as roads:
        for path in ("/console/in", "/console/late", "/console/unaccepted", "/console/registers"):
            text = re.sub(
                r"<bdi.*?</bdi>|<option.*?</option>|hreflang.*?</a>|<title.*?</title>", "", await roads.text(path)
            )
            assert 'lang="en"' in text
            assert "Tất cả" not in text and "Quá hạn" not in text and "Văn bản" not in text, path


@pytest.mark.parametrize(
    ("change", "overdue"),
    [
        ("missed = 1", True), ("missed = 1, told_at = now()", False), ("missed = 2, told_at = now()", True),
        ("missed = 3, told_at = now(), registered_at = now()", False), ("missed = 4", True),
        ("missed = 4, completed_at = now()", False), ("missed = 7, handling = '02'", False),
        ("missed = 7, handling = '03'", True), ("missed = 7, taking_back = '13'", True), ("missed = 0", False),
    ],
)  # fmt: skip
async def test_the_late_list_the_filter_and_the_count_agree(office: Office, change: str, overdue: bool) -> None:
    sent = await office.desk.sent(document(MINISTRY, [ROADS]))
    await office.desk.receive(sent, ROADS)
    await office.world.execute(f"update delivery set {change}")
    async with office.at(ROADS) as roads, office.at(MINISTRY) as ministry:
        for browser, path in (
            (roads, "/console/late"), (roads, "/console/in?state=overdue"), (ministry, "/console/late?side=sent"),
            (ministry, "/console/out?state=overdue"),
        ):  # fmt: skip
            assert len(_codes(await browser.text(path))) == overdue, path
        page = html.parse(await roads.text("/console/late"))
        counts = page.xpath("//nav[@class='menu']//a[@href='/console/late']/span[@class='count']")
        assert len(counts) == overdue
