"""Statuses: a status package enters by the same door as a document, moves the delivery it speaks of, is
journalled with a receipt, and travels on to the party it is for.

All of it in one transaction with the acceptance. What each code may do is data in
``axis.domain.states``; an illegal one is refused by name, and the attempt stays in the journal.

Answers (15, 16) may name the document, or the recall or update they answer; either way the same
conversation moves. A request (13) for what has not left takes it back at once (hub/taking_back.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from axis.domain.codes import normal
from axis.domain.deadlines import Clock, Deadlines
from axis.domain.directory import Unit
from axis.domain.document import EXCLUSIVE_TYPES, BusinessType, Package, ResponseFor
from axis.domain.errors import PackageError, StateError, Unavailable
from axis.domain.events import Event
from axis.domain.states import (
    ANSWERS,
    BY_SENDER,
    MAX_REASON,
    REASONED,
    STATUSES_OF_TAKING_BACK,
    TRANSPORT_WORDS,
    WORDS,
    Handling,
    StatusDecision,
    TakingBack,
    Transport,
    decide_status,
    legal_statuses,
)
from axis.hub import record
from axis.hub.directory import Directory
from axis.hub.notary import Notary
from axis.hub.standing import Almanac, Row, look_at, standing, was_seen
from axis.hub.taking_back import Taken, Taker
from axis.store.database import Database, Transaction
from axis.store.documents import Documents
from axis.store.journal import Journal
from axis.store.packages import NewDelivery, Packages

_EVENTS = {
    StatusDecision.MOVE: Event.STATUS_MOVED,
    StatusDecision.REPEAT: Event.STATUS_REPEATED,
    StatusDecision.LATE: Event.STATUS_LATE,
    StatusDecision.NOTE: Event.STATUS_NOTED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One status as it was said. ``by``: the code of the party, ``actor``: whose system said it, or which person."""

    code: str
    by: str
    actor: str
    source_unit: UUID
    package_id: UUID
    at: datetime
    reason: str = ""
    staff: str = ""
    said_at: str = ""

    def facts(self, before: str) -> dict[str, Any]:
        return {
            "status": self.code, "before": before, "reason": self.reason, "staff": self.staff,
            "said_at": self.said_at, "status_package": str(self.package_id), "by": self.by,
        }  # fmt: skip


