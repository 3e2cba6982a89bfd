"""A clerk acts on the page of the axis: the same rules, the same story, and only what is theirs."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from axis.domain.document import Kind
from axis.domain.errors import NotFound, PackageError, StateError
from axis.hub.desk import Clerk, Desk, Offers
from axis.trust import receipts
from tests.hub.talks import Desk as Office
from tests.hub.talks import recall_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document


@pytest.fixture
def office(still: World) -> Office:
    return Office(still)


def clerk(world: World, code: str, name: str = "Trần Thị Văn Thư") -> Clerk:
    return Clerk(world.units[code], name, f"person:{code}")


async def _delivery(office: Office, *receivers: str) -> tuple[UUID, dict[str, UUID]]:
    sent = await office.sent(document(MINISTRY, receivers))
    keys = {}
    for code in receivers:
        if code != PORTS:
            await office.receive(sent, code)
        keys[code] = (await office.row(sent, code))["id"]
    return sent.package_id, keys


async def test_a_clerk_accepts_and_the_sender_is_told_by_whom(office: Office) -> None:
    desk: Desk = office.world.hub.desk
    package, keys = await _delivery(office, ROADS)
    await desk.say(clerk(office.world, ROADS), keys[ROADS], "03")
    assert await office.stands(package, ROADS) == ("delivered", "03", "")
    assert await office.told_sender() == [(ROADS, "03")]
    (moved,) = [e for e in await office.events(package) if e["event"] == "status.moved"]
    assert (moved["actor"], moved["unit_id"]) == (f"person:{ROADS}", office.world.units[ROADS].id)
    assert moved["data"]["staff"] == "Trần Thị Văn Thư" and moved["data"]["by"] == ROADS
    jws = (await office.world.row("select jws from receipt where event_id = $1", moved["id"]))["jws"]
    claims = receipts.verify(jws, office.world.anchors, at=datetime.now(UTC)).claims
    assert (claims.receivers, claims.sender) == ((ROADS,), MINISTRY), "the receipt speaks of units"
    (status,) = await office.waiting(MINISTRY, Kind.STATUS)
    fetched = await office.world.hub.mailroom.fetch(office.world.units[MINISTRY], status)
    text = b"".join([piece async for piece in fetched.chunks()]).decode()
    assert "Trần Thị Văn Thư" in text and "<ds:Signature" in text
    rows = await office.world.rows("select actor from journal where event = 'package.accepted' order by position")
    assert rows[-1]["actor"] == f"person:{ROADS}", "the journal names the person"


async def test_a_clerk_returns_answers_and_asks_back_with_reasons(office: Office) -> None:
    desk = office.world.hub.desk
    package, keys = await _delivery(office, ROADS, RAIL)
    with pytest.raises(PackageError, match="reason"):
        await desk.say(clerk(office.world, ROADS), keys[ROADS], "02", "  ")
    with pytest.raises(PackageError, match="reason"):
        await desk.say(clerk(office.world, ROADS), keys[ROADS], "02", "x" * 1001)
    await desk.say(clerk(office.world, ROADS), keys[ROADS], "02", "không thuộc thẩm quyền")
    assert (await office.row(package, ROADS))["reason"] == "không thuộc thẩm quyền"
    await desk.say(clerk(office.world, MINISTRY), keys[RAIL], "13", "gửi nhầm")
    (asked,) = [e for e in await office.events(package) if e["data"].get("status") == "13"]
    assert (asked["actor"], asked["unit_id"]) == (f"person:{MINISTRY}", office.world.units[MINISTRY].id)
    assert await office.stands(package, RAIL) == ("delivered", "", "13")
    await desk.say(clerk(office.world, RAIL), keys[RAIL], "16", "đã trình")
    assert (await office.stands(package, RAIL))[2] == "16"
    again = await desk.resend(clerk(office.world, MINISTRY), keys[ROADS], "đã thống nhất")
    assert (await office.row(package, ROADS))["id"] == again
    with pytest.raises(StateError):
        await desk.resend(clerk(office.world, MINISTRY), keys[ROADS], "lần nữa")


async def test_a_clerk_recalls_from_all_or_from_some(office: Office) -> None:
    desk, world = office.world.hub.desk, office.world
    package, keys = await _delivery(office, ROADS, RAIL, PORTS)
    await desk.recall(clerk(world, MINISTRY), package, [world.units[PORTS].id], "ban hành nhầm")
    assert await office.stands(package, PORTS) == ("recalled", "", "15")
    assert await office.stands(package, ROADS) == ("delivered", "", "")
    recall = await desk.recall(clerk(world, MINISTRY), package, [], "ban hành nhầm")
    acts = [e for e in await office.events(package) if e["event"] in ("recall.ordered", "delivery.recalled")]
    assert len(acts) >= 4 and {e["actor"] for e in acts} == {f"person:{MINISTRY}"}, "what a person did bears the login"
    assert (await office.stands(package, ROADS))[2] == (await office.stands(package, RAIL))[2] == "recall"
    assert len(await world.deliveries(recall)) == 2, "the third has nothing left to give back"
    await desk.say(clerk(world, ROADS), keys[ROADS], "15")
    assert (await office.stands(recall, ROADS))[2] == "15"
    with pytest.raises(StateError, match="not-deniable"):
        await desk.say(clerk(world, RAIL), keys[RAIL], "16", "không")
    with pytest.raises(StateError, match="already"):
        await desk.recall(clerk(world, MINISTRY), package, [], "lần nữa")
    with pytest.raises(PackageError, match="reason"):
        await desk.recall(clerk(world, MINISTRY), package, [], "")


async def test_a_clerk_of_another_unit_finds_nothing(office: Office) -> None:
    desk, world = office.world.hub.desk, office.world
    package, keys = await _delivery(office, ROADS)
    waiting = await office.sent(document(MINISTRY, [RAIL]))
    before = await world.counts()
    unseen = (await office.row(waiting, RAIL))["id"]
    for who, act in (
        (RAIL, lambda c: desk.say(c, keys[ROADS], "03")),
        (MINISTRY, lambda c: desk.say(c, keys[ROADS], "03")),
        (ROADS, lambda c: desk.say(c, keys[ROADS], "13", "x")),
        (ROADS, lambda c: desk.recall(c, package, [], "x")),
        (ROADS, lambda c: desk.resend(c, keys[ROADS], "x")),
        (RAIL, lambda c: desk.say(c, unseen, "03")),  # addressed to them, and not fetched yet
        (MINISTRY, lambda c: desk.recall(c, package, [world.units[RAIL].id], "x")),
    ):
        with pytest.raises(NotFound):
            await act(clerk(world, who))
    assert await world.counts() == before


async def test_what_is_offered_is_what_the_tables_allow(office: Office) -> None:
    desk = office.world.hub.desk
    package, keys = await _delivery(office, ROADS)
    row = await office.row(package, ROADS)
    assert desk.offers(row, sender=True) == Offers(("13",), recall=True)
    assert desk.offers(row, sender=False) == Offers(("01", "02", "03", "04", "05", "06"))
    await desk.say(clerk(office.world, ROADS), keys[ROADS], "02", "nhầm")
    row = await office.row(package, ROADS)
    assert desk.offers(row, sender=True) == Offers((), recall=True, resend=True)
    assert desk.offers(row, sender=False) == Offers()


async def test_an_act_on_a_document_sent_again_does_nothing_to_the_newer_one(office: Office) -> None:
    desk, world = office.world.hub.desk, office.world
    ministry, roads = clerk(world, MINISTRY), clerk(world, ROADS)
    first = document(MINISTRY, [ROADS, PORTS], subject="bản cũ")
    old = await office.sent(first)
    await office.receive(old, ROADS)
    await office.say(ROADS, first, "02", reason="thiếu phụ lục")
    (refused,) = await world.deliveries(old.package_id, PORTS)
    await world.execute("update delivery set state = 'sending', fetched_at = now() where id = $1", refused["id"])
    await world.execute("update delivery set state = 'refused', finished_at = now() where id = $1", refused["id"])
    new = await office.sent(replace(first, subject="bản mới"))
    await office.receive(new, ROADS)
    await office.say(ROADS, first, "03")
    before = await world.counts()
    stood = [await office.stands(one, code) for one in (old, new) for code in (ROADS, PORTS)]
    for act in (
        lambda: desk.recall(ministry, old.package_id, [world.units[ROADS].id], "dọn bản cũ"),
        lambda: desk.recall(ministry, old.package_id, [], "dọn bản cũ"),
        lambda: desk.say(ministry, refused["id"], "13", "dọn bản cũ"),
        lambda: desk.say(clerk(world, PORTS), refused["id"], "03"),
    ):
        with pytest.raises(StateError, match="sent again") as told:
            await act()
        assert told.value.code == "desk.sent-again" and told.value.facts["document_id"] == first.document_id
    with pytest.raises(StateError, match="not-resendable"):
        await desk.resend(ministry, (await office.row(old, ROADS))["id"], "lần nữa")
    assert await world.counts() == before
    assert [await office.stands(one, code) for one in (old, new) for code in (ROADS, PORTS)] == stood
    await desk.say(roads, (await office.row(new, ROADS))["id"], "06")
    assert await office.stands(new, ROADS) == ("delivered", "06", "")
    await desk.recall(ministry, new.package_id, [world.units[ROADS].id], "ban hành nhầm")
    assert await office.stands(new, ROADS) == ("delivered", "06", "recall")
    assert await office.stands(old, ROADS) == stood[0]


async def test_a_receiver_the_newer_one_did_not_go_to_speaks_of_its_own(office: Office) -> None:
    desk, world = office.world.hub.desk, office.world
    first = document(MINISTRY, [PORTS])
    old = await office.sent(first)
    (refused,) = await world.deliveries(old.package_id, PORTS)
    await world.execute("update delivery set state = 'sending', fetched_at = now() where id = $1", refused["id"])
    await world.execute("update delivery set state = 'refused', finished_at = now() where id = $1", refused["id"])
    new = await office.sent(replace(first, subject="bản mới", receivers=document(MINISTRY, [ROADS]).receivers))
    with pytest.raises(StateError, match="illegal-move") as told:
        await desk.say(clerk(world, PORTS), refused["id"], "03")
    assert told.value.concerns == old.package_id, "its own ended with the earlier package"
    assert await office.stands(old, PORTS) == ("recalled", "", "") and (await office.stands(new, ROADS))[1] == ""


async def test_recalls_and_updates_under_the_id_of_their_document_are_answered(office: Office) -> None:
    desk, world = office.world.hub.desk, office.world
    about = document(MINISTRY, [ROADS])
    sent = await office.sent(about)
    await office.receive(sent, ROADS)
    update = await office.sent(replace(update_of(about), document_id=about.document_id))
    await office.receive(update, ROADS)
    await desk.say(clerk(world, ROADS), (await office.row(update, ROADS))["id"], "15")
    assert (await office.stands(update, ROADS))[2] == "15"
    recall = await office.sent(replace(recall_of(about), document_id=about.document_id))
    await office.receive(recall, ROADS)
    await desk.say(clerk(world, ROADS), (await office.row(recall, ROADS))["id"], "15")
    assert (await office.stands(sent, ROADS))[2] == (await office.stands(recall, ROADS))[2] == "15"


async def test_offers_about_updates_and_recalled_documents(office: Office) -> None:
    desk = office.world.hub.desk
    about = document(MINISTRY, [ROADS])
    sent = await office.sent(about)
    await office.receive(sent, ROADS)
    update = await office.sent(update_of(about))
    await office.receive(update, ROADS)
    row = await office.row(update, ROADS)
    assert {"15", "16"} <= set(desk.offers(row, sender=False).statuses) and not desk.offers(row, sender=True).recall
    await desk.say(clerk(office.world, ROADS), row["id"], "16", "không áp dụng")
    assert (await office.stands(update, ROADS))[2] == "16"
    await office.sent(recall_of(about))
    row = await office.row(sent, ROADS)
    assert desk.offers(row, sender=False) == Offers(("15",)) and desk.offers(row, sender=True) == Offers()


async def test_a_recall_is_answered_on_the_page_and_nothing_else(office: Office) -> None:
    desk, world = office.world.hub.desk, office.world
    about = document(MINISTRY, [ROADS])
    await office.receive(await office.sent(about), ROADS)
    recall = await office.sent(recall_of(about))
    await office.receive(recall, ROADS)
    row = await office.row(recall, ROADS)
    assert desk.offers(row, sender=False) == Offers(("15",)) and desk.offers(row, sender=True) == Offers()
    with pytest.raises(StateError, match="not-deniable"):
        await desk.say(clerk(world, ROADS), row["id"], "02", "không đồng ý thu hồi")
    assert await office.stands(recall, ROADS) == ("delivered", "", "")


async def test_a_reason_is_counted_in_letters_however_they_are_written(office: Office) -> None:
    desk, world = office.world.hub.desk, office.world
    package, keys = await _delivery(office, ROADS)
    await desk.say(clerk(world, ROADS), keys[ROADS], "02", unicodedata.normalize("NFD", "ấ" * 1000))
    assert (await office.stands(package, ROADS))[1] == "02"
