"""What a statement reads: its plan as PostgreSQL ran it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from axis.store.database import Database
from axis.store.sql import Query


async def looked_at(database: Database, query: Query, *args: object) -> tuple[int, set[str]]:
    """How many rows a statement reads, those it throws away included; and the indexes it reads them by."""
    explained = replace(query, sql="explain (analyze, format json) " + query.sql)
    rows = await database.fetch(explained, *args)
    plan = rows[0][0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    nodes = list(_nodes(plan[0]["Plan"]))
    read = sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0))
        * node["Actual Loops"]
        for node in nodes
    )
    return int(read), {node["Index Name"] for node in nodes if "Index Name" in node}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
