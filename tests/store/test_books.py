"""What migration 0012 makes of a database that was there before: recalls, failures and arrivals that can be known."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from axis.domain.ids import new_id
from axis.store.database import Database
from axis.store.migrator import FOLDER, migrate
from tests.conftest import ServerForTests
from tests.store.ledger import NOON, Ledger

OWN = next(FOLDER.glob("*_books.sql")).name
HOUR = timedelta(hours=1)


@pytest.fixture
async def before(postgres: ServerForTests, tmp_path: Path) -> AsyncIterator[str]:
    """A database as it was before that migration."""
    for path in FOLDER.glob("*.sql"):
        if path.name < OWN:
            shutil.copy(path, tmp_path)
    name = postgres.create()
    await migrate(postgres.dsn(name), tmp_path)
    yield postgres.dsn(name)
    postgres.drop(name)


async def test_what_was_recalled_failed_or_arrived_before_is_known_where_it_can_be(before: str) -> None:
    connection = await asyncpg.connect(before)
    async with await Database.connect(before) as database:
        ledger = Ledger(database)
        await ledger.add_units(3)

        async def document(*moves: str) -> tuple[UUID, UUID]:
            package, (key,) = await ledger.package(0, [1], at=NOON)
            for number, move in enumerate(moves):
                at = NOON + number * HOUR
                if move in ("13", "15", "recall"):
                    await ledger.take_back(key, move)
                else:
                    await connection.execute(_MOVE, key, move, at)
            return package, key

        async def recall(about: UUID, told: bool, ordered: UUID | None = None) -> None:
            """``told``: the receiver was, so the recall's own delivery was not ended at the axis."""
            package, (key,) = await ledger.package(0, [1], at=NOON + 5 * HOUR, business=1)
            await connection.execute("insert into link values ($1, 'recall', 'x', $2)", package, about)
            if not told:
                await connection.execute(_MOVE, key, "recalled", NOON)
            if ordered is not None:
                await connection.execute(_JOURNAL, new_id(), "recall.ordered", about, ordered, NOON + 6 * HOUR)

        open_, answered, early, given, returned = [
            await document(*moves) for moves in (
                ("sending", "delivered", "recall"), ("sending", "delivered", "recall", "15"), ("recalled",),
                ("sending", "delivered", "13", "15"), ("sending", "delivered", "13", "15"),
            )
        ]  # fmt: skip
        await recall(open_[0], told=True)
        await recall(answered[0], told=True)
        await recall(early[0], told=False, ordered=early[1])
        await recall(returned[0], told=False)  # others had it still: this one had given it back
        for _ in range(3):
            await connection.execute(_JOURNAL, new_id(), "delivery.failed-by-receiver", given[0], given[1], NOON)
        await ledger.attempt(early[1], "lost")
        await ledger.attempt(early[1], "later")
        await migrate(before)
        rows: dict[UUID, Any] = {row["id"]: row for row in await connection.fetch("select * from delivery")}
        found = [rows[key]["recall_ordered_at"] for _, key in (open_, answered, early, given, returned)]
        assert found == [NOON + 5 * HOUR, NOON + 5 * HOUR, NOON + 6 * HOUR, None, None]
        assert [rows[key]["failed_reports"] for _, key in (given, early)] == [3, 0]
        assert [rows[key]["came_at"] for _, key in (open_, early)] == [NOON + HOUR, None]
        await ledger.fail(open_[1])
        assert await ledger.counted() == await ledger.recount()
        (cell,) = [counts for (*_, kind), counts in (await ledger.counted()).items() if kind == 0]
        assert (cell["failures"], cell["retries"], cell["recalled_by_sender"], cell["given_back"]) == (5, 1, 3, 2)
    await connection.close()


_MOVE = """update delivery set state = $2::text,
    finished_at = case when $2::text in ('delivered', 'recalled') then $3::timestamptz end where id = $1"""
_JOURNAL = """insert into journal (id, event, package_id, delivery_id, actor, at) values ($1, $2, $3, $4, 'test', $5)"""


async def test_the_stamp_of_a_recall_is_set_by_the_database_and_stays(database: Database) -> None:
    ledger = Ledger(database)
    await ledger.add_units(2)
    _, (key,) = await ledger.package(0, [1])
    await ledger.run("update delivery set taking_back = 'recall' where id = $1", key)
    stamped = (await ledger.row(key))["recall_ordered_at"]
    assert stamped is not None
    await ledger.run("update delivery set taking_back = '15' where id = $1", key)
    assert (await ledger.row(key))["recall_ordered_at"] == stamped
