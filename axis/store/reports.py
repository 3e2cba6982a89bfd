"""Counters, and what is asked of them.

Triggers append every change to ``tally_change`` and ``sent_tally_change`` in the transaction of the
change itself; ``fold`` moves them into ``tally`` and ``sent_tally``, whose rows are as many as there
were days, pairs of units and types, however much was sent. A report adds both in one statement, so it
is exact at every moment, also in the middle of a fold. Nothing here reads a delivery or a package,
except ``explain``, which counts them anew to find where a counter is wrong.

Sent counts packages, received counts deliveries: one package sent is several received. They are never
added. ``scope`` is who asks: a unit finds its own traffic only, None (an operator) finds everything.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from axis.domain.period import Period, bounds
from axis.store.database import Database
from axis.store.sql import queries

SQL = queries("reports")
BATCH = 10_000  # changes folded by one statement
ROUNDS = 100  # statements of one fold: what is left waits for the next
Row = Mapping[str, Any]
_KEYS = frozenset({"source_unit", "unit_id", "type"})


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something the counters or a package tell otherwise than the rows.

    ``what``: ``package`` (routed to ``counted`` units, has ``found`` deliveries of the first round),
    ``midnight`` (``found`` deliveries were made on the day after their package), ``deliveries`` or
    ``sent`` (one measure of one counter). ``unit_id`` is the receiver, None where there is none."""

    what: str
    day: date
    source_unit: UUID
    unit_id: UUID | None
    measure: str
    counted: int
    found: int
    package_id: UUID | None = None
    document_id: str = ""


class Counters:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def fold(self, batch: int = BATCH, rounds: int = ROUNDS) -> int:
        """Move changes into the counters, a bounded batch at a time; how many were moved. Each statement is
        whole by itself: a fold that dies half-way, or runs twice, or beside another, moves each change once."""
        moved = 0
        for query in (SQL.fold_sent, SQL.fold):
            for _ in range(rounds):
                count = int(await self._db.fetchval(query, batch))
                moved += count
                if count < batch:
                    break
        return moved

    async def sent(
        self, period: Period, *, unit: UUID | None = None, scope: UUID | None, by_day: bool = False,
        by_unit: bool = False,
    ) -> Sequence[Row]:  # fmt: skip
        """Packages, by type and as wanted by day and sender."""
        return await self._db.fetch(SQL.sent, period.first, period.last, by_day, by_unit, unit, scope)

    async def received(
        self, period: Period, *, sender: UUID | None = None, receiver: UUID | None = None, scope: UUID | None,
        by_day: bool = False, by_sender: bool = False, by_receiver: bool = False,
    ) -> Sequence[Row]:  # fmt: skip
        """Deliveries, by type and as wanted by day, sender and receiver."""
        return await self._db.fetch(
            SQL.received, period.first, period.last, by_day, by_sender, by_receiver, sender, receiver, scope
        )

    async def balance_sent(self, period: Period, unit: UUID | None, scope: UUID | None) -> Sequence[Row]:
        return await self._db.fetch(SQL.balance_sent, period.first, period.last, unit, scope)

    async def balance_received(self, period: Period, unit: UUID | None, scope: UUID | None) -> Sequence[Row]:
        return await self._db.fetch(SQL.balance_received, period.first, period.last, unit, scope)

    async def explain(self, period: Period, unit: UUID | None = None) -> AsyncGenerator[Mismatch, None]:
        """Why a reconciliation does not come to 0: counts the rows anew, a day at a time. Use it under
        ``contextlib.aclosing``. It reads every row of the period, so it is for operators only."""
        for day in period.days():
            one = Period.between(day, day)
            low, high = bounds(day, day)
            for row in await self._db.fetch(SQL.packages_off, low, high, one.starts, one.ends, unit):
                for mismatch in _of_package(day, row):
                    yield mismatch
            for what, query in (("sent", SQL.sent_cells_off), ("deliveries", SQL.cells_off)):
                for row in await self._db.fetch(query, day, low, high, unit):
                    for mismatch in _of_cell(what, day, row):
                        yield mismatch


def _of_package(day: date, row: Row) -> Sequence[Mismatch]:
    found = []
    key, document_id = row["id"], row["document_id"]
    for what, measure, counted, there in (
        ("package", "units", row["units"], row["first_round"]),
        ("midnight", "day", 0, row["other_day"]),
    ):
        if counted != there:
            found.append(Mismatch(what, day, row["source_unit"], None, measure, counted, there, key, document_id))
    return found


def _of_cell(what: str, day: date, row: Row) -> Sequence[Mismatch]:
    counted, found = row["counted"] or {}, row["found"] or {}
    wrong = []
    for measure in {**counted, **found}:
        if measure not in _KEYS:
            told, there = int(counted.get(measure) or 0), int(found.get(measure) or 0)
            if told != there:
                wrong.append(Mismatch(what, day, row["source_unit"], row.get("unit_id"), measure, told, there))
    return wrong
