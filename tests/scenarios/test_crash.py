"""Kills at random moments, short; the long version is ``python -m tests.scenarios.crash``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.crash import run


def test_nothing_is_lost_doubled_or_astray_when_hub_and_postgres_are_killed_under_load(tmp_path: Path) -> None:
    found = run(tmp_path, hub_kills=8, postgres_kills=3, seed=20190603, minutes=1, most=0.8, pause=0.3)
    assert found.wrong == []
    assert found.figures["hub kills"] >= 4
    assert found.figures["documents accepted"] >= 10
    assert found.figures["deliveries at registers"] >= 10


@pytest.mark.slow
def test_two_hundred_and_fifty_kills_leave_every_promise_kept(tmp_path: Path) -> None:
    found = run(tmp_path, hub_kills=200, postgres_kills=50, seed=1)
    assert found.wrong == []
