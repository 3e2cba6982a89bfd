"""Statuses: a status package enters by the same door as a document, moves the handling state of the
delivery it speaks of, is journalled with a receipt, and travels on to the party it is for.

All of it in one transaction with the acceptance. What each code may do is data in
``axis.domain.states``; an illegal one is refused by name, and the attempt stays in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axis.domain.codes import normal
from axis.domain.directory import Unit
from axis.domain.document import Package
from axis.domain.errors import PackageError, StateError
from axis.domain.events import Event
from axis.domain.states import BY_SENDER, TAKING_BACK, WORDS, StatusDecision, decide_status, legal_statuses
from axis.hub import record
from axis.hub.directory import Directory
from axis.hub.notary import Notary
from axis.store.database import Database, Transaction
from axis.store.journal import Journal
from axis.store.packages import Evidence, NewDelivery, PackageRow, Packages

MAX_REASON = 1_000  # characters, Decision 28 practice (decision-28.md section 3)

_EVENTS = {
    StatusDecision.MOVE: Event.STATUS_MOVED,
    StatusDecision.REPEAT: Event.STATUS_REPEATED,
    StatusDecision.LATE: Event.STATUS_LATE,
    StatusDecision.NOTE: Event.STATUS_NOTED,
}
_ANSWERS = frozenset(m.target for m in TAKING_BACK)


class Lifecycle:
    def __init__(
        self,
        *,
        database: Database,
        packages: Packages,
        journal: Journal,
        directory: Directory,
        notary: Notary,
    ) -> None:
        self._db = database
        self._packages = packages
        self._journal = journal
        self._directory = directory
        self._notary = notary

    async def accept_status(
        self, judged: record.Judged, row: PackageRow, deliveries: Sequence[NewDelivery], evidence: Evidence
    ) -> bool:
        """True when this call took it in; False when the same bytes were taken in before.
        Raises StateError or PackageError when the status may not be."""
        package = judged.package
        self._check_reason(package)
        async with self._db.transaction() as work:
            found = await self._target(work, package, judged.sender, row)
            decision = decide_status(row.status_code, found["handling"], found["taking_back"])
            if decision is StatusDecision.ILLEGAL or found["state"] == "recalled":
                if await self._packages.by_identity(row.sender, row.identity, on=work) is not None:
                    return False
                raise self._illegal(package, found)
            passed_on = () if decision is StatusDecision.REPEAT else deliveries
            # COMMIT POINT of a status: with the end of this block the status exists, or nothing does.
            if not await self._packages.accept(row, passed_on, evidence, on=work):
                return False
            await self._apply(work, decision, found, judged, row)
        return True

    async def _target(
        self, work: Transaction, package: Package, sender: str, row: PackageRow
    ) -> Mapping[str, Any]:
        """The delivery a status speaks of. 01–06, 15, 16 come from the receiver and ResponseFor names
        the document's sender; 13 comes from the sender and ResponseFor names the receiver (edxml.md 4)."""
        snapshot = self._directory.snapshot
        response = package.response_for[0]
        other = snapshot.named(response.organ_id)
        if row.status_code in BY_SENDER:
            owner, receiver = sender, other
        else:
            owner, receiver = (
                (other.code if other else normal(response.organ_id)),
                snapshot.units.get(row.source_unit),
            )
        found = None
        if isinstance(receiver, Unit):
            found = await self._packages.lock_document(
                work, owner, response.document_id, response.code, receiver.id
            )
        if found is None:
            raise PackageError(
                "status.unknown-document", document_id=response.document_id or response.code, sender=owner,
                receiver=receiver.code if receiver else response.organ_id,
            )  # fmt: skip
        return found

    async def _apply(
        self,
        work: Transaction,
        decision: StatusDecision,
        found: Mapping[str, Any],
        judged: record.Judged,
        row: PackageRow,
    ) -> None:
        package, code = judged.package, row.status_code
        event = _EVENTS[decision]
        data = {
            "status": code, "before": found["taking_back" if code in _ANSWERS else "handling"],
            "reason": package.status_description, "staff": package.status_staff.staff if package.status_staff else "",
            "said_at": package.status_timestamp, "status_package": str(row.id), "by": judged.sender,
        }  # fmt: skip
        if decision is not StatusDecision.MOVE:
            await self._journal.write(
                event, actor=judged.sender, data=data, unit_id=row.source_unit,
                package_id=found["package_id"], delivery_id=found["id"], on=work,
            )  # fmt: skip
            return
        if code in _ANSWERS:
            await self._packages.move_taking_back(work, found["id"], code, found["taking_back"])
        else:
            await self._packages.move_handling(work, found["id"], code, found["handling"])
        about = {**found, "id": found["package_id"]}
        claims = self._notary.claims(event, row.received_at, about, [judged.sender], code)
        proof = await self._notary.evidence(claims, judged.sender, data)
        await self._journal.write(
            event, actor=judged.sender, data=data, unit_id=row.source_unit, package_id=found["package_id"],
            delivery_id=found["id"], event_id=proof.event_id, on=work,
        )  # fmt: skip
        await self._journal.receipt(work, proof.event_id, found["package_id"], found["id"], event, proof.jws)

    @staticmethod
    def _check_reason(package: Package) -> None:
        if package.status_code == "02" and not 0 < len(package.status_description) <= MAX_REASON:
            raise PackageError("status.reason-missing")

    @staticmethod
    def _illegal(package: Package, found: Mapping[str, Any]) -> StateError:
        current = found["taking_back"] or found["handling"]
        legal = legal_statuses(found["handling"], found["taking_back"])
        error = StateError(
            "status.illegal-move", document_id=found["document_id"], target=package.status_code,
            origin=f"{current or '—'} ({WORDS[current][0]})", legal=", ".join(legal) or "—",
        )  # fmt: skip
        error.concerns = found["package_id"]
        return error
