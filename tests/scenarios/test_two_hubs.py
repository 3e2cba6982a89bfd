"""Two hub processes on one database: leases, a zombie, a takeover, and no delivery twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.scenarios.crash import Load
from tests.scenarios.parcels import parcel_bytes
from tests.scenarios.receiver import Receiver
from tests.scenarios.world import HubProcess, World, eventually, free_port, processes_of, until


@pytest.fixture
def second(world: World) -> Iterator[HubProcess]:
    """Another hub on the same folder and database, not started."""
    hub = HubProcess(world.data, free_port(), "second")
    yield hub
    if hub.process is not None and hub.process.poll() is None:
        hub.stop()


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Receiver]:
    async with Receiver(world.unit(3)) as receiver:
        yield receiver


async def _held_by_first(world: World, receiver: Receiver) -> str:
    """The first hub is in the middle of a push: the receiver has the bytes and has not answered."""
    receiver.gate.clear()
    await asyncio.to_thread(world.hub.up)
    sender = world.unit(1)
    _, data = parcel_bytes(sender.issued, sender.code, [world.unit(3).code], number="1")
    async with world.client(sender) as client:
        assert (await client.send_edoc(data)).ok
    await eventually(lambda: len(receiver.calls) == 1, "the receiver was called")
    return receiver.calls[0].key


async def test_a_zombie_that_wakes_after_its_lease_changes_nothing(
    world: World, second: HubProcess, receiver: Receiver
) -> None:
    key = await _held_by_first(world, receiver)
    world.hub.send_signal(signal.SIGSTOP)
    await asyncio.to_thread(second.up)
    await eventually(lambda: len(receiver.calls) == 2, "the second hub took over")
    receiver.gate.set()
    (row,) = await eventually(
        lambda: [r for r in world.deliveries() if r["state"] == "delivered"], "the second hub's push is settled"
    )
    before = world.json("delivery", "show", key), world.json("package", "show", row["package_id"])
    world.hub.send_signal(signal.SIGCONT)
    # It has the receiver's 200 in its socket. When it has served a call and ended, its time to settle is over.
    async with world.client(world.unit(2)) as client:
        assert (await client.call("countReceiveEdoc", {"messagetype": "edoc"})).ok
    assert await asyncio.to_thread(world.hub.stop) == 0
    assert (world.json("delivery", "show", key), world.json("package", "show", row["package_id"])) == before
    assert [call.key for call in receiver.calls] == [key, key]
    assert row["attempts"] == 2
    assert await asyncio.to_thread(second.stop) == 0


async def test_the_leases_of_a_killed_hub_go_to_the_other(
    world: World, second: HubProcess, receiver: Receiver
) -> None:
    key = await _held_by_first(world, receiver)
    await asyncio.to_thread(second.up)
    assert world.hub.kill() == -signal.SIGKILL
    await eventually(lambda: len(receiver.calls) == 2, "the second hub took over")
    receiver.gate.set()
    await eventually(lambda: world.deliveries()[0]["state"] == "delivered", "the push is settled")
    assert [call.key for call in receiver.calls] == [key, key]
    outcomes = [attempt["outcome"] for attempt in world.json("delivery", "show", key)]
    assert outcomes == ["lost", "delivered"]
    assert await asyncio.to_thread(second.stop) == 0


def test_two_hubs_under_load_deliver_everything_once(world: World, second: HubProcess) -> None:
    world.configure(lease=10.0, free_bytes=0)
    world.hub.up()
    second.up()
    one, two, called = (world.unit(number) for number in (1, 2, 3))
    for unit in world.units.values():
        (world.folder / unit.code).mkdir()
        unit.issued.write(world.folder / unit.code, "seal")
    load = Load(
        world, senders=[one, two], receivers=[one, two, called], limit=25, pause=0.02, largest=200_000,
        endpoints=[world.hub.endpoint, second.endpoint],
    )  # fmt: skip
    try:
        load.start()
        until(load.finished, "both senders sent everything", 90)
        load.drain()
        found = load.judge()
    finally:
        load.abandon()
    assert found.wrong == []
    assert found.figures["documents accepted"] == 50
    assert found.figures["repeats with the same key"] == 0
    assert (second.stop(), world.hub.stop()) == (0, 0)


def test_workers_share_one_address_and_end_together(world: World) -> None:
    world.hub.up("--workers", "2")
    until(lambda: len(_workers(world)) == 2, "two workers")
    until(lambda: _serving(world), "both took a port")
    assert world.hub.stop() == 0
    assert processes_of(world.folder) == []


def test_a_killed_worker_is_started_again(world: World) -> None:
    world.hub.up("--workers", "2")
    until(lambda: len(_workers(world)) == 2, "two workers")
    first = _workers(world)
    os.kill(min(first), signal.SIGKILL)  # a grandchild of ours, found by its parent's pid
    until(lambda: len(set(_workers(world)) - set(first)) == 1 and len(_workers(world)) == 2, "a new worker")
    assert world.hub.stop() == 0
    assert processes_of(world.folder) == []


def _workers(world: World) -> list[int]:
    children = Path(f"/proc/{world.hub.pid}/task/{world.hub.pid}/children").read_text().split()
    found = []
    for pid in children:
        try:
            if b"--worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(int(pid))
        except FileNotFoundError:
            continue
    return found


def _serving(world: World) -> bool:
    return world.hub.said().count("Trục sẵn sàng") == 2
