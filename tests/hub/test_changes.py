"""Updates, replacements and sending again: linked both ways, answered, and never ahead of what they speak of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from axis.adapter import Delivered, Refused
from axis.domain.document import Dated, Kind, OtherInfo
from axis.domain.errors import ConflictError, NotFound, PackageError, StateError
from tests.hub.alerting import watch
from tests.hub.conftest import Opened
from tests.hub.talks import Desk, recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, signed, until


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


# -- update ---------------------------------------------------------------------------------------


async def test_an_update_waits_until_its_document_was_confirmed(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    update = await desk.sent(update_of(package))
    key = (await desk.row(update, ROADS))["id"]
    unit = desk.world.units[ROADS]
    assert (await desk.row(update, ROADS))["state"] == "held"
    assert key not in await desk.waiting(ROADS)
    for verb in (desk.world.hub.mailroom.fetch(unit, key), desk.world.hub.mailroom.confirm(unit, key, "done")):
        with pytest.raises(NotFound):
            await verb
    await desk.fetch(sent, ROADS)
    assert (await desk.row(update, ROADS))["state"] == "held", "fetched is not stored"
    await desk.confirm(sent, ROADS)
    assert (await desk.row(update, ROADS))["state"] == "queued"
    assert await desk.waiting(ROADS) == [key]
    events = [e["event"] for e in await desk.events(update)]
    assert sorted(events[:2]) == ["delivery.held", "package.accepted"] and events[2:] == ["delivery.freed"]


@pytest.mark.parametrize("named", ["document", "update"])
async def test_the_receivers_answers_stand_on_the_update(desk: Desk, named: str) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    change = update_of(package)
    update = await desk.sent(change)
    for code, answer in ((ROADS, "15"), (RAIL, "16")):
        await desk.receive(sent, code)
        await desk.receive(update, code)
        about = package if named == "document" else change
        await desk.say(code, about, answer, reason="không áp dụng" if answer == "16" else "")
    assert [(await desk.stands(update, c))[2] for c in (ROADS, RAIL)] == ["15", "16"]
    assert [(await desk.stands(sent, c))[2] for c in (ROADS, RAIL)] == ["", ""], "the document was not asked back"
    assert (await desk.row(update, RAIL))["reason"] == "không áp dụng"
    await desk.say(ROADS, package, "05")
    assert await desk.told_sender() == [(ROADS, "15"), (RAIL, "16"), (ROADS, "05")]


async def test_an_answer_that_names_the_document_goes_to_the_oldest_open_question(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    first, second = await desk.sent(update_of(package)), await desk.sent(update_of(package))
    for one in (sent, first, second):
        await desk.receive(one, ROADS)
    await desk.say(ROADS, package, "15")
    assert [(await desk.stands(u, ROADS))[2] for u in (first, second)] == ["15", ""]
    await desk.say(MINISTRY, package, "13", to=ROADS)
    await desk.say(ROADS, package, "16", reason="đang xử lý")
    assert (await desk.stands(sent, ROADS))[2] == "16", "what was asked back comes before updates"
    await desk.say(ROADS, package, "15", status_timestamp="2019/06/04 08:00:00")
    assert [(await desk.stands(u, ROADS))[2] for u in (first, second)] == ["15", "15"]


async def test_an_update_nobody_sent_yet_cannot_be_answered(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    await desk.sent(package)
    await desk.sent(update_of(package))
    with pytest.raises(StateError, match="illegal-move"):
        await desk.say(ROADS, package, "16", reason="x")


async def test_an_update_of_an_unknown_or_anothers_document_is_refused(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    await desk.sent(package)
    for unknown in (document(MINISTRY, [ROADS]), replace(package, sender=document(RAIL, [ROADS]).sender)):
        with pytest.raises(PackageError, match=r"update\.unknown-document"):
            await desk.sent(update_of(unknown))


async def test_updates_go_in_the_order_they_were_sent(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    first, second = await desk.sent(update_of(package)), await desk.sent(update_of(package))
    await desk.receive(sent, ROADS)
    assert [(await desk.row(u, ROADS))["state"] for u in (first, second)] == ["queued", "held"]
    await desk.receive(first, ROADS)
    assert (await desk.row(second, ROADS))["state"] == "queued"


async def test_an_update_may_bring_a_new_receiver(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    await desk.sent(package)
    update = await desk.sent(update_of(package, receivers=[ROADS, RAIL]))
    assert [(await desk.row(update, c))["state"] for c in (ROADS, RAIL)] == ["held", "queued"]


# -- replacement ----------------------------------------------------------------------------------


async def test_a_chain_of_replacements_reads_as_one_story_from_any_of_its_packages(desk: Desk) -> None:
    one = document(MINISTRY, [ROADS])
    two = replacement_of(one)
    three = replacement_of(two)
    sent = []
    for package in (one, two, three):
        sent.append(await desk.sent(package))
        await desk.receive(sent[-1], ROADS)
        await desk.say(ROADS, package, "03")
    update = await desk.sent(update_of(three))
    documents = desk.world.core.documents
    story = [s.package_id for s in sent] + [update.package_id]
    for package_id in story:
        assert [row["id"] for row in await documents.chain(package_id)] == story
    links = [(r["direction"], r["kind"], r["package_id"]) for r in await documents.links_of(sent[1].package_id)]
    assert links == [("to", "replace", story[0]), ("from", "replace", story[2])]
    told = [(r["event"], r["document_id"]) for r in await documents.story(story)]
    assert told.index(("document.replaced", one.document_id)) < told.index(("document.replaced", two.document_id))
    assert ("document.updated", three.document_id) in told


async def test_a_replacement_of_a_document_on_paper_is_linked_by_its_name_alone(desk: Desk) -> None:
    paper = document(MINISTRY, [ROADS])
    sent = await desk.sent(replacement_of(paper))
    (link,) = await desk.world.core.documents.links_of(sent.package_id)
    assert (link["document_id"], link["package_id"]) == (paper.document_id, None)
    assert (await desk.row(sent, ROADS))["state"] == "queued"


async def test_a_replacement_waits_for_neither_a_refused_document_nor_what_waits_for_it(world: World) -> None:
    desk, peer = Desk(world), world.peer(PORTS)
    peer.answer = lambda parcel: Refused("422", "hỏng") if len(peer.calls) == 1 else Delivered("ok")
    package = document(MINISTRY, [PORTS, ROADS])
    sent = await desk.sent(package)
    await world.in_state((await desk.row(sent, PORTS))["id"], "refused")
    update = await desk.sent(update_of(package))
    replacement = await desk.sent(replacement_of(package))
    assert (await desk.row(update, PORTS))["state"] == "held", "there is nothing to update there yet"
    assert (await desk.row(replacement, ROADS))["state"] == "held"
    await world.in_state((await desk.row(replacement, PORTS))["id"], "delivered")
    assert (await desk.row(update, PORTS))["state"] == "held", "an operator may still send the document again"
    assert await world.core.deliveries.replay((await desk.row(sent, PORTS))["id"], "op", "x")
    world.hub.courier.wake()
    await world.in_state((await desk.row(update, PORTS))["id"], "delivered")
    order = [call.package_id for call in peer.calls if call.kind == "document"]
    assert order == [str(p.package_id) for p in (sent, replacement, sent, update)]


async def test_a_replacement_behind_an_update_goes_when_both_wait_for_what_is_refused(desk: Desk) -> None:
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)
    held = [await desk.sent(one) for one in (update_of(package), update_of(package), replacement_of(package))]
    world, key = desk.world, (await desk.row(sent, PORTS))["id"]
    assert await world.core.deliveries.park(key, "op", "x")
    late = await desk.sent(update_of(package))
    assert key in (await desk.row(late, PORTS))["follows"], "what an operator holds is ahead as well"
    assert await world.core.deliveries.replay(key, "op", "x")
    await world.execute("update delivery set state = 'sending' where id = $1", key)
    await world.execute("update delivery set state = 'refused', finished_at = now() where id = $1", key)
    assert [(await desk.row(one, PORTS))["state"] for one in (*held, late)] == ["held", "held", "queued", "held"]


async def test_a_replacement_mends_what_the_system_refused_at_once(world: World) -> None:
    desk, peer = Desk(world), world.peer(PORTS)
    peer.answer = lambda parcel: Refused("422", "hỏng") if len(peer.calls) == 1 else Delivered("ok")
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)
    await world.in_state((await desk.row(sent, PORTS))["id"], "refused")
    replacement = await desk.sent(replacement_of(package))
    await world.in_state((await desk.row(replacement, PORTS))["id"], "delivered")


# -- returned, and sent again ---------------------------------------------------------------------


async def test_what_came_back_may_be_sent_anew_under_its_own_id(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    corrected = replace(package, subject="Về việc thử nghiệm (đã sửa)")
    with pytest.raises(ConflictError):
        await desk.sent(corrected)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "02", reason="Văn bản không gửi cho đơn vị này")
    row = await desk.row(sent, ROADS)
    assert (row["handling"], row["reason"]) == ("02", "Văn bản không gửi cho đơn vị này")
    bytes_of = signed(replace(corrected, receivers=document(MINISTRY, [RAIL]).receivers))
    again = await desk.world.send(bytes_of)
    assert not again.repeated and again.package_id != sent.package_id
    repeat = await desk.world.send(bytes_of)
    assert repeat.repeated and repeat.package_id == again.package_id and repeat.receipt == again.receipt
    await desk.receive(again, RAIL)
    await desk.say(RAIL, package, "03")
    assert (await desk.stands(again, RAIL))[1] == "03"
    with pytest.raises(ConflictError):
        await desk.sent(replace(package, subject="lần ba"))
    with pytest.raises(StateError):
        await desk.say(ROADS, package, "03")
    chain = [r["id"] for r in await desk.world.core.documents.chain(sent.package_id)]
    assert chain == [sent.package_id, again.package_id]


async def test_as_long_as_one_receiver_holds_it_the_id_is_taken(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    await desk.say(ROADS, package, "02", reason="nhầm nơi nhận")
    with pytest.raises(ConflictError):
        await desk.sent(replace(package, subject="khác"))
    await desk.sent(recall_of(package, receivers=[RAIL]))
    again = await desk.sent(replace(package, subject="khác"))
    assert again.package_id != sent.package_id


async def test_a_returned_delivery_is_sent_again_as_a_delivery_of_its_own(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    old = await desk.row(sent, ROADS)
    resend = desk.world.core.documents.resend
    assert await resend(old["id"], "op", "x") is None, "nobody returned it"
    await desk.say(ROADS, package, "02", reason="thiếu phụ lục")
    made = await resend(old["id"], "van-thu", "đã thống nhất qua điện thoại")
    assert made is not None and await resend(old["id"], "op", "x") is None, "once"
    new = await desk.row(sent, ROADS)
    assert (new["id"], new["round"], new["state"], new["handling"]) == (made, 2, "queued", "")
    assert (await desk.world.row("select handling from delivery where id = $1", old["id"]))["handling"] == "02"
    assert await desk.waiting(ROADS) == [made]
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03", status_timestamp="2019/06/05 08:00:00")
    assert await desk.stands(sent, ROADS) == ("delivered", "03", "")


# -- arrival reported by the axis -----------------------------------------------------------------


async def test_the_axis_reports_arrival_for_units_that_wish_it(desk: Desk) -> None:
    await desk.world.execute("update unit set auto_arrived = true where code = $1", ROADS)
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    for code in (ROADS, RAIL):
        await desk.receive(sent, code)
    assert await desk.world.hub.notices.make() == 1
    assert await desk.world.hub.notices.make() == 0
    assert [(await desk.stands(sent, c))[1] for c in (ROADS, RAIL)] == ["01", ""]
    assert await desk.told_sender() == [(ROADS, "01")]
    (moved,) = [e for e in await desk.events(sent) if e["event"] == "status.moved"]
    assert moved["actor"] == "axis" and "Trục tự động" in moved["data"]["reason"]
    (status,) = await desk.waiting(MINISTRY, Kind.STATUS)
    data = (await desk.world.hub.mailroom.fetch(desk.world.units[MINISTRY], status)).chunks()
    text = b"".join([piece async for piece in data]).decode()
    assert "<edXML:StatusCode>01</edXML:StatusCode>" in text and f"<edXML:OrganId>{ROADS}</edXML:OrganId>" in text


async def test_the_receivers_own_word_comes_before_the_axis_speaks(desk: Desk) -> None:
    await desk.world.execute("update unit set auto_arrived = true where code = $1", ROADS)
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    assert await desk.world.hub.notices.make() == 1
    assert await desk.told_sender() == [(ROADS, "03")]
    assert await desk.world.rows("select * from notice") == []


async def test_notices_are_made_once_by_many_processes_and_survive_a_failure(opened: Opened) -> None:
    async with opened(serving=False) as one, opened(serving=False) as two:
        desk = Desk(one)
        await one.execute("update unit set auto_arrived = true")
        sent = [await desk.sent(document(MINISTRY, [ROADS])) for _ in range(12)]
        for each in sent:
            await desk.receive(each, ROADS)
        spool, one.core.payloads.spool = one.core.payloads.spool, _no_spool  # type: ignore[method-assign]
        with pytest.raises(OSError, match="full"):
            await one.hub.notices.make()
        one.core.payloads.spool = spool  # type: ignore[method-assign]
        made = await asyncio.gather(*(w.hub.notices.make() for w in (one, two, one, two)))
        assert sum(made) == 12
        assert await desk.told_sender() == [(ROADS, "01")] * 12


def _no_spool() -> object:
    raise OSError("the disk is full")


# -- deadlines start when their events happen -----------------------------------------------------


async def test_deadlines_stand_on_the_delivery_from_the_moment_they_start(desk: Desk) -> None:
    today = datetime.now(UTC).date()
    package = document(
        MINISTRY, [ROADS, RAIL], due_date=Dated("2999/01/01", date(2999, 1, 1)),
        promulgation_date=Dated(f"{today:%Y/%m/%d}", today),
    )  # fmt: skip
    sent = await desk.sent(package)
    row = await desk.row(sent, ROADS)
    assert row["finish_due_at"] is not None and row["look_at"] is None, "nobody has it yet"
    assert row["arrival_due_at"] is row["register_due_at"] is row["arrived_at"] is None
    await desk.fetch(sent, ROADS)
    row = await desk.row(sent, ROADS)
    deadlines = await desk.world.core.almanac.current()
    assert row["arrival_due_at"] == deadlines.arrival_due(row["arrived_at"])
    assert row["register_due_at"] == deadlines.register_due(row["arrived_at"], 0)
    assert row["look_at"] == row["arrival_due_at"]
    # As if it had been fetched a week ago and confirmed today.
    first = row["arrived_at"] - timedelta(days=7)
    earlier = (deadlines.arrival_due(first), deadlines.register_due(first, 0))
    await desk.world.execute(
        "update delivery set arrived_at = $2, arrival_due_at = $3, register_due_at = $4, look_at = $3 where id = $1",
        row["id"], first, *earlier,
    )  # fmt: skip
    await desk.confirm(sent, ROADS)
    row = await desk.row(sent, ROADS)
    assert row["arrived_at"] == first, "the clock starts once"
    assert (row["arrival_due_at"], row["register_due_at"]) == earlier and row["look_at"] == earlier[0]
    await desk.say(ROADS, package, "01")
    row = await desk.row(sent, ROADS)
    assert row["told_at"] is not None and row["look_at"] == earlier[0], "only the sweep moves it on"
    await watch(desk.world).sweep()
    await desk.say(ROADS, package, "03")
    row = await desk.row(sent, ROADS)
    assert row["registered_at"] is not None and row["look_at"] == row["finish_due_at"]
    await desk.say(ROADS, package, "06")
    row = await desk.row(sent, ROADS)
    assert row["completed_at"] is not None and row["look_at"] is None
    await desk.sent(recall_of(package, receivers=[RAIL]))
    assert (await desk.row(sent, RAIL))["look_at"] is None


async def test_a_recall_stops_the_clock_and_a_denial_lets_it_run_on(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    await watch(desk.world).sweep()
    for code in (ROADS, RAIL):
        await desk.receive(sent, code)
    runs = (await desk.row(sent, ROADS))["look_at"]
    await desk.say(MINISTRY, package, "13", to=ROADS)
    assert (await desk.row(sent, ROADS))["look_at"] == runs
    await desk.say(ROADS, package, "16", reason="không")
    assert (await desk.row(sent, ROADS))["look_at"] == runs
    await desk.sent(recall_of(package))
    assert (await desk.row(sent, ROADS))["look_at"] is None


async def test_when_a_document_was_sent_too_late_is_known_at_the_door(desk: Desk) -> None:
    late = await desk.sent(document(MINISTRY, [ROADS, RAIL]))
    rows = await desk.world.deliveries(late.package_id)
    look = "select send_due_at, received_at, units from package where id = $1"
    package = await desk.world.row(look, late.package_id)
    assert package["send_due_at"] < package["received_at"] and package["units"] == 2
    assert sorted((r["missed"], r["look_at"] is not None) for r in rows) == [(0, True), (8, False)]
    for text, day in (("9999/12/31", date(9999, 12, 31)), ("0001/01/01", date(1, 1, 1))):
        odd = document(MINISTRY, [ROADS], promulgation_date=Dated(text, day), due_date=Dated(text, day))
        found = await desk.sent(odd)
        assert (await desk.world.row(look, found.package_id))["send_due_at"] is None
        assert (await desk.row(found, ROADS))["finish_due_at"] is None


async def test_statuses_recalls_and_updates_have_no_deadlines(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS], due_date=Dated("2999/01/01", date(2999, 1, 1)))
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    for other in (update_of(package), recall_of(package)):
        taken = await desk.sent(replace(other, due_date=package.due_date))
        await desk.receive(taken, ROADS)
        row = await desk.row(taken, ROADS)
        assert row["look_at"] is row["arrival_due_at"] is row["finish_due_at"] is None
    said = await desk.say(ROADS, package, "15")
    await desk.receive(said, MINISTRY)
    assert (await desk.row(said, MINISTRY))["look_at"] is None


async def test_a_pushed_delivery_starts_the_same_clocks(world: World) -> None:
    desk = Desk(world)
    package = document(MINISTRY, [PORTS], other=OtherInfo(priority=3))
    sent = await desk.sent(package)
    row = await world.in_state((await desk.row(sent, PORTS))["id"], "delivered")
    deadlines = await world.core.almanac.current()
    # An urgent one is due to the second, and its clock is the hub's while the row's is the database's.
    gap = row["register_due_at"] - deadlines.register_due(row["arrived_at"], 3)
    assert abs(gap) < timedelta(seconds=5)
    assert row["arrival_due_at"] == deadlines.arrival_due(row["arrived_at"])


async def test_a_serving_hub_makes_notices_by_itself(world: World) -> None:
    desk = Desk(world)
    await world.execute("update unit set auto_arrived = true where code = $1", PORTS)
    sent = await desk.sent(document(MINISTRY, [PORTS]))

    async def told() -> bool:
        return await desk.told_sender() == [(PORTS, "01")]

    await until(told)
    assert (await desk.stands(sent, PORTS))[1] == "01"


async def test_a_document_that_should_go_with_paper_is_accepted_with_a_warning(desk: Desk) -> None:
    await desk.world.add("000.00.00.G22")
    sent = await desk.sent(document(MINISTRY, ["000.00.00.G22"], paper="0"))
    assert [f.rule for f in sent.findings] == ["paper.missing"]
    row = await desk.world.row("select details from package where id = $1", sent.package_id)
    assert [f["rule"] for f in row["details"]["findings"]] == ["paper.missing"], "and it is remembered"
    assert (await desk.sent(document(MINISTRY, [ROADS], paper="0"))).findings == ()


async def test_who_must_have_paper_is_known_by_all_its_codes(desk: Desk) -> None:
    await desk.world.add("000.00.00.G22", aliases=("G22",))
    sent = await desk.sent(document(MINISTRY, ["G22"], paper="0"))
    assert [f.rule for f in sent.findings] == ["paper.missing"], "the list of the settings has the old code"
