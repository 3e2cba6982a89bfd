"""The hub dies at every point that matters of taking in and of handing out one document.

After each death a plain hub starts on the same folder; senders and receivers do what real clients do:
the same again. Whatever the point, the document exists once and arrives once."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from axis.demo.vxp_client import VxpClient
from tests.scenarios.doomed import POINTS
from tests.scenarios.parcels import Parcel, parcel_bytes
from tests.scenarios.receiver import Receiver
from tests.scenarios.world import HubProcess, World, eventually

INTAKE = list(POINTS)[:8]
PUSH = list(POINTS)[8:12]
PULL = list(POINTS)[12:]


@pytest.fixture(scope="module")
def world(settled_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Unit 1 sends, unit 2 polls, unit 3 is called; one world for all points, one death after another."""
    world = settled_world.copy(tmp_path_factory.mktemp("points"))
    yield world
    world.close()


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Receiver]:
    async with Receiver(world.unit(3)) as receiver:
        yield receiver


def _doomed(world: World, point: str) -> HubProcess:
    return HubProcess(world.data, world.hub.port, "doomed", [sys.executable, "-m", "tests.scenarios.doomed", point])


def _parcel(world: World, point: str, receiver: int) -> tuple[Parcel, bytes]:
    number = str(list(POINTS).index(point) + 1)
    sender = world.unit(1)
    return parcel_bytes(
        sender.issued, sender.code, [world.unit(receiver).code], number=number, size=300_000, seed=int(number)
    )


async def _dies(hub: HubProcess) -> None:
    assert await asyncio.to_thread(hub.wait) == -signal.SIGKILL, hub.said()


async def _take_all(client: VxpClient) -> Counter[bytes]:
    """What a polling unit gets until its list is empty."""
    got: Counter[bytes] = Counter()
    for key in await client.received():
        data = await client.fetch(key)
        assert data is not None
        got[data] += 1
        assert (await client.update_status(key, "done")).ok
    assert await client.received() == []
    return got


@pytest.mark.xdist_group("points of intake")  # a world for each group, so two processes share the deaths
@pytest.mark.parametrize("point", INTAKE)
async def test_a_document_exists_once_wherever_its_intake_was_killed(world: World, point: str) -> None:
    _, data = _parcel(world, point, receiver=2)
    doomed = _doomed(world, point)
    await asyncio.to_thread(doomed.up)
    async with world.client(world.unit(1), doomed) as sender:
        assert not (await sender.send_edoc(data)).ok
    await _dies(doomed)
    await asyncio.to_thread(world.hub.up)
    assert world.spooled() == []
    async with world.client(world.unit(1)) as sender, world.client(world.unit(2)) as mailbox:
        listed = await sender.call("getSentEdocList", {"messagetype": "edoc"})
        known = [item["senderDocId"] for item in listed.items or ()]
        first = await sender.send_edoc(data)
        again = await sender.send_edoc(data)
        assert first.ok and again.ok and first.doc_id == again.doc_id
        committed = point in ("committed, not answered", "accepted, answer half made")
        assert (first.doc_id in known) == committed
        assert await _take_all(mailbox) == {data: 1}
    assert await asyncio.to_thread(world.hub.stop) == 0
    assert world.spooled() == []


@pytest.mark.xdist_group("points of delivery")
@pytest.mark.parametrize("point", PUSH)
async def test_a_push_killed_anywhere_arrives_with_one_key(world: World, receiver: Receiver, point: str) -> None:
    parcel, data = _parcel(world, point, receiver=3)
    doomed = _doomed(world, point)
    await asyncio.to_thread(doomed.up)
    async with world.client(world.unit(1), doomed) as sender:
        await sender.send_edoc(data)
    await _dies(doomed)
    await asyncio.to_thread(world.hub.up)
    await eventually(lambda: parcel.sha256 in receiver.by_digest(), "the receiver has it")
    if point == "the receiver has it, we do not know":
        await eventually(lambda: len(receiver.calls) >= 2, "the unknown outcome is asked again")
    rows = await eventually(
        lambda: [r for r in world.deliveries("--unit", world.unit(3).code) if r["sha256"] == parcel.sha256
                 and r["state"] == "delivered"], "the row is delivered",
    )  # fmt: skip
    assert len(rows) == 1
    assert receiver.by_digest()[parcel.sha256] == {rows[0]["id"]}
    expected = 1 if point in ("claimed, not attempted", "settled") else 2
    assert [call.digest for call in receiver.calls].count(parcel.sha256) == expected
    assert await asyncio.to_thread(world.hub.stop) == 0


@pytest.mark.xdist_group("points of delivery")
@pytest.mark.parametrize("point", PULL)
async def test_a_pull_killed_anywhere_ends_with_one_confirmed_document(world: World, point: str) -> None:
    _, data = _parcel(world, point, receiver=2)
    doomed = _doomed(world, point)
    await asyncio.to_thread(doomed.up)
    async with world.client(world.unit(1), doomed) as sender:
        assert (await sender.send_edoc(data)).ok
    async with world.client(world.unit(2), doomed) as mailbox:
        (key,) = await mailbox.received()
        if point in PULL[:2]:
            assert await mailbox.fetch(key) is None
        else:
            assert await mailbox.fetch(key) == data
            assert not (await mailbox.update_status(key, "done")).ok
    await _dies(doomed)
    await asyncio.to_thread(world.hub.up)
    async with world.client(world.unit(2)) as mailbox:
        waiting = await mailbox.received()
        assert waiting == ([] if point == "confirmed, not answered" else [key])
        if waiting:
            assert await mailbox.fetch(key) == data
        assert (await mailbox.update_status(key, "done")).ok
        assert await mailbox.received() == []
    assert await asyncio.to_thread(world.hub.stop) == 0
