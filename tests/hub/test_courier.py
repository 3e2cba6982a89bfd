"""Delivering by push: once, in the right order, under a lease, whatever the other side does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from axis.adapter import Delivered, Later, Outcome, Parcel, Refused
from axis.config import CourierSection
from axis.domain.directory import UnitState
from axis.domain.errors import SetupError
from axis.trust import receipts
from tests.hub.conftest import Opened
from tests.hub.couriers import another_courier, running, sent
from tests.hub.world import MINISTRY, PORTS, ROADS, World, document, down, refuse, signed, until, urgent

NEVER = CourierSection(poll=0.05, delays=(3600.0,))
WEB = "000.00.04.G04"


@pytest.fixture
async def slow_retry(opened: Opened) -> AsyncIterator[World]:
    """A serving hub that waits an hour before it tries again."""
    async with opened(courier=NEVER) as found:
        yield found


# -- how one delivery ends ------------------------------------------------------------------------


async def test_a_document_arrives_once_with_a_receipt(world: World) -> None:
    data = signed(package := document(MINISTRY, [PORTS]))
    accepted = await world.send(data)
    row = await world.in_state((await world.delivery(accepted.package_id))["id"], "delivered")
    (call,) = world.peer(PORTS).calls
    assert (call.delivery_id, call.attempt, call.receiver) == (str(row["id"]), 1, PORTS)
    assert (call.sender, call.document_id, call.verdict) == (MINISTRY, package.document_id, "proven")
    assert b"".join([piece async for piece in call.open()]) == data
    assert call.pull_link.startswith(f"{world.url}/pull/")
    (attempt,) = await world.rows("select * from attempt")
    assert (attempt["outcome"], attempt["detail"], attempt["request"]) == ("delivered", "ok", None)
    (event,) = await world.journal("delivery.delivered")
    receipt = await world.row("select jws from receipt where event_id = $1", event["id"])
    check = receipts.verify(receipt["jws"], world.anchors, at=datetime.now(UTC))
    assert check.claims.event == "delivery.delivered" and check.claims.receivers == (PORTS,)


async def test_refused_ends_it_visibly(world: World) -> None:
    world.peer(PORTS).answer = refuse("sai-noi-nhan", "không phải của chúng tôi")
    row = await world.in_state((await sent(world))["id"], "refused")
    assert row["note"] == "sai-noi-nhan: không phải của chúng tôi" and row["finished_at"]
    (event,) = await world.journal("delivery.refused")
    assert event["delivery_id"] == row["id"] and "chúng tôi" in event["data"]["answer"]
    assert len(await world.rows("select 1 from receipt where event = 'delivery.refused'")) == 1


async def test_later_is_tried_again_under_the_same_id_until_it_succeeds(world: World) -> None:
    answers = iter([Later("bận", unit_down=False), Later("bận", unit_down=False), Delivered("200")])
    world.peer(PORTS).answer = lambda parcel: next(answers)
    row = await world.in_state((await sent(world))["id"], "delivered")
    assert world.peer(PORTS).ids == [str(row["id"])] * 3
    assert [c.attempt for c in world.peer(PORTS).calls] == [1, 2, 3]
    outcomes = await world.rows("select outcome from attempt order by attempt")
    assert [o["outcome"] for o in outcomes] == ["later", "later", "delivered"]
    assert len(await world.journal("delivery.postponed")) == 1, "the journal tells a run of failures once"


async def test_what_was_asked_is_kept_with_what_was_answered(world: World) -> None:
    answers = iter([
        Later("bận", unit_down=False, asked="POST https://a.example/"), Refused("x", "y", asked="PUT " + "x" * 5000),
    ])  # fmt: skip
    world.peer(PORTS).answer = lambda parcel: next(answers)
    await world.in_state((await sent(world))["id"], "refused")
    kept = [row["request"] for row in await world.rows("select request from attempt order by attempt")]
    assert kept == ["POST https://a.example/", ("PUT " + "x" * 5000)[:1000]]


async def test_an_adapters_exception_is_later(world: World) -> None:
    def fails(parcel: Parcel) -> Outcome:
        if parcel.attempt == 1:
            raise RuntimeError("a fault of the adapter")
        return Delivered("ok")

    world.peer(PORTS).answer = fails
    await world.in_state((await sent(world))["id"], "delivered")
    first = await world.row("select * from attempt where attempt = 1")
    assert first["outcome"] == "later" and "a fault of the adapter" in first["detail"]


async def test_a_damaged_payload_is_never_handed_out(world: World) -> None:
    async def reads(parcel: Parcel) -> Outcome:
        return Delivered(str(len(b"".join([piece async for piece in parcel.open()]))))

    peer = world.peer(PORTS)
    peer.answer, peer.gate = reads, asyncio.Event()
    delivery = await sent(world)
    await until(lambda: peer.calls)
    file = world.core.payloads.path(peer.calls[0].sha256)
    file.chmod(0o600)
    whole = file.read_bytes()
    file.write_bytes(whole[:-10] + b"0123456789")
    peer.gate.set()
    row = await world.in_state(delivery["id"], "queued")
    first = await until(lambda: world.rows("select * from attempt where outcome = 'later'"))
    assert "payload" in first[0]["detail"] and row["state"] == "queued"
    file.write_bytes(whole)
    await world.in_state(delivery["id"], "delivered")


# -- when it is tried again -----------------------------------------------------------------------


async def seconds_to_next(world: World, delivery_id: Any) -> float:
    row = await world.row(
        "select extract(epoch from next_attempt_at - now())::float s from delivery where id = $1", delivery_id
    )
    return float(row["s"])


async def postponed(world: World, delivery_id: Any) -> float:
    await until(lambda: world.rows("select 1 from attempt where delivery_id = $1", delivery_id))
    return await seconds_to_next(world, delivery_id)


async def test_urgent_documents_are_tried_more_often(slow_retry: World) -> None:
    slow_retry.peer(PORTS).answer = down(unit_down=False)
    usual, quick = await sent(slow_retry), await sent(slow_retry, other=urgent(4))
    assert 3200 < await postponed(slow_retry, usual["id"]) <= 3960
    assert 800 < await postponed(slow_retry, quick["id"]) <= 990


@pytest.mark.parametrize(("wish", "low", "high"), [(7200, 7100, 7201), (10, 3200, 3961), (1e9, 86000, 86401)])
async def test_retry_after_is_obeyed_when_later_than_ours_and_sane(
    slow_retry: World, wish: float, low: float, high: float
) -> None:
    at = datetime.now(UTC) + timedelta(seconds=wish)
    slow_retry.peer(PORTS).answer = down(not_before=at, unit_down=False)
    assert low < await postponed(slow_retry, (await sent(slow_retry))["id"]) < high


async def health(world: World, code: str = PORTS) -> dict[str, Any]:
    rows = await world.rows("select h.*, h.not_before > now() as shut from unit_health h where unit_id = $1",
                            world.units[code].id)  # fmt: skip
    return rows[0] if rows else {"failures": 0, "shut": False}


async def test_the_breaker_opens_at_the_third_failure_and_one_probe_brings_everything_back(
    slow_retry: World,
) -> None:
    world, peer = slow_retry, slow_retry.peer(PORTS)
    peer.answer = down()
    for expected in (1, 2, 3):
        await sent(world)

        async def failed(count: int = expected) -> bool:
            return bool((await health(world))["failures"] == count)

        await until(failed)
        assert (await health(world))["shut"] is (expected == 3)
    waiting = [await sent(world) for _ in range(20)]
    other = await sent(world, ROADS)  # somebody else's document passes through the same loop
    assert other["state"] == "queued" and len(peer.calls) == 3, "nobody knocks while the breaker is open"

    peer.calls.clear()
    peer.gate = asyncio.Event()
    await world.execute("update unit_health set not_before = now()")
    world.hub.courier.wake()
    await until(lambda: peer.calls)
    await world.hub.timers.leases()
    await world.execute("update unit_health set not_before = now()")
    world.hub.courier.wake()
    assert peer.busy == len(peer.calls) == 1, "half open: one probe"
    peer.answer = lambda parcel: Delivered("ok")
    peer.gate.set()
    for row in waiting:
        await world.in_state(row["id"], "delivered")

    async def drained() -> bool:
        return not await world.rows("select 1 from delivery d join unit u on u.id = d.unit_id"
                                    " where u.code = $1 and d.state <> 'delivered'", PORTS)  # fmt: skip

    await until(drained)
    assert (await health(world))["failures"] == 0


async def test_recovery_hastens_what_failed_before_a_restart(opened: Opened) -> None:
    async with opened(courier=NEVER) as world:
        world.peer(PORTS).answer = down()
        first = await sent(world)
        await postponed(world, first["id"])
    async with opened(courier=NEVER) as world:
        world.peer(PORTS).answer = lambda parcel: Delivered("ok")
        await sent(world)
        await world.in_state(first["id"], "delivered")


async def test_a_call_of_the_units_own_system_clears_its_back_off(opened: Opened) -> None:
    """Also when another process saw it fail: here, the one before the restart."""
    async with opened(courier=NEVER) as world:
        world.peer(PORTS).answer = down()
        rows = [await sent(world) for _ in range(3)]

        async def shut() -> bool:
            return bool((await health(world))["shut"])

        await until(shut)
    async with opened(courier=NEVER) as world:
        world.peer(PORTS).answer = lambda parcel: Delivered("ok")
        await world.hub.mailroom.called(world.units[PORTS])
        for row in rows:
            await world.in_state(row["id"], "delivered")


async def test_a_dead_unit_does_not_slow_another(world: World) -> None:
    """By the order of events: the dead one holds its attempt open while all of the other's pass."""
    await world.add(WEB, "scripted")
    dead = world.peer(PORTS)
    dead.gate, dead.answer = asyncio.Event(), down()
    for _ in range(50):
        await world.send(document(MINISTRY, [PORTS, WEB]))

    async def arrived() -> bool:
        return len(await world.rows("select 1 from delivery where state = 'delivered'")) == 50

    await until(arrived)
    assert dead.most_at_once <= 4 and not await world.rows("select 1 from attempt where outcome = 'later'")
    dead.gate.set()


