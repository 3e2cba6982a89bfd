"""Memory does not grow with the size of a document: sent, verified, kept and handed out in pieces."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pybase64
import pytest

from tests.scenarios.parcels import parcel_file
from tests.scenarios.raw import RawUpload, fetch_to
from tests.scenarios.world import World

MIB = 1 << 20
BOUND = 64 * MIB


async def _send(world: World, path: Path, number: str, size: int) -> float:
    """Make, send and drop nothing: seconds from the first byte to the answer."""
    unit, other = world.unit(1), world.unit(2)
    await asyncio.to_thread(
        parcel_file, path, unit.issued, unit.code, [other.code], number=number, size=size, seed=int(number)
    )
    async with await RawUpload.begin_file(world.hub.port, unit, path) as upload:
        began = time.monotonic()
        await upload.send()
        answer = await upload.answer(300)
    assert answer["status"] == "OK", answer
    return time.monotonic() - began


async def _round(world: World, folder: Path, number: str, size: int) -> dict[str, float]:
    """One package of a size through every way; what it cost in memory and time."""
    sent, got = folder / f"{number}.sent", folder / f"{number}.got"
    world.hub.reset_peak()
    before = world.hub.memory()[0]
    figures = {"sent": await _send(world, sent, number, size)}
    figures["accept growth"] = (world.hub.memory()[1] - before) / MIB
    async with world.client(world.unit(2)) as mailbox:
        (key,) = await mailbox.received()
        for operation in ("downloadEdoc", "getEdoc"):
            world.hub.reset_peak()
            before, began = world.hub.memory()[0], time.monotonic()
            await fetch_to(got, world.hub.port, world.unit(2), operation, key)
            figures[operation] = time.monotonic() - began
            figures[f"{operation} growth"] = (world.hub.memory()[1] - before) / MIB
            assert await asyncio.to_thread(_same, sent, got, operation), f"{operation} gave other bytes"
        assert (await mailbox.update_status(key, "done")).ok
    (row,) = world.json("package", "list")[:1]
    assert row["verdict"] == "proven"
    sent.unlink()
    got.unlink()
    return {**figures, "MiB": size * 4 / 3 / MIB}


def _same(sent: Path, got: Path, operation: str) -> bool:
    prefix = 0
    if operation == "getEdoc":
        with got.open("rb") as file:
            prefix = file.read(300).index(b'"data":"') + 8
    with sent.open("rb") as a, got.open("rb") as b:
        b.seek(prefix)
        while piece := a.read(3 * MIB):
            expected = pybase64.b64encode(piece) if prefix else piece
            if b.read(len(expected)) != expected:
                return False
        return b.read() == (b'"}' if prefix else b"")


async def _run(world: World, tmp_path: Path, sizes: list[int]) -> None:
    await asyncio.to_thread(world.hub.up)
    await _round(world, tmp_path, "1", 100_000)  # warm: code and buffers every size needs
    await _round(world, tmp_path, "2", 2 * MIB)
    for number, size in enumerate(sizes, start=3):
        figures = await _round(world, tmp_path, str(number), size)
        print("  ".join(f"{name} {value:.1f}" for name, value in figures.items()))
        for name in ("accept", "downloadEdoc", "getEdoc"):
            assert figures[f"{name} growth"] * MIB < BOUND, figures
    assert await asyncio.to_thread(world.hub.stop) == 0


async def test_sixty_four_megabytes_go_through_in_flat_memory(world: World, tmp_path: Path) -> None:
    await _run(world, tmp_path, [100_000, 48 * MIB])


@pytest.mark.slow
async def test_a_gigabyte_goes_through_in_flat_memory(world: World, tmp_path: Path) -> None:
    await _run(world, tmp_path, [48 * MIB, 760 * MIB])


async def test_ten_uploads_at_once_cost_no_more_memory_than_ten_windows(world: World, tmp_path: Path) -> None:
    await asyncio.to_thread(world.hub.up)
    await _round(world, tmp_path, "1", 2 * MIB)
    world.hub.reset_peak()
    before = world.hub.memory()[0]
    await asyncio.gather(*(_send(world, tmp_path / f"{n}", str(n), 6 * MIB) for n in range(10, 20)))
    assert world.hub.memory()[1] - before < BOUND
    assert await asyncio.to_thread(world.hub.stop) == 0
