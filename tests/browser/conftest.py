"""A town (tests/console/world.py) behind a real socket, and one Chromium for each test module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.browser.chromium import chromium, missing
from tests.conftest import ServerForTests
from tests.console.world import Town, opened
from tests.hub.conftest import furnished  # noqa: F401 - a fixture


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: people at a real browser; skipped where Chromium is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lacks = missing()
    for item in items:
        if "tests/browser" in str(item.path):
            if lacks:
                item.add_marker(pytest.mark.skip(reason=lacks))
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Any]:
    async with chromium() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def town(
    browser: Any,
    postgres: ServerForTests,
    furnished: tuple[str, Path],  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Town]:
    async with opened(postgres, furnished, tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def site(town: Town) -> str:
    return str(town.visits.reader.make_url("")).rstrip("/")
