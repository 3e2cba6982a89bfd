"""Registers and lists: single documents in the order of time, a page at a time.

Every page is a statement of its own that reads one range of one index: ids after the last one seen and
before the end of the period (axis/domain/period.py ``bounds``); of what came to a unit the time of
arrival and the id, for a document taken in on the last of June and fetched in July stands in July's book.
So a register of a year costs no more memory than one of a day, years behind it cost nothing, and a reader
who is slow or goes away holds neither a connection nor an old snapshot. Rows are never deleted, and
neither ids nor arrivals change: no page can repeat or skip one that was there when the reading began.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from axis.domain.period import Period, bounds
from axis.store.database import Database
from axis.store.sql import queries

SQL = queries("registers")
PAGE = 500
_LOWEST = UUID(int=0)
Row = Mapping[str, Any]
Listed = Literal["returned", "late", "sent_late", "untaken"]
_LISTS = {"returned": SQL.returned, "late": SQL.late, "sent_late": SQL.sent_late, "untaken": SQL.untaken}


class Registers:
    """Each method gives rows as they are read: use it under ``contextlib.aclosing``. ``scope`` is who asks,
    None for operators; another's register is empty to a unit."""

    def __init__(self, database: Database, page: int = PAGE) -> None:
        self._db = database
        self._page = page

    async def outgoing(
        self, unit: UUID, period: Period, *, counterpart: UUID | None = None, scope: UUID | None
    ) -> AsyncGenerator[Row, None]:
        """Documents a unit sent, with the fate of each receiver."""
        last, high = bounds(period.first, period.last)
        while True:
            rows = await self._db.fetch(
                SQL.outgoing, unit, last, high, period.starts, period.ends, counterpart, self._page, scope
            )
            for row in rows:
                yield row
            if len(rows) < self._page:
                return
            last = rows[-1]["id"]

    async def incoming(
        self, unit: UUID, period: Period, *, counterpart: UUID | None = None, scope: UUID | None, replies: bool = False
    ) -> AsyncGenerator[Row, None]:
        """Documents that came to a unit, in the order of arrival. ``replies``: documents proper only, with what the
        unit answered."""
        last: tuple[datetime, UUID] = (period.starts, _LOWEST)
        while True:
            rows = await self._db.fetch(
                SQL.incoming, unit, *last, period.starts, period.ends, counterpart, self._page, scope, replies
            )
            for row in rows:
                yield row
            if len(rows) < self._page:
                return
            last = (rows[-1]["came_at"], rows[-1]["id"])

    async def listed(
        self, which: Listed, period: Period, *, unit: UUID | None = None, counterpart: UUID | None = None,
        scope: UUID | None,
    ) -> AsyncGenerator[Row, None]:  # fmt: skip
        """Documents returned, late, sent late, or arrived and not taken up; of a unit as sender or receiver."""
        last, high = bounds(period.first, period.last)
        while True:
            rows = await self._db.fetch(
                _LISTS[which], last, high, period.starts, period.ends, unit, counterpart, self._page, scope
            )
            for row in rows:
                yield row
            if len(rows) < self._page:
                return
            last = rows[-1]["id"]