async def test_an_urgent_document_overtakes_a_hundred_that_wait(world: World) -> None:
    peer = world.peer(PORTS)
    peer.gate = asyncio.Event()
    one_by_one = [world.send(document(MINISTRY, [PORTS])) for _ in range(100)]
    await asyncio.gather(*one_by_one)
    await until(lambda: len(peer.calls) == 4)
    row = await sent(world, other=urgent(4))
    peer.gate.set()
    await world.in_state(row["id"], "delivered")
    assert peer.ids.index(str(row["id"])) <= 8, "only those already on their way went before it"


async def test_the_thousand_and_first_of_a_queue_is_delivered(opened: Opened) -> None:
    """The regression of #1682 elsewhere: a window over the queue that never reaches its end."""
    async with opened(serving=False) as world:
        rows = await world.rows("select id from unit where code = $1", PORTS)
        first = await world.send(document(MINISTRY, [PORTS]))
        await world.execute(
            "with p as (insert into package select gen_random_uuid(), kind, business_type, sender, sender_name,"
            " source_unit, 'document:' || n, document_id || n, code_number, code_notation, subject, type_name,"
            " promulgation_date, due_date, signer_name, priority, paper, about, status_code, sha256, size, encoding,"
            " verdict, details, front, received_at from package, generate_series(1, 1000) n where id = $1"
            " returning id) insert into delivery (id, package_id, unit_id, receivers, kind, priority,"
            " source_unit) select gen_random_uuid(), p.id, $2, array['x'], 'document', 0, $2 from p",
            first.package_id, rows[0]["id"],
        )  # fmt: skip
        async with running(another_courier(world, "one", per_unit=32, poll=0.02)):

            async def done() -> bool:
                return len(await world.rows("select 1 from delivery where state = 'delivered'")) == 1001

            await until(done, 40)
    assert len(set(world.peer(PORTS).ids)) == 1001 == len(world.peer(PORTS).ids)


