"""Closing the signals: at every moment, and at once."""

from __future__ import annotations

import asyncio

import pytest

from axis.store.database import Database


@pytest.mark.parametrize("steps", range(6))
async def test_closing_while_a_hint_arrives_never_waits_for_ever(database_url: str, steps: int) -> None:
    """A cancellation that came together with the event was forgotten, and the hub never stopped."""
    database = await Database.connect(database_url)
    await database.listen("axis_wake", lambda payload: None)
    database._signals._work.set()
    for _ in range(steps):  # steps of the loop: one of them is the moment
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await database.close()
