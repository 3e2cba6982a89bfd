"""Reports over a month of traffic: every figure is what a count of the rows by hand gives, nobody reads what is
not theirs, it adds up, and what does not is named."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from axis.domain.directory import Unit
from axis.domain.errors import NotFound, PackageError
from axis.domain.period import Period
from axis.hub import report_files
from axis.hub.questions import KINDS
from axis.hub.reports import Reports
from axis.store.registers import Registers
from axis.store.reports import Reports as Counters
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World
from tests.store.ledger import Cell, Ledger, unguarded

JUNE = Period.month("2019-06")
CODES = (MINISTRY, ROADS, RAIL, PORTS)
NOW = datetime(2019, 7, 20, 2, tzinfo=UTC)


@dataclass
class Month:
    """Traffic from the middle of May to the middle of July, and the reports over it."""

    world: World
    ledger: Ledger
    reports: Reports
    numbers: dict[str, set[str]] = field(default_factory=dict)  # what each unit may know of

    def unit(self, code: str) -> Unit:
        return self.world.units[code]

    async def json(self, name: str, period: Period = JUNE, **more: Any) -> dict[str, Any]:
        question = await self.reports.ask(name, period, made_by="test", **more)
        report = await self.reports.make(question)
        async with aclosing(report_files.pieces(report, question, "json")) as pieces:
            found: dict[str, Any] = json.loads(b"".join([piece async for piece in pieces]))
        return found

    async def sheets(self, name: str, period: Period = JUNE, **more: Any) -> dict[str, Any]:
        return {sheet["name"]: sheet for sheet in (await self.json(name, period, **more))["sheets"]}


async def _traffic(ledger: Ledger, dice: random.Random) -> None:
    """Whatever the rules allow, with legal statements only."""
    for _ in range(220):
        at = datetime(2019, 5, 15, tzinfo=UTC) + timedelta(minutes=dice.randrange(62 * 24 * 60))
        source = dice.randrange(4)
        receivers = dice.sample([unit for unit in range(4) if unit != source], dice.randint(1, 3))
        kind = dice.choice(("document",) * 5 + ("status",))
        _, keys = await ledger.package(
            source, receivers, at=at, kind=kind,
            business=dice.choice((0,) * 8 + (1, 2, 3)) if kind == "document" else 0,
            priority=dice.choice((0, 0, 0, 1, 2, 3, 4)), verdict=dice.choice(("proven", "proven", "unproven")),
            paper=dice.choice(("0", "0", "1", "")), held=dice.random() < 0.1,
            finish_due_at=at + timedelta(days=3) if dice.random() < 0.4 else None,
            send_due_at=at + timedelta(hours=dice.randint(-5, 20)) if kind == "document" else None,
        )  # fmt: skip
        for key in keys:
            for _ in range(dice.randrange(9)):
                at += timedelta(hours=dice.randrange(12))
                options = ledger.legal(await ledger.row(key))
                if not options:
                    break
                await _move(ledger, key, *dice.choice(options), at)
            row = await ledger.row(key)
            if row["handling"] == "02" and dice.random() < 0.5:
                await ledger.delivery(row["package_id"], ledger.units.index(row["unit_id"]), at=at, round_=2)


async def _move(ledger: Ledger, key: UUID, which: str, target: str, at: datetime) -> None:
    match which:
        case "transport":
            await ledger.transport(key, target, at)
        case "handling":
            await ledger.handle(key, target, at, "sai nơi nhận")
        case "taking_back":
            await ledger.take_back(key, target, "không đồng ý")
        case _:
            await ledger.miss(key, int(target))


@pytest.fixture
async def empty(still: World) -> AsyncIterator[Month]:
    database = still.core.database
    ledger = Ledger(database)
    ledger.units = [still.units[code].id for code in CODES]
    reports = Reports(Counters(database), Registers(database, page=7), still.core.directory, now=lambda: NOW)
    yield Month(still, ledger, reports)


@pytest.fixture
async def month(empty: Month) -> Month:
    await _traffic(empty.ledger, random.Random(2019))
    rows = await empty.ledger.rows(
        "select p.code_number, p.source_unit, d.unit_id from package p join delivery d on d.package_id = p.id"
    )
    for code in CODES:
        mine = empty.unit(code).id
        empty.numbers[code] = {row["code_number"] for row in rows if mine in (row["source_unit"], row["unit_id"])}
    await Counters(empty.ledger.database).fold(batch=50, rounds=2)  # some folded, some not: no figure may differ
    return empty


def total(cells: dict[Cell, Counter[str]], keep: Callable[[Cell], bool]) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell, counts in cells.items():
        if keep(cell):
            found.update(counts)
    return found


def in_june(cell: Cell, types: Iterable[int] = (0, 3)) -> bool:
    return date(2019, 6, 1) <= cell[0] <= date(2019, 6, 30) and cell[3] in types


SAME = ("again", "delivered", "waiting", "refused", "recalled", "returned", "told", "told_late", "registered",
        "registered_late", "with_due_date", "finished", "finished_late", "recall_ordered", "asked_back", "given_back",
        "denied", "overdue_arrival", "overdue_register", "overdue_finish", "priority_1", "priority_2", "priority_3",
        "priority_4")  # fmt: skip
OTHERS = (("recalls", 1), ("updates", 2), ("statuses", -1))


def received(cells: dict[Cell, Counter[str]], keep: Callable[[Cell], bool]) -> dict[str, Any]:
    c = total(cells, lambda cell: keep(cell) and in_june(cell))
    return {
        **{name: c[name] for name in SAME}, "deliveries": c["n"], "signed": c["proven"],
        "unsigned": c["n"] - c["proven"], "paperless": c["paper_without"], "paperless_share": c["paper_without"] / c["n"] if c["n"] else None,
        "priority_0": c["n"] - sum(c[f"priority_{level}"] for level in (1, 2, 3, 4)), "failed_attempts": c["failures"],
        **{name: total(cells, lambda cell, t=type_: keep(cell) and in_june(cell, (t,)))["n"] for name, type_ in OTHERS},  # type: ignore[misc]  # the type is bound now
    }  # fmt: skip


def sent(cells: dict[Cell, Counter[str]], keep: Callable[[Cell], bool]) -> dict[str, Any]:
    c = total(cells, lambda cell: keep(cell) and in_june(cell))
    return {
        "packages": c["n"], "targets": c["units"], "signed": c["proven"], "unsigned": c["n"] - c["proven"],
        "paperless": c["paper_without"], "paperless_share": c["paper_without"] / c["n"] if c["n"] else None,
        "priority_0": c["n"] - sum(c[f"priority_{level}"] for level in (1, 2, 3, 4)), "sent_late": c["late"],
        **{f"priority_{level}": c[f"priority_{level}"] for level in (1, 2, 3, 4)},
        **{name: total(cells, lambda cell, t=type_: keep(cell) and in_june(cell, (t,)))["n"] for name, type_ in OTHERS},  # type: ignore[misc]
    }  # fmt: skip


def figures(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("unit", "name", "day")}


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
                   "given_back", "denied", "overdue_arrival", "failed_attempts", "refused", "waiting", "recalls",
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
    assert {row["reason"] for row in returned} == {"sai nơi nhận"} and any(row["sent_again"] for row in returned)
    late = await month.sheets("late")
    steps = ("told_late", "registered_late", "finished_late", "overdue_arrival", "overdue_register", "overdue_finish")
    told = Counter(word for row in late["late"]["rows"] for word in row["what"].split("; "))
    assert sum(told.values()) == sum(counted[step] for step in steps) - _without_due(await month.ledger.rows(
        "select * from delivery where kind = 'document'"))  # fmt: skip
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


def _without_due(rows: list[dict[str, Any]]) -> int:
    """Steps marked as missed that never had a deadline: the made-up traffic marks at random."""
    missing = 0
    for row in rows:
        over = row["state"] in ("recalled", "refused") or row["handling"] in ("02", "06") or row["taking_back"] in (
            "15", "recall")  # fmt: skip
        if not over and JUNE.starts <= row["created_at"] < JUNE.ends:
            missing += bool(row["missed"] & 1 and not row["told_at"] and not row["arrival_due_at"])
            missing += bool(row["missed"] & 2 and not row["registered_at"] and not row["register_due_at"])
            missing += bool(row["missed"] & 4 and not row["completed_at"] and not row["finish_due_at"])
    return missing


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


async def test_what_was_recalled_in_time_is_not_in_the_receivers_register(month: Month) -> None:
    gone = await month.ledger.rows(
        "select p.code_number, d.unit_id from delivery d join package p on p.id = d.package_id"
        " where d.state in ('recalled', 'queued', 'held') and d.arrived_at is null and d.fetched_at is null"
        " and d.kind = 'document' and d.round = 1"
        " and not exists (select from delivery o where o.package_id = p.id and o.unit_id = d.unit_id and o.round > 1)"
    )
    assert gone
    for code in CODES:
        text = json.dumps(await month.json("incoming-register", Period.year("2019"), unit=code))
        assert not [row for row in gone if row["unit_id"] == month.unit(code).id and f'{row["code_number"]}/TB' in text]


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
    async with unguarded(database_url, "delivery", "tally") as owner:
        await owner.execute("delete from notice; delete from attempt")
        await owner.execute("delete from delivery where id = $1", victim["id"])
    rows = (await month.sheets("reconciliation", deep=True))["findings"]["rows"]
    package = [row for row in rows if row["document_id"] == victim["document_id"]]
    assert [(row["counted"], row["found"], row["package"]) for row in package] == [
        (victim["units"], victim["units"] - 1, str(victim["package_id"]))
    ]
    cells = {row["measure"]: (row["counted"], row["found"]) for row in rows if not row["package"]}
    assert cells["n"][0] == cells["n"][1] + 1 and cells["delivered"][0] == cells["delivered"][1] + 1
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
    assert not [row for row in only["findings"]["rows"] if ROADS not in (row["sender"], row["receiver"])]


async def test_a_package_that_crossed_midnight_is_named_as_such(empty: Month) -> None:
    late = datetime(2019, 6, 30, 16, 59, 59, tzinfo=UTC)
    package, _ = await empty.ledger.package(0, [], at=late)
    await empty.ledger.delivery(package, 1, at=late + timedelta(seconds=2))
    found = await empty.sheets("reconciliation", deep=True)
    assert [row["package"] for row in found["findings"]["rows"] if row["measure"] == "day"] == [str(package)]


async def test_registers_have_the_columns_of_the_law_and_leave_empty_what_nobody_told(month: Month) -> None:
    for name, width in (("outgoing-register", 10), ("incoming-register", 10), ("follow-up-register", 7)):
        (sheet,) = (await month.json(name, unit=ROADS))["sheets"]
        assert len(sheet["columns"]) == width and len(sheet["rows"]) > 7
        empty = {"outgoing-register": ("file_copy",), "incoming-register": ("number", "passed_on"),
                 "follow-up-register": ("number",)}[name]  # fmt: skip
        assert all(row[key] is None for row in sheet["rows"] for key in empty)
    (sheet,) = (await month.json("outgoing-register", unit=ROADS))["sheets"]
    moments = [row["sent_at"] for row in sheet["rows"]]
    assert moments == sorted(moments) and all(moment.startswith("2019-06") for moment in moments)
    with pytest.raises(PackageError, match=r"report\.unit-needed"):
        await month.reports.ask("outgoing-register", JUNE, made_by="test")


async def test_a_register_tells_the_fate_the_reasons_and_the_answer(empty: Month) -> None:
    ledger, at = empty.ledger, datetime(2019, 6, 3, 1, 5, tzinfo=UTC)  # 08:05 in Vietnam
    package, (kept, back) = await ledger.package(
        0, [1, 2], at=at, finish_due_at=at + timedelta(days=1), send_due_at=at - timedelta(hours=1), verdict="unproven",
        copies=3, elsewhere=["000.00.00.H17"],
    )  # fmt: skip
    for key in (kept, back):
        await ledger.transport(key, "sending", at)
        await ledger.transport(key, "delivered", at)
    await ledger.handle(kept, "03", at + timedelta(minutes=10))
    await ledger.handle(back, "02", at + timedelta(minutes=20), "không đúng thẩm quyền")
    (row,) = await ledger.rows("select document_id, code_number from package where id = $1", package)
    reply, _ = await ledger.package(1, [0], at=at + timedelta(hours=3), about=row["document_id"])
    await ledger.package(1, [2], at=at + timedelta(hours=4), about=row["document_id"])  # to somebody else: no answer
    (answer,) = await ledger.rows("select code_number from package where id = $1", reply)
    recall, _ = await ledger.package(0, [1], at=at + timedelta(hours=5), business=1, about=row["document_id"])
    await ledger.run("insert into link values ($1, 'recall', $2, $3)", recall, row["document_id"], package)

    first, second = (await empty.sheets("outgoing-register", unit=MINISTRY))["outgoing-register"]["rows"]
    assert first["receipt"] == (
        f"{ROADS}: Đã tiếp nhận 08:15 03/06/2019; {RAIL}: Từ chối tiếp nhận (trả lại) 08:25 03/06/2019"
    )
    assert first["receivers"] == f"{ROADS} Đơn vị {ROADS}; {RAIL} Đơn vị {RAIL}; 000.00.00.H17"
    assert (first["copies"], first["sent_at"]) == (3, "2019-06-03T08:05:00+07:00")
    for words in ("Bị thu hồi 13:05 03/06/2019", f"{RAIL} trả lại: không đúng thẩm quyền",
                  "Gửi chậm, hạn 07:05 03/06/2019", "Gói tin không có chữ ký số được xác minh"):  # fmt: skip
        assert words in first["remarks"], first["remarks"]
    assert second["remarks"].startswith(f"Thu hồi văn bản {row['document_id']}")
    (line,) = (await empty.sheets("follow-up-register", unit=ROADS))["follow-up-register"]["rows"]
    assert line["reply"] == f"{answer['code_number']}/TB"
    assert line["progress"] == "Đã tiếp nhận 08:15 03/06/2019, quá hạn"
    english = (await empty.sheets("outgoing-register", unit=MINISTRY, language="en"))["outgoing-register"]
    assert english["rows"][0]["receipt"].startswith(f"{ROADS}: Accepted 08:15 03/06/2019")


async def test_a_report_says_what_it_is_and_whether_it_may_still_change(month: Month) -> None:
    async def undecided(period: Period) -> list[int]:
        return [year for year in period.years if year == 2020]

    reports = Reports(Counters(month.ledger.database), Registers(month.ledger.database), month.world.core.directory,
                      undecided, now=lambda: NOW)  # fmt: skip
    over = await reports.make(await reports.ask("summary", JUNE, unit=ROADS, counterpart=RAIL, made_by="ông A"))
    assert (over.provisional, over.made_by, over.made_at, over.marks) == (False, "ông A", NOW, (ROADS, RAIL, "2019-06"))
    assert dict(over.sheets[0].conditions)["Với đơn vị"].startswith(RAIL)
    assert over.sheets[0].period == (JUNE.first, JUNE.last)
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
