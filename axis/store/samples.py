"""Samples of the backlog: how much waited, and for how long, every five minutes of the last 400 days.

One row for the axis as a whole at every sample, and one for each unit that something waits for: a unit
without a row had nothing waiting. Samples are named by their five minutes, so however many processes take
one, it is taken once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from axis.domain.period import Period
from axis.store.database import Database
from axis.store.sql import queries

SQL = queries("samples")
WHOLE = UUID(int=0)
"""Stands for the axis as a whole."""
KEPT_DAYS = 400


class Samples:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def take(self) -> bool:
        """Write down what waits now, unless this five minutes' sample is there; old ones are forgotten on the
        way. False when there was nothing to do."""
        if await self._db.fetchval(SQL.taken):
            return False
        await self._db.execute(SQL.take)
        await self._db.execute(SQL.forget, KEPT_DAYS)
        return True

    async def days(self, period: Period, unit: UUID | None = None) -> Sequence[Mapping[str, Any]]:
        """The worst of each day: ``day``, ``waiting``, ``oldest_seconds``; days without a sample are absent."""
        return await self._db.fetch(SQL.days, unit or WHOLE, period.starts, period.ends)

    async def slow(self, seconds: int) -> int:
        """For how many units something has waited longer than that, by the newest sample."""
        return int(await self._db.fetchval(SQL.slow, seconds))
