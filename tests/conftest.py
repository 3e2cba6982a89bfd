"""Fixtures every suite shares: a real PostgreSQL per test process, a fresh database per test.

The server is kept by a background thread with a loop of its own, because each test has its own loop.
``fsync`` is off for speed; suites about durability start servers of their own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from axis.store.database import Database, connect_once
from axis.store.embedded import Embedded
from axis.store.migrator import migrate

T = TypeVar("T")
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

UNMEASURED = ("attacks", "property")
"""Suites of many thousand examples, through code that the others cover: without coverage they take half the time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(Path(__file__).parent).parts[0] in UNMEASURED:
            item.add_marker(pytest.mark.no_cover)


class ServerForTests:
    """The PostgreSQL of this test process. Its owner may create databases."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postgres", daemon=True)
        self._thread.start()
        self.embedded = Embedded(folder, settings=_FAST)
        self._names = (f"test_{number}" for number in count(1))
        self._run(self.embedded.start())
        self._admin = self._run(connect_once(self.embedded.dsn, "tests", unhurried=True))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def dsn(self, database: str) -> str:
        """The address of one of its databases."""
        head, _, tail = self.embedded.dsn.partition("/axis?")
        return f"{head}/{database}?{tail}"

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of the template; its name."""
        name = next(self._names)
        self._run(self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
        return name

    def migrated(self) -> str:
        """A new database brought to the program's shape; its name."""
        name = self.create()
        self._run(migrate(self.dsn(name)))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self._run(self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def stop(self) -> None:
        self._run(self._admin.close())
        self._run(self.embedded.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerForTests]:
    """A server for this test process (one per worker when tests run in parallel)."""
    server = ServerForTests(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_template(postgres: ServerForTests) -> str:
    """The name of a migrated database that nobody connects to."""
    return postgres.migrated()


@pytest.fixture
def database_url(postgres: ServerForTests, migrated_template: str) -> Iterator[str]:
    """The address of a fresh, migrated database for one test."""
    name = postgres.create(migrated_template)
    yield postgres.dsn(name)
    postgres.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on a fresh, migrated database."""
    async with await Database.connect(database_url, application_name="test") as found:
        yield found
