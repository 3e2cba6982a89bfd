"""Brings a database to the shape this program knows: axis/store/migrations/NNNN_name.sql, in order.

Each migration runs in one transaction together with the row that records it, so an interruption at
any statement leaves whole migrations only. An applied file never changes (its SHA-256 is recorded),
numbers have no gaps, and a database newer than the program is refused: an old program could not know
what it would break. Several processes may start at once: one migrates, the others wait.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from axis.domain.errors import SetupError
from axis.store.database import connect_once
from axis.store.failures import DatabaseError, lost, meaning
from axis.store.sql import queries

FOLDER = Path(__file__).with_name("migrations")
_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_Q = queries("migrations")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. ``applied_at`` is None until it has run on the database asked about."""

    number: int
    name: str
    sha256: str
    sql: str
    applied_at: datetime | None = None


def known(folder: Path = FOLDER) -> list[Migration]:
    """The program's migrations, in order; a misnamed file, a double or a gap is refused."""
    found: list[Migration] = []
    for expected, path in enumerate(sorted(folder.glob("*.sql")), start=1):
        match = _FILE.fullmatch(path.name)
        if match is None or int(match[1]) != expected:
            raise SetupError("storage.migration-gap", name=path.name)
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        found.append(Migration(expected, path.stem, digest, content.decode("utf-8")))
    return found


async def status(dsn: str, folder: Path = FOLDER) -> list[Migration]:
    """Every migration of the program and when it was applied; refuses what ``migrate`` refuses."""
    connection = await connect_once(dsn, "axis migrate", unhurried=True)
    try:
        return await _compared(connection, known(folder))
    finally:
        await connection.close()


async def migrate(dsn: str, folder: Path = FOLDER) -> list[Migration]:
    """Apply what is missing; returns what was applied now."""
    wanted = known(folder)
    connection = await connect_once(dsn, "axis migrate", unhurried=True)
    try:
        await connection.fetchval(_Q.lock.sql)
        compared = await _compared(connection, wanted)
        missing = [migration for migration in compared if migration.applied_at is None]
        for migration in missing:
            await _apply(connection, migration)
        await connection.fetchval(_Q.unlock.sql)
        return missing
    finally:
        await connection.close()  # and with it the lock, however we came here


async def _compared(connection: Any, wanted: Sequence[Migration]) -> list[Migration]:
    rows: Sequence[Mapping[str, Any]] = ()
    if await connection.fetchval(_Q.exists.sql):
        rows = await connection.fetch(_Q.applied.sql)
    if rows and rows[-1]["number"] > len(wanted):
        raise SetupError("storage.database-newer", database=rows[-1]["number"], program=len(wanted))
    result: list[Migration] = []
    for expected, row in enumerate(rows, start=1):
        if row["number"] != expected:
            raise SetupError("storage.migration-gap", name=row["name"])
        ours = wanted[expected - 1]
        if (ours.name, ours.sha256) != (row["name"], row["sha256"]):
            raise SetupError("storage.migration-changed", name=row["name"])
        result.append(Migration(ours.number, ours.name, ours.sha256, ours.sql, row["applied_at"]))
    return [*result, *wanted[len(rows):]]


async def _apply(connection: Any, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(_Q.begin_record.sql)
            await connection.execute(migration.sql)
            await connection.execute(_Q.record.sql, migration.number, migration.name, migration.sha256)
    except Exception as error:
        if told := meaning(error, lost=lost(connection)):
            raise told from error
        if isinstance(error, DatabaseError):
            raise SetupError("storage.migration-failed", name=migration.name, detail=str(error)) from error
        raise