# -- holding back ---------------------------------------------------------------------------------


async def test_a_paused_unit_gets_nothing_until_it_is_resumed(world: World) -> None:
    await world.change(PORTS, paused=True)
    await world.add(WEB, "scripted")
    accepted = await world.send(document(MINISTRY, [PORTS, WEB]))
    held, other = await world.deliveries(accepted.package_id)
    await world.in_state(other["id"], "delivered")
    assert world.peer(PORTS).calls == []
    await world.change(PORTS, paused=False)
    await world.in_state(held["id"], "delivered")


async def test_a_suspended_unit_gets_its_queue_when_it_is_live_again(world: World) -> None:
    await world.change(PORTS, state=UnitState.SUSPENDED)
    row = await sent(world)
    await world.change(PORTS, state=UnitState.LIVE)
    await world.in_state(row["id"], "delivered")


async def test_a_parked_delivery_waits_and_a_replay_sends_it_under_the_same_id(world: World) -> None:
    await world.change(PORTS, paused=True)
    row = await sent(world)
    store = world.core.deliveries
    assert await store.park(row["id"], "cli:an", "chờ xác minh")
    assert not await store.park(row["id"], "cli:an", "lần hai"), "nothing to park twice"
    await world.change(PORTS, paused=False)
    other = await sent(world)
    await world.in_state(other["id"], "delivered")
    assert world.peer(PORTS).ids == [str(other["id"])]
    assert await store.replay(row["id"], "cli:binh", "đã xác minh")
    world.hub.courier.wake()
    await world.in_state(row["id"], "delivered")
    told = [(e["event"], e["actor"], e["data"]["reason"]) for e in await world.journal()
            if e["event"] in ("delivery.parked", "delivery.replayed")]  # fmt: skip
    assert told == [("delivery.parked", "cli:an", "chờ xác minh"), ("delivery.replayed", "cli:binh", "đã xác minh")]


