"""Uploads that end too early or come too slowly: nothing is visible until all of it is there."""

from __future__ import annotations

import asyncio

from tests.scenarios.parcels import parcel_bytes
from tests.scenarios.raw import RawUpload
from tests.scenarios.world import World, eventually

STEP = 64 * 1024


async def test_an_upload_cut_at_any_64_kb_leaves_nothing_and_the_whole_one_is_taken(world: World) -> None:
    await asyncio.to_thread(world.hub.up)
    unit, other = world.unit(1), world.unit(2)
    _, data = parcel_bytes(unit.issued, unit.code, [other.code], number="1", size=1_000_000)
    async with world.client(other) as mailbox:
        for place in (*range(0, len(data), STEP), len(data) - 1):
            async with await RawUpload.begin(world.hub.port, unit, data) as upload:
                await upload.send(place)
                await upload.cut()
            assert await mailbox.received() == []
        await eventually(lambda: not world.spooled(), "what was begun is thrown away")
        assert world.deliveries() == []
        async with world.client(unit) as client:
            assert (await client.send_edoc(data)).ok
        (key,) = await mailbox.received()
        assert await mailbox.fetch(key) == data
    assert await asyncio.to_thread(world.hub.stop) == 0
    assert len(list((world.data / "payloads" / "payloads").glob("*/*"))) == 1


async def test_a_file_without_the_announced_line_end_after_it_is_not_taken(world: World) -> None:
    """Cut between the file and its CR LF: announced bytes are missing, so it is not taken."""
    await asyncio.to_thread(world.hub.up)
    unit, other = world.unit(1), world.unit(2)
    _, data = parcel_bytes(unit.issued, unit.code, [other.code], number="1")
    async with await RawUpload.begin(world.hub.port, unit, data) as upload:
        await upload.send(len(data))
        await upload.cut()
    async with world.client(other) as mailbox:
        assert await mailbox.received() == []
    await eventually(lambda: not world.spooled(), "what was begun is thrown away")


async def test_stalled_uploads_are_told_to_come_back_while_others_are_served(world: World) -> None:
    await asyncio.to_thread(world.hub.up)
    unit, other = world.unit(1), world.unit(2)
    _, data = parcel_bytes(unit.issued, unit.code, [other.code], number="1", size=2_000_000)
    uploads = [await RawUpload.begin(world.hub.port, unit, data) for _ in range(20)]
    for upload in uploads:
        await upload.send(1_200_000)
    await eventually(lambda: len(world.spooled()) == 20, "all have begun")
    _, small = parcel_bytes(unit.issued, unit.code, [other.code], number="2")
    async with world.client(unit) as client, world.client(other) as mailbox:
        assert (await client.send_edoc(small)).ok
        assert len(await mailbox.received()) == 1
        answers = await asyncio.gather(*(upload.answer() for upload in uploads))
        assert {(a["status"], a["ErrorCode"]) for a in answers} == {("FAIL", "20")}
        for upload in uploads:
            await upload.close()
        assert len(await mailbox.received()) == 1
    await eventually(lambda: not world.spooled(), "what was begun is thrown away")
    assert await asyncio.to_thread(world.hub.stop) == 0
