"""Auditors read by another role of the database: it refuses to write, and to show what is secret."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from axis.domain.errors import Unavailable
from axis.domain.period import Period
from axis.store.audit import Audit, Found, JournalSearch
from axis.store.cluster import ROLE as OWNER
from axis.store.database import Database
from axis.store.embedded import Embedded
from axis.store.lookups import Lookups
from axis.store.migrator import migrate
from axis.store.reader import ROLE, Reader
from axis.store.reports import Counters
from axis.store.sql import Query

LEFT_OUT = {
    "person", "credential", "session", "invitation", "login_guard", "oidc_link", "oidc_attempt", "selection",
}  # fmt: skip
"""What holds secrets, or ways in: the reader sees none of it (person and credential as views without them)."""
NOT_ASKED_FOR = {"waiting_now"}
"""What only the hub asks: nothing in it that could not be counted from what is seen."""


def q(sql: str) -> Query:
    return Query("test.statement", "of a test", sql)


@pytest.fixture
async def reader(database: Database) -> Reader:
    return Reader(database)


async def test_it_reads_under_a_role_of_its_own(database: Database, reader: Reader) -> None:
    assert await reader.standing() == "ready"
    row = await reader.fetchrow(q("select current_user::text as who, current_setting('transaction_read_only') as ro"))
    assert row is not None and (row["who"], row["ro"]) == (ROLE, "on")
    assert await database.fetchval(q("select current_user::text")) == OWNER, "the pool is as it was"
    async with reader.transaction() as unit:
        assert await unit.fetchval(q("select current_user::text")) == ROLE
        assert [row async for row in unit.stream(q("select generate_series(1, 3) as n"))] != []


@pytest.mark.parametrize(
    "write",
    [
        "insert into journal (id, event, actor) values (gen_random_uuid(), 'x', 'x')",
        "update unit set name = 'x'", "delete from alert", "truncate tally", "create table mine (n int)",
        "insert into backlog_sample values (now(), gen_random_uuid(), 1, 1)", "drop table journal",
        "select nextval('journal_position_seq')", "select set_config('transaction_read_only', 'off', true)",
    ],
)  # fmt: skip
async def test_postgresql_refuses_every_write(reader: Reader, database: Database, write: str) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await reader.execute(q(write))
    assert await database.fetchval(q("select count(*) from journal")) == 0, "the connection is good for more"


@pytest.mark.parametrize(
    "write", ["update unit set name = 'x'", "delete from alert", "insert into notice default values"]
)
async def test_the_role_refuses_it_in_a_transaction_that_writes_too(database: Database, write: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as unit:
            await unit.execute(q(f"set local role {ROLE}"))
            await unit.execute(q(write))


@pytest.mark.parametrize(
    "secret",
    [
        "select password_hash from person", "select totp_sealed from person", "select login from person",
        "select sealed from credential", "select * from session", "select * from invitation", "select p from person p",
        "select * from oidc_attempt", "select * from selection", "select * from login_guard",
    ],
)  # fmt: skip
async def test_what_is_secret_cannot_be_read(reader: Reader, secret: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.fetch(q(secret))


async def test_every_table_is_either_seen_or_left_out_on_purpose(database: Database) -> None:
    rows = await database.fetch(q(
        "select relname::text as name, has_table_privilege('axis_reader', oid, 'SELECT') as seen from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p')"
    ))  # fmt: skip
    assert {row["name"] for row in rows if not row["seen"]} == LEFT_OUT | NOT_ASKED_FOR


async def test_what_is_seen_of_people_and_keys_holds_no_secret(reader: Reader, database: Database) -> None:
    await database.execute(q(
        "insert into person (id, login, name, role, password_hash, totp_sealed, state)"
        " values (gen_random_uuid(), 'an.nv', 'An', 'auditor', 'CANARY-hash', 'CANARY-totp', 'active')"
    ))  # fmt: skip
    (row,) = await Audit(reader).people()
    assert row["has_password"] and row["has_totp"] and "CANARY" not in repr(dict(row))


async def test_a_statement_ends_after_its_time(database: Database) -> None:
    with pytest.raises(Unavailable) as told:
        await Reader(database, 0.05).fetch(q("select pg_sleep(5)"))
    assert told.value.code == "storage.too-slow"


async def test_what_is_built_over_a_database_works_over_it(reader: Reader) -> None:
    lookups, audit, month = Lookups(reader), Audit(reader), Period.month("2026-11")
    assert await lookups.receivers([], None) == {} and await Counters(reader).sent(month, scope=None) == []
    assert await audit.documents(Found(), 10) == []
    page = await audit.journal(JournalSearch(), 10)
    assert page.rows == [] and page.reached is None


async def test_where_the_role_cannot_be_had_nothing_is_written_either_and_it_is_told(tmp_path: Path) -> None:
    """An external database whose owner may not create roles: the migration goes through, reading is read-only
    under the owner, and two statements of its administrator mend it."""
    async with Embedded(tmp_path, settings={"fsync": "off"}) as server:
        admin = await asyncpg.connect(server.admin_dsn)
        try:
            await admin.execute(f"drop role {ROLE}")
            await migrate(server.dsn)
            async with await Database.connect(server.dsn) as database:
                reader = Reader(database)
                assert await reader.standing() == "absent"
                assert await reader.fetchval(q("select count(*) from journal")) == 0
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                    await reader.execute(q("update unit set name = 'x'"))
                await admin.execute(f"create role {ROLE} nologin")
                reader._looked = float("-inf")
                assert await reader.standing() == "not-granted"
                await admin.execute(f"grant {ROLE} to {OWNER}")
                reader._looked = float("-inf")
                assert await reader.standing() == "ready", "what it may see was granted at once"
                assert await reader.fetchval(q("select current_user::text")) == ROLE
                await admin.execute(f"grant insert on journal to {ROLE}")
                assert await Reader(database).standing() == "strong"
        finally:
            await admin.close()


async def test_a_data_folder_of_an_earlier_program_gets_the_role(tmp_path: Path) -> None:
    async with Embedded(tmp_path, settings={"fsync": "off"}) as server:
        admin = await asyncpg.connect(server.admin_dsn)
        await admin.execute(f"drop role {ROLE}")
        await admin.close()
    async with Embedded(tmp_path, settings={"fsync": "off"}) as server:
        await migrate(server.dsn)
        async with await Database.connect(server.dsn) as database:
            assert await Reader(database).standing() == "ready"
