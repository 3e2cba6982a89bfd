"""The database as an auditor has it: everything may be read, nothing written, secrets not even read.

A ``Reader`` is a ``Database`` over the same pool whose every statement runs in a read-only transaction
*under another role* (``axis_reader``, migration 0007), for at most some seconds. So whatever is built over
a database can be built over it (``Lookups(reader)``, ``Counters(reader)``), and that an auditor changes
nothing is not a habit of our code but a refusal of PostgreSQL.

Where the role cannot be had (an external database whose owner may not create roles) transactions are
read-only under the owner, and ``standing`` says so: pages and ``axis doctor`` repeat it until the
database's administrator has said two statements (docs/operations.md). Then it is found within a minute.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, cast

import asyncpg

from axis.domain.errors import AxisError
from axis.store.database import Database, Isolation, Transaction
from axis.store.failures import meaning
from axis.store.sql import queries

SQL = queries("reader")
OWNER = SQL.owner
ROLE = "axis_reader"
LOOK_AGAIN = 60.0  # seconds between two looks for a role that was not there
Standing = Literal["ready", "absent", "not-granted", "blind", "strong"]


class Reader(Database):
    """``seconds`` a statement may take. Closing it closes nothing: the pool is the database's."""

    def __init__(self, database: Database, seconds: float = 5.0) -> None:
        super().__init__(database._pool, "", database._patience, "axis reader")
        self._owner = database
        self._milliseconds = str(int(seconds * 1000))
        self._standing: Standing | None = None
        self._looked = 0.0

    async def standing(self) -> Standing:
        """``ready``: everything goes under the role. Asked again from time to time until it is."""
        if self._standing != "ready" and (self._standing is None or time.monotonic() - self._looked > LOOK_AGAIN):
            self._standing, self._looked = await self._look(), time.monotonic()
        return self._standing

    async def _look(self) -> Standing:
        found = cast(Standing, await self._owner.fetchval(SQL.standing))
        if found == "blind":  # the role came after the migration: what it may see is ours to grant
            async with self._owner.alone("reader") as mine:
                if mine:
                    await self._owner.fetchval(SQL.grant_reading)
            found = cast(Standing, await self._owner.fetchval(SQL.standing))
        return found

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read_committed", readonly: bool = True
    ) -> AsyncIterator[Transaction]:
        """A unit of reading; ``readonly`` is always so."""
        ready = await self.standing() in ("ready", "strong")
        async with super().transaction(isolation=isolation, readonly=True) as unit:
            if ready:
                await unit.execute(SQL.become, self._milliseconds, ROLE)
            else:
                await unit.execute(SQL.hurry, self._milliseconds)
            yield unit

    @asynccontextmanager
    async def _single(self) -> AsyncIterator[Transaction]:
        async with self.transaction() as unit:
            yield unit

    def _told(self, error: BaseException, closed: bool) -> AxisError | None:
        """A write refused in a read-only transaction says nothing about the server."""
        return None if isinstance(error, asyncpg.ReadOnlySQLTransactionError) else meaning(error, lost=closed)

    async def close(self) -> None:
        """Nothing of its own to close."""
