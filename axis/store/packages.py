"""Packages: accepted once, never changed. The acceptance is one statement and so one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from axis.store.database import Database, Transaction
from axis.store.sql import queries

SQL = queries("packages")
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class PackageRow:
    """The columns of table ``package``, in the order of the statement ``accept``."""

    id: UUID
    kind: str
    business_type: int
    sender: str
    sender_name: str
    source_unit: UUID
    identity: str
    document_id: str
    code_number: str
    code_notation: str
    subject: str
    type_name: str
    promulgation_date: date | None
    due_date: date | None
    signer_name: str
    priority: int
    paper: str
    about: str
    status_code: str
    sha256: str
    size: int
    encoding: str
    verdict: str
    details: Mapping[str, Any]
    front: str
    received_at: datetime
    send_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """``follows``: deliveries this one must not overtake; it is held until they are settled."""

    id: UUID
    unit_id: UUID
    receivers: tuple[str, ...]
    follows: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is written with a change: the journal row and its receipt."""

    event_id: UUID
    actor: str
    data: Mapping[str, Any]
    jws: str


class Packages:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def accept(
        self,
        row: PackageRow,
        deliveries: Sequence[NewDelivery],
        evidence: Evidence,
        on: Transaction | None = None,
        finish_due: datetime | None = None,
    ) -> bool:
        """True when this call wrote it; False when the sender already holds the identity. ``finish_due``:
        by when its receivers are to be done with it."""
        fields = [getattr(row, name) for name in row.__dataclass_fields__]
        accepted = await (on or self._db).fetchval(
            SQL.accept,
            *fields,
            len(deliveries),
            [d.id for d in deliveries],
            [d.unit_id for d in deliveries],
            [_SEPARATOR.join(d.receivers) for d in deliveries],
            [_SEPARATOR.join(map(str, d.follows)) for d in deliveries],
            finish_due,
            evidence.event_id, evidence.actor, evidence.data, evidence.jws,
        )
        return accepted is not None

    async def by_identity(
        self, sender: str, identity: str, on: Transaction | None = None
    ) -> Mapping[str, Any] | None:
        return await (on or self._db).fetchrow(SQL.by_identity, sender, identity)

    async def same_again(self, sender: str, identity: str, sha256: str) -> Mapping[str, Any] | None:
        """What a repeat is a repeat of: the package with the same bytes, else the one that holds the identity."""
        return await self._db.fetchrow(SQL.same_again, sender, identity, sha256)

    async def show(self, package_id: UUID) -> Mapping[str, Any] | None:
        return await self._db.fetchrow(SQL.show, package_id)

    async def find(self, document_id: str) -> list[UUID]:
        return [row["id"] for row in await self._db.fetch(SQL.find, document_id)]

    async def deliveries_of(self, package_id: UUID) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.deliveries_of, package_id)

    async def timeline(self, package_id: UUID) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.timeline, package_id)

    async def page(
        self, before: UUID | None, sender: str, kind: str, limit: int
    ) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.page, before, sender, kind, limit)

    async def receipts_of(self, package_id: UUID) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.receipts_of, package_id)

    async def receipts_after(self, after: UUID | None, limit: int) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.receipts_after, after, limit)

    async def known_payloads(self, digests: Sequence[str]) -> frozenset[str]:
        return frozenset(row["sha256"] for row in await self._db.fetch(SQL.known_payloads, list(digests)))

    async def totals(self) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.totals)
