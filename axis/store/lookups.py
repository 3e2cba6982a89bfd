"""What people look for: lists, one search box, one document. Authorisation is in every statement.

Lists go newest first by id, cut by a cursor and by the ids of a period, so that no page costs more for the
years behind it. Words are looked for among the newest thousand first, where common ones fill a page at once;
the index of words finds the rest, stretch by stretch (spans.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from axis.domain.directory import Unit
from axis.domain.period import Period, bounds
from axis.domain.search import By, Wanted
from axis.store.database import Database
from axis.store.spans import Stretch, stretches
from axis.store.sql import Query, queries

SQL = queries("lookups")
Row = Mapping[str, Any]
WINDOW = 1_000
"""How many of the newest are looked through for words before the index of words is asked."""
SELDOM = 4
"""Rows of a window that are few enough to say: there cannot be many."""
MOST_RECEIPTS, MOST_LINKS = 500, 200
"""What is listed of one document, the newest of each."""
NEWEST, OLDEST = UUID(int=2**128 - 1), UUID(int=0)
STANDINGS = (
    "on-its-way", "arrived", "accepted", "finished", "returned", "refused", "to-answer", "answered", "taken-back",
    "overdue",
)  # fmt: skip
"""The words of ``delivery.standing`` in the database."""
Ask = Callable[[Stretch, str, int], Awaitable[Sequence[Row]]]
_NAMED = {By.ID: SQL.named_id, By.DOCUMENT_ID: SQL.named_document, By.CODE: SQL.named_code}


@dataclass(frozen=True, slots=True)
class Filter:
    """``standing``: one of STANDINGS or empty; ``counterpart``: the unit on the other side; ``before``: the
    last id of the page before; ``period`` None: since ever; ``above``: read upwards from this id, the row
    nearest to it first (for the page before)."""

    wanted: Wanted = field(default_factory=Wanted)
    standing: str = ""
    priority: int = 0
    counterpart: UUID | None = None
    period: Period | None = None
    before: UUID | None = None
    above: UUID | None = None

    @property
    def low(self) -> UUID:
        bottom = bounds(self.period.first, self.period.last)[0] if self.period else OLDEST
        return max(bottom, self.above) if self.above else bottom

    @property
    def high(self) -> UUID:
        top = bounds(self.period.first, self.period.last)[1] if self.period else NEWEST
        return min(top, self.before) if self.before else top


def within(first: Sequence[Row], key: str) -> tuple[list[Row], int, UUID | None]:
    """What a statement found in its window: the rows, how many it looked at, and the ``key`` where it ended."""
    return [row for row in first if row[key] is not None], first[0]["looked"], first[0]["ended"]


async def beyond(
    database: Database, words: str, found: list[Row], span: tuple[UUID, UUID], limit: int, ask: Ask, *,
    back: bool = False, narrow: bool = False,
) -> list[Row]:  # fmt: skip
    """What was found in the window, and what ``ask`` finds by the index of words between two ids behind it, until
    there are ``limit`` rows. ``narrow``: only what is one unit's is looked among; then three words that hardly stand
    in the window are looked for everywhere at once, because of them there cannot be much."""
    sought = await database.fetchval(SQL.sought, words)
    if not sought:
        return found
    at_once = narrow and len(found) <= SELDOM and sought.count(" & ") == 2
    for piece in [Stretch(*span, "")] if at_once else stretches(*span, back=back):
        found += await ask(piece, piece.among(sought), limit - len(found))
        if len(found) >= limit:
            break
    return found


async def named_packages(database: Database, wanted: Wanted, unit: UUID | None = None) -> list[UUID]:
    """The packages of a ``unit``, or of everybody, that somebody asks for by a number, a DocumentId or an id, the
    newest 500; none for words. A number no document has may be the beginning of one. What of them may be shown is
    for the caller to say."""
    if wanted.by not in _NAMED:
        return []
    rows = await database.fetch(_NAMED[wanted.by], wanted.text, unit)
    if not rows and wanted.by is By.CODE:
        rows = await database.fetch(SQL.named_beginning, wanted.text, unit)
    return [row["id"] for row in rows]


async def pauses_of(database: Database, units: Iterable[Unit]) -> Mapping[UUID, Row]:
    paused = [unit.id for unit in units if unit.paused]
    return {row["unit_id"]: row for row in await database.fetch(SQL.pauses, paused)} if paused else {}


class Lookups:
    def __init__(self, database: Database, window: int = WINDOW) -> None:
        self._db = database
        self._window = window

    async def incoming(self, unit: UUID, by: Filter, limit: int) -> Sequence[Row]:
        """Deliveries of documents that came to a unit."""
        if by.above is not None:
            return await self._list(SQL.incoming_back, SQL.incoming_among_back, unit, by, limit)
        return await self._list(SQL.incoming, SQL.incoming_among, unit, by, limit)

    async def outgoing(self, unit: UUID, by: Filter, limit: int) -> Sequence[Row]:
        """Documents a unit sent; ``receivers`` tells what became of each."""
        if by.above is not None:
            return await self._list(SQL.outgoing_back, SQL.outgoing_among_back, unit, by, limit)
        return await self._list(SQL.outgoing, SQL.outgoing_among, unit, by, limit)

    async def _list(self, near: Query, among: Query, unit: UUID, by: Filter, limit: int) -> Sequence[Row]:
        common, wanted = (by.standing, by.priority, by.counterpart), by.wanted
        if wanted.by in _NAMED:
            named = await named_packages(self._db, wanted, unit)
            return await self._db.fetch(among, unit, by.high, by.low, *common, "", named, limit, "") if named else []
        first = await self._db.fetch(near, unit, by.high, by.low, *common, wanted.text, limit, self._window)
        rows, looked, ended = within(first, "id")
        if wanted.by is not By.WORDS or len(rows) >= limit or looked < self._window:
            return rows

        async def ask(piece: Stretch, sought: str, left: int) -> Sequence[Row]:
            return await self._db.fetch(among, unit, piece.high, piece.low, *common, wanted.text, [], left, sought)

        back = by.above is not None
        span = (ended or by.low, by.high) if back else (by.low, ended or by.high)
        return await beyond(self._db, wanted.text, rows, span, limit, ask, back=back, narrow=True)

    async def receivers(self, packages: Sequence[UUID], scope: UUID | None) -> Mapping[UUID, list[Row]]:
        """By package: the newest delivery to each of its receivers."""
        found: dict[UUID, list[Row]] = {key: [] for key in packages}
        for row in await self._db.fetch(SQL.receivers, list(packages), scope):
            found[row["package_id"]].append(row)
        return found

    async def older(self, unit: UUID, outgoing: bool, before: UUID) -> int:
        """How many stand behind a list that shows a period only; at most 1,000 is told."""
        return int(await self._db.fetchval(SQL.older, unit, outgoing, before))

    async def newer(self, unit: UUID, outgoing: bool, since: UUID) -> int:
        """How many came since the page was drawn; at most 100 is told."""
        return int(await self._db.fetchval(SQL.newer, unit, outgoing, since))

    async def waiting(self, unit: UUID) -> Row:
        """Of documents that the unit's own system has not: ``waiting``, ``express``, ``urgent``, ``recalls``, among
        1,000 at most, and ``oldest``."""
        row = await self._db.fetchrow(SQL.waiting, unit)
        assert row is not None
        return row

    async def pauses(self, units: Iterable[Unit]) -> Mapping[UUID, Row]:
        """By unit: ``at`` and ``reason`` of the pause it is in, of those that are paused and whose pause is known."""
        return await pauses_of(self._db, units)

    async def document(self, package_id: UUID, scope: UUID | None) -> Row | None:
        """One document, for a unit that may see it or, with None, for operators."""
        return await self._db.fetchrow(SQL.document, package_id, scope)

    async def deliveries(self, package_id: UUID, scope: UUID | None) -> Sequence[Row]:
        return await self._db.fetch(SQL.deliveries, package_id, scope)

    async def timeline(self, package_id: UUID, scope: UUID | None) -> Sequence[Row]:
        return await self._db.fetch(SQL.timeline, package_id, scope)

    async def receipts(self, package_id: UUID, scope: UUID | None, most: int = MOST_RECEIPTS) -> Sequence[Row]:
        """The newest, oldest first; ``many`` in each tells how many there are."""
        return await self._db.fetch(SQL.receipts, package_id, scope, most)

    async def receipt(self, package_id: UUID, event_id: UUID, scope: UUID | None) -> Row | None:
        return await self._db.fetchrow(SQL.receipt, package_id, scope, event_id)

    async def links(
        self, package_id: UUID, scope: UUID | None, most: int = MOST_LINKS
    ) -> tuple[Sequence[Row], bool]:
        """The newest in each direction, oldest first, and whether there are more."""
        rows = await self._db.fetch(SQL.links, package_id, scope, most + 1)
        over = {way: sum(row["direction"] == way for row in rows) > most for way in ("to", "from")}
        kept = []
        for row in rows:
            if over[row["direction"]]:  # the oldest one is looked for only to know that it is there
                over[row["direction"]] = False
            else:
                kept.append(row)
        return kept, len(kept) < len(rows)

    async def changed(self, packages: Sequence[UUID], scope: UUID | None) -> Mapping[UUID, list[str]]:
        """By package: ``recall``, ``replace``, ``update``, as far as it happened and one may see by what."""
        found: dict[UUID, list[str]] = {}
        for row in await self._db.fetch(SQL.changed, list(packages), scope):
            found.setdefault(row["about"], []).append(row["kind"])
        return found

    async def chain(self, package_id: UUID, scope: UUID | None) -> Sequence[Row]:
        """Every document of the story this one belongs to, oldest first."""
        return await self._db.fetch(SQL.chain, package_id, scope)

    async def story(self, packages: Sequence[UUID], scope: UUID | None) -> Sequence[Row]:
        """What happened to several documents, newest first."""
        return await self._db.fetch(SQL.story, list(packages), scope)

    async def overdue(
        self, unit: UUID, outgoing: bool, limit: int, after: UUID | None = None, before: UUID | None = None
    ) -> Sequence[Row]:
        """What is overdue at a unit, or at those it sent to; oldest first, from ``after`` on or, in the
        opposite order, backwards from ``before``."""
        return await self._open(SQL.overdue, unit, outgoing, limit, after, before)

    async def unaccepted(
        self, unit: UUID, outgoing: bool, limit: int, after: UUID | None = None, before: UUID | None = None
    ) -> Sequence[Row]:
        """What arrived and nobody has accepted or returned; as ``overdue``."""
        return await self._open(SQL.unaccepted, unit, outgoing, limit, after, before)

    async def to_answer(
        self, unit: UUID, outgoing: bool, limit: int, after: UUID | None = None, before: UUID | None = None
    ) -> Sequence[Row]:
        """What was asked back, recalled or updated and waits for the receiver's answer; as ``overdue``."""
        return await self._open(SQL.to_answer, unit, outgoing, limit, after, before)

    async def _open(
        self, query: Query, unit: UUID, outgoing: bool, limit: int, after: UUID | None, before: UUID | None
    ) -> Sequence[Row]:
        back = before is not None
        return await self._db.fetch(query, unit, outgoing, after or OLDEST, before or NEWEST, limit, back)

    async def open_counts(self, unit: UUID, most: int = 100) -> Row:
        """``overdue``, ``unaccepted``, ``to_answer``, each ``_in`` and ``_out``, counted up to ``most``."""
        row = await self._db.fetchrow(SQL.open_counts, unit, most)
        assert row is not None
        return row
