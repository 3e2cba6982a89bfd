"""The counters: whatever happens to a delivery, in whatever order, they tell what a count of the rows tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from axis.domain.period import Period
from axis.domain.states import HANDLING, NOT_OF, TAKING_BACK, TRANSPORT
from axis.store.database import Database
from axis.store.reports import Counters
from axis.store.sql import Query
from tests.store.ledger import NOON, Ledger

HOUR = timedelta(hours=1)


@pytest.fixture
async def ledger(database: Database) -> AsyncIterator[Ledger]:
    made = Ledger(database)
    await made.add_units(4)
    yield made


async def agree(ledger: Ledger) -> None:
    assert await ledger.counted() == await ledger.recount()
    assert await ledger.counted_sent() == await ledger.recount_sent()


async def step(ledger: Ledger, key: Any, which: str, target: str, at: datetime) -> None:
    match which:
        case "transport":
            await ledger.transport(key, target, at)
        case "handling":
            await ledger.handle(key, target, at, "lý do")
        case "taking_back":
            await ledger.take_back(key, target)
        case "failed":
            await ledger.fail(key)
        case _:
            await ledger.miss(key, int(target))


def paths(moves: Any) -> dict[tuple[str, str], list[str]]:
    """For each row of a table of moves, the shortest way from a start that ends with it."""
    targets = {m.target for m in moves}
    known: dict[str, list[str]] = {m.origin: [] for m in moves if m.origin not in targets or m.origin in ("queued", "")}
    while any(m.origin in known and m.target not in known for m in moves):
        for m in moves:
            if m.origin in known and m.target not in known:
                known[m.target] = [*known[m.origin], m.target]
    return {(m.origin, m.target): [*known[m.origin], m.target] for m in moves}


@pytest.mark.parametrize("business", [0, 1, 2, 3])
async def test_every_single_move_keeps_the_counters_equal_to_a_recount(ledger: Ledger, business: int) -> None:
    handling = [m for m in HANDLING if m.target not in NOT_OF.get(business, ())]
    tables = {"transport": TRANSPORT, "handling": handling, "taking_back": TAKING_BACK[business]}
    for which, moves in tables.items():
        for (origin, _), path in paths(moves).items():
            _, (key,) = await ledger.package(0, [1], business=business, held=origin == "held")
            for number, target in enumerate(path):
                await step(ledger, key, which, target, NOON + 3 * number * HOUR)
                await agree(ledger)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    packages=st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from([0, 0, 0, 1, 2, 3]), st.sampled_from(["document", "document", "status"]),
            st.integers(-30, 30), st.integers(0, 4), st.sampled_from(["proven", "attached", "unproven"]),
            st.sampled_from(["0", "1", ""]), st.booleans(),
        ), min_size=1, max_size=3,
    ),
    choices=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60), st.integers(0, 9)), max_size=25),
)  # fmt: skip
async def test_any_legal_story_keeps_the_counters_equal_to_a_recount(
    ledger: Ledger, packages: list[Any], choices: list[tuple[int, int, int]]
) -> None:
    keys, sent_again, reports = [], set(), Counters(ledger.database)
    for source, business, kind, hours, priority, verdict, paper, held in packages:
        at = NOON + hours * HOUR
        _, made = await ledger.package(
            source, [unit for unit in range(4) if unit != source][:2], at=at, kind=kind,
            business=0 if kind == "status" else business, priority=priority, verdict=verdict, paper=paper, held=held,
            finish_due_at=at + 20 * HOUR if paper else None, send_due_at=NOON if verdict == "proven" else None,
        )  # fmt: skip
        keys += made
    for place, choice, later in choices:
        key = keys[place % len(keys)]
        row = await ledger.row(key)
        options = [*ledger.legal(row), ("failed", "")]
        if later == 9:
            await reports.fold(batch=3, rounds=2)
        elif row["handling"] == "02" and key not in sent_again:
            sent_again.add(key)
            unit = ledger.units.index(row["unit_id"])
            keys.append(
                await ledger.delivery(row["package_id"], unit, at=NOON + 40 * HOUR, round_=row["round"] + 1)
            )
        elif options:
            which, target = options[choice % len(options)]
            await step(ledger, key, which, target, NOON + (later * 4 - 8) * HOUR)
    await agree(ledger)


async def test_a_fold_moves_everything_once_and_changes_no_figure(ledger: Ledger) -> None:
    reports = Counters(ledger.database)
    for number in range(30):
        _, keys = await ledger.package(number % 3, [3], at=NOON + number * HOUR)
        await ledger.transport(keys[0], "sending", NOON)
        await ledger.transport(keys[0], "delivered" if number % 2 else "queued", NOON)
    before, pending = await ledger.counted(), await ledger.run("select count(*) from tally_change")
    assert pending == 60
    assert await reports.fold(batch=7, rounds=2) == 14 + 14, "bounded: the rest waits for the next time"
    assert await ledger.counted() == before
    assert await reports.fold(batch=7) == 60 - 14 + 30 - 14
    assert await reports.fold() == 0
    assert await ledger.run("select count(*) from tally_change") == 0
    assert await ledger.counted() == before == await ledger.recount()
    assert await ledger.counted_sent() == await ledger.recount_sent()


async def test_what_is_not_committed_is_neither_folded_nor_lost(ledger: Ledger, database: Database) -> None:
    reports = Counters(database)
    _, (key,) = await ledger.package(0, [1])
    async with database.transaction() as work:
        await work.execute(Query("test.park", "park", "update delivery set state = 'parked' where id = $1"), key)
        await work.execute(Query("test.miss", "miss", "update delivery set missed = 1 where id = $1"), key)
        assert await reports.fold() == 2, "what was committed before: a package and a delivery"
        assert (await ledger.counted())[(date(2019, 6, 3), ledger.units[0], ledger.units[1], 0)]["overdue_arrival"] == 0
    await agree(ledger)
    assert await reports.fold() == 1
    await agree(ledger)


async def test_every_reader_sees_exact_figures_while_writers_and_two_folds_run(ledger: Ledger) -> None:
    reports, done = Counters(ledger.database), asyncio.Event()
    async def write(source: int) -> None:
        for number in range(25):
            _, keys = await ledger.package(source, [3], at=NOON + number * HOUR)
            await ledger.transport(keys[0], "sending", NOON)
            await ledger.transport(keys[0], "delivered", NOON)

    async def fold() -> int:
        moved = 0
        while not done.is_set():
            moved += await reports.fold(batch=5)
            await asyncio.sleep(0)
        return moved

    async def read() -> int:
        reads = 0
        while not done.is_set():
            found = await ledger.rows(
                "select (select coalesce(sum(n), 0) from tally_now) as n,"
                " (select count(*) from delivery) as deliveries,"
                " (select coalesce(sum(delivered), 0) from tally_now) as delivered,"
                " (select count(*) from delivery where state = 'delivered') as at_end"
            )
            assert found[0]["n"] == found[0]["deliveries"] and found[0]["delivered"] == found[0]["at_end"]
            reads += 1
        return reads

    async def all_written() -> None:
        await asyncio.gather(*(write(source) for source in (0, 1, 2)))
        done.set()

    *folded, reads, _ = await asyncio.gather(fold(), fold(), read(), all_written())
    assert reads > 5 and all(folded), "both folds had work, and the reader looked often"
    assert sum(folded) + await reports.fold() == 75 * 2 + 75, "each change was moved once"
    await agree(ledger)


async def test_a_day_begins_at_midnight_in_vietnam(ledger: Ledger) -> None:
    last, first = datetime(2019, 6, 30, 16, 59, 59, tzinfo=UTC), datetime(2019, 6, 30, 17, 0, tzinfo=UTC)
    await ledger.package(0, [1], at=last)
    await ledger.package(0, [1, 2], at=first)
    reports = Counters(ledger.database)
    june, july = Period.month("2019-06"), Period.month("2019-07")
    for period, packages, deliveries in ((june, 1, 1), (july, 1, 2)):
        (sent,) = await reports.sent(period, scope=None)
        (received,) = await reports.received(period, scope=None)
        assert (sent["n"], sent["units"], received["n"]) == (packages, deliveries, deliveries)


async def test_a_unit_asks_about_its_own_traffic_only(ledger: Ledger) -> None:
    await ledger.package(0, [1, 2])
    await ledger.package(1, [2, 3])
    await ledger.package(3, [0])
    reports, june, mine = Counters(ledger.database), Period.month("2019-06"), ledger.units[0]
    sent = await reports.sent(june, scope=mine, by_unit=True)
    assert [(row["sender"], row["n"]) for row in sent] == [(mine, 1)]
    assert await reports.sent(june, unit=ledger.units[1], scope=mine) == []
    pairs = await reports.received(june, scope=mine, by_sender=True, by_receiver=True)
    assert {(row["sender"], row["receiver"]) for row in pairs} == {
        (mine, ledger.units[1]), (mine, ledger.units[2]), (ledger.units[3], mine)
    }  # fmt: skip
    assert await reports.received(june, sender=ledger.units[1], receiver=ledger.units[2], scope=mine) == []
    assert [row["unit_id"] for row in await reports.balance_sent(june, None, mine)] == [mine]
    assert [row["unit_id"] for row in await reports.balance_received(june, None, mine)] == [mine]
