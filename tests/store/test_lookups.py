"""Lists of a clerk read what they show, whatever lies behind and however much waits in front."""

from __future__ import annotations

import random
from datetime import timedelta

import asyncpg

from axis.domain.period import midnight
from axis.store.database import Database
from axis.store.lookups import NEWEST, OLDEST, SQL
from benchmarks.history import History, Shape, id_at
from tests.conftest import ServerForTests
from tests.store.plans import looked_at

SHAPE = Shape(documents=4_000, each=4, units=5, days=60, statuses=0.0)
WAITING, PAGE, WINDOW = 3_000, 51, 1_000
_UNFETCHED = """
insert into delivery (id, package_id, unit_id, receivers, kind, priority, state, source_unit, business_type, round,
                      created_at, changed_at, next_attempt_at)
select $1, id, $2, '{x}', 'document', 0, 'queued', source_unit, 0, $3, $4, $4, $4
from package where kind = 'document' order by id limit 1
"""


async def test_lists_read_neither_history_nor_what_waits_to_be_fetched(
    postgres: ServerForTests, migrated_template: str
) -> None:
    name = postgres.create(migrated_template)
    connection = await asyncpg.connect(postgres.dsn(name))
    try:
        history = History(connection, SHAPE)
        await history.write()
        unit, other = history.units[0].id, history.units[1].id
        since = midnight(SHAPE.ends) + timedelta(hours=8)
        await connection.execute("alter table delivery disable trigger user")
        dice = random.Random(1)
        await connection.executemany(
            _UNFETCHED, [(id_at(since + timedelta(seconds=n), dice), unit, 100 + n, since) for n in range(WAITING)]
        )
        await connection.execute("alter table delivery enable trigger user")
        await history.settle()
        async with await Database.connect(postgres.dsn(name)) as database:
            plain, words = ("", 0, None, "", PAGE, WINDOW), ("", 0, None, "đường bộ", PAGE, WINDOW)
            for query, args, most in (
                (SQL.incoming, (unit, NEWEST, OLDEST, *plain), 10 * PAGE),
                (SQL.incoming, (unit, NEWEST, OLDEST, *words), 5 * WINDOW),
                (SQL.incoming, (unit, NEWEST, OLDEST, "", 0, other, "", PAGE, WINDOW), 50 * PAGE),
                (SQL.incoming_back, (unit, NEWEST, OLDEST, *plain), 10 * PAGE),
                (SQL.outgoing, (unit, NEWEST, OLDEST, *plain), 10 * PAGE),
                (SQL.outgoing_back, (unit, NEWEST, OLDEST, *plain), 10 * PAGE),
                (SQL.newer, (unit, False, OLDEST), 500),
                (SQL.newer, (unit, True, OLDEST), 500),
                (SQL.overdue, (unit, False, OLDEST, NEWEST, PAGE, False), 20 * PAGE),
                (SQL.unaccepted, (unit, False, OLDEST, NEWEST, PAGE, False), 20 * PAGE),
                (SQL.open_counts, (unit, 100), 2_000),
            ):
                read, indexes = await looked_at(database, query, *args)
                assert read <= most, f"{query.name}: {read} rows by {indexes}"
    finally:
        await connection.close()
        postgres.drop(name)
