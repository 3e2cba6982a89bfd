"""The door in bad times: full, busy, stopping, cut off, without a database; nothing is left half done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from axis.config import IntakeSection
from axis.domain.errors import (
    AxisError,
    PackageError,
    Unavailable,
)
from axis.hub.contracts import Source
from tests.conftest import ServerForTests
from tests.hub.conftest import Opened
from tests.hub.test_intake import refused
from tests.hub.world import (
    MINISTRY,
    ROADS,
    Upload,
    World,
    document,
    signed,
    until,
)


async def test_a_short_disk_closes_the_door_and_opens_it_again(still: World) -> None:
    package = document(MINISTRY, [ROADS])
    free = still.core.payloads.free_bytes()
    settings = still.hub.intake._settings
    still.hub.intake._settings = replace(settings, free_bytes=free * 2)
    await refused(still, package, Unavailable, "intake.disk-low")
    still.hub.intake._settings = settings
    assert not (await still.send(package)).repeated
    assert await still.journal("package.refused") == [], "retries of a closed door are not news"


class Slow(Upload):
    """A body whose rest comes when the test says so."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.begun, self.rest = asyncio.Event(), asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data[:100]
        self.begun.set()
        await self.rest.wait()
        yield self._data[100:]


async def test_a_busy_door_says_so_and_works_again(opened: Opened) -> None:
    few = IntakeSection(free_bytes=0, workers=2, uploads=1, waiting=1, patience=0.05)
    async with opened(serving=False, intake=few) as world:
        slow = Slow(signed(document(MINISTRY, [ROADS])))
        source = Source(front="test", unit=world.units[MINISTRY])
        first = asyncio.create_task(world.hub.intake.accept(slow, source))
        await slow.begun.wait()
        answers = await asyncio.gather(
            *(world.send(document(MINISTRY, [ROADS])) for _ in range(3)), return_exceptions=True
        )
        assert [a.code for a in answers if isinstance(a, Unavailable)] == ["intake.busy"] * 3
        slow.rest.set()
        await first
        await world.send(document(MINISTRY, [ROADS]))
        assert (await world.counts())["package"] == 2


async def test_a_stopping_hub_takes_nothing_new_and_finishes_what_is_under_way(still: World) -> None:
    slow = Slow(signed(document(MINISTRY, [ROADS])))
    source = Source(front="test", unit=still.units[MINISTRY])
    first = asyncio.create_task(still.hub.intake.accept(slow, source))
    await slow.begun.wait()
    still.hub.intake.close()
    with pytest.raises(Unavailable, match="stopping"):
        await still.send(document(MINISTRY, [ROADS]))
    slow.rest.set()
    assert not (await first).repeated


@pytest.mark.parametrize("at", ["arriving", "being examined", "being finished"])
async def test_a_caller_that_hangs_up_leaves_nothing(still: World, at: str) -> None:
    slow = Slow(signed(document(MINISTRY, [ROADS])))
    body = Upload(slow._data) if at == "being finished" else slow
    hold = threading.Event()
    if at != "arriving":  # the worker threads are kept busy, so that the hang-up comes at that very step
        for _ in range(still.core.config.intake.workers):
            still.core.workers.submit(hold.wait)
        slow.rest.set()
    task = asyncio.create_task(still.hub.intake.accept(body, Source(front="test", unit=still.units[MINISTRY])))
    if at == "arriving":
        await slow.begun.wait()
    else:
        await until(lambda: still.core.workers._work_queue.qsize())
    task.cancel()
    hold.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert still.spooled() == []
    assert (await still.counts())["package"] == 0
    assert still.hub.intake._slots._value == still.core.config.intake.uploads


async def test_a_body_that_breaks_off_leaves_nothing(still: World) -> None:
    class Broken(Upload):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self._data[:500]
            raise Unavailable("request.cut-off")

    data = signed(document(MINISTRY, [ROADS]))
    with pytest.raises(Unavailable):
        await still.hub.intake.accept(Broken(data), Source(front="test", unit=still.units[MINISTRY]))
    assert still.spooled() == [] and (await still.counts())["package"] == 0
    assert not (await still.send(data)).repeated


async def test_while_the_database_is_away_nothing_is_accepted_and_later_all_is(
    opened: Opened, postgres: ServerForTests, database_url: str
) -> None:
    async with opened(serving=False) as world:
        data = signed(document(MINISTRY, [ROADS]))
        name = database_url.rpartition("/axis?")[0] or database_url.partition("?")[0].rpartition("/")[2]
        name = name.rpartition("/")[2]
        await still_run(postgres, f"alter database {name} allow_connections false")
        await still_run(postgres, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
        with pytest.raises(Unavailable):
            await world.send(data)
        assert world.spooled() == []
        await still_run(postgres, f"alter database {name} allow_connections true")
        accepted = await world.send(data)
        assert (await world.send(data)).package_id == accepted.package_id
        assert (await world.counts())["package"] == 1


async def still_run(postgres: ServerForTests, sql: str) -> None:
    work = asyncio.run_coroutine_threadsafe(postgres._admin.execute(sql), postgres._loop)
    await asyncio.wrap_future(work)


async def test_every_refusal_is_in_the_journal_with_code_and_facts(still: World) -> None:
    await refused(still, b"<edXML/>", PackageError, (await _code_of(still, b"<edXML/>")), trace_id="t-1")
    last = (await still.journal("package.refused"))[-1]
    assert last["data"]["trace_id"] == "t-1" and last["unit_id"] == still.units[MINISTRY].id


async def _code_of(world: World, data: bytes) -> str:
    with pytest.raises(AxisError) as caught:
        await world.send(data)
    return caught.value.code
