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
from typing import Any, TypeVar
from uuid import UUID

from axis.domain.codes import normal
from axis.domain.deadlines import Clock, Deadlines
from axis.domain.directory import Unit
from axis.domain.document import EXCLUSIVE_TYPES, BusinessType
from axis.domain.errors import AxisError, PackageError, StateError, Unavailable
from axis.domain.events import Event
from axis.domain.states import (
    ANSWERS,
    BY_SENDER,
    MAX_REASON,
    NOT_OF,
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
from axis.domain.text import composed, shortened
from axis.hub import record
from axis.hub.addressees import Addressees, agency, whole
from axis.hub.directory import Directory
from axis.hub.naming import Reference, meant_by_status
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


_Refusal = TypeVar("_Refusal", bound=AxisError)


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
        directory: Directory, notary: Notary, taker: Taker, almanac: Almanac, addressees: Addressees,
    ) -> None:  # fmt: skip
        self._addressees = addressees
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
        row = examined.row
        deadlines = await self._almanac.current()  # before the transaction: it may need a connection of its own
        async with self._db.transaction() as work:
            found = await self._target(work, examined)
            if await self._packages.by_identity(row.sender, row.identity, on=work) is not None:
                return False  # looked at under the lock, so a twin in flight is seen as well
            _check_reason(examined, found)
            decision = decide_status(row.status_code, standing(found))
            if decision is StatusDecision.ILLEGAL:
                raise _illegal(examined, found)
            if decision is StatusDecision.REPEAT and await self._same_conversation(work, found, row.status_code):
                decision = StatusDecision.MOVE  # of what the recall names besides
            said = _said(examined)
            taken = None
            if decision is StatusDecision.MOVE and row.status_code in BY_SENDER:
                data = {**said.facts(found["taking_back"]), "package": str(row.id)}
                taken = await self._taker.take(
                    work, whole(found), TakingBack.ASKED, said.at, said.actor, data, found.get("voices")
                )
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
        reference = Reference.of(examined.judged.package.response_for[0])
        other = snapshot.named(reference.organ_id)
        if row.status_code in BY_SENDER:
            owner, receiver, code = examined.judged.sender, other, reference.organ_id
        else:
            owner = other.code if other else normal(reference.organ_id)
            receiver, code = snapshot.units.get(row.source_unit), ""
        found = await self._delivery(work, owner, reference, receiver, code)
        await self._check_meant(work, examined, found)
        if found is None:
            raise PackageError(
                "status.unknown-document", document_id=reference.name, sender=owner,
                receiver=receiver.code if receiver else reference.organ_id,
            )  # fmt: skip
        self._check_receiver(examined, found, receiver)
        by = code or examined.judged.package.sender.organ_id
        found = await self._addressees.heard(work, found, by, row.status_code)
        return await self._asked(work, found, row.status_code) if row.status_code in ANSWERS else found

    async def _delivery(
        self, work: Transaction, owner: str, reference: Reference, unit: Unit | None, code: str
    ) -> Row | None:
        """``code``: of a request, whom it asks; the document may have gone to another unit that receives for it."""
        mine = unit.id if unit is not None and not code else None
        document = await meant_by_status(self._documents, work, owner, reference, mine)
        if document is None:
            return None
        found = await self._held_by(work, document, unit, code)
        if found is None and document["business_type"] in EXCLUSIVE_TYPES:
            # Sent again meanwhile, and the new one went to others: this unit speaks of the one it has.
            for bearer in await self._documents.bearers(owner, document["document_id"], on=work):
                found = found or await self._held_by(work, bearer, unit, code)
        return found

    async def _held_by(self, work: Transaction, document: Row, unit: Unit | None, code: str) -> Row | None:
        holder = unit.id if unit is not None else None
        if code:
            went = await self._documents.went_to(work, document["id"])
            if holder not in {row["unit_id"] for row in went}:
                snapshot = self._directory.snapshot
                asked = agency(code, snapshot)
                holder = next(
                    (r["unit_id"] for r in went if asked in {agency(c, snapshot) for c in r["receivers"]}), None
                )
        if holder is None:
            return None
        if document["business_type"] == BusinessType.RECALL:
            # The documents before the recall that names them: locks are taken in the order of age.
            await self._documents.recalled_by(work, document["id"], holder)
        return await self._documents.lock_one(work, document["id"], holder)

    def _check_receiver(self, examined: record.Examined, found: Row, unit: Unit | None) -> None:
        """A relay speaks for many agencies: only the word of one the document went to counts."""
        if unit is None or not unit.relays or examined.row.status_code in BY_SENDER:
            return
        by, snapshot = examined.judged.package.sender.organ_id, self._directory.snapshot
        if agency(by, snapshot) in {agency(code, snapshot) for code in found["receivers"]}:
            return
        error = PackageError(
            "status.not-a-receiver", by=by, document_id=found["document_id"], target=examined.row.status_code
        )
        raise _kept(error, examined, found)

    async def _check_meant(self, work: Transaction, examined: record.Examined, found: Row | None) -> None:
        """What a person decided about one package does nothing to another that bears its DocumentId now."""
        if found is None or examined.about in (None, found["package_id"]):
            return
        # A recall or update may have come under the DocumentId of its document: they are answered together.
        if not await self._documents.speaks_of(work, examined.about, found["package_id"]):
            raise StateError("desk.sent-again", document_id=Reference.of(examined.judged.package.response_for[0]).name)

    async def _asked(self, work: Transaction, found: Row, code: str) -> Row:
        """Whom an answer answers: the document where it was asked back, else its oldest update that waits; where
        none waits, the update that was answered so already: then it is a repeat."""
        if found["business_type"] not in EXCLUSIVE_TYPES or found["taking_back"] not in (
            TakingBack.NONE,
            TakingBack.DENIED,
        ):
            return found
        updates = await self._about(work, found, BusinessType.UPDATE, code)
        waiting = [u for u in updates if code in legal_statuses(standing(u)) and was_seen(u)]
        answered = [u for u in updates if u["taking_back"] == code]
        return next(iter([*waiting, *answered]), found)

    # -- what it does -----------------------------------------------------------------------------

    async def move(self, work: Transaction, found: Row, said: Said, deadlines: Deadlines) -> None:
        """Carry out a legal status on a locked delivery."""
        if said.code in ANSWERS:
            await self._answer(work, found, said, deadlines)
            return
        target = await self._addressees.handle(work, found, said.code, said.reason)
        if target:  # else others behind the same delivery have not come that far
            await self._advance(work, whole(found), target, said, deadlines)

    async def _advance(self, work: Transaction, found: Row, target: str, said: Said, deadlines: Deadlines) -> None:
        then = replace(
            Clock.of(found), handling=target, told_at=found["told_at"] or said.at,
            registered_at=found["registered_at"] or (said.at if target != Handling.ARRIVED else None),
            completed_at=said.at if target == Handling.FINISHED else None,
        )  # fmt: skip
        look = look_at(deadlines, said.at, then)
        await self._documents.move_handling(work, found, target, said.at, look, said.reason)
        if target == Handling.REFUSED and found["business_type"] in EXCLUSIVE_TYPES:
            data = {"by": said.by, "why": "returned", "status_package": str(said.package_id)}
            await self._taker.reached(work, found, said.at, said.actor, data)

    async def _answer(self, work: Transaction, found: Row, said: Said, deadlines: Deadlines) -> None:
        rows = (found, *await self._same_conversation(work, found, said.code))
        for row in (r for r in rows if r["taking_back"] != said.code):
            delivery = whole(row)
            others = self._addressees.without(row) if said.code == TakingBack.AGREED else ""
            if others and not standing(delivery).frozen:
                await self._advance(work, delivery, others, said, deadlines)
            now = delivery["taking_back"]
            for step in await self._addressees.talk(work, row.get("voices"), said.code, said.reason):
                look = None if step == TakingBack.AGREED else row["look_at"]
                await self._documents.move_taking_back(work, row["id"], step, now, look, said.reason)
                now = step
            if said.code == TakingBack.AGREED and row["business_type"] in EXCLUSIVE_TYPES:
                if now == TakingBack.AGREED:
                    # Queued, fetched and never confirmed, on the wire: given back, it goes nowhere any more.
                    await self._documents.recall(work, row["id"], said.reason)
                if row["taking_back"] == TakingBack.ORDERED:
                    await self.tell(work, Event.RECALL_ANSWERED, row, said, receipt=False)

    async def _same_conversation(self, work: Transaction, found: Row, code: str) -> Sequence[Row]:
        """A recall and the documents it names are answered together, whichever the receiver names, and every
        round of them."""
        if code != TakingBack.AGREED:
            return ()
        document, unit, hear = found["package_id"], found["unit_id"], self._addressees.heard
        if found["business_type"] == BusinessType.RECALL:
            rows = await self._documents.recalled_by(work, document, unit)
            rows = [await hear(work, row, found["speaker"], code) for row in rows]
            return [row for row in rows if row["taking_back"] == TakingBack.ORDERED]
        if found["taking_back"] == TakingBack.ORDERED:
            rounds = await self._documents.rounds(work, document, unit)
            rounds = [await hear(work, row, found["speaker"], code) for row in rounds]
            earlier = [r for r in rounds if r["taking_back"] == TakingBack.ORDERED and r["id"] != found["id"]]
            recalls = await self._about(work, found, BusinessType.RECALL, code)
            return [*earlier, *(row for row in recalls if row["taking_back"] == TakingBack.NONE)]
        return ()

    async def _about(self, work: Transaction, found: Row, kind: BusinessType, code: str) -> list[Row]:
        """What was sent about a document to the same unit, as those stand to it whose word this is; oldest first."""
        rows = await self._documents.said_about(work, found["package_id"], found["unit_id"], kind)
        return [await self._addressees.heard(work, row, found["speaker"], code) for row in rows]

    async def tell(self, work: Transaction, event: Event, found: Row, said: Said, *, receipt: bool = True) -> None:
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
    """A repeat goes nowhere; a request goes to the unit that has the document, which received for its addressee
    when that was not connected yet, and waits behind the document that is just being delivered."""
    if decision is StatusDecision.REPEAT:
        return ()
    if taken is None:
        return deliveries
    return [replace(d, unit_id=found["unit_id"], follows=(found["id"],) if taken.behind else ()) for d in deliveries]


