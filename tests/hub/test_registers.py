"""The registers: the law's columns, what they tell, what they leave empty, and what they must not tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from axis.domain.errors import PackageError
from axis.domain.period import Period
from tests.hub.month import CODES, JUNE, Month, empty, month
from tests.hub.world import MINISTRY, RAIL, ROADS

__all__ = ["empty", "month"]


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


async def test_registers_have_the_columns_of_the_law_and_leave_empty_what_nobody_told(month: Month) -> None:
    for name, width in (("outgoing-register", 10), ("incoming-register", 10), ("follow-up-register", 7)):
        (sheet,) = (await month.json(name, unit=ROADS))["sheets"]
        assert len(sheet["columns"]) == width and len(sheet["rows"]) >= 7
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


async def test_the_incoming_register_tells_nothing_of_what_has_not_come(empty: Month) -> None:
    ledger, at = empty.ledger, datetime(2019, 6, 3, 1, 5, tzinfo=UTC)
    package, (had,) = await ledger.package(0, [1], at=at)
    (row,) = await ledger.rows("select document_id from package where id = $1", package)
    update, (news,) = await ledger.package(0, [1], at=at + timedelta(hours=5), business=2, about=row["document_id"])
    await ledger.run("insert into link values ($1, 'update', $2, $3)", update, row["document_id"], package)
    await ledger.transport(had, "sending", at)
    await ledger.transport(had, "delivered", at)

    async def remarks() -> list[str]:
        sheets = await empty.sheets("incoming-register", unit=ROADS)
        return [line["remarks"] or "" for line in sheets["incoming-register"]["rows"]]

    (before,) = await remarks()
    assert "13:05" not in before and "cập nhật" not in before.lower()
    await ledger.transport(news, "sending", at + timedelta(hours=5))
    await ledger.transport(news, "delivered", at + timedelta(hours=5))
    after = (await remarks())[0]
    assert "cập nhật 13:05 03/06/2019" in after


FIRST = datetime(2019, 6, 3, 1, 5, tzinfo=UTC)


async def _came(empty: Month, key: UUID, at: datetime) -> None:
    await empty.ledger.transport(key, "sending", at)
    await empty.ledger.transport(key, "delivered", at)


async def _book(empty: Month, name: str, period: Period = JUNE, **more: Any) -> list[dict[str, Any]]:
    (sheet,) = (await empty.json(name, period, **more))["sheets"]
    return list(sheet["rows"])


@pytest.mark.parametrize("name", ["incoming-register", "follow-up-register"])
async def test_a_document_stands_in_the_book_of_the_day_it_arrived(empty: Month, name: str) -> None:
    ledger, july = empty.ledger, Period.month("2019-07")
    package, (key,) = await ledger.package(0, [1], at=datetime(2019, 6, 30, 10, tzinfo=UTC))
    assert await _book(empty, name, unit=ROADS) == await _book(empty, name, july, unit=ROADS) == []
    await _came(empty, key, datetime(2019, 7, 2, 3, tzinfo=UTC))
    assert await _book(empty, name, unit=ROADS) == []
    assert len(await _book(empty, name, july, unit=ROADS)) == 1
    assert len(await _book(empty, "outgoing-register", unit=MINISTRY)) == 1, "it was sent in June"
    assert package


async def test_books_of_what_came_are_in_the_order_of_arrival_page_after_page(empty: Month) -> None:
    """A page holds seven rows; some arrive at the very same moment."""
    ledger, keys = empty.ledger, []
    for number in range(20):
        _, made = await ledger.package(0, [1], at=FIRST + timedelta(hours=number))
        keys += made
    for number, key in enumerate(reversed(keys)):
        await _came(empty, key, FIRST + timedelta(days=3, hours=number // 3))
    rows = await _book(empty, "incoming-register", unit=ROADS)
    assert len({row["code"] for row in rows}) == 20
    assert [row["came_at"] for row in rows] == sorted(row["came_at"] for row in rows)
    codes = await ledger.rows(
        "select p.code_number from delivery d join package p on p.id = d.package_id order by d.came_at, d.id")
    assert [row["code"] for row in rows] == [f"{row['code_number']}/TB" for row in codes]


async def test_an_update_that_is_fetched_after_it_was_pushed_keeps_its_day(empty: Month) -> None:
    ledger, july = empty.ledger, Period.month("2019-07")
    _, (key,) = await ledger.package(0, [1], at=FIRST, business=2)
    await _came(empty, key, FIRST)
    await ledger.run("update delivery set fetched_at = $2 where id = $1", key, july.starts)
    (row,) = await _book(empty, "incoming-register", unit=ROADS)
    assert row["came_at"] == "2019-06-03T08:05:00+07:00"


async def _unseen(empty: Month) -> list[UUID]:
    """Documents to ROADS, long overdue, that its system never had: parked, held, recalled in time."""
    ledger, keys = empty.ledger, []
    for state in ("parked", "held", "recalled"):
        _, (key,) = await ledger.package(
            0, [1], at=FIRST, held=state == "held", finish_due_at=FIRST + timedelta(days=1)
        )
        if state != "held":
            await ledger.transport(key, state, FIRST)
        await ledger.miss(key, 4)
        keys.append(key)
    return keys


async def test_a_receiver_reads_nothing_of_what_its_system_never_had(empty: Month) -> None:
    await _unseen(empty)
    me = empty.unit(ROADS)
    for name in ("incoming-register", "follow-up-register", "late", "unaccepted", "returned"):
        for sheet in (await empty.json(name, Period.year("2019"), scope=me))["sheets"]:
            assert sheet["rows"] == [], name
    assert len((await empty.sheets("late", scope=empty.unit(MINISTRY)))["late"]["rows"]) == 2, "its sender is told"
    (parked, *_) = await empty.ledger.rows("select id from delivery where state = 'parked'")
    await empty.ledger.run("update delivery set fetched_at = $2 where id = $1", parked["id"], FIRST)
    assert len((await empty.sheets("late", scope=me))["late"]["rows"]) == 1, "what it fetched before, it knows"
    assert len(await _book(empty, "incoming-register", scope=me)) == 1


async def test_nothing_is_overdue_that_the_receivers_system_refused_or_that_came_back(empty: Month) -> None:
    ledger = empty.ledger
    ends = {"refused": ("refused",), "returned": ("delivered", "02"), "recalled": ("delivered", "recall"),
            "given back": ("delivered", "13", "15"), "open": ("delivered", "03")}  # fmt: skip
    for number, moves in enumerate(ends.values()):
        _, (key,) = await ledger.package(
            0, [1], at=FIRST + timedelta(hours=number), finish_due_at=FIRST + timedelta(days=1)
        )
        await ledger.transport(key, "sending", FIRST + timedelta(hours=number))
        await ledger.run("update delivery set fetched_at = $2 where id = $1", key, FIRST + timedelta(hours=number))
        for move in moves:
            if move in ("13", "15", "recall"):
                await ledger.take_back(key, move)
            elif move[0] == "0":
                await ledger.handle(key, move, FIRST, "sai")
            else:
                await ledger.transport(key, move, FIRST + timedelta(hours=number))
    told = [row["progress"] for row in await _book(empty, "follow-up-register", unit=ROADS)]
    assert ["quá hạn" in progress for progress in told] == [False, False, False, False, True], told


async def test_only_documents_are_followed_up_and_only_documents_answer(empty: Month) -> None:
    ledger = empty.ledger
    package, (key,) = await ledger.package(0, [1], at=FIRST)
    await _came(empty, key, FIRST)
    (row,) = await ledger.rows("select document_id from package where id = $1", package)
    for business in (1, 2):
        _, (news,) = await ledger.package(0, [1], at=FIRST + timedelta(hours=1), business=business)
        await _came(empty, news, FIRST + timedelta(hours=1))
        await ledger.package(1, [0], at=FIRST + timedelta(hours=2), business=business, about=row["document_id"])
    assert len(await _book(empty, "incoming-register", unit=ROADS)) == 3
    (line,) = await _book(empty, "follow-up-register", unit=ROADS)
    assert not line["reply"], "neither a recall nor an update is an answer"


async def test_a_counterpart_narrows_what_was_sent_and_what_was_sent_late(empty: Month) -> None:
    ledger = empty.ledger
    for receivers in ([1, 2], [2], [3]):
        await ledger.package(0, receivers, at=FIRST, send_due_at=FIRST - timedelta(hours=1))
    for name, sheet in (("outgoing-register", "outgoing-register"), ("late", "sent_late")):
        for code, count in ((ROADS, 1), (RAIL, 2), ("", 3)):
            found = await empty.sheets(name, unit=MINISTRY, counterpart=code)
            assert len(found[sheet]["rows"]) == count, (name, code)


async def test_a_returned_document_was_sent_again_as_another_round_or_as_another_package(empty: Month) -> None:
    ledger, packages = empty.ledger, []
    for number in range(3):
        package, (key,) = await ledger.package(0, [1], at=FIRST + timedelta(minutes=number))
        await _came(empty, key, FIRST)
        await ledger.handle(key, "02", FIRST, "sai")
        packages.append(package)
    await ledger.delivery(packages[1], 1, at=FIRST + timedelta(hours=1), round_=2)
    again, _ = await ledger.package(0, [1], at=FIRST + timedelta(hours=2))
    await ledger.run("insert into link values ($1, 'again', 'x', $2)", again, packages[2])
    rows = await _book(empty, "returned", unit=MINISTRY)
    assert [bool(row["sent_again"]) for row in rows] == [False, True, True]
