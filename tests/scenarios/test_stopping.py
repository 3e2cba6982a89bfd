"""Told to stop in the middle of work: what was answered is there, what was not is not, nothing stays behind."""

from __future__ import annotations

import asyncio
import signal

import pytest

from axis.demo.vxp_client import VxpClient
from tests.scenarios.parcels import parcel_bytes
from tests.scenarios.raw import RawUpload
from tests.scenarios.world import World, eventually, processes_of


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("goes_on", [True, False], ids=["the sender goes on", "the sender stalls"])
async def test_an_upload_under_way_is_answered_or_is_not_there(
    world: World, number: signal.Signals, goes_on: bool
) -> None:
    await asyncio.to_thread(world.hub.up)
    unit, other = world.unit(1), world.unit(2)
    _, data = parcel_bytes(unit.issued, unit.code, [other.code], number="1", size=2_000_000)
    async with await RawUpload.begin(world.hub.port, unit, data) as upload:
        await upload.send(len(data) // 2)
        await eventually(world.spooled, "half of it is spooled")
        world.hub.send_signal(number)
        await eventually(lambda: "Đang dừng" in world.hub.said(), "the hub stops")
        answer = None
        if goes_on:
            await upload.send()
            answer = await upload.answer()
        assert await asyncio.to_thread(world.hub.wait, 40) == 0
    assert processes_of(world.folder) == []
    assert world.spooled() == []
    await asyncio.to_thread(world.hub.up)
    async with world.client(other) as client:
        waiting = await client.received()
        if goes_on:
            assert answer is not None and answer["status"] == "OK"
            assert [await client.fetch(key) for key in waiting] == [data]
        else:
            assert waiting == []
            await _the_same_again(world.client(unit), client, data)
    assert await asyncio.to_thread(world.hub.stop) == 0


async def _the_same_again(sender: VxpClient, receiver: VxpClient, data: bytes) -> None:
    async with sender:
        assert (await sender.send_edoc(data)).ok
    assert len(await receiver.received()) == 1


async def test_new_uploads_are_not_taken_while_stopping(world: World) -> None:
    await asyncio.to_thread(world.hub.up)
    unit, other = world.unit(1), world.unit(2)
    _, data = parcel_bytes(unit.issued, unit.code, [other.code], number="1", size=2_000_000)
    _, late = parcel_bytes(unit.issued, unit.code, [other.code], number="2")
    async with await RawUpload.begin(world.hub.port, unit, data) as upload:
        await upload.send(len(data) // 2)
        await eventually(world.spooled, "half of it is spooled")
        world.hub.send_signal(signal.SIGTERM)
        await eventually(lambda: "Đang dừng" in world.hub.said(), "the hub stops")
        async with world.client(unit) as client:
            answer = await client.send_edoc(late)
        assert not answer.ok and answer.temporary
        await upload.send()
        assert (await upload.answer())["status"] == "OK"
    assert await asyncio.to_thread(world.hub.wait, 40) == 0
    assert processes_of(world.folder) == []