async def test_a_refused_delivery_can_be_replayed_and_a_delivered_one_cannot(world: World) -> None:
    world.peer(PORTS).answer = refuse()
    row = await world.in_state((await sent(world))["id"], "refused")
    world.peer(PORTS).answer = lambda parcel: Delivered("ok")
    assert await world.core.deliveries.replay(row["id"], "op", "nhầm")
    world.hub.courier.wake()
    await world.in_state(row["id"], "delivered")
    assert not await world.core.deliveries.replay(row["id"], "op", "again")
    assert [c.attempt for c in world.peer(PORTS).calls] == [1, 2]


# -- trouble of our own ---------------------------------------------------------------------------


async def test_the_worker_survives_a_statement_that_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The regression of #3323 elsewhere: one SQL error, and nothing was delivered until a restart."""
    await world.execute("alter table delivery rename to elsewhere")
    world.hub.courier.wake()
    await until(lambda: world.hub.courier.trouble)
    assert (await world.hub._checks()["courier"]()) == "UndefinedTableError"
    await world.execute("alter table elsewhere rename to delivery")
    await world.in_state((await sent(world))["id"], "delivered")
    assert world.hub.courier.trouble == ""


async def test_an_answer_that_cannot_be_settled_is_released_and_tried_again(still: World) -> None:
    """A trigger that says no to the settling write stands for any fault between answer and row."""
    row = await sent(still)
    await still.execute("create function says_no() returns trigger language plpgsql as $$ begin raise 'no'; end $$")
    await still.execute("create trigger no before insert on attempt for each row execute function says_no()")
    async with running(courier := another_courier(still, "a", lease=0.4)):
        await until(lambda: still.peer(PORTS).calls and not courier._flying)
        assert (await still.row("select state from delivery"))["state"] == "sending"
        await still.execute("drop trigger no on attempt")

        async def again() -> bool:
            await still.core.deliveries.release_expired()
            return len(still.peer(PORTS).calls) > 1

        await until(again)
        await still.in_state(row["id"], "delivered")
    assert len(set(still.peer(PORTS).ids)) == 1


async def test_a_kind_that_is_not_installed_makes_its_deliveries_wait(world: World) -> None:
    await world.execute("update unit set adapter = 'gone' where code = $1", PORTS)
    await world.refresh(PORTS)
    assert not world.core.fleet.pushes(world.units[PORTS])
    row = await sent(world)
    assert row["state"] == "queued"
    assert (await world.core.fleet.probe(world.units[PORTS])).state == "failing"


async def test_a_unit_that_is_slowed_gets_so_many_attempts_at_once(world: World) -> None:
    peer = world.peer(PORTS)
    peer.gate = asyncio.Event()
    await world.change(PORTS, settings={"peer": PORTS, "parallel": 2})
    rows = [await sent(world) for _ in range(6)]
    await until(lambda: peer.busy == 2)
    peer.gate.set()
    for row in rows:
        await world.in_state(row["id"], "delivered")
    assert peer.most_at_once == 2


async def test_a_limit_that_is_none_is_refused(still: World) -> None:
    for number in (0, 17, -1, True, "2", 1.5):
        with pytest.raises(SetupError, match=r"adapter\.setting-wrong"):
            await still.change(PORTS, settings={"peer": PORTS, "parallel": number})
