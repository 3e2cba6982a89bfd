"""What operators read and choose: backlogs, deliveries by state, attempts, the journal, fixed selections.

A list is read in two steps: *near* gives ids in their order from an index that fits the question, never more
than a window of them; *among* looks at those rows. What is rare beyond the window is found by going on from
``reach``, so no page costs more for the years behind it. A selection is a list of ids fixed when it was shown:
what is confirmed later is that list and nothing a filter might find by then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from axis.domain.deadlines import URGENT_FROM
from axis.domain.directory import Unit
from axis.domain.search import recognise
from axis.domain.silence import Waiting
from axis.store.database import Database
from axis.store.lookups import named_packages, pauses_of
from axis.store.sql import queries

SQL = queries("operations")
Row = Mapping[str, Any]
WINDOW = 1_000
"""How many rows one page looks through for words."""
JOURNAL_WINDOW = 5_000
MOST_COUNTED = 1_000
"""How far a backlog is counted."""
MOST_CHOSEN = 500
"""How many deliveries one confirmation may move."""
SELECTION_SECONDS = 3600.0
NEWEST, OLDEST = UUID(int=2**128 - 1), UUID(int=0)
LAST_POSITION = 2**63 - 1
FLOWING, STANDING = frozenset({"queued", "sending"}), frozenset({"held", "parked", "refused"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """``states`` empty: any; ``older_than``: made before that moment; ``text``: words of the note; ``noted``: only
    with a note; ``before``: the id to go on from; ``packages`` not empty: deliveries of these alone."""

    unit_id: UUID | None = None
    states: frozenset[str] = frozenset()
    kind: str = ""
    text: str = ""
    noted: bool = False
    older_than: datetime | None = None
    before: UUID | None = None
    packages: tuple[UUID, ...] = ()

    @property
    def high(self) -> UUID:
        top = _edge(self.older_than) if self.older_than else NEWEST
        return min(top, self.before) if self.before else top


@dataclass(frozen=True, slots=True)
class Found:
    """``reach``: where to go on; None at the end. Rows may be fewer than asked for although there is more."""

    rows: Sequence[Row]
    reach: UUID | None


class Operations:
    def __init__(self, database: Database, window: int = WINDOW, journal_window: int = JOURNAL_WINDOW) -> None:
        self._db = database
        self._window = window
        self._journal_window = journal_window

    async def backlog(self, unit_id: UUID | None = None) -> Mapping[UUID, Row]:
        """By unit: queued, sending, held, parked, refused, each up to MOST_COUNTED + 1; ``oldest``, and ``urgent``:
        whether anything urgent is queued or being sent."""
        rows = await self._db.fetch(SQL.backlog, MOST_COUNTED + 1, unit_id, URGENT_FROM)
        return {row["id"]: row for row in rows}

    async def pauses(self, units: Iterable[Unit]) -> Mapping[UUID, Row]:
        """As ``Lookups.pauses``."""
        return await pauses_of(self._db, units)

    # deliveries

    async def deliveries(self, wanted: Wanted, size: int) -> Found:
        """A page of deliveries, newest first."""
        plain = not wanted.text and not wanted.noted and wanted.states <= FLOWING | STANDING and not wanted.kind
        plain = plain and not wanted.packages  # those are looked at one by one
        window = size + 1 if plain else max(self._window, size + 1)
        ids = await self._near(wanted, window)
        states = sorted(wanted.states)
        rows = await self._db.fetch(SQL.among, ids, states, wanted.kind, wanted.text, wanted.noted, size + 1)
        if len(rows) > size:
            return Found(rows[:size], rows[size - 1]["id"])
        return Found(rows, ids[-1] if len(ids) >= window else None)

    async def _near(self, wanted: Wanted, window: int) -> list[UUID]:
        high, unit = wanted.high, wanted.unit_id
        if wanted.packages:
            return _ids(await self._db.fetch(SQL.near_of, list(wanted.packages), unit, high, OLDEST, window))
        if wanted.states and wanted.states <= FLOWING | STANDING:
            found: list[UUID] = []
            if flowing := sorted(wanted.states & FLOWING):
                rows = await self._db.fetch(SQL.near_waiting, unit, flowing, wanted.kind, high, OLDEST, window)
                found += _ids(rows)
            if standing := sorted(wanted.states & STANDING):
                found += _ids(await self._db.fetch(SQL.near_stuck, unit, standing, high, OLDEST, window))
            return sorted(found, reverse=True)[:window]
        if unit is None:
            return _ids(await self._db.fetch(SQL.near_newest, high, OLDEST, window))
        return _ids(await self._db.fetch(SQL.near_newest_of, unit, high, OLDEST, window))

    async def packages(self, typed: str) -> tuple[UUID, ...]:
        """Of a document somebody names by its number, with or without notation, DocumentId or id; none where that
        names nothing."""
        return tuple(await named_packages(self._db, recognise(typed).numbered))

    async def delivery(self, delivery_id: UUID) -> Row | None:
        return await self._db.fetchrow(SQL.delivery, delivery_id)

    async def attempts(self, delivery_id: UUID, before: int | None, limit: int) -> Sequence[Row]:
        return await self._db.fetch(SQL.attempts, delivery_id, before, limit)

    async def happenings(self, package_id: UUID, delivery_id: UUID) -> Sequence[Row]:
        return await self._db.fetch(SQL.happenings, package_id, delivery_id)

    # choosing many

    async def movable(self, act: str, wanted: Wanted) -> tuple[list[UUID], bool]:
        """The newest MOST_CHOSEN that ``act`` may move, and whether there are more."""
        found: list[UUID] = []
        window = max(self._window, MOST_CHOSEN + 1)
        while True:
            ids = await self._near(wanted, window)
            rows = await self._db.fetch(SQL.movable, ids, sorted(wanted.states), wanted.kind, wanted.text, act)
            found += _ids(rows)
            if len(found) > MOST_CHOSEN:
                return found[:MOST_CHOSEN], True
            if len(ids) < window:
                return found, False
            wanted = replace(wanted, before=ids[-1])

    async def choose(self, token: str, person_id: UUID, act: str, deliveries: Sequence[UUID]) -> None:
        """Fix the list under a token that only this person can use, once."""
        await self._db.execute(SQL.forget_selections)
        await self._db.execute(SQL.choose, _digest(token), person_id, act, list(deliveries), SELECTION_SECONDS)

    async def chosen(self, token: str, person_id: UUID) -> tuple[str, list[UUID]] | None:
        row = await self._db.fetchrow(SQL.chosen, _digest(token), person_id)
        return (row["act"], list(row["deliveries"])) if row else None

    async def take(self, token: str, person_id: UUID) -> tuple[str, list[UUID]] | None:
        """The list, used up by this; None when it was used, expired, or is somebody else's."""
        row = await self._db.fetchrow(SQL.take, _digest(token), person_id)
        return (row["act"], list(row["deliveries"])) if row else None

    async def named(self, ids: Sequence[UUID]) -> Sequence[Row]:
        """Those deliveries as a list shows them, newest first."""
        return await self._db.fetch(SQL.among, list(ids), [], "", "", False, len(ids))

    # journal

    async def journal(
        self, before: int | None, unit_id: UUID | None, event: str, actor: str, size: int
    ) -> tuple[Sequence[Row], int | None]:
        """A page of the journal, newest first, and where to go on. ``event``: a name, or its beginning with the
        dot."""
        high, window = before or LAST_POSITION, self._journal_window if event or actor else size + 1
        common = (high, window, event, actor, size + 1)
        if unit_id is None:
            rows = await self._db.fetch(SQL.journal, *common)
        else:
            rows = await self._db.fetch(SQL.journal_of, *common, unit_id)
        if len(rows) > size:
            return rows[:size], int(rows[size - 1]["position"])
        if not (event or actor):
            return rows, None
        if unit_id is None:
            reach = await self._db.fetchval(SQL.journal_reach, high, window)
        else:
            reach = await self._db.fetchval(SQL.journal_reach_of, high, window, unit_id)
        return rows, int(reach) if reach is not None else None


def waiting_of(backlog: Row) -> Waiting:
    """What waits for a unit, for the rule of its silence."""
    return Waiting(bool(backlog["queued"] or backlog["sending"]), backlog["urgent"])


def _ids(rows: Iterable[Row]) -> list[UUID]:
    return [row["id"] for row in rows]


def _edge(moment: datetime) -> UUID:
    """Smaller than every UUIDv7 of that millisecond, greater than every one before it."""
    return UUID(int=max((moment - _EPOCH) // timedelta(milliseconds=1), 0) << 80)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
