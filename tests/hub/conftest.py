"""A hub per test, over a database of its own; agencies that are pushed to are of the kind ``scripted``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import axis.core
from axis.app import Hub
from axis.core import open_core
from tests.conftest import ServerForTests
from tests.hub.world import Scripted, World, config, standard

Opened = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture(autouse=True)
def scripted_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test's own adapter kind beside the installed ones, as an installed package would add it."""
    installed = axis.core.adapter_kinds()
    monkeypatch.setattr(axis.core, "adapter_kinds", lambda: {**installed, "scripted": Scripted})
    Scripted.peers.clear()
    yield
    Scripted.peers.clear()


@pytest.fixture(scope="session")
def furnished(
    postgres: ServerForTests, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A database with the standard units and the data folder with its keys: made once, copied per test."""
    name, data = postgres.create(migrated_template), tmp_path_factory.mktemp("furnished")

    async def furnish() -> None:
        async with open_core(config(data, postgres.dsn(name))) as core:
            await standard(World(Hub(core), core))

    installed = axis.core.adapter_kinds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(axis.core, "adapter_kinds", lambda: {**installed, "scripted": Scripted})
        asyncio.run(furnish())
    return name, data


@pytest.fixture
def database_url(postgres: ServerForTests, furnished: tuple[str, Path]) -> Iterator[str]:
    name = postgres.create(furnished[0])
    yield postgres.dsn(name)
    postgres.drop(name)


@pytest.fixture
def data_folder(tmp_path: Path, furnished: tuple[str, Path]) -> Path:
    """The folder of one test. Keys and payload folders are shared in a process: payloads are named by
    their content, so tests do not meet, and 258 folders are not made again each time."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("keys", "payloads"):
        (folder / name).symlink_to(furnished[1] / name)
    return folder


@pytest.fixture
def opened(data_folder: Path, database_url: str) -> Opened:
    """Opens a hub over this test's database and folder; twice gives two hubs that share both."""

    @asynccontextmanager
    async def opening(*, serving: bool = True, **changes: Any) -> AsyncIterator[World]:
        async with open_core(config(data_folder, database_url, **changes)) as core:
            world = World(Hub(core), core)
            for unit in (await core.directory.current(0)).units.values():
                world.units[unit.code] = unit
            if not serving:
                yield world
                return
            try:
                await world.hub.start()
                yield world
            finally:
                await world.hub.stop()

    return opening


@pytest.fixture
async def still(opened: Opened) -> AsyncIterator[World]:
    """The use cases and the standard units; no courier, no timers, no sockets."""
    async with opened(serving=False) as world:
        yield world


@pytest.fixture
async def world(opened: Opened) -> AsyncIterator[World]:
    """A serving hub with the standard units."""
    async with opened() as found:
        yield found
