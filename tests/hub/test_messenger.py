"""Alerts on their way: a real mail server and a real receiver of calls, well-behaved and otherwise."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from axis.config import MailSection
from axis.domain.directory import is_email
from axis.domain.errors import SetupError
from axis.hub.alerting.channels import MailSettings
from axis.hub.alerting.letters import MOST_BYTES, line
from axis.hub.alerting.watch import MOST_IN_CALL
from axis.store.alerts import Alerts
from axis.webhooks import new_secret, verify_webhook
from tests.adapters.authority import Authority
from tests.adapters.peer import Peer, Request, answer
from tests.hub.alerting import (
    CHIEF,
    CLERK,
    MONDAY_EVENING,
    OPERATOR,
    SECRET,
    SENDER,
    TUESDAY_EVENING,
    Postbox,
    hour,
    messages,
    messenger,
    owing,
    told,
    watch,
)
from tests.hub.conftest import Opened
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document, until

LATER = hour(4, "10:00")  # two working hours after Monday's evening


@pytest.fixture
async def office(still: World) -> World:
    await still.change(ROADS, contacts=(CLERK,), name="Tổng cục Đường bộ Việt Nam", parent=MINISTRY)
    return still


@pytest.fixture
async def system(office: World) -> str:
    """A unit with a system that hears of deadlines; nothing listens there yet."""
    await office.add("000.00.09.G04", secrets={"webhook": SECRET}, alert_url="http://127.0.0.1:9/")
    return "000.00.09.G04"


async def missed(world: World, **more: Any) -> dict[str, Any]:
    """One more message on its way: of deadlines that were just found missed."""
    await owing(world, **more)
    await watch(world, MONDAY_EVENING).sweep()
    return (await messages(world))[-1]


async def due_now(world: World) -> None:
    await world.execute("update alert_message set next_at = now() where sent_at is null")


def text_of(message: Any) -> str:
    found: str = message.get_content().replace("\r\n", "\n")
    return found


# -- mail


async def test_a_mail_says_what_is_owed_in_two_languages_urgent_first(office: World) -> None:
    await owing(office, 2, document_id="000.00.00.G04,2019/06/03,12/TB", subject="Về việc kiểm tra cầu")
    row = await missed(office, priority=3)
    async with Postbox().open() as box, messenger(office, box.settings(), now=LATER) as one:
        assert await one.send() == 1 and await one.send() == 0
    (mail,) = box.letters
    assert mail["Subject"] == "[Trục liên thông] 3 văn bản quá hạn tiếp nhận, 1 hoả tốc – Tổng cục Đường bộ Việt Nam"
    assert mail["To"] == CLERK and mail["From"] == f"Trục liên thông Bộ GTVT <{SENDER}>"
    assert mail["Message-ID"] == f"<{row['id']}@giao-thong.vn>" and mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(mail["Date"]) == LATER and mail["Date"].endswith("+0700")
    assert mail.get_content_type() == "text/plain" and not mail.is_multipart()
    text = text_of(mail)
    vietnamese, _, english = text.partition("-" * 60)
    assert vietnamese.index("1. [HOẢ TỐC] Quá hạn tiếp nhận") < vietnamese.index("\n2. Quá hạn tiếp nhận")
    assert "Số, ký hiệu: 1/TB" in vietnamese and "Mã văn bản: 000.00.00.G04,2019/06/03,12/TB" in vietnamese
    assert "Trích yếu: Về việc kiểm tra cầu" in vietnamese and "Từ: Bộ GTVT (000.00.00.G04)" in vietnamese
    assert "Hạn: 03/06/2019 17:00 – quá hạn 2 giờ làm việc" in vietnamese
    assert "due 03/06/2019 17:00, 2 working hours overdue" in english and "1. [EXPRESS] 1/TB" in english
    (sent,) = await messages(office)
    assert sent["sent_at"] and sent["attempts"] == 1 and sent["note"].startswith("250 ")


async def test_a_reminder_is_called_one_and_both_levels_are_one_entry(office: World) -> None:
    await owing(office, due=hour(3, "10:00"))
    await watch(office, TUESDAY_EVENING).sweep()
    async with Postbox().open() as box, messenger(office, box.settings(), now=TUESDAY_EVENING) as one:
        await one.send()
    (mail,) = box.letters
    assert mail["Subject"].startswith("[Trục liên thông] Nhắc lại: 1 văn bản quá hạn tiếp nhận – ")
    assert "1. Quá hạn tiếp nhận – nhắc lại, vẫn chưa xong" in text_of(mail) and "\n2. " not in text_of(mail)


async def test_a_package_sent_too_late_is_as_late_as_it_was(office: World) -> None:
    await office.change(MINISTRY, email=CHIEF)
    await missed(office, missed=0, received=hour(3, "15:00"), send_due=hour(3, "12:00"), look=MONDAY_EVENING)
    async with Postbox().open() as box, messenger(office, box.settings(), now=hour(20, "10:00")) as one:
        await one.send()
    (mail,) = [letter for letter in box.letters if letter["To"] == CHIEF]
    assert "1 văn bản gửi muộn – " in mail["Subject"]
    assert "12:00 – đã gửi lúc 03/06/2019 15:00, trễ 2 giờ làm việc" in text_of(mail)


async def test_a_letter_tells_how_things_stand_when_it_is_written(office: World) -> None:
    done, back, still, gone, moved = await owing(office, 5)
    await watch(office, TUESDAY_EVENING).sweep()
    moves = (
        ("handling = '03', told_at = $2, registered_at = $2", done, hour(4, "09:30")),
        ("handling = '02', told_at = $2, registered_at = $2", back, hour(3, "18:00")),
        ("taking_back = 'recall'", gone, None),
        ("register_due_at = $2", moved, hour(28, "17:00")),
    )
    for move, key, moment in moves:
        rest = "where id = $1 and ($2::timestamptz is null or true)"
        await office.execute(f"update delivery set {move} {rest}", key, moment)
    async with Postbox().open() as box, messenger(office, box.settings(), now=hour(5, "10:00")) as one:
        await one.send()
    (letter,) = box.letters
    vietnamese, _, english = text_of(letter).partition("-" * 60)
    parts = [part for part in vietnamese.split("\n\n") if "ký hiệu" in part]
    entries = {part.partition("ký hiệu: ")[2].partition("\n")[0]: part for part in parts}
    found = [entries[f"{number}/TB"] for number in range(1, 6)]
    assert "đã tiếp nhận lúc 04/06/2019 09:30, trễ 1 giờ làm việc (tạm tính)" in found[0]
    assert "đã trả lại lúc 03/06/2019 18:00, trễ 1 phút" in found[1]
    assert "quá hạn 1 ngày làm việc" in found[2] and "đã thu hồi hoặc lấy lại" in found[3]
    assert "hạn đã dời tới 28/06/2019 17:00" in found[4]
    assert [("vẫn chưa xong" in one) for one in found] == [False, False, True, False, False]
    assert "5 việc quá hạn" in vietnamese and "4 việc nay không còn phải làm" in vietnamese
    assert "registered at 04/06/2019 09:30, 1 working hour late (provisional)" in english
    assert "Nhắc lại" in letter["Subject"] and still


async def test_a_reminder_of_what_is_settled_reminds_of_nothing(office: World) -> None:
    await owing(office)
    await watch(office, TUESDAY_EVENING).sweep()
    await office.execute("update delivery set handling = '06', told_at = $1, registered_at = $1, completed_at = $1",
                         hour(5, "08:00"))  # fmt: skip
    async with Postbox().open() as box, messenger(office, box.settings(), now=hour(5, "10:00")) as one:
        await one.send()
    (letter,) = box.letters
    assert "Nhắc lại" not in letter["Subject"] and "vẫn chưa xong" not in text_of(letter)


async def test_what_a_decided_year_says_is_not_called_provisional(office: World) -> None:
    await office.core.almanac.import_year(2019, "TB 1234/2018", [], actor="test")
    await office.core.directory.current(0)
    await missed(office)
    async with Postbox().open() as box, messenger(office, box.settings(), now=LATER) as one:
        await one.send()
    assert "tạm tính" not in text_of(box.letters[0]) and "quá hạn 2 giờ làm việc" in text_of(box.letters[0])


async def test_subjects_stay_at_home_when_that_is_the_setting(office: World) -> None:
    await missed(office, subject="Chuyện riêng")
    async with Postbox().open() as box, messenger(office, box.settings(), with_subject=False) as one:
        await one.send()
    assert "Chuyện riêng" not in text_of(box.letters[0]) and "Trích yếu" not in text_of(box.letters[0])


@pytest.mark.parametrize(
    "subject",
    [
        "x\r\nBcc: ke-gian@x.vn\r\n\r\nthân giả", "x\n1. [HOẢ TỐC] Việc giả\n",
        "\u202egnoux iac\u202c \u2066x\u2069\u200f",
        "\x1b[31mđỏ\x07\x9b", "=?utf-8?q?Subject:_gi=E1=BA=A3?=", "đ" * 5_000_000,
    ],
    ids=["header", "entry", "bidi", "terminal", "encoded", "ten megabytes"],
)  # fmt: skip
async def test_hostile_texts_stay_inside_their_line(office: World, subject: str) -> None:
    await office.change(ROADS, name=f"Cục {subject[:80]}")
    await missed(office, subject=subject, sender_name=subject[:500], document_id=subject[:1000])
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        assert await one.send() == 1
    (mail,) = box.letters
    assert sorted(mail.keys()) == ["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From",
                                   "MIME-Version", "Message-ID", "Subject", "To"]  # fmt: skip
    text = text_of(mail)
    assert all(c.isprintable() for c in text.replace("\n", "")) and all(c.isprintable() for c in mail["Subject"])
    assert len([part for part in text.splitlines() if part.startswith("1. ")]) == 2, "one entry in each language"
    assert len(box.raw[0]) < 20_000 and max(map(len, box.raw[0].splitlines())) <= 998
    assert mail["Subject"].startswith("[Trục liên thông] 1 văn bản quá hạn tiếp nhận")


def test_a_line_is_cut_where_it_gets_long() -> None:
    assert line("a  b\r\n\tc") == "a b c" and line("x" * 400, 10) == "x" * 10 + "…" and line("\u200b") == ""


async def test_a_headline_arrives_letter_for_letter_wherever_it_is_folded(office: World) -> None:
    words = "Cục Quản lý xây dựng và Chất lượng công trình giao thông khu vực miền Trung – Tây Nguyên số"
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        for length in range(1, len(words)):
            await one.test(replace(office.units[ROADS], name=words[:length]))
    found = [str(letter["Subject"]) for letter in box.letters]
    assert found == [f"[Trục liên thông] Thư thử – {words[:n].strip()}" for n in range(1, len(words))]


TEMPORARY: list[tuple[str, Callable[[Postbox], None], str]] = [
    ("busy", lambda box: setattr(box, "answer", lambda m: "451 4.3.0 busy"), "451"),
    ("refused", lambda box: setattr(box, "answer", lambda m: "554 5.7.1 not taken"), "554"),
    ("nobody there", lambda box: setattr(box, "to", lambda a: "550 5.1.1 no such user"), "550"),
]


@pytest.mark.parametrize(("spoil", "code"), [t[1:] for t in TEMPORARY], ids=[t[0] for t in TEMPORARY])
async def test_whatever_a_server_refuses_is_tried_again(
    office: World, spoil: Callable[[Postbox], None], code: str
) -> None:
    row = await missed(office)
    box = Postbox()
    spoil(box)
    async with box.open(), messenger(office, box.settings()) as one:
        assert await one.send() == 0 and await one.send() == 0
        (waiting,) = await messages(office)
        assert waiting["attempts"] == 1 and not waiting["sent_at"] and code in waiting["note"]
        assert 50 < (waiting["next_at"] - datetime.now(UTC)).total_seconds() < 70
        await office.execute("update alert_message set attempts = 40")
        await due_now(office)
        await one.send()
        (waiting,) = await messages(office)
        assert 0.85 < (waiting["next_at"] - datetime.now(UTC)) / timedelta(days=1) < 1.15, "for ever, daily"
        box.answer, box.to = Postbox().answer, Postbox().to
        await due_now(office)
        assert await one.send() == 1
    assert box.letters[-1]["Message-ID"] == f"<{row['id']}@giao-thong.vn>"


async def test_a_server_that_hangs_up_or_says_nothing_is_left_for_later(office: World) -> None:
    await missed(office)

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 postbox\r\n")
        await reader.readline()
        writer.close()

    silent = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    for manners, patience, code in ((hang_up, 5.0, "alert.unreachable"), (say_nothing, 0.2, "alert.silent")):
        server = await asyncio.start_server(manners, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        mail = MailSettings(host="127.0.0.1", port=port, security="none", sender=SENDER, timeout=patience)
        async with messenger(office, mail) as one:
            await due_now(office)
            assert await one.send() == 0
        (waiting,) = await messages(office)
        assert code in waiting["note"] and not waiting["sent_at"]
        if manners is say_nothing:
            silent.set()
        server.close()
        await server.wait_closed()
    async with messenger(office, MailSettings(host="127.0.0.1", port=port, security="none", sender=SENDER)) as one:
        await due_now(office)
        assert await one.send() == 0
    assert "alert.unreachable" in (await messages(office))[0]["note"], "nobody listens there now"


async def test_an_answer_that_never_comes_means_the_same_message_again(office: World) -> None:
    row = await missed(office)
    never = asyncio.Event()

    async def swallow(message: Any) -> str:
        await never.wait()
        return "250 OK"

    async with Postbox(answer=swallow).open() as box:
        async with messenger(office, box.settings(timeout=0.3)) as one:
            assert await one.send() == 0
        never.set()
        box.answer = Postbox().answer
        await due_now(office)
        async with messenger(office, box.settings()) as one:
            assert await one.send() == 1
    assert [letter["Message-ID"] for letter in box.letters] == [f"<{row['id']}@giao-thong.vn>"] * 2


# -- claims


async def test_a_claim_whose_holder_died_comes_back_under_the_same_message_id(office: World) -> None:
    row = await missed(office)
    lost = await Alerts(office.core.database).claim(60, ["email"])
    assert lost and lost.id == row["id"]
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        assert await one.send() == 0, "leased"
        await due_now(office)  # the lease ran out
        assert await one.send() == 1
    assert box.letters[0]["Message-ID"] == f"<{row['id']}@giao-thong.vn>"
    assert (await messages(office))[0]["attempts"] == 2


async def test_who_was_overtaken_settles_nothing(office: World) -> None:
    await missed(office)
    alerts = Alerts(office.core.database)
    slow = await alerts.claim(60, ["email"])
    await due_now(office)
    quick = await alerts.claim(60, ["email"])
    assert slow and quick and (slow.attempt, quick.attempt) == (1, 2)
    before = (await messages(office))[0]
    assert not await alerts.settle_later(slow, 9e6, "muộn") and not await alerts.settle_sent(slow, "muộn")
    assert await alerts.readdress(slow, {"dung@duong-bo.vn": 1}) is None and len(await messages(office)) == 1
    assert (await messages(office))[0] == before
    assert await alerts.settle_sent(quick, "250") and not await alerts.settle_later(quick, 1, "sau")
    assert await alerts.readdress(quick, {}) is None, "what was sent stays"
    assert [(m["note"], bool(m["sent_at"])) for m in await messages(office)] == [("250", True)]


async def test_two_processes_send_each_message_once_and_the_urgent_first(office: World) -> None:
    for _ in range(10):
        await missed(office)
    urgent = await missed(office, priority=4)
    async with (
        Postbox().open() as box,
        messenger(office, box.settings(), at_once=1) as first,
        messenger(office, box.settings(), at_once=1) as second,
    ):
        assert sum(await asyncio.gather(first.send(), second.send())) == 11
    found = [letter["Message-ID"] for letter in box.letters]
    assert len(set(found)) == 11 and f"<{urgent['id']}@giao-thong.vn>" in found[:2]


async def test_a_silent_system_holds_up_no_mail(office: World) -> None:
    gate = asyncio.Event()

    async def hold(request: Request) -> None:
        await gate.wait()
        await answer(request, 204)

    async with Peer(hold) as peer, Postbox().open() as box:
        await office.add("000.00.09.G04", secrets={"webhook": SECRET}, alert_url=peer.url)
        await missed(office, by="000.00.09.G04", priority=4)
        await missed(office)
        async with messenger(office, box.settings()) as one:
            sending = asyncio.create_task(one.send())
            await peer.seen(1)
            while not box.letters:
                await asyncio.sleep(0)
            assert not sending.done()
            gate.set()
            assert await sending == 2


async def test_a_silent_system_is_knocked_at_by_one_while_mail_goes_out(office: World, system: str) -> None:
    gate, at_once, most = asyncio.Event(), 0, 0

    async def hold(request: Request) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await gate.wait()

    async with Peer(hold) as peer, Postbox().open() as box, messenger(office, box.settings(), seconds=2.0) as one:
        await office.change(system, alert_url=peer.url)
        await owing(office, MOST_IN_CALL * 6, by=system, priority=4)
        await watch(office, MONDAY_EVENING).sweep()
        sending = asyncio.create_task(one.send())
        await peer.seen(1)
        await missed(office)  # while the system is silent
        while not box.letters:
            await asyncio.sleep(0)
        assert not sending.done()
        assert await sending == 1
        gate.set()
    calls, now = [m for m in await messages(office) if m["channel"] == "webhook"], datetime.now(UTC)
    assert len(peer.requests) == most == 1, "one knock, and the others wait with it"
    assert sorted(m["attempts"] for m in calls) == [0, 0, 0, 0, 0, 1]
    assert all("alert.silent" in m["note"] and m["next_at"] > now for m in calls)


async def test_a_system_that_answers_is_called_one_call_after_the_other(office: World, system: str) -> None:
    at_once = most = 0

    async def slow(request: Request) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        await answer(request, 204)
        at_once -= 1

    async with Peer(slow) as peer, messenger(office) as one:
        await office.change(system, alert_url=peer.url)
        await owing(office, MOST_IN_CALL * 6, by=system)
        await watch(office, MONDAY_EVENING).sweep()
        assert await one.send() == 6
    assert most == 1 and len({r.headers["webhook-id"] for r in peer.requests}) == 6


async def test_one_refusal_by_a_system_holds_up_no_other_call(office: World, system: str) -> None:
    answers = iter([500, 204, 204])
    async with Peer(lambda request: answer(request, next(answers))) as peer, messenger(office) as one:
        await office.change(system, alert_url=peer.url)
        await owing(office, MOST_IN_CALL * 3, by=system)
        await watch(office, MONDAY_EVENING).sweep()
        assert await one.send() == 2, "that was about one call, not about the system"


async def test_a_mail_server_that_is_gone_is_tried_once(office: World, system: str) -> None:
    box = Postbox()
    async with box.open():
        mail = box.settings()
    await office.change(ROADS, contacts=tuple(f"van-thu-{n}@duong-bo.vn" for n in range(9)))
    await missed(office)
    async with Peer(lambda request: answer(request, 204)) as peer:
        await office.change(system, alert_url=peer.url)
        await missed(office, by=system)
        async with messenger(office, mail, at_once=1) as one:
            assert await one.send() == 1, "the call"
    letters = [m for m in await messages(office) if m["channel"] == "email"]
    assert sorted(m["attempts"] for m in letters) == [0] * 8 + [1]
    assert all("alert.unreachable" in m["note"] for m in letters)
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        await due_now(office)
        assert await one.send() == 9


async def test_a_letter_that_is_never_taken_silences_the_others_for_a_while_only(office: World) -> None:
    await office.change(ROADS, contacts=(CLERK, CHIEF))
    await missed(office)
    await office.execute("update alert_message set attempts = 9 where address = $1", CLERK)
    mail = MailSettings(host="127.0.0.1", port=9, security="none", sender=SENDER)
    async with messenger(office, mail, at_once=1) as one:
        await office.execute("update alert_message set next_at = now() - interval '1 hour' where address = $1", CLERK)
        await one.send()
    waits = {m["address"]: m["next_at"] - datetime.now(UTC) for m in await messages(office)}
    assert waits[CLERK] > timedelta(hours=12) and waits[CHIEF] < timedelta(minutes=16)


async def test_an_address_that_was_corrected_is_not_tried_for_ever(office: World) -> None:
    await missed(office)
    await office.change(ROADS, contacts=("dung@duong-bo.vn",))
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        assert await one.send() == 1 and await one.send() == 0
        (message,) = await messages(office)
        assert (message["address"], message["alerts"]) == ("dung@duong-bo.vn", [(await told(office))[0]["id"]])
    assert [letter["To"] for letter in box.letters] == ["dung@duong-bo.vn"]


async def test_what_a_corrected_address_should_have_heard_is_heard_once(office: World) -> None:
    await office.change(MINISTRY, contacts=(CHIEF,))
    await office.change(ROADS, contacts=("mot@duong-boo.vn", "hai@duong-boo.vn", CLERK))
    await owing(office)
    await watch(office, TUESDAY_EVENING, escalate_to=(OPERATOR,)).sweep()
    assert len(await messages(office)) == 5
    await office.change(ROADS, contacts=("mot@duong-bo.vn", CLERK))
    await office.change(MINISTRY, contacts=("moi@bo.vn",))
    # Another alert at another time, of which the new address hears anyhow.
    await owing(office)
    await watch(office, TUESDAY_EVENING, escalate_to=(OPERATOR,)).sweep()
    async with Postbox().open() as box, messenger(office, box.settings(), escalate_to=(OPERATOR,)) as one:
        await one.send()
    heard = Counter(str(letter["To"]) for letter in box.letters)
    assert heard == {"mot@duong-bo.vn": 2, CLERK: 2, "moi@bo.vn": 2, OPERATOR: 2}
    by = {m["address"]: m["alerts"] for m in await messages(office)}
    first = [a["id"] for a in await told(office)]
    assert {len(alerts) for address, alerts in by.items() if address == "moi@bo.vn"} == {1}, "of the second level only"
    assert all(set(alerts) <= set(first) for alerts in by.values())


async def test_what_nobody_listens_to_any_more_ends(office: World) -> None:
    await missed(office)
    await office.change(ROADS, contacts=(), email="")
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        assert await one.send() == 0 and not box.letters
    assert await messages(office) == [] and len(await told(office)) == 1


async def test_parents_and_operators_hear_of_what_stays_missed(office: World) -> None:
    await office.change(MINISTRY, contacts=(CHIEF,))
    await owing(office)
    await watch(office, MONDAY_EVENING).sweep()
    await watch(office, TUESDAY_EVENING, escalate_to=(OPERATOR,)).sweep()
    async with Postbox().open() as box, messenger(office, box.settings(), escalate_to=(OPERATOR,)) as one:
        assert await one.send() == 4
    assert sorted(str(letter["To"]) for letter in box.letters) == sorted([CLERK, CLERK, CHIEF, OPERATOR])
    assert all("Đơn vị: Tổng cục Đường bộ Việt Nam (000.00.01.G04)" in text_of(x) for x in box.letters)


async def test_while_mail_is_off_messages_wait_and_count_no_tries(office: World) -> None:
    await missed(office)
    async with messenger(office) as one:
        assert await one.send() == 0 and await one.send() == 0
        (waiting,) = await messages(office)
        assert waiting["attempts"] == 0 and "alert.mail-off" in waiting["note"]
        assert waiting["next_at"] > datetime.now(UTC) + timedelta(minutes=10)
    await due_now(office)
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        assert await one.send() == 1


# -- secrets


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Authority:
    """An authority that this machine trusts, for the length of a test."""
    authority = Authority("mail")
    (tmp_path / "ca.pem").write_text(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server does not see TLS outside it
@pytest.mark.parametrize(("security", "implicit"), [("starttls", False), ("tls", True)])
async def test_a_login_is_spoken_under_tls_only(
    office: World, trusted: Authority, tmp_path: Path, security: str, implicit: bool
) -> None:
    await missed(office)
    (tmp_path / "password").write_text("mat-khau-dung\n")
    box = Postbox(password="mat-khau-dung")
    async with box.open(tls=trusted.server_context("localhost"), implicit=implicit):
        mail = box.settings(security=security, username="truc", password_file=str(tmp_path / "password"))
        async with messenger(office, mail) as one:
            assert await one.send() == 1
    assert len(box.letters) == 1


async def test_a_password_enters_no_note_and_no_log(
    office: World, trusted: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await missed(office)
    (tmp_path / "password").write_text("mat-khau-sai")
    caplog.set_level(logging.DEBUG)
    async with Postbox(password="mat-khau-dung").open(tls=trusted.server_context("localhost")) as box:
        mail = box.settings(security="starttls", username="truc", password_file=str(tmp_path / "password"))
        with structlog.testing.capture_logs() as logged:
            async with messenger(office, mail) as one:
                assert await one.send() == 0
                trials = await one.test(office.units[ROADS])
    (waiting,) = await messages(office)
    assert "alert.mail-login" in waiting["note"] and "535" in waiting["note"]
    seen = json.dumps([waiting["note"], logged, trials], default=str)
    seen += "".join(r.getMessage() for r in caplog.records if not r.name.startswith("mail."))  # the server's own
    assert "mat-khau" not in seen and logged[-1]["event"] == "alert not sent"
    async with messenger(office, box.settings(security="starttls", username="truc", password_file="/khong/co")) as one:
        assert not (await one.test(office.units[ROADS]))[0].sent


async def test_a_server_without_the_wanted_encryption_gets_nothing(office: World, trusted: Authority) -> None:
    await missed(office)
    stranger = Authority("stranger").server_context("localhost")
    async with Postbox().open() as plain, Postbox().open(tls=stranger) as other:
        for box in (plain, other):
            await due_now(office)
            async with messenger(office, box.settings(security="starttls")) as one:
                assert await one.send() == 0
            assert "alert.unreachable" in (await messages(office))[0]["note"] and not box.letters
    assert "TLS" in (await messages(office))[0]["note"]


@pytest.mark.parametrize(
    ("given", "code"),
    [({"security": "ssl"}, "alert.mail-security"), ({"sender": "ai đó"}, "alert.mail-sender"),
     ({"sender": ""}, "alert.mail-sender"), ({"security": "none", "username": "truc"}, "alert.mail-in-clear")],
)  # fmt: skip
def test_what_could_never_work_is_refused_at_the_start(given: dict[str, Any], code: str) -> None:
    with pytest.raises(SetupError) as caught:
        MailSettings(**({"host": "thu.bo.vn", "sender": SENDER} | given))
    assert caught.value.code == code and MailSettings(**(given | {"host": ""})).host == ""


# -- calls


async def test_a_call_is_signed_bounded_and_names_what_is_owed(office: World, system: str) -> None:
    async with Peer(lambda request: answer(request, 204)) as peer, messenger(office) as one:
        await office.change(system, alert_url=peer.url)
        await owing(office, MOST_IN_CALL, by=system, document_id="Văn bản số " + "9" * 250, due=hour(3, "16:00"))
        row = await missed(office, by=system, priority=2, due=hour(3, "16:30"))
        assert await one.send() == 2
        await peer.seen(2)
    ids = {verify_webhook(r.headers, r.body, [SECRET], datetime.now(UTC)) for r in peer.requests}
    assert ids == {str(m["id"]) for m in await messages(office)} and str(row["id"]) in ids
    bodies = [json.loads(request.body) for request in peer.requests]
    assert {b["type"] for b in bodies} == {"canh-bao.qua-han"}
    assert all(len(request.body) < MOST_BYTES for request in peer.requests)
    first = bodies[0]["data"]["alerts"][0]
    assert (first["rule"], first["level"], first["priority"]) == ("register", 1, 2)
    assert first["due_at"] == "2019-06-03T16:30:00+07:00" and first["notation"] == "1/TB"
    assert (first["sender"], first["receiver"], first["provisional"]) == (MINISTRY, system, True)
    stored = await office.row("select * from alert where priority = 2")
    assert [first[k] for k in ("id", "delivery_id", "package_id")] == [
        str(stored[k]) for k in ("id", "delivery_id", "package_id")
    ]
    assert {m["note"] for m in await messages(office)} == {"HTTP 204"}


async def test_a_call_that_is_not_accepted_comes_again_with_the_same_id(office: World, system: str) -> None:
    answers = iter([(500, {}), (302, {"Location": "http://127.0.0.1:9/"}), (404, {}), (200, {})])

    async def moody(request: Request) -> None:
        status, headers = next(answers)
        await answer(request, status, b"whsec_lap-lai", headers)

    async with Peer(moody) as peer, messenger(office) as one:
        await office.change(system, alert_url=peer.url)
        await missed(office, by=system)
        for status in (500, 302, 404):
            assert await one.send() == 0
            (waiting,) = await messages(office)
            assert f"HTTP {status}" in waiting["note"] and "whsec_" not in waiting["note"]
            await due_now(office)
        assert await one.send() == 1
    assert len({r.headers["webhook-id"] for r in peer.requests}) == 1 and len({r.body for r in peer.requests}) == 1


async def test_a_system_that_is_silent_or_gone_or_forbidden_is_left_for_later(office: World, system: str) -> None:
    gate = asyncio.Event()

    async def hold(request: Request) -> None:
        await gate.wait()

    async with Peer(hold) as peer, messenger(office, seconds=0.2) as one:
        await missed(office, by=system)
        for url, code in ((peer.url, "alert.silent"), ("http://127.0.0.1:9/?khoa=bi-mat", "alert.unreachable"),
                          ("http://10.0.0.1/?khoa=bi-mat", "outbound.address")):  # fmt: skip
            await office.change(system, alert_url=url)
            await due_now(office)
            assert await one.send() == 0
            (waiting,) = await messages(office)
            assert code in waiting["note"] and "bi-mat" not in waiting["note"]
        gate.set()


async def test_nothing_is_ever_sent_unsigned(office: World, system: str) -> None:
    async with Peer(lambda request: answer(request, 204)) as peer, messenger(office) as one:
        await office.change(system, alert_url=peer.url)
        await missed(office, by=system)
        await office.execute("update credential set revoked_at = now() where kind = 'webhook'")
        await office.refresh(system)
        assert await one.send() == 0 and not peer.requests
        (waiting,) = await messages(office)
        assert "alert.no-secret" in waiting["note"] and system in waiting["note"]
        assert [(t.sent, "alert.no-secret" in t.note) for t in await one.test(office.units[system])] == [(False, True)]


async def test_during_a_rotation_old_and_new_secret_sign(office: World, system: str) -> None:
    made = await office.core.onboarding.rotate(office.units[system], "", "", actor="test")
    await office.refresh(system)
    async with Peer(lambda request: answer(request, 200)) as peer, messenger(office) as one:
        await office.change(system, alert_url=peer.url)
        await missed(office, by=system)
        assert await one.send() == 1
    (request,) = peer.requests
    for secret in (SECRET, made.secret):
        assert verify_webhook(request.headers, request.body, [secret], datetime.now(UTC))


async def test_a_test_tells_how_every_address_fares(office: World, system: str) -> None:
    await office.change(system, contacts=(CLERK, CHIEF))
    async with Peer(lambda request: answer(request, 200)) as peer:
        unit = await office.change(system, alert_url=peer.url)
        box = Postbox(to=lambda address: "250 OK" if address == CLERK else "550 nobody")
        async with box.open(), messenger(office, box.settings()) as one:
            trials = await one.test(unit)
    assert [(t.channel, t.address, t.sent) for t in trials] == [
        ("email", CLERK, True), ("email", CHIEF, False), ("webhook", peer.url, True),
    ]  # fmt: skip
    assert "550" in trials[1].note and json.loads(peer.requests[0].body)["type"] == "canh-bao.thu"
    assert "Thư thử" in box.letters[0]["Subject"] and await messages(office) == []
    async with messenger(office) as one:
        off = await one.test(await office.change(RAIL, email="Ai Đó <x@y>"))
        assert not off[0].sent and "alert.mail-off" in off[0].note
    async with Postbox().open() as box, messenger(office, box.settings()) as one:
        assert not (await one.test(office.units[RAIL]))[0].sent, "an old address that was never checked"


# -- by itself


async def test_a_serving_hub_tells_by_itself(opened: Opened) -> None:
    async with opened(serving=False) as world:
        await world.change(MINISTRY, contacts=(CHIEF,))
        await world.send(document(MINISTRY, [ROADS]))
    async with Postbox().open() as box:
        mail = MailSection(host="127.0.0.1", port=box.port, security="none", sender=SENDER)
        async with opened(mail=mail) as world:
            (letter,) = await until(lambda: box.letters, 20)
            await until(lambda: world.rows("select 1 from alert_message where sent_at is not null"))
    assert letter["To"] == CHIEF and "1 văn bản gửi muộn" in letter["Subject"]


# -- who may be told


async def test_a_unit_is_told_only_where_it_can_be(office: World) -> None:
    for changes, code in (
        ({"contacts": ("Văn thư <a@b.vn>",)}, "alert.bad-contact"),
        ({"contacts": ("a@b.vn\r\nBcc: x@y",)}, "alert.bad-contact"),
        ({"alert_url": "https://duong-bo.vn/"}, "alert.no-secret"),
    ):  # fmt: skip
        with pytest.raises(SetupError) as caught:
            await office.change(ROADS, **changes)
        assert caught.value.code == code
    await office.core.onboarding.rotate(office.units[ROADS], "", new_secret(), actor="test")
    await office.refresh(ROADS)
    with pytest.raises(SetupError, match="setting-wrong"):
        await office.change(ROADS, alert_url="ftp://duong-bo.vn/")
    unit = await office.change(ROADS, alert_url="https://duong-bo.vn/", auto_arrived=True, contacts=(CLERK, CHIEF))
    assert (unit.alert_url, unit.auto_arrived, unit.contacts) == ("https://duong-bo.vn/", True, (CLERK, CHIEF))
    with pytest.raises(SetupError, match=r"webhook\.secret"):
        await office.core.onboarding.rotate(unit, "", "khong-phai-khoa", actor="test")


@pytest.mark.parametrize(
    ("text", "good"),
    [("van-thu@duong-bo.gov.vn", True), ("a.b+c@x", True), ("", False), ("a@b@c", False), ("a b@c.vn", False),
     ("á@b.vn", False), ("a@-b.vn", False), ("a@b..vn", False), ("a" * 65 + "@b.vn", False), ("a@b.vn\n", False),
     ("a,b@c.vn", False), ("a@" + "b." * 130 + "vn", False)],
)  # fmt: skip
def test_an_address_for_an_envelope_is_plain(text: str, good: bool) -> None:
    assert is_email(text) is good
