"""The page of a document, what may be taken away from it, and that it is nobody else's."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import os
import re
import zipfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from html import escape as html_escape
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
from aiohttp import ClientResponse

from axis.edxml.writer import FileToSend, document_bytes
from axis.hub.contracts import Acceptance
from axis.trust import receipts
from tests.console import html
from tests.console.office import PERSON, Browser, Office, office_of
from tests.hub.talks import recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, now, signed

T = TypeVar("T")
PDF = b"%PDF-1.4 " + bytes(range(256)) * 2000
NAMES = ["van-ban.pdf", "../../etc/passwd", 'a"b\r\nSet-Cookie: x=1.html', "Phụ lục số 1 – đường bộ.docx", "‮fdp.exe"]


@pytest.fixture
def office(still: World) -> Office:
    return office_of(still)


async def _sent(office: Office, **changes: object) -> tuple[str, Acceptance]:
    sent = await office.desk.sent(document(MINISTRY, [ROADS, RAIL], **changes))
    await office.desk.receive(sent, ROADS)
    return f"/console/document/{sent.package_id}", sent


async def _files(office: Office, *files: tuple[str, bytes]) -> str:
    """A document with attachments no decent program writes: names and contents are put in afterwards."""
    marks = [b"%PDF mark " + str(uuid4()).encode() for _ in files]
    given = [FileToSend(f"ten{n}.pdf", partial(io.BytesIO, mark), "x", f"f{n}") for n, mark in enumerate(marks)]
    data = document_bytes(document(MINISTRY, [ROADS]), given)
    for number, (mark, (name, content)) in enumerate(zip(marks, files, strict=True)):
        assert base64.b64encode(mark) in data
        data = data.replace(base64.b64encode(mark), base64.b64encode(content))
        data = data.replace(f"ten{number}.pdf".encode(), html_escape(name).replace("\r\n", "&#13;&#10;").encode())
    sent = await office.world.send(signed(data), by=MINISTRY)
    await office.desk.receive(sent, ROADS)
    return f"/console/document/{sent.package_id}"


async def test_sender_and_receiver_see_what_concerns_them(office: Office) -> None:
    path, sent = await _sent(office)
    (about,) = await office.world.rows("select document_id from package where id = $1", sent.package_id)
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads:
        text = await ministry.text(path)
        html.check(text)
        assert "Đơn vị 000.00.01.G04" in text and "Đơn vị 000.00.02.G04" in text and "Chờ gửi" in text
        assert about["document_id"] in text and "Nguyễn Văn A" in text and "chữ ký số hợp lệ" in text
        assert "Trục tiếp nhận gói tin" in text and "Thu hồi văn bản…" in text and "Yêu cầu lấy lại (13)" in text
        text = await roads.text(path)
        html.check(text)
        assert "Đơn vị 000.00.02.G04" not in text, "who else received it and how is the sender's to know"
        assert "Tiếp nhận (03)" in text and "Trả lại (02)" in text and "Thu hồi văn bản" not in text
        assert "Hệ thống bên nhận xác nhận đã nhận" in text and "Trục tiếp nhận gói tin" not in text


async def test_of_others_there_is_nothing(office: Office) -> None:
    path, sent = await _sent(office)
    delivery = (await office.desk.row(sent, ROADS))["id"]
    waiting = (await office.desk.row(sent, RAIL))["id"]
    (receipt,) = await office.world.rows("select event_id from receipt where event = 'package.accepted'")
    own = {
        "", "/original", "/attachment/0", f"/receipt/{receipt['event_id']}", "/recall", f"/act/accept/{delivery}",
        f"/accept/{delivery}", f"/ask-back/{delivery}", f"/accept/{waiting}", f"?receipt={receipt['event_id']}",
    }  # fmt: skip
    async with office.at(RAIL) as rail:  # it is addressed to them, and they have not fetched it
        for tail in own:
            there = await rail.see(path + tail)
            nowhere = await rail.see(f"/console/document/{uuid4()}{tail}")
            assert there.status == nowhere.status == 404
            assert await there.text() == await nowhere.text()
            assert {k: v for k, v in there.headers.items() if k != "Date"} == {
                k: v for k, v in nowhere.headers.items() if k != "Date"
            }
        before = await office.world.counts()
        posts = (f"/accept/{delivery}", f"/accept/{waiting}", f"/ask-back/{delivery}", f"/resend/{delivery}", "/recall")
        for tail in posts:
            fields = {"reason": "x", "seen": "delivered..", "unit": str(office.world.units[ROADS].id)}
            assert (await rail.send(path + tail, fields)).status == 404
        assert await office.world.counts() == before
    async with office.at(ROADS) as roads:  # theirs, but what only the sender may have is not
        assert (await roads.see(f"{path}/receipt/{receipt['event_id']}")).status == 404
        assert (await roads.see(f"{path}/recall")).status == 404
        assert (await roads.see(f"{path}/accept/{waiting}")).status == 404


async def test_the_original_is_what_came_byte_for_byte(office: Office) -> None:
    path, sent = await _sent(office)
    async with office.at(ROADS) as roads:
        answer = await roads.see(f"{path}/original")
        data = await answer.read()
        assert data == await office.desk.fetch(sent, ROADS) and answer.headers["Content-Length"] == str(len(data))
        _inert(answer.headers)
        who = {"X-Unit": ROADS, "X-Role": "clerk", "X-Language": "vi"}
        head = await roads.request("HEAD", f"{path}/original", headers=who)
        assert head.status == 200 and head.headers["Content-Length"] == str(len(data))


def _inert(headers: object) -> None:
    found: dict[str, str] = dict(headers)  # type: ignore[call-overload]
    assert found["Content-Type"] == "application/octet-stream" and found["X-Content-Type-Options"] == "nosniff"
    assert found["Content-Disposition"].startswith('attachment; filename="')
    assert "sandbox" in found["Content-Security-Policy"]
    assert "Set-Cookie" not in found and found["Content-Disposition"].isascii()
    assert found["Cache-Control"] == "no-store"


async def test_attachments_are_saved_whole_and_never_shown(office: Office) -> None:
    path = await _files(office, *((name, PDF + name.encode()) for name in NAMES))
    async with office.at(ROADS) as roads:
        text = await roads.text(path)
        html.check(text)
        assert text.count('/attachment/') == len(NAMES)
        for number, name in enumerate(NAMES):
            answer = await roads.see(f"{path}/attachment/{number}")
            assert answer.status == 200 and await answer.read() == PDF + name.encode()
            _inert(answer.headers)
            said = answer.headers["Content-Disposition"]
            assert "/" not in said and "%2F" not in said and "\r" not in said and "%E2%80%AE" not in said
        for number in (len(NAMES), 9999):
            assert (await roads.see(f"{path}/attachment/{number}")).status == 404
        assert "%C4%91%C6%B0%E1%BB%9Dng" in (await roads.see(f"{path}/attachment/3")).headers["Content-Disposition"]


async def test_slow_readers_keep_nobody_else_from_attachments(office: Office) -> None:
    path = await _files(office, ("to.pdf", b"%PDF " + bytes(12 << 20)), ("nho.pdf", PDF))
    before = _temporary_files()
    async with office.at(ROADS) as roads, asyncio.timeout(30):
        slow = [await roads.slow(f"{path}/attachment/0") for _ in range(4)]
        for busy in (f"{path}/attachment/1", f"{path}/original"):
            assert (await roads.see(busy)).status == 503, "four of one person are enough"
        roads.person = uuid4()
        assert await (await roads.see(f"{path}/attachment/1")).read() == PDF
        assert _temporary_files() == before + 4
        roads.person = PERSON.id
        for _, writer in slow[1:]:
            writer.transport.abort()
        slow += [await _patiently(roads.slow, f"{path}/original") for _ in range(3)]
        assert (await roads.see(f"{path}/attachment/1")).status == 503, "the original is a file like others"
        for _, writer in slow:
            writer.transport.abort()
        while _temporary_files() > before or (await roads.see(f"{path}/attachment/1")).status != 200:
            await asyncio.sleep(0.01)  # until the server has seen them go


async def _patiently(ask: Callable[[str], Awaitable[T]], path: str) -> T:
    """The answer, once the server has seen others go."""
    while True:
        with suppress(AssertionError):
            return await ask(path)
        await asyncio.sleep(0.01)


def _temporary_files() -> int:
    """Open files that have no name any more."""
    found = 0
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += os.readlink(one).endswith(" (deleted)")
    return found


def _zip(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


async def test_a_wrapper_is_unwrapped_and_a_bomb_is_refused(office: Office) -> None:
    path = await _files(
        office, ("goi.pdf", _zip("x.pdf", PDF)), ("bom.pdf", _zip("b.pdf", bytes(200 << 20))),
        ("hong.pdf", b"PK\x03\x04xyz"),
    )  # fmt: skip
    async with office.at(ROADS) as roads:
        assert await (await roads.see(f"{path}/attachment/0")).read() == PDF
        refused = await roads.see(f"{path}/attachment/1")
        assert refused.status == 422 and "attachment" in await refused.text()
        assert await (await roads.see(f"{path}/attachment/2")).read() == b"PK\x03\x04xyz"


async def test_a_damaged_package_is_not_given_out(office: Office) -> None:
    path, sent = await _sent(office)
    (row,) = await office.world.rows("select sha256 from package where id = $1", sent.package_id)
    file = office.world.core.payloads.path(row["sha256"])
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.chmod(0o600)
    file.write_bytes(data)
    async with office.at(ROADS) as roads:
        assert (await roads.see(f"{path}/attachment/0")).status == 503


async def test_receipts_are_checked_on_the_page_and_by_anybody(office: Office) -> None:
    path, sent = await _sent(office)
    rows = await office.world.rows("select * from receipt order by made_at")
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads:
        for row in rows:
            text = await ministry.text(f"{path}?receipt={row['event_id']}")
            html.check(text)
            assert "Biên nhận đúng." in text and "SHA-256" in text
            answer = await ministry.see(f"{path}/receipt/{row['event_id']}")
            _inert(answer.headers)
            held = receipts.verify(await answer.text(), office.world.anchors, at=now())
            assert held.claims.package == sent.package_id
        await office.world.execute("alter table receipt disable trigger user")
        await office.world.execute("update receipt set jws = jws || 'A'")
        text = await ministry.text(f"{path}?receipt={rows[0]['event_id']}")
        assert "Biên nhận không đúng." in text
        await ministry.text(f"{path}?receipt={uuid4()}", 404)
        await roads.text(f"{path}?receipt={rows[0]['event_id']}", 404)


async def test_however_many_receipts_there_are_the_newest_is_listed_and_each_can_be_had(office: Office) -> None:
    path, sent = await _sent(office)
    await office.world.execute(
        "insert into receipt (event_id, package_id, delivery_id, event, jws, made_at)"
        " select gen_random_uuid(), package_id, delivery_id, event, jws, made_at - interval '1 hour'"
        " from receipt, generate_series(1, 500) where package_id = $1 and event = 'delivery.delivered'",
        sent.package_id,
    )  # fmt: skip
    rows = await office.world.rows(
        "select event_id, event from receipt where package_id = $1 order by made_at, event_id", sent.package_id
    )
    async with office.at(MINISTRY) as ministry, office.at(RAIL) as rail:
        text = await ministry.text(path)
        html.check(text)
        listed = [row for row in rows if f"/receipt/{row['event_id']}" in text]
        assert listed == rows[-500:] and f"Còn {len(rows) - 500} biên nhận cũ hơn" in text
        for row in (rows[0], rows[-1]):
            assert (await ministry.see(f"{path}/receipt/{row['event_id']}")).status == 200
            assert "Biên nhận đúng." in await ministry.text(f"{path}?receipt={row['event_id']}")
            assert (await rail.see(f"{path}/receipt/{row['event_id']}")).status == 404
        other = await office.desk.sent(document(MINISTRY, [ROADS]))
        elsewhere = f"/console/document/{other.package_id}/receipt/{rows[0]['event_id']}"
        assert (await ministry.see(elsewhere)).status == 404, "a receipt belongs to its own document"


async def test_the_newest_related_documents_are_listed_and_the_page_says_so(office: Office) -> None:
    first = document(MINISTRY, [ROADS])
    one = await office.desk.sent(first)
    two = await office.desk.sent(replacement_of(first))
    path = f"/console/document/{two.package_id}"
    many = (
        "with p as (insert into package (id, identity, document_id, kind, business_type, sender, sender_name,"
        " source_unit, code_number, code_notation, subject, type_name, signer_name, priority, paper, about,"
        " status_code, sha256, size, encoding, verdict, details, front, received_at, units, parties)"
        " select ('ffffffff-ffff-7fff-bfff-' || lpad(g::text, 12, '0'))::uuid, 'u' || g, document_id || g, kind, 2,"
        " sender, sender_name, source_unit, 'u' || g, code_notation, subject, type_name, signer_name, priority, paper,"
        " about, status_code, sha256, size, encoding, verdict, details, front, received_at + g * interval '1 second',"
        " 1, parties from package, generate_series($2::int, $3::int) g where id = $1 returning id)"
        " insert into link (package_id, kind, document_id, about) select p.id, 'update', 'x', $1 from p"
    )
    async with office.at(MINISTRY) as ministry:
        await office.world.execute(many, two.package_id, 1, 200)
        text = await ministry.text(path)
        assert len(await _links(ministry, path)) == 201 and "chỉ gồm các văn bản liên quan mới nhất" not in text
        await office.world.execute(many, two.package_id, 201, 250)
        text = await ministry.text(path)
        html.check(text)
        links = await _links(ministry, path)
        assert len(links) == 201 and "chỉ gồm các văn bản liên quan mới nhất" in text
        assert f"/console/document/{one.package_id}" in links, "what it speaks of is not pushed out"
        assert {f"/console/document/ffffffff-ffff-7fff-bfff-{n:012}" for n in range(51, 251)} <= set(links)


async def test_checking_receipts_is_one_at_a_time_and_holds_up_no_download(office: Office) -> None:
    """The package is a pipe here: reading it lasts until it is closed."""
    path, sent = await _sent(office)
    other, _ = await _sent(office)
    (row,) = await office.world.rows("select sha256 from package where id = $1", sent.package_id)
    (receipt, *_) = await office.world.rows("select event_id from receipt where package_id = $1", sent.package_id)
    kept = office.world.core.payloads.path(row["sha256"])
    kept.unlink()
    os.mkfifo(kept)
    pipe = os.open(kept, os.O_RDWR)
    tasks: set[asyncio.Task[ClientResponse]] = set()
    async with office.at(MINISTRY) as ministry:
        try:
            async with asyncio.timeout(30):
                for full in (3, 3, 4):
                    ministry.person = uuid4()
                    asked = [asyncio.create_task(ministry.see(f"{path}?receipt={receipt['event_id']}")) for _ in "1234"]
                    tasks |= set(asked)
                    done = [await found for found in itertools.islice(asyncio.as_completed(asked), full)]
                    assert {answer.status for answer in done} == {503}
                assert sum(not task.done() for task in tasks) == 2, "two at a time in all, each of another person"
                assert (await ministry.see(f"{other}/original")).status == 200
        finally:
            os.close(pipe)  # nothing came out of it: not the package the receipt speaks of
            texts = [await answer.text() for answer in await asyncio.gather(*tasks)]
        assert sum("Biên nhận không đúng." in text for text in texts) == 2


async def _links(browser: Browser, path: str) -> list[str]:
    page = html.parse(await browser.text(path))
    return [str(url) for url in page.xpath("//h2[.='Văn bản liên quan']/following-sibling::ul[1]//a/@href")]


async def test_what_replaces_and_recalls_is_linked_both_ways_and_read_as_one_story(office: Office) -> None:
    first = document(MINISTRY, [ROADS])
    one = await office.desk.sent(first)
    await office.desk.receive(one, ROADS)
    second = replacement_of(first)
    two = await office.desk.sent(second)
    await office.desk.receive(two, ROADS)
    three = await office.desk.sent(recall_of(second, reason="Sai thẩm quyền <b>"))
    paths = [f"/console/document/{sent.package_id}" for sent in (one, two, three)]
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads:
        assert await _links(ministry, paths[0]) == [paths[1]]
        assert sorted(await _links(ministry, paths[1])) == sorted([paths[0], paths[2]])
        assert await _links(ministry, paths[2]) == [paths[1]]
        assert await _links(roads, paths[1]) == [paths[0]], "the recall is not fetched yet"
        whole = await ministry.text(f"{paths[0]}?story=whole")
        html.check(whole)
        for code in (first.code.full, second.code.full):
            assert f"{code}: " in whole
        assert "Sai thẩm quyền &lt;b&gt;" in whole
        part = await roads.text(f"{paths[0]}?story=whole")
        assert f"{second.code.full}: " in part and "Sai thẩm quyền" in part, "what was said about their delivery"
        assert "Thu hồi" in await ministry.text(paths[2])


async def test_an_earlier_document_one_never_had_stays_unseen(office: Office) -> None:
    first = document(MINISTRY, [ROADS], subject="chưa ai thấy")
    await office.desk.sent(first)
    await office.desk.sent(recall_of(first))
    two = await office.desk.sent(replacement_of(first))
    await office.desk.receive(two, ROADS)
    async with office.at(ROADS) as roads:
        text = await roads.text(f"/console/document/{two.package_id}")
        assert "chưa ai thấy" not in text and "đơn vị không được xem" in text


async def test_hostile_headers_and_reasons_are_words(office: Office) -> None:
    bad = "</h1><img src=x onerror=alert(1)>\u202e" + "x" * 300
    path, _ = await _sent(office, subject=bad, type_name=bad, place=bad)
    about = document(MINISTRY, [ROADS])
    other = await office.desk.sent(about)
    await office.desk.receive(other, ROADS)
    await office.desk.say(ROADS, about, "02", reason=bad)
    async with office.at(MINISTRY) as ministry:
        for page in (path, f"/console/document/{other.package_id}"):
            text = await ministry.text(page)
            html.check(text)
            assert "<img" not in text and "onerror" in text


async def test_updates_tell_what_they_are(office: Office) -> None:
    about = document(MINISTRY, [ROADS])
    await office.desk.receive(await office.desk.sent(about), ROADS)
    update = await office.desk.sent(update_of(about))
    await office.desk.receive(update, ROADS)
    async with office.at(ROADS) as roads:
        text = await roads.text(f"/console/document/{update.package_id}")
        html.check(text)
        assert "Đồng ý (15)" in text and "Từ chối (16)" in text and "Sửa lỗi thể thức" in text
        assert text.index("Đồng ý (15)") < text.index("Tiếp nhận (03)")


UNREACHABLE = (
    "Không kết nối được tới hệ thống của đơn vị nhận (Connect call failed ('127.0.0.1', 39095))."
    " Trục sẽ tự gửi lại; không cần thao tác gì. [delivery.unreachable]"
)


async def _stuck(office: Office, note: str = UNREACHABLE) -> str:
    sent = await office.desk.sent(document(MINISTRY, [PORTS]))
    package = sent.package_id
    await office.world.execute("update delivery set attempts = 3, note = $2 where package_id = $1", package, note)
    await office.world.execute(
        "insert into journal (id, event, package_id, delivery_id, unit_id, actor, data) select gen_random_uuid(),"
        " 'delivery.postponed', package_id, id, unit_id, 'axis', jsonb_build_object('text', $2::text)"
        " from delivery where package_id = $1", package, note,
    )  # fmt: skip
    return f"/console/document/{package}"


async def test_a_sender_is_told_in_plain_words_why_it_has_not_arrived(office: Office) -> None:
    path = await _stuck(office)
    async with office.at(MINISTRY) as ministry, office.at(MINISTRY, language="en") as english:
        text = await ministry.text(path)
        assert text.count("Không kết nối được tới hệ thống của đơn vị nhận.") == 2, "here and in the story"
        assert "lần tới lúc" in text
        for hidden in ("39095", "127.0.0.1", "Connect call", "delivery.unreachable"):
            assert hidden not in text
        assert "The receiving unit&#39;s system cannot be reached." in await english.text(path)


@pytest.mark.parametrize("note", ["lease of may-1:4711 ran out", "TypeError: 'NoneType'", "the attempt took too long"])
async def test_what_only_operators_can_read_is_not_told_to_clerks(office: Office, note: str) -> None:
    path = await _stuck(office, note)
    async with office.at(MINISTRY) as ministry:
        assert note[:9] not in await ministry.text(path)


async def test_a_sender_hears_that_a_receiver_is_paused_and_why(office: Office) -> None:
    path = await _stuck(office)
    unit = office.world.units[PORTS]
    await office.world.core.onboarding.change(unit.code, {"paused": True}, actor="test", reason="Bảo trì máy chủ")
    await office.world.refresh(PORTS)
    async with office.at(MINISTRY) as ministry, office.at(PORTS) as ports:
        text = await ministry.text(path)
        assert re.search(r"Tạm dừng từ \d\d/\d\d/\d{4} \d\d:\d\d – Bảo trì máy chủ", text)
        assert "lần tới lúc" not in text and "tự gửi lại" not in text
        for path in ("/console/in", "/console/out"):
            text = await ports.text(path)
            assert "– Bảo trì máy chủ. Trục giữ lại văn bản" in text, path
            assert "Trục giữ lại văn bản" not in await ministry.text(path)


async def test_a_sender_hears_that_a_receiver_fetches_by_itself(office: Office) -> None:
    sent = await office.desk.sent(document(MINISTRY, [RAIL]))
    async with office.at(MINISTRY) as ministry:
        assert "Chờ hệ thống của đơn vị lấy về" in await ministry.text(f"/console/document/{sent.package_id}")
