"""A full disk: senders are asked to come back, nothing is half done, receivers go on, space heals it.

The payload folder lies on a small tmpfs of its own, which only root can mount."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.parcels import parcel_bytes
from tests.scenarios.raw import RawUpload
from tests.scenarios.world import World, eventually

MIB = 1 << 20
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")


@pytest.fixture
def small_disk(world: World) -> Iterator[Path]:
    """24 MiB for the payload folder of the world."""
    payloads = world.data / "payloads"
    shutil.rmtree(payloads, ignore_errors=True)
    payloads.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", str(payloads)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield payloads
    finally:
        world.close()
        subprocess.run(["umount", "-l", str(payloads)], check=True)


def _fill(disk: Path, leave: int) -> Path:
    """Take all space but so many bytes."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        free = os.statvfs(disk)
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leave)
    return filler


def _spooled_bytes(world: World) -> int:
    return sum(path.stat().st_size for path in (world.data / "payloads" / "spool").iterdir())


async def test_a_disk_that_fills_in_mid_upload_asks_the_sender_to_come_back_and_heals(
    world: World, small_disk: Path
) -> None:
    world.configure(lease=1.0, free_bytes=0)
    await asyncio.to_thread(world.hub.up)
    unit, other = world.unit(1), world.unit(2)
    _, early = parcel_bytes(unit.issued, unit.code, [other.code], number="1")
    _, data = parcel_bytes(unit.issued, unit.code, [other.code], number="2", size=3 * MIB)
    async with world.client(unit) as client, world.client(other) as mailbox:
        assert (await client.send_edoc(early)).ok
        async with await RawUpload.begin(world.hub.port, unit, data) as upload:
            await upload.send(2 * MIB)
            await eventually(lambda: _spooled_bytes(world) > 1.4 * MIB, "the first part is spooled")
            filler = _fill(small_disk, leave=256 * 1024)
            await upload.send()
            answer = await upload.answer()
        assert (answer["status"], answer["ErrorCode"]) == ("FAIL", "20")
        await eventually(lambda: not world.spooled(), "the part is thrown away")
        (key,) = await mailbox.received()  # delivery goes on
        assert await mailbox.fetch(key) == early
        assert (await mailbox.update_status(key, "done")).ok
        filler.unlink()
        assert (await client.send_edoc(data)).ok  # and nobody had to do anything
        (key,) = await mailbox.received()
        assert await mailbox.fetch(key) == data
    assert await asyncio.to_thread(world.hub.stop) == 0


async def test_the_guard_closes_the_door_before_the_disk_is_full(world: World, small_disk: Path) -> None:
    world.configure(lease=1.0, free_bytes=8 * MIB)
    await asyncio.to_thread(world.hub.up)
    unit, other = world.unit(1), world.unit(2)
    _, data = parcel_bytes(unit.issued, unit.code, [other.code], number="1", size=2 * MIB)
    async with world.client(unit) as client, world.client(other) as mailbox:
        filler = _fill(small_disk, leave=9 * MIB)
        refused = await client.send_edoc(data)  # would leave less than the guard keeps
        assert (refused.ok, refused.error_code) == (False, "20")
        assert await mailbox.received() == []
        assert world.spooled() == []
        filler.unlink()
        assert (await client.send_edoc(data)).ok
        assert len(await mailbox.received()) == 1
    assert await asyncio.to_thread(world.hub.stop) == 0
