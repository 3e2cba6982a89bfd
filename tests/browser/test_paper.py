"""Pages on paper (Ctrl+P): what is read is printed, what is pressed is not, and who printed it stands above."""

from __future__ import annotations

import re
from typing import Any

import pytest

from axis.domain.people import Role
from tests.browser.chromium import Watched, window
from tests.console.world import Town
from tests.hub.world import ROADS

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
