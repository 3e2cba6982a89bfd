"""Lists of a clerk read what they show, whatever lies behind and however much waits in front."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from axis.domain.period import midnight
from axis.domain.search import recognise
from axis.store.database import Database
from axis.store.lookups import NEWEST, OLDEST, SQL, Filter, Lookups
from axis.store.operations import SQL as OPERATIONS
from axis.store.spans import stretches
from axis.store.sql import queries
from benchmarks.history import History, Shape, id_at
from tests.conftest import ServerForTests
from tests.store.plans import looked_at

SHAPE = Shape(documents=4_000, each=4, units=5, days=365, statuses=0.0)
WAITING, PAGE, WINDOW = 3_000, 51, 1_000
_UNFETCHED = """
insert into delivery (id, package_id, unit_id, receivers, kind, priority, state, source_unit, business_type, round,
                      created_at, changed_at, next_attempt_at)
select $1, id, $2, '{x}', 'document', 0, 'queued', source_unit, 0, $3, $4, $4, $4
from package where kind = 'document' order by id limit 1
"""
_AGAIN = """
insert into delivery (id, package_id, unit_id, receivers, kind, priority, state, source_unit, business_type, round,
                      created_at, changed_at, next_attempt_at, arrived_at, fetched_at, finished_at)
select $1, id, $2, '{x}', 'document', 0, 'delivered', source_unit, 0, 2, $3, $3, $3, $3, $3, $3
from package where id = $4
"""


@asynccontextmanager
async def a_year(postgres: ServerForTests, template: str) -> AsyncIterator[tuple[Any, Database, History]]:
    name = postgres.create(template)
    connection = await asyncpg.connect(postgres.dsn(name))
    try:
        history = History(connection, SHAPE)
        await history.write()
        async with await Database.connect(postgres.dsn(name), replan=True) as database:
            yield connection, database, history
    finally:
        await connection.close()
        postgres.drop(name)


async def test_lists_and_figures_read_neither_history_nor_what_waits_to_be_fetched(
    postgres: ServerForTests, migrated_template: str
) -> None:
    async with a_year(postgres, migrated_template) as (connection, database, history):
        unit, other = history.units[0].id, history.units[1].id
        since, dice = midnight(SHAPE.ends) + timedelta(hours=8), random.Random(1)
        await history.settle()
        sought = await database.fetchval(SQL.sought, "cầu")
        newest = next(stretches(OLDEST, NEWEST, now=since.timestamp())).among(sought)
        piece = ("", 0, None, "cầu", [], PAGE, newest)
        for query in (SQL.incoming_among, SQL.outgoing_among):
            read, indexes = await looked_at(database, query, unit, NEWEST, OLDEST, *piece)
            assert read <= 1_500 and "package_search" in indexes, f"{query.name}: {read} rows by {indexes}"
        await connection.execute("alter table delivery disable trigger user")
        await connection.executemany(
            _UNFETCHED, [(id_at(since + timedelta(seconds=n), dice), unit, 100 + n, since) for n in range(WAITING)]
        )
        await connection.execute("alter table delivery enable trigger user")
        await history.settle()
        plain, words = ("", 0, None, "", PAGE, WINDOW), ("", 0, None, "đường bộ", PAGE, WINDOW)
        rare, counterpart = ("to-answer", 0, None, "", PAGE, WINDOW), ("", 0, other, "", PAGE, WINDOW)
        operations = queries("operations")
        book = (since - timedelta(days=40), OLDEST, since - timedelta(days=40), since - timedelta(days=10))
        for query, args, most in (
            (operations.backlog, (PAGE, None, 3), 200 * PAGE),
            (SQL.incoming, (unit, NEWEST, OLDEST, *plain), 20 * PAGE),
            (SQL.incoming, (unit, NEWEST, OLDEST, *words), 8 * WINDOW),
            (SQL.incoming, (unit, NEWEST, OLDEST, *rare), 20 * PAGE),
            (SQL.incoming, (unit, NEWEST, OLDEST, *counterpart), 50 * PAGE),
            (SQL.incoming_back, (unit, NEWEST, OLDEST, *plain), 20 * PAGE),
            (SQL.outgoing, (unit, NEWEST, OLDEST, *plain), 20 * PAGE),
            (SQL.outgoing, (unit, NEWEST, OLDEST, *rare), 20 * PAGE),
            (SQL.outgoing_back, (unit, NEWEST, OLDEST, *plain), 20 * PAGE),
            (SQL.waiting, (unit,), 3_500),
            (SQL.newer, (unit, False, OLDEST), 500),
            (SQL.newer, (unit, True, OLDEST), 500),
            (SQL.overdue, (unit, False, OLDEST, NEWEST, PAGE, False), 20 * PAGE),
            (SQL.unaccepted, (unit, False, OLDEST, NEWEST, PAGE, False), 20 * PAGE),
            (SQL.to_answer, (unit, False, OLDEST, NEWEST, PAGE, False), 20 * PAGE),
            (SQL.to_answer, (unit, True, OLDEST, NEWEST, PAGE, False), 20 * PAGE),
            (SQL.open_counts, (unit, 100), 2_000),
            (queries("registers").incoming, (unit, *book, None, PAGE, unit, False), 20 * PAGE),
            (queries("registers").incoming, (unit, *book, None, PAGE, None, True), 20 * PAGE),
        ):
            read, indexes = await looked_at(database, query, *args)
            assert read <= most, f"{query.name}: {read} rows by {indexes}"
        row = await connection.fetchrow(
            "select id, document_id, lower(code_number || '/' || code_notation) as code from package"
            " where kind = 'document' order by id limit 1 offset 1000"
        )
        for query, args, index in (
            (SQL.named_id, (str(row["id"]), unit), "package_pkey"),
            (SQL.named_document, (row["document_id"], unit), "package_by_document"),
            (SQL.named_code, (row["code"], unit), "package_by_code"),
            (SQL.pauses, ([unit],), "journal_aside"),
            (SQL.named_beginning, (row["code"], None), "package_by_code"),
            (SQL.named_beginning, (row["code"].partition("/")[0] + "/", unit), "package_by_code"),
            (OPERATIONS.near_of, ([row["id"]], None, NEWEST, OLDEST, WINDOW), "delivery_once"),
        ):
            read, indexes = await looked_at(database, query, *args)
            assert read <= 200 and index in indexes, f"{query.name}: {read} rows by {indexes}"


async def test_what_waits_is_counted_by_its_index_up_to_a_limit_however_much_it_is(
    postgres: ServerForTests, migrated_template: str
) -> None:
    """Where most of the table waits a planner would rather read all of it, years of history with it."""
    async with a_year(postgres, migrated_template) as (connection, database, history):
        unit = history.units[0]
        await connection.execute("alter table delivery disable trigger user")
        await connection.execute(
            "insert into delivery (id, package_id, unit_id, receivers, kind, priority, state, source_unit,"
            " business_type, round, created_at, changed_at, next_attempt_at)"
            " select gen_random_uuid(), p.id, $1, '{x}', 'document', 0, 'queued', p.source_unit, 0, 100 + n, $2, $2, $2"
            " from generate_series(1, 30000) n, (select * from package where kind = 'document' order by id limit 1) p",
            unit.id, midnight(SHAPE.ends),
        )  # fmt: skip
        await connection.execute("alter table delivery enable trigger user")
        await history.settle()
        backlog = queries("deliveries").backlog
        counts = {row["code"]: row["waiting"] for row in await database.fetch(backlog)}
        assert counts[unit.code] == 10_000
        mine = await Lookups(database).waiting(unit.id)
        assert mine["waiting"] == 1_000 and mine["oldest"] is not None
        read, indexes = await looked_at(database, SQL.waiting, unit.id)
        assert read < 4_000 and "delivery_inbox" in indexes, f"{read} rows by {indexes}"
        read, indexes = await looked_at(database, backlog)
        assert read < 40_000 and "delivery_inbox" in indexes, f"{read} rows by {indexes}"


@pytest.mark.parametrize("window", [WINDOW, 1, 0])
async def test_words_are_found_wherever_the_window_ends_and_what_was_sent_again_first(
    postgres: ServerForTests, migrated_template: str, window: int
) -> None:
    async with a_year(postgres, migrated_template) as (connection, database, history):
        unit, dice = history.units[0].id, random.Random(2)
        old = await connection.fetchrow(
            "select p.id, p.subject from package p join delivery d on d.package_id = p.id and d.unit_id = $1"
            " where p.kind = 'document' and d.arrived_at is not null order by p.id limit 1", unit,
        )  # fmt: skip
        again, at = id_at(midnight(SHAPE.ends), dice), midnight(SHAPE.ends)
        await connection.execute("alter table delivery disable trigger user")
        await connection.execute("delete from delivery where package_id = $1 and round = 2", old["id"])
        await connection.execute(_AGAIN, again, unit, at, old["id"])
        await connection.execute("alter table delivery enable trigger user")
        await history.settle()
        lookups = Lookups(database, window)
        for text in (old["subject"].split(", đợt")[0], "bảo đảm trật tự", "đợt", "cầu"):
            expected = await connection.fetch(
                "select d.id from delivery d join package p on p.id = d.package_id where d.unit_id = $1 and d.kind ="
                " 'document' and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')"
                " and p.search @@ wanted($2) order by d.id desc", unit, text,
            )  # fmt: skip
            ids = [row["id"] for row in expected]
            assert ids, text
            down: list[UUID] = []
            while rows := await lookups.incoming(unit, Filter(recognise(text), before=down[-1] if down else None), 97):
                down += [row["id"] for row in rows]
            assert down == ids, text
            up: list[UUID] = []
            while rows := await lookups.incoming(unit, Filter(recognise(text), above=up[-1] if up else OLDEST), 97):
                up += [row["id"] for row in rows]
            assert up == ids[::-1], text
            sent = await connection.fetch(
                "select id from package where source_unit = $1 and kind = 'document' and search @@ wanted($2)"
                " order by id desc", unit, text,
            )  # fmt: skip
            found: list[UUID] = []
            typed = recognise(text)
            while rows := await lookups.outgoing(unit, Filter(typed, before=found[-1] if found else None), 97):
                found += [row["id"] for row in rows]
            assert found == [row["id"] for row in sent], text
