"""A calendar corrected late reaches the deadlines that are still open, and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from axis.domain.calendar import DayKind
from axis.domain.clock import VIETNAM
from axis.domain.document import Dated
from axis.hub.reckoning import Reckoning
from tests.hub.alerting import CHIEF, CLERK, messages, told, watch
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


def reckoning(world: World) -> Reckoning:
    core = world.core
    return Reckoning(database=core.database, documents=core.documents, journal=core.journal, almanac=core.almanac)


async def test_a_holiday_entered_late_moves_what_is_open_and_takes_back_the_miss(desk: Desk) -> None:
    world = desk.world
    calendar = (await world.core.almanac.current()).calendar
    arrived = datetime.now(UTC)
    holiday = calendar.next_working_day(arrived.astimezone(VIETNAM).date())
    after = calendar.next_working_day(holiday)
    package = document(MINISTRY, [ROADS, RAIL], due_date=Dated(f"{holiday:%Y/%m/%d}", holiday))
    sent = await desk.sent(package)
    for code in (ROADS, RAIL):
        await desk.receive(sent, code)
    await desk.say(RAIL, package, "03")
    await world.execute("update delivery set missed = 2 where package_id = $1 and unit_id = $2", sent.package_id,
                        world.units[ROADS].id)  # fmt: skip
    before = await desk.row(sent, RAIL)
    await world.core.almanac.set_day(holiday, DayKind.HOLIDAY, "nghỉ bất thường", actor="test")
    await world.core.directory.current(0)  # as another process would, which has not looked yet

    today = arrived.astimezone(VIETNAM).date()
    dry = await reckoning(world).apply(today, actor="test", dry_run=True)
    assert (dry.looked, dry.moved) == (2, 2) and (await desk.row(sent, ROADS))["missed"] == 2
    found = await reckoning(world).apply(today, actor="van-hanh")
    assert (found.looked, found.moved) == (2, 2)
    row = await desk.row(sent, ROADS)
    deadlines = await world.core.almanac.current()
    assert row["register_due_at"] == row["finish_due_at"] == deadlines.calendar.closes(after)
    assert row["missed"] == 0 and row["look_at"] is not None
    kept = await desk.row(sent, RAIL)
    assert kept["register_due_at"] == before["register_due_at"], "what was met keeps its deadline"
    assert kept["finish_due_at"] == row["finish_due_at"]
    moved = [e for e in await desk.events(sent) if e["event"] == "deadline.moved"]
    assert len(moved) == 2 and {e["actor"] for e in moved} == {"van-hanh"}
    assert all(e["data"]["finish"][1].startswith(after.isoformat()) for e in moved)
    again = await reckoning(world).apply(today, actor="van-hanh")
    assert (again.looked, again.moved) == (2, 0), "nothing moves twice"


async def test_what_is_over_or_older_is_left_alone(desk: Desk) -> None:
    world = desk.world
    package = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(package)
    for code in (ROADS, RAIL):
        await desk.receive(sent, code)
    await desk.say(ROADS, package, "06")
    await desk.say(RAIL, package, "02", reason="nhầm")
    assert (await reckoning(world).apply(date(2020, 1, 1), actor="t")).looked == 0
    other = await desk.sent(document(MINISTRY, [ROADS]))
    await desk.receive(other, ROADS)
    tomorrow = datetime.now(VIETNAM).date() + timedelta(days=2)
    assert (await reckoning(world).apply(tomorrow, actor="t")).looked == 0
    assert (await reckoning(world).apply(date(2020, 1, 1), actor="t")).looked == 1


async def test_a_deadline_that_was_moved_and_missed_anew_is_told_again_to_everybody(desk: Desk) -> None:
    world = desk.world
    await world.change(ROADS, contacts=(CLERK,), parent=MINISTRY)
    await world.change(MINISTRY, contacts=(CHIEF,))
    today = datetime.now(VIETNAM).date()
    package = document(MINISTRY, [ROADS], promulgation_date=Dated(f"{today:%Y/%m/%d}", today))
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "01")
    deadlines = await world.core.almanac.current()
    first = (await desk.row(sent, ROADS))["register_due_at"]
    await watch(world, deadlines.escalates(first)).sweep()
    assert [(a["level"], a["due_at"]) for a in await told(world)] == [(1, first), (2, first)]

    holiday = first.astimezone(VIETNAM).date()
    await world.core.almanac.set_day(holiday, DayKind.HOLIDAY, "bão", actor="test")
    await world.core.directory.current(0)
    assert (await reckoning(world).apply(today, actor="van-hanh")).moved == 1
    row = await desk.row(sent, ROADS)
    second = row["register_due_at"]
    assert second > first and (row["missed"], row["escalated"]) == (0, 0), "both levels may be told again"
    await watch(world, first).sweep()
    assert len(await told(world)) == 2
    deadlines = await world.core.almanac.current()
    for _ in range(2):
        await watch(world, second).sweep()
        await watch(world, deadlines.escalates(second)).sweep()
    found = {(a["level"], a["due_at"]) for a in await told(world)}
    assert found == {(1, first), (2, first), (1, second), (2, second)} and len(await told(world)) == 4
    assert len(await messages(world)) == 2 + 3 and len(await world.journal("deadline.escalated")) == 2

    await world.core.almanac.forget_day(holiday, actor="test")
    await world.core.directory.current(0)
    await reckoning(world).apply(today, actor="van-hanh")
    assert (await desk.row(sent, ROADS))["register_due_at"] == first
    await watch(world, deadlines.escalates(second)).sweep()
    assert len(await told(world)) == 4, "the same moment is not told a second time"


async def test_a_due_date_moves_before_the_document_has_arrived(desk: Desk) -> None:
    world = desk.world
    calendar = (await world.core.almanac.current()).calendar
    today = datetime.now(VIETNAM).date()
    holiday = calendar.on_or_after(today + timedelta(days=3))
    sent = await desk.sent(document(MINISTRY, [ROADS], due_date=Dated(f"{holiday:%Y/%m/%d}", holiday)))
    await watch(world).sweep()
    await world.core.almanac.set_day(holiday, DayKind.HOLIDAY, "bão", actor="test")
    await world.core.directory.current(0)
    assert (await reckoning(world).apply(today, actor="van-hanh")).moved == 1
    row = await desk.row(sent, ROADS)
    assert row["finish_due_at"] == calendar.closes(calendar.next_working_day(holiday)) and row["look_at"] is None


async def test_a_calendar_applied_before_the_sweep_hides_no_late_package(desk: Desk) -> None:
    world = desk.world
    sent = await desk.sent(document(MINISTRY, [ROADS]))  # signed in 2019
    await desk.receive(sent, ROADS)
    due = (await desk.row(sent, ROADS))["register_due_at"].astimezone(VIETNAM).date()
    await world.core.almanac.set_day(due, DayKind.HOLIDAY, "bão", actor="test")
    await world.core.directory.current(0)
    today = datetime.now(VIETNAM).date()
    assert (await reckoning(world).apply(today, actor="van-hanh")).moved == 1
    await watch(world).sweep()
    assert [a["rule"] for a in await told(world)] == ["send"]
