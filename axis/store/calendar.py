"""The days of the working calendar that this deployment entered, and the decisions they rest on.

Only what differs from the library and the shipped table is stored. Triggers on both tables change the
directory's version, so every process reads them again without a watch of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from axis.domain.calendar import DayKind, SpecialDay
from axis.store.database import Database, Transaction
from axis.store.sql import queries

SQL = queries("calendar")


class SpecialDays:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def days(self) -> list[SpecialDay]:
        return [
            SpecialDay(row["day"], DayKind(row["kind"]), row["name"], row["source"])
            for row in await self._db.fetch(SQL.days)
        ]

    async def years(self) -> Sequence[Mapping[str, Any]]:
        """year, decision, entered_by, entered_at."""
        return await self._db.fetch(SQL.years)

    async def replace_year(
        self, on: Transaction, year: int, decision: str, days: Iterable[SpecialDay], actor: str
    ) -> None:
        """The whole year anew: days entered before and not named again are gone."""
        await on.execute(SQL.lock_year, year)
        await on.execute(SQL.drop_days, date(year, 1, 1), date(year + 1, 1, 1))
        for day in days:
            await self.set_day(on, day, actor)
        await on.execute(SQL.add_year, year, decision, actor)

    async def drop_year(self, on: Transaction, year: int) -> tuple[str | None, int]:
        """The decision that is forgotten (None: there was none) and how many days went with it."""
        await on.execute(SQL.lock_year, year)
        gone = await on.execute(SQL.drop_days, date(year, 1, 1), date(year + 1, 1, 1))
        decision: str | None = await on.fetchval(SQL.drop_year, year)
        return decision, gone

    async def set_day(self, on: Transaction, day: SpecialDay, actor: str) -> None:
        await on.execute(SQL.add_day, day.day, day.kind.value, day.name, day.source, actor)

    async def drop_day(self, on: Transaction, day: date) -> Mapping[str, Any] | None:
        """Its kind and name; None when it was not entered here."""
        return await on.fetchrow(SQL.drop_day, day)
