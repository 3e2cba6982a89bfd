"""What a sender does to a document already sent: recall it (type 1), update it (2), replace it (3), or send
it again after it came back.

Each enters by the one door as a signed package. In one transaction the deliveries of the document it
speaks of are locked, the package is accepted and linked to them, and everything that follows happens:

    recall   what has not left is cancelled at once; who may have it is told, and can only answer 15
    update   frozen documents take none; each receiver answers 15 or 16 on the update's own delivery
    replace  a document of its own; the chain of links reads as one story
    again    the same DocumentId with other bytes, once nothing of the first is left anywhere

None overtakes what it speaks of (decision-28.md 4.7): where that is still on its way to a receiver, the
new delivery starts *held* behind it, and the database frees it when that one is settled.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from axis.domain.codes import MAX_DOCUMENT_ID, normal
from axis.domain.document import EXCLUSIVE_TYPES, BusinessType
from axis.domain.errors import PackageError, StateError
from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.domain.states import MAX_REASON, TakingBack, Transport, may_recall
from axis.domain.text import composed, shortened
from axis.hub import record
from axis.hub.addressees import Addressees, Voices
from axis.hub.directory import Directory
from axis.hub.naming import is_senders, meant_by_sender, speaks_of
from axis.hub.standing import FINISHED_TRYING, Row, standing, under_way
from axis.hub.taking_back import Taker, ended
from axis.store.database import Database, Transaction
from axis.store.documents import Documents
from axis.store.journal import Journal
from axis.store.packages import NewDelivery, Packages

CHANGING = frozenset({BusinessType.RECALL, BusinessType.UPDATE, BusinessType.REPLACE})
KINDS = {BusinessType.RECALL: "recall", BusinessType.UPDATE: "update", BusinessType.REPLACE: "replace"}
_UNKNOWN = {BusinessType.RECALL: "recall.unknown-document", BusinessType.UPDATE: "update.unknown-document"}
NOTHING_LEFT = "không còn gì để thu hồi ở đơn vị này · nothing left to recall here"


@dataclass(frozen=True, slots=True)
class Named:
    """A document a package speaks of; ``package_id`` None: the axis never carried it."""

    document_id: str
    package_id: UUID | None


class Changes:
    def __init__(
        self, *, database: Database, packages: Packages, documents: Documents, journal: Journal,
        directory: Directory, taker: Taker, addressees: Addressees,
    ) -> None:  # fmt: skip
        self._addressees = addressees
        self._db = database
        self._packages = packages
        self._documents = documents
        self._journal = journal
        self._directory = directory
        self._taker = taker

    async def accept(self, examined: record.Examined) -> bool:
        """True when this call took it in; False when the sender already holds its identity. Raises
        PackageError or StateError when the package may not do what it says, and then nothing was done."""
        try:
            return await self._accept_once(examined, BusinessType(examined.row.business_type))
        except _TakenMeanwhile:
            return False

    async def _accept_once(self, examined: record.Examined, kind: BusinessType) -> bool:
        async with self._db.transaction() as work:
            if await self._packages.by_identity(examined.row.sender, examined.row.identity, on=work) is not None:
                return False
            named = await self._named(work, examined, kind)
            own, about = await self._lock(work, named, examined)
            await self._check_meant(work, examined, kind)
            if kind is BusinessType.RECALL:
                return await self._recall(work, examined, named, own, about)
            if kind is BusinessType.UPDATE:
                await self._check_frozen(work, named, own)
            return await self._follow(work, examined, named, own, about)

    async def accept_again(self, examined: record.Examined) -> bool:
        """A document under a DocumentId that was used before: taken in when everything of the earlier
        one came back, so that a misdirected or returned document can be sent anew (NĐ30 Đ21.2b)."""
        row = examined.row
        async with self._db.transaction() as work:
            bearers = await self._documents.bearers(row.sender, row.document_id, on=work)
            last = bearers[0]
            rows = await self._documents.lock(work, [last["id"]], None)
            deliveries = [d for d in rows if d["package_id"] == last["id"]]
            if not all(ended(d) for d in _newest(deliveries)):
                return False
            again = replace(row, identity=f"again:{len(bearers)}:{row.identity}")
            if not await self._packages.accept(
                again, examined.deliveries, examined.evidence, on=work, finish_due=examined.finish_due
            ):
                return False
            await self._documents.link(work, row.id, "again", row.document_id, last["id"])
            data = {"package": str(row.id), "by": row.sender}
            await self._journal.write(
                Event.SENT_AGAIN, actor=examined.actor, data=data, unit_id=row.source_unit, package_id=last["id"],
                on=work,
            )  # fmt: skip
            await self._end(work, examined, rows, deliveries)
            if row.business_type == BusinessType.REPLACE:
                for one in await self._named(work, examined, BusinessType.REPLACE):
                    await self._documents.link(work, row.id, "replace", one.document_id, one.package_id)
        return True

    async def _end(
        self, work: Transaction, examined: record.Examined, rows: Sequence[Row], deliveries: Sequence[Row]
    ) -> None:
        """Nothing of the earlier package goes out any more: nobody sends again what the receiver's system refused,
        its updates end with it, and what was held behind it is free."""
        at, data = examined.row.received_at, {**_facts(examined), "why": "sent-again"}
        await self._taker.cancel_updates(work, rows, at, examined.actor, data)
        for row in deliveries:
            if row["state"] in FINISHED_TRYING:
                await self._taker.cancel(work, row, at, examined.actor, data)

    async def _named(
        self, work: Transaction, examined: record.Examined, kind: BusinessType
    ) -> list[Named]:
        """The sender's own documents this package speaks of: nobody recalls what another unit sent (P3)."""
        found: list[Named] = []
        sender, snapshot = examined.row.sender, self._directory.snapshot
        for reference in speaks_of(examined.judged.package, kind):
            row = None
            if is_senders(reference, sender, snapshot):
                row = await meant_by_sender(self._documents, work, sender, reference)
            known = row if row is not None and row["id"] != examined.row.id else None
            name = reference.name[: MAX_DOCUMENT_ID + 1]  # one too long for any, for the index of links
            found.append(Named(name, known["id"] if known is not None else None))
        if kind is not BusinessType.REPLACE and not self._relayed(examined):
            # What the axis does not know it cannot take back: a slip of the pen must not pass for a recall.
            unknown = [n.document_id for n in found if n.package_id is None]
            if unknown or not found:
                code = _UNKNOWN[kind]
                raise PackageError(code, documents=", ".join(unknown) or "—")
        return found

    async def _check_meant(self, work: Transaction, examined: record.Examined, kind: BusinessType) -> None:
        """What a person decided about one package does nothing to another that bears its DocumentId now: looked
        at under the locks, because it may have been sent again while this waited for them."""
        if examined.about is None:
            return
        for one in await self._named(work, examined, kind):
            if one.package_id != examined.about:
                raise StateError("desk.sent-again", document_id=one.document_id)

    async def _lock(
        self, work: Transaction, named: Sequence[Named], examined: record.Examined
    ) -> tuple[list[Row], list[Row]]:
        """What went to the receivers of this package: of the documents themselves, and about them."""
        units = [d.unit_id for d in examined.deliveries]
        codes = [code for d in examined.deliveries for code in d.receivers]
        documents = {n.package_id for n in named if n.package_id is not None}
        rows = await self._documents.lock(work, sorted(documents), units, codes)
        own = [row for row in rows if row["package_id"] in documents]
        return own, [row for row in rows if row["package_id"] not in documents]

    # -- recall -----------------------------------------------------------------------------------

    async def _recall(
        self, work: Transaction, examined: record.Examined, named: Sequence[Named], own: Sequence[Row],
        about: Sequence[Row],
    ) -> bool:  # fmt: skip
        await self._check_had(work, examined, named, [*own, *about])
        self._check_reason(examined)
        codes = [code for d in examined.deliveries for code in d.receivers]
        wanted = [(row, await self._addressees.voices(work, row, codes)) for row in own]
        if own and not any(_recallable(row, voices) for row, voices in wanted):
            raise StateError("recall.already", documents=", ".join(n.document_id for n in named))
        at, actor = examined.row.received_at, examined.actor
        shared = {row["unit_id"] for row, voices in wanted if voices is not None and voices.partial}
        updates = [row for row in about if row["unit_id"] not in shared]  # others there still wait for theirs
        await self._taker.cancel_updates(work, updates, at, actor, _facts(examined))
        told, behind, done = await self._take_back(work, examined, wanted)
        for row in updates:  # an update on the wire arrives before the recall, or not at all
            if row["business_type"] == BusinessType.UPDATE and under_way(row):
                behind.setdefault(row["unit_id"], []).append(row["id"])
        deliveries = _also_to(examined.deliveries, [row for row in own if row["unit_id"] in told])
        moot = [(d.id, d.unit_id, examined.row.id) for d in deliveries if d.unit_id in done - told]
        # A recall from one of several addressees that waited behind what is gone for all of them now.
        moot += [
            (row["id"], row["unit_id"], row["package_id"]) for row in about
            if row["business_type"] == BusinessType.RECALL and row["state"] == Transport.HELD
            and row["unit_id"] in done - told
        ]  # fmt: skip
        deliveries = [replace(d, follows=tuple(behind.get(d.unit_id, ()))) for d in deliveries]
        await self._accept(work, examined, named, deliveries, "recall")
        for delivery_id, unit_id, package_id in moot:
            await self._documents.recall(work, delivery_id, NOTHING_LEFT)
            await self._journal.write(
                Event.RECALLED, actor="axis", data={"why": "nothing-left"}, unit_id=unit_id,
                package_id=package_id, delivery_id=delivery_id, on=work,
            )  # fmt: skip
        return True

    async def _take_back(
        self, work: Transaction, examined: record.Examined, wanted: Sequence[tuple[Row, Voices | None]]
    ) -> tuple[set[UUID], dict[UUID, list[UUID]], set[UUID]]:
        """Who must be told, behind which deliveries, and for whom everything is done."""
        told: set[UUID] = set()
        done: set[UUID] = set()
        behind: dict[UUID, list[UUID]] = {}
        for row, voices in wanted:
            unit = row["unit_id"]
            if not (whom := _recallable(row, voices)):
                done.add(unit)
                continue
            voices = replace(voices, who=frozenset(whom)) if voices is not None else None
            taken = await self._taker.take(
                work, row, TakingBack.ORDERED, examined.row.received_at, examined.actor, _facts(examined), voices
            )
            (told if taken.told else done).add(unit)
            if taken.behind:
                behind.setdefault(unit, []).append(row["id"])
            data = {**_facts(examined), "told": taken.told, "was": row["state"], "handling": row["handling"]}
            if voices is not None and voices.partial:
                data["receivers"] = whom
            await self._journal.write(
                Event.RECALL_ORDERED, actor=examined.actor, data=data, unit_id=unit,
                package_id=row["package_id"], delivery_id=row["id"], on=work,
            )  # fmt: skip
        return told, behind, done

    def _relayed(self, examined: record.Examined) -> bool:
        return self._directory.snapshot.units[examined.row.source_unit].relays

    async def _check_had(
        self, work: Transaction, examined: record.Examined, named: Sequence[Named], rows: Sequence[Row]
    ) -> None:
        """Who never had the document, nor anything about it, has nothing to give back: a wrong receiver must not
        pass for a recall. A relay's documents may have come another way."""
        had: list[Row] = list(rows)
        strangers = _strangers(examined.deliveries, had)
        if not strangers or self._relayed(examined):
            return
        for one in named:  # one that it went to under its DocumentId before it was sent again counts too
            for bearer in await self._documents.bearers(examined.row.sender, one.document_id, on=work):
                had += await self._documents.went_to(work, bearer["id"])
        strangers = _strangers(examined.deliveries, had)
        if strangers:
            documents = ", ".join(n.document_id for n in named)
            raise PackageError("recall.never-had", documents=documents, receivers=", ".join(strangers))

    def _check_reason(self, examined: record.Examined) -> None:
        """Kept whole, so it has a limit; what came through a relay nobody here can send again."""
        business = examined.judged.package.business
        length = len(composed(business.reason)) if business else 0
        if length > MAX_REASON and not self._relayed(examined):
            raise PackageError("recall.reason-long", length=length, limit=MAX_REASON)

    # -- update and replacement -------------------------------------------------------------------

    async def _check_frozen(self, work: Transaction, named: Sequence[Named], own: Sequence[Row]) -> None:
        """After a recall, or once it was given back, a document changes no more (decision-28.md 4.3): not for a
        receiver where that happened, and for nobody once it happened everywhere."""
        frozen = {r["unit_code"] for r in _newest(own) if standing(r).frozen}
        for one in named:
            newest = await self._documents.newest_of(work, one.package_id) if one.package_id else ()
            if newest and all(standing(r).frozen for r in newest):
                frozen |= {r["unit_code"] for r in newest}
        if frozen:
            raise StateError(
                "update.frozen", documents=", ".join(n.document_id for n in named), units=", ".join(sorted(frozen))
            )

    async def _follow(
        self, work: Transaction, examined: record.Examined, named: Sequence[Named], own: Sequence[Row],
        about: Sequence[Row],
    ) -> bool:  # fmt: skip
        kind = KINDS[BusinessType(examined.row.business_type)]
        rows, found = [*own, *about], list(examined.deliveries)
        if kind == "update":
            found = _also_to(found, [r for r in _newest(own) if not ended(r)])
        refused = {r["id"] for r in own if r["state"] == Transport.REFUSED}
        deliveries = [
            replace(d, follows=tuple(r["id"] for r in rows if r["unit_id"] == d.unit_id and _ahead(r, kind, refused)))
            for d in found
        ]
        return await self._accept(work, examined, named, deliveries, kind)

    async def _accept(
        self, work: Transaction, examined: record.Examined, named: Sequence[Named],
        deliveries: Sequence[NewDelivery], kind: str,
    ) -> bool:  # fmt: skip
        row = examined.row
        # COMMIT POINT of a recall, update or replacement: the end of the transaction this belongs to.
        accepted = await self._packages.accept(
            row, deliveries, examined.evidence, on=work, finish_due=examined.finish_due
        )
        if not accepted:
            raise _TakenMeanwhile  # by a twin in flight: what was done here must not stand
        for one in named:
            await self._documents.link(work, row.id, kind, one.document_id, one.package_id)
            if one.package_id is not None and kind != "recall":
                event = Event.UPDATED if kind == "update" else Event.REPLACED
                await self._journal.write(
                    event, actor=examined.actor, data=_facts(examined), unit_id=row.source_unit,
                    package_id=one.package_id, on=work,
                )  # fmt: skip
        return True


