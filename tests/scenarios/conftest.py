"""One world is set up per test process; each test gets a copy of it, stopped, on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.world import World


@pytest.fixture(scope="session")
def settled_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Units 1 and 2 are mailboxes, unit 3 is called; nothing runs."""
    world = World(tmp_path_factory.mktemp("settled"), lease=1.0)
    try:
        world.hub.up()
        world.onboard(mailboxes=2, hooks=1)
        assert world.hub.stop() == 0
        yield world
    finally:
        world.close()


@pytest.fixture
def world(settled_world: World, tmp_path: Path) -> Iterator[World]:
    """A world of this test's own; nothing runs yet, and nothing is left running."""
    world = settled_world.copy(tmp_path)
    yield world
    world.close()