class Lifecycle:
    def __init__(
        self, *, database: Database, packages: Packages, documents: Documents, journal: Journal,
        directory: Directory, notary: Notary, taker: Taker, almanac: Almanac,
    ) -> None:  # fmt: skip
        self._db = database
        self._packages = packages
        self._documents = documents
        self._journal = journal
        self._directory = directory
        self._notary = notary
        self._taker = taker
        self._almanac = almanac

    async def accept_status(self, examined: record.Examined) -> bool:
        """True when this call took it in; False when the same bytes were taken in before.
        Raises StateError or PackageError when the status may not be."""
        row, package = examined.row, examined.judged.package
        _check_reason(package)
        deadlines = await self._almanac.current()  # before the transaction: it may need a connection of its own
        async with self._db.transaction() as work:
            found = await self._target(work, examined)
            if await self._packages.by_identity(row.sender, row.identity, on=work) is not None:
                return False  # looked at under the lock, so a twin in flight is seen as well
            decision = decide_status(row.status_code, standing(found))
            if decision is StatusDecision.ILLEGAL:
                raise _illegal(package, found)
            said = _said(examined)
            taken = None
            if decision is StatusDecision.MOVE and row.status_code in BY_SENDER:
                data = {**said.facts(found["taking_back"]), "package": str(row.id)}
                taken = await self._taker.take(work, found, TakingBack.ASKED, said.at, said.actor, data)
            passed_on = _passed_on(decision, examined.deliveries, found, taken)
            # COMMIT POINT of a status: with the end of this block the status exists, or nothing does.
            if not await self._packages.accept(row, passed_on, examined.evidence, on=work):
                raise Unavailable("storage.database-busy")  # cannot be, and would have to be undone
            if taken is not None and not taken.told:
                for delivery in passed_on:  # the receiver never had the document, and need not hear of it
                    await self._documents.recall(work, delivery.id, "")
            if decision is StatusDecision.MOVE and taken is None:
                await self.move(work, found, said, deadlines)
            await self.tell(work, _EVENTS[decision], found, said)
        return True

    # -- what a status speaks of ------------------------------------------------------------------

    async def _target(self, work: Transaction, examined: record.Examined) -> Row:
        """The delivery a status speaks of, locked. 01–06, 15, 16 come from the receiver and ResponseFor names
        the document's sender; 13 comes from the sender and ResponseFor names the receiver (edxml.md 4)."""
        row, snapshot = examined.row, self._directory.snapshot
        response = examined.judged.package.response_for[0]
        other = snapshot.named(response.organ_id)
        if row.status_code in BY_SENDER:
            owner, receiver = examined.judged.sender, other
        else:
            owner, receiver = (
                (other.code if other else normal(response.organ_id)),
                snapshot.units.get(row.source_unit),
            )
        found = None
        if isinstance(receiver, Unit):
            found = await self._delivery(work, owner, response, receiver.id)
            await self._check_meant(work, examined, found)
            if found is not None and row.status_code in ANSWERS:
                found = await self._asked(work, found, row.status_code)
        if found is None:
            raise PackageError(
                "status.unknown-document", document_id=response.document_id or response.code, sender=owner,
                receiver=receiver.code if receiver else response.organ_id,
            )  # fmt: skip
        return found

    async def _delivery(
        self, work: Transaction, owner: str, response: ResponseFor, unit_id: UUID
    ) -> Row | None:
        document = await self._documents.find(work, owner, response.document_id, response.code)
        if document is None:
            return None
        if document["business_type"] == BusinessType.RECALL:
            # The documents before the recall that names them: locks are taken in the order of age.
            await self._documents.recalled_by(work, document["id"], unit_id)
        found = await self._documents.lock_one(work, document["id"], unit_id)
        if found is None and document["business_type"] in EXCLUSIVE_TYPES:
            # Sent again meanwhile, and the new one went to others: this unit speaks of the one it has.
            for bearer in await self._documents.bearers(owner, document["document_id"], on=work):
                found = found or await self._documents.lock_one(work, bearer["id"], unit_id)
        return found

    async def _check_meant(self, work: Transaction, examined: record.Examined, found: Row | None) -> None:
        """What a person decided about one package does nothing to another that bears its DocumentId now."""
        if found is None or examined.about in (None, found["package_id"]):
            return
        # A recall or update may have come under the DocumentId of its document: they are answered together.
        if not await self._documents.speaks_of(work, examined.about, found["package_id"]):
            response = examined.judged.package.response_for[0]
            raise StateError("desk.sent-again", document_id=response.document_id or response.code)

    async def _asked(self, work: Transaction, found: Row, code: str) -> Row:
        """Whom an answer answers: the document where it was asked back, else its oldest update that waits."""
        if found["business_type"] not in EXCLUSIVE_TYPES or found["taking_back"] not in (
            TakingBack.NONE,
            TakingBack.DENIED,
        ):
            return found
        updates = await self._documents.said_about(
            work, found["package_id"], found["unit_id"], BusinessType.UPDATE
        )
        waiting = (u for u in updates if code in legal_statuses(standing(u)) and was_seen(u))
        return next(waiting, found)

    # -- what it does -----------------------------------------------------------------------------

    async def move(self, work: Transaction, found: Row, said: Said, deadlines: Deadlines) -> None:
        """Carry out a legal status on a locked delivery."""
        if said.code in ANSWERS:
            await self._answer(work, found, said)
            return
        then = replace(
            Clock.of(found), handling=said.code, told_at=found["told_at"] or said.at,
            registered_at=found["registered_at"] or (said.at if said.code != Handling.ARRIVED else None),
            completed_at=said.at if said.code == Handling.FINISHED else None,
        )  # fmt: skip
        look = look_at(deadlines, said.at, then)
        await self._documents.move_handling(work, found, said.code, said.at, look, said.reason)

    async def _answer(self, work: Transaction, found: Row, said: Said) -> None:
        for row in (found, *await self._same_conversation(work, found)):
            look = row["look_at"] if said.code == TakingBack.DENIED else None
            await self._documents.move_taking_back(
                work, row["id"], said.code, row["taking_back"], look, said.reason
            )
            if said.code == TakingBack.AGREED and row["business_type"] in EXCLUSIVE_TYPES:
                if row["state"] == Transport.SENDING:  # fetched, never confirmed, and now given back
                    await self._documents.recall(work, row["id"], said.reason)
                if row["taking_back"] == TakingBack.ORDERED:
                    await self.tell(work, Event.RECALL_ANSWERED, row, said, receipt=False)

    async def _same_conversation(self, work: Transaction, found: Row) -> Sequence[Row]:
        """A recall and the documents it names are answered together, whichever the receiver names."""
        if found["business_type"] == BusinessType.RECALL:
            rows = await self._documents.recalled_by(work, found["package_id"], found["unit_id"])
            return [row for row in rows if row["taking_back"] == TakingBack.ORDERED]
        if found["taking_back"] == TakingBack.ORDERED:
            rows = await self._documents.said_about(
                work, found["package_id"], found["unit_id"], BusinessType.RECALL
            )
            return [row for row in rows if row["taking_back"] == TakingBack.NONE]
        return ()

    async def tell(
        self, work: Transaction, event: Event, found: Row, said: Said, *, receipt: bool = True
    ) -> None:
        """The journal row of a status and, when it moved something, its receipt."""
        before = found["taking_back" if said.code in STATUSES_OF_TAKING_BACK else "handling"]
        facts = said.facts(before)
        if event is not Event.STATUS_MOVED or not receipt:
            await self._journal.write(
                event, actor=said.actor, data=facts, unit_id=said.source_unit,
                package_id=found["package_id"], delivery_id=found["id"], on=work,
            )  # fmt: skip
            return
        claims = self._notary.claims(event, said.at, found, [said.by], said.code)
        proof = await self._notary.evidence(claims, said.actor, facts)
        await self._journal.write(
            event, actor=said.actor, data=facts, unit_id=said.source_unit, package_id=found["package_id"],
            delivery_id=found["id"], event_id=proof.event_id, on=work,
        )  # fmt: skip
        await self._journal.receipt(work, proof.event_id, found["package_id"], found["id"], event, proof.jws)


