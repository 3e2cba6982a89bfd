"""Reports over a month of traffic: every figure is what a count of the rows by hand gives, nobody reads what is
not theirs, it adds up, and what does not is named."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from axis.core import undecided
from axis.domain.errors import NotFound, PackageError
from axis.domain.period import Period
from axis.hub.reporting.questions import KINDS
from axis.hub.reporting.reports import Reports
from axis.store.registers import Listed, Registers
from axis.store.reports import Counters
from tests.hub.month import CODES, JUNE, NOW, Month, empty, figures, in_june, month, received, sent, total
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, document, status_of, urgent
from tests.store.ledger import unguarded

__all__ = ["empty", "month"]


async def test_every_figure_of_the_summary_is_what_a_count_by_hand_gives(month: Month) -> None:
    cells, packages = await month.ledger.recount(), await month.ledger.recount_sent()
    found = await month.sheets("summary")
    assert [row["unit"] for row in found["sent"]["rows"]] == sorted(CODES)
    tables = (("sent", packages, 1, sent), ("fate", cells, 1, received), ("received", cells, 2, received))
    for name, cells_, place, count in tables:
        for row in found[name]["rows"]:
            mine = month.unit(row["unit"]).id
            assert figures(row) == count(cells_, lambda cell, p=place, m=mine: cell[p] == m), (name, row["unit"])
        everything = {k: v for k, v in figures(found[name]["totals"]).items() if v is not None}
        assert everything == {k: v for k, v in count(cells_, lambda cell: True).items() if v is not None}
    sums = found["received"]["totals"]
    interesting = ("returned", "told_late", "registered_late", "finished_late", "recalled", "recall_ordered", "again",
                   "recall_done", "asked_back", "given_back", "retries", "feedback_complete", "feedback_open",
                   "denied", "overdue_finish", "failed_attempts", "refused", "waiting", "recalls",
                   "statuses")  # fmt: skip
    assert [name for name in interesting if not sums[name]] == [], "the month has some of everything"


async def test_days_units_and_counterparts_divide_the_same_figures(month: Month) -> None:
    cells, packages = await month.ledger.recount(), await month.ledger.recount_sent()
    days = await month.sheets("by-day", unit=ROADS)
    roads, rail = month.unit(ROADS).id, month.unit(RAIL).id
    assert len(days["sent"]["rows"]) == len(days["received"]["rows"]) == 30
    for row in days["received"]["rows"]:
        day = date.fromisoformat(row["day"])
        assert figures(row) == received(cells, lambda cell, d=day: cell[0] == d and cell[2] == roads)  # type: ignore[misc]
    assert sum(row["packages"] for row in days["sent"]["rows"]) == total(
        packages, lambda cell: cell[1] == roads and in_june(cell))["n"]  # fmt: skip
    counterparts = await month.sheets("by-counterpart", unit=ROADS)
    for name, me, other in (("sent-to", 1, 2), ("received-from", 2, 1)):
        for row in counterparts[name]["rows"]:
            theirs = month.unit(row["unit"]).id
            between = received(cells, lambda cell, t=theirs, o=other, m=me: cell[m] == roads and cell[o] == t)  # type: ignore[misc]
            assert figures(row) == between
    only = await month.sheets("summary", unit=ROADS, counterpart=RAIL)
    assert set(only) == {"fate", "received"}, "packages have many receivers: to one of them only deliveries are counted"
    assert figures(only["fate"]["rows"][0]) == received(cells, lambda cell: cell[1:3] == (roads, rail))
    assert figures(only["received"]["rows"][0]) == received(cells, lambda cell: cell[1:3] == (rail, roads))
    pairs = (await month.sheets("by-counterpart"))["pairs"]["rows"]
    assert sum(row["deliveries"] for row in pairs) == received(cells, lambda cell: True)["deliveries"]
    (line,) = (await month.sheets("by-unit", unit=PORTS))["by-unit"]["rows"]
    ports = month.unit(PORTS).id
    into = received(cells, lambda cell: cell[2] == ports)
    assert (line["in_deliveries"], line["in_returned"]) == (into["deliveries"], into["returned"])
    assert line["in_late"] == into["told_late"] + into["registered_late"] + into["finished_late"]
    assert line["out_deliveries"] == received(cells, lambda cell: cell[1] == ports)["deliveries"]


async def test_lists_name_exactly_the_documents_the_counters_count(month: Month) -> None:
    cells = await month.ledger.recount()
    counted = total(cells, lambda cell: in_june(cell, (0, 1, 2, 3)))
    returned = (await month.sheets("returned"))["returned"]["rows"]
    assert len(returned) == counted["returned"] > 7, "more than a page"
    assert "sai nơi nhận" in {row["reason"] for row in returned} and any(row["sent_again"] for row in returned)
    late = await month.sheets("late")
    steps = ("told_late", "registered_late", "finished_late", "overdue_arrival", "overdue_register", "overdue_finish")
    told = Counter(word for row in late["late"]["rows"] for word in row["what"].split("; "))
    assert sum(told.values()) == sum(counted[step] for step in steps) and "" not in told
    late_packages = total(await month.ledger.recount_sent(), lambda cell: in_june(cell, (0, 1, 2, 3)))["late"]
    assert len(late["sent_late"]["rows"]) == late_packages > 0
    untaken = (await month.sheets("unaccepted"))["untaken"]["rows"]
    rows = await month.ledger.rows("select * from delivery")
    assert len(untaken) == sum(
        row["kind"] == "document" and row["arrived_at"] is not None and row["registered_at"] is None
        and row["handling"] in ("", "01") and row["state"] not in ("recalled", "refused")
        and row["taking_back"] not in ("15", "recall") and JUNE.starts <= row["created_at"] < JUNE.ends
        for row in rows
    )  # fmt: skip


async def test_a_unit_is_told_of_what_it_sent_and_what_was_addressed_to_it_and_of_nothing_else(month: Month) -> None:
    everything = set().union(*month.numbers.values())
    for code in CODES:
        me = month.unit(code)
        told: set[str] = set()
        for name in KINDS:
            found = await month.json(name, Period.between(date(2019, 5, 1), date(2019, 7, 31)), scope=me)
            assert found["unit"] == {"code": code, "name": me.name}
            text = json.dumps(found, ensure_ascii=False)
            told |= {number for number in everything if f"{number}/TB" in text}
            for sheet in found["sheets"]:
                if "unit" in {column["key"] for column in sheet["columns"]} and name != "by-counterpart":
                    assert {row["unit"] for row in sheet["rows"]} <= {code}, name
        assert told and told <= month.numbers[code], told - month.numbers[code]
    for name in KINDS:
        with pytest.raises(NotFound, match=r"report\.unknown-unit"):
            await month.reports.ask(name, JUNE, unit=RAIL, scope=month.unit(ROADS), made_by="test")
    stored, rail, roads = Registers(month.ledger.database), month.unit(RAIL).id, month.unit(ROADS).id
    for rows in (stored.outgoing(rail, JUNE, scope=roads), stored.incoming(rail, JUNE, scope=roads)):
        assert [row async for row in rows] == [], "the statement itself refuses, whoever forgot to"
    lists: tuple[Listed, ...] = ("returned", "late", "sent_late", "untaken")
    for which in lists:
        numbers = {row["code_number"] async for row in stored.listed(which, Period.year("2019"), scope=roads)}
        assert numbers and numbers <= month.numbers[ROADS], which


async def test_a_month_reconciles_to_nothing_for_every_unit(month: Month) -> None:
    for period in (JUNE, Period.month("2019-05"), Period.quarter("2019Q2"), Period.day("2019-06-12")):
        found = await month.sheets("reconciliation", period, deep=True)
        for name in ("sent", "received"):
            assert {row["difference"] for row in found[name]["rows"]} <= {0}
        assert found["findings"]["rows"] == []
    row = next(row for row in (await month.sheets("reconciliation"))["sent"]["rows"] if row["unit"] == ROADS)
    assert row["expected"] == row["units"] + row["again"] > 0


async def test_damage_is_seen_in_the_reconciliation_and_named(month: Month, database_url: str) -> None:
    (victim,) = await month.ledger.rows(
        "select d.*, p.document_id, p.units from delivery d join package p on p.id = d.package_id"
        " where d.state = 'delivered' and d.kind = 'document' and d.round = 1 and d.business_type = 0"
        " and d.created_at between $1 and $2 order by d.id limit 1", JUNE.starts, JUNE.ends,
    )  # fmt: skip
    async with unguarded(database_url, "delivery", "tally", "attempt") as owner:
        await owner.execute("delete from notice")
        await owner.execute("delete from attempt where delivery_id = $1", victim["id"])
        await owner.execute("delete from delivery where id = $1", victim["id"])
    rows = (await month.sheets("reconciliation", deep=True))["findings"]["rows"]
    package = [row for row in rows if row["document_id"] == victim["document_id"]]
    assert [(row["counted"], row["found"], row["package"]) for row in package] == [
        (victim["units"], victim["units"] - 1, str(victim["package_id"]))
    ]
    off = {row["measure"]: row["counted"] - row["found"] for row in rows if not row["package"]}
    assert (off["n"], off["delivered"]) == (1, 1)
    # Counters and package agree with each other, so only the recount of the rows could see it. A counter that
    # is wrong by itself is seen by the reconciliation too.
    await Counters(month.ledger.database).fold()
    await month.ledger.run(
        "update tally set waiting = waiting + 1, told = told + 3 where source_unit = $1 and unit_id = $2"
        " and (day, type) = (select day, type from tally where source_unit = $1 and unit_id = $2 and day >= $3"
        " order by day, type limit 1)",
        month.unit(RAIL).id, month.unit(PORTS).id, JUNE.first,
    )  # fmt: skip
    found = await month.sheets("reconciliation", deep=True)
    wrong = {(name, row["unit"]): row["difference"] for name in ("sent", "received") for row in found[name]["rows"]
             if row["difference"]}  # fmt: skip
    assert wrong == {("sent", RAIL): -1, ("received", PORTS): -1}
    named = [row for row in found["findings"]["rows"] if (row["sender"], row["receiver"]) == (RAIL, PORTS)]
    assert {(row["measure"], row["counted"] - row["found"]) for row in named} == {("waiting", 1), ("told", 3)}
    assert any("reconcile --deep" in note and RAIL in note for note in found["sent"]["notes"])
    only = await month.sheets("reconciliation", deep=True, unit=ROADS)
    cells = [row for row in only["findings"]["rows"] if not row["package"]]
    assert not [row for row in cells if ROADS not in (row["sender"], row["receiver"])]


async def test_a_package_that_crossed_midnight_is_named_as_such(empty: Month) -> None:
    late = datetime(2019, 6, 30, 16, 59, 59, tzinfo=UTC)
    package, _ = await empty.ledger.package(0, [], at=late)
    await empty.ledger.delivery(package, 1, at=late + timedelta(seconds=2))
    found = await empty.sheets("reconciliation", deep=True)
    assert [row["package"] for row in found["findings"]["rows"] if row["measure"] == "day"] == [str(package)]


async def test_a_report_says_what_it_is_and_whether_it_may_still_change(month: Month) -> None:
    async def undecided(period: Period) -> list[int]:
        return [year for year in period.years if year == 2020]

    reports = Reports(Counters(month.ledger.database), Registers(month.ledger.database), month.world.core.directory,
                      undecided, now=lambda: NOW)  # fmt: skip
    over = await reports.make(await reports.ask("summary", JUNE, unit=ROADS, counterpart=RAIL, made_by="ông A"))
    assert (over.provisional, over.made_by, over.made_at, over.marks) == (False, "ông A", NOW, (ROADS, RAIL, "2019-06"))
    assert dict(over.sheets[0].conditions)["Với đơn vị"].startswith(RAIL)
    assert over.sheets[0].period == (JUNE.first, JUNE.last)
    assert dict(over.sheets[0].conditions)["Kỳ báo cáo"] == "01/06/2019 – 30/06/2019"
    running = await reports.make(await reports.ask("summary", Period.month("2019-07"), made_by="x"))
    assert running.provisional and "chưa kết thúc" in " ".join(running.sheets[0].notes)
    open_year = await reports.make(
        await reports.ask("summary", Period.between(date(2019, 1, 1), date(2020, 1, 1)), made_by="x", language="en")
    )
    assert open_year.provisional and any("2020" in note for note in open_year.sheets[0].notes)
    refused: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("report.unknown", "moi", {}), ("report.unknown-unit", "summary", {"unit": "000.00.99.G04"}),
        ("report.unknown-unit", "summary", {"counterpart": "x"}),
    )  # fmt: skip
    for code, name, more in refused:
        with pytest.raises(NotFound) as told:
            await reports.ask(name, JUNE, made_by="x", **more)
        assert told.value.code == code


async def test_what_goes_through_the_door_is_counted_and_adds_up(empty: Month) -> None:
    """The walk itself: intake, fetch, confirmation and statuses by the axis's own statements."""
    world, mailroom = empty.world, empty.world.hub.mailroom
    first, second = document(MINISTRY, [ROADS, RAIL]), document(ROADS, [MINISTRY], other=urgent(2))
    for package in (first, second):
        await world.send(package)
    for row in await world.deliveries():
        if row["code"] in (ROADS, RAIL):
            unit = world.units[row["code"]]
            await mailroom.fetch(unit, row["id"])
            await mailroom.confirm(unit, row["id"], "done", "")
    for by, code, reason in ((ROADS, "01", ""), (ROADS, "03", ""), (RAIL, "02", "sai nơi nhận")):
        await world.send(status_of(by, first, code, reason))
    now = Period.this_month(datetime.now(UTC))
    reports = Reports(Counters(empty.ledger.database), Registers(empty.ledger.database), world.core.directory)
    empty.reports = reports
    found = await empty.sheets("summary", now)
    sent_ = {row["unit"]: (row["packages"], row["targets"], row["statuses"]) for row in found["sent"]["rows"]}
    assert sent_ == {MINISTRY: (1, 2, 0), ROADS: (1, 1, 2), RAIL: (0, 0, 1), PORTS: (0, 0, 0)}
    into = {row["unit"]: row for row in found["received"]["rows"]}
    assert (into[ROADS]["registered"], into[RAIL]["returned"], into[MINISTRY]["waiting"]) == (1, 1, 1)
    assert into[MINISTRY]["priority_2"] == into[MINISTRY]["deliveries"] == 1 and into[ROADS]["signed"] == 1
    balance = await empty.sheets("reconciliation", now, deep=True)
    assert {row["difference"] for name in ("sent", "received") for row in balance[name]["rows"]} == {0}
    assert balance["findings"]["rows"] == []
    (line,) = (await empty.sheets("outgoing-register", now, unit=MINISTRY))["outgoing-register"]["rows"]
    assert line["code"] == first.code.full and f"{ROADS}: Đã tiếp nhận" in line["receipt"]
    assert f"{RAIL} trả lại: sai nơi nhận" in line["remarks"]


