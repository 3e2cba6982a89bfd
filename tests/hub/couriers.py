"""What the suites about delivering share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from axis.hub.courier import Courier, CourierSettings
from tests.hub.world import MINISTRY, PORTS, World, document


async def sent(world: World, *receivers: str, **changes: Any) -> dict[str, Any]:
    """A document for these receivers; the first delivery's row."""
    accepted = await world.send(document(MINISTRY, receivers or (PORTS,), **changes))
    return (await world.deliveries(accepted.package_id))[0]


def another_courier(world: World, holder: str, **settings: Any) -> Courier:
    """A courier as another process would run it: the same database, another name."""
    core = world.core
    return Courier(
        deliveries=core.deliveries, units=core.units, payloads=core.payloads, directory=core.directory,
        fleet=core.fleet, notary=core.notary, almanac=core.almanac, telemetry=core.telemetry, holder=holder,
        settings=replace(CourierSettings(poll=0.02), **settings), make_link=lambda a, b: "t",
    )  # fmt: skip


@asynccontextmanager
async def running(courier: Courier) -> AsyncIterator[Courier]:
    task = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        await courier.drain(1.0)
        await task