class _TakenMeanwhile(Exception):
    """The identity belongs to a twin that was in flight; the whole transaction is undone."""


def _recallable(row: Row, voices: Voices | None) -> list[str]:
    """Those behind a delivery from whom it may be taken back now."""
    if voices is not None:
        return voices.recallable()
    return list(row["receivers"]) if may_recall(standing(row)) else []


def _newest(rows: Sequence[Row]) -> list[Row]:
    """The newest round of each document at each unit: how it stands there."""
    return list({(r["package_id"], r["unit_id"]): r for r in sorted(rows, key=lambda r: int(r["round"]))}.values())


def _also_to(deliveries: Sequence[NewDelivery], own: Sequence[Row]) -> list[NewDelivery]:
    """Where the document went to another unit than its code leads to today (a unit was connected since, and its
    parent received for it), that unit must hear of what is said about it too."""
    reached = {d.unit_id for d in deliveries}
    extra = {
        r["unit_id"]: NewDelivery(new_id(), r["unit_id"], tuple(r["receivers"]))
        for r in own if r["unit_id"] not in reached
    }  # fmt: skip
    return [*deliveries, *extra.values()]


def _strangers(deliveries: Sequence[NewDelivery], rows: Sequence[Row]) -> list[str]:
    """The receivers of these deliveries to whom, and to whose unit, none of these rows went."""
    units = {row["unit_id"] for row in rows}
    codes = {normal(code) for row in rows for code in row["receivers"]}
    return [
        code for d in deliveries if d.unit_id not in units and not codes & set(map(normal, d.receivers))
        for code in d.receivers
    ]  # fmt: skip


def _ahead(row: Row, kind: str, refused: Set[UUID]) -> bool:
    """Whether a new update or replacement must stand behind this delivery. A fetch is not enough: the
    receiver's system may not have stored it yet. What its system refused may still be sent again, and
    an update waits for that; a replacement is what mends a refused document, and does not wait for the
    updates that do."""
    if row["kind"] != "document" or row["business_type"] == BusinessType.RECALL:
        return False
    if row["business_type"] in EXCLUSIVE_TYPES and row["state"] == Transport.REFUSED:
        return kind == "update" and not standing(row).frozen
    if kind == "replace" and row["state"] == Transport.HELD and refused & set(row["follows"]):
        return False
    return row["state"] in (Transport.QUEUED, Transport.HELD, Transport.SENDING, Transport.PARKED) or under_way(row)


def _facts(examined: record.Examined) -> dict[str, Any]:
    business = examined.judged.package.business
    return {
        "package": str(examined.row.id), "document_id": examined.row.document_id, "by": examined.row.sender,
        "reason": shortened(composed(business.reason), MAX_REASON) if business else "",
        "staff": shortened(", ".join(s.staff for s in business.staff if s.staff), 200) if business else "",
    }  # fmt: skip
