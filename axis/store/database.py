"""The connection pool: named statements, units of work, and one meaning for every way it can fail.

What fails is told in the axis's own words (failures.py). ``retrying`` repeats a **whole unit of
work**. After a lost connection nobody knows whether a commit happened, so what it repeats must be
harmless twice (P4): keys decide, not hope.

Connections come back to the pool without the usual RESET round trip: nothing here leaves anything
behind on a session (open transactions are rolled back by asyncpg, locks of ``alone`` are given back).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, Self, TypeVar

import asyncpg

from axis.domain.errors import AxisError, Unavailable
from axis.store.failures import PASSING, lost, meaning
from axis.store.signals import Signals
from axis.store.sql import Query, queries

Row = Mapping[str, Any]  # what asyncpg.Record is good for
Isolation = Literal["read_committed", "repeatable_read", "serializable"]

T = TypeVar("T")
_Q = queries("database")


class Transaction:
    """Statements inside one transaction."""

    def __init__(self, connection: Any, told: Callable[[BaseException, bool], AxisError | None]) -> None:
        self._connection = connection
        self._told = told

    @contextlib.contextmanager
    def _meaning(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if told := self._told(error, lost(self._connection)):
                raise told from error
            raise

    async def fetch(self, query: Query, *args: object) -> list[Row]:
        """All rows."""
        with self._meaning():
            return list(await self._connection.fetch(query.sql, *args))

    async def fetchrow(self, query: Query, *args: object) -> Row | None:
        """The first row, or None."""
        with self._meaning():
            row: Row | None = await self._connection.fetchrow(query.sql, *args)
        return row

    async def fetchval(self, query: Query, *args: object) -> Any:
        """The first column of the first row, or None."""
        with self._meaning():
            return await self._connection.fetchval(query.sql, *args)

    async def execute(self, query: Query, *args: object) -> int:
        """Run it; the number of rows it touched."""
        with self._meaning():
            said = str(await self._connection.execute(query.sql, *args)).rpartition(" ")[2]
        return int(said) if said.isdigit() else 0

    async def executemany(self, query: Query, rows: Sequence[Sequence[object]]) -> None:
        """Run it once per row of arguments, in one round trip, all or nothing."""
        with self._meaning():
            await self._connection.executemany(query.sql, rows)

    async def stream(self, query: Query, *args: object, batch: int = 500) -> AsyncIterator[Row]:
        """Rows a batch at a time, for lists that do not fit in memory; inside a transaction only."""
        with self._meaning():
            cursor = await self._connection.cursor(query.sql, *args)
        while True:
            with self._meaning():
                rows = await cursor.fetch(batch)
            for row in rows:
                yield row
            if len(rows) < batch:
                return


class Database:
    """A pool. The same four verbs as in a transaction, each statement its own transaction."""

    def __init__(self, pool: Any, dsn: str, patience: float, application_name: str) -> None:
        self._pool = pool
        self._patience = patience
        self._signals = Signals(lambda: connect_once(dsn, f"{application_name} signals"))

    @classmethod
    async def connect(cls, dsn: str, *, min_size: int = 1, max_size: int = 10, application_name: str = "axis",
                      statement_timeout: float = 0, patience: float = 10, replan: bool = False) -> Self:
        """Open the pool and prove that it works (with ``min_size`` 0: when it is first asked).

        ``statement_timeout``  seconds a statement may run (0: no limit); set it for pages people read
        ``replan``             plan each statement anew for its arguments: set it where filters that are given or
                               not decide which index serves
        ``patience``           seconds to wait for a free connection, and for one to be established
        """
        try:
            pool = await asyncpg.create_pool(
                dsn, min_size=min_size, max_size=max_size, init=_prepare, reset=_nothing_to_reset,
                **_options(dsn, application_name, patience, statement_timeout, replan))
        except Exception as error:
            if told := meaning(error):
                raise told from error
            raise
        return cls(pool, dsn, patience, application_name)

    async def close(self) -> None:
        """Close politely; connections still in use after 10 seconds are cut."""
        await self._signals.close()
        try:
            async with asyncio.timeout(10):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _told(self, error: BaseException, closed: bool) -> AxisError | None:
        if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
            self._expire()  # the primary was demoted: the next connections look for the new one
        return meaning(error, lost=closed)

    def _expire(self) -> None:
        expiry = asyncio.ensure_future(self._pool.expire_connections())
        expiry.add_done_callback(lambda done: done.exception())

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        # A free connection is had without waiting, so the price of a timer (a task) is saved.
        patience = None if self._pool.get_idle_size() else self._patience
        try:
            connection = await self._pool.acquire(timeout=patience)
        except TimeoutError as error:  # every connection is at work
            raise Unavailable("storage.database-busy") from error
        except Exception as error:
            if told := meaning(error, lost=True):
                raise told from error
            raise
        try:
            yield connection
        finally:
            # A connection that cannot be given back was lost; asyncpg has dropped it already, and the
            # outcome of what ran on it is what the caller must hear.
            with contextlib.suppress(Exception):
                await self._pool.release(connection, timeout=self._patience)

    @asynccontextmanager
    async def _single(self) -> AsyncIterator[Transaction]:
        async with self._connection() as connection:
            yield Transaction(connection, self._told)

    async def fetch(self, query: Query, *args: object) -> list[Row]:
        """All rows."""
        async with self._single() as single:
            return await single.fetch(query, *args)

    async def fetchrow(self, query: Query, *args: object) -> Row | None:
        """The first row, or None."""
        async with self._single() as single:
            return await single.fetchrow(query, *args)

    async def fetchval(self, query: Query, *args: object) -> Any:
        """The first column of the first row, or None."""
        async with self._single() as single:
            return await single.fetchval(query, *args)

    async def execute(self, query: Query, *args: object) -> int:
        """Run it; the number of rows it touched."""
        async with self._single() as single:
            return await single.execute(query, *args)

    async def executemany(self, query: Query, rows: Sequence[Sequence[object]]) -> None:
        """Run it once per row of arguments, in one round trip, all or nothing."""
        async with self._single() as single:
            await single.executemany(query, rows)

    @asynccontextmanager
    async def transaction(self, *, isolation: Isolation = "read_committed",
                          readonly: bool = False) -> AsyncIterator[Transaction]:
        """A unit of work: committed at the end of the block, rolled back when it raises."""
        async with self._connection() as connection:
            unit = Transaction(connection, self._told)
            begun = connection.transaction(isolation=isolation, readonly=readonly)
            with unit._meaning():
                await begun.start()
            try:
                yield unit
            except BaseException:
                with contextlib.suppress(Exception):  # the reason to roll back matters, not the failure to
                    await begun.rollback()
                raise
            with unit._meaning():
                await begun.commit()

    async def retrying(self, work: Callable[[], Awaitable[T]], *, attempts: int = 5) -> T:
        """Repeat a whole unit of work that failed for a passing reason, within about two seconds."""
        attempt = 1
        while True:
            try:
                return await work()
            except Unavailable as error:
                if error.code not in PASSING or attempt >= attempts:
                    raise
            pause = 0.02 * 4 ** (attempt - 1)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # spreads rivals, no secret
            attempt += 1

    @asynccontextmanager
    async def alone(self, duty: str) -> AsyncIterator[bool]:
        """True for one process at a time among all on this database: sweeps that must not run twice.
        The lock lives on one connection and vanishes with it, so the duty must stay harmless twice."""
        async with self._single() as single:
            mine = bool(await single.fetchval(_Q.try_alone, duty))
            try:
                yield mine
            finally:
                if mine:
                    try:
                        await single.fetchval(_Q.end_alone, duty)
                    except BaseException:
                        single._connection.terminate()  # never back into the pool with a lock on it
                        raise

    async def listen(self, channel: str, callback: Callable[[str], None]) -> None:
        """Call back with the payload of every hint, and with ``""`` after each (re)connection, since
        hints sent meanwhile are lost. Hints only: polling is the truth."""
        await self._signals.listen(channel, callback)

    def notify(self, channel: str, payload: str = "") -> None:
        """Hint to all processes, sent within milliseconds, together with others; call it after commit.
        Lost when the database is away."""
        self._signals.notify(channel, payload)


def _options(dsn: str, application_name: str, patience: float, statement_timeout: float,
             replan: bool = False) -> dict[str, Any]:
    settings = {"application_name": application_name, "timezone": "UTC", "jit": "off", "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "60s",
                # A row anywhere costs about what its neighbour costs, in memory and on today's disks; with the
                # server's guess of four times, lists walk past other units' rows instead of using their own index.
                "random_page_cost": "1.1",
                "statement_timeout": str(int(statement_timeout * 1000))}
    if replan:
        settings["plan_cache_mode"] = "force_custom_plan"
    options: dict[str, Any] = {"timeout": patience, "command_timeout": max(60.0, statement_timeout * 2),
                               "server_settings": settings}
    hosts = dsn.partition("://")[2].partition("?")[0].rpartition("@")[2].partition("/")[0]
    if "," in hosts and "target_session_attrs" not in dsn:
        options["target_session_attrs"] = "read-write"  # several hosts: one is the primary, the rest are not
    return options


async def _prepare(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_to_json, decoder=json.loads)


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def _nothing_to_reset(connection: Any) -> None:
    """See the module docstring."""


async def connect_once(dsn: str, application_name: str = "axis", *, patience: float = 10,
                       unhurried: bool = False) -> Any:
    """A connection of its own, outside any pool (migrations, signals, backup). ``unhurried``: its
    statements and their waits for locks have no time limit."""
    options = _options(dsn, application_name, patience, 0)
    if unhurried:
        options |= {"command_timeout": None,
                    "server_settings": {**options["server_settings"], "lock_timeout": "0",
                                        "idle_in_transaction_session_timeout": "0"}}
    try:
        connection = await asyncpg.connect(dsn, **options)
    except Exception as error:
        if told := meaning(error):
            raise told from error
        raise
    await _prepare(connection)
    return connection
