"""Recall and request for return: what has not left never arrives, who has it is told, and nothing overtakes."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from uuid import UUID

import pytest

from axis.adapter import Delivered, Later, Parcel
from axis.domain.document import Kind, Policy
from axis.domain.errors import NotFound, PackageError, StateError
from axis.trust import receipts
from tests.hub.talks import Desk, recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, encoded, now, signed, status_of, until


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


async def test_three_receivers_at_three_stages_each_get_what_fits(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS, RAIL, PORTS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    await desk.fetch(sent, RAIL)
    recall = await desk.sent(recall_of(package))

    assert await desk.stands(sent, ROADS) == ("delivered", "03", "recall")
    assert await desk.stands(sent, RAIL) == ("sending", "", "recall")
    assert await desk.stands(sent, PORTS) == ("recalled", "", "15"), "it never left"
    assert await desk.stands(recall, ROADS) == ("queued", "", "")
    assert await desk.stands(recall, RAIL) == ("queued", "", ""), "fetched: it must be told at once"
    assert (await desk.stands(recall, PORTS))[0] == "recalled", "nothing to tell"

    with pytest.raises(StateError, match="recall-not-deniable"):
        await desk.say(ROADS, package, "16", reason="không muốn")
    await desk.say(ROADS, package, "15")
    await desk.say(RAIL, package, "15")
    assert await desk.stands(sent, ROADS) == ("delivered", "03", "15")
    assert await desk.stands(sent, RAIL) == ("recalled", "", "15"), "it leaves the list of what waits"
    assert [(await desk.stands(recall, code))[2] for code in (ROADS, RAIL)] == ["15", "15"]
    assert await desk.world.hub.notices.make() == 1
    told = await desk.told_sender()
    assert sorted(told) == sorted([(ROADS, "03"), (ROADS, "15"), (RAIL, "15"), (PORTS, "15")])


async def test_the_answer_may_name_the_recall_instead_of_the_document(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    recall = recall_of(package)
    taken = await desk.sent(recall)
    await desk.say(ROADS, recall, "15")
    assert (await desk.stands(sent, ROADS))[2] == (await desk.stands(taken, ROADS))[2] == "15"
    answered = [e for e in await desk.events(sent) if e["event"] == "recall.answered"]
    assert len(answered) == 1 and answered[0]["actor"] == ROADS


async def test_what_was_recalled_can_neither_be_fetched_nor_confirmed_nor_replayed(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    key = (await desk.row(sent, ROADS))["id"]
    await desk.sent(recall_of(package))
    unit = desk.world.units[ROADS]
    assert await desk.waiting(ROADS) == []
    for verb in (desk.world.hub.mailroom.fetch(unit, key), desk.world.hub.mailroom.open_link(
        desk.world.hub.mailroom.make_link(key, unit.id)
    )):  # fmt: skip
        with pytest.raises(NotFound):
            await verb
    await desk.world.hub.mailroom.confirm(unit, key, "done")
    assert (await desk.row(sent, ROADS))["state"] == "recalled"
    assert not await desk.world.core.deliveries.replay(key, "op", "x")


@pytest.mark.parametrize("code", [ROADS, PORTS], ids=["pulls", "pushed"])
async def test_a_recall_between_look_and_fetch_gives_nothing_away(desk: Desk, code: str) -> None:
    """The bytes leave only when the fetch itself was written before the recall."""
    package = document(MINISTRY, [code])
    sent = await desk.sent(package)
    deliveries, unit = desk.world.core.deliveries, desk.world.units[code]
    look = deliveries.fetch

    async def and_recall(key: UUID, unit_id: UUID) -> object:
        deliveries.fetch = look  # type: ignore[method-assign]
        found = await look(key, unit_id)
        await desk.sent(recall_of(package))
        return found

    deliveries.fetch = and_recall  # type: ignore[assignment, method-assign]
    with pytest.raises(NotFound):
        await desk.world.hub.mailroom.fetch(unit, (await desk.row(sent, code))["id"])


async def test_a_recall_needs_a_document_of_the_senders_own(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    before = await desk.world.counts()
    stranger = recall_of(document(RAIL, [ROADS], document_id=package.document_id, code=package.code))
    for recall in (stranger, recall_of(document(MINISTRY, [ROADS]))):
        with pytest.raises(PackageError, match=r"recall\.unknown-document"):
            await desk.sent(recall)
    assert await desk.world.counts() == before
    assert await desk.stands(sent, ROADS) == ("queued", "", "")


async def test_a_recall_of_some_receivers_leaves_the_others_alone(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    await desk.sent(recall_of(package, receivers=[ROADS]))
    assert await desk.stands(sent, RAIL) == ("queued", "", "")
    await desk.sent(recall_of(package))
    assert await desk.stands(sent, RAIL) == ("recalled", "", "15")
    with pytest.raises(StateError, match=r"recall\.already"):
        await desk.sent(recall_of(package))


async def test_one_recall_may_name_several_documents(desk: Desk) -> None:
    one, two = document(MINISTRY, [ROADS]), document(MINISTRY, [ROADS])
    first, second = await desk.sent(one), await desk.sent(two)
    await desk.receive(second, ROADS)
    recall = await desk.sent(recall_of(one, two))
    assert (await desk.stands(first, ROADS))[0] == "recalled"
    assert (await desk.stands(second, ROADS))[2] == "recall"
    assert (await desk.stands(recall, ROADS))[0] == "queued"
    await desk.say(ROADS, two, "15")
    assert (await desk.stands(second, ROADS))[2] == "15"


async def test_a_recall_that_names_its_document_by_number_alone_finds_it(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    plain = encoded(recall_of(package))
    named = f"<edXML:DocumentId>{package.document_id}</edXML:DocumentId>".encode()
    assert plain.count(named) == 1
    await desk.world.send(signed(plain.replace(named, b"")))
    assert (await desk.stands(sent, ROADS))[0] == "recalled"


async def test_statuses_that_cross_the_recall_are_kept_and_move_nothing(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.sent(recall_of(package))
    await desk.say(ROADS, package, "03")
    assert await desk.stands(sent, ROADS) == ("delivered", "", "recall")
    assert (await desk.told_sender())[-1] == (ROADS, "03"), "the sender hears it all the same"
    await desk.say(ROADS, package, "15")
    with pytest.raises(StateError, match="illegal-move"):
        await desk.say(ROADS, package, "05")


async def test_after_a_recall_nothing_more_goes_out_about_the_document(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.sent(recall_of(package, receivers=[ROADS]))
    with pytest.raises(StateError, match=r"update\.frozen"):
        await desk.sent(update_of(package))
    with pytest.raises(StateError, match="illegal-move"):
        await desk.say(MINISTRY, package, "13", to=ROADS)
    await desk.sent(update_of(package, receivers=[RAIL]))
    await desk.sent(replacement_of(package))


async def test_an_update_that_has_not_left_goes_with_its_recalled_document(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    await desk.receive(sent, RAIL)
    update = await desk.sent(update_of(package))
    assert [(await desk.row(update, c))["state"] for c in (ROADS, RAIL)] == ["held", "queued"]
    await desk.sent(recall_of(package))
    assert [(await desk.row(update, c))["state"] for c in (ROADS, RAIL)] == ["recalled", "recalled"]


async def test_the_receipt_of_what_never_left_is_signed(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.sent(recall_of(package, reason="Ban hành nhầm"))
    rows = await desk.world.core.packages.receipts_of(sent.package_id)
    (jws,) = [row["jws"] for row in rows if row["event"] == "delivery.recalled"]
    check = receipts.verify(jws, desk.world.anchors, at=now())
    assert check.claims.event == "delivery.recalled" and check.claims.receivers == (ROADS,)
    assert (await desk.row(sent, ROADS))["note"] == "Ban hành nhầm"


# -- asking back (13) -----------------------------------------------------------------------------


async def test_asking_back_what_never_left_needs_nobodys_consent(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    asked = await desk.say(MINISTRY, package, "13", to=ROADS)
    assert await desk.stands(sent, ROADS) == ("recalled", "", "15")
    assert (await desk.row(asked, ROADS))["state"] == "recalled"
    await desk.world.hub.notices.make()
    assert await desk.told_sender() == [(ROADS, "15")]


async def test_asked_back_denied_and_asked_again(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    await desk.say(MINISTRY, package, "13", to=ROADS)
    await desk.say(ROADS, package, "16", reason="Đã xử lý xong")
    assert await desk.stands(sent, ROADS) == ("delivered", "03", "16")
    assert (await desk.row(sent, ROADS))["reason"] == "Đã xử lý xong"
    await desk.say(ROADS, package, "05")
    await desk.say(MINISTRY, package, "13", to=ROADS, status_timestamp="2019/06/03 08:00:00")
    await desk.say(ROADS, package, "15", status_timestamp="2019/06/03 09:00:00")
    assert await desk.stands(sent, ROADS) == ("delivered", "05", "15")


async def test_the_same_13_again_after_a_16_is_a_repeat(desk: Desk) -> None:
    """P4: the bytes decide. A request made again is a new package, with a time of its own."""
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    asked = signed(status_of(MINISTRY, package, "13", to=ROADS))
    first = await desk.world.send(asked)
    await desk.say(ROADS, package, "16", reason="không")
    again = await desk.world.send(asked)
    assert again.repeated and again.package_id == first.package_id
    assert (await desk.stands(sent, ROADS))[2] == "16"


# -- a pushed unit: an attempt on the wire --------------------------------------------------------


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("word", ["recall", "13"])
async def test_what_is_on_the_wire_is_followed_never_overtaken(world: World, word: str, arrives: bool) -> None:
    """The attempt decides: arrived, and the receiver is told after it; failed, and it was the last one."""
    desk, peer = Desk(world), world.peer(PORTS)
    gate = peer.gate = asyncio.Event()
    peer.answer = lambda parcel: Delivered("ok") if arrives or parcel.kind != "document" or len(
        peer.calls) > 1 else Later("no answer")  # fmt: skip
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)
    await until(lambda: peer.calls)
    if word == "recall":
        told = await desk.sent(recall_of(package))
    else:
        told = await desk.say(MINISTRY, package, "13", to=PORTS)
    assert (await desk.row(told, PORTS))["state"] == "held"
    assert (await desk.row(sent, PORTS))["taking_back"] == word
    gate.set()
    await world.in_state((await desk.row(told, PORTS))["id"], "delivered")
    row = await desk.row(sent, PORTS)
    assert row["state"] == ("delivered" if arrives else "recalled")
    documents = [c.package_id for c in peer.calls]
    assert documents.count(str(sent.package_id)) == 1, "no second attempt"
    assert documents.index(str(sent.package_id)) < documents.index(str(told.package_id))


async def test_after_a_failed_attempt_it_is_cancelled_and_the_receiver_told_all_the_same(world: World) -> None:
    desk, peer = Desk(world), world.peer(PORTS)
    failed = Later("half an answer", unit_down=False)
    peer.answer = lambda parcel: Delivered() if parcel.subject == "thu hồi" else failed
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)
    await until(lambda: len(peer.calls) >= 2)
    await world.change(PORTS, paused=True)
    await world.in_state((await desk.row(sent, PORTS))["id"], "queued")
    taken = await desk.sent(replace(recall_of(package), subject="thu hồi"))
    assert await desk.stands(sent, PORTS) == ("recalled", "", "recall")
    await world.change(PORTS, paused=False)
    await world.in_state((await desk.row(taken, PORTS))["id"], "delivered")
    await desk.say(PORTS, package, "15")
    assert await desk.stands(sent, PORTS) == ("recalled", "", "15")


async def test_an_operator_cannot_hold_or_resend_what_the_sender_wants_back(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.fetch(sent, ROADS)
    await desk.sent(recall_of(package))
    key = (await desk.row(sent, ROADS))["id"]
    assert await desk.world.core.deliveries.park(key, "op", "x")
    assert (await desk.row(sent, ROADS))["state"] == "recalled"
    assert not await desk.world.core.deliveries.replay(key, "op", "x")
    assert await desk.world.core.documents.resend(key, "op", "x") is None


async def test_a_relay_may_recall_what_this_axis_never_carried(desk: Desk) -> None:
    relay = await desk.world.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    foreign = document("000.00.00.H41", [ROADS])
    taken = await desk.world.send(encoded(recall_of(foreign)), by=relay.code)
    assert await desk.waiting(ROADS, Kind.DOCUMENT) == [(await desk.row(taken, ROADS))["id"]]


async def test_recalls_race_with_attempts_and_fetches_and_nobody_sees_what_was_cancelled(world: World) -> None:
    """Forty documents to a unit that is called and one that fetches, each recalled at a moment of its own."""
    desk, peer, chance = Desk(world), world.peer(PORTS), random.Random(28)
    seen: set[tuple[str, UUID]] = set()

    async def answer(parcel: Parcel) -> Delivered | Later:
        seen.add((PORTS, UUID(parcel.package_id)))
        await asyncio.sleep(chance.uniform(0, 0.01))  # the wire: its length is the subject here
        return Delivered() if chance.random() < 0.7 or parcel.subject == "thu hồi" else Later("no", unit_down=False)

    async def look(package_id: UUID) -> None:
        await asyncio.sleep(chance.uniform(0, 0.03))
        try:
            await desk.fetch(package_id, ROADS)
            seen.add((ROADS, package_id))
        except NotFound:
            pass

    async def one(number: int) -> tuple[UUID, UUID]:
        package = document(MINISTRY, [ROADS, PORTS])
        sent = await desk.sent(package)
        looking = asyncio.create_task(look(sent.package_id))
        if number < 4:
            await looking  # on a slow machine every recall might come first: some must come late
        await asyncio.sleep(chance.uniform(0, 0.03))
        recall = await desk.sent(replace(recall_of(package), subject="thu hồi"))
        await looking
        return sent.package_id, recall.package_id

    peer.answer = answer
    pairs = await asyncio.gather(*(one(number) for number in range(40)))
    for sent, recall in pairs:
        for code in (ROADS, PORTS):
            row, told = await desk.row(sent, code), await desk.row(recall, code)
            if row["taking_back"] == "15":
                assert (code, sent) not in seen, "cancelled, and seen all the same"
                assert told["state"] == "recalled"
            else:
                assert row["taking_back"] == "recall" and told["state"] in ("queued", "held", "sending", "delivered")
    assert {code for code, _ in seen} == {ROADS, PORTS}
    for sent, recall in pairs:
        row = await desk.row(recall, PORTS)
        if row["state"] != "recalled":
            await world.in_state(row["id"], "delivered")
            assert (await desk.row(sent, PORTS))["state"] in ("delivered", "recalled")


async def test_recalls_that_name_the_same_documents_in_another_order_do_not_wait_in_a_circle(desk: Desk) -> None:
    packages = [document(MINISTRY, [ROADS, RAIL]) for _ in range(6)]
    for package in packages:
        await desk.receive(await desk.sent(package), ROADS)
    orders = [random.Random(seed).sample(packages, len(packages)) for seed in range(8)]
    answers = await asyncio.gather(*(desk.sent(recall_of(*order)) for order in orders), return_exceptions=True)
    assert sum(not isinstance(a, BaseException) for a in answers) == 1, answers
    assert {type(a) for a in answers if isinstance(a, BaseException)} == {StateError}
