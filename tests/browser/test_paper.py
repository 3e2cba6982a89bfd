"""Pages on paper (Ctrl+P): what is read is printed, what is pressed is not, and who printed it stands above. Registers
break where people break words, and cost no more sheets than they need."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from axis.domain.people import Role
from axis.hub.reporting import figures
from axis.hub.reporting.registers import INCOMING, OUTGOING
from axis.sheets.sheet import Column, Row
from tests.browser.chromium import Watched, window
from tests.console.world import Town
from tests.hub.world import ROADS
from tests.sheets import reading

pytestmark = pytest.mark.asyncio(loop_scope="module")
A4 = {"width": 718, "height": 1047}
"""What an upright sheet leaves between its margins: narrower than a desk, and yet no phone."""


async def _seen(me: Watched, selector: str) -> list[str]:
    found = [one for one in await me.page.locator(selector).all() if await one.is_visible()]
    return [await one.inner_text() for one in found]


@pytest.mark.parametrize("who", [Role.CLERK, Role.AUDITOR, Role.OPERATOR])
async def test_a_printed_page_has_no_buttons_and_says_whose_it_is(
    browser: Any, town: Town, site: str, who: Role
) -> None:
    document = town.papers.sent.package_id
    paths = {
        Role.CLERK: ("/out", "/in", f"/document/{document}", "/registers"),
        Role.AUDITOR: ("/audit/documents?days=all", f"/audit/documents/{document}"),
        Role.OPERATOR: ("/ops/deliveries", "/ops"),
    }[who]
    pressed = "main :is(button, a.button, .exports, .does, .acts, .buttons, p.file)"
    async with window(browser, site, cookie=town.people[who.value].token, viewport=A4) as me:
        for path in paths:
            await me.go(path)
            assert await _seen(me, pressed), f"{path}: there is nothing to hide"
            assert not await _seen(me, ".printed"), "on the screen the head says it"
            await me.page.emulate_media(media="print")
            assert await _seen(me, pressed) == [], path
            (line,) = await _seen(me, ".printed")
            begins = f"Đơn vị {ROADS} · " if who is Role.CLERK else "Trục liên thông văn bản · "
            assert line.startswith(begins) and f"({town.logins[who.value]})" in line
            assert re.search(r"Trang lập lúc \d\d/\d\d/\d{4} \d\d:\d\d$", line), line
            assert "Kiểm tra biên nhận" not in await me.text()
            cells = "[...document.querySelectorAll('.records td')].map(td => getComputedStyle(td).display)"
            assert set(await me.page.evaluate(cells)) <= {"table-cell", "none"}, "a table, not the cards of a phone"
            assert await me.page.evaluate("document.documentElement.scrollWidth") <= A4["width"], path
            await me.page.emulate_media(media="screen")
        me.quiet()


TORN = """() => [...document.querySelectorAll("table bdi")].flatMap(bdi => {
    const found = [], walk = document.createTreeWalker(bdi, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) for (const part of walk.currentNode.data.matchAll(/[^\\s\\/-]+[\\/-]?/g)) {
        const range = document.createRange();
        range.setStart(walk.currentNode, part.index);
        range.setEnd(walk.currentNode, part.index + part[0].length);
        if (new Set([...range.getClientRects()].map(one => one.top)).size > 1) found.push(part[0]);
    }
    return found;
})"""
"""The words of a table that stand on more than one line."""
LINE: Row = {
    "code": "3444/BGTVT-TCCB", "date": date(2026, 11, 5), "title": "Công văn – V/v giải ngân vốn đầu tư công quý IV",
    "signer": "Đặng Xuân Lộc", "receivers": "000.00.01.G04 Tổng cục Đường bộ Việt Nam; 000.00.02.G04 Cục Đường sắt",
    "copies": 1, "sent_at": datetime(2026, 11, 5, 7, 30, tzinfo=UTC), "came_at": datetime(2026, 11, 5, 8, tzinfo=UTC),
    "receipt": "000.00.01.G04: Đã tiếp nhận 14:31 05/11/2026; 000.00.02.G04: Chờ gửi",
    "author": "Bộ Giao thông vận tải", "receiver": "000.00.01.G04",
}  # fmt: skip


@pytest.mark.parametrize(("columns", "language"), [(OUTGOING, "vi"), (OUTGOING, "en"), (INCOMING, "vi")])
async def test_a_register_is_printed_in_whole_words_on_few_sheets(
    browser: Any, site: str, columns: tuple[Column, ...], language: Any
) -> None:
    made = replace(reading.report([LINE] * 66, columns, numbered=True), language=language)
    async with window(browser, site, viewport={"width": 1047, "height": 718}) as me:
        await me.page.set_content(reading.made(made, "html").decode())
        await me.page.emulate_media(media="print")
        assert await me.page.evaluate(TORN) == []
        assert await me.page.evaluate("document.documentElement.scrollWidth") <= 1047
        sheets = re.findall(rb"/Count (\d+)", await me.page.pdf(prefer_css_page_size=True))
        assert 1 < max(map(int, sheets)) <= 10


@pytest.mark.parametrize(("columns", "language"), [
    ((*figures.UNIT, *figures.RECEIVED), "vi"), ((*figures.UNIT, *figures.RECEIVED), "en"),
    ((*figures.UNIT, *figures.SENT), "vi"), ((figures.DAY, *figures.RECEIVED), "vi"),
    ((*figures.SENDER, *figures.RECEIVER, *figures.RECEIVED), "vi"), ((*figures.UNIT, *figures.BY_UNIT), "vi"),
])  # fmt: skip
async def test_figures_wider_than_the_paper_are_printed_in_blocks_that_fit_it(
    browser: Any, site: str, columns: tuple[Column, ...], language: Any
) -> None:
    values = {"text": "000.00.01.G04 Tổng cục Đường bộ", "date": date(2026, 11, 5), "number": 1_234_567, "percent": 0.5}
    row: Row = {column.key: values[column.kind] for column in columns}
    heads = len([column for column in columns if column.kind in ("text", "date")])
    plain = reading.report([row] * 30, columns, totals={c.key: 99 for c in columns[heads:]})
    made = replace(plain, sheets=(replace(plain.sheets[0], heads=heads),), language=language)
    async with window(browser, site, viewport={"width": 1047, "height": 718}) as me:
        await me.page.set_content(reading.made(made, "html").decode())
        await me.page.emulate_media(media="print")
        assert await me.page.evaluate(TORN) == []
        assert await me.page.evaluate("document.documentElement.scrollWidth") <= 1047
        outside = "[...document.querySelectorAll('th, td')].filter(c => c.scrollWidth > c.clientWidth + 1).length"
        assert await me.page.evaluate(outside) == 0, "nothing hangs out of its cell"
        tables = await me.page.locator("table").all()
        assert 1 < len(tables) <= 10
        told = [await table.locator("th").all_inner_texts() for table in tables]
        names = [column.title(language) for column in columns]
        assert all(one[:heads] == names[:heads] for one in told), "each block names its rows"
        assert [name for one in told for name in one[heads:]] == names[heads:]
        assert {await table.locator("tbody tr").count() for table in tables} == {30}
        assert {await table.locator("tfoot tr").count() for table in tables} == {1}


async def test_what_no_column_can_hold_breaks_where_it_must(browser: Any, site: str) -> None:
    made = reading.report([{**LINE, "title": "x" * 400, "receipt": f"{'y' * 90}/{'z' * 90}"}], OUTGOING)
    async with window(browser, site, viewport={"width": 1047, "height": 718}) as me:
        await me.page.set_content(reading.made(made, "html").decode())
        await me.page.emulate_media(media="print")
        assert await me.page.evaluate("document.documentElement.scrollWidth") <= 1047
