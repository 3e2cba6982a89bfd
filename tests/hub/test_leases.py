"""Leases: whoever holds one may settle, nobody else, and what a dead holder held comes again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from axis.config import CourierSection
from axis.domain.directory import UnitState
from tests.hub.couriers import another_courier, running, sent
from tests.hub.world import MINISTRY, PORTS, World, document, until

NEVER = CourierSection(poll=0.05, delays=(3600.0,))
WEB = "000.00.04.G04"


WEB = "000.00.04.G04"


async def test_a_lease_that_runs_out_is_released_and_tried_again_under_the_same_id(still: World) -> None:
    row = await sent(still)
    (claim,) = await still.core.deliveries.claim({still.units[PORTS].id: 4}, 50, "dead", 30)
    assert await still.core.deliveries.release_expired() == [], "a living lease is nobody else's"
    await still.execute("update delivery set lease_until = now() - interval '1 second'")
    assert await still.core.deliveries.release_expired() == [row["id"]]
    assert (await still.row("select outcome from attempt"))["outcome"] == "lost"
    (event,) = await still.journal("delivery.released")
    assert event["data"] == {"attempt": 1, "holder": "dead"}
    async with running(another_courier(still, "alive")):
        await still.in_state(row["id"], "delivered")
    (call,) = still.peer(PORTS).calls
    assert (call.delivery_id, call.attempt) == (str(claim.id), 2)


@pytest.mark.parametrize("since", ["released", "claimed by another", "delivered by another", "parked"])
async def test_a_holder_that_lost_its_lease_settles_nothing(still: World, since: str) -> None:
    store, unit = still.core.deliveries, still.units[PORTS].id
    row = await sent(still)
    (old,) = await store.claim({unit: 4}, 50, "zombie", 30)
    if since == "parked":
        await store.park(row["id"], "op", "hold")
    else:
        await still.execute("update delivery set lease_until = now() - interval '1 second'")
        await store.release_expired()
    if since.endswith("another"):
        (new,) = await store.claim({unit: 4}, 50, "alive", 30)
        assert new.attempt == old.attempt + 1
    claims = still.core.notary.claims
    from axis.domain.events import Event

    facts = {"id": old.package_id, "document_id": old.document_id, "sha256": old.sha256, "size": old.size,
             "sender": old.sender, "verdict": old.verdict}  # fmt: skip
    evidence = await still.core.notary.evidence(
        claims(Event.DELIVERED, datetime.now(UTC), facts, old.receivers), "axis", {}
    )
    now = datetime.now(UTC)
    if since == "delivered by another":
        assert await store.settle_delivered(new, now, "alive", "ok", evidence)
    before = (await still.row("select * from delivery"), await still.counts(), len(await still.journal()))
    late = replace(evidence, event_id=row["id"])
    assert not await store.settle_delivered(old, now, "zombie", "late", late)
    assert not await store.settle_refused(old, now, "zombie", "late", late)
    assert not await store.settle_later(old, now, "zombie", "late", now, {})
    assert before == (await still.row("select * from delivery"), await still.counts(), len(await still.journal()))


async def test_a_beat_prolongs_the_lease_of_a_long_attempt(still: World) -> None:
    peer = still.peer(PORTS)
    peer.gate = asyncio.Event()
    row = await sent(still)
    async with running(another_courier(still, "slow", lease=0.6)):
        await until(lambda: peer.calls)
        first = (await still.row("select lease_until from delivery"))["lease_until"]

        async def prolonged() -> bool:
            row = await still.row("select lease_until > $1 later from delivery", first)
            return bool(row["later"])

        for _ in range(2):
            await until(prolonged)
            assert await still.core.deliveries.release_expired() == []
            first = (await still.row("select lease_until from delivery"))["lease_until"]
        peer.gate.set()
        await still.in_state(row["id"], "delivered")
    assert len(peer.calls) == 1


async def test_an_attempt_whose_lease_was_lost_is_cancelled(still: World) -> None:
    peer = still.peer(PORTS)
    peer.gate = asyncio.Event()
    row = await sent(still)
    async with running(another_courier(still, "slow", lease=0.3)):
        await until(lambda: peer.busy)
        await still.core.deliveries.park(row["id"], "op", "hold")
        await until(lambda: peer.busy == 0)
    assert (await still.row("select state from delivery"))["state"] == "parked"


async def test_two_couriers_on_one_database_never_deliver_twice(still: World) -> None:
    for _ in range(60):
        await still.send(document(MINISTRY, [PORTS]))
    async with running(another_courier(still, "a", batch=7)), running(another_courier(still, "b", batch=5)):

        async def done() -> bool:
            return len(await still.rows("select 1 from delivery where state = 'delivered'")) == 60

        await until(done, 30)
    assert len(still.peer(PORTS).ids) == len(set(still.peer(PORTS).ids)) == 60
    holders = await still.rows("select distinct holder from attempt")
    assert {h["holder"] for h in holders} <= {"a", "b"}


async def test_a_claim_takes_at_most_the_batch_and_the_units_share(still: World) -> None:
    await still.add(WEB, "scripted")
    for _ in range(5):
        await still.send(document(MINISTRY, [PORTS, WEB]))
    caps = {still.units[PORTS].id: 2, still.units[WEB].id: 4}
    first = await still.core.deliveries.claim(caps, 50, "a", 30)
    assert sorted(c.receivers[0] for c in first) == [PORTS] * 2 + [WEB] * 4
    assert len(await still.core.deliveries.claim({still.units[PORTS].id: 9}, 2, "a", 30)) == 2
    assert len(await still.core.deliveries.claim({still.units[PORTS].id: 9}, 50, "a", 30)) == 1


@pytest.mark.parametrize("change", [{"paused": True}, {"state": UnitState.SUSPENDED}], ids=str)
async def test_a_courier_that_has_not_heard_of_a_pause_claims_nothing_either(
    still: World, change: dict[str, Any]
) -> None:
    await still.send(document(MINISTRY, [PORTS]))
    unit = await still.change(PORTS, **change)
    assert await still.core.deliveries.claim({unit.id: 4}, 50, "stale", 30) == []


async def test_draining_lets_attempts_end_and_claims_nothing_more(still: World) -> None:
    peer = still.peer(PORTS)
    peer.gate = asyncio.Event()
    rows = [await sent(still) for _ in range(6)]
    courier = another_courier(still, "a", per_unit=2)
    task = asyncio.create_task(courier.run())
    await until(lambda: peer.busy == 2)
    draining = asyncio.create_task(courier.drain(10))
    await asyncio.wait([task])
    peer.gate.set()
    await draining
    states = [(await still.row("select state from delivery where id = $1", r["id"]))["state"] for r in rows]
    assert sorted(states) == ["delivered"] * 2 + ["queued"] * 4


async def test_what_draining_had_no_time_for_keeps_its_lease_and_comes_again(still: World) -> None:
    peer = still.peer(PORTS)
    peer.gate = asyncio.Event()
    row = await sent(still)
    async with running(courier := another_courier(still, "a")):
        await until(lambda: peer.busy)
        await courier.drain(0.01)
    assert (await still.row("select state from delivery"))["state"] == "sending" and peer.busy == 0
    await still.execute("update delivery set lease_until = now() - interval '1 second'")
    await still.core.deliveries.release_expired()
    peer.gate.set()
    async with running(another_courier(still, "b")):
        await still.in_state(row["id"], "delivered")
