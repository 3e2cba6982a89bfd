"""Several addressees behind one delivery: each has the document on its own terms, and nobody speaks for another."""

from __future__ import annotations

from typing import Any

import pytest

from axis.domain.directory import UnitState
from axis.domain.document import Kind, Package, Policy
from axis.domain.errors import AxisError
from axis.fronts import vxp_answers
from axis.hub.desk import Clerk
from tests.hub.talks import Desk, recall_of, update_of
from tests.hub.world import MINISTRY, ROADS, World, document, encoded, status_of

HUB = "000.00.00.G22"
PROVINCES = ("000.00.00.H41", "000.00.00.H42")
FIRST, SECOND = PROVINCES


@pytest.fixture
async def desk(still: World) -> Desk:
    """With the national axis, which relays to the provinces."""
    await still.add(HUB, relays=True, policy=Policy.REFERENCE_ONLY)
    return Desk(still)


async def says(desk: Desk, by: str, about: Package, code: str, **more: Any) -> None:
    await desk.world.send(encoded(status_of(by, about, code, **more)), by=HUB)


async def listed(desk: Desk, package_id: Any) -> dict[str, str]:
    """What the sender's system reads of each addressee."""
    found = await desk.world.hub.mailroom.sent(desk.world.units[MINISTRY], Kind.DOCUMENT, package_id)
    return {one.receiver: str(vxp_answers.sent_item(one).get("receiveStatus", "")) for one in found}


async def test_each_province_has_a_status_of_its_own(desk: Desk) -> None:
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    await desk.receive(sent, HUB)
    await says(desk, FIRST, package, "02", reason="Không đúng thẩm quyền")
    assert await listed(desk, sent.package_id) == {FIRST: "02", SECOND: ""}
    assert (await desk.stands(sent, HUB))[1] == "", "not all of them said anything"
    await says(desk, SECOND, package, "01")
    await says(desk, SECOND, package, "03")
    assert await listed(desk, sent.package_id) == {FIRST: "02", SECOND: "03"}
    assert await desk.stands(sent, HUB) == ("delivered", "03", ""), "where those stand who kept it"
    with pytest.raises(AxisError) as caught:
        await says(desk, FIRST, package, "03")
    assert caught.value.code == "status.illegal-move"
    assert await desk.told_sender() == [(FIRST, "02"), (SECOND, "01"), (SECOND, "03")]


async def test_the_deadline_is_met_when_the_last_one_met_it(desk: Desk) -> None:
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    await desk.receive(sent, HUB)
    await says(desk, FIRST, package, "03")
    assert (await desk.row(sent, HUB))["registered_at"] is None
    await says(desk, SECOND, package, "05")
    row = await desk.row(sent, HUB)
    assert (row["handling"], row["registered_at"] is not None) == ("03", True)


async def test_a_recall_from_one_leaves_the_document_to_the_other(desk: Desk) -> None:
    """Not fetched yet: the package still travels, and the recall behind it."""
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    recall = await desk.sent(recall_of(package, receivers=[FIRST]))
    assert await desk.stands(sent, HUB) == ("queued", "", "")
    assert (await desk.stands(recall, HUB))[0] == "held", "it never overtakes the document"
    assert await listed(desk, sent.package_id) == {FIRST: "", SECOND: ""}
    with pytest.raises(AxisError) as caught:
        await desk.sent(recall_of(package, receivers=[FIRST], reason="lần nữa"))
    assert caught.value.code == "recall.already"
    await desk.receive(sent, HUB)
    await desk.receive(recall, HUB)
    with pytest.raises(AxisError) as caught:
        await says(desk, FIRST, package, "16", reason="không")
    assert caught.value.code == "status.recall-not-deniable"
    await says(desk, FIRST, package, "15")
    await says(desk, SECOND, package, "06")
    assert await listed(desk, sent.package_id) == {FIRST: "15", SECOND: "06"}
    (told,) = await desk.world.journal("recall.ordered")
    assert told["data"]["receivers"] == [FIRST]


async def test_an_update_still_comes_to_those_who_keep_the_document(desk: Desk) -> None:
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    update = await desk.sent(update_of(package))
    await desk.sent(recall_of(package, receivers=[FIRST]))
    assert (await desk.stands(update, HUB))[0] == "held"
    await desk.receive(sent, HUB)
    await desk.receive(update, HUB)
    assert (await desk.stands(update, HUB))[0] == "delivered"


async def test_recalled_from_one_after_the_other_it_is_taken_back(desk: Desk) -> None:
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    await desk.sent(recall_of(package, receivers=[FIRST]))
    await desk.sent(recall_of(package, receivers=[SECOND]))
    assert (await desk.stands(sent, HUB))[::2] == ("recalled", "15"), "nobody is left who should have it"
    assert await desk.waiting(HUB) == []
    assert await listed(desk, sent.package_id) == {FIRST: "15", SECOND: "15"}


