"""Fixtures of the console's suite: the console alone with callers who name their role, and a real hub.

``alone`` needs no database. ``world`` and ``still`` are those of tests/hub: a hub over a database of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.console.gallery import gallery
from tests.console.stand_in import Reader, console, served
from tests.hub.conftest import (  # noqa: F401 - fixtures
    data_folder,
    database_url,
    furnished,
    opened,
    scripted_kind,
    still,
    world,
)


@pytest.fixture
async def alone() -> AsyncIterator[Reader]:
    """The shared pages and the gallery of parts, with no hub behind them."""
    async with served(console(*gallery())) as reader:
        yield reader
