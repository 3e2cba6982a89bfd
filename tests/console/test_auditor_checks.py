"""What an auditor proves: the figures add up, and a receipt is true. Nothing that is brought is kept."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import ClientResponse

from axis.domain.events import Event
from axis.domain.people import Role
from axis.domain.telling import tell
from axis.fronts.identity import csrf_of
from axis.trust import receipts
from axis.trust.receipts import ReceiptSigner
from tests.console import html
from tests.console.auditors import audited
from tests.console.visitors import Visitor
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document, now, signed
from tests.sheets import hostile

PATH = "/console/audit/receipts"


@dataclass
class Table:
    """An auditor with a receipt in hand and the package it speaks of."""

    world: World
    me: Visitor
    jws: str
    package: bytes

    async def send(self, jws: str = "", file: bytes | None = None, package: bytes | None = None) -> ClientResponse:
        fields = aiohttp.FormData()
        fields.add_field("csrf", csrf_of(self.me.token))
        fields.add_field("jws", jws)
        for name, given in (("file", file), ("package", package)):
            fields.add_field(name, io.BytesIO(given or b""), filename=f"{name}.bin" if given is not None else "")
        answer = await self.me.reader.post(
            PATH, data=fields, headers={"Cookie": f"axis={self.me.token}"}, allow_redirects=False
        )
        await answer.read()
        return answer

    async def told(self, *args: Any, status: int = 200, **given: Any) -> str:
        answer = await self.send(*args, **given)
        text = await answer.text()
        assert answer.status == status, text[:3000]
        return " ".join(html.check(text).text_content().split())


@pytest.fixture
async def table(still: World) -> AsyncIterator[Table]:
    about = document(MINISTRY, [ROADS], subject="Thử biên nhận")
    package = signed(about)
    sent = await Desk(still).world.send(package, MINISTRY)
    row = await still.row(
        "select jws from receipt where package_id = $1 and event = 'package.accepted'", sent.package_id
    )
    async with audited(still) as visits:
        yield Table(still, await visits.of(Role.AUDITOR), row["jws"], package)


# receipts


async def test_a_receipt_is_pasted_or_uploaded_and_judged(table: Table) -> None:
    for given in ({"jws": table.jws}, {"jws": f"  {table.jws}\r\n"}, {"file": table.jws.encode() + b"\n"}):
        told = await table.told(**given)
        for words in ("Biên nhận hợp lệ.", "CN=Ký biên nhận", "Trục đang lưu đúng biên nhận này.", "chứng minh:"):
            assert words in told, words
        assert "chưa đối chiếu." in told, "the package was not brought"
        assert "hêm --package" not in told, "words of a page, not of a command"
        assert "không phải chứng thư trục đang dùng" not in told


async def test_the_package_beside_it_is_compared(table: Table) -> None:
    told = await table.told(table.jws, package=table.package)
    assert "Biên nhận hợp lệ." in told and "chưa đối chiếu" not in told
    told = await table.told(table.jws, package=table.package + b" ")
    assert "Biên nhận không dùng làm bằng chứng được." in told and "receipt.other-package" in told


@pytest.mark.parametrize("spoilt", ["middle", "none", "text", "other-axis"])
async def test_a_false_receipt_is_told_why(table: Table, spoilt: str) -> None:
    head, payload, tail = table.jws.split(".")
    given = {
        "middle": f"{head}.{payload[:-4]}AAAA.{tail}", "none": f"{head}.{payload}.", "text": "xin chào",
        "other-axis": f"{head[:-8]}{'A' * 8}.{payload}.{tail}",
    }[spoilt]  # fmt: skip
    told = await table.told(given)
    assert "Biên nhận không dùng làm bằng chứng được." in told and re.search(r"receipt\.\w+|certificate\.\w+", told)


async def test_a_true_receipt_the_axis_does_not_keep_is_told(table: Table) -> None:
    claims = receipts.verify(table.jws, table.world.anchors, at=now()).claims
    signer = ReceiptSigner(table.world.core.identity)
    told = await table.told(signer.sign(replace(claims, id=uuid4())))
    assert "Biên nhận hợp lệ." in told and "Trục không lưu biên nhận nào mang số này." in told
    told = await table.told(signer.sign(replace(claims, size=claims.size + 1)))
    assert "Trục lưu một biên nhận khác cùng số." in told
    told = await table.told(signer.sign(replace(claims, axis="000.00.00.G99")))
    assert "của một trục khác (mã 000.00.00.G99)" in told


async def test_nothing_that_is_brought_is_kept(table: Table) -> None:
    before = await table.world.counts()
    await table.told(table.jws, package=table.package)
    assert await table.world.counts() == before and table.world.spooled() == []
    looks = await table.world.journal(Event.LOOKED)
    assert [look["data"]["look"] for look in looks] == ["receipt-check"]
    assert table.jws[:40] not in repr(looks)


async def test_opening_the_empty_form_is_told_as_that(table: Table) -> None:
    await table.me.page(PATH)
    (look,) = await table.world.journal(Event.LOOKED)
    assert look["data"]["look"] == "receipt-form"
    told = tell(Event.LOOKED, look["data"])
    assert "trang kiểm tra biên nhận" in told and "đưa vào" not in told


async def test_an_empty_form_is_shown_again(table: Table) -> None:
    assert "Dán biên nhận vào đây, hoặc chọn tệp .jws." in await table.told("", status=422)


async def test_without_the_token_of_the_form_nothing_is_judged(table: Table) -> None:
    answer = await table.me.reader.post(
        PATH, data={"jws": table.jws, "csrf": "x"}, headers={"Cookie": f"axis={table.me.token}"}, allow_redirects=False
    )
    assert answer.status == 403 and "Biên nhận hợp lệ" not in await answer.text()
    assert await table.world.journal(Event.LOOKED) == []


async def test_a_package_may_be_larger_than_other_forms_and_not_without_end(table: Table) -> None:
    told = await table.told(table.jws, package=b"x" * (3 << 20))
    assert "receipt.other-package" in told
    assert (await table.send(table.jws, package=b"x" * (17 << 20))).status == 413


@pytest.mark.parametrize("text", [*hostile.MARKUP[:12], "a.b.c", "." * 100, "x" * 300_000])
async def test_hostile_texts_are_inert(table: Table, text: str) -> None:
    answer = await table.send(text)
    page = html.check(await answer.text())
    assert answer.status in (200, 422) and not page.xpath("//main//script|//main//img|//main//iframe")


# reconciliation


async def test_figures_that_add_up_are_told_so_and_counted_anew(table: Table) -> None:
    page = await table.me.page("/console/audit/reconciliation")
    told = " ".join(page.text_content().split())
    assert "Chênh lệch bằng 0 ở mọi đơn vị." in told and "Kỳ chưa kết thúc" in told and MINISTRY in told
    told = " ".join((await table.me.page("/console/audit/reconciliation?deep=1")).text_content().split())
    assert "Đã đếm lại từng dòng: không có chỗ nào sai." in told
    for query in ("week=2026-W48", "quarter=2026Q1", "year=2025", "month=2019-06", f"unit={ROADS}"):
        await table.me.page(f"/console/audit/reconciliation?{query}")


async def test_documents_and_what_is_counted_besides_make_the_whole(table: Table) -> None:
    desk = Desk(table.world)
    about = document(MINISTRY, [ROADS, RAIL])
    await desk.receive(await desk.sent(about), ROADS)
    await desk.say(ROADS, about, "03")
    told = " ".join((await table.me.page("/console/audit/reconciliation")).text_content().split())
    assert "Gói đã gửi: 2 văn bản + 1 gói trạng thái + 0 gói thu hồi, cập nhật = 3." in told
    assert "Số lượt nhận: 3 văn bản + 1 gói trạng thái + 0 gói thu hồi, cập nhật = 4." in told
    told = " ".join((await table.me.page(f"/console/audit/reconciliation?unit={ROADS}")).text_content().split())
    assert "Gói đã gửi: 0 văn bản + 1 gói trạng thái" in told


async def test_a_difference_is_never_hidden_and_is_explained(table: Table) -> None:
    await table.world.execute("update sent_tally set units = units + 2")
    await table.world.execute("insert into sent_tally select * from sent_tally_change on conflict do nothing")
    await table.world.execute("delete from sent_tally_change")
    await table.world.execute("update sent_tally set units = units + 2")
    told = " ".join((await table.me.page("/console/audit/reconciliation")).text_content().split())
    assert f"Chênh lệch khác 0 ở: {MINISTRY}." in told and "Đếm lại từng dòng để tìm chỗ sai" in told
    told = " ".join((await table.me.page("/console/audit/reconciliation?deep=1")).text_content().split())
    assert "Số đếm gói gửi" in told and "units" in told
    told = " ".join((await table.me.page("/console/audit")).text_content().split())
    assert "1 đơn vị lệch" in told


async def test_a_long_period_is_counted_anew_in_a_file_only(table: Table) -> None:
    told = " ".join((await table.me.page("/console/audit/reconciliation?deep=1&year=2026")).text_content().split())
    assert "Trên trang chỉ đếm lại được tối đa 31 ngày." in told
    answer = await table.me.see("/console/audit/reconciliation/export?deep=1&quarter=2026Q4&format=html")
    assert answer.status == 200 and "Sai lệch tìm thấy" in await answer.text()


@pytest.mark.parametrize("query", ["month=2026-13", "week=x", "unit=nobody", "month=2026-01&year=2026"])
async def test_a_period_or_unit_that_is_none_is_refused(table: Table, query: str) -> None:
    assert (await table.me.see(f"/console/audit/reconciliation?{query}")).status in (400, 422)