def _check_reason(examined: record.Examined, found: Row) -> None:
    code, reason = examined.row.status_code, examined.judged.package.status_description
    if code in REASONED and not reason:
        raise _kept(PackageError("status.reason-missing", target=code), examined, found)
    length = len(composed(reason))
    if code in REASONED | BY_SENDER and length > MAX_REASON:
        error = PackageError("status.reason-long", target=code, length=length, limit=MAX_REASON)
        raise _kept(error, examined, found)


def _illegal(examined: record.Examined, found: Row) -> StateError:
    at, code = standing(found), examined.row.status_code
    said = at.taking_back or at.handling
    gone = at.state == Transport.RECALLED and not said
    ordered = at.business_type == BusinessType.RECALL or at.taking_back == TakingBack.ORDERED
    denied = (code == TakingBack.DENIED and ordered) or code in NOT_OF.get(at.business_type, ())
    error = StateError(
        "status.recall-not-deniable" if denied else "status.illegal-move",
        document_id=found["document_id"], target=code, legal=", ".join(legal_statuses(at)) or "—",
        origin=f"{said or '—'} ({TRANSPORT_WORDS[at.state][0] if gone else WORDS[said][0]})",
    )  # fmt: skip
    return _kept(error, examined, found)


def _kept(error: _Refusal, examined: record.Examined, found: Row) -> _Refusal:
    """A status that is refused was said all the same: the document's own story keeps what, why and by whom."""
    said = _said(examined)
    error.concerns, error.delivery = found["package_id"], found["id"]
    error.told = {
        "status": said.code, "reason": shortened(said.reason, MAX_REASON), "staff": said.staff[:200],
        "said_at": said.said_at[:50], "by": said.by,
    }  # fmt: skip
    return error
