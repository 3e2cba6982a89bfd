"""The public page: sums and how the axis fares; nothing about any document, nobody's cookie, off by default."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import lxml.html
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from axis.config import Config
from axis.domain.errors import Unavailable
from axis.domain.people import Role
from axis.fronts.console import public
from axis.hub.reporting.series import Series
from axis.store.reports import Counters
from axis.store.samples import Samples
from tests.console.auditors import audited
from tests.console.visitors import Visits
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document

PATH = "/console/public"
SUBJECT = "Một trích yếu không ai ngoài được thấy"


@pytest.fixture
async def visits(still: World) -> AsyncIterator[Visits]:
    desk = Desk(still)
    for _ in range(3):
        about = document(MINISTRY, [ROADS, RAIL], subject=SUBJECT)
        sent = await desk.sent(about)
        await desk.receive(sent, ROADS)
        await desk.say(ROADS, about, "03")
    async with audited(still) as found:
        yield found


async def text(visits: Visits) -> str:
    return " ".join((await visits.anybody.page(PATH)).text_content().split())


async def test_it_tells_sums_and_nothing_that_names_anything(visits: Visits, still: World) -> None:
    page = await visits.anybody.page(PATH, Accept_Language="vi")
    told, source = " ".join(page.text_content().split()), lxml.html.tostring(page, encoding="unicode")
    assert "Trục đang hoạt động bình thường." in told and "100 %" in told
    rows = page.xpath("(//figure)[1]//tbody/tr")
    assert len(rows) == 12 and [cell.get("data-value") for cell in rows[-1].xpath("./td")] == ["3.0", "6.0"]
    for unit in still.units.values():
        assert unit.code not in source and unit.name not in source
    for row in await still.rows("select id::text, document_id, sha256 from package"):
        assert not any(value and value in source for value in row.values())
    assert SUBJECT not in source
    english = await visits.anybody.page(PATH, Accept_Language="en")
    assert "The axis is working." in english.text_content()


async def test_anybody_may_keep_it_for_a_minute_and_it_bears_no_cookie(visits: Visits) -> None:
    for method in ("GET", "HEAD"):
        answer = await visits.reader.request(method, PATH)
        assert answer.headers["Cache-Control"] == "public, max-age=60" and "Set-Cookie" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Language, Cookie" and "Content-Security-Policy" in answer.headers
    me = await visits.of(Role.AUDITOR)
    answer = await me.see(PATH)
    assert answer.headers["Cache-Control"] == "private, max-age=60" and "Người auditor-1" in await answer.text()


async def test_switched_off_it_does_not_exist(still: World) -> None:
    assert Config(Path("data")).console.public_page is False
    async with audited(still, public_page=False) as visits:
        answer, unknown = await visits.anybody.see(PATH), await visits.anybody.see("/console/nothing")
        assert answer.status == unknown.status == 404 and await answer.text() == await unknown.text()


async def test_it_tells_when_somebody_is_slow(visits: Visits, still: World) -> None:
    await still.execute("update delivery set created_at = now() - interval '2 hours' where state = 'queued'")
    await Samples(still.core.database).take()
    told = await text(visits)
    assert "The axis is working; some units are slow." in told or "có nơi nhận chậm" in told


async def test_it_tells_when_the_axis_is_stopped(still: World) -> None:
    trouble = ["the disk is full"]

    async def check() -> str:
        return trouble[0]

    async with audited(still, checks={"disk": check}) as visits:
        page = await visits.anybody.page(PATH, Accept_Language="vi")
        assert "Trục đang tạm ngừng." in page.text_content() and "disk" not in page.text_content()


class Away(Samples):
    """A database that is away while ``away`` is set."""

    away = False
    asked = 0

    async def slow(self, seconds: int) -> int:
        type(self).asked += 1
        if self.away:
            raise Unavailable("storage.database-away")
        return await super().slow(seconds)


async def test_figures_are_made_once_a_minute_and_the_last_known_outlive_the_database(still: World) -> None:
    core, clock = still.core, [datetime.now(UTC)]
    samples = Away(core.database)
    series = Series(Counters(core.database), samples, core.directory)
    figures = public.PublicFigures(True, series, samples, core.directory, now=lambda: clock[0])
    first = await figures.told()
    assert await figures.told() is first and Away.asked == 1
    clock[0] += timedelta(seconds=61)
    Away.away = True
    try:
        told = await figures.told()
        assert told.status == public.STOPPED and told.total == first.total and told.at == clock[0]
        nothing = public.PublicFigures(True, series, samples, core.directory, now=lambda: clock[0])
        assert (await nothing.told()).total is None
    finally:
        Away.away = False
    clock[0] += timedelta(seconds=61)
    assert (await figures.told()).status == public.WORKING


async def test_the_short_address_leads_to_it(visits: Visits) -> None:
    app = web.Application()
    public.add_short_address(app)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/public", allow_redirects=False)
        assert answer.status == 302 and answer.headers["Location"] == PATH
