"""Answers and what the axis says itself: whom an answer answers, twice said once meant, and nothing waits for ever."""

from __future__ import annotations

import re
import unicodedata

import pytest

from axis.domain.document import Business, Policy
from axis.domain.errors import PackageError, StateError
from tests.hub.talks import STAFF, Desk, recall_of, update_of
from tests.hub.world import MINISTRY, ROADS, World, document, encoded


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


@pytest.mark.parametrize("code", ["15", "16"])
async def test_an_answer_to_an_update_said_twice_is_a_repeat(desk: Desk, code: str) -> None:
    package = document(MINISTRY, [ROADS])
    await desk.receive(await desk.sent(package), ROADS)
    first = await desk.sent(update_of(package))
    await desk.receive(first, ROADS)
    await desk.say(ROADS, package, code, reason="không áp dụng")
    waiting = await desk.sent(update_of(package))
    later = {"reason": "không áp dụng", "status_timestamp": "2019/06/07 08:00:00"}
    await desk.say(ROADS, package, code, **later)
    assert [(await desk.stands(u, ROADS))[2] for u in (first, waiting)] == [code, ""], "it has not seen the other yet"
    assert [e["data"]["status"] for e in await desk.world.journal("status.repeated")] == [code]
    other = "16" if code == "15" else "15"
    with pytest.raises(StateError, match="illegal-move"):
        await desk.say(ROADS, package, other, reason="đổi ý")
    await desk.receive(waiting, ROADS)
    await desk.say(ROADS, package, code, **{**later, "status_timestamp": "2019/06/08 08:00:00"})
    assert (await desk.stands(waiting, ROADS))[2] == code, "the oldest that waits"


async def test_agreeing_to_a_recall_of_two_documents_closes_both_in_any_order(desk: Desk) -> None:
    one, two = document(MINISTRY, [ROADS]), document(MINISTRY, [ROADS])
    first, second = await desk.sent(one), await desk.sent(two)
    for sent in (first, second):
        await desk.receive(sent, ROADS)
    recall = recall_of(one, two)
    taken = await desk.sent(recall)
    await desk.receive(taken, ROADS)
    await desk.say(ROADS, one, "15")
    assert [(await desk.stands(s, ROADS))[2] for s in (first, second, taken)] == ["15", "recall", "15"]
    await desk.say(ROADS, recall, "15")
    assert [(await desk.stands(s, ROADS))[2] for s in (first, second, taken)] == ["15", "15", "15"]
    told = len(await desk.told_sender())
    await desk.say(ROADS, recall, "15", status_timestamp="2019/06/07 08:00:00")
    assert len(await desk.told_sender()) == told, "now it is a repeat"


async def test_a_recall_is_carried_out_and_never_returned(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    recall = recall_of(package)
    taken = await desk.sent(recall)
    await desk.say(ROADS, recall, "01")
    with pytest.raises(StateError, match="recall-not-deniable"):
        await desk.say(ROADS, recall, "02", reason="không đồng ý thu hồi")
    assert await desk.stands(taken, ROADS) == ("queued", "01", "")
    (event,) = await desk.world.journal("status.illegal")
    assert event["package_id"] == taken.package_id and event["data"]["reason"] == "không đồng ý thu hồi"


async def test_the_reason_of_a_recall_is_kept_whole_or_refused(desk: Desk) -> None:
    relay = await desk.world.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    with pytest.raises(PackageError, match="reason-long"):
        await desk.sent(recall_of(package, reason="ấ" * 1001))
    await desk.sent(recall_of(package, reason=unicodedata.normalize("NFD", "ấ" * 1000)))
    assert (await desk.row(sent, ROADS))["note"] == "ấ" * 1000
    foreign = document("000.00.00.H41", [ROADS])
    theirs = await desk.world.send(encoded(foreign), by=relay.code)
    await desk.world.send(encoded(recall_of(foreign, reason="y" * 5000)), by=relay.code)
    assert (await desk.row(theirs, ROADS))["note"] == "y" * 999 + "…", "nobody here can send it again: said to be cut"


@pytest.mark.parametrize("talk", [("13",), ("13", "16")], ids="-".join)
async def test_arrival_is_reported_while_a_request_is_open_or_was_denied(desk: Desk, talk: tuple[str, ...]) -> None:
    await desk.world.execute("update unit set auto_arrived = true where code = $1", ROADS)
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.fetch(sent, ROADS)
    await desk.say(MINISTRY, package, "13", to=ROADS)
    if "16" in talk:
        await desk.say(ROADS, package, "16", reason="đã trình")
    await desk.confirm(sent, ROADS)
    assert await desk.world.hub.notices.make() == 1
    assert await desk.stands(sent, ROADS) == ("delivered", "01", talk[-1])


@pytest.mark.parametrize(("cut", "stands", "event"), [
    ((b"DocumentId",), "01", "status.moved"), ((b"DocumentId", b"Code"), "", "package.refused"),
])  # fmt: skip
async def test_a_document_without_document_id_is_reported_by_its_number_or_given_up(
    desk: Desk, cut: tuple[bytes, ...], stands: str, event: str
) -> None:
    await desk.world.execute("update unit set auto_arrived = true where code = $1", ROADS)
    relay = await desk.world.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    raw = encoded(document("000.00.00.H41", [ROADS], business=Business(type=0, staff=STAFF)))
    for name in cut:
        raw = re.sub(b"<edXML:%b>.*?</edXML:%b>" % (name, name), b"", raw, flags=re.DOTALL)
    sent = await desk.world.send(raw, by=relay.code)
    await desk.receive(sent, ROADS)
    assert await desk.world.hub.notices.make() == 1
    assert (await desk.stands(sent, ROADS))[1] == stands
    assert await desk.world.rows("select * from notice") == []
    assert event in [e["event"] for e in await desk.events(sent)]
