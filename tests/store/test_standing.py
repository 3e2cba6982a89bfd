"""``delivery.standing`` in the database and its twin in the pages say the same of every delivery there can be."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import asyncpg

from axis.fronts.console.clerk_words import standing_of
from axis.store.lookups import STANDINGS

NOW = datetime(2026, 11, 26, tzinfo=UTC)


async def test_every_combination_stands_the_same_in_both(database_url: str) -> None:
    cases = list(product(
        (0, 1, 2, 3), ("queued", "sending", "held", "parked", "delivered", "refused", "recalled"),
        ("", "01", "02", "03", "04", "05", "06"), ("", "13", "15", "16", "recall"), (0, 2), (None, NOW),
    ))  # fmt: skip
    columns = [list(column) for column in zip(*cases, strict=True)]
    work = await asyncpg.connect(database_url)
    try:
        await work.execute("create temp table told (like delivery including generated)")
        for (name,) in await work.fetch(
            "select attname::text from pg_attribute where attrelid = 'told'::regclass and attnum > 0 and attnotnull"
        ):
            await work.execute(f'alter table told alter column "{name}" drop not null')
        await work.execute(
            "insert into told (business_type, state, handling, taking_back, missed, arrived_at)"
            " select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::smallint[],"
            " $6::timestamptz[])",
            *columns,
        )
        rows = await work.fetch("select * from told")
    finally:
        await work.close()
    assert len(rows) == len(cases)
    for row in rows:
        assert row["standing"] == standing_of(row, late=bool(row["missed"])), dict(row)
    assert {row["standing"] for row in rows} == set(STANDINGS)
