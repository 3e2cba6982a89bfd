"""Wake-ups between processes: LISTEN and coalesced NOTIFY on one connection outside the pool.

A NOTIFY inside a committing transaction holds a lock of the whole database over the fsync and halves
the commits per second, so hints are collected for some milliseconds after commit and sent as one
statement. A hint may be lost at any time (PostgreSQL keeps none for the absent): whoever listens also
polls. After each reconnection every listener is called once, in case something passed meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from axis.store.sql import queries

log = logging.getLogger("axis.store.signals")

Callback = Callable[[str], None]
_Q = queries("database")
_GATHER = 0.02  # seconds over which hints are collected: a clerk does not see it, the database does
_PROVE = 30.0  # seconds of silence before the connection must prove that it lives
_SLOWEST = 5.0


class Signals:
    """One connection, opened at the first need, reconnecting for ever."""

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self._connect = connect
        self._callbacks: dict[str, list[Callback]] = {}
        self._pending: dict[tuple[str, str], None] = {}  # a set that keeps the order
        self._work = asyncio.Event()
        self._listening: set[str] = set()
        self._caught_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def listen(self, channel: str, callback: Callback) -> None:
        """Returns once LISTEN is in force, or at once when the database is away (it comes later)."""
        self._callbacks.setdefault(channel, []).append(callback)
        self._caught_up.clear()
        self._begin()
        await self._caught_up.wait()

    def notify(self, channel: str, payload: str) -> None:
        self._pending[channel, payload] = None
        self._begin()

    def _begin(self) -> None:
        self._work.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="database-signals")

    async def close(self) -> None:
        """Send what is pending, best effort, and stop."""
        if self._task is not None:
            if self._pending:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._drained()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _drained(self) -> None:
        while self._pending:  # noqa: ASYNC110  # at the end of a process, a look each few ms is simplest
            await asyncio.sleep(_GATHER)

    async def _run(self) -> None:
        pause = 0.05
        while True:
            try:
                connection = await self._connected()
                pause = 0.05
                try:
                    await self._serve(connection)
                finally:
                    connection.terminate()
            except Exception as error:  # whatever happened to the connection, the remedy is another one
                log.info("signals connection lost: %s", error)
            self._pending.clear()  # hints are not worth keeping: pollers find the work by themselves
            self._caught_up.set()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _SLOWEST)

    async def _connected(self) -> Any:
        self._listening.clear()
        connection = await self._connect()
        connection.add_termination_listener(lambda _: self._work.set())
        return connection

    async def _serve(self, connection: Any) -> None:
        while not connection.is_closed():
            self._work.clear()
            await self._follow(connection)
            if self._pending:
                await asyncio.sleep(_GATHER)
                hints, self._pending = list(self._pending), {}
                await connection.fetch(_Q.notify.sql, [c for c, _ in hints], [p for _, p in hints])
            try:
                # Not wait_for: until Python 3.12 it forgets a cancellation that comes together with the
                # event, and then whoever closes us waits for ever.
                async with asyncio.timeout(_PROVE):
                    await self._work.wait()
            except TimeoutError:
                await connection.fetchval(_Q.alive.sql, timeout=10)

    async def _follow(self, connection: Any) -> None:
        """LISTEN to channels that are new, here or on this connection."""
        for channel in [name for name in self._callbacks if name not in self._listening]:
            await connection.add_listener(channel, self._heard)
            self._listening.add(channel)
            self._call(channel, "")
        self._caught_up.set()

    def _heard(self, _connection: object, _pid: int, channel: str, payload: str) -> None:
        self._call(channel, payload)

    def _call(self, channel: str, payload: str) -> None:
        for callback in self._callbacks.get(channel, ()):
            try:
                callback(payload)
            except Exception:
                log.exception("a listener of %s failed", channel)
