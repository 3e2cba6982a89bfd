"""What a clerk does on the page of the axis because their unit's software cannot: accept, return, answer, ask
back, recall, send again.

Each act becomes a package of the clerk's unit (issuing.py) that names the person, and from there goes the
very way of one that came through the door: the same rules, locks, journal and receipts. So a page offers
nothing the tables of ``domain.states`` do not, and what it did reads in the story like anything else.
Such a package names a DocumentId, and what was sent again has two bearers of it: the one the clerk had before
them goes along (``about``), and nothing is done where the rules would act on another.

Authorisation is in the statements: a delivery is found for the unit it arrived at, or the unit that sent it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit
from axis.domain.document import (
    EXCLUSIVE_TYPES,
    Business,
    BusinessType,
    Code,
    Dated,
    Kind,
    Organization,
    Package,
    ResponseFor,
    Staff,
)
from axis.domain.errors import NotFound, PackageError, StateError
from axis.domain.ids import new_id
from axis.domain.states import ANSWERS, BY_SENDER, MAX_REASON, REASONED, legal_statuses, may_recall
from axis.domain.text import composed
from axis.hub.changes import Changes
from axis.hub.issuing import Issuer
from axis.hub.lifecycle import Lifecycle
from axis.hub.standing import standing
from axis.store.documents import Documents
from axis.store.packages import NewDelivery

FRONT = "console"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who acts: for which unit, under which name, and how the journal names them."""

    unit: Unit
    name: str
    actor: str


@dataclass(frozen=True, slots=True)
class Offers:
    """What may be done with a delivery now: status codes, and the verbs beside them."""

    statuses: tuple[str, ...] = ()
    recall: bool = False
    resend: bool = False


