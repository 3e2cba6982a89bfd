"""Migrations: whole or not at all, in order, once, and never with a program that is too old."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from axis.domain.errors import SetupError, Unavailable
from axis.store.database import connect_once
from axis.store.migrator import migrate, status
from tests.conftest import ServerForTests


@pytest.fixture
def url(postgres: ServerForTests) -> Iterator[str]:
    name = postgres.create()
    yield postgres.dsn(name)
    postgres.drop(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_start.sql").write_text("CREATE TABLE a (n int); INSERT INTO a VALUES (1);")
    (tmp_path / "0002_more.sql").write_text("CREATE TABLE b (n int);")
    return tmp_path


async def tables(url: str) -> set[str]:
    connection = await connect_once(url)
    rows = await connection.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' "
                                  "AND relnamespace = 'public'::regnamespace")
    await connection.close()
    return {row["relname"] for row in rows}


async def test_what_is_missing_is_applied_once_and_recorded(url: str, folder: Path) -> None:
    assert [m.applied_at for m in await status(url, folder)] == [None, None]
    assert [m.name for m in await migrate(url, folder)] == ["0001_start", "0002_more"]
    assert await migrate(url, folder) == []
    (folder / "0003_last.sql").write_text("CREATE TABLE c (n int)")
    assert [m.name for m in await migrate(url, folder)] == ["0003_last"]
    assert all(m.applied_at for m in await status(url, folder))
    assert await tables(url) == {"a", "b", "c", "schema_migration"}


async def test_a_failing_migration_leaves_nothing_of_itself(url: str, folder: Path) -> None:
    (folder / "0003_bad.sql").write_text("CREATE TABLE c (n int); SELECT 1 / 0;")
    with pytest.raises(SetupError) as told:
        await migrate(url, folder)
    assert told.value.code == "storage.migration-failed"
    assert "division by zero" in str(told.value)
    assert await tables(url) == {"a", "b", "schema_migration"}
    (folder / "0003_bad.sql").write_text("CREATE TABLE c (n int)")
    assert [m.number for m in await migrate(url, folder)] == [3]


async def test_a_migration_whose_connection_dies_is_simply_run_again(url: str, folder: Path) -> None:
    cut = "CREATE TABLE c (n int); SELECT pg_terminate_backend(pg_backend_pid());"
    (folder / "0003_cut.sql").write_text(cut)
    with pytest.raises(Unavailable):
        await migrate(url, folder)
    assert await tables(url) == {"a", "b", "schema_migration"}
    (folder / "0003_cut.sql").write_text("CREATE TABLE c (n int)")
    assert [m.number for m in await migrate(url, folder)] == [3]


async def test_an_applied_file_that_changed_is_refused(url: str, folder: Path) -> None:
    await migrate(url, folder)
    (folder / "0001_start.sql").write_text("CREATE TABLE other (n int)")
    for ask in (migrate, status):
        with pytest.raises(SetupError) as told:
            await ask(url, folder)
        assert told.value.code == "storage.migration-changed"


async def test_a_newer_database_is_refused(url: str, folder: Path) -> None:
    await migrate(url, folder)
    (folder / "0002_more.sql").unlink()
    with pytest.raises(SetupError) as told:
        await migrate(url, folder)
    assert told.value.code == "storage.database-newer"


@pytest.mark.parametrize("name", ["0004_gap.sql", "0002_double.sql", "3_short.sql", "0003-dash.sql"])
async def test_a_gap_a_double_or_a_misnamed_file_is_refused(url: str, folder: Path, name: str) -> None:
    (folder / name).write_text("SELECT 1")
    with pytest.raises(SetupError) as told:
        await migrate(url, folder)
    assert told.value.code == "storage.migration-gap"
    assert await tables(url) == set()


async def test_of_several_starting_at_once_one_migrates(url: str, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(url, folder) for _ in range(4)))
    assert sorted(len(each) for each in applied) == [0, 0, 0, 2]


async def test_our_own_migrations_build_a_database(database_url: str) -> None:
    assert all(m.applied_at for m in await status(database_url))
