"""Clocks from the door to the letter: what a document is told of goes the way a real one goes, and time is the
only thing the test makes up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Deadlines
from axis.domain.document import Dated, Package, Policy
from axis.hub.contracts import Acceptance
from axis.hub.standing import finish_due, start
from tests.hub.alerting import CHIEF, CLERK, Postbox, hour, messenger, told, watch
from tests.hub.talks import Desk, recall_of, replacement_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, until


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


def dated(day: date) -> Dated:
    return Dated(f"{day:%Y/%m/%d}", day)


def today() -> date:
    return datetime.now(VIETNAM).date()


def in_time(receiver: str = ROADS, due: date | None = None, **changes: Any) -> Package:
    """Signed today, so that nobody is to blame yet."""
    given: dict[str, Any] = {"promulgation_date": dated(today())} | ({"due_date": dated(due)} if due else {}) | changes
    return document(MINISTRY, [receiver], **given)


async def soon(world: World, days: int = 3) -> date:
    """A working day that is near."""
    calendar = (await world.core.almanac.current()).calendar
    return calendar.on_or_after(today() + timedelta(days=days))


async def rules(world: World) -> list[tuple[str, int]]:
    return [(alert["rule"], alert["level"]) for alert in await told(world)]


# -- what is due to be looked at stays due


@pytest.mark.parametrize("codes", [(), ("01",), ("01", "03"), ("06",), ("02",)], ids=str)
async def test_a_late_package_is_told_however_fast_its_delivery_moves_on(desk: Desk, codes: tuple[str, ...]) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    for code in codes:
        await desk.say(ROADS, package, code, reason="nhầm nơi nhận")
    await watch(desk.world).sweep()
    assert await rules(desk.world) == [("send", 1)]
    assert await watch(desk.world).sweep() == 0, "and then it is looked at no more"


async def test_a_late_package_is_told_though_its_first_receiver_was_recalled(desk: Desk) -> None:
    world = desk.world
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    first = min(await world.deliveries(sent.package_id), key=lambda row: row["missed"])
    await desk.sent(recall_of(package, receivers=[first["code"]]))
    assert (await desk.row(sent, first["code"]))["state"] == "recalled"
    await watch(world).sweep()
    assert await rules(world) == [("send", 1)]


async def test_a_late_package_is_told_though_it_was_asked_back_and_given_back(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(MINISTRY, package, "13", to=ROADS)
    await desk.say(ROADS, package, "15")
    await watch(desk.world).sweep()
    assert await rules(desk.world) == [("send", 1)]


async def test_a_late_package_is_told_though_its_pushed_receiver_answered_at_once(world: World) -> None:
    desk = Desk(world)
    await world.execute("update unit set auto_arrived = true where code = $1", PORTS)
    package = document(MINISTRY, [PORTS])
    sent = await desk.sent(package)

    async def arrived() -> bool:
        return (await desk.stands(sent, PORTS))[:2] == ("delivered", "01")

    await until(arrived)
    await desk.say(PORTS, package, "03")
    await watch(world).sweep()
    assert await rules(world) == [("send", 1)]


# -- clocks that run go on running


async def test_a_pushed_document_is_missed_when_its_time_is_over(world: World) -> None:
    desk = Desk(world)
    sent = await desk.sent(in_time(PORTS))
    row = await world.in_state((await desk.row(sent, PORTS))["id"], "delivered")
    assert row["look_at"] == row["arrival_due_at"]
    await watch(world, row["arrival_due_at"] - timedelta(seconds=1)).sweep()
    assert await rules(world) == []
    await watch(world, row["arrival_due_at"]).sweep()
    assert await rules(world) == [("arrival", 1)]


async def test_a_fetch_through_a_link_starts_the_clocks(desk: Desk) -> None:
    sent = await desk.sent(in_time(PORTS))  # which is pushed to: the courier goes on
    await desk.fetch(sent, PORTS)
    row = await desk.row(sent, PORTS)
    assert row["state"] == "queued" and row["look_at"] == row["arrival_due_at"]
    await watch(desk.world, row["register_due_at"]).sweep()
    assert {rule for rule, _ in await rules(desk.world)} == {"arrival", "register"}


async def test_what_an_operator_sends_again_keeps_its_clocks(desk: Desk) -> None:
    world = desk.world
    due = await soon(world)
    sent = await desk.sent(in_time(due=due))
    await desk.fetch(sent, ROADS)
    before = await desk.row(sent, ROADS)
    assert await world.core.deliveries.park(before["id"], "op:a", "chờ xác minh")
    assert await world.core.deliveries.replay(before["id"], "op:a", "xong")
    row = await desk.row(sent, ROADS)
    assert (row["state"], row["look_at"]) == ("queued", before["arrival_due_at"])
    await watch(world, before["finish_due_at"]).sweep()
    assert {rule for rule, level in await rules(world) if level == 1} == {"arrival", "register", "finish"}


async def test_what_is_sent_again_after_a_return_is_to_be_finished_too(desk: Desk) -> None:
    world = desk.world
    package = in_time(due=await soon(world))
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "02", reason="sai")
    first = await desk.row(sent, ROADS)
    assert await world.core.documents.resend(first["id"], "op:a", "gửi lại")
    again = await desk.row(sent, ROADS)
    assert (again["round"], again["finish_due_at"], again["look_at"]) == (2, first["finish_due_at"], None)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    assert (await desk.row(sent, ROADS))["look_at"] == first["finish_due_at"]
    await watch(world, first["finish_due_at"]).sweep()
    assert await rules(world) == [("finish", 1)]


async def test_what_is_sent_again_after_its_due_date_has_none(desk: Desk) -> None:
    world = desk.world
    package = in_time(due=await soon(world))
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "02", reason="sai")
    first = await desk.row(sent, ROADS)
    await world.execute("update delivery set finish_due_at = now() - interval '1 second' where id = $1", first["id"])
    assert await world.core.documents.resend(first["id"], "op:a", "gửi lại")
    assert (await desk.row(sent, ROADS))["finish_due_at"] is None


# -- who does not have a document does not miss it


async def test_what_was_never_fetched_is_not_finished_late(desk: Desk) -> None:
    world = desk.world
    sent = await desk.sent(in_time(due=await soon(world)))
    row = await desk.row(sent, ROADS)
    assert row["look_at"] is None, "the sweep need not look at what nobody has"
    assert await watch(world, row["finish_due_at"] + timedelta(days=30)).sweep() == 0
    assert await rules(world) == []


async def test_what_came_after_its_due_date_is_not_finished_late(desk: Desk) -> None:
    world = desk.world
    package = in_time(due=await soon(world))
    sent = await desk.sent(package)
    await world.execute("update delivery set finish_due_at = now() - interval '1 second'")
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    await watch(world, datetime.now(UTC) + timedelta(days=60)).sweep()
    assert await rules(world) == []


@pytest.mark.parametrize(
    ("due", "accepted", "expected"),
    [
        (date(2019, 6, 4), hour(4, "16:59"), hour(4, "17:00")),
        (date(2019, 6, 4), hour(4, "17:00"), None),
        (date(2019, 6, 4), hour(4, "18:00"), None),
        (date(2019, 6, 3), hour(4, "08:00"), None),
        (date(2019, 6, 8), hour(9, "10:00"), hour(10, "17:00")),
        (date(1945, 9, 1), hour(4, "08:00"), None),
        (date(3000, 1, 1), hour(4, "08:00"), None),
        (None, hour(4, "08:00"), None),
    ],
    ids=str,
)
async def test_a_due_date_counts_while_its_moment_is_ahead(
    still: World, due: date | None, accepted: datetime, expected: datetime | None
) -> None:
    assert finish_due(await still.core.almanac.current(), due, accepted) == expected


async def test_who_only_passes_a_document_on_is_not_blamed_for_its_age(still: World) -> None:
    deadlines: Deadlines = await still.core.almanac.current()
    unit = still.units[MINISTRY]
    relay = await still.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    package = document(MINISTRY, [ROADS])
    assert start(deadlines, package, unit, datetime.now(UTC))[0] is not None
    assert start(deadlines, package, relay, datetime.now(UTC))[0] is None


# -- a document that was replaced


async def test_a_replaced_document_owes_nothing_once_its_replacement_has_come(desk: Desk) -> None:
    world = desk.world
    package = in_time(due=await soon(world))
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    new = await desk.sent(replacement_of(package))
    row = await desk.row(sent, ROADS)
    await watch(world, row["arrival_due_at"]).sweep()
    blamed = {(a["package_id"], a["rule"]) for a in await told(world) if a["rule"] != "send"}
    assert blamed == {(sent.package_id, "arrival")}, "it has not come yet: this is the document they have"
    await desk.receive(new, ROADS)
    await watch(world, row["finish_due_at"] + timedelta(days=9)).sweep()
    later = {(a["package_id"], a["rule"]) for a in await told(world) if a["rule"] != "send"} - blamed
    assert {key for key, _ in later} == {new.package_id}
    assert (await desk.row(sent, ROADS))["look_at"] is None


# -- the whole way


async def test_a_document_that_nobody_takes_up_becomes_letters(desk: Desk) -> None:
    world = desk.world
    await world.change(ROADS, contacts=(CLERK,), parent=MINISTRY)
    await world.change(MINISTRY, contacts=(CHIEF,))
    package = in_time(subject="Về việc phòng chống bão")
    sent: Acceptance = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "01")
    deadlines = await world.core.almanac.current()
    due = (await desk.row(sent, ROADS))["register_due_at"]
    assert await watch(world, due).sweep() == 1
    async with Postbox().open() as box, messenger(world, box.settings(), now=due + timedelta(minutes=5)) as post:
        assert await post.send() == 1
    assert box.letters[0]["To"] == CLERK and "phòng chống bão" in box.letters[0].get_content()
    again = deadlines.escalates(due)
    assert await watch(world, again).sweep() == 1
    async with Postbox().open() as box, messenger(world, box.settings(), now=again) as post:
        assert await post.send() == 2
    assert {str(letter["To"]) for letter in box.letters} == {CLERK, CHIEF}
    assert all("Nhắc lại" in str(letter["Subject"]) for letter in box.letters)
    assert await rules(world) == [("register", 1), ("register", 2)]
