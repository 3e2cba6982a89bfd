"""The pool against a real server: what fails is told in our words, what passes is repeated."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from itertools import count, pairwise
from pathlib import Path
from uuid import UUID

import pytest

from axis.domain.errors import SetupError, Unavailable
from axis.store.database import Database, connect_once
from axis.store.embedded import Embedded
from axis.store.failures import UniqueViolation
from axis.store.sql import Query
from tests.conftest import ServerForTests


def q(sql: str) -> Query:
    return Query("test.statement", "of a test", sql)


@pytest.fixture
def empty_url(postgres: ServerForTests) -> Iterator[str]:
    name = postgres.create()
    yield postgres.dsn(name)
    postgres.drop(name)


@pytest.fixture
async def db(empty_url: str) -> AsyncIterator[Database]:
    async with await Database.connect(empty_url, max_size=4, patience=2) as found:
        await found.execute(q("CREATE TABLE note (id int PRIMARY KEY, text text NOT NULL DEFAULT '')"))
        yield found


async def test_json_uuid_and_row_counts_pass_through(db: Database) -> None:
    thing = {"tên": "Bộ Nội vụ", "số": [1, 2, None]}
    asked = q("SELECT $1::jsonb AS thing, $2::uuid AS id, now() AS moment")
    row = await db.fetchrow(asked, thing, UUID(int=7))
    assert row is not None
    assert row["thing"] == thing
    assert row["id"] == UUID(int=7)
    assert row["moment"].utcoffset().total_seconds() == 0
    assert await db.execute(q("INSERT INTO note SELECT generate_series(1, 5)")) == 5
    await db.executemany(q("INSERT INTO note VALUES ($1, $2)"), [(6, "sáu"), (7, "bảy")])
    assert await db.fetchval(q("SELECT count(*) FROM note")) == 7


async def test_a_transaction_is_rolled_back_when_its_block_raises(db: Database) -> None:
    with pytest.raises(OSError, match="ours"):
        async with db.transaction() as unit:
            await unit.execute(q("INSERT INTO note VALUES (1)"))
            raise OSError("ours, not the database's: it must pass untranslated")
    assert await db.fetch(q("SELECT * FROM note")) == []


async def test_rows_stream_in_batches(db: Database) -> None:
    await db.execute(q("INSERT INTO note SELECT generate_series(1, 25)"))
    async with db.transaction(readonly=True) as unit:
        got = [row["id"] async for row in unit.stream(q("SELECT id FROM note ORDER BY id"), batch=10)]
    assert got == list(range(1, 26))


async def test_what_the_data_says_reaches_the_caller(db: Database) -> None:
    await db.execute(q("INSERT INTO note VALUES (1)"))
    with pytest.raises(UniqueViolation):
        await db.execute(q("INSERT INTO note VALUES (1)"))


async def test_a_killed_backend_is_told_as_away_and_the_next_call_works(db: Database) -> None:
    with pytest.raises(Unavailable) as told:
        await db.execute(q("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert told.value.code == "storage.database-away"
    assert await db.fetchval(q("SELECT 1")) == 1


async def test_a_backend_killed_inside_a_transaction_is_told_as_away(db: Database) -> None:
    with pytest.raises(Unavailable) as told:
        async with db.transaction() as unit:
            victim = await unit.fetchval(q("SELECT pg_backend_pid()"))
            await db.execute(q("SELECT pg_terminate_backend($1)"), victim)
            await unit.execute(q("INSERT INTO note VALUES (1)"))
    assert told.value.code == "storage.database-away"
    assert await db.fetch(q("SELECT * FROM note")) == []


async def test_a_unit_of_work_is_repeated_after_its_backend_was_killed(db: Database) -> None:
    tries = 0

    async def work() -> int:
        nonlocal tries
        tries += 1
        async with db.transaction() as unit:
            await unit.execute(q("INSERT INTO note VALUES (1)"))
            if tries < 3:
                await unit.execute(q("SELECT pg_terminate_backend(pg_backend_pid())"))
        return tries

    assert await db.retrying(work) == 3
    assert await db.fetchval(q("SELECT count(*) FROM note")) == 1


async def test_a_serialization_failure_is_repeated_until_both_are_in(db: Database) -> None:
    both_read = asyncio.Barrier(2)
    tries = 0

    async def work(mine: int) -> None:
        nonlocal tries
        tries += 1
        first = tries <= 2
        async with db.transaction(isolation="serializable") as unit:
            seen = await unit.fetchval(q("SELECT count(*) FROM note"))
            if first:
                await both_read.wait()
            await unit.execute(q("INSERT INTO note VALUES ($1, $2)"), mine, str(seen))

    await asyncio.gather(*(db.retrying(lambda n=n: work(n)) for n in (1, 2)))
    assert tries == 3
    assert {row["text"] for row in await db.fetch(q("SELECT text FROM note"))} == {"0", "1"}


async def test_a_deadlock_ends_with_both_units_done(db: Database) -> None:
    await db.execute(q("INSERT INTO note VALUES (1), (2)"))
    both_hold = asyncio.Barrier(2)
    tries = 0

    async def work(first: int, second: int) -> None:
        nonlocal tries
        tries += 1
        meet = tries <= 2
        async with db.transaction() as unit:
            await unit.execute(q("UPDATE note SET text = text || 'x' WHERE id = $1"), first)
            if meet:
                await both_hold.wait()
            await unit.execute(q("UPDATE note SET text = text || 'x' WHERE id = $1"), second)

    await asyncio.gather(db.retrying(lambda: work(1, 2)), db.retrying(lambda: work(2, 1)))
    assert tries == 3
    assert [row["text"] for row in await db.fetch(q("SELECT text FROM note"))] == ["xx", "xx"]


async def test_what_will_not_pass_by_itself_is_not_repeated(db: Database) -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise Unavailable("storage.disk-full")

    with pytest.raises(Unavailable):
        await db.retrying(work)
    assert tries == 1


async def test_repeating_is_bounded(db: Database) -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise Unavailable("storage.database-busy")

    with pytest.raises(Unavailable):
        await db.retrying(work, attempts=3)
    assert tries == 3


async def test_a_read_only_primary_is_told_as_away_and_its_connections_are_replaced(
    db: Database, empty_url: str, postgres: ServerForTests
) -> None:
    name = empty_url.rpartition("/")[2].partition("?")[0]
    admin = await connect_once(postgres.embedded.admin_dsn)
    await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await db.execute(q("SET default_transaction_read_only = on"))
    with pytest.raises(Unavailable) as told:
        await db.execute(q("INSERT INTO note VALUES (1)"))
    assert told.value.code == "storage.database-away"
    await admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await admin.close()
    assert await db.execute(q("INSERT INTO note VALUES (1)")) == 1


async def test_a_statement_that_runs_too_long_is_stopped(empty_url: str) -> None:
    async with await Database.connect(empty_url, statement_timeout=0.05) as pages:
        with pytest.raises(Unavailable) as told:
            await pages.execute(q("SELECT pg_sleep(60)"))
        assert told.value.code == "storage.too-slow"


async def test_connections_for_pages_plan_anew_and_are_not_opened_before_somebody_reads(empty_url: str) -> None:
    mode, count = q("SHOW plan_cache_mode"), q("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pages'")
    reading = Database.connect(empty_url, min_size=0, application_name="pages", replan=True)
    async with await Database.connect(empty_url) as db, await reading as pages:
        assert await db.fetchval(mode) == "auto" and await db.fetchval(count) == 0
        assert await pages.fetchval(mode) == "force_custom_plan" and await db.fetchval(count) == 1


async def test_an_exhausted_pool_is_busy(empty_url: str) -> None:
    async with await Database.connect(empty_url, max_size=1, patience=0.05) as one, one.transaction():
        with pytest.raises(Unavailable) as told:
            await one.fetchval(q("SELECT 1"))
    assert told.value.code == "storage.database-busy"


async def test_an_unreachable_server_is_away_and_a_wrong_login_is_for_the_operator(empty_url: str) -> None:
    with pytest.raises(Unavailable):
        await Database.connect("postgresql://axis:x@/axis?host=/nowhere")
    with pytest.raises(SetupError) as told:
        await Database.connect(empty_url.replace("/test_", "/no_such_"))
    assert told.value.code == "storage.database-login"


async def test_several_hosts_are_tried_until_a_primary_answers(empty_url: str) -> None:
    head, _, tail = empty_url.partition("@/")
    name, _, options = tail.partition("?")
    socket = options.removeprefix("host=").partition("&")[0]
    url = f"{head}@/{name}?host=%2Fnowhere,{socket}&port=5432,5432"
    async with await Database.connect(url) as several:
        assert await several.fetchval(q("SELECT 1")) == 1


async def test_only_one_at_a_time_holds_a_duty(db: Database, empty_url: str) -> None:
    async with await Database.connect(empty_url) as other:
        async with db.alone("sweep") as mine, other.alone("sweep") as theirs, other.alone("else") as another:
            assert (mine, theirs, another) == (True, False, True)
        async with other.alone("sweep") as theirs:
            assert theirs


class Heard:
    """Collects hints; ``until`` returns once one that fits has come."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._news = asyncio.Event()

    def __call__(self, payload: str) -> None:
        self.all.append(payload)
        self._news.set()

    async def until(self, payload: str, times: int = 1) -> None:
        async with asyncio.timeout(10):
            while self.all.count(payload) < times:
                self._news.clear()
                await self._news.wait()


