"""Relays and parents: one unit that stands for others, whose word counts, and what comes by another way first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from axis.domain.directory import Unit, UnitState
from axis.domain.document import Policy
from axis.domain.errors import PackageError
from axis.hub.desk import Clerk
from tests.hub.talks import Desk, recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document, encoded, status_of

THERE, ELSEWHERE, CHILD = "000.00.00.H41", "000.00.00.H43", "000.01.01.G04"


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


@pytest.fixture
async def relay(still: World) -> Unit:
    return await still.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)


async def test_through_a_relay_only_an_addressee_reports_about_a_document(desk: Desk, relay: Unit) -> None:
    package = document(MINISTRY, [THERE])
    sent = await desk.sent(package)
    await desk.receive(sent, relay.code)
    for by in (ELSEWHERE, relay.code):
        with pytest.raises(PackageError, match="not-a-receiver"):
            await desk.world.send(encoded(status_of(by, package, "02", "nhầm")), by=relay.code)
    assert (await desk.stands(sent, relay.code))[1] == ""
    (told,) = [e for e in await desk.events(sent) if e["event"] == "status.illegal" and e["data"]["by"] == ELSEWHERE]
    assert told["data"]["reason"] == "nhầm"
    await desk.world.send(encoded(status_of(" 000.00.00.h41 ", package, "03")), by=relay.code)
    assert (await desk.stands(sent, relay.code))[1] == "03"


async def test_an_agency_behind_a_relay_is_asked_for_a_document_by_its_own_code(desk: Desk, relay: Unit) -> None:
    package = document(MINISTRY, [THERE])
    sent = await desk.sent(package)
    await desk.receive(sent, relay.code)
    with pytest.raises(PackageError, match="unknown-document"):
        await desk.say(MINISTRY, package, "13", to=ELSEWHERE)
    await desk.say(MINISTRY, package, "13", to="000.00.00.h41")
    assert (await desk.stands(sent, relay.code))[2] == "13"
    await desk.world.send(encoded(status_of(THERE, package, "16", "đã trình")), by=relay.code)
    await desk.world.hub.desk.say(
        Clerk(desk.world.units[MINISTRY], "A", "person:a"), (await desk.row(sent, relay.code))["id"], "13", "gửi nhầm"
    )
    assert (await desk.stands(sent, relay.code))[2] == "13", "from the page as well"


@pytest.mark.parametrize("connected", [False, True])
async def test_the_unit_that_has_a_document_is_asked_told_and_updated(desk: Desk, connected: bool) -> None:
    """A parent received for a unit; that the unit was connected since does not make the document wander."""
    world = desk.world
    await world.add(CHILD, parent=ROADS, state=UnitState.DRAFT)
    package = document(MINISTRY, [CHILD])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    if connected:
        await world.change(CHILD, state=UnitState.LIVE)
    update = await desk.sent(update_of(package))
    assert {d["code"] for d in await world.deliveries(update.package_id)} == ({ROADS, CHILD} if connected else {ROADS})
    asked = await desk.say(MINISTRY, package, "13", to=CHILD)
    assert [d["code"] for d in await world.deliveries(asked.package_id)] == [ROADS]
    assert (await desk.stands(sent, ROADS))[2] == "13"
    recall = await desk.sent(recall_of(package))
    assert ROADS in {d["code"] for d in await world.deliveries(recall.package_id)}
    assert (await desk.stands(sent, ROADS))[2] == "recall"
    assert {d["state"] for d in await world.deliveries(update.package_id)} == {"recalled"}


async def test_an_update_does_not_follow_to_a_unit_where_the_document_ended(desk: Desk) -> None:
    world = desk.world
    await world.add(CHILD, parent=ROADS, state=UnitState.DRAFT)
    package = document(MINISTRY, [CHILD, RAIL])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "02", reason="nhầm")
    await world.change(CHILD, state=UnitState.LIVE)
    update = await desk.sent(update_of(package))
    assert {d["code"] for d in await world.deliveries(update.package_id)} == {CHILD, RAIL}


async def test_a_recall_goes_to_nobody_who_never_had_the_document(desk: Desk, relay: Unit) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    counted = await desk.world.counts()
    with pytest.raises(PackageError) as caught:
        await desk.sent(recall_of(package, receivers=[ROADS, RAIL]))
    assert (caught.value.code, caught.value.facts["receivers"]) == ("recall.never-had", RAIL)
    assert await desk.world.counts() == counted and (await desk.row(sent, ROADS))["state"] == "queued"
    await desk.sent(update_of(package, receivers=[RAIL]))
    await desk.sent(recall_of(package, receivers=[ROADS, RAIL]))  # who was sent its update hears of the recall
    assert (await desk.row(sent, ROADS))["state"] == "recalled"
    foreign = document(THERE, [ROADS])
    await desk.world.send(encoded(foreign), by=relay.code)
    await desk.world.send(encoded(recall_of(foreign, receivers=[ROADS, RAIL])), by=relay.code)


async def test_a_recall_reaches_who_had_the_document_before_it_was_sent_again(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    first = await desk.sent(package)
    await desk.receive(first, ROADS)
    await desk.say(ROADS, package, "02", reason="nhầm nơi nhận")
    other = replace(package, receivers=document(MINISTRY, [RAIL]).receivers)
    again = await desk.sent(other)
    await desk.sent(recall_of(other, receivers=[RAIL, ROADS]))
    assert (await desk.row(again, RAIL))["state"] == "recalled"


# -- what speaks of a document comes before it ----------------------------------------------------


async def test_a_document_a_relay_recalled_before_it_came_is_never_delivered(desk: Desk, relay: Unit) -> None:
    foreign = document(THERE, [ROADS, RAIL])
    recall = recall_of(foreign, receivers=[ROADS])
    taken = await desk.world.send(encoded(recall), by=relay.code)
    await desk.receive(taken, ROADS)
    other = replace(document(ELSEWHERE, [ROADS]), document_id=foreign.document_id)
    kept = await desk.world.send(encoded(other), by=relay.code)
    assert (await desk.row(kept, ROADS))["state"] == "queued", "another agency's under the same name"
    sent = await desk.world.send(encoded(foreign), by=relay.code)
    assert await desk.stands(sent, ROADS) == ("recalled", "", "15")
    assert await desk.stands(sent, RAIL) == ("queued", "", "")
    assert (await desk.row(sent, ROADS))["id"] not in await desk.waiting(ROADS)
    events = [(e["event"], e["unit_id"]) for e in await desk.events(sent)]
    roads = desk.world.units[ROADS].id
    assert ("recall.ordered", roads) in events and ("delivery.recalled", roads) in events
    assert await desk.world.hub.notices.make() == 1
    assert await desk.told_sender(relay.code) == [(ROADS, "15")]
    await desk.say(ROADS, recall, "15")
    assert (await desk.stands(taken, ROADS))[2] == "15"


async def test_a_replacement_that_came_first_is_linked_when_its_original_comes(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    replacement = await desk.sent(replacement_of(package))
    other = replace(document(RAIL, [ROADS]), document_id=package.document_id)
    await desk.sent(other)
    sent = await desk.sent(package)
    (link,) = await desk.world.core.documents.links_of(replacement.package_id)
    assert link["package_id"] == sent.package_id
    assert [r["id"] for r in await desk.world.core.documents.chain(sent.package_id)] == sorted(
        [replacement.package_id, sent.package_id]
    )
    assert await desk.stands(sent, ROADS) == ("queued", "", "")
