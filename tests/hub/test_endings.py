"""What was given back, returned or taken back goes nowhere any more, and nothing waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from axis.adapter import Delivered, Later, Outcome, Parcel, Refused
from axis.domain.document import Package
from axis.domain.errors import StateError
from axis.domain.ids import new_id
from axis.store.documents import SQL
from axis.trust import receipts
from tests.hub.talks import Desk, recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, now, until


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


async def parked(desk: Desk, sent: Any) -> None:
    assert await desk.world.core.deliveries.park((await desk.row(sent, ROADS))["id"], "op", "x")


async def replayed(desk: Desk, sent: Any) -> None:
    await parked(desk, sent)
    assert await desk.world.core.deliveries.replay((await desk.row(sent, ROADS))["id"], "op", "x")


async def nothing(desk: Desk, sent: Any) -> None:
    """Still queued."""


WAYS: list[Callable[[Desk, Any], Awaitable[None]]] = [nothing, parked, replayed]


@pytest.mark.parametrize("way", WAYS, ids=["queued", "parked", "replayed"])
@pytest.mark.parametrize("fetched", [False, True])
async def test_given_back_is_the_end_wherever_the_axis_had_it(desk: Desk, way: Any, fetched: bool) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    if fetched:
        await desk.fetch(sent, ROADS)
    await way(desk, sent)
    await desk.say(ROADS, package, "03")
    await desk.say(MINISTRY, package, "13", to=ROADS)
    assert (await desk.stands(sent, ROADS))[1:] == ("03", "13"), "it says it has it: it is asked"
    await desk.say(ROADS, package, "15")
    assert await desk.stands(sent, ROADS) == ("recalled", "03", "15")
    assert await desk.waiting(ROADS) == []
    assert not await desk.world.core.deliveries.replay((await desk.row(sent, ROADS))["id"], "op", "x")


@pytest.mark.parametrize("way", WAYS, ids=["queued", "parked", "replayed"])
@pytest.mark.parametrize("fetched", [False, True])
async def test_what_its_receiver_returned_has_reached_it(desk: Desk, way: Any, fetched: bool) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    if fetched:
        await desk.fetch(sent, ROADS)
    await way(desk, sent)
    await desk.say(ROADS, package, "02", reason="không thuộc thẩm quyền")
    assert await desk.stands(sent, ROADS) == ("delivered", "02", "")
    assert await desk.waiting(ROADS) == []
    (jws,) = [r["jws"] for r in await desk.world.core.packages.receipts_of(sent.package_id)
              if r["event"] == "delivery.delivered"]  # fmt: skip
    assert receipts.verify(jws, desk.world.anchors, at=now()).claims.receivers == (ROADS,)


async def test_a_replacement_returned_before_its_turn_is_never_sent(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    replacement = replacement_of(package)
    held = await desk.sent(replacement)
    await desk.say(ROADS, replacement, "02", reason="đã có bản giấy")
    assert (await desk.row(held, ROADS))["state"] == "delivered"
    await desk.receive(sent, ROADS)
    assert await desk.waiting(ROADS) == []


@pytest.mark.parametrize("arrives", ["fails", "lost", "parked"])
@pytest.mark.parametrize(("said", "end"), [("02", "delivered"), ("15", "recalled")])
async def test_an_attempt_that_fails_after_the_receivers_word_was_the_last(
    desk: Desk, said: str, end: str, arrives: str
) -> None:
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)
    world = desk.world
    (claim,) = await world.core.deliveries.claim({world.units[PORTS].id: 1}, 1, "test", 60.0)
    if said == "15":
        await desk.sent(recall_of(package))
    await desk.say(PORTS, package, said, reason="nhầm")
    if arrives == "fails":
        await world.core.deliveries.settle_later(claim, now(), "test", "no", now(), {})
    elif arrives == "lost":
        await world.execute("update delivery set lease_until = now() - interval '1s' where lease_until is not null")
        await world.core.deliveries.release_expired()
    else:
        await world.core.deliveries.park(claim.id, "op", "x")
    row = await desk.row(sent, PORTS)
    assert (row["state"], row["finished_at"] is None) == (end, False)


@pytest.mark.parametrize("held_first", [True, False])
async def test_what_was_fetched_is_asked_for_even_while_an_operator_holds_it(desk: Desk, held_first: bool) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.fetch(sent, ROADS)
    if held_first:
        await parked(desk, sent)
    await desk.say(MINISTRY, package, "13", to=ROADS)
    if not held_first:
        await parked(desk, sent)
    assert await desk.stands(sent, ROADS) == ("parked", "", "13")
    key = (await desk.row(sent, ROADS))["id"]
    assert not await desk.world.core.deliveries.replay(key, "op", "x"), "while its sender wants it back"
    await desk.say(ROADS, package, "16", reason="đã trình")
    assert await desk.stands(sent, ROADS) == ("parked", "", "16")
    assert await desk.world.core.deliveries.replay(key, "op", "x")


# -- updates end with their document --------------------------------------------------------------


@pytest.mark.parametrize("by", ["recall", "13"])
async def test_no_update_leaves_after_its_document_was_taken_back(desk: Desk, by: str) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    first, second = await desk.sent(update_of(package)), await desk.sent(update_of(package))
    await parked(desk, first)
    if by == "recall":
        await desk.sent(recall_of(package))
    else:
        await desk.say(MINISTRY, package, "13", to=ROADS)
        assert (await desk.row(second, ROADS))["state"] == "held", "nobody agreed yet"
        await desk.say(ROADS, package, "15")
    for update in (first, second):
        row = await desk.row(update, ROADS)
        assert row["state"] == "recalled"
        assert not await desk.world.core.deliveries.replay(row["id"], "op", "x")


async def test_an_update_of_a_document_that_ends_by_itself_is_not_freed_but_ends(desk: Desk) -> None:
    """Asked back while on the wire, and the attempt fails: nobody is there to cancel its updates but the database."""
    package = document(MINISTRY, [PORTS])
    await desk.sent(package)
    world = desk.world
    (claim,) = await world.core.deliveries.claim({world.units[PORTS].id: 1}, 1, "test", 60.0)
    update = await desk.sent(update_of(package))
    await desk.say(MINISTRY, package, "13", to=PORTS)
    assert (await desk.row(update, PORTS))["state"] == "held"
    await world.core.deliveries.settle_later(claim, now(), "test", "no", now(), {})
    assert (await desk.row(update, PORTS))["state"] == "recalled"


async def test_an_update_on_the_wire_arrives_before_the_recall_or_not_at_all(world: World) -> None:
    desk, peer, gate, tried = Desk(world), world.peer(PORTS), asyncio.Event(), []

    async def answer(parcel: Parcel) -> Outcome:
        if parcel.business_type != 2:
            return Delivered("ok")
        tried.append(parcel)
        await gate.wait()
        return Later("no answer", unit_down=False)

    peer.answer = answer
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)
    await world.in_state((await desk.row(sent, PORTS))["id"], "delivered")
    update = await desk.sent(update_of(package))
    await until(lambda: tried)
    recall = await desk.sent(recall_of(package))
    assert (await desk.row(recall, PORTS))["state"] == "held"
    gate.set()
    await world.in_state((await desk.row(recall, PORTS))["id"], "delivered")
    assert (await desk.row(update, PORTS))["state"] == "recalled" and len(tried) == 1


async def test_a_recall_goes_on_when_what_it_waited_for_is_refused(world: World) -> None:
    desk, peer, gate = Desk(world), world.peer(PORTS), asyncio.Event()

    async def answer(parcel: Parcel) -> Outcome:
        if len(peer.calls) > 1:
            return Delivered("ok")
        await gate.wait()
        return Refused("422", "hỏng")

    peer.answer = answer
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)
    await until(lambda: peer.calls)
    recall = await desk.sent(recall_of(package))
    gate.set()
    await world.in_state((await desk.row(recall, PORTS))["id"], "delivered")
    row = await desk.row(sent, PORTS)
    assert (row["state"], row["taking_back"]) == ("refused", "recall")
    assert not await world.core.deliveries.replay(row["id"], "op", "x"), "ordered back"


async def test_a_document_taken_back_everywhere_is_updated_for_nobody(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.sent(recall_of(package))
    with pytest.raises(StateError, match=r"update\.frozen"):
        await desk.sent(update_of(package, receivers=[RAIL]))


# -- sent again -----------------------------------------------------------------------------------


async def _refused(world: World, package: Package) -> Any:
    sent = await world.send(package)
    (row,) = await world.deliveries(sent.package_id, PORTS)
    await world.execute("update delivery set state = 'sending', attempts = 1 where id = $1", row["id"])
    await world.execute("update delivery set state = 'refused', finished_at = now() where id = $1", row["id"])
    return sent


async def test_sending_again_ends_what_is_left_of_the_earlier_one(desk: Desk) -> None:
    package = document(MINISTRY, [PORTS])
    sent = await _refused(desk.world, package)
    update = await desk.sent(update_of(package))
    recall = replacement_of(package)
    assert (await desk.row(update, PORTS))["state"] == "held"
    await desk.sent(replace(package, subject="bản sửa"))
    assert (await desk.row(sent, PORTS))["state"] == (await desk.row(update, PORTS))["state"] == "recalled"
    assert not await desk.world.core.deliveries.replay((await desk.row(sent, PORTS))["id"], "op", "x")
    assert (await desk.row(await desk.sent(recall), PORTS))["state"] == "held", "behind the one sent again"


async def test_replay_leaves_alone_what_was_sent_again(desk: Desk) -> None:
    """Also where an earlier program left it refused."""
    package = document(MINISTRY, [PORTS])
    sent = await _refused(desk.world, package)
    again = await desk.sent(document(MINISTRY, [PORTS]))
    await desk.world.execute(
        "insert into link values ($1, 'again', 'x', $2)", again.package_id, sent.package_id
    )  # fmt: skip
    assert not await desk.world.core.deliveries.replay((await desk.row(sent, PORTS))["id"], "op", "x")


async def test_the_newest_round_decides_whether_a_document_is_left(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.say(ROADS, package, "02", reason="thiếu phụ lục")
    made = await desk.world.core.documents.resend((await desk.row(sent, ROADS))["id"], "op", "x")
    assert made is not None
    await desk.receive(sent, ROADS)
    with pytest.raises(Exception, match="conflict"):
        await desk.sent(replace(package, subject="bản khác"))
    early = await desk.sent(update_of(package))
    # Only the first round, as an earlier program may have left it: the newer one goes on, and so do its updates.
    only = "update delivery set taking_back = 'recall' where package_id = $1 and round = 1"
    await desk.world.execute(only, sent.package_id)
    update = await desk.sent(update_of(package))
    assert [(await desk.row(u, ROADS))["state"] for u in (early, update)] == ["queued", "held"]
    await desk.sent(recall_of(package))
    rounds = [(r["round"], r["taking_back"]) for r in await desk.world.deliveries(sent.package_id)]
    assert rounds == [(1, "recall"), (2, "recall")]
    await desk.say(ROADS, package, "15")
    assert {r["taking_back"] for r in await desk.world.deliveries(sent.package_id)} == {"15"}, "every round"
    with pytest.raises(StateError, match=r"update\.frozen"):
        await desk.sent(update_of(package))
    again = await desk.sent(replace(package, subject="bản khác"))
    assert again.package_id != sent.package_id


async def test_sending_once_more_waits_for_a_recall_on_its_way_in(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "02", reason="x")
    key, documents = (await desk.row(sent, ROADS))["id"], desk.world.core.documents
    changes: Any = desk.world.hub.intake._changes
    accept, found = changes._accept, []

    async def slow(*args: Any) -> bool:
        found.append(asyncio.create_task(documents.resend(key, "op", "y")))
        waiting = "select exists (select from pg_locks where not granted) as waits"
        await until(lambda: _waits(desk.world, waiting))
        return bool(await accept(*args))

    changes._accept = slow
    await desk.sent(recall_of(package))
    assert await found[0] is None
    assert [(d["round"], d["taking_back"]) for d in await desk.world.deliveries(sent.package_id)] == [(1, "recall")]


async def test_a_recall_takes_back_what_was_sent_once_more_while_it_waited(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "02", reason="x")
    key, database = (await desk.row(sent, ROADS))["id"], desk.world.core.database
    async with database.transaction() as work:  # as Documents.resend does it, not committed yet
        await work.fetchrow(SQL.lock_delivery, key)
        assert await work.fetchval(SQL.resend, key, new_id(), new_id(), "op", {}) is not None
        recall = asyncio.create_task(desk.sent(recall_of(package)))
        await until(lambda: _waits(desk.world, "select exists (select from pg_locks where not granted) as waits"))
    await recall
    rounds = [(d["round"], d["state"], d["taking_back"]) for d in await desk.world.deliveries(sent.package_id)]
    assert rounds == [(1, "delivered", "recall"), (2, "recalled", "15")]
    assert await desk.waiting(ROADS) == [(await desk.row(await recall, ROADS))["id"]], "the recall, and nothing else"


async def _waits(world: World, look: str) -> bool:
    return bool((await world.row(look))["waits"])


@pytest.mark.parametrize("word", ["recall", "13-15"])
async def test_only_a_document_that_was_returned_and_no_more_is_sent_once_more(desk: Desk, word: str) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    resend, key = desk.world.core.documents.resend, (await desk.row(sent, ROADS))["id"]
    if word == "recall":
        await desk.say(ROADS, package, "02", reason="x")
        await desk.sent(recall_of(package))
        assert await resend(key, "op", "x") is None, "ordered back"
        await desk.say(ROADS, package, "15")
    else:
        await desk.say(MINISTRY, package, "13", to=ROADS)
        await desk.say(ROADS, package, "02", reason="x")
        await desk.say(ROADS, package, "15")
    assert await resend(key, "op", "x") is None
    about = document(MINISTRY, [ROADS])
    await desk.receive(await desk.sent(about), ROADS)
    change = update_of(about)
    update = await desk.sent(change)
    await desk.receive(update, ROADS)
    await desk.say(ROADS, change, "02", reason="không rõ")
    assert await resend((await desk.row(update, ROADS))["id"], "op", "x") is None, "an update is no document"