async def test_hints_reach_every_process_and_are_sent_together(db: Database, empty_url: str) -> None:
    heard = Heard()
    async with await Database.connect(empty_url) as other:
        await other.listen("work", heard)
        await heard.until("")  # the catch-up call
        for _ in range(50):
            db.notify("work", "đơn vị")
        db.notify("work", "end")
        await heard.until("end")
    assert heard.all == ["", "đơn vị", "end"]


async def test_listening_resumes_after_its_backend_was_killed(db: Database) -> None:
    heard = Heard()
    await db.listen("work", heard)
    killed = await db.execute(q("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                "WHERE application_name LIKE '%signals' AND datname = current_database()"))
    assert killed == 1
    await heard.until("", times=2)
    db.notify("work", "again")
    await heard.until("again")
    assert all(a or b for a, b in pairwise(heard.all[2:]))


async def test_writers_outlive_killed_servers_and_every_acknowledged_row_is_kept(tmp_path: Path) -> None:
    """Whatever a dying and recovering server throws at a caller must be one word: away."""
    insert, acknowledged, done = q("INSERT INTO note VALUES ($1) ON CONFLICT DO NOTHING"), set[int](), False
    enough, numbers = asyncio.Condition(), count(1)

    async def write(db: Database) -> None:
        while not done:
            number = next(numbers)
            try:
                async with db.transaction() as unit:
                    await unit.execute(insert, number)
            except Unavailable as error:
                assert error.code == "storage.database-away"
                await asyncio.sleep(0.005)  # a client that waits before it repeats
                continue
            acknowledged.add(number)
            async with enough:
                enough.notify_all()

    async with Embedded(tmp_path) as server, await Database.connect(server.dsn, max_size=8) as db:
        await db.execute(q("CREATE TABLE note (id int PRIMARY KEY)"))
        async with asyncio.TaskGroup() as writers, asyncio.timeout(30):
            for _ in range(8):
                writers.create_task(write(db))
            for _ in range(3):
                goal = len(acknowledged) + 200
                async with enough:
                    await enough.wait_for(lambda goal=goal: len(acknowledged) >= goal)
                assert server.pid is not None
                os.kill(server.pid, signal.SIGKILL)
            goal = len(acknowledged) + 200
            async with enough:
                await enough.wait_for(lambda: len(acknowledged) >= goal)
            done = True
        kept = {row["id"] for row in await db.fetch(q("SELECT id FROM note"))}
    assert acknowledged <= kept
