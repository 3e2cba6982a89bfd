"""Charts: the figures of the reports, a table beside each, one's own unit only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import lxml.html
import pytest

from axis.domain.events import Event
from axis.domain.people import Role
from axis.domain.period import Period
from axis.hub.reporting.series import Series, on_time
from axis.store.reports import Counters
from axis.store.samples import KEPT_DAYS, WHOLE, Samples
from tests.console.auditors import audited
from tests.console.visitors import Visits
from tests.hub.month import CODES, JUNE, NOW, Month, empty, month  # noqa: F401 - fixtures
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, until


@pytest.fixture
async def visits(still: World) -> AsyncIterator[Visits]:
    desk = Desk(still)
    for receivers in ([ROADS, RAIL], [ROADS], [RAIL]):
        about = document(MINISTRY, receivers)
        sent = await desk.sent(about)
        if ROADS in receivers:
            await desk.receive(sent, ROADS)
            await desk.say(ROADS, about, "03")
    await Samples(still.core.database).take()
    async with audited(still) as found:
        yield found


def tables(page: lxml.html.HtmlElement) -> dict[str, list[list[str]]]:
    """The table of each chart: rows of what a script reads."""
    return {
        figure.xpath("./figcaption/text()")[0].strip(): [
            [str(cell.get("data-value")) for cell in row.xpath("./th|./td")] for row in figure.xpath(".//tbody/tr")
        ]
        for figure in page.xpath("//figure[@data-chart]")
    }


def sums(rows: list[list[str]]) -> list[float]:
    return [sum(float(row[n] or 0) for row in rows) for n in range(1, len(rows[0]))]


async def test_charts_tell_the_figures_of_the_reports(visits: Visits) -> None:
    operator = await visits.of(Role.OPERATOR)
    for query in ("", "?week=" + f"{datetime.now(UTC) + timedelta(hours=7):%G-W%V}", f"?year={datetime.now(UTC):%Y}"):
        found = tables(await operator.page(f"/console/figures{query}"))
        assert sums(found["Văn bản gửi và nhận"]) == [3, 4, 2]
        assert sums(found["Theo đơn vị"]) == [3, 4]
        assert float(found["Tỷ lệ đúng hạn"][-1][2]) == 1.0
        assert sums(found["Đang chờ tại trục"])[0] == 4, "two documents and two statuses"


@pytest.mark.parametrize("code", [None, *CODES])
async def test_every_point_equals_the_report_of_its_period(month: Month, code: str | None) -> None:  # noqa: F811
    database, directory = month.world.core.database, month.world.core.directory
    unit = month.unit(code) if code else None
    scope = unit.id if unit else None
    made = await Series(Counters(database), Samples(database), directory).make(JUNE, NOW, unit=unit, scope=scope)
    sheets = await month.sheets("by-day", unit=code or "")
    days: dict[str, dict[str, Any]] = {row["day"]: row for row in sheets["sent"]["rows"]}
    assert len(made.points) == 30 and made.points[0].first == JUNE.first and not made.monthly
    for point, row in zip(made.points, sheets["received"]["rows"], strict=True):
        assert point.first.isoformat() == row["day"]
        for key in ("deliveries", "delivered", "returned", "registered", "registered_late", "told", "told_late"):
            assert point.received[key] == row[key]
        for key in ("packages", "priority_0", "paperless_share"):
            assert point.sent[key] == days[row["day"]][key]
    total = sheets["received"]["totals"]
    assert made.total.received["deliveries"] == total["deliveries"]
    done, overdue = total["registered"], total["overdue_register"]
    assert made.total.on_time == (done - total["registered_late"]) / (done + overdue)
    assert sum(one.sent + one.received for one in made.units) > 0
    year = await Series(Counters(database), Samples(database), directory).make(
        Period.year("2019"), NOW, unit=unit, scope=scope
    )
    assert year.monthly and [point.first.month for point in year.points] == list(range(1, 8))
    june = year.points[5]
    assert (june.sent["packages"], june.received["deliveries"]) == (
        made.total.sent["packages"], made.total.received["deliveries"],
    )  # fmt: skip


async def test_the_parts_of_units_are_those_of_the_report_by_unit(month: Month) -> None:  # noqa: F811
    database = month.world.core.database
    series = Series(Counters(database), Samples(database), month.world.core.directory)
    made = await series.make(JUNE, NOW, unit=None, scope=None)
    rows = (await month.sheets("by-unit"))["by-unit"]["rows"]
    assert {one.name: (one.sent, one.received) for one in made.units} == {
        row["name"]: (row["packages"], row["in_deliveries"])
        for row in rows
        if row["packages"] or row["in_deliveries"]
    }


def test_a_share_of_nothing_is_none() -> None:
    steps = ("told", "told_late", "registered", "registered_late", "overdue_arrival", "overdue_register")
    nothing = dict.fromkeys(steps, 0)
    assert on_time(nothing, "told") is None and on_time({**nothing, "overdue_register": 2}, "registered") == 0


async def test_a_unit_administrator_sees_the_own_unit_only(visits: Visits) -> None:
    me = await visits.of(Role.UNIT_ADMIN, ROADS)
    page = await me.page("/console/figures/own")
    found = tables(page)
    assert sums(found["Văn bản gửi và nhận"]) == [0, 2, 2] and sums(found["Với từng đơn vị"]) == [0, 2]
    source = lxml.html.tostring(page, encoding="unicode")
    assert RAIL not in source and PORTS not in source and not page.xpath("//select[@name='unit']")
    await me.page(f"/console/figures/own?unit={ROADS}")
    foreign, unknown = [await me.see(f"/console/figures/own?unit={code}") for code in (RAIL, "000.99")]
    assert foreign.status == unknown.status == 404
    assert (await foreign.text()).replace(RAIL, "") == (await unknown.text()).replace("000.99", "")
    assert (await me.see("/console/figures")).status == 404
    assert (await (await visits.of(Role.CLERK, ROADS)).see("/console/figures/own")).status == 404


async def test_operators_and_auditors_choose_a_unit_and_auditors_leave_a_trace(visits: Visits, still: World) -> None:
    for role in (Role.OPERATOR, Role.AUDITOR):
        me = await visits.of(role)
        found = tables(await me.page(f"/console/figures?unit={MINISTRY}"))
        assert sums(found["Văn bản gửi và nhận"]) == [3, 0, 0]
        assert (await me.see("/console/figures?unit=000.99")).status == 404
    looks = await still.journal(Event.LOOKED)
    assert {look["actor"] for look in looks} == {"person:auditor-2"} and looks[0]["data"]["look"] == "figures"


async def test_pages_of_charts_are_valid_and_say_when_there_is_nothing(visits: Visits) -> None:
    me = await visits.of(Role.OPERATOR, language="en")
    page = await me.page("/console/figures")
    assert all(figure.xpath(".//table/caption") for figure in page.xpath("//figure[@data-chart]"))
    assert "No documents in this period." in (await me.page("/console/figures?year=2019")).text_content()
    assert (await me.page("/console/figures?month=2019-06")).xpath("//a[@rel='next']")
    assert not page.xpath("//a[@rel='next']"), "the future holds no figures"
    assert (await me.see("/console/figures?month=x")).status in (400, 422)


# samples


async def test_a_sample_is_taken_once_in_five_minutes_and_kept_for_400_days(still: World) -> None:
    samples = Samples(still.core.database)
    await Desk(still).sent(document(MINISTRY, [ROADS, RAIL]))
    old = datetime.now(UTC) - timedelta(days=KEPT_DAYS + 1)
    await still.execute("insert into backlog_sample values ($1, $2, 1, 1)", old, WHOLE)
    assert await samples.take() and not await samples.take()
    rows = {row["unit_id"]: row for row in await still.rows("select * from backlog_sample")}
    assert set(rows) == {WHOLE, still.units[ROADS].id, still.units[RAIL].id}, "the old one is forgotten"
    assert rows[WHOLE]["waiting"] == 2 and rows[still.units[RAIL].id]["waiting"] == 1
    today = Period.day(f"{datetime.now(UTC) + timedelta(hours=7):%Y-%m-%d}")
    assert [row["waiting"] for row in await samples.days(today)] == [2]
    assert [row["waiting"] for row in await samples.days(today, still.units[PORTS].id)] == [0], "nothing waited for it"


async def test_with_nothing_waiting_the_axis_itself_is_noted(still: World) -> None:
    assert await Samples(still.core.database).take()
    (row,) = await still.rows("select * from backlog_sample")
    assert (row["unit_id"], row["waiting"], row["oldest_seconds"]) == (WHOLE, 0, 0)


async def test_the_timers_take_samples(world: World) -> None:
    assert await until(lambda: world.rows("select 1 from backlog_sample"))
