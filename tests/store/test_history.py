"""The made-up history the benchmarks use: its counters are those the triggers would have given, and it can
be written in pieces."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

import asyncpg
import pytest

from axis.domain.period import Period
from axis.store.database import Database
from axis.store.registers import Registers
from axis.store.reports import Counters
from axis.store.sql import Query
from benchmarks.history import History, Shape
from tests.conftest import ServerForTests
from tests.store.ledger import Ledger

SMALL = Shape(documents=400, each=4, units=6, days=40)
_MOVES = (  # legal ones only: the guards of the database watch over every row
    "update delivery d set state = 'sending' from old.delivery o"
    " where o.id = d.id and o.state in ('delivered', 'refused')",
    "update delivery d set state = o.state, finished_at = o.finished_at, arrived_at = o.arrived_at,"
    " arrival_due_at = o.arrival_due_at, register_due_at = o.register_due_at from old.delivery o"
    " where o.id = d.id and o.state <> d.state",
    "update delivery d set handling = o.handling, told_at = o.told_at, registered_at = o.registered_at,"
    " completed_at = o.completed_at from old.delivery o where o.id = d.id and o.handling <> ''",
    "update delivery d set taking_back = '13' from old.delivery o"
    " where o.id = d.id and o.taking_back in ('13', '15', '16') and o.recall_ordered_at is null",
    "update delivery d set taking_back = 'recall' from old.delivery o"
    " where o.id = d.id and o.recall_ordered_at is not null",
    "update delivery d set taking_back = o.taking_back from old.delivery o"
    " where o.id = d.id and o.taking_back <> d.taking_back",
    "update delivery d set missed = o.missed from old.delivery o where o.id = d.id and o.missed <> 0",
    "update delivery d set failed_reports = o.failed_reports from old.delivery o"
    " where o.id = d.id and o.failed_reports <> 0",
    "insert into attempt select * from old.attempt",
)


@pytest.fixture
async def written(database_url: str) -> AsyncIterator[tuple[Any, History]]:
    connection = await asyncpg.connect(database_url)
    try:
        history = History(connection, SMALL)
        await history.write()
        await history.count()
        yield connection, history
    finally:
        await connection.close()


async def test_counting_the_rows_gives_what_the_triggers_give(
    written: tuple[Any, History], database: Database
) -> None:
    connection, _ = written
    counted = await Ledger(database).counted(), await Ledger(database).counted_sent()
    assert counted == (await Ledger(database).recount(), await Ledger(database).recount_sent())
    # The same rows again, through the doors: packages, untouched deliveries, then move after move.
    await connection.execute(
        """create schema old; create table old.package as select * from package;
           create table old.attempt as select * from attempt;
           create table old.delivery as select * from delivery; create index on old.delivery (id);
           alter table package disable trigger user; alter table delivery disable trigger user;
           alter table link disable trigger user; alter table attempt disable trigger user;
           delete from link; delete from attempt; delete from delivery; delete from package;
           alter table package enable trigger user; alter table delivery enable trigger user;
           alter table attempt enable trigger user;
           truncate tally, sent_tally, tally_change, sent_tally_change;
           alter table old.package drop column search;  -- generated again
           insert into package select * from old.package;
           insert into delivery (id, package_id, unit_id, receivers, kind, priority, source_unit, business_type, round,
               finish_due_at, created_at)
           select id, package_id, unit_id, receivers, kind, priority, source_unit, business_type, round, finish_due_at,
               created_at from old.delivery"""
    )
    for move in _MOVES:
        await connection.execute(move)
    assert (await Ledger(database).counted(), await Ledger(database).counted_sent()) == counted
    while await Counters(database).fold(batch=100):
        pass
    assert (await Ledger(database).counted(), await Ledger(database).counted_sent()) == counted


async def test_a_history_that_was_stopped_goes_on_and_ends_the_same(
    postgres: ServerForTests, migrated_template: str, written: tuple[Any, History]
) -> None:
    name = postgres.create(migrated_template)
    connection = await asyncpg.connect(postgres.dsn(name))
    try:
        again = History(connection, SMALL)
        again._connection = _Dies(connection, after=25)
        with pytest.raises(ConnectionError):
            await again.write()
        again._connection = connection
        assert 0 < await again.write() < SMALL.days
        assert await again.write() == 0
        sums = "select count(*), sum(hashtext(d::text)::bigint) from delivery d"
        assert await connection.fetchrow(sums) == await written[0].fetchrow(sums)
    finally:
        await connection.close()
        postgres.drop(name)


class _Dies:
    """A connection that ends in the middle of a day."""

    def __init__(self, connection: Any, after: int) -> None:
        self._connection, self._left = connection, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def copy_records_to_table(self, *args: Any, **more: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ConnectionError
        return await self._connection.copy_records_to_table(*args, **more)


async def test_registers_and_lists_read_an_index_and_neither_scan_nor_sort_history(
    postgres: ServerForTests, migrated_template: str
) -> None:
    name = postgres.create(migrated_template)
    connection = await asyncpg.connect(postgres.dsn(name))
    try:
        shape = Shape(documents=6000, each=4, units=10, days=300, statuses=0.05)
        history = History(connection, shape)
        await history.write()
        await history.count()
        await history.settle()
        async with await Database.connect(postgres.dsn(name)) as database:
            spy = _Spy(database)
            week = Period.between(date(2019, 6, 3), date(2019, 6, 9))
            unit = history.units[3].id
            stored = Registers(spy)  # type: ignore[arg-type]  # a database that shows its plans
            for rows in (
                stored.outgoing(unit, week, scope=unit), stored.incoming(unit, week, scope=unit),
                stored.incoming(unit, week, scope=None, replies=True),
                stored.listed("returned", week, scope=None), stored.listed("late", week, scope=None),
                stored.listed("sent_late", week, scope=None), stored.listed("untaken", week, unit=unit, scope=None),
            ):  # fmt: skip
                assert [row async for row in rows]
            counters = Counters(spy)  # type: ignore[arg-type]
            assert await counters.sent(week, unit=unit, scope=unit)
            assert await counters.received(week, receiver=unit, scope=None)
            assert await counters.received(week, scope=None, by_day=True)
            async for _ in counters.explain(Period.between(week.first, week.first)):
                pytest.fail("nothing is wrong")
        assert len(spy.plans) == 13
        for query, plan in spy.plans:
            grows = re.findall(r"Seq Scan on (package|delivery|tally|sent_tally)\b(?!_change)", plan)
            assert not grows, f"{query}\n{plan}"
            if query.startswith("registers."):
                assert "Limit" in _page(plan) and "Sort" not in _page(plan), f"{query}\n{plan}"
            if query == "registers.incoming":
                assert "delivery_came" in _page(plan), f"{query}\n{plan}"
    finally:
        await connection.close()
        postgres.drop(name)


def _page(plan: str) -> str:
    """The part of a plan that cuts the page: what stands deeper than its head."""
    head, *lines = plan[plan.index("CTE page") - 2 :].splitlines()
    depth = len(head) - len(head.lstrip())
    return "\n".join(takewhile(lambda line: len(line) - len(line.lstrip()) > depth, lines))


class _Spy:
    """Runs a statement and keeps its plan."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.plans: list[tuple[str, str]] = []

    async def fetch(self, query: Query, *args: object) -> Any:
        explained = Query(query.name, query.purpose, f"explain {query.sql}")
        rows = await self._database.fetch(explained, *args)
        self.plans.append((query.name, "\n".join(row["QUERY PLAN"] for row in rows)))
        return await self._database.fetch(query, *args)

    async def fetchval(self, query: Query, *args: object) -> Any:
        return await self._database.fetchval(query, *args)


def test_days_of_a_history_do_not_depend_on_each_other() -> None:
    history, other = History(None, SMALL), History(None, SMALL)
    day = SMALL.starts + timedelta(days=7)
    other.day(day - timedelta(days=1))
    assert history.day(day) == other.day(day) and history.day(day).deliveries
