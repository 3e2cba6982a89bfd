"""Deliveries: one method per event, each a guarded statement that writes its journal row, attempt and
receipt with the move. A settling write names the attempt it settles: a holder whose lease was
lost settles nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from axis.domain.ids import new_id
from axis.store.database import Database
from axis.store.packages import Evidence
from axis.store.sql import queries

SQL = queries("deliveries")


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery this process may attempt until its lease ends. ``attempt`` is the fencing token."""

    id: UUID
    package_id: UUID
    unit_id: UUID
    receivers: tuple[str, ...]
    attempt: int
    priority: int
    kind: str
    sender: str
    document_id: str
    subject: str
    verdict: str
    sha256: str
    size: int
    received_at: datetime
    business_type: int = 0


Terms = tuple[datetime | None, datetime | None]
"""By when the receiver is to report the arrival and to register it; None where no such deadline starts."""
NO_TERMS: Terms = (None, None)


class Deliveries:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def claim(self, caps: Mapping[UUID, int], batch: int, holder: str, lease: float) -> list[Claim]:
        """At most ``batch`` due deliveries, at most ``caps[unit]`` each; ``lease`` in seconds."""
        rows = await self._db.fetch(SQL.claim, list(caps), list(caps.values()), batch, holder, lease)
        return [
            Claim(
                row["id"], row["package_id"], row["unit_id"], tuple(row["receivers"]), row["attempts"],
                row["priority"], row["kind"], row["sender"], row["document_id"], row["subject"], row["verdict"],
                row["sha256"], row["size"], row["received_at"], row["business_type"],
            )
            for row in rows
        ]  # fmt: skip

    async def renew(self, ids: Sequence[UUID], holder: str, lease: float) -> frozenset[UUID]:
        """The ids still held; the others were lost and must not be settled."""
        return frozenset(r["id"] for r in await self._db.fetch(SQL.renew, list(ids), holder, lease))

    async def settle_delivered(
        self, claim: Claim, started: datetime, holder: str, proof: str, evidence: Evidence, terms: Terms = NO_TERMS,
        asked: str = "",
    ) -> bool:  # fmt: skip
        return await self._settle("delivered", claim, started, proof, holder, evidence, terms, asked)

    async def settle_refused(
        self, claim: Claim, started: datetime, holder: str, text: str, evidence: Evidence, asked: str = ""
    ) -> bool:
        return await self._settle("refused", claim, started, text, holder, evidence, NO_TERMS, asked)

    async def settle_later(
        self, claim: Claim, started: datetime, holder: str, text: str, at: datetime, data: Mapping[str, Any],
        asked: str = "",
    ) -> bool:  # fmt: skip
        return (
            await self._db.fetchval(
                SQL.settle_later, claim.id, claim.attempt, started, text, holder, at, new_id(), data, asked
            )
            is not None
        )

    async def _settle(
        self, state: str, claim: Claim, started: datetime, text: str, holder: str, evidence: Evidence, terms: Terms,
        asked: str,
    ) -> bool:  # fmt: skip
        settled = await self._db.fetchval(
            SQL.settle, claim.id, claim.attempt, started, text, holder,
            evidence.event_id, evidence.actor, evidence.data, evidence.jws, state, *terms, asked,
        )  # fmt: skip
        return settled is not None

    async def release_expired(self, limit: int = 500) -> list[UUID]:
        return [r["id"] for r in await self._db.fetch(SQL.release_expired, limit)]

    async def inbox(self, unit_id: UUID, kind: str, limit: int) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.inbox, unit_id, kind, limit)

    async def inbox_count(self, unit_id: UUID, kind: str) -> int:
        return int(await self._db.fetchval(SQL.inbox_count, unit_id, kind))

    async def fetch(self, delivery_id: UUID, unit_id: UUID) -> Mapping[str, Any] | None:
        return await self._db.fetchrow(SQL.fetch, delivery_id, unit_id)

    async def fetch_own(self, package_id: UUID, unit_id: UUID) -> Mapping[str, Any] | None:
        return await self._db.fetchrow(SQL.fetch_own, package_id, unit_id)

    async def mark_fetched(
        self, delivery_id: UUID, unit_id: UUID, actor: str, data: Mapping[str, Any], terms: Terms
    ) -> bool:
        """False when it was not waiting any more: look again before giving it away."""
        args = (delivery_id, unit_id, new_id(), actor, data, *terms)
        return await self._db.fetchval(SQL.mark_fetched, *args) is not None

    async def stamp_fetched(self, delivery_id: UUID, terms: Terms) -> bool:
        """False when it was fetched before, or was recalled: look again before giving it away."""
        return await self._db.fetchval(SQL.stamp_fetched, delivery_id, *terms) is not None

    async def confirmable(self, delivery_id: UUID, unit_id: UUID) -> Mapping[str, Any] | None:
        return await self._db.fetchrow(SQL.confirmable, delivery_id, unit_id)

    async def confirm_delivered(
        self, delivery_id: UUID, unit_id: UUID, evidence: Evidence, terms: Terms
    ) -> bool:
        moved = await self._db.fetchval(
            SQL.confirm_delivered,
            delivery_id,
            unit_id,
            evidence.event_id,
            evidence.actor,
            evidence.data,
            evidence.jws,
            *terms,
        )
        return moved is not None

    async def note_failure(
        self, delivery_id: UUID, unit_id: UUID, note: str, event: str, actor: str, data: Mapping[str, Any]
    ) -> None:
        await self._db.execute(SQL.note_failure, delivery_id, unit_id, note, new_id(), event, actor, data)

    async def outbox(
        self, unit_id: UUID, kind: str, package_id: UUID | None, limit: int
    ) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.outbox, unit_id, kind, package_id, limit)

    async def page(
        self, before: UUID | None, unit: str, state: str, kind: str, limit: int
    ) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.page, before, unit, state, kind, limit)

    async def attempts_of(self, delivery_id: UUID) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.attempts_of, delivery_id)

    async def get(self, delivery_id: UUID) -> Mapping[str, Any] | None:
        return await self._db.fetchrow(SQL.for_journal, delivery_id)

    async def park(self, delivery_id: UUID, actor: str, reason: str) -> bool:
        data = {"reason": reason}
        return await self._db.fetchval(SQL.park, delivery_id, reason, new_id(), actor, data) is not None

    async def replay(self, delivery_id: UUID, actor: str, reason: str) -> bool:
        data = {"reason": reason}
        return await self._db.fetchval(SQL.replay, delivery_id, new_id(), actor, data) is not None

    async def hasten(self, unit_id: UUID) -> None:
        await self._db.execute(SQL.hasten, unit_id)

    async def backlog(self) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.backlog)