async def test_the_answer_to_a_recall_names_the_recall(desk: Desk) -> None:
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    await desk.receive(sent, HUB)
    order = recall_of(package)
    recall = await desk.sent(order)
    await desk.receive(recall, HUB)
    assert (await desk.stands(sent, HUB))[2] == "recall"
    await says(desk, FIRST, order, "15")
    assert await listed(desk, sent.package_id) == {FIRST: "15", SECOND: ""}
    assert (await desk.stands(sent, HUB))[2] == "recall", "one of them has yet to cancel it"
    assert (await desk.stands(recall, HUB))[2] == ""
    await says(desk, SECOND, package, "15")
    assert (await desk.stands(sent, HUB))[2] == "15"
    assert (await desk.stands(recall, HUB))[2] == "15", "answered by both, whichever they named"


async def test_answers_to_a_recall_move_no_handling(desk: Desk) -> None:
    """It is frozen for all of them, however far each had come."""
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    await desk.receive(sent, HUB)
    await says(desk, FIRST, package, "01")
    await says(desk, SECOND, package, "05")
    await desk.receive(await desk.sent(recall_of(package)), HUB)
    await says(desk, FIRST, package, "15")
    assert (await desk.stands(sent, HUB))[1:] == ("01", "recall")
    await says(desk, SECOND, package, "15")
    assert (await desk.stands(sent, HUB))[1:] == ("01", "15")


async def test_one_is_asked_and_the_other_keeps_it(desk: Desk) -> None:
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    await desk.receive(sent, HUB)
    await desk.say(MINISTRY, package, "13", to=FIRST)
    assert await listed(desk, sent.package_id) == {FIRST: "13", SECOND: ""}
    with pytest.raises(AxisError):
        await says(desk, SECOND, package, "15")
    await says(desk, FIRST, package, "16", reason="Đã trình lãnh đạo")
    await says(desk, FIRST, package, "03")
    assert await listed(desk, sent.package_id) == {FIRST: "03", SECOND: ""}
    await desk.say(MINISTRY, package, "13", to=FIRST, status_timestamp="2019/06/03 08:00:00")
    await says(desk, FIRST, package, "15", status_timestamp="2019/06/03 09:00:00")
    assert await listed(desk, sent.package_id) == {FIRST: "15", SECOND: ""}
    assert (await desk.stands(sent, HUB))[2] == ""


async def test_a_parent_speaks_for_the_units_it_receives_for(desk: Desk) -> None:
    """Its clerk on the page, and the axis that reports the arrival for it."""
    children = ("000.01.01.G04", "000.02.01.G04")
    for code in children:
        await desk.world.add(code, parent=ROADS, state=UnitState.DRAFT)
    await desk.world.change(ROADS, auto_arrived=True)
    package = document(MINISTRY, children)
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.world.hub.notices.make()
    assert await desk.told_sender() == [(ROADS, "01")] * 2, "once for each child, said by the unit that has it"
    assert (await desk.stands(sent, ROADS))[1] == "01"
    clerk = Clerk(desk.world.units[ROADS], "Văn thư", "person:van.thu")
    key = (await desk.row(sent, ROADS))["id"]
    await desk.world.hub.desk.say(clerk, key, "03")
    assert await listed(desk, sent.package_id) == dict.fromkeys(children, "03")
    ministry = Clerk(desk.world.units[MINISTRY], "Văn thư Bộ", "person:bo")
    await desk.world.hub.desk.say(ministry, key, "13", reason="Gửi nhầm")
    assert (await desk.stands(sent, ROADS))[2] == "13", "asked of both"


async def test_a_unit_that_receives_for_another_speaks_for_both(desk: Desk) -> None:
    """Nobody else could: the other has no system of its own, and nothing must wait for its word for ever."""
    child = "000.01.01.G04"
    await desk.world.add(child, parent=ROADS, state=UnitState.DRAFT)
    package = document(MINISTRY, [ROADS, child])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    assert await desk.stands(sent, ROADS) == ("delivered", "03", "")
    await desk.say(MINISTRY, package, "13", to=child)
    assert await listed(desk, sent.package_id) == {ROADS: "03", child: "13"}
    (row,) = await desk.world.core.packages.deliveries_of(sent.package_id)
    assert {"15", "16"} <= set(desk.world.hub.desk.offers(row, sender=False).statuses), "a clerk may answer"
    await desk.say(ROADS, package, "15")
    assert await listed(desk, sent.package_id) == {ROADS: "03", child: "15"}, "who was asked gives it back"
    await desk.say(ROADS, package, "06")
    assert await listed(desk, sent.package_id) == {ROADS: "06", child: "15"}
    assert (await desk.stands(sent, ROADS))[1] == "06", "who gave it back owes nothing"


async def test_who_gave_it_back_holds_up_nobody(desk: Desk) -> None:
    """The other one had finished before: nothing is open any more, and no deadline runs."""
    package = document(MINISTRY, PROVINCES)
    sent = await desk.sent(package)
    await desk.receive(sent, HUB)
    await says(desk, SECOND, package, "06")
    await desk.say(MINISTRY, package, "13", to=FIRST)
    await says(desk, FIRST, package, "15")
    row = await desk.row(sent, HUB)
    assert (row["handling"], row["taking_back"], row["completed_at"] is not None) == ("06", "", True)


async def test_two_codes_of_one_agency_are_one_addressee(desk: Desk) -> None:
    await desk.world.change(ROADS, aliases=("G04.07",))
    package = document(MINISTRY, [ROADS, "G04.07"])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    assert await desk.stands(sent, ROADS) == ("delivered", "03", "")
