"""What an auditor looks for costs the same however much is stored: no search reads or sorts the whole."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from axis.domain.events import Event
from axis.domain.period import Period
from axis.domain.search import recognise
from axis.store.audit import ASIDE, Audit, Found, JournalSearch
from axis.store.database import Database
from axis.store.reader import Reader
from axis.store.sql import Query
from benchmarks.history import History, Shape
from tests.conftest import ServerForTests
from tests.store.test_history import _Spy


async def test_searches_read_an_index_and_nothing_else(postgres: ServerForTests, migrated_template: str) -> None:
    name = postgres.create(migrated_template)
    connection = await asyncpg.connect(postgres.dsn(name))
    try:
        shape = Shape(documents=6000, each=4, units=10, days=300, statuses=0.05)
        history = History(connection, shape)
        await history.write()
        await history.settle()
        async with await Database.connect(postgres.dsn(name)) as database:
            spy = _Spy(Reader(database))
            audit, unit, other = Audit(spy), history.units[3].id, history.units[4].id  # type: ignore[arg-type]
            week = Period.between(shape.starts, shape.starts + timedelta(days=6))
            words = recognise("thong bao khong he co")
            for by in (
                Found(), Found(sender=unit), Found(receiver=unit), Found(receiver=unit, sender=other),
                Found(period=week), Found(words), Found(words, receiver=unit, period=week),
                Found(recognise("1/TB-KHONG")),
            ):  # fmt: skip
                await audit.documents(by, 51)
            assert len(await audit.documents(Found(receiver=unit, period=week), 5)) == 5
        assert len(spy.plans) >= 8
        for query, plan in spy.plans:
            assert not re.findall(r"Seq Scan on (package|delivery)\b", plan), f"{query}\n{plan}"
    finally:
        await connection.close()
        postgres.drop(name)


@pytest.fixture
async def written(database: Database) -> Database:
    """Three hundred rows over thirty days, with gaps in their positions."""
    await database.execute(_q(
        "insert into journal (id, at, event, package_id, actor) select gen_random_uuid(),"
        " '2026-11-01 00:00+07'::timestamptz + n * interval '144 minutes',"
        " case when n % 100 = 7 then 'calendar.day-set' when n % 50 = 3 then 'recall.ordered'"
        " else 'delivery.fetched' end, case when n % 100 = 7 then null else gen_random_uuid() end,"
        " case n % 3 when 0 then 'axis' else 'person:An' end"
        " from generate_series(0, 299) n order by n"
    ))  # fmt: skip
    return database


def _q(sql: str) -> Query:
    return Query("test.statement", "of a test", sql)


async def _all(audit: Audit, by: JournalSearch) -> list[Any]:
    return [row["position"] async for row in audit.every_journal_row(by, 10_000)]


@pytest.mark.parametrize("window", [7, 50, 20_000])
async def test_the_journal_is_found_whole_whatever_the_window(written: Database, window: int) -> None:
    audit = Audit(Reader(written), journal_window=window)
    for by, count in (
        (JournalSearch(), 300), (JournalSearch(event="recall.ordered"), 6),
        (JournalSearch(event="calendar.day-set"), 3), (JournalSearch(actor="person:an"), 200),
        (JournalSearch(period=Period.between(date(2026, 11, 11), date(2026, 11, 12))), 20),
        (JournalSearch(period=Period.month("2019-06")), 0), (JournalSearch(period=Period.month("2027-06")), 0),
    ):  # fmt: skip
        found = await _all(audit, by)
        assert len(found) == count and found == sorted(found, reverse=True), by


async def test_a_moment_is_found_in_the_journal_by_halving(written: Database) -> None:
    first = datetime(2026, 10, 31, 17, tzinfo=UTC)
    for rows in (1, 123, 299):
        place = await written.fetchval(_q("select journal_place($1)"), first + rows * timedelta(minutes=144))
        assert place == rows + 1
    assert await written.fetchval(_q("select journal_place($1)"), first + timedelta(days=99)) == 301
    assert await written.fetchval(_q("select journal_place($1)"), first - timedelta(days=99)) == 0


async def test_events_that_stand_aside_never_belong_to_a_package(database: Database) -> None:
    """What the index of rare events leaves out would not be found by name: these names never carry a package."""
    traffic = {"package", "delivery", "recall", "document", "status", "deadline", "report"}
    assert {event.partition(".")[0] for event in Event} <= traffic | set(ASIDE)
