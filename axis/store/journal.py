"""The journal: append-only, one row per business event; wording lives in axis.domain.events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.store.database import Database, Transaction
from axis.store.sql import queries

SQL = queries("journal")


class Journal:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def write(
        self,
        event: Event,
        *,
        actor: str,
        data: Mapping[str, Any],
        unit_id: UUID | None = None,
        package_id: UUID | None = None,
        delivery_id: UUID | None = None,
        event_id: UUID | None = None,
        on: Transaction | None = None,
    ) -> UUID:
        event_id = event_id or new_id()
        await (on or self._db).execute(
            SQL.write, event_id, event.value, package_id, delivery_id, unit_id, actor, data
        )
        return event_id

    async def receipt(
        self, on: Transaction, event_id: UUID, package_id: UUID, delivery_id: UUID, event: Event, jws: str
    ) -> None:
        """A receipt beside a journal row written in the same transaction."""
        await on.execute(SQL.receipt, event_id, package_id, delivery_id, event.value, jws)

    async def page(self, before: int | None, event: str, limit: int) -> list[Mapping[str, Any]]:
        return list(await self._db.fetch(SQL.page, before, event, limit))