class Desk:
    """``acted`` is called after each act: there is something to deliver."""

    def __init__(
        self, *, documents: Documents, lifecycle: Lifecycle, changes: Changes, issuer: Issuer,
        acted: Callable[[], None],
    ) -> None:  # fmt: skip
        self._documents = documents
        self._lifecycle = lifecycle
        self._changes = changes
        self._issuer = issuer
        self._acted = acted

    @staticmethod
    def offers(row: Row, *, sender: bool, again: bool = False) -> Offers:
        """For a row with state, handling, taking_back and business_type, and the side one stands on. ``again``:
        the document was sent again as another package, to which everything said from now on would apply."""
        if again:
            return Offers()
        # Of several behind one delivery: whatever may be said of any of them.
        each = [standing({**row, **one}) for one in row.get("addressees") or [{}]]
        legal = sorted({code for at in each for code in legal_statuses(at)})
        codes = [code for code in legal if (code in BY_SENDER) == sender]
        if not sender:
            # A recall is answered; that it arrived, or is being handled, is no clerk's word to give.
            recall = row["business_type"] == BusinessType.RECALL
            return Offers(tuple(code for code in codes if not recall or code in ANSWERS))
        document, at = row["business_type"] in EXCLUSIVE_TYPES, standing(row)
        returned = at.handling == "02" and not at.frozen
        return Offers(tuple(codes), recall=document and any(map(may_recall, each)), resend=document and returned)

    async def say(self, clerk: Clerk, delivery_id: UUID, code: str, reason: str = "") -> UUID:
        """A status of the clerk's unit: as the receiver of a delivery, or with 13 as its sender. The id of
        the package that says so."""
        sender = code in BY_SENDER
        find = self._documents.of_sender if sender else self._documents.of_receiver
        row = await find(delivery_id, clerk.unit.id)
        if row is None:
            raise NotFound("delivery.unknown", id=delivery_id)
        reason = _reason(reason, needed=code in REASONED | BY_SENDER)
        receivers = row["receivers"]
        if sender:
            said = await self._ask(clerk, row, code, reason)
        else:
            # As the one it was addressed to; of several the unit receives for, it speaks for all under its own code.
            own = receivers[0] if len(receivers) == 1 else clerk.unit.code
            delivery = NewDelivery(new_id(), row["source_unit"], (row["sender"],))
            said = await self._say(clerk, row, own, row["sender"], delivery, code, reason)
        self._acted()
        return said

    async def _ask(self, clerk: Clerk, row: Row, code: str, reason: str) -> UUID:
        """Of each addressee behind the delivery; of some it may not be asked any more. The first package."""
        said: list[UUID] = []
        refused: StateError | None = None
        for other in row["receivers"]:
            delivery = NewDelivery(new_id(), row["unit_id"], (other,))
            try:
                said.append(await self._say(clerk, row, clerk.unit.code, other, delivery, code, reason))
            except StateError as error:
                refused = error
        if refused is not None and not said:
            raise refused
        return said[0]

    async def _say(
        self, clerk: Clerk, row: Row, own: str, other: str, delivery: NewDelivery, code: str, reason: str
    ) -> UUID:
        package = Package(
            kind=Kind.STATUS, sender=Organization(organ_id=own, organ_name=clerk.unit.name), status_code=code,
            response_for=(ResponseFor(other, _code(row).full, row["document_id"], _dated(row)),),
            status_description=reason, status_staff=Staff(staff=clerk.name),
            status_timestamp=f"{datetime.now(UTC).astimezone(VIETNAM):%Y/%m/%d %H:%M:%S}",
        )  # fmt: skip
        examined = await self._issuer.issue(
            package, clerk.unit, [delivery], front=FRONT, actor=clerk.actor, about=row["package_id"]
        )
        await self._lifecycle.accept_status(examined)
        return examined.row.id

    async def recall(self, clerk: Clerk, package_id: UUID, units: Sequence[UUID], reason: str) -> UUID:
        """Take a document back from these receivers (all of them when empty); the id of the recall."""
        rows = [
            row for row in await self._documents.sent_package(package_id, clerk.unit.id)
            if row["business_type"] in EXCLUSIVE_TYPES and (not units or row["unit_id"] in units)
        ]  # fmt: skip
        if not rows or (units and len(rows) != len(set(units))):
            raise NotFound("package.unknown", id=package_id)
        reason = _reason(reason, needed=True)
        wanted = [row for row in rows if may_recall(standing(row))]
        if not wanted:
            raise StateError("recall.already", documents=rows[0]["document_id"])
        first = wanted[0]
        receivers = [code for row in wanted for code in row["receivers"]]
        package = Package(
            kind=Kind.DOCUMENT, sender=Organization(organ_id=clerk.unit.code, organ_name=clerk.unit.name),
            receivers=tuple(Organization(organ_id=code) for code in receivers), document_id=first["document_id"],
            code=_code(first), promulgation_date=_dated(first), subject=f"Thu hồi: {first['subject']}"[:500],
            response_for=(ResponseFor(first["sender"], _code(first).full, first["document_id"], _dated(first)),),
            business=Business(type=1, reason=reason, staff=(Staff(staff=clerk.name),)),
        )  # fmt: skip
        deliveries = [NewDelivery(new_id(), row["unit_id"], tuple(row["receivers"])) for row in wanted]
        examined = await self._issuer.issue(
            package, clerk.unit, deliveries, front=FRONT, actor=clerk.actor, about=package_id
        )
        await self._changes.accept(examined)
        self._acted()
        return examined.row.id

    async def resend(self, clerk: Clerk, delivery_id: UUID, reason: str) -> UUID:
        """The same package to the same unit once more, after it was returned; the new delivery."""
        row = await self._documents.of_sender(delivery_id, clerk.unit.id)
        if row is None:
            raise NotFound("delivery.unknown", id=delivery_id)
        made = await self._documents.resend(delivery_id, clerk.actor, _reason(reason, needed=True))
        if made is None:
            raise StateError(
                "delivery.not-resendable", id=delivery_id, state=row["state"], handling=row["handling"] or "–"
            )
        self._acted()
        return made


def _reason(text: str, *, needed: bool) -> str:
    text = text.strip()
    if (needed and not text) or len(composed(text)) > MAX_REASON:
        raise PackageError("desk.reason-missing", limit=MAX_REASON)
    return text


def _code(row: Row) -> Code:
    return Code(row["code_number"], row["code_notation"])


def _dated(row: Row) -> Dated:
    day = row["promulgation_date"]
    return Dated(f"{day:%Y/%m/%d}", day) if day else Dated()
