"""The registers: the law's columns, what they tell, what they leave empty, and what they must not tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

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
