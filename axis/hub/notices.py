"""What the axis itself tells a sender, as status packages like any other.

    01  a document was confirmed by the system of a unit that leaves reporting to the axis (auto_arrived)
    15  a document was taken back before its receiver could see it: there is nobody else to answer

The statement that knows it writes a row in ``notice`` in the same commit; here it becomes a package, soon
after and exactly once a row, whoever dies in between. It says in words that the axis speaks (issuing.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Deadlines
from axis.domain.directory import Unit
from axis.domain.document import Code, Dated, Kind, Organization, Package, ResponseFor
from axis.domain.errors import AxisError, PackageError, Unavailable
from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.domain.states import StatusDecision, decide_status
from axis.hub import record
from axis.hub.addressees import Addressees
from axis.hub.directory import Directory
from axis.hub.issuing import Issuer
from axis.hub.lifecycle import Lifecycle, Said
from axis.hub.standing import Almanac, standing
from axis.store.database import Database, Transaction
from axis.store.documents import Documents
from axis.store.journal import Journal
from axis.store.packages import NewDelivery, Packages
from axis.telemetry import Telemetry

FRONT = "axis"
ACTOR = "axis"
REASONS = {
    "confirmed": "Trục tự động báo: hệ thống của đơn vị nhận đã xác nhận nhận gói tin.",
    "never-left": "Trục tự động báo: văn bản đã được lấy lại trên trục trước khi đơn vị nhận lấy về.",
}
PUT_OFF = 60.0  # seconds: how long a notice that cannot be made now waits


class Notices:
    def __init__(
        self, *, database: Database, documents: Documents, packages: Packages, directory: Directory,
        almanac: Almanac, lifecycle: Lifecycle, issuer: Issuer, journal: Journal, telemetry: Telemetry,
        addressees: Addressees,
    ) -> None:  # fmt: skip
        self._db = database
        self._documents = documents
        self._packages = packages
        self._directory = directory
        self._almanac = almanac
        self._lifecycle = lifecycle
        self._issuer = issuer
        self._addressees = addressees
        self._journal = journal
        self._telemetry = telemetry

    async def make(self, limit: int = 200) -> int:
        """Turn what is due into packages; how many notices are done with. Several processes may."""
        done = 0
        while done < limit and await self._next():
            done += 1
        return done

    async def _next(self) -> bool:
        deadlines = await self._almanac.current()  # before the transaction: it may need a connection of its own
        async with self._db.transaction() as work:
            notice = await self._documents.next_notice(work)
            if notice is None:
                return False
            try:
                await self._say(work, notice, deadlines)
            except Unavailable:
                raise
            except PackageError as error:  # it cannot be written, and never will: nobody waits for it any more
                await self._give_up(work, notice, error)
            except AxisError as error:  # one that cannot be made must not stand in the way of the others
                self._telemetry.log.error("notice put off", delivery=str(notice["delivery_id"]), code=error.code)
                await self._documents.put_off_notice(work, notice["id"], PUT_OFF)
        return True

    async def _say(self, work: Transaction, notice: Mapping[str, Any], deadlines: Deadlines) -> None:
        found = await self._documents.lock_delivery(work, notice["delivery_id"])
        # The axis speaks for all behind the delivery.
        found = await self._addressees.heard(work, found, "", notice["code"])
        moves = decide_status(notice["code"], standing(found)) is StatusDecision.MOVE
        if notice["code"] == "01" and not moves:  # the receiver's own word came first
            await self._documents.end_notice(work, notice["id"])
            return
        unit = self._directory.snapshot.units[found["unit_id"]]
        for code in found["receivers"]:
            delivery = NewDelivery(new_id(), found["source_unit"], (found["sender"],))
            package = _package(notice, found, code, unit, datetime.now(UTC))
            examined = await self._issuer.issue(package, unit, [delivery], front=FRONT, actor=ACTOR)
            if await self._packages.accept(examined.row, examined.deliveries, examined.evidence, on=work):
                said = self._said(examined, notice, unit)
                if moves:
                    await self._lifecycle.move(work, found, said, deadlines)
                    moves = False  # with the first of them: it was the word of all
                await self._lifecycle.tell(work, Event.STATUS_MOVED, found, said)
        # COMMIT POINT of a notice: with the end of this transaction it is a package, and no notice any more.
        await self._documents.end_notice(work, notice["id"])

    async def _give_up(self, work: Transaction, notice: Mapping[str, Any], error: AxisError) -> None:
        found = await self._documents.lock_delivery(work, notice["delivery_id"])
        self._telemetry.log.error("notice given up", delivery=str(found["id"]), code=error.code)
        data = {
            "status": notice["code"],
            "code": error.code,
            "facts": {k: str(v)[:500] for k, v in error.facts.items()},
        }
        await self._journal.write(
            Event.REFUSED, actor=ACTOR, data=data, package_id=found["package_id"], delivery_id=found["id"],
            on=work,
        )  # fmt: skip
        await self._documents.end_notice(work, notice["id"])

    @staticmethod
    def _said(examined: record.Examined, notice: Mapping[str, Any], unit: Unit) -> Said:
        row = examined.row
        return Said(
            code=notice["code"], by=unit.code, actor=ACTOR, source_unit=unit.id, package_id=row.id,
            at=row.received_at, reason=REASONS[notice["why"]],
        )  # fmt: skip


def _package(notice: Mapping[str, Any], found: Mapping[str, Any], code: str, unit: Unit, at: datetime) -> Package:
    """What the axis says for the addressee ``code``."""
    day = found["promulgation_date"]
    number = Code(found["code_number"], found["code_notation"])
    promulgated = Dated(f"{day:%Y/%m/%d}" if day else "", day)
    return Package(
        kind=Kind.STATUS,
        sender=Organization(organ_id=code, organ_name=unit.name),
        response_for=(ResponseFor(found["sender"], number.full, found["document_id"], promulgated),),
        status_code=notice["code"],
        status_description=REASONS[notice["why"]],
        status_timestamp=f"{at.astimezone(VIETNAM):%Y/%m/%d %H:%M:%S}",
    )
