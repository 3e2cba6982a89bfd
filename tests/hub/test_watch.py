"""The sweep over deadlines: who missed what is told once, to the right people, and only what is due is touched."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Rule
from axis.domain.ids import beside, new_id
from axis.hub.alerting.watch import MOST_IN_CALL
from axis.store.alerts import Alerts, span_of
from axis.store.database import Database
from axis.store.sql import queries
from tests.hub.alerting import (
    CHIEF,
    CLERK,
    MONDAY_EVENING,
    OPERATOR,
    SECRET,
    TUESDAY_EVENING,
    hour,
    messages,
    owing,
    told,
    watch,
)
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, urgent
from tests.store.plans import looked_at


@pytest.fixture
async def office(still: World) -> World:
    """The roads have a clerk and belong to the ministry, which has a chief."""
    await still.change(ROADS, contacts=(CLERK,), parent=MINISTRY)
    await still.change(MINISTRY, contacts=(CHIEF,))
    return still


async def row_of(world: World, key: object) -> dict[str, Any]:
    return await world.row("select * from delivery where id = $1", key)


async def test_a_deadline_missed_is_told_once_however_often_we_look(office: World) -> None:
    (key,) = await owing(office, priority=1)
    assert await watch(office, MONDAY_EVENING - timedelta(microseconds=1)).sweep() == 0 and not await told(office)
    looked = [await watch(office, MONDAY_EVENING + timedelta(minutes=n)).sweep() for n in range(20)]
    assert sum(looked) == 1 and looked[0] == 1, "missed at the very moment it is due, and then left alone"
    (alert,) = await told(office)
    assert (alert["rule"], alert["level"], alert["delivery_id"]) == ("register", 1, key)
    assert alert["due_at"] == MONDAY_EVENING
    assert alert["unit_id"] == office.units[ROADS].id and alert["priority"] == 1 and alert["at"] == MONDAY_EVENING
    (event,) = await office.journal("deadline.missed")
    assert event["data"] == {"rule": "register", "level": 1, "unit": ROADS, "due_at": "2019-06-03T17:00:00+07:00"}
    assert (event["delivery_id"], event["unit_id"], event["actor"]) == (key, office.units[ROADS].id, "axis")
    (message,) = await messages(office)
    assert (message["channel"], message["address"], message["alerts"]) == ("email", CLERK, [alert["id"]])
    row = await row_of(office, key)
    assert (row["missed"], row["escalated"], row["look_at"]) == (8 | 2, 0, hour(4, "09:00")), "it is urgent"


async def test_what_stays_missed_for_the_set_working_time_is_told_once_more_and_higher_up(office: World) -> None:
    await owing(office)
    await watch(office, MONDAY_EVENING).sweep()
    sweeps = [watch(office, TUESDAY_EVENING + timedelta(minutes=n), escalate_to=(OPERATOR,)) for n in range(-1, 19)]
    assert [await one.sweep() for one in sweeps] == [0, 1] + [0] * 18
    assert [(a["rule"], a["level"]) for a in await told(office)] == [("register", 1), ("register", 2)]
    assert len(await office.journal("deadline.escalated")) == 1
    first, *others = await messages(office)
    assert first["address"] == CLERK and {m["address"] for m in others} == {CLERK, CHIEF, OPERATOR}
    assert {m["unit_id"] for m in others} == {office.units[ROADS].id}, "all of them speak of the unit that missed"
    row = await office.row("select * from delivery")
    assert (row["missed"], row["escalated"], row["look_at"]) == (8 | 2, 2, None)


async def test_every_rule_is_told_of_its_own_and_the_next_moment_is_the_earliest(office: World) -> None:
    await owing(office, rule=Rule.ARRIVAL)
    await office.execute(
        "update delivery set register_due_at = $1, finish_due_at = $2", TUESDAY_EVENING, hour(5, "17:00")
    )
    for day in (3, 4, 5, 6):
        await watch(office, hour(day, "17:00")).sweep()
    found = [(a["at"].astimezone(VIETNAM).day, a["rule"], a["level"]) for a in await told(office)]
    assert sorted(found) == [
        (3, "arrival", 1), (4, "arrival", 2), (4, "register", 1), (5, "finish", 1), (5, "register", 2),
        (6, "finish", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "over",
    [
        "update delivery set state = 'recalled', finished_at = now()",
        "update delivery set handling = '02', registered_at = now(), told_at = now()",
        "update delivery set handling = '06', registered_at = now(), told_at = now(), completed_at = now()",
        "update delivery set taking_back = 'recall'",
    ],
    ids=["recalled", "returned", "finished", "ordered back"],
)
async def test_what_is_over_raises_nothing_and_is_never_looked_at_again(office: World, over: str) -> None:
    await owing(office, rule=Rule.FINISH)
    await office.execute(over)
    assert await watch(office, MONDAY_EVENING).sweep() == 1
    assert not await told(office) and not await messages(office) and not await office.journal("deadline.missed")
    row = await office.row("select * from delivery")
    assert (row["missed"], row["look_at"]) == (8, None)


async def test_what_was_done_in_time_moves_on_to_its_next_deadline(office: World) -> None:
    await owing(office, rule=Rule.ARRIVAL)
    await office.execute("update delivery set told_at = $1, register_due_at = $2", hour(3, "09:00"), TUESDAY_EVENING)
    assert await watch(office, MONDAY_EVENING).sweep() == 1 and not await told(office)
    assert (await office.row("select look_at from delivery"))["look_at"] == TUESDAY_EVENING


async def test_a_package_sent_too_late_is_told_to_its_sender_once(office: World) -> None:
    accepted = await office.send(document(MINISTRY, [ROADS, RAIL, PORTS], other=urgent(2)))
    package = await office.row("select * from package where id = $1", accepted.package_id)
    assert package["send_due_at"] < package["received_at"], "signed in 2019"
    for _ in range(3):
        await watch(office).sweep()
    (alert,) = await told(office)
    assert (alert["rule"], alert["level"], alert["unit_id"]) == ("send", 1, office.units[MINISTRY].id)
    assert (alert["due_at"], alert["priority"]) == (package["send_due_at"], 2)
    assert [m["address"] for m in await messages(office)] == [CHIEF]
    (event,) = await office.journal("deadline.missed")
    assert event["data"]["unit"] == MINISTRY and event["data"]["rule"] == "send"
    rows = await office.deliveries(accepted.package_id)
    assert {row["missed"] for row in rows} == {8} and {row["look_at"] for row in rows} == {None}


async def test_a_package_sent_at_the_last_moment_was_sent_in_time(office: World) -> None:
    noon = hour(3, "12:00")
    await owing(office, missed=0, look=noon, received=noon, send_due=noon)
    await owing(office, missed=0, look=noon, received=noon + timedelta(microseconds=1), send_due=noon)
    await watch(office, noon).sweep()
    assert len(await told(office)) == 1


async def test_the_other_deliveries_of_a_late_package_tell_only_their_own(office: World) -> None:
    late = {"received": MONDAY_EVENING, "send_due": hour(3, "12:00")}
    (first,) = await owing(office, missed=0, **late)
    (second,) = await owing(office, missed=8, **late)
    await watch(office, MONDAY_EVENING).sweep()
    found = {(a["delivery_id"], a["rule"]) for a in await told(office)}
    assert found == {(first, "send"), (first, "register"), (second, "register")}


async def test_a_delivery_sent_again_says_nothing_new_about_the_sender(office: World) -> None:
    noon = hour(3, "12:00")
    (key,) = await owing(office, by=RAIL, missed=0, look=noon, received=MONDAY_EVENING, send_due=noon)
    await office.execute(
        "insert into delivery (id, package_id, unit_id, receivers, kind, priority, source_unit, round, look_at)"
        " select $2, package_id, unit_id, receivers, kind, priority, source_unit, 2, $3 from delivery where id = $1",
        key, new_id(), noon,
    )  # fmt: skip
    assert await watch(office, noon).sweep() == 2
    assert [a["delivery_id"] for a in await told(office)] == [key]


async def test_the_urgent_come_first_and_one_message_carries_all(office: World) -> None:
    await office.change(RAIL, email="duong-sat@bo.vn")
    plain = await owing(office, 3)
    express = await owing(office, priority=3, due=hour(3, "16:30"))
    quick = await owing(office, 2, priority=1, due=hour(3, "16:15"))
    await owing(office, by=RAIL)
    await watch(office, MONDAY_EVENING).sweep()
    alerts = {a["id"]: a["delivery_id"] for a in await told(office)}
    clerk, rail = sorted(await messages(office), key=lambda m: m["address"], reverse=True)
    found = [alerts[key] for key in clerk["alerts"]]
    assert found[0] in express and set(found[1:3]) == set(quick) and set(found[3:]) == set(plain)
    assert clerk["priority"] == 3 and rail["address"] == "duong-sat@bo.vn" and len(rail["alerts"]) == 1


async def test_the_urgent_are_read_first_from_a_long_list(office: World) -> None:
    await owing(office, 5)
    await owing(office, 2, priority=4, due=hour(3, "16:59"), look=MONDAY_EVENING)
    await watch(office, MONDAY_EVENING, batch=2).sweep()
    events = await office.journal("deadline.missed")
    express = {r["id"] for r in await office.rows("select id from delivery where priority = 4")}
    assert {e["delivery_id"] for e in events[:2]} == express and len(events) == 7


async def test_a_system_hears_by_calls_of_bounded_size(office: World) -> None:
    await office.add("000.00.09.G04", secrets={"webhook": SECRET}, alert_url="http://127.0.0.1:9/alerts")
    await owing(office, 2 * MOST_IN_CALL + 1, by="000.00.09.G04")
    await watch(office, MONDAY_EVENING).sweep()
    found = await messages(office)
    assert {m["channel"] for m in found} == {"webhook"}
    assert sorted(len(m["alerts"]) for m in found) == [1, MOST_IN_CALL, MOST_IN_CALL]
    assert len({key for m in found for key in m["alerts"]}) == 2 * MOST_IN_CALL + 1


async def test_an_alert_that_nobody_hears_stands_all_the_same(still: World) -> None:
    await owing(still, by=RAIL)
    await watch(still, MONDAY_EVENING).sweep()
    assert len(await told(still)) == 1 and await messages(still) == []


async def test_people_are_left_alone_when_that_is_the_setting(office: World) -> None:
    await owing(office)
    await watch(office, MONDAY_EVENING, tell=False).sweep()
    assert len(await told(office)) == 1 and await messages(office) == []


async def test_a_failure_leaves_nothing_half_done(office: World) -> None:
    await owing(office, 3)
    before = await office.rows("select * from delivery order by id")
    await office.execute("alter table alert_message add constraint none_today check (false) not valid")
    with pytest.raises(Exception, match="none_today"):
        await watch(office, MONDAY_EVENING).sweep()
    assert await office.rows("select * from delivery order by id") == before
    assert not await told(office) and not await office.journal("deadline.missed")
    await office.execute("alter table alert_message drop constraint none_today")
    assert await watch(office, MONDAY_EVENING).sweep() == 3 and len(await told(office)) == 3


async def test_one_delivery_that_cannot_be_judged_silences_no_other(office: World) -> None:
    end = hour(3, "17:00").replace(year=9999, month=12, day=31)
    (bad,) = await owing(office, rule=Rule.FINISH, due=end, look=MONDAY_EVENING, missed=8 | 4)
    await owing(office, 2)
    assert await watch(office, MONDAY_EVENING).sweep() == 3
    assert len(await told(office)) == 2
    row = await row_of(office, bad)
    assert (row["missed"], row["look_at"]) == (8 | 4, MONDAY_EVENING + timedelta(minutes=10))


async def test_masks_that_were_lost_tell_nothing_twice(office: World) -> None:
    await owing(office)
    await watch(office, MONDAY_EVENING).sweep()
    await office.execute("update delivery set missed = 0, look_at = $1", MONDAY_EVENING)
    assert await watch(office, MONDAY_EVENING).sweep() == 1
    assert len(await told(office)) == len(await office.journal("deadline.missed")) == len(await messages(office)) == 1


async def test_two_processes_at_once_tell_everything_once(office: World, database_url: str) -> None:
    keys = await owing(office, 400)
    async with await Database.connect(database_url, max_size=3) as other:
        sweeps = [watch(office, MONDAY_EVENING, batch=20), watch(office, MONDAY_EVENING, other, batch=20)]
        looked = await asyncio.gather(*(one.sweep() for one in sweeps))
    assert sum(looked) == 400 and min(looked) > 0, "both had their part"
    assert Counter(a["delivery_id"] for a in await told(office)) == Counter(keys)
    assert len(await office.journal("deadline.missed")) == 400
    carried = Counter(key for m in await messages(office) for key in m["alerts"])
    assert carried == Counter(a["id"] for a in await told(office))


async def test_what_another_sweep_holds_is_left_to_it(office: World) -> None:
    await owing(office, 2)
    async with office.core.database.transaction() as work:
        assert len(await Alerts(office.core.database).due(work, MONDAY_EVENING, 1)) == 1
        assert await watch(office, MONDAY_EVENING).sweep() == 1, "the other row only, and without waiting"
    assert await watch(office, MONDAY_EVENING).sweep() == 1 and len(await told(office)) == 2


async def test_a_sweep_reads_and_writes_only_what_is_due(office: World) -> None:
    await owing(office, 25_000, by=RAIL, look=hour(28, "17:00"))
    await owing(office, 25_000, by=RAIL)
    await office.execute("update delivery set look_at = null where unit_id = $1 and look_at = $2",
                         office.units[RAIL].id, MONDAY_EVENING)  # fmt: skip
    due = set(await owing(office, 5_000))
    await office.execute("analyze delivery")
    before = {r["id"]: r["xmin"] for r in await office.rows("select id, xmin::text from delivery")}
    assert await watch(office, MONDAY_EVENING).sweep() == 5_000
    after = {r["id"]: r["xmin"] for r in await office.rows("select id, xmin::text from delivery")}
    assert {key for key in after if after[key] != before[key]} == due
    assert len(await told(office)) == 5_000 and len(await messages(office)) == 10
    assert await watch(office, MONDAY_EVENING).sweep() == 0


@pytest.mark.parametrize(
    ("name", "args", "index"),
    [
        ("due", (MONDAY_EVENING, 500), "delivery_look"),
        ("claim", (60.0, ["email"], [], []), "alert_message_due"),
        ("overdue", (3600.0,), "alert_message_due"),
        ("page", (None, None, None, None, None, 50), "alert_at"),
        ("waiting", (None, 50), "alert_message"),
    ],
)
async def test_no_statement_reads_more_as_history_grows(office: World, name: str, args: Any, index: str) -> None:
    await owing(office, 20_000, by=RAIL, look=hour(28, "17:00"))
    await office.execute("update delivery set look_at = null")
    await office.execute(
        "insert into alert (id, at, rule, level, delivery_id, package_id, unit_id, due_at, priority)"
        " select gen_random_uuid(), now() - random() * interval '9 years', 'register', 1, id, package_id, unit_id,"
        " now(), 0 from delivery"
    )
    await office.execute(
        "insert into alert_message (id, channel, address, unit_id, alerts, priority, sent_at)"
        " select id, 'email', 'a@b.vn', unit_id, array[id], 0, now() from alert"
    )
    await owing(office, 3)
    for table in ("delivery", "alert", "alert_message"):
        await office.execute(f"analyze {table}")
    query = queries("alerts").__getattr__(name)
    read, indexes = await looked_at(office.core.database, query, *args)
    assert any(index in name for name in indexes), indexes
    assert read < 1000, f"{read} rows for one look"


async def test_who_hears_instead_is_looked_for_among_few_messages(office: World) -> None:
    await owing(office, 20_000, by=ROADS, look=hour(28, "17:00"))
    await office.execute("update delivery set look_at = null")
    await office.execute(
        "insert into alert_message (id, channel, address, unit_id, alerts, priority, sent_at)"
        " select id, 'email', 'a@b.vn', unit_id, array[id], 0, now() from delivery"
    )
    await owing(office)
    await watch(office, MONDAY_EVENING).sweep()
    for table in ("delivery", "alert", "alert_message"):
        await office.execute(f"analyze {table}")
    message = await Alerts(office.core.database).claim(60, ["email"])
    assert message is not None
    first, last = span_of(message)
    args = (message.id, message.attempt, ["x@y.vn"], [1], [beside(message.id)], first, last)
    read, _ = await looked_at(office.core.database, queries("alerts").readdress, *args)
    assert read < 1000, f"{read} rows for one look"