def _said(examined: record.Examined) -> Said:
    package, row = examined.judged.package, examined.row
    return Said(
        code=row.status_code, by=examined.judged.sender, actor=examined.actor, source_unit=row.source_unit,
        package_id=row.id, at=row.received_at, reason=package.status_description,
        staff=package.status_staff.staff if package.status_staff else "", said_at=package.status_timestamp,
    )  # fmt: skip


def _passed_on(
    decision: StatusDecision, deliveries: Sequence[NewDelivery], found: Row, taken: Taken | None
) -> Sequence[NewDelivery]:
    """A repeat goes nowhere; a request waits behind the document that is just being delivered."""
    if decision is StatusDecision.REPEAT:
        return ()
    if taken is not None and taken.behind:
        return [replace(d, follows=(found["id"],)) if d.unit_id == found["unit_id"] else d for d in deliveries]
    return deliveries


def _check_reason(package: Package) -> None:
    if package.status_code in REASONED and not package.status_description:
        raise PackageError("status.reason-missing", target=package.status_code)
    if package.status_code in REASONED | BY_SENDER and len(package.status_description) > MAX_REASON:
        raise PackageError(
            "status.reason-long", target=package.status_code, length=len(package.status_description), limit=MAX_REASON
        )


def _legal(package: Package, found: Row) -> dict[str, object]:
    at = standing(found)
    said = at.taking_back or at.handling
    gone = at.state == Transport.RECALLED and not said
    return {
        "document_id": found["document_id"], "target": package.status_code,
        "origin": f"{said or '—'} ({TRANSPORT_WORDS[at.state][0] if gone else WORDS[said][0]})",
        "legal": ", ".join(legal_statuses(at)) or "—",
    }  # fmt: skip


def _illegal(package: Package, found: Row) -> StateError:
    at = standing(found)
    ordered = at.business_type == BusinessType.RECALL or at.taking_back == TakingBack.ORDERED
    denied = package.status_code == TakingBack.DENIED and ordered
    code = "status.recall-not-deniable" if denied else "status.illegal-move"
    error = StateError(code, **_legal(package, found))
    error.concerns = found["package_id"]
    return error
