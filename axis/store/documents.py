"""Documents as their receivers hold them: what was said about a delivery, what a later package does to it.

Everything that moves runs in the caller's transaction, on rows it has locked. Rows are locked in the
order of their ids, whoever locks them. Which move is legal is decided in ``axis.domain.states`` and
enforced by triggers; these statements only carry it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from axis.domain.ids import new_id
from axis.store.database import Database, Transaction
from axis.store.sql import queries

SQL = queries("documents")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """The deadlines of a delivery, computed anew; ``data`` tells the journal what changed."""

    id: UUID
    package_id: UUID
    unit_id: UUID
    arrival_due_at: datetime | None
    register_due_at: datetime | None
    finish_due_at: datetime | None
    missed: int
    escalated: int
    look_at: datetime | None
    data: Mapping[str, Any]


class Documents:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def find(self, on: Transaction, sender: str, document_ids: Sequence[str]) -> Row | None:
        """A sender's document by its DocumentId, given in all its forms, the one that was written first: id,
        business_type, sha256."""
        return await on.fetchrow(SQL.find, sender, list(document_ids))

    async def find_by_code(
        self, on: Transaction, sender: str, codes: Sequence[str], day: date | None, unit_id: UUID | None
    ) -> Sequence[Row]:
        """Everything of a sender with this number/notation, of that day and sent to that unit where given."""
        return await on.fetch(SQL.find_by_code, sender, list(codes), day, unit_id)

    async def bearers(self, sender: str, document_id: str, on: Transaction | None = None) -> Sequence[Row]:
        """Every package accepted under this DocumentId, newest first."""
        return await (on or self._db).fetch(SQL.bearers, sender, document_id)

    async def lock(
        self, on: Transaction, packages: Sequence[UUID], units: Sequence[UUID] | None, codes: Sequence[str] = ()
    ) -> Sequence[Row]:
        """The deliveries of documents and of what was sent about them, to these units or for these codes
        (``units`` None: to everybody), locked."""
        wanted = None if units is None else list(units)
        await on.fetch(SQL.lock, list(packages), wanted, list(codes))
        # Again: while this waited for its locks, one of them may have been sent once more.
        return await on.fetch(SQL.lock, list(packages), wanted, list(codes))

    async def lock_one(self, on: Transaction, package_id: UUID, unit_id: UUID) -> Row | None:
        """The newest delivery of a document to a unit, locked with the rounds before it."""
        rows = await on.fetch(SQL.lock_one, package_id, unit_id)
        return max(rows, key=lambda row: int(row["round"]), default=None)

    async def rounds(self, on: Transaction, package_id: UUID, unit_id: UUID) -> Sequence[Row]:
        return await on.fetch(SQL.lock_one, package_id, unit_id)

    async def went_to(self, on: Transaction, package_id: UUID) -> Sequence[Row]:
        return await on.fetch(SQL.went_to, package_id)

    async def newest_of(self, on: Transaction, package_id: UUID) -> Sequence[Row]:
        """The newest delivery of a package to each of its receivers, not locked."""
        return await on.fetch(SQL.newest_of, package_id)

    async def lock_delivery(self, on: Transaction, delivery_id: UUID) -> Row:
        """A delivery that exists: the caller has a row that refers to it."""
        row = await on.fetchrow(SQL.lock_delivery, delivery_id)
        assert row is not None
        return row

    async def said_about(self, on: Transaction, package_id: UUID, unit_id: UUID, business_type: int) -> Sequence[Row]:
        return await on.fetch(SQL.said_about, package_id, unit_id, business_type)

    async def recalled_by(self, on: Transaction, recall_id: UUID, unit_id: UUID) -> Sequence[Row]:
        return await on.fetch(SQL.recalled_by, recall_id, unit_id)

    async def speaks_of(self, on: Transaction, package_id: UUID, about: UUID) -> bool:
        """Whether a package is a recall or update of another, or replaces it."""
        return await on.fetchval(SQL.speaks_of, package_id, about) is not None

    async def link(self, on: Transaction, package_id: UUID, kind: str, document_id: str, about: UUID | None) -> None:
        """``kind``: recall, update, replace or again."""
        await on.execute(SQL.link, package_id, kind, document_id, about)

    async def move_handling(
        self, on: Transaction, row: Row, target: str, now: datetime, look_at: datetime | None, reason: str = ""
    ) -> None:
        await on.fetchval(SQL.move_handling, row["id"], target, row["handling"], now, look_at, reason)

    async def move_taking_back(
        self, on: Transaction, delivery_id: UUID, target: str, origin: str,
        look_at: datetime | None = None, reason: str = "",
    ) -> None:  # fmt: skip
        await on.fetchval(SQL.move_taking_back, delivery_id, target, origin, look_at, reason)

    async def recall(self, on: Transaction, delivery_id: UUID, note: str) -> bool:
        """From here nobody can fetch, push or replay it. False when it had come to that end, or arrived."""
        return await on.fetchval(SQL.recall, delivery_id, note) is not None

    async def last_try(self, on: Transaction, delivery_id: UUID) -> None:
        await on.execute(SQL.last_try, delivery_id)

    async def reached(self, on: Transaction, delivery_id: UUID) -> bool:
        """False when it had come to an end, or an attempt is under way."""
        return await on.fetchval(SQL.reached, delivery_id) is not None

    async def words(self, on: Transaction, delivery_id: UUID) -> Sequence[Row]:
        """What each addressee of a delivery said; only those who said or were told anything."""
        return await on.fetch(SQL.words, delivery_id)

    async def put_word(
        self, on: Transaction, delivery_id: UUID, code: str, handling: str, taking_back: str, reason: str
    ) -> None:
        await on.execute(SQL.put_word, delivery_id, code, handling, taking_back, reason)

    async def notice(self, on: Transaction, delivery_id: UUID, code: str, why: str) -> None:
        await on.execute(SQL.notice, delivery_id, code, why)

    async def next_notice(self, on: Transaction) -> Row | None:
        return await on.fetchrow(SQL.next_notice)

    async def end_notice(self, on: Transaction, notice_id: UUID) -> None:
        await on.execute(SQL.end_notice, notice_id)

    async def put_off_notice(self, on: Transaction, notice_id: UUID, seconds: float) -> None:
        await on.execute(SQL.put_off_notice, notice_id, seconds)

    async def resend(self, delivery_id: UUID, actor: str, reason: str) -> UUID | None:
        """The new delivery; None when the old one is not one that was returned, or was sent again already."""
        data = {"reason": reason, "again": str(delivery_id)}
        async with self._db.transaction() as work:
            # Locked first: a recall, or another package under its DocumentId, may be on its way in.
            await work.fetchrow(SQL.lock_delivery, delivery_id)
            made: UUID | None = await work.fetchval(SQL.resend, delivery_id, new_id(), new_id(), actor, data)
        return made

    async def links_of(self, package_id: UUID) -> Sequence[Row]:
        return await self._db.fetch(SQL.links_of, package_id)

    async def chain(self, package_id: UUID) -> Sequence[Row]:
        """Every package of the story this one belongs to, oldest first."""
        return await self._db.fetch(SQL.chain, package_id)

    async def story(self, packages: Sequence[UUID]) -> Sequence[Row]:
        return await self._db.fetch(SQL.story, list(packages))

    async def now(self, on: Transaction) -> datetime:
        """The time of this transaction."""
        here: datetime = await on.fetchval(SQL.now)
        return here

    async def open_since(self, on: Transaction, first: UUID, limit: int) -> Sequence[Row]:
        """Documents still with their receivers, from an id on, locked."""
        return await on.fetch(SQL.open_since, first, limit)

    async def move_deadlines(self, on: Transaction, moved: Sequence[Moved]) -> None:
        await on.execute(
            SQL.move_deadlines, [m.id for m in moved], [m.arrival_due_at for m in moved],
            [m.register_due_at for m in moved], [m.finish_due_at for m in moved], [m.missed for m in moved],
            [m.escalated for m in moved], [m.look_at for m in moved],
        )  # fmt: skip

    async def of_receiver(self, delivery_id: UUID, unit_id: UUID) -> Row | None:
        """A document's delivery, for the unit it arrived at."""
        return await self._db.fetchrow(SQL.of_receiver, delivery_id, unit_id)

    async def of_sender(self, delivery_id: UUID, unit_id: UUID) -> Row | None:
        """A document's delivery, for the unit that sent it."""
        return await self._db.fetchrow(SQL.of_sender, delivery_id, unit_id)

    async def sent_package(self, package_id: UUID, unit_id: UUID) -> Sequence[Row]:
        """The newest delivery of a package to each receiver, for the unit that sent it."""
        return await self._db.fetch(SQL.sent_package, package_id, unit_id)
