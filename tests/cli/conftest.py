"""The command beside a hub: in this process through click's runner, with the hub of tests/hub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from axis.cli.main import cli
from tests.hub.conftest import data_folder, database_url, furnished, opened, scripted_kind, still, world

__all__ = ["data_folder", "database_url", "furnished", "opened", "scripted_kind", "still", "world"]

Axis = Callable[..., Coroutine[Any, Any, Result]]


@pytest.fixture
def axis(data_folder: Path, database_url: str) -> Axis:
    """``await axis("unit", "list")``: a command on this test's data folder and database, in a thread,
    because commands bring their own event loop. ``lang`` and ``input`` as the person would."""

    async def call(*args: object, lang: str = "vi", input: str | None = None) -> Result:
        environment = {"AXIS_DATA": str(data_folder), "AXIS_DATABASE_URL": database_url, "AXIS_LANG": lang,
                       "AXIS_BY": "cli:thu", "AXIS_INTAKE_FREE_BYTES": "0", "COLUMNS": "200"}  # fmt: skip
        texts = [str(a) for a in args]
        result = await asyncio.to_thread(CliRunner().invoke, cli, texts, env=environment, input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


def said(result: Result) -> Any:
    """What a command printed as JSON; it must have succeeded and printed nothing else."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