@pytest.mark.parametrize("name", KINDS)
async def test_a_counterpart_narrows_a_report_or_is_refused(month: Month, name: str) -> None:
    asked = {"unit": ROADS, "period": Period.year("2019")}
    whole = (await month.json(name, **asked))["sheets"]  # type: ignore[arg-type]
    if not KINDS[name].counterpart:
        with pytest.raises(PackageError, match=r"report\.no-counterpart"):
            await month.reports.ask(name, JUNE, unit=ROADS, counterpart=RAIL, made_by="test")
        return
    only = (await month.json(name, counterpart=RAIL, **asked))["sheets"]  # type: ignore[arg-type]
    told = {sheet["name"]: sheet["rows"] for sheet in whole}
    kept = [sheet for sheet in only if told.get(sheet["name"])]
    assert kept and all(sheet["rows"] != told[sheet["name"]] for sheet in kept), "the heading says it was narrowed"


async def test_a_period_is_provisional_when_its_deadlines_fall_into_a_year_that_is_not_decided(month: Month) -> None:
    almanac = month.world.core.almanac
    for year in (2018, 2019):
        await almanac.import_year(year, "QĐ", [], actor="test")
    reports = Reports(Counters(month.ledger.database), Registers(month.ledger.database), month.world.core.directory,
                      undecided(almanac), now=lambda: datetime(2020, 3, 1, tzinfo=UTC))  # fmt: skip

    async def provisional(name: str, period: Period) -> bool:
        return (await reports.make(await reports.ask(name, period, unit=ROADS, made_by="x"))).provisional

    december, last = Period.month("2019-12"), Period.day("2019-12-31")
    assert [await provisional("late", period) for period in (JUNE, december, last)] == [False, True, True]
    assert await provisional("follow-up-register", december) and await provisional("summary", december)
    for name in ("outgoing-register", "incoming-register", "reconciliation", "returned"):
        assert not await provisional(name, december), f"{name}: no deadline stands in it"
        assert not await provisional(name, Period.month("2020-02"))
