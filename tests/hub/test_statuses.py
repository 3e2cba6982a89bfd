"""Statuses: what each may do, by whom, and that every word said stays in the journal."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from axis.demo.vxp_client import VxpClient
from axis.domain.document import Kind, Package, Policy, ResponseFor
from axis.domain.errors import AxisError, PackageError, StateError
from axis.trust import receipts
from tests.hub.world import (
    MINISTRY,
    PORTS,
    RAIL,
    ROADS,
    SECRET,
    World,
    business,
    document,
    encoded,
    org,
    seal_of,
    signed,
    status_of,
    system_id,
)


class Talk:
    """One document from the ministry to the roads office, and what is said about it."""

    def __init__(self, world: World, package: Package, package_id: UUID) -> None:
        self.world, self.package, self.package_id = world, package, package_id

    async def say(self, code: str, by: str = ROADS, **more: Any) -> Any:
        if by == MINISTRY and "to" not in more:
            more["to"] = ROADS
        return await self.world.send(status_of(by, self.package, code, **more))

    async def stands(self) -> tuple[str, str]:
        row = await self.world.delivery(self.package_id, ROADS)
        return row["handling"], row["taking_back"]

    async def told(self) -> list[tuple[str, str]]:
        events = await self.world.journal()
        return [(e["event"], e["data"]["status"]) for e in events if e["event"].startswith("status.")
                and "status" in e["data"]]  # fmt: skip


@pytest.fixture
async def talk(still: World) -> AsyncIterator[Talk]:
    package = document(MINISTRY, [ROADS])
    accepted = await still.send(package)
    yield Talk(still, package, accepted.package_id)


@pytest.mark.parametrize(
    "steps",
    [("01", "03", "04", "05", "06"), ("03", "06"), ("01", "02"), ("02",), ("06",), ("01", "05"), ("04", "06")],
    ids="-".join,
)
async def test_forward_with_skips(talk: Talk, steps: tuple[str, ...]) -> None:
    for code in steps:
        await talk.say(code, reason="Không đúng thẩm quyền" if code == "02" else "")
    assert await talk.stands() == (steps[-1], "")
    assert await talk.told() == [("status.moved", code) for code in steps]


async def test_a_move_is_journalled_with_who_said_what_and_proven_by_a_receipt(talk: Talk) -> None:
    await talk.say("03")
    (event,) = await talk.world.journal("status.moved")
    assert event["package_id"] == talk.package_id and event["actor"] == ROADS
    assert event["data"] | {"before": "", "staff": "Trần Thị B", "by": ROADS} == event["data"]
    receipt = await talk.world.row("select * from receipt where event_id = $1", event["id"])
    claims = receipts.verify(receipt["jws"], talk.world.anchors, at=datetime.now(UTC)).claims
    assert (claims.event, claims.status, claims.receivers) == ("status.moved", "03", (ROADS,))
    assert claims.package == talk.package_id and claims.sender == MINISTRY


async def test_a_repeat_moves_nothing_and_is_not_passed_on(talk: Talk) -> None:
    await talk.say("03")
    before = await talk.world.counts()
    await talk.say("03", status_timestamp="2019/06/02 09:30:00")
    after = await talk.world.counts()
    assert after["delivery"] == before["delivery"] and after["package"] == before["package"] + 1
    assert await talk.told() == [("status.moved", "03"), ("status.repeated", "03")]


async def test_the_same_bytes_again_get_the_same_answer_whatever_happened_since(talk: Talk) -> None:
    first = signed(status_of(ROADS, talk.package, "13", to=MINISTRY))
    with pytest.raises(PackageError):  # the receiver cannot ask back
        await talk.world.send(first, by=ROADS)
    data = {code: signed(status_of(ROADS, talk.package, code)) for code in ("01", "03", "06")}
    answers = {code: await talk.world.send(body, by=ROADS) for code, body in data.items()}
    counted = await talk.world.counts()
    for code, body in data.items():
        again = await talk.world.send(body, by=ROADS)
        assert again.repeated and again.receipt == answers[code].receipt
    assert await talk.world.counts() == counted and await talk.stands() == ("06", "")


async def test_a_late_one_is_kept_and_passed_on_but_moves_nothing(talk: Talk) -> None:
    await talk.say("05")
    late = await talk.say("03")
    assert await talk.stands() == ("05", "")
    assert await talk.told() == [("status.moved", "05"), ("status.late", "03")]
    assert [d["code"] for d in await talk.world.deliveries(late.package_id)] == [MINISTRY]


async def test_a_code_nobody_defined_is_noted_and_passed_on(talk: Talk) -> None:
    plain = encoded(status_of(ROADS, talk.package, "03", "mã riêng")).replace(b"Code>03<", b"Code>rieng-99<")
    noted = await talk.world.send(signed(plain, by=seal_of(ROADS)), by=ROADS)
    assert await talk.stands() == ("", "") and await talk.told() == [("status.noted", "rieng-99")]
    assert len(await talk.world.deliveries(noted.package_id)) == 1


@pytest.mark.parametrize(
    ("before", "wrong", "legal"),
    [(("03",), "02", "04, 05, 06, 13"), (("02",), "03", "—"), (("06",), "02", "13"),
     ((), "15", "01, 02, 03, 04, 05, 06, 13"),
     (("03", "13", "15"), "06", "—"), (("03", "13", "15"), "13!", "")],
)  # fmt: skip
async def test_an_illegal_move_is_refused_by_name_and_stays_in_the_journal(
    talk: Talk, before: tuple[str, ...], wrong: str, legal: str
) -> None:
    for code in before:
        await talk.say(code, by=MINISTRY if code == "13" else ROADS, reason="lý do")
    stood, counted = await talk.stands(), await talk.world.counts()
    if wrong == "13!":
        repeat = await talk.say("15", status_timestamp="2019/06/03 08:00:00")
        assert not repeat.repeated and await talk.stands() == stood
        return
    with pytest.raises(StateError) as caught:
        await talk.say(wrong, reason="lý do")
    assert caught.value.code == "status.illegal-move"
    assert caught.value.facts["legal"] == legal and caught.value.facts["target"] == wrong
    assert await talk.stands() == stood and await talk.world.counts() == counted
    (event,) = await talk.world.journal("status.illegal")
    assert event["package_id"] == talk.package_id and event["data"]["facts"]["target"] == wrong


async def test_asked_back_denied_asked_again_and_agreed(talk: Talk) -> None:
    await talk.say("05")
    for code, by in (("13", MINISTRY), ("16", ROADS), ("13", MINISTRY)):
        await talk.say(code, by=by)
        assert await talk.stands() == ("05", code), "the state before 13 simply still stands"
    await talk.say("06")
    assert await talk.stands() == ("06", "13")
    await talk.say("15")
    assert await talk.stands() == ("06", "15")


async def test_a_denial_does_not_take_the_place_of_why_it_was_returned(talk: Talk) -> None:
    await talk.say("01")
    await talk.say("13", by=MINISTRY)
    await talk.say("02", reason="Không đúng thẩm quyền")
    await talk.say("16", reason="Đã trả lại rồi")
    row = await talk.world.delivery(talk.package_id, ROADS)
    assert (row["taking_back"], row["reason"]) == ("16", "Không đúng thẩm quyền")


async def test_asking_back_travels_to_the_receiver(talk: Talk) -> None:
    asked = await talk.say("13", by=MINISTRY)
    (only,) = await talk.world.deliveries(asked.package_id)
    assert (only["code"], only["kind"]) == (ROADS, "status")


@pytest.mark.parametrize(
    ("code", "by", "to"),
    [("03", MINISTRY, MINISTRY), ("03", MINISTRY, ROADS), ("13", ROADS, MINISTRY), ("03", RAIL, MINISTRY),
     ("13", RAIL, ROADS), ("15", MINISTRY, ROADS), ("13", MINISTRY, RAIL)],
)  # fmt: skip
async def test_who_may_say_it_is_settled_by_the_document(talk: Talk, code: str, by: str, to: str) -> None:
    counted = await talk.world.counts()
    with pytest.raises(PackageError, match="unknown-document"):
        await talk.world.send(status_of(by, talk.package, code, to=to))
    assert await talk.stands() == ("", "") and await talk.world.counts() == counted


async def test_a_status_about_an_unknown_document_names_it(talk: Talk) -> None:
    other = replace(talk.package, document_id="x,2019/01/01,1/Y")
    about = status_of(ROADS, other, "03")
    response = ResponseFor(MINISTRY, "9999/KHAC", "x,2019/01/01,1/Y", other.promulgation_date)
    with pytest.raises(PackageError) as caught:
        await talk.world.send(replace(about, response_for=(response,)))
    assert caught.value.facts == {"document_id": "x,2019/01/01,1/Y", "sender": MINISTRY, "receiver": ROADS}


async def test_number_and_notation_do_when_there_is_no_document_id(talk: Talk) -> None:
    plain = encoded(status_of(ROADS, talk.package, "03"))
    line = f"<edXML:DocumentId>{talk.package.document_id}</edXML:DocumentId>".encode()
    assert line in plain
    await talk.world.send(signed(plain.replace(line, b""), by=seal_of(ROADS)), by=ROADS)
    assert await talk.stands() == ("03", "")


async def test_a_status_speaks_of_the_document_not_of_the_recall_under_its_id(talk: Talk) -> None:
    recall = replace(talk.package, business=business(1, talk.package.document_id))
    await talk.say("03")
    recalled = await talk.world.send(recall)
    await talk.say("01")
    await talk.say("04")
    assert await talk.stands() == ("03", "recall")
    assert (await talk.world.delivery(recalled.package_id))["handling"] == ""
    told = await talk.told()
    assert told[-2:] == [("status.late", "01"), ("status.late", "04")], "04 crossed the recall on its way"


@pytest.mark.parametrize("code", ["02", "16"])
@pytest.mark.parametrize(("reason", "why"), [("", "reason-missing"), ("x" * 1001, "reason-long")])
async def test_a_return_or_a_denial_needs_a_reason(talk: Talk, code: str, reason: str, why: str) -> None:
    plain = encoded(status_of(ROADS, talk.package, code, "LY-DO")).replace(b"LY-DO", reason.encode())
    with pytest.raises(PackageError, match=why):
        await talk.world.send(signed(plain, by=seal_of(ROADS)), by=ROADS)
    assert await talk.stands() == ("", "")


async def test_the_longest_reason_is_kept_whole(talk: Talk) -> None:
    await talk.say("02", reason="ấ" * 1000)
    assert (await talk.world.delivery(talk.package_id, ROADS))["reason"] == "ấ" * 1000


async def test_a_reason_is_counted_in_letters_however_they_are_written(talk: Talk) -> None:
    with pytest.raises(PackageError, match="reason-long"):  # a request has no reason to be longer either
        await talk.say("13", by=MINISTRY, reason="ấ" * 1001)
    await talk.say("02", reason=unicodedata.normalize("NFD", "ấ" * 1000))
    assert await talk.stands() == ("02", "")


@pytest.mark.parametrize(("code", "reason", "why"), [
    ("16", "không đồng ý", "status.illegal-move"), ("02", "", "status.reason-missing"),
    ("02", "x" * 1001, "status.reason-long"),
])  # fmt: skip
async def test_what_was_refused_stays_in_the_documents_story_with_who_said_it_and_why(
    talk: Talk, code: str, reason: str, why: str
) -> None:
    plain = encoded(status_of(ROADS, talk.package, code, "LY-DO")).replace(b"LY-DO", reason.encode())
    with pytest.raises(AxisError) as caught:
        await talk.world.send(signed(plain, by=seal_of(ROADS)), by=ROADS)
    assert caught.value.code == why
    (event,) = await talk.world.journal("status.illegal")
    (row,) = await talk.world.deliveries(talk.package_id, ROADS)
    assert (event["package_id"], event["delivery_id"], event["actor"]) == (talk.package_id, row["id"], ROADS)
    kept = reason if len(reason) <= 1000 else "x" * 999 + "…"
    told = {"status": code, "reason": kept, "staff": "Trần Thị B", "by": ROADS, "code": why}
    assert event["data"] | told == event["data"]


async def test_concurrent_statuses_are_applied_one_after_the_other(talk: Talk) -> None:
    codes = ("01", "03", "04", "05", "06") * 2
    answers = await asyncio.gather(*(talk.say(c) for c in codes), return_exceptions=True)
    assert not [a for a in answers if isinstance(a, BaseException)]
    assert await talk.stands() == ("06", "")
    told = await talk.told()
    assert len(told) == 10
    moved = [code for event, code in told if event == "status.moved"]
    assert moved == sorted(set(moved)) and moved[-1] == "06"


async def test_each_receiver_has_a_state_of_its_own(still: World) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    accepted = await still.send(package)
    await still.send(status_of(RAIL, package, "02", "không thuộc thẩm quyền"))
    found = {d["code"]: d["handling"] for d in await still.deliveries(accepted.package_id)}
    assert found == {ROADS: "", RAIL: "02"}


async def test_a_foreign_sender_hears_through_the_relay_that_brought_its_document(still: World) -> None:
    relay = await still.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    package = document("000.00.00.H41", [ROADS])
    await still.send(encoded(package), by=relay.code)
    answer = await still.send(status_of(ROADS, package, "03", to=" 000.00.00.h41"))
    (only,) = await still.deliveries(answer.package_id)
    assert (only["code"], only["receivers"]) == (relay.code, ["000.00.00.h41"])
    foreign = replace(document(ROADS, ["000.00.00.H41"]), sender=org(ROADS))
    ours = await still.send(foreign)
    await still.send(encoded(status_of("000.00.00.H41", foreign, "03")), by=relay.code)
    assert (await still.delivery(ours.package_id))["handling"] == "03"


async def test_the_sender_sees_it_in_both_of_its_lists(world: World) -> None:
    package = document(MINISTRY, [ROADS, PORTS])
    accepted = await world.send(package)
    async with VxpClient(f"{world.url}/vxp", system_id(ROADS), SECRET) as roads:
        answer = await roads.send_edoc(signed(status_of(ROADS, package, "03")), "status")
        assert answer.ok, answer
    async with VxpClient(f"{world.url}/vxp", system_id(MINISTRY), SECRET) as ministry:
        (waiting,) = await ministry.received("status")
        assert b"<edXML:StatusCode>03<" in (await ministry.fetch(waiting) or b"")
        listed = await ministry.call("getSentEdocList", {"messagetype": "edoc", "docId": str(accepted.package_id)})
    assert {i["toCode"]: i.get("receiveStatus", "") for i in listed.items or ()} == {ROADS: "03", PORTS: ""}
    (sent, other) = await world.hub.mailroom.sent(world.units[MINISTRY], Kind.DOCUMENT, accepted.package_id)
    assert {sent.handling, other.handling} == {"03", ""}
