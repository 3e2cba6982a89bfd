"""Every page of every role fits a desk, the same at 200 % and a phone; the pictures of the guides are all there.

What a program can see of "nothing cut, nothing crowded" is in geometry.js: the window's width, text that leaves its
box, controls over one another, targets too small for a finger. Whether it is good to look at, people must say:
``python -m tests.browser.pictures --all FOLDER``.
"""

from __future__ import annotations

import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.browser.chromium import Watched, window
from tests.browser.pictures import CHOSEN, DESK, DOCS, IMAGES, MOST_BYTES, PHONE, ZOOMED, pages, visit
from tests.browser.scene import scene
from tests.browser.ways import WAYS
from tests.conftest import ServerForTests
from tests.console.world import NOBODY, WHO, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOOK = (Path(__file__).parent / "geometry.js").read_text()
FINGER = 24  # CSS pixels: WCAG 2.2, 2.5.8
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ministry(
    browser: Any, postgres: ServerForTests, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with scene(postgres, tmp_path_factory.mktemp("ministry")) as found:
        yield found


async def looked_at(me: Watched) -> list[str]:
    """What is wrong with the page at any of the widths."""
    found = []
    for width in (DESK, ZOOMED, PHONE):
        await me.page.set_viewport_size({"width": width, "height": 860})
        await me.page.evaluate(SETTLED)  # charts follow the window a frame later
        seen = await me.page.evaluate(LOOK, FINGER if width == PHONE else 0)
        found += [f"{me.page.url.removeprefix(me.site)} at {width}: {one}" for one in seen]
    return found


@pytest.mark.parametrize("who", WHO)
async def test_every_page_fits_a_desk_a_phone_and_200_percent(browser: Any, ministry: Town, who: str) -> None:
    site = str(ministry.visits.reader.make_url("")).rstrip("/")
    found, count = [], 0
    async with window(browser, site, cookie=ministry.people[who].token) as me:
        async for page in pages(ministry, most=2):
            if page.who == who:
                if who == NOBODY and page.path in WAYS:  # half a sign-in leaves a cookie
                    await me.page.context.clear_cookies()
                await visit(me, ministry, page.path)
                found += await looked_at(me)
                count += 1
    assert count >= 8 and not me.wrong
    assert not found, "\n".join(found)


async def test_what_is_cut_crowded_or_too_wide_is_seen(browser: Any, ministry: Town) -> None:
    """The look itself: what it must report, it reports."""
    site = str(ministry.visits.reader.make_url("")).rstrip("/")
    async with window(browser, site) as me:
        await me.go("/sign-in")
        assert not await looked_at(me)
        await me.page.evaluate("""() => {
            const main = document.querySelector("main"), add = (html) => main.insertAdjacentHTML("beforeend", html);
            add("<p><a href=x id=small>a</a></p><p><a href=x id=close>b</a></p>");
            add("<button id=cut>một nút có chữ rất dài</button><button id=over>hai</button><div id=wide>rộng</div>");
            const style = (id, words) => { document.getElementById(id).style.cssText = words; };
            style("small", "position:absolute;left:20px;top:500px");
            style("close", "position:absolute;left:20px;top:512px");
            style("cut", "width:60px;overflow:hidden;white-space:nowrap");
            style("over", "margin-left:-40px");
            style("wide", "width:2000px");
        }""")  # fmt: skip
        told = "\n".join(await looked_at(me))
    for wrong in ("div#wide", "cut: button#cut", "lies over button#over", "near a#close"):
        assert wrong in told, told


# the pictures of the guides


def _named() -> dict[str, set[str]]:
    """Pages of docs by the pictures they show."""
    found: dict[str, set[str]] = {}
    for page in (*DOCS.glob("*.md"), DOCS.parent / "README.md"):
        for name in re.findall(r"!\[[^\]]+\]\((?:docs/)?images/([^)\s]+)\)", page.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(page.name)
    return found


async def test_the_guides_show_the_pictures_of_the_table_and_no_others() -> None:
    table, files = {f"{one.file}.png" for one in CHOSEN}, {file.name for file in IMAGES.iterdir()}
    assert len(table) == len(CHOSEN)
    assert set(_named()) == table == files, "python -m tests.browser.pictures"


async def test_the_pictures_are_small_and_as_wide_as_the_table_says() -> None:
    for one in CHOSEN:
        data = (IMAGES / f"{one.file}.png").read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n") and data.endswith(b"IEND\xaeB`\x82"), one.file
        width, height = struct.unpack(">II", data[16:24])
        assert width == one.width and 200 < height <= one.height, f"{one.file}: {width} × {height}"
    assert sum(file.stat().st_size for file in IMAGES.iterdir()) < MOST_BYTES
