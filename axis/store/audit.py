"""What an auditor looks for: documents of all units, the journal, people. Made over a ``Reader``.

Lists of documents cost what lookups.py tells of: the newest first, a cursor, the ids of a period. The
journal is looked through a bounded number of rows at a time: a page says how far back it looked, and the
search goes on from there when somebody wants it to. So no question, however rare its answer, reads ten
years at once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from axis.domain.period import Period, bounds
from axis.domain.search import By, Wanted
from axis.store.database import Database
from axis.store.lookups import NEWEST, OLDEST, WINDOW, beyond, named_packages, within
from axis.store.spans import Stretch
from axis.store.sql import queries

SQL = queries("audit")
Row = Mapping[str, Any]
JOURNAL_WINDOW = 20_000
"""Rows of the journal looked through for one page."""
EXPORT_PAGE = 500
ASIDE = ("unit", "credential", "certificate", "anchor", "calendar", "person", "auditor")
"""First parts of the names of events that never belong to a package: an index holds them alone."""
_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """Which documents; ``before``: the place of the last row of the page before."""

    wanted: Wanted = field(default_factory=Wanted)
    sender: UUID | None = None
    receiver: UUID | None = None
    period: Period | None = None
    before: UUID | None = None

    @property
    def low(self) -> UUID:
        return bounds(self.period.first, self.period.last)[0] if self.period else OLDEST

    @property
    def high(self) -> UUID:
        top = bounds(self.period.first, self.period.last)[1] if self.period else NEWEST
        return min(top, self.before) if self.before else top


@dataclass(frozen=True, slots=True)
class JournalSearch:
    """Which rows of the journal; ``before``: the position of the last row seen, or where looking ended."""

    event: str = ""
    actor: str = ""
    unit: UUID | None = None
    packages: tuple[UUID, ...] = ()
    period: Period | None = None
    before: int | None = None

    @property
    def aside(self) -> str:
        return self.event if self.event.partition(".")[0] in ASIDE else ""


@dataclass(frozen=True, slots=True)
class JournalPage:
    """``reached``, ``reached_at``: where looking ended though there is more; None when all was looked through
    or the page is full."""

    rows: Sequence[Row]
    reached: int | None = None
    reached_at: datetime | None = None


class Audit:
    def __init__(self, database: Database, window: int = WINDOW, journal_window: int = JOURNAL_WINDOW) -> None:
        self._db = database
        self._window = window
        self._journal_window = journal_window

    async def documents(self, by: Found, limit: int) -> Sequence[Row]:
        """Newest first; each row's ``place`` is the cursor after it."""
        wanted = by.wanted
        sides = (by.sender, by.receiver)
        if wanted.by not in (By.NOTHING, By.WORDS):
            named = await named_packages(self._db, wanted)
            return await self._db.fetch(SQL.documents_among, by.high, by.low, "", limit, named, *sides, "")
        near = SQL.documents if by.receiver is None else SQL.documents_to
        first = await self._db.fetch(near, by.high, by.low, wanted.text, limit, self._window, *sides)
        rows, looked, ended = within(first, "place")
        if wanted.by is not By.WORDS or len(rows) >= limit or looked < self._window:
            return rows

        async def ask(piece: Stretch, sought: str, left: int) -> Sequence[Row]:
            return await self._db.fetch(
                SQL.documents_among, piece.high, piece.low, wanted.text, left, [], *sides, sought
            )

        return await beyond(self._db, wanted.text, rows, (by.low, ended or by.high), limit, ask)

    async def every_document(self, by: Found, most: int) -> AsyncGenerator[Row, None]:
        """The same, page after page, at most so many: for a file."""
        left = most
        while left > 0:
            rows = await self.documents(by, min(EXPORT_PAGE, left))
            for row in rows:
                yield row
            left -= len(rows)
            if len(rows) < EXPORT_PAGE:
                return
            by = replace(by, before=rows[-1]["place"])

    async def journal(self, by: JournalSearch, limit: int) -> JournalPage:
        """Newest first, among a bounded number of rows."""
        low, high = 0, _LAST
        since = until = None
        if by.period:
            since, until = by.period.starts, by.period.ends
            row = await self._db.fetchrow(SQL.journal_bounds, since, until)
            assert row is not None
            low, high = row["low"], row["high"]
        if by.before is not None:
            high = min(high, by.before)
        rows = await self._db.fetch(
            SQL.journal, high, low, self._journal_window, list(by.packages) or None, by.unit, by.aside, by.event,
            by.actor, since, until, limit,
        )  # fmt: skip
        first = rows[0]
        found = [row for row in rows if row["position"] is not None]
        if len(found) >= limit or first["looked"] < self._journal_window:
            return JournalPage(found)
        return JournalPage(found, first["reached"], first["reached_at"])

    async def named(self, wanted: Wanted) -> tuple[UUID, ...]:
        """The packages of a document by its number, DocumentId or an id; none for words."""
        return tuple(await named_packages(self._db, wanted))

    async def every_journal_row(self, by: JournalSearch, most: int) -> AsyncGenerator[Row, None]:
        """The same, page after page, at most so many, however far back: for a file."""
        left = most
        while left > 0:
            page = await self.journal(by, min(EXPORT_PAGE, left))
            for row in page.rows:
                yield row
            left -= len(page.rows)
            if page.reached is not None:
                by = replace(by, before=page.reached)
            elif len(page.rows) < EXPORT_PAGE:
                return
            else:
                by = replace(by, before=page.rows[-1]["position"])

    async def attempts(self, package_id: UUID, delivery_id: UUID, limit: int) -> Sequence[Row]:
        """The newest attempts of one delivery of a package; each row tells ``all_of_them``."""
        return await self._db.fetch(SQL.attempts, package_id, delivery_id, limit)

    async def receipt(self, event_id: UUID) -> Row | None:
        """One receipt as the axis keeps it."""
        return await self._db.fetchrow(SQL.receipt, event_id)

    async def people(
        self, *, after: str = "", role: str = "", state: str = "", text: str = "", limit: int = 50
    ) -> Sequence[Row]:
        """Accounts without what they prove themselves with."""
        return await self._db.fetch(SQL.people, after, role, state, text, limit)
