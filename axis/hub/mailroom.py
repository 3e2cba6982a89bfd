"""Deliveries as the units see them: what waits for me, give it to me, I have it; what became of mine.

A unit that pulls is served here; a unit that is pushed to may look here too. Authorisation is the
``unit_id`` inside every query: somebody else's id and an id that never was get the same answer (P3).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from axis.domain.directory import SENDING, Unit
from axis.domain.document import Kind
from axis.domain.errors import NotFound, PackageError, SetupError
from axis.domain.events import Event
from axis.hub.contracts import Fetched, Sent, Waiting
from axis.hub.notary import Notary
from axis.hub.standing import Almanac, terms
from axis.store.deliveries import Deliveries, Terms
from axis.store.payloads import Payloads
from axis.store.units import Units
from axis.trust.sealing import Sealer

LINK_PURPOSE = "pull-link"
LINK_LIFE = 7 * 24 * 3600  # seconds; a new link comes with every attempt
CALL_NOTED_EVERY = 10.0  # seconds: how often "this unit's system called" is worth a write


class Mailroom:
    """``called_back(unit_id, failed_before)`` is told when a unit's own system calls: it is alive, so try
    it again. ``pushes(unit)``: the courier delivers to it."""

    def __init__(
        self, *, deliveries: Deliveries, units: Units, payloads: Payloads, notary: Notary, sealer: Sealer,
        almanac: Almanac, called_back: Callable[[UUID, bool], None], pushes: Callable[[Unit], bool],
    ) -> None:  # fmt: skip
        self._deliveries = deliveries
        self._units = units
        self._payloads = payloads
        self._notary = notary
        self._sealer = sealer
        self._almanac = almanac
        self._called_back = called_back
        self._pushes = pushes
        self._noted: dict[UUID, float] = {}

    async def called(self, unit: Unit) -> None:
        """A unit's system made an authenticated call."""
        now = time.monotonic()
        if now - self._noted.get(unit.id, float("-inf")) >= CALL_NOTED_EVERY:
            self._noted[unit.id] = now
            self._called_back(unit.id, await self._units.called(unit.id))

    async def waiting(self, unit: Unit, kind: Kind, limit: int = 500) -> list[Waiting]:
        rows = [] if _held_back(unit) else await self._deliveries.inbox(unit.id, kind.value, limit)
        return [
            Waiting(
                id=row["id"], kind=Kind(row["kind"]), sender=row["sender"], receiver=row["receiver"],
                state=_list_state(row), subject=row["subject"], document_id=row["document_id"],
                notation=_notation(row), priority=row["priority"], size=row["size"], verdict=row["verdict"],
                created_at=row["created_at"], updated_at=row["changed_at"],
            )
            for row in rows
        ]  # fmt: skip

    async def count(self, unit: Unit, kind: Kind) -> int:
        return 0 if _held_back(unit) else await self._deliveries.inbox_count(unit.id, kind.value)

    async def fetch(self, unit: Unit, document: UUID, system: str = "") -> Fetched:
        """The bytes of a delivery to this unit, or of a package it sent itself. ``system``: the id of the program that
        asks, for the journal."""
        row = await self._deliveries.fetch(document, unit.id)
        if row is None:
            own = await self._deliveries.fetch_own(document, unit.id)
            if own is None:
                raise NotFound("access.unknown-document")
            return self._fetched(document, own)
        taken = True
        if self._pushes(unit):
            # Looking does not take it over: the courier goes on until a push succeeds or it is confirmed.
            taken = await self._stamp(document, row)
        elif row["state"] == "queued":
            terms = await self._terms(row)
            data = {"by": "pull", **({"system": system[:100]} if system else {})}
            taken = await self._deliveries.mark_fetched(document, unit.id, unit.code, data, terms)
        if not taken:
            await self._still_there(document, unit.id)
        return self._fetched(document, row)

    async def _terms(self, row: Mapping[str, Any]) -> Terms:
        return terms(await self._almanac.current(), datetime.now(UTC), row)

    async def _stamp(self, document: UUID, row: Mapping[str, Any]) -> bool:
        if row["fetched_at"] is not None:
            return True
        return await self._deliveries.stamp_fetched(document, await self._terms(row))

    async def _still_there(self, document: UUID, unit_id: UUID) -> None:
        """A recall may have come between the look and the fetch: then it is not given, and the sender's
        receipt that nobody saw it stays true."""
        if await self._deliveries.fetch(document, unit_id) is None:
            raise NotFound("access.unknown-document")

    async def confirm(self, unit: Unit, document: UUID, status: str, note: str = "") -> None:
        """The unit's word about the *package*: ``done``, ``fail`` or ``processing``. Repeats are harmless."""
        if status not in ("done", "fail", "processing"):
            raise PackageError("delivery.unknown-status", status=status)
        row = await self._deliveries.confirmable(document, unit.id)
        if row is None or row["state"] == "held" or (row["state"] == "parked" and row["fetched_at"] is None):
            raise NotFound("access.unknown-document")
        if row["state"] in ("delivered", "recalled"):
            return
        if status != "done":
            event = Event.FAILED_BY_RECEIVER if status == "fail" else Event.PROCESSING
            await self._deliveries.note_failure(
                document, unit.id, status, event.value, unit.code, {"note": note[:1000], "status": status}
            )
            return
        claims = self._notary.claims(Event.DELIVERED, datetime.now(UTC), row, row["receivers"])
        evidence = await self._notary.evidence(claims, unit.code, {"by": "confirmation", "note": note[:1000]})
        # COMMIT POINT of a pulled delivery: with this statement it is delivered.
        await self._deliveries.confirm_delivered(document, unit.id, evidence, await self._terms(row))

    async def sent(self, unit: Unit, kind: Kind, package_id: UUID | None, limit: int = 500) -> list[Sent]:
        rows = await self._deliveries.outbox(unit.id, kind.value, package_id, limit)
        return [
            Sent(
                package_id=row["package_id"], delivery_id=row["delivery_id"], kind=Kind(row["kind"]),
                sender=row["sender"], receiver=row["receiver"], subject=row["subject"], notation=_notation(row),
                state=row["state"], handling=row["handling"], taking_back=row["taking_back"], reason=row["reason"],
                business_type=row["business_type"],
                sent_at=row["received_at"], received_at=row["finished_at"] if row["state"] == "delivered" else None,
            )
            for row in rows
        ]  # fmt: skip

    def make_link(self, delivery_id: UUID, unit_id: UUID) -> str:
        """A token with which the bytes of one delivery can be fetched for a week, and nothing else."""
        expires = int(time.time()) + LINK_LIFE
        return self._sealer.seal(f"{delivery_id} {unit_id} {expires}", LINK_PURPOSE)

    async def open_link(self, token: str) -> Fetched:
        """What a pull link leads to. A forged, expired or stale one looks like one that never was."""
        try:
            delivery, unit, expires = self._sealer.unseal(token, LINK_PURPOSE).split(" ")
        except SetupError:
            raise NotFound("access.unknown-document") from None
        row = await self._deliveries.fetch(UUID(delivery), UUID(unit))
        if row is None or int(expires) < time.time():
            raise NotFound("access.unknown-document")
        if not await self._stamp(UUID(delivery), row):
            await self._still_there(UUID(delivery), UUID(unit))
        return self._fetched(UUID(delivery), row)

    def _fetched(self, document: UUID, row: Mapping[str, Any]) -> Fetched:
        def chunks() -> AsyncIterator[bytes]:
            return self._payloads.open(row["sha256"])

        return Fetched(document, row["sha256"], row["size"], row["encoding"], chunks)


def _held_back(unit: Unit) -> bool:
    """What waits for a suspended unit, or one an operator paused, is not handed out (domain.directory)."""
    return unit.paused or unit.state not in SENDING


def _list_state(row: Mapping[str, Any]) -> str:
    """The word a VXP client sees: initial until fetched, then processing; fail when it said so."""
    if row["note"] == "fail":
        return "fail"
    return "initial" if row["state"] == "queued" else "processing"


def _notation(row: Mapping[str, Any]) -> str:
    return "/".join(part for part in (row["code_number"], row["code_notation"]) if part)
